import Plimsoll
import PlimsollUnits

// Rates by a formula instead of a table: base and steps, affine in size, by open interest.
extension RulebookReading {
    /// A base limit and steps, each of which raises both rates: expanded into flat brackets.
    mutating func riskLimit(_ place: NodeReader) -> MarginSchedule? {
        guard findings.mapping(place) else { return nil }
        let section = RulebookSection(
            place,
            allowed: RulebookKeys.riskLimit,
            findings: &findings
        )
        for key in ["base", "step", "initialRate", "maintenanceRate"] {
            _ = findings.required(key, in: section)
        }
        let base = findings.amount(section["base"], scale: 16, limit: Limits.notional)
        let step = findings.amount(section["step"], scale: 16, limit: Limits.notional)
        let maximum = findings.amount(section["maximum"], scale: 16, limit: Limits.notional)
        let initial = findings.fraction(section["initialRate"])
        let maintenance = findings.fraction(section["maintenanceRate"])
        let increment = findings.fraction(section["increment"])
        guard let base, let step, let initial, let maintenance else { return nil }
        guard base > 0, step > 0, initial > .zero else {
            findings.error(
                place.fault(
                    "base, step and initialRate of a risk limit are not all above zero.",
                    remedy: "Give the lowest limit, the size of a step and the lowest rate."
                )
            )
            return nil
        }
        let rise = (increment ?? maintenance).units
        var brackets: [Bracket] = []
        var floor: Int128 = 0
        while brackets.count < Limits.brackets, maximum.map({ floor < $0 }) ?? true {
            let rises = Int64(brackets.count) * rise
            guard let rate = try? Rate(units: initial.units + rises), rate <= .one,
                let lower = try? Rate(units: maintenance.units + rises)
            else { break }
            brackets.append(
                Bracket(
                    floor: floor,
                    maintenanceRate: ExactRate(lower),
                    maxLeverage: Self.leverage(reciprocalOf: rate),
                    initialRate: rate
                )
            )
            floor = brackets.count == 1 ? base : floor + step
            guard floor <= Limits.notional else { break }
        }
        checkInitial(initial, above: maintenance, at: place)
        return BracketSchedule(key: .notional, brackets: brackets).map(MarginSchedule.brackets)
    }

    /// Rates that rise linearly with size.
    mutating func affine(_ section: RulebookSection) -> MarginSchedule? {
        let slopeLimit = PowerOfTen.sixteen / 100
        let initial = findings.fraction(findings.required("initialBaseRate", in: section))
        let maintenance = findings.fraction(
            findings.required("maintenanceBaseRate", in: section)
        )
        let rise = findings.amount(section["initialSlope"], scale: 16, limit: slopeLimit)
        let slope = findings.amount(section["maintenanceSlope"], scale: 16, limit: slopeLimit)
        guard let initial, let maintenance else { return nil }
        checkInitial(initial, above: maintenance, at: section.place)
        if (rise ?? 0) < (slope ?? 0), let reader = section["maintenanceSlope"] {
            findings.doubt(
                reader.fault(
                    "the maintenance rate rises faster than the initial rate.",
                    remedy: "Correct the slopes: initial margin must not fall below maintenance."
                )
            )
        }
        return .affine(
            AffineSchedule(
                initialBase: initial,
                initialSlope: Int64(rise ?? 0),
                maintenanceBase: maintenance,
                maintenanceSlope: Int64(slope ?? 0)
            )
        )
    }

    /// An initial rate that rises with open interest, maintenance a fraction of the base.
    mutating func openInterest(_ section: RulebookSection) -> MarginSchedule? {
        let initialReader = findings.required("initialRate", in: section)
        let shareReader = findings.required("maintenanceFraction", in: section)
        let bounds = ["openInterestLower", "openInterestUpper"]
        let bounded = section.uses(bounds)
        for key in bounds where bounded { _ = findings.required(key, in: section) }
        let initial = findings.fraction(initialReader)
        let share = findings.fraction(shareReader)
        let lower = findings.amount(section[bounds[0]], scale: 16, limit: Limits.money)
        let upper = findings.amount(section[bounds[1]], scale: 16, limit: Limits.money)
        guard let initial, let share else { return nil }
        var schedule = OpenInterestSchedule(initialRate: initial, maintenanceFraction: share)
        guard let lower, let upper, lower != 0 || upper != 0 else { return .openInterest(schedule) }
        guard lower < upper else {
            findings.error(
                section.place.fault(
                    "openInterestLower is not below openInterestUpper.",
                    remedy: "Correct them, or leave both out for a rate that never rises."
                )
            )
            return nil
        }
        schedule.lower = Money(units: lower)
        schedule.upper = Money(units: upper)
        return .openInterest(schedule)
    }
}
