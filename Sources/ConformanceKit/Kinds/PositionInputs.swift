package import Plimsoll
package import PlimsollUnits

/// The inputs that describe one position, in every form that the format documents.
package struct PositionInputs {
    package var payoff: Payoff
    package var isLong: Bool
    /// Magnitude of the size, contract size included: coins (linear) or quote currency (inverse).
    package var size: Exact
    package var entry: SolvedPrice
    /// The entry was given, not taken from the mark.
    package var hasEntry = true
    package var mark: Exact?
    package var index: Exact?
    package var settlement: Exact?
    package var leverage: Exact?
    package var tierMaxLeverage: Exact?
    package var marginMode: MarginMode?
    package var isHedge: Bool
    package var maintenanceRate: Exact?
    package var maintenanceAmount: Exact?
    package var initialRate: Exact?
    package var baseRate: Exact?
    package var slope: Exact?
    package var feeRate: Exact?
    package var tick: Exact?
    package var wallet: Exact?
    package var extraMargin: Exact?
    package var orderMargin: Exact?
    package var marginWithFee: Exact?
    package var bankruptcyPrice: Exact?
    /// The profit where it is given instead of a mark.
    package var givenProfit: Exact?
    package var symbol: String?
    package var others: [Inputs]

    /// Reads a position of `venue`; `standard` is the contract type where none is given, `implied` the
    /// notional where no size is.
    package init(
        _ inputs: Inputs,
        venue: Venue,
        payoff standard: Payoff = .linear,
        implied: Exact? = nil
    ) throws {
        payoff =
            try inputs.word("contract_type", ["linear": .linear, "inverse": .inverse]) ?? standard
        let side = try inputs.word("side", ["long": true, "short": false])
        let quantity = try inputs.number("quantity")
        if let quantity, quantity.isNegative, side != nil {
            throw VectorError.failed("the quantity is signed although a side is given")
        }
        isLong = side ?? !(quantity?.isNegative ?? false)
        symbol = try inputs.text("symbol")
        mark = try inputs.number("mark_price")
        index = try inputs.number("index_price")
        settlement = try inputs.number("settlement_price")
        leverage = try inputs.number("leverage")
        tierMaxLeverage = try inputs.number("tier_max_leverage")
        marginMode = try inputs.word("margin_mode", ["isolated": .isolated, "cross": .cross])
        isHedge =
            try inputs.word("position_mode", ["one-way": false, "hedge": true]) ?? false
        maintenanceRate = try inputs.number("maintenance_rate")
        maintenanceAmount = try inputs.number("maintenance_amount")
        initialRate = try inputs.number("initial_rate")
        baseRate = try inputs.number("base_rate")
        slope = try inputs.number("slope_per_unit")
        tick = try inputs.number("tick_size")
        wallet = try inputs.number("wallet_balance")
        extraMargin = try inputs.number("extra_margin")
        orderMargin = try inputs.number("order_margin")
        marginWithFee = try inputs.number("position_margin_with_fee")
        bankruptcyPrice = try inputs.number("bankruptcy_price")
        others = try inputs.list("other_positions")
        feeRate = try Self.fee(inputs)
        // The label of the account model selects Bybit's rules; the shown leverage has no part.
        inputs.note("margin_model", "displayed_leverage")

        let contract = try inputs.number("contract_size") ?? .one
        let price = try inputs.number("entry_price")
        let cost = try Self.cost(inputs)
        let notional = try inputs.number("notional") ?? implied
        if let quantity {
            guard notional == nil else {
                throw VectorError.failed("both a quantity and a notional are given")
            }
            size = try quantity.magnitude * contract
            // Where the venue keeps the cost to a scale, its magnitude is rounded up.
            let rounding: Rounding =
                venue.costScale(payoff) != nil || !isLong ? .up : .down
            (entry, hasEntry) = try Self.entry(
                price,
                cost,
                size,
                payoff,
                rounding,
                standIn: mark ?? index ?? .one
            )
        } else if let value = cost ?? notional, price == nil {
            // A value alone is that of one position: a linear one of the same worth. An inverse long is
            // then a short, which like it is worth more at its bankruptcy price.
            guard cost == nil || mark == nil else {
                throw VectorError.failed("a quantity is missing beside the mark")
            }
            if payoff == .inverse { isLong.toggle() }
            payoff = .linear
            let parts = try value.magnitude.split()
            size = parts.quantity
            entry = try parts.price.solvedPrice()
            if cost == nil {
                hasEntry = false
                mark = mark ?? parts.price
            }
        } else {
            throw VectorError.failed("the inputs describe no position: a quantity is missing")
        }
        if mark == nil, hasEntry { givenProfit = try inputs.number("unrealized_pnl") }
    }

    private static func fee(_ inputs: Inputs) throws -> Exact? {
        let taker = try inputs.number("taker_fee_rate")
        let liquidation = try inputs.number("liquidation_fee_rate")
        if taker != nil, liquidation != nil {
            throw VectorError.failed("both a taker and a liquidation fee rate are given")
        }
        return taker ?? liquidation
    }

    /// The magnitude of what the position cost, where that is given.
    private static func cost(_ inputs: Inputs) throws -> Exact? {
        let cost = try inputs.number("entry_cost")
        let value = try inputs.number("entry_value")
        if cost != nil, value != nil {
            throw VectorError.failed("both an entry cost and an entry value are given")
        }
        return (cost ?? value)?.magnitude
    }

    /// The average entry price: given, or what makes the given cost.
    ///
    /// The engine rounds the cost of a price against the account, or to the venue's scale: the price
    /// is rounded the other way, so that the given cost comes out.
    private static func entry(
        _ price: Exact?,
        _ cost: Exact?,
        _ size: Exact,
        _ payoff: Payoff,
        _ rounding: Rounding,
        standIn: Exact
    ) throws -> (SolvedPrice, Bool) {
        guard let cost else {
            // Nothing was said about the entry; without any price the quantity is the value.
            return (try (price ?? standIn).solvedPrice(), price != nil)
        }
        if let price {
            // Both: the cost is what counts, and the price must be its average.
            let value = payoff == .inverse ? try size.divided(by: price) : try size * price
            let limit = try cost * Exact(1, scale: 6)
            guard try (value - cost).magnitude.isAtMost(limit) else {
                throw VectorError.failed("the entry price and the entry cost differ")
            }
        }
        let average =
            payoff == .inverse
            ? try size.divided(by: cost, rounding: rounding)
            : try cost.divided(by: size, rounding: rounding)
        return (try average.solvedPrice(), true)
    }
}
