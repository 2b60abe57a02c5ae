public import PlimsollUnits

/// How initial and maintenance rates depend on size.
public enum MarginSchedule: Hashable, Sendable {
    /// Brackets by notional or by size.
    case brackets(BracketSchedule)
    /// A rate that rises linearly with size (Deribit futures and perpetuals).
    case affine(AffineSchedule)
    /// An initial rate that rises with open interest; maintenance is a fraction of the base (dYdX).
    case openInterest(OpenInterestSchedule)
}

/// An exact margin rate: `numerator ÷ denominator` steps of 10⁻⁸.
///
/// Most rates are decimals (denominator 1). A maintenance rate of half the initial rate at 3×
/// leverage is 1/6, which no decimal holds (Hyperliquid), so it is kept as a quotient.
public struct ExactRate: Hashable, Sendable {
    /// Steps of 10⁻⁸, before the division.
    public var numerator: Int64
    /// The divisor, above zero.
    public var denominator: Int64

    /// A decimal rate.
    public init(_ rate: Rate) {
        numerator = rate.units
        denominator = 1
    }

    /// `1 ÷ (divisor × leverage)`, in lowest terms.
    ///
    /// - Precondition: `divisor` is above zero.
    public init(oneOver divisor: Int64, times leverage: Leverage) {
        precondition(divisor > 0, "Invariant: the divisor \(divisor) is above zero")
        var numerator: Int64 = 10_000_000_000
        var denominator = divisor * leverage.hundredths
        var (a, b) = (numerator, denominator)
        while b != 0 { (a, b) = (b, a % b) }
        numerator /= a
        denominator /= a
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The rate in steps of 10⁻¹⁶, rounded up.
    public var units16: Int128 {
        (Int128(numerator) * PowerOfTen.eight).divided(by: Int128(denominator), rounding: .up)
    }

    /// `money × rate` in steps of 10⁻²⁴, rounded up where the rate is not a decimal.
    ///
    /// - Precondition: `money` is not negative and at most `Limits.money`.
    @inline(__always)
    func of(_ money: Int128) -> Int128 {
        guard denominator != 1 else { return money * Int128(numerator) }
        // The numerator of a leverage in hundredths may be 10¹⁰, and the product beyond 128 bits.
        return money.multiplied(
            by: Int128(numerator),
            dividedBy: Int128(denominator),
            rounding: .up
        ) ?? Int128.max
    }
}

/// One bracket: it holds from its floor, inclusive, to the next bracket's floor.
public struct Bracket: Hashable, Sendable {
    /// Where it starts: steps of 10⁻¹⁶ of notional, or steps of 10⁻⁸ of size, by the schedule's key.
    public var floor: Int128
    /// The maintenance rate.
    public var maintenanceRate: ExactRate
    /// Subtracted from `notional × rate`, in steps of 10⁻²⁴ of the settlement asset.
    public var deduction: Int128
    /// The largest leverage that may be used in the bracket.
    public var maxLeverage: Leverage
    /// The venue's own initial rate, where it is not the reciprocal of a leverage (Kraken).
    public var initialRate: Rate?

    /// A bracket from `floor` up.
    public init(
        floor: Int128,
        maintenanceRate: ExactRate,
        deduction: Int128 = 0,
        maxLeverage: Leverage,
        initialRate: Rate? = nil
    ) {
        self.floor = floor
        self.maintenanceRate = maintenanceRate
        self.deduction = deduction
        self.maxLeverage = maxLeverage
        self.initialRate = initialRate
    }
}

/// Brackets in ascending order of their floors; the first floor is 0.
///
/// Invariant: there is at least one bracket, floors rise strictly from 0.
public struct BracketSchedule: Hashable, Sendable {
    /// What the floors measure.
    public enum Key: UInt8, Hashable, Sendable, CaseIterable {
        /// The notional in the settlement asset: quote currency for linear, coin for inverse payoffs.
        case notional = 0
        /// The magnitude of the quantity.
        case size = 1
    }

    /// What the floors measure.
    public var key: Key
    /// The brackets.
    public let brackets: [Bracket]

    /// A schedule of `brackets`, or `nil` if there are none, too many, or the floors do not rise from 0.
    public init?(key: Key, brackets: [Bracket]) {
        guard let first = brackets.first, first.floor == 0, brackets.count <= Limits.brackets else {
            return nil
        }
        for (lower, upper) in zip(brackets, brackets.dropFirst())
        where upper.floor <= lower.floor {
            return nil
        }
        self.key = key
        self.brackets = brackets
    }

    /// The index of the bracket that holds `amount`: the last whose floor is at or below it.
    @inline(__always)
    func index(of amount: Int128) -> Int {
        var index = 0
        while index + 1 < brackets.count, amount >= brackets[index + 1].floor { index += 1 }
        return index
    }

    /// The deductions that make maintenance continuous across brackets, in steps of 10⁻²⁴.
    ///
    /// `deduction[k] = deduction[k−1] + floor[k] × (rate[k] − rate[k−1])`: Binance's "cum", Bybit's
    /// "mmDeduction" (design: `margin-rules`, 2.1), rounded down: against the account.
    public static func continuousDeductions(
        floors: [Int128],
        rates: [ExactRate]
    ) -> [Int128] {
        var deductions: [Int128] = []
        for (index, (floor, rate)) in zip(floors, rates).enumerated() {
            guard index > 0 else {
                deductions.append(0)
                continue
            }
            let before = rates[index - 1]
            let numerator =
                Int128(rate.numerator) * Int128(before.denominator)
                - Int128(before.numerator) * Int128(rate.denominator)
            let denominator = Int128(rate.denominator) * Int128(before.denominator)
            let step =
                floor.multiplied(by: numerator, dividedBy: denominator, rounding: .down)
                ?? Limits.money
            deductions.append(deductions[index - 1] + step)
        }
        return deductions
    }
}

/// `rate = base + slope × |quantity in base units|`: no brackets, margin is quadratic in size.
public struct AffineSchedule: Hashable, Sendable {
    /// The initial rate at size 0.
    public var initialBase: Rate
    /// Added to the initial rate per unit of the base, in steps of 10⁻¹⁶.
    public var initialSlope: Int64
    /// The maintenance rate at size 0.
    public var maintenanceBase: Rate
    /// Added to the maintenance rate per unit of the base, in steps of 10⁻¹⁶.
    public var maintenanceSlope: Int64

    /// An affine schedule.
    public init(
        initialBase: Rate,
        initialSlope: Int64,
        maintenanceBase: Rate,
        maintenanceSlope: Int64
    ) {
        self.initialBase = initialBase
        self.initialSlope = initialSlope
        self.maintenanceBase = maintenanceBase
        self.maintenanceSlope = maintenanceSlope
    }
}

/// dYdX v4: the initial rate rises linearly from `initialRate` to 100 % while the open interest's
/// notional goes from `lower` to `upper`; maintenance is a fraction of the *base* initial margin.
public struct OpenInterestSchedule: Hashable, Sendable {
    /// The base initial rate.
    public var initialRate: Rate
    /// Maintenance as a fraction of the base initial margin.
    public var maintenanceFraction: Rate
    /// Open interest in the quote currency where the rate starts to rise; `nil`: it never does.
    public var lower: Money?
    /// Open interest in the quote currency where the rate reaches 100 %.
    public var upper: Money?

    /// An open-interest schedule.
    public init(
        initialRate: Rate,
        maintenanceFraction: Rate,
        lower: Money? = nil,
        upper: Money? = nil
    ) {
        self.initialRate = initialRate
        self.maintenanceFraction = maintenanceFraction
        self.lower = lower
        self.upper = upper
    }
}
