/// Why a number cannot become a unit.
public enum UnitError: Error, Hashable, Sendable {
    /// The value must be above zero.
    case notPositive(String)
    /// The value is beyond the limit of its unit; both as decimal text.
    case aboveLimit(String, limit: String)
}

/// A price in the quote currency of its instrument, in steps of 10⁻⁸.
///
/// Invariant: `0 < units <= Limits.price`. A missing price is `nil`, never zero.
///
/// | operation | result | note |
/// | --- | --- | --- |
/// | `price < price` | `Bool` | prices of one instrument only |
/// | `quantity.value(at: price)` | `Money` | exact |
public struct Price: Hashable, Comparable, Sendable {
    /// Steps of 10⁻⁸.
    public let units: Int64

    /// A price of `units` steps of 10⁻⁸; refused when not positive or beyond the limit.
    public init(units: Int64) throws(UnitError) {
        guard units > 0 else {
            throw .notPositive(DecimalText.string(Int128(units), scale: 8))
        }
        guard units <= Limits.price else {
            throw .aboveLimit(
                DecimalText.string(Int128(units), scale: 8),
                limit: DecimalText.string(Int128(Limits.price), scale: 8)
            )
        }
        self.units = units
    }

    /// A price that is known to hold the invariant, such as a trial price of a solver.
    package init(unchecked units: Int64) {
        self.units = units
    }

    /// The largest price that is held.
    public static let max = Price(unchecked: Limits.price)

    /// In ascending order.
    public static func < (lhs: Price, rhs: Price) -> Bool { lhs.units < rhs.units }
}

/// A price that was solved for or averaged, in steps of 10⁻¹⁶: liquidation, bankruptcy, entry.
public struct SolvedPrice: Hashable, Comparable, Sendable {
    /// Steps of 10⁻¹⁶.
    public let units: Int128

    /// A solved price of `units` steps of 10⁻¹⁶.
    public init(units: Int128) { self.units = units }

    /// The same price at the finer scale.
    public init(_ price: Price) { units = Int128(price.units) * PowerOfTen.eight }

    /// In ascending order.
    public static func < (lhs: SolvedPrice, rhs: SolvedPrice) -> Bool { lhs.units < rhs.units }
}

/// A signed size in steps of 10⁻⁸: long is positive, short is negative.
///
/// Units of the underlying for linear payoffs, of the quote currency for inverse ones, and of
/// settlement asset per point for quanto ones.
///
/// Invariant: `|units| <= Limits.quantity`.
public struct Quantity: Hashable, Comparable, Sendable {
    /// Steps of 10⁻⁸.
    public let units: Int64

    /// A quantity of `units` steps of 10⁻⁸; refused beyond the limit.
    public init(units: Int64) throws(UnitError) {
        guard units.magnitude <= UInt64(Limits.quantity) else {
            throw .aboveLimit(
                DecimalText.string(Int128(units), scale: 8),
                limit: DecimalText.string(Int128(Limits.quantity), scale: 8)
            )
        }
        self.units = units
    }

    /// A quantity that is known to hold the invariant.
    package init(unchecked units: Int64) {
        self.units = units
    }

    /// Nothing.
    public static let zero = Quantity(unchecked: 0)

    /// The largest quantity that is held.
    public static let max = Quantity(unchecked: Limits.quantity)

    /// `self × price`, exactly: the signed value of a linear position.
    public func value(at price: Price) -> Money {
        Money(units: Int128(units) * Int128(price.units))
    }

    /// In ascending order.
    public static func < (lhs: Quantity, rhs: Quantity) -> Bool { lhs.units < rhs.units }
    /// The opposite.
    public static prefix func - (value: Quantity) -> Quantity { Quantity(unchecked: -value.units) }
}

/// An amount of one asset, in steps of 10⁻¹⁶.
///
/// Sums are exact. Two assets meet only where collateral is valued.
public struct Money: Hashable, Comparable, Sendable {
    /// Steps of 10⁻¹⁶.
    public var units: Int128

    /// An amount of `units` steps of 10⁻¹⁶.
    public init(units: Int128) { self.units = units }

    /// Nothing.
    public static let zero = Money(units: 0)

    /// In ascending order.
    public static func < (lhs: Money, rhs: Money) -> Bool { lhs.units < rhs.units }
    /// The exact sum of two amounts of one asset.
    public static func + (lhs: Money, rhs: Money) -> Money { Money(units: lhs.units + rhs.units) }
    /// The exact difference of two amounts of one asset.
    public static func - (lhs: Money, rhs: Money) -> Money { Money(units: lhs.units - rhs.units) }
    /// The opposite.
    public static prefix func - (value: Money) -> Money { Money(units: -value.units) }
    /// Adds an amount of the same asset.
    public static func += (lhs: inout Money, rhs: Money) { lhs.units += rhs.units }
    /// Takes an amount of the same asset off.
    public static func -= (lhs: inout Money, rhs: Money) { lhs.units -= rhs.units }

    /// The amount without its sign.
    public var magnitude: Money { units < 0 ? Money(units: -units) : self }
}

/// A margin rate, fee rate or haircut, in steps of 10⁻⁸: 1 % is 1,000,000.
public struct Rate: Hashable, Comparable, Sendable {
    /// Steps of 10⁻⁸.
    public let units: Int64

    /// A rate of `units` steps of 10⁻⁸; refused beyond the limit.
    public init(units: Int64) throws(UnitError) {
        guard units.magnitude <= UInt64(Limits.rate) else {
            throw .aboveLimit(
                DecimalText.string(Int128(units), scale: 8),
                limit: DecimalText.string(Int128(Limits.rate), scale: 8)
            )
        }
        self.units = units
    }

    /// A rate that is known to hold the limit, such as a constant of the program.
    package init(unchecked units: Int64) {
        self.units = units
    }

    /// 0 %.
    public static let zero = Rate(unchecked: 0)
    /// 50 %.
    public static let half = Rate(unchecked: 50_000_000)
    /// 2 %.
    public static let fiftieth = Rate(unchecked: 2_000_000)
    /// 80 %.
    public static let fourFifths = Rate(unchecked: 80_000_000)
    /// 100 %.
    public static let one = Rate(unchecked: 100_000_000)

    /// In ascending order.
    public static func < (lhs: Rate, rhs: Rate) -> Bool { lhs.units < rhs.units }
}

/// The funding rate of one interval, in steps of 10⁻¹⁶; positive: longs pay shorts.
public struct FundingRate: Hashable, Sendable {
    /// Steps of 10⁻¹⁶.
    public let units: Int64

    /// A funding rate of `units` steps of 10⁻¹⁶; refused beyond the limit.
    public init(units: Int64) throws(UnitError) {
        guard units.magnitude <= UInt64(Limits.fundingRate) else {
            throw .aboveLimit(
                DecimalText.string(Int128(units), scale: 16),
                limit: DecimalText.string(Int128(Limits.fundingRate), scale: 16)
            )
        }
        self.units = units
    }

    /// A funding rate that is known to hold the limit.
    package init(unchecked units: Int64) { self.units = units }

    /// Nothing is paid.
    public static let zero = FundingRate(unchecked: 0)
}

/// A leverage in hundredths; it is a divisor: a notional at 12.5× needs notional ÷ 12.5.
public struct Leverage: Hashable, Comparable, Sendable {
    /// Hundredths: 10× is 1,000.
    public let hundredths: Int64

    /// A leverage of `hundredths`; refused when not positive or beyond the limit.
    public init(hundredths: Int64) throws(UnitError) {
        guard hundredths > 0 else {
            throw .notPositive(DecimalText.string(Int128(hundredths), scale: 2))
        }
        guard hundredths <= Limits.leverage else {
            throw .aboveLimit(
                DecimalText.string(Int128(hundredths), scale: 2),
                limit: DecimalText.string(Int128(Limits.leverage), scale: 2)
            )
        }
        self.hundredths = hundredths
    }

    /// A leverage that is known to hold the invariant.
    package init(unchecked hundredths: Int64) {
        self.hundredths = hundredths
    }

    /// 20×, what an account has that has chosen nothing.
    public static let twenty = Leverage(unchecked: 2_000)

    /// In ascending order.
    public static func < (lhs: Leverage, rhs: Leverage) -> Bool {
        lhs.hundredths < rhs.hundredths
    }
}

/// A moment in nanoseconds since 1970-01-01 UTC, always given from outside.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since 1970-01-01 UTC.
    public let nanoseconds: Int64

    /// A moment `nanoseconds` after 1970-01-01 UTC.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// 1970-01-01 UTC, the clock of an engine that has seen no event.
    public static let zero = Timestamp(nanoseconds: 0)

    /// In ascending order.
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }
}
