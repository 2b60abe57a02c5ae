import Plimsoll
import PlimsollUnits

/// Liquidation and backstop price on Hyperliquid: maintenance is half the initial margin at the
/// bracket's largest leverage, continuous over brackets; the backstop takes over at two thirds of it,
/// which is the same rulebook with a third of the initial rate.
struct HyperliquidCase: KindCase {
    private struct Position {
        var quantity: Exact
        var mark: Exact
        var mode: MarginMode
        var tiers: [(floor: Exact, leverage: Exact)]
    }

    private let positions: [Position]
    private let target: Int
    private let equity: Exact

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        equity = try inputs.required("equity")
        let number = try inputs.number("target") ?? .zero
        positions = try inputs.list("positions").map { entry in
            Position(
                quantity: try entry.required("quantity"),
                mark: try entry.required("mark_price"),
                mode: try entry.word("margin_mode", ["cross": .cross, "isolated": .isolated])
                    ?? .cross,
                tiers: try entry.list("tiers").enumerated().map { index, tier in
                    (
                        index == 0
                            ? try tier.number("floor") ?? .zero : try tier.required("floor"),
                        try tier.required("max_leverage")
                    )
                }
            )
        }
        let index = try Int(clamping: number.units(scale: 0))
        guard positions.indices.contains(index) else {
            throw VectorError.failed("the target is no position")
        }
        target = index
    }

    func answer(_ key: String) throws -> Answer {
        let divisor: Int64
        switch key {
        case "liquidation_price": divisor = 2
        case "backstop_price": divisor = 3
        default: throw noRule(key)
        }
        let name = "POSITION\(target)"
        let answer = try desk(divisor).position(name, prices: true).liquidationPrice
        return answer.price.map { .number(Exact($0)) } ?? .none
    }

    /// An engine with all positions, entered at their marks so that the wallet is the equity.
    private func desk(_ divisor: Int64) throws -> Desk {
        let isIsolated = positions[target].mode == .isolated
        var plan = AccountPlan(
            rulebook: Rulebook(
                id: Venue.hyperliquid.rawValue,
                version: "conformance",
                currency: PositionPlan.cash
            ),
            assets: [PositionPlan.cash],
            wallets: isIsolated ? [] : [(PositionPlan.cash, try equity.money())]
        )
        plan.positions = try positions.enumerated().map { index, position in
            var margin: Money?
            if position.mode == .isolated {
                // Another isolated position has no part in the price.
                margin = index == target ? try equity.money() : .zero
            }
            return PositionPlan(
                rules: try rules(position, "POSITION\(index)", divisor),
                quantity: try position.quantity.quantity(),
                entry: try position.mark.solvedPrice(),
                mark: try position.mark.price(),
                isolatedMargin: margin
            )
        }
        return try Desk(plan)
    }

    private func rules(
        _ position: Position,
        _ symbol: String,
        _ divisor: Int64
    ) throws -> InstrumentRules {
        var floors = try position.tiers.map { try $0.floor.units(scale: 16) }
        let leverages = try position.tiers.map { try $0.leverage.leverage() }
        let rates = leverages.map { ExactRate(oneOver: divisor, times: $0) }
        let deductions = BracketSchedule.continuousDeductions(floors: floors, rates: rates)
        if !floors.isEmpty { floors[0] = 0 }
        let brackets = zip(zip(floors, rates), zip(deductions, leverages)).map { first, second in
            Bracket(
                floor: first.0,
                maintenanceRate: first.1,
                deduction: second.0,
                maxLeverage: second.1
            )
        }
        guard let schedule = BracketSchedule(key: .notional, brackets: brackets) else {
            throw VectorError.failed("the tiers are missing, too many, or their floors do not rise")
        }
        return InstrumentRules(
            symbol: symbol,
            payoff: .linear,
            base: symbol,
            quote: PositionPlan.cash,
            settle: PositionPlan.cash,
            schedule: .brackets(schedule)
        )
    }
}
