/// The prices between which nothing can happen to a pool; both ends belong to them.
struct Edges: BitwiseCopyable, Hashable, Sendable {
    var lower: Int64
    var upper: Int64

    /// Every price is outside: who has these edges is looked at each time.
    static let nowhere = Edges(lower: .max, upper: .min)
    /// No price is outside.
    static let everywhere = Edges(lower: .min, upper: .max)

    @inline(__always)
    func contains(_ price: Int64) -> Bool { lower <= price && price <= upper }

    /// The prices that are in both.
    @inline(__always)
    func common(with other: Edges) -> Edges {
        Edges(lower: max(lower, other.lower), upper: min(upper, other.upper))
    }
}

/// Edges in slots, and beside them what each 16, 256 and 4,096 of them have in common.
///
/// Those that do not contain a price are found without looking at the others; an edge that moves costs
/// a look at the 15 beside it on each level where it was the nearest. All levels are exact at all times.
/// Lower and upper edge are beside each other, since they move together: one line of the cache for them,
/// one for what they have in common with their neighbours.
struct EdgeTree: Sendable {
    private var leaves = Column<Edges>()
    /// What each 16 of the leaves, then of the level below, have in common.
    private var levels = [Column<Edges>](repeating: Column(), count: 3)

    /// How many slots one entry on the highest level stands for: 16³.
    static let span: Int32 = 4_096

    mutating func claim() {
        leaves.claim()
        for level in levels.indices { levels[level].claim() }
    }

    @inline(__always)
    subscript(slot: Int) -> Edges { leaves[slot] }

    /// The memory that it takes, with room for growth.
    var bytes: Int { levels.reduce(leaves.bytes) { $0 + $1.bytes } }

    /// Makes room for `count` slots in all, the new ones with edges everywhere.
    mutating func grow(to count: Int) {
        leaves.append(repeating: .everywhere, count: max(0, count - leaves.count))
        var needed = (count + 15) >> 4
        for level in levels.indices {
            let added = max(0, needed - levels[level].count)
            levels[level].append(repeating: .everywhere, count: added)
            needed = (needed + 15) >> 4
        }
    }

    /// Reads a word of each line that `set` will need.
    @inline(__always)
    func fetch(_ slot: Int) -> Int64 { leaves[slot].lower &+ levels[0][slot >> 4].lower }

    /// Moves the edges in a slot.
    @inline(__always)
    mutating func set(_ slot: Int, _ edges: Edges) {
        let old = leaves[slot]
        if edges == old { return }
        leaves[slot] = edges
        let common = levels[0][slot >> 4]
        // Neither the nearest of its 16 before nor now: true of most.
        guard
            edges.lower > common.lower || edges.upper < common.upper
                || old.lower == common.lower || old.upper == common.upper
        else { return }
        lift(from: slot, edges, old)
    }

    /// Brings the levels above changed edges up to date.
    private mutating func lift(from slot: Int, _ new: Edges, _ old: Edges) {
        var (index, new, old) = (slot, new, old)
        for level in levels.indices {
            let parent = index >> 4
            let common = levels[level][parent]
            let leaves =
                (old.lower == common.lower && new.lower < old.lower)
                || (old.upper == common.upper && new.upper > old.upper)
            new = leaves ? self.common(of: parent, on: level) : common.common(with: new)
            guard new != common else { return }
            levels[level][parent] = new
            (index, old) = (parent, common)
        }
    }

    /// What all that an entry stands for have in common.
    private func common(of index: Int, on level: Int) -> Edges {
        let below = range(below: index, level)
        var common = Edges.everywhere
        if level == 0 {
            for edges in leaves[segment: below] { common = common.common(with: edges) }
        } else {
            for edges in levels[level - 1][segment: below] { common = common.common(with: edges) }
        }
        return common
    }

    /// What an entry on `level` stands for, on the level below.
    @inline(__always)
    private func range(below index: Int, _ level: Int) -> Range<Int> {
        let count = level == 0 ? leaves.count : levels[level - 1].count
        return index << 4..<min((index + 1) << 4, count)
    }

    /// Appends every slot among `slots` whose edges do not contain `price`.
    ///
    /// - Precondition: `slots` are in one span and begin at a multiple of their room, which is a power
    ///   of two; what is left of it behind their end has edges everywhere.
    func collect(outside price: Int64, in slots: Range<Int>, into found: inout Column<Int32>) {
        guard slots.count > 16 else {
            collect(outside: price, from: slots, into: &found)
            return
        }
        var level = 0
        while level + 1 < levels.count, slots.count > 256 << (4 * level) { level += 1 }
        let shift = 4 * (level + 1)
        for index in slots.lowerBound >> shift...(slots.upperBound - 1) >> shift
        where !levels[level][index].contains(price) {
            descend(level, index, outside: price, into: &found)
        }
    }

    /// The same for all slots of a span.
    func collect(outside price: Int64, inSpan start: Int, into found: inout Column<Int32>) {
        let top = levels.count - 1
        let index = start / Int(Self.span)
        if !levels[top][index].contains(price) {
            descend(top, index, outside: price, into: &found)
        }
    }

    private func descend(
        _ level: Int,
        _ index: Int,
        outside price: Int64,
        into found: inout Column<Int32>
    ) {
        let below = range(below: index, level)
        guard level > 0 else {
            collect(outside: price, from: below, into: &found)
            return
        }
        for child in below where !levels[level - 1][child].contains(price) {
            descend(level - 1, child, outside: price, into: &found)
        }
    }

    private func collect(
        outside price: Int64,
        from slots: Range<Int>,
        into found: inout Column<Int32>
    ) {
        var slot = Int32(truncatingIfNeeded: slots.lowerBound)
        for edges in leaves[segment: slots] {
            if !edges.contains(price) { found.append(slot) }
            slot &+= 1
        }
    }
}
