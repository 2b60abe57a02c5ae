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
    /// Profit that others took when they were closed at the mark, by the pool that has it now: they
    /// count as winners if a loss is left.
    var winners: [Int32: Int128] = [:]
    /// The orders were asked to be cancelled; nothing new is ordered before they have ended.
    var isCancelling = false
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
