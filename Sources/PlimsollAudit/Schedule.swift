import BigInt
import Plimsoll
import PlimsollUnits

/// Rates by size, worked out with exact quotients from the rulebook's text alone.
struct Schedule {
    let rules: InstrumentRules
    let openInterest: Rational?

    private static func rate(_ rate: Rate) -> Rational { Rational(rate.units, scale: 8) }

    private static func rate(_ rate: ExactRate) -> Rational {
        Rational(BigInt(rate.numerator), BigInt(rate.denominator) * BigInt(10).power(8))
    }

    /// The last bracket whose floor is at or below what its key measures.
    func bracket(notional: Rational, size: Rational) -> Bracket? {
        guard case .brackets(let schedule) = rules.schedule else { return nil }
        return schedule.brackets.last { bracket in
            schedule.key == .notional
                ? Rational(bracket.floor, scale: 16) <= notional
                : Rational(bracket.floor, scale: 8) <= size
        }
    }

    /// Quantity in units of the base: for inverse payoffs the value in coin.
    private func baseUnits(notional: Rational, size: Rational) -> Rational {
        rules.payoff == .inverse ? notional : size
    }

    /// Rounded up to the venue's own scale, where it has one.
    private func scaled(_ amount: Rational) -> Rational {
        guard let scale = rules.requirementScale else { return amount }
        return Rational(amount.ceiling(scale: scale), scale: scale)
    }

    /// How many steps a margin moves when an inverse value is rounded by one, beyond its rate.
    ///
    /// Where the rate rises with the value it is twice the slope times the value.
    func steepness(_ notional: Rational) -> Rational {
        guard case .affine(let schedule) = rules.schedule else { return .zero }
        let slope = max(schedule.initialSlope, schedule.maintenanceSlope)
        return Rational(slope, scale: 16) * notional * Rational(2)
    }

    // MARK: Maintenance

    /// `notional × rate − deduction`, `notional × (base + slope × size)`, or a fraction of initial.
    func maintenance(notional: Rational, size: Rational) -> Rational {
        switch rules.schedule {
        case .brackets:
            guard let held = bracket(notional: notional, size: size) else { return .zero }
            return notional * Self.rate(held.maintenanceRate)
                - Rational(held.deduction, scale: 24)
        case .affine(let schedule):
            let rate =
                Self.rate(schedule.maintenanceBase)
                + Rational(schedule.maintenanceSlope, scale: 16)
                * baseUnits(notional: notional, size: size)
            return notional * rate
        case .openInterest(let schedule):
            let base = scaled(notional * Self.rate(schedule.initialRate))
            return scaled(base * Self.rate(schedule.maintenanceFraction))
        }
    }

    // MARK: Initial

    /// The leverage that counts: chosen, at most the bracket's.
    func leverage(
        notional: Rational,
        size: Rational,
        chosen: Int64?,
        isIsolated: Bool
    ) -> Rational? {
        guard let held = bracket(notional: notional, size: size) else { return nil }
        let limit = held.maxLeverage.hundredths
        if rules.crossAtMaximumLeverage, !isIsolated { return Rational(limit, scale: 2) }
        // Where the venue names initial rates, whoever chose nothing has the largest leverage.
        let unchosen = held.initialRate == nil ? rules.defaultLeverage.hundredths : limit
        let wanted = chosen ?? unchosen
        return Rational(min(wanted, limit), scale: 2)
    }

    /// Initial margin without fees.
    func initial(
        notional: Rational,
        size: Rational,
        chosen: Int64?,
        isIsolated: Bool
    ) -> Rational {
        switch rules.schedule {
        case .brackets:
            guard
                let leverage = leverage(
                    notional: notional,
                    size: size,
                    chosen: chosen,
                    isIsolated: isIsolated
                )
            else { return .zero }
            // The bracket's own rate, unless less leverage than its largest was chosen.
            if let held = bracket(notional: notional, size: size), let rate = held.initialRate,
                leverage >= Rational(held.maxLeverage.hundredths, scale: 2)
            {
                return notional * Self.rate(rate)
            }
            return notional / leverage
        case .affine(let schedule):
            let rate =
                Self.rate(schedule.initialBase)
                + Rational(schedule.initialSlope, scale: 16)
                * baseUnits(notional: notional, size: size)
            return notional * rate
        case .openInterest(let schedule):
            return scaled(notional * openInterestRate(schedule))
        }
    }

    /// The base rate, risen in parts per million as open interest goes from `lower` to `upper`.
    private func openInterestRate(_ schedule: OpenInterestSchedule) -> Rational {
        let base = Self.rate(schedule.initialRate)
        guard let lower = schedule.lower, let upper = schedule.upper, let openInterest else {
            return base
        }
        let (from, to) = (Rational(lower.units, scale: 16), Rational(upper.units, scale: 16))
        if openInterest <= from { return base }
        if openInterest >= to { return .one }
        let risen = (Rational.one - base) * ((openInterest - from) / (to - from))
        return base + Rational(risen.floor(scale: 6), scale: 6)
    }

    // MARK: Fees

    /// The fee to close: its part in initial and its part in maintenance.
    func closingFee(
        notional: Rational,
        cost: Rational,
        isLong: Bool,
        isIsolated: Bool,
        leverage: Rational?
    ) -> (initial: Rational, maintenance: Rational) {
        let fee = Self.rate(rules.takerFeeRate)
        switch rules.closingFee {
        case .none: return (.zero, .zero)
        case .inMaintenance: return (.zero, notional * fee)
        case .atEntry: return (cost.magnitude * fee, cost.magnitude * fee)
        case .inInitialAtBankruptcy, .atBankruptcy:
            // Bybit classic: the cross wallet pays it, isolated margin is without it.
            if rules.closingFee == .inInitialAtBankruptcy, isIsolated { return (.zero, .zero) }
            guard let leverage else { return (.zero, .zero) }
            // Long: all margin is gone at entry × (1 − 1/leverage); an inverse value then is larger.
            let loses = (rules.payoff == .inverse) != isLong
            let factor =
                loses ? Rational.one - .one / leverage : Rational.one + .one / leverage
            let exact = cost.magnitude * max(.zero, factor)
            let value = Rational(exact.ceiling(scale: 16), scale: 16)
            return (value * fee, rules.closingFee == .atBankruptcy ? value * fee : .zero)
        }
    }
}
