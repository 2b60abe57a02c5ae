public import PlimsollUnits

/// What a market model did with all orders so far; amounts are in the quote currency.
///
/// Ordered, filled, unfilled and extrapolated are valued at the mark that decided each order, so
/// that filled + unfilled = ordered, to the unit. Instruments of one quote currency may be added
/// up.
public struct MarketReport: Hashable, Sendable {
    /// How many orders there were.
    public internal(set) var orders = 0
    /// How many of them were filled whole.
    public internal(set) var filledWhole = 0
    /// How many of them were not filled at all.
    public internal(set) var notFilled = 0
    /// What was ordered.
    public internal(set) var ordered = Money.zero
    /// Of this, what was filled.
    public internal(set) var filled = Money.zero
    /// Of this, what was not.
    public internal(set) var unfilled = Money.zero
    /// Of what was filled, the part beyond the last observed distance: it rests on no observation.
    public internal(set) var extrapolated = Money.zero
    /// The furthest that orders alone have moved the middle away from its reference, either way.
    public internal(set) var largestImpact = Rate.zero

    /// The part of all fills that rests on no observation, rounded up; zero without fills.
    public var extrapolatedShare: Rate {
        guard filled.units > 0 else { return .zero }
        let share = extrapolated.units.multiplied(
            by: PowerOfTen.eight,
            dividedBy: filled.units,
            rounding: .up
        )
        return share.flatMap { try? Rate(units: Int64($0)) } ?? .one
    }
}
