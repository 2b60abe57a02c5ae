/// Who holds what a feed prices, and the safe band of each: the prices between which nothing can
/// happen to the holder's pool.
///
/// A feed is an instrument with its mark, or an asset with its index. A new price finds the holders
/// whose band it has left without a look at the others. Derived: neither encoded nor in a digest.
struct EdgeTable: Sendable {
    /// The pool in each slot.
    private var pools = Column<Int32>()
    private var edges = EdgeTree()
    private var feeds = Column<Feed>()
    /// Starts of the spans that large feeds have beyond their first, feed by feed.
    private var spans = Column<Int32>()
    /// Freed rooms: `free[k]` holds starts of rooms of 2^k slots.
    private var free: [[Int32]] = Array(repeating: [], count: 13)

    /// Where the slots of one feed are: in one room, which doubles up to a span of the tree; beyond it
    /// more spans follow, so that a feed that grows moves nobody.
    private struct Feed: BitwiseCopyable {
        var start: Int32 = 0
        var count: Int32 = 0
        var capacity: Int32 = 0
        /// Where its further spans stand in the table's list, and how many there is room for.
        var spans: Int32 = 0
        var spanRoom: Int32 = 0

        /// How many of its slots are in its first room.
        var first: Int32 { min(count, EdgeTree.span) }
    }

    mutating func claim() {
        pools.claim()
        edges.claim()
        feeds.claim()
        spans.claim()
    }

    /// The memory that it takes, with room for growth.
    var bytes: Int { pools.bytes + edges.bytes + feeds.bytes + spans.bytes }

    /// One more feed, which nobody holds.
    mutating func addFeed() { feeds.append(Feed()) }

    /// The pools that hold what a feed prices, a hedged one twice.
    func holders(of feed: Int32) -> [Int32] {
        (0..<feeds[Int(feed)].count).map { pools[slot(feed, $0)] }
    }

    /// How many hold what a feed prices.
    func count(of feed: Int32) -> Int32 { feeds[Int(feed)].count }

    /// Where a holder is among all slots.
    @inline(__always)
    private func slot(_ feed: Int32, _ holder: Int32) -> Int {
        let row = feeds[Int(feed)]
        if holder < EdgeTree.span { return Int(row.start &+ holder) }
        let span = spans[Int(row.spans &+ holder / EdgeTree.span &- 1)]
        return Int(span &+ holder % EdgeTree.span)
    }

    /// The edges of a holder.
    @inline(__always)
    func edges(of feed: Int32, _ holder: Int32) -> Edges {
        edges[slot(feed, holder)]
    }

    /// Reads a word of each line that `set` will need.
    @inline(__always)
    func fetch(_ feed: Int32, _ holder: Int32) -> Int64 {
        edges.fetch(slot(feed, holder))
    }

    /// Moves the edges of a holder.
    @inline(__always)
    mutating func set(_ feed: Int32, _ holder: Int32, _ edges: Edges) {
        self.edges.set(slot(feed, holder), edges)
    }

    /// Appends the pools of all holders whose edges do not contain `price`.
    func collect(outside price: Int64, of feed: Int32, into found: inout Column<Int32>) {
        let row = feeds[Int(feed)]
        let start = Int(row.start)
        edges.collect(outside: price, in: start..<start + Int(row.first), into: &found)
        if row.count > EdgeTree.span {
            let further = (row.count - 1) / EdgeTree.span
            for span in spans[segment: Int(row.spans)..<Int(row.spans + further)] {
                edges.collect(outside: price, inSpan: Int(span), into: &found)
            }
        }
        for index in found.indices { found[index] = pools[Int(found[index])] }
    }

    /// A new holder with these edges; returns its number among the feed's holders.
    mutating func add(_ pool: Int32, to feed: Int32, _ edges: Edges) -> Int32 {
        let index = Int(feed)
        if feeds[index].count == feeds[index].capacity { enlarge(index) }
        let holder = feeds[index].count
        feeds[index].count += 1
        pools[slot(feed, holder)] = pool
        set(feed, holder, edges)
        return holder
    }

    /// Forgets a holder; the last one takes its number.
    ///
    /// Returns the pool of that one and the number it had, unless it was the same.
    mutating func remove(_ holder: Int32, from feed: Int32) -> (pool: Int32, was: Int32)? {
        let index = Int(feed)
        let last = feeds[index].count - 1
        let (from, to) = (slot(feed, last), slot(feed, holder))
        var moved: (pool: Int32, was: Int32)?
        if holder != last {
            pools[to] = pools[from]
            edges.set(to, edges[from])
            moved = (pools[to], last)
        }
        edges.set(from, .everywhere)
        feeds[index].count = last
        return moved
    }

    /// Moves a feed's holders to a room twice as large, or adds a span to one that has all of a span.
    private mutating func enlarge(_ feed: Int) {
        let old = feeds[feed]
        guard old.capacity < EdgeTree.span else {
            addSpan(to: feed)
            return
        }
        let capacity = max(16, old.capacity * 2)
        let start = room(of: capacity)
        for offset in 0..<Int(old.count) {
            let (from, to) = (Int(old.start) + offset, Int(start) + offset)
            pools[to] = pools[from]
            edges.set(to, edges[from])
            edges.set(from, .everywhere)
        }
        if old.capacity > 0 { free[old.capacity.trailingZeroBitCount].append(old.start) }
        feeds[feed].start = start
        feeds[feed].capacity = capacity
    }

    private mutating func addSpan(to feed: Int) {
        let row = feeds[feed]
        let further = row.capacity / EdgeTree.span - 1
        if further == row.spanRoom {
            // The old place of the list is given up: all that are add up to less than the last.
            let place = Int32(spans.count)
            spans.append(repeating: 0, count: Int(max(8, further * 2)))
            for index in 0..<Int(further) {
                spans[Int(place) + index] = spans[Int(row.spans) + index]
            }
            feeds[feed].spans = place
            feeds[feed].spanRoom = max(8, further * 2)
        }
        spans[Int(feeds[feed].spans + further)] = room(of: EdgeTree.span)
        feeds[feed].capacity += EdgeTree.span
    }

    /// The start of free slots, at a multiple of their number, which is a power of two up to a span.
    private mutating func room(of capacity: Int32) -> Int32 {
        if let start = free[capacity.trailingZeroBitCount].popLast() { return start }
        var end = Int32(pools.count)
        while end % capacity != 0 {
            // What is skipped is room for smaller feeds.
            let size = end & -end
            free[size.trailingZeroBitCount].append(end)
            end += size
        }
        let total = Int(end + capacity)
        pools.append(repeating: -1, count: total - pools.count)
        edges.grow(to: total)
        return end
    }
}
