/// All positions, as columns; each pool owns one contiguous segment.
///
/// The hot column is apart from the rest, so that a mark or a sweep streams 16 bytes a position.
/// Segments double when they are full; freed ones are used again by size.
struct PositionTable: Sendable {
    var held = Column<Held>()
    /// Signed sum of what was paid, 10⁻¹⁶: quantity × price (linear), quantity ÷ price (inverse).
    var cost = Column<Int128>()
    /// The position's number among its instrument's holders.
    var holder = Column<Int32>()
    /// Freed segments: `free[k]` holds starts of segments of 2^k rows.
    private var free: [[Int32]] = Array(repeating: [], count: 32)

    /// What values a position.
    struct Held: BitwiseCopyable, Hashable, Sendable {
        /// Signed, 10⁻⁸.
        var quantity: Int64 = 0
        private var number: UInt16
        let leg: Leg
        /// Hundredths; 0: not chosen.
        var leverage: Int32

        init(instrument: Int32, leg: Leg, leverage: Int32 = 0) {
            number = UInt16(truncatingIfNeeded: instrument)
            self.leg = leg
            self.leverage = leverage
        }

        /// A row that no position is in.
        static let none = Held(instrument: -1, leg: .net)

        /// At most `Limits.instruments`; beyond them in a row that no position is in.
        @inline(__always)
        var instrument: Int32 { Int32(number) }
    }

    mutating func claim() {
        held.claim()
        cost.claim()
        holder.claim()
    }

    /// The row among `rows` that holds `instrument` in `leg`.
    @inline(__always)
    func row(in rows: Range<Int>, instrument: Int32, leg: Leg) -> Int? {
        var row = rows.lowerBound
        for held in held[segment: rows] {
            if held.instrument == instrument, held.leg == leg { return row }
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
            cost[to] = cost[from]
            holder[to] = holder[from]
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
        held.append(repeating: .none, count: Int(capacity))
        cost.append(repeating: 0, count: Int(capacity))
        holder.append(repeating: -1, count: Int(capacity))
        return start
    }
}
