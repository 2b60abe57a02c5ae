public import PlimsollUnits

/// The price that a liquidation order is offered at: the further its pool is below maintenance, the
/// further from the mark.
///
/// `mark × (1 ∓ depth × spread × position maintenance ÷ value)` with
/// `depth = clamp(adjustment × (1 − equity ÷ maintenance), 0, 1)`: below the mark for a sale, above it
/// to buy back. It may lie beyond the bankruptcy price; whoever wants no loss takes the nearer one.
/// Worked: a long worth 5,000 at a mark of 50,000, maintenance 500, equity 499 and a spread of 10 %
/// goes at 50,000 × (1 − 0.002 × 0.1 × 0.1) = 49,999.
///
/// Source: dYdX v4, x/clob/keeper/liquidations.go, fillable price, where mark is net notional ÷ size
/// (`margin-rules` 3.2).
public struct FillablePrice: Hashable, Sendable {
    /// Equity of the pool.
    public var equity: Money
    /// Maintenance of the pool.
    public var maintenance: Money
    /// Magnitude of the position's value at the mark.
    public var value: Money
    /// The position's own maintenance.
    public var positionMaintenance: Money
    /// The mark.
    public var mark: Price
    /// `.sell` closes a long, `.buy` a short.
    public var side: Side
    /// How fast the price moves away with the shortage; 1 reaches the full spread at zero equity.
    public var adjustment: Rate
    /// The largest distance from the mark, as a part of the position's maintenance.
    public var spread: Rate

    /// The price of one position.
    public init(
        equity: Money,
        maintenance: Money,
        value: Money,
        positionMaintenance: Money,
        mark: Price,
        side: Side,
        adjustment: Rate,
        spread: Rate
    ) {
        self.equity = equity
        self.maintenance = maintenance
        self.value = value
        self.positionMaintenance = positionMaintenance
        self.mark = mark
        self.side = side
        self.adjustment = adjustment
        self.spread = spread
    }

    /// The limit in steps of 10⁻⁸: a sale at or above the exact price, a purchase at or below it, so
    /// that rounding never costs the account or its fund anything.
    public var limit: Price {
        guard let distance = depth.flatMap(steps) else { return mark }
        guard side == .buy else { return Price(unchecked: max(1, mark.units - distance)) }
        let (units, overflow) = mark.units.addingReportingOverflow(distance)
        return overflow || units > Limits.price ? .max : Price(unchecked: units)
    }

    /// The exact price in steps of 10⁻⁸, in lowest terms; `nil` where a term is beyond 128 bits.
    public var fraction: (numerator: Int128, denominator: Int128)? {
        let whole = Fraction(Int128(mark.units), 1)
        guard let depth else { return (whole.numerator, 1) }
        let parts = [
            Fraction(max(0, positionMaintenance.units), value.units),
            Fraction(Int128(max(0, spread.units)), PowerOfTen.eight),
            Fraction(depth.rate, PowerOfTen.eight),
            Fraction(depth.shortage, depth.maintenance),
        ]
        var distance: Fraction? = whole
        for part in parts { distance = distance?.times(part) }
        let price = distance.flatMap { whole.plus($0, negated: side == .sell) }
        return price.map { ($0.numerator, $0.denominator) }
    }

    /// How far the pool is below maintenance: rate × shortage ÷ maintenance, at most 1.
    private struct Depth {
        var rate: Int128
        var shortage: Int128
        var maintenance: Int128

        static let full = Depth(rate: PowerOfTen.eight, shortage: 1, maintenance: 1)
    }

    /// `nil` where the price is the mark.
    private var depth: Depth? {
        let shortage = maintenance.units - equity.units
        guard shortage > 0, value.units > 0 else { return nil }
        let rate = Int128(max(0, adjustment.units))
        guard maintenance.units > 0,
            WideProduct(rate.magnitude, shortage.magnitude)
                < WideProduct(PowerOfTen.eight.magnitude, maintenance.units.magnitude)
        else { return .full }
        return Depth(rate: rate, shortage: shortage, maintenance: maintenance.units)
    }

    /// The distance from the mark in steps of 10⁻⁸, rounded down.
    private func steps(_ depth: Depth) -> Int64 {
        let need = UInt128(max(0, positionMaintenance.units))
        let factor = depth.rate.magnitude * UInt128(max(0, spread.units))
        return LargestWhole.number { steps in
            !WideProduct.isLess(
                WideProduct(need, depth.shortage.magnitude),
                times: WideProduct(UInt128(mark.units), factor),
                than: WideProduct(value.units.magnitude, depth.maintenance.magnitude),
                times: WideProduct(steps, PowerOfTen.sixteen.magnitude)
            )
        }
    }
}

/// A quotient of two whole numbers in lowest terms, as far as 128 bits go.
private struct Fraction {
    var numerator: Int128
    var denominator: Int128

    /// `numerator ÷ denominator`, which are not negative; the divisor is above zero.
    init(_ numerator: Int128, _ denominator: Int128) {
        let divisor = Self.commonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    func times(_ other: Fraction) -> Fraction? {
        let one = Fraction(numerator, other.denominator)
        let two = Fraction(other.numerator, denominator)
        let (top, isTooLarge) = one.numerator.multipliedReportingOverflow(by: two.numerator)
        let (bottom, isTooFine) = one.denominator.multipliedReportingOverflow(by: two.denominator)
        return isTooLarge || isTooFine ? nil : Fraction(top, bottom)
    }

    /// The sum of a whole number and `other`, or the difference.
    func plus(_ other: Fraction, negated: Bool) -> Fraction? {
        let (part, isTooLarge) = numerator.multipliedReportingOverflow(by: other.denominator)
        let (sum, overflow) =
            negated
            ? part.subtractingReportingOverflow(other.numerator)
            : part.addingReportingOverflow(other.numerator)
        return isTooLarge || overflow ? nil : Fraction(sum, other.denominator)
    }

    private static func commonDivisor(_ one: Int128, _ other: Int128) -> Int128 {
        var (larger, smaller) = (one < 0 ? -one : one, other)
        while smaller > 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }
}
