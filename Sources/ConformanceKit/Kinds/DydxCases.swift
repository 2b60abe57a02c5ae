import Plimsoll
import PlimsollUnits

/// Notional and margins of a dYdX position, in quote quantums (10⁻⁶ USDC).
///
/// `quantity × 10^resolution` coins at `price × 10^exponent` become a position of the engine. Where
/// one of them does not fit its unit, powers of ten move between the two, which leaves the product as
/// it is; where the product itself does not fit, it is counted in 10^k USDC, and so are its roundings.
struct DydxMarginCase: KindCase {
    private let coins: Exact
    private let price: Exact
    private let rates: OpenInterestSchedule
    /// Open interest and its bounds in quote quantums.
    private let interest: (open: Exact, lower: Exact, upper: Exact)?

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        let resolution = try Self.power(inputs, "atomic_resolution")
        coins = try inputs.required("quantity").shifted(by: resolution)
        price = try inputs.required("price").shifted(by: try Self.power(inputs, "exponent"))
        guard vector.kind == "dydx_margin" else {
            rates = OpenInterestSchedule(initialRate: .zero, maintenanceFraction: .zero)
            interest = nil
            return
        }
        rates = OpenInterestSchedule(
            initialRate: try inputs.required("initial_rate_ppm").shifted(by: -6).rate(),
            maintenanceFraction: try inputs.required("maintenance_fraction_ppm")
                .shifted(by: -6).rate()
        )
        let open = try inputs.number("open_interest")
        let lower = try inputs.number("oi_lower_cap")
        let upper = try inputs.number("oi_upper_cap")
        // Without an upper bound, or with 0 for it, the rate never rises.
        guard let open, let lower, let upper, !upper.isZero else {
            interest = nil
            return
        }
        let value = try open.shifted(by: resolution) * price
        let quantums = try value.shifted(by: 6).units(scale: 0, rounding: .towardZero)
        interest = (Exact(quantums), lower, upper)
    }

    private static func power(_ inputs: Inputs, _ name: String) throws -> Int {
        let power = try inputs.required(name).units(scale: 0)
        guard power.magnitude <= 38 else { throw VectorError.failed("'\(name)' is beyond 38") }
        return Int(power)
    }

    func answer(_ key: String) throws -> Answer {
        let notional = try notional()
        if key == "notional" { return .number(notional) }
        guard key == "initial_margin" || key == "maintenance_margin" else { throw noRule(key) }
        // Requirements are of the notional in whole quantums.
        guard !notional.isZero else { return .number(.zero) }
        let usdc = try notional.magnitude.shifted(by: -6)
        let (desk, power) = try desk(notional.isNegative ? -.one : .one, usdc)
        let figures = try desk.positionFigures()
        let margin = key == "initial_margin" ? figures.initialMargin : figures.maintenanceMargin
        return .number(try Exact(margin).shifted(by: power + 6))
    }

    /// The signed notional, cut to whole quantums.
    private func notional() throws -> Exact {
        guard !coins.isZero else { return .zero }
        let (desk, power) = try desk(coins, price)
        let field = FieldRounding(mode: .towardZero, scale: 6 + power)
        let figures = try desk.positionFigures()
        let shown = Exact(Publication(notional: field).notional(figures.notional))
        let quantums = try shown.shifted(by: power + 6)
        return coins.isNegative ? -quantums : quantums
    }

    /// An engine with the position, counted in 10^k USDC, and k.
    private func desk(_ coins: Exact, _ price: Exact) throws -> (Desk, Int) {
        let limit = Exact(Limits.notional, scale: 16)
        let word = Exact(Int128(Limits.price), scale: 8)
        let product = try coins * price
        for power in [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, 8, 9, 10] {
            let value = try product.magnitude.shifted(by: -power)
            guard try value.isAtMost(limit) else { continue }
            for step in (0...40).flatMap({ [$0, -$0] }) {
                guard let size = try? coins.shifted(by: step - power),
                    let mark = try? price.shifted(by: -step), size.scale <= 8, mark.scale <= 8,
                    try size.magnitude.isAtMost(word), try mark.isAtMost(word)
                else { continue }
                return (try desk(size, mark, power), power)
            }
        }
        throw VectorError.failed("\(coins) at \(price) is beyond what the engine holds")
    }

    private func desk(_ size: Exact, _ mark: Exact, _ power: Int) throws -> Desk {
        var schedule = rates
        if let interest {
            schedule.lower = try interest.lower.shifted(by: -6 - power).money()
            schedule.upper = try interest.upper.shifted(by: -6 - power).money()
        }
        let rules = InstrumentRules(
            symbol: PositionPlan.symbol,
            payoff: .linear,
            base: PositionPlan.coin,
            quote: PositionPlan.cash,
            settle: PositionPlan.cash,
            schedule: .openInterest(schedule),
            requirementScale: 6 + power
        )
        let plan = AccountPlan(
            rulebook: Rulebook(
                id: Venue.dydx.rawValue,
                version: "conformance",
                currency: PositionPlan.cash
            ),
            assets: [PositionPlan.cash],
            positions: [
                PositionPlan(
                    rules: rules,
                    quantity: try size.quantity(),
                    entry: try mark.solvedPrice(),
                    mark: try mark.price()
                )
            ]
        )
        var desk = try Desk(plan)
        if let interest {
            // Beyond the upper bound nothing changes any more.
            let open =
                try interest.open.isAtMost(interest.upper) ? interest.open : interest.upper
            try desk.send(
                .openInterestReported(
                    OpenInterestReported(
                        instrument: try desk.instrument(PositionPlan.symbol),
                        notional: try open.shifted(by: -6 - power).money()
                    )
                )
            )
        }
        return desk
    }
}

/// A funding settlement on dYdX: − quantity × the change of the funding index, in parts per million
/// of a quote quantum.
///
/// One step of the engine's quantity is one base quantum, one step of its rate is one step of the
/// index, and the price is what makes one step of money of their product (10⁸): `fundingSettled` then
/// gives the settlement in steps of money. A change beyond the largest rate is several settlements.
struct DydxFundingCase: KindCase {
    private let quantity: Exact
    private let change: Exact

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        quantity = try inputs.required("quantity")
        change =
            try inputs.required("funding_index") - inputs.required("position_funding_index")
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "net_settlement_ppm" else { throw noRule(key) }
        guard !quantity.isZero else { return .number(.zero) }
        var rest = try change.units(scale: 0)
        // A larger position needs a smaller price, and larger rates in turn.
        var power = 0
        while power < 8,
            try !quantity.magnitude.isAtMost(Exact(1_000_000_000_000).shifted(by: power))
        {
            power += 1
        }
        let factor = PowerOfTen.of(power)
        let largest = Int128(Limits.fundingRate) / factor
        var desk = try Desk(plan(try Exact.one.shifted(by: 8 - power)))
        let instrument = try desk.instrument(PositionPlan.symbol)
        let before = desk.effects.count
        var count = 0
        while rest != 0 {
            let part = min(max(rest, -largest), largest)
            let rate = Exact(part * factor, scale: 16)
            try desk.send(
                .fundingSettled(FundingSettled(instrument: instrument, rate: rate.fundingRate()))
            )
            rest -= part
            count += 1
            guard count <= 10_000 else {
                throw VectorError.failed("the index moves by more than the engine can settle")
            }
        }
        return .number(Exact(desk.funding(since: before).units))
    }

    private func plan(_ price: Exact) throws -> AccountPlan {
        let rules = InstrumentRules(
            symbol: PositionPlan.symbol,
            payoff: .linear,
            base: PositionPlan.coin,
            quote: PositionPlan.cash,
            settle: PositionPlan.cash,
            schedule: .openInterest(
                OpenInterestSchedule(initialRate: .zero, maintenanceFraction: .zero)
            )
        )
        return AccountPlan(
            rulebook: Rulebook(
                id: Venue.dydx.rawValue,
                version: "conformance",
                currency: PositionPlan.cash
            ),
            assets: [PositionPlan.cash],
            positions: [
                PositionPlan(
                    rules: rules,
                    quantity: try quantity.shifted(by: -8).quantity(),
                    entry: try price.solvedPrice(),
                    mark: try price.price()
                )
            ]
        )
    }
}
