/// A pool that fell below its line, until it is back at its exit level or nothing is left of it.
struct Liquidation: Hashable, Sendable {
    /// One number for each time that a pool falls below its line.
    var number: UInt64
    /// Orders that wait for fills, in order of their numbers.
    var orders: [LiquidationOrder] = []
    /// The second in which `spent` was ordered, of the engine's clock.
    var second: Int64 = 0
    /// Notional ordered in that second, 10⁻¹⁶: what the limit per second is measured by.
    var spent: Int128 = 0
    /// An order ended unfilled: what is left of its position is taken over or deleveraged.
    var isExhausted = false
    /// What it took over or deleveraged: the funds of these pay for what is owed.
    var instruments: Set<Int32> = []
    /// What others took when they were closed at the mark, by the pool that has it now: they count
    /// as if they were still open if a loss is left.
    var closed: [Int32: Closed] = [:]
    /// The orders were asked to be cancelled; nothing new is ordered before they have ended.
    var isCancelling = false

    /// Positions that were closed at the mark, 10⁻¹⁶.
    struct Closed: Hashable, Sendable {
        var profit: Int128 = 0
        var value: Int128 = 0
    }
}

/// An order that the matching engine works on for a liquidation.
struct LiquidationOrder: Hashable, Sendable {
    /// Unique in the engine.
    var number: UInt64
    var instrument: Int32
    var leg: Leg
    /// What is left of it, signed: a long is sold.
    var quantity: Int64
    /// The worst price of a fill.
    var limit: Int64
}

/// The visible book of an instrument, the best price of each side first.
struct Depth: Hashable, Sendable {
    var bids: [Level] = []
    var asks: [Level] = []

    struct Level: BitwiseCopyable, Hashable, Sendable {
        var price: Int64
        var quantity: Int64
    }

    /// How much rests at `limit` or better for a change of `quantity`.
    func visible(for quantity: Int64, limit: Int64) -> Int128 {
        let side = quantity < 0 ? bids : asks
        return side.reduce(Int128(0)) { sum, level in
            let isGood = quantity < 0 ? level.price >= limit : level.price <= limit
            return isGood ? sum + Int128(level.quantity) : sum
        }
    }
}

/// All liquidations that are under way, by the lead of their pool.
///
/// The rows are apart from the index: when a storm makes the index grow, small numbers are moved. With
/// the rows inside it one event of a storm of 100,000 accounts took 32 ms.
struct LiquidationTable: Sendable {
    private var slots: [Int32: Int32] = [:]
    private var rows: [Liquidation?] = []
    private var free: [Int32] = []

    var isEmpty: Bool { slots.isEmpty }

    /// The liquidation of a pool, if one is under way.
    subscript(lead: Int32) -> Liquidation? {
        get { slots[lead].flatMap { rows[Int($0)] } }
        _modify {
            if let slot = slots[lead] {
                yield &rows[Int(slot)]
                if rows[Int(slot)] == nil { forget(lead, slot) }
            } else {
                var new: Liquidation?
                yield &new
                if let new { add(new, lead) }
            }
        }
    }

    /// All of them, by pool.
    var inOrder: [(lead: Int32, liquidation: Liquidation)] {
        slots.keys.sorted().compactMap { lead in self[lead].map { (lead, $0) } }
    }

    private mutating func add(_ liquidation: Liquidation, _ lead: Int32) {
        if let slot = free.popLast() {
            rows[Int(slot)] = liquidation
            slots[lead] = slot
        } else {
            slots[lead] = Int32(rows.count)
            rows.append(liquidation)
        }
    }

    private mutating func forget(_ lead: Int32, _ slot: Int32) {
        slots[lead] = nil
        free.append(slot)
    }
}
