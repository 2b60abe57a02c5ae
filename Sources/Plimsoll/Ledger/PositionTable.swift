/// All positions, as columns; each pool owns one contiguous segment.
///
/// The hot column is apart from the rest, so that a mark or a sweep streams 16 bytes a position.
/// Segments double when they are full; freed ones are used again by size.
struct PositionTable: Sendable {
    var held = Column<Held>()
    var detail = Column<Detail>()
    /// Freed segments: `free[k]` holds starts of segments of 2^k rows.
    private var free: [[Int32]] = Array(repeating: [], count: 32)

    /// What values a position.
    struct Held: BitwiseCopyable, Hashable, Sendable {
        /// Signed, 10⁻⁸.
        var quantity: Int64 = 0
        /// −1 in a row that no position is in.
        var instrument: Int32 = -1
        /// Hundredths; 0: not chosen.
        var leverage: Int32 = 0
    }

    /// What a mark does not need.
    struct Detail: BitwiseCopyable, Hashable, Sendable {
        /// Signed sum of what was paid, 10⁻¹⁶: quantity × price (linear), quantity ÷ price (inverse).
        var cost: Int128 = 0
        /// Where its pool stands in the instrument's list of holders.
        var holder: Int32 = -1
        var leg = Leg.net
    }

    mutating func claim() {
        held.claim()
        detail.claim()
    }

    /// The row among `rows` that holds `instrument` in `leg`.
    @inline(__always)
    func row(in rows: Range<Int>, instrument: Int32, leg: Leg) -> Int? {
        var row = rows.lowerBound
        for held in held[segment: rows] {
            if held.instrument == instrument, detail[row].leg == leg { return row }
            row &+= 1
        }
        return nil
    }

    /// Makes room for one more row in `pool`'s segment, moving it if it is full.
    mutating func reserveRow(in pool: inout Pool) {
        guard pool.count == pool.capacity else { return }
        let capacity = max(2, pool.capacity * 2)
        let start = allocate(capacity)
        for offset in 0..<Int(pool.count) {
            let (from, to) = (Int(pool.start) + offset, Int(start) + offset)
            held[to] = held[from]
            detail[to] = detail[from]
        }
        release(start: pool.start, capacity: pool.capacity)
        pool.start = start
        pool.capacity = capacity
    }

    /// Gives a pool's segment back.
    mutating func release(start: Int32, capacity: Int32) {
        guard capacity > 0 else { return }
        free[capacity.trailingZeroBitCount].append(start)
    }

    private mutating func allocate(_ capacity: Int32) -> Int32 {
        if let start = free[capacity.trailingZeroBitCount].popLast() { return start }
        let start = Int32(held.count)
        held.append(repeating: Held(), count: Int(capacity))
        detail.append(repeating: Detail(), count: Int(capacity))
        return start
    }
}
