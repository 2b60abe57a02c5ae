import Plimsoll
import PlimsollUnits

// Kraken's lines and levels.
extension AccountCase {
    /// One of Kraken's lines as a part of the initial margin.
    ///
    /// A position with 2 % initial has that part of it as maintenance. The API sample has LT 75 %,
    /// MM 45 %, TT 30 % (`margin-rules` 2.6); where a vector is about maintenance alone, it is half,
    /// as on the current site.
    func threshold(_ key: String) throws -> Exact {
        guard venue == .kraken, let initial, maintenanceRate == nil else { throw noRule(key) }
        let part =
            switch key {
            case "liquidation_threshold": Exact(75, scale: 2)
            case "termination_threshold": Exact(30, scale: 2)
            default: kind == "maintenance_margin" ? Exact(50, scale: 2) : Exact(45, scale: 2)
            }
        let rate = Exact(2, scale: 2)
        let parts = try initial.divided(by: rate).split()
        let bracket = Bracket(
            floor: 0,
            maintenanceRate: ExactRate(try (rate * part).rate()),
            maxLeverage: try Exact(50).leverage(),
            initialRate: try rate.rate()
        )
        guard let schedule = BracketSchedule(key: .size, brackets: [bracket]) else {
            throw noRule(key)
        }
        let rules = InstrumentRules(
            symbol: PositionPlan.symbol,
            payoff: .linear,
            base: PositionPlan.coin,
            quote: PositionPlan.cash,
            settle: PositionPlan.cash,
            schedule: .brackets(schedule)
        )
        let plan = AccountPlan(
            rulebook: Rulebook(id: venue.rawValue, version: "conformance", currency: "CASH"),
            assets: [PositionPlan.cash],
            positions: [
                PositionPlan(
                    rules: rules,
                    quantity: try parts.quantity.quantity(),
                    entry: try parts.price.solvedPrice(),
                    mark: try parts.price.price()
                )
            ]
        )
        return Exact(try Desk(plan).positionFigures().maintenanceMargin)
    }

    /// Kraken spot: margin in use, the initial margin of a position or of an amount of the coin at 1×.
    func used() throws -> Exact {
        if let usedMargin {
            let plans = try PositionPlan.sums(
                unrealized: .zero,
                initial: usedMargin.coin * usedMargin.price,
                maintenance: .zero,
                in: PositionPlan.cash
            )
            let plan = AccountPlan(
                rulebook: Rulebook(id: venue.rawValue, version: "1", currency: "CASH"),
                assets: [PositionPlan.cash],
                positions: plans
            )
            return Exact(try Desk(plan).figures().initialMargin)
        }
        guard initial != nil || position != nil else { throw noRule("used_margin") }
        return Exact(try desk(fee: .none).figures().initialMargin)
    }

    /// Equity ÷ margin in use, in percent: the ratio of an account whose line is that margin.
    func marginLevel() throws -> Answer {
        guard wallet != nil else { throw noRule("margin_level_percent", "the equity is missing") }
        let figures = try desk(fee: .none, maintenance: used()).figures()
        guard let ratio = figures.inverseRatio else { return .none }
        return .number(try Exact(ratio) * Exact(100))
    }
}
