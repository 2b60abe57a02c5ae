import PlimsollUnits

/// What a quantity is worth at a price, by payoff; everything in steps of 10⁻¹⁶.
///
/// Sources: `margin-rules` section 1 (core equation); design section 2 (which way each rounds).
enum Valuation {
    /// The signed mark value: quantity × price, exactly; for inverse payoffs quantity ÷ price, rounded
    /// up, which is against the account, since its profit is cost − value.
    @inline(__always)
    static func value(_ quantity: Int64, at price: Int64, _ payoff: Payoff) -> Int128 {
        payoff == .inverse
            ? quotient(quantity, price, rounding: .up)
            : Int128(quantity.multipliedFullWidth(by: price))
    }

    /// The magnitude of the mark value, rounded up.
    @inline(__always)
    static func notional(_ quantity: Int64, at price: Int64, _ payoff: Payoff) -> Int128 {
        let size = Int64(quantity.magnitude)
        return payoff == .inverse
            ? quotient(size, price, rounding: .up)
            : Int128(size.multipliedFullWidth(by: price))
    }

    /// What a trade of `quantity` at `price` adds to the cost: signed, for inverse payoffs rounded
    /// down, which is against the account; or to the venue's own scale, magnitude up.
    static func cost(
        _ quantity: Int64,
        at price: Int64,
        _ rules: InstrumentRules
    ) -> Int128 {
        guard let scale = rules.costScale else {
            return rules.payoff == .inverse
                ? quotient(quantity, price, rounding: .down)
                : Int128(quantity) * Int128(price)
        }
        let exact =
            rules.payoff == .inverse
            ? quotient(quantity, price, rounding: .awayFromZero)
            : Int128(quantity) * Int128(price)
        return rounded(exact, scale: scale, .awayFromZero)
    }

    /// The cost of a position of `quantity` at an average entry price in 10⁻¹⁶, rounded against the
    /// account or to the venue's own scale; `nil` beyond the limits.
    static func cost(
        _ quantity: Int64,
        at entry: SolvedPrice,
        _ rules: InstrumentRules
    ) -> Int128? {
        let venueRounds = rules.costScale != nil
        let exact =
            rules.payoff == .inverse
            ? Int128(quantity).multiplied(
                by: PowerOfTen.twentyFour,
                dividedBy: entry.units,
                rounding: venueRounds ? .awayFromZero : .down
            )
            : Int128(quantity).multiplied(
                by: entry.units,
                dividedBy: PowerOfTen.eight,
                rounding: venueRounds ? .awayFromZero : .up
            )
        guard let exact, exact.magnitude <= UInt128(Limits.notional) else { return nil }
        guard let scale = rules.costScale else { return exact }
        return rounded(exact, scale: scale, .awayFromZero)
    }

    /// The part of `cost` that belongs to `part` of `whole`, rounded against the account.
    static func released(
        _ cost: Int128,
        part: Int64,
        whole: Int64,
        _ rules: InstrumentRules
    ) -> Int128 {
        // Linear profit is value − cost, inverse profit is cost − value.
        let rounding: Rounding = rules.payoff == .inverse ? .down : .up
        let share = proportion(cost, Int128(part.magnitude), of: Int128(whole.magnitude), rounding)
        guard let scale = rules.costScale else { return share }
        return rounded(share, scale: scale, rounding)
    }

    /// `amount × part ÷ whole`, rounded.
    ///
    /// - Precondition: `part` is at most `whole`, so the result fits.
    static func proportion(
        _ amount: Int128,
        _ part: Int128,
        of whole: Int128,
        _ rounding: Rounding
    ) -> Int128 {
        guard let share = amount.multiplied(by: part, dividedBy: whole, rounding: rounding) else {
            preconditionFailure("Invariant: \(part) is at most \(whole)")
        }
        return share
    }

    /// `units` of 10⁻¹⁶ rounded to `scale` digits behind the point.
    static func rounded(_ units: Int128, scale: Int, _ rounding: Rounding) -> Int128 {
        guard scale < 16 else { return units }
        let step = PowerOfTen.of(16 - scale)
        return units.divided(by: step, rounding: rounding) * step
    }

    /// `quantity ÷ price` in steps of 10⁻¹⁶.
    @inline(__always)
    private static func quotient(
        _ quantity: Int64,
        _ price: Int64,
        rounding: Rounding
    ) -> Int128 {
        (Int128(quantity) * PowerOfTen.sixteen).divided(by: Int128(price), rounding: rounding)
    }

    /// What the cost of a position adds to equity: − cost (linear, quanto), + cost (inverse).
    @inline(__always)
    static func stake(_ cost: Int128, _ payoff: Payoff) -> Int128 {
        payoff == .inverse ? cost : -cost
    }

    /// What the mark value of a position adds to equity: + value (linear, quanto), − value (inverse).
    @inline(__always)
    static func worth(_ quantity: Int64, at price: Int64, _ payoff: Payoff) -> Int128 {
        let value = value(quantity, at: price, payoff)
        return payoff == .inverse ? -value : value
    }
}

/// Sums that end at the largest number instead of trapping: a requirement beyond 10¹⁴ is below any line.
@inline(__always)
func saturatingSum(_ lhs: Int128, _ rhs: Int128) -> Int128 {
    let (sum, overflow) = lhs.addingReportingOverflow(rhs)
    if !overflow { return sum }
    return rhs < 0 ? Int128.min : Int128.max
}
