import Plimsoll
import PlimsollUnits

/// A table of brackets, as the engine's schedule.
struct TierTable {
    let schedule: BracketSchedule
    let floors: [Exact]

    /// Reads `tiers`; amounts are what makes maintenance continuous, from the first tier's on.
    init(_ inputs: Inputs) throws {
        var floors: [Exact] = []
        var rates: [ExactRate] = []
        var first = Exact.zero
        for (index, tier) in try inputs.list("tiers").enumerated() {
            // The first floor may be missing or above zero: what is below it does not matter.
            floors.append(
                index == 0 ? try tier.number("floor") ?? .zero : try tier.required("floor")
            )
            rates.append(ExactRate(try tier.required("maintenance_rate").rate()))
            let amount = try tier.number("maintenance_amount")
            guard index == 0 || amount == nil else {
                throw VectorError.failed("only the first tier may have a maintenance amount")
            }
            if index == 0 { first = amount ?? .zero }
        }
        var units = try floors.map { try $0.units(scale: 16) }
        let added = try first.units(scale: 24)
        let deductions = BracketSchedule.continuousDeductions(floors: units, rates: rates)
        if !units.isEmpty { units[0] = 0 }
        let leverage = try Exact.one.leverage()
        let brackets = zip(zip(units, rates), deductions).map { entry, deduction in
            Bracket(
                floor: entry.0,
                maintenanceRate: entry.1,
                deduction: deduction + added,
                maxLeverage: leverage
            )
        }
        guard let schedule = BracketSchedule(key: .notional, brackets: brackets) else {
            throw VectorError.failed("the tiers are missing, too many, or their floors do not rise")
        }
        self.schedule = schedule
        self.floors = floors
    }

    /// The engine's figures of a position of this notional.
    ///
    /// Below the least that a position can be worth (10⁻¹⁶) it is of that worth: the first bracket
    /// holds it.
    func figures(_ venue: Venue, notional: Exact) throws -> PositionMarginFigures {
        let worth = notional.isZero ? Exact(1, scale: 16) : notional.magnitude
        let parts = try worth.split()
        let rules = InstrumentRules(
            symbol: PositionPlan.symbol,
            payoff: .linear,
            base: PositionPlan.coin,
            quote: PositionPlan.cash,
            settle: PositionPlan.cash,
            schedule: .brackets(schedule)
        )
        let plan = AccountPlan(
            rulebook: Rulebook(
                id: venue.rawValue,
                version: "conformance",
                currency: PositionPlan.cash
            ),
            assets: [PositionPlan.cash],
            positions: [
                PositionPlan(
                    rules: rules,
                    quantity: try (notional.isNegative ? -parts.quantity : parts.quantity)
                        .quantity(),
                    entry: try parts.price.solvedPrice(),
                    mark: try parts.price.price()
                )
            ]
        )
        return try Desk(plan).positionFigures()
    }
}

/// The bracket of a notional: a position of it, and what its report says.
struct TierLookupCase: KindCase {
    let venue: Venue
    let table: TierTable
    let notional: Exact

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        self.venue = venue
        inputs.note("symbol")
        table = try TierTable(inputs)
        notional = try inputs.required("notional")
    }

    func answer(_ key: String) throws -> Answer {
        let figures = try table.figures(venue, notional: notional)
        switch key {
        case "maintenance_rate": return .number(Exact(figures.maintenanceRate))
        case "maintenance_amount": return .number(Exact(figures.maintenanceAmount))
        case "maintenance_margin": return .number(Exact(figures.maintenanceMargin))
        default: throw noRule(key)
        }
    }
}

/// The amount of every tier: a position at each floor, and what its report says.
struct TierAmountsCase: KindCase {
    let venue: Venue
    let table: TierTable

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        self.venue = venue
        inputs.note("symbol")
        table = try TierTable(inputs)
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "maintenance_amounts" else { throw noRule(key) }
        return .list(
            try table.floors.map {
                Exact(try table.figures(venue, notional: $0).maintenanceAmount)
            }
        )
    }
}
