import Plimsoll
import PlimsollUnits

/// What an order costs: the engine's check before it is placed.
struct OrderCase: KindCase {
    let venue: Venue
    let payoff: Payoff
    let side: Side
    let size: Exact
    let price: Exact
    let mark: Exact
    let leverage: Exact?
    let feeRate: Exact?
    let publication: Publication

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        self.venue = venue
        inputs.note("symbol", "margin_model")
        payoff =
            try inputs.word("contract_type", ["linear": .linear, "inverse": .inverse]) ?? .linear
        let word: Side? = try inputs.word("side", ["long": .buy, "short": .sell])
        let quantity = try inputs.required("quantity")
        guard word == nil || !quantity.isNegative else {
            throw VectorError.failed("the quantity is signed although a side is given")
        }
        side = word ?? (quantity.isNegative ? .sell : .buy)
        size = try quantity.magnitude * (inputs.number("contract_size") ?? .one)
        price = try inputs.required("order_price")
        mark = try inputs.number("mark_price") ?? price
        leverage = try inputs.number("leverage")
        feeRate = try inputs.number("taker_fee_rate")
        publication = venue.publication(payoff)
        guard feeRate == nil || venue.usesFee else {
            throw VectorError.failed("a fee has no part in the rules of \(venue.rawValue)")
        }
    }

    /// The engine's check under these costs: Binance adds the open loss, Bybit both fees.
    private func check(_ cost: OrderCost) throws -> OrderCheck {
        let bracket = Bracket(
            floor: 0,
            maintenanceRate: ExactRate(.zero),
            maxLeverage: try Exact(1_000).leverage()
        )
        guard let schedule = BracketSchedule(key: .notional, brackets: [bracket]) else {
            throw noRule("order")
        }
        let rules = InstrumentRules(
            symbol: PositionPlan.symbol,
            payoff: payoff,
            base: PositionPlan.coin,
            quote: PositionPlan.cash,
            settle: PositionPlan.settle(payoff),
            schedule: .brackets(schedule),
            takerFeeRate: try feeRate?.rate() ?? .zero
        )
        let plan = AccountPlan(
            rulebook: Rulebook(
                id: venue.rawValue,
                version: "conformance",
                currency: PositionPlan.cash,
                orderCost: cost,
                publication: publication
            ),
            assets: [PositionPlan.coin, PositionPlan.cash],
            listed: [(rules, try mark.price(), try leverage?.leverage())]
        )
        let desk = try Desk(plan)
        let order = OrderPlaced(
            account: desk.account,
            order: "order",
            instrument: try desk.instrument(PositionPlan.symbol),
            side: side,
            quantity: try size.quantity(),
            price: try price.price()
        )
        do throws(Rejection) {
            return try desk.engine.check(order)
        } catch {
            throw VectorError.failed("the engine refuses: \(error.problem)")
        }
    }

    private func shown(_ amount: Money) -> Answer { .number(Exact(publication.margin(amount))) }

    func answer(_ key: String) throws -> Answer {
        switch key {
        case "open_loss":
            return shown(try check(OrderCost(openLoss: true)).openLoss)
        case "initial_margin":
            try requireLeverage(key)
            return shown(try check(OrderCost()).initialMargin)
        case "opening_fee":
            try requireFee(key)
            return shown(try check(OrderCost(openingFee: true)).fees)
        case "closing_fee":
            try requireFee(key)
            try requireLeverage(key)
            return shown(try check(OrderCost(closingFee: true)).fees)
        case "order_cost":
            try requireLeverage(key)
            let cost =
                venue == .binance
                ? OrderCost(openLoss: true) : OrderCost(openingFee: true, closingFee: true)
            return shown(try check(cost).required)
        case "bankruptcy_price": return try bankruptcyPrice()
        default: throw noRule(key)
        }
    }

    private func requireLeverage(_ key: String) throws {
        guard leverage != nil else { throw noRule(key, "the leverage is missing") }
    }

    private func requireFee(_ key: String) throws {
        guard feeRate != nil else { throw noRule(key, "the fee rate is missing") }
    }

    /// The order, filled at its price, with its initial margin as isolated margin.
    private func bankruptcyPrice() throws -> Answer {
        try requireLeverage("bankruptcy_price")
        let initial = try check(OrderCost()).initialMargin
        let bracket = Bracket(
            floor: 0,
            maintenanceRate: ExactRate(.zero),
            maxLeverage: try Exact(1_000).leverage()
        )
        guard let schedule = BracketSchedule(key: .notional, brackets: [bracket]) else {
            throw noRule("order")
        }
        let rules = InstrumentRules(
            symbol: PositionPlan.symbol,
            payoff: payoff,
            base: PositionPlan.coin,
            quote: PositionPlan.cash,
            settle: PositionPlan.settle(payoff),
            schedule: .brackets(schedule)
        )
        let plan = AccountPlan(
            rulebook: Rulebook(
                id: venue.rawValue,
                version: "conformance",
                currency: PositionPlan.cash
            ),
            assets: [PositionPlan.coin, PositionPlan.cash],
            positions: [
                PositionPlan(
                    rules: rules,
                    quantity: try (side == .buy ? size : -size).quantity(),
                    entry: try price.solvedPrice(),
                    mark: try price.price(),
                    leverage: try leverage?.leverage(),
                    isolatedMargin: initial
                )
            ]
        )
        let position = try Desk(plan).position(prices: true)
        return position.bankruptcyPrice.price.map { .number(Exact($0)) } ?? .none
    }
}
