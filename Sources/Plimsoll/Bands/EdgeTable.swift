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
    /// Freed rooms: `free[k]` holds starts of rooms of 2^k slots.
    private var free: [[Int32]] = Array(repeating: [], count: 32)

    /// The slots of one feed: `count` of the room's are taken.
    private struct Feed: BitwiseCopyable {
        var start: Int32 = 0
        var count: Int32 = 0
        var capacity: Int32 = 0

        var slots: Range<Int> { Int(start)..<Int(start) + Int(count) }
    }

    mutating func claim() {
        pools.claim()
        edges.claim()
        feeds.claim()
    }

    /// One more feed, which nobody holds.
    mutating func addFeed() { feeds.append(Feed()) }

    /// The pools that hold what a feed prices, a hedged one twice.
    func holders(of feed: Int32) -> [Int32] { Array(pools[segment: feeds[Int(feed)].slots]) }

    /// How many hold what a feed prices.
    func count(of feed: Int32) -> Int32 { feeds[Int(feed)].count }

    /// The edges of a holder.
    @inline(__always)
    func edges(of feed: Int32, _ holder: Int32) -> Edges {
        edges[Int(feeds[Int(feed)].start &+ holder)]
    }

    /// Reads a word of each line that `set` will need.
    @inline(__always)
    func fetch(_ feed: Int32, _ holder: Int32) -> Int64 {
        edges.fetch(Int(feeds[Int(feed)].start &+ holder))
    }

    /// Moves the edges of a holder.
    @inline(__always)
    mutating func set(_ feed: Int32, _ holder: Int32, _ edges: Edges) {
        self.edges.set(Int(feeds[Int(feed)].start &+ holder), edges)
    }

    /// Appends the pools of all holders whose edges do not contain `price`.
    func collect(outside price: Int64, of feed: Int32, into found: inout Column<Int32>) {
        edges.collect(outside: price, in: feeds[Int(feed)].slots, into: &found)
        for index in found.indices { found[index] = pools[Int(found[index])] }
    }

    /// A new holder with these edges; returns its number among the feed's holders.
    mutating func add(_ pool: Int32, to feed: Int32, _ edges: Edges) -> Int32 {
        let index = Int(feed)
        if feeds[index].count == feeds[index].capacity { enlarge(index) }
        let holder = feeds[index].count
        feeds[index].count += 1
        pools[Int(feeds[index].start &+ holder)] = pool
        set(feed, holder, edges)
        return holder
    }

    /// Forgets a holder; the last one takes its number.
    ///
    /// Returns the pool of that one and the number it had, unless it was the same.
    mutating func remove(_ holder: Int32, from feed: Int32) -> (pool: Int32, was: Int32)? {
        let index = Int(feed)
        let last = feeds[index].count - 1
        let (from, to) = (Int(feeds[index].start + last), Int(feeds[index].start + holder))
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

    /// Moves a feed's holders to a room twice as large.
    private mutating func enlarge(_ feed: Int) {
        let old = feeds[feed]
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

    /// The start of free slots, at a multiple of their number or of the span of the highest level.
    private mutating func room(of capacity: Int32) -> Int32 {
        if let start = free[capacity.trailingZeroBitCount].popLast() { return start }
        let alignment = min(capacity, EdgeTree.span)
        var end = Int32(pools.count)
        while end % alignment != 0 {
            // What is skipped is room for smaller feeds.
            let size = min(end & -end, EdgeTree.span)
            free[size.trailingZeroBitCount].append(end)
            end += size
        }
        let total = Int(end + capacity)
        pools.append(repeating: -1, count: total - pools.count)
        edges.grow(to: total)
        return end
    }
}
