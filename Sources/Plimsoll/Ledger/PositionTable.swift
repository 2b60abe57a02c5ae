/// All positions, as columns; each pool owns one contiguous segment.
///
/// The hot columns (quantity, instrument) are apart from the rest, so that a sweep streams 12 bytes
/// a position. Segments double when they are full; freed ones are used again by size.
struct PositionTable: Sendable {
    var quantity: [Int64] = []
    var instrument: [Int32] = []
    var detail: [Detail] = []
    /// Freed segments: `free[k]` holds starts of segments of 2^k rows.
    private var free: [[Int32]] = Array(repeating: [], count: 32)

    /// What a mark does not need.
    struct Detail: Hashable, Sendable {
        /// Signed sum of what was paid, 10⁻¹⁶: quantity × price (linear), quantity ÷ price (inverse).
        var cost: Int128 = 0
        /// Hundredths; 0: not chosen.
        var leverage: Int32 = 0
        /// Where its pool stands in the instrument's list of holders.
        var holder: Int32 = -1
        var leg = Leg.net
    }

    /// Makes room for one more row in `pool`'s segment, moving it if it is full.
    mutating func reserveRow(in pool: inout Pool) {
        guard pool.count == pool.capacity else { return }
        let capacity = max(2, pool.capacity * 2)
        let start = allocate(capacity)
        for offset in 0..<Int(pool.count) {
            let (from, to) = (Int(pool.start) + offset, Int(start) + offset)
            quantity[to] = quantity[from]
            instrument[to] = instrument[from]
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
        let start = Int32(quantity.count)
        quantity.append(contentsOf: repeatElement(0, count: Int(capacity)))
        instrument.append(contentsOf: repeatElement(-1, count: Int(capacity)))
        detail.append(contentsOf: repeatElement(Detail(), count: Int(capacity)))
        return start
    }
}
