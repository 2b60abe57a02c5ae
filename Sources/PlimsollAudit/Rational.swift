public import BigInt

/// A quotient of two integers of any size: nothing that is computed with it ever rounds.
public struct Rational: Hashable, Comparable, Sendable {
    /// The dividend.
    public let numerator: BigInt
    /// The divisor, above zero.
    ///
    /// Not always in lowest terms.
    public let denominator: BigInt

    /// `numerator ÷ denominator`.
    ///
    /// - Precondition: `denominator` is not zero.
    public init(_ numerator: BigInt, _ denominator: BigInt) {
        precondition(denominator != 0, "Invariant: a divisor is not zero")
        var (top, bottom) = denominator < 0 ? (-numerator, -denominator) : (numerator, denominator)
        if bottom.bitWidth > 256 {
            let divisor = top.greatestCommonDivisor(with: bottom)
            (top, bottom) = (top / divisor, bottom / divisor)
        }
        self.numerator = top
        self.denominator = bottom
    }

    /// A whole number.
    public init(_ value: some BinaryInteger) { self.init(BigInt(value), 1) }

    /// `units` steps of 10 to the minus `scale`.
    public init(_ units: some BinaryInteger, scale: Int) {
        self.init(BigInt(units), Self.powers[scale])
    }

    /// A whole number that is one already.
    public init(_ value: BigInt) { self.init(value, 1) }

    /// `units` steps, as above, without converting what is a whole number already.
    public init(_ units: BigInt, scale: Int) { self.init(units, Self.powers[scale]) }

    /// 10⁰ to 10⁴⁰: all scales there are.
    private static let powers = (0...40).map { BigInt(10).power($0) }

    /// Nothing.
    public static let zero = Rational(0, 1)
    /// One.
    public static let one = Rational(1, 1)

    /// It is zero.
    public var isZero: Bool { numerator == 0 }
    /// Without its sign.
    public var magnitude: Rational { numerator < 0 ? -self : self }

    /// In steps of 10 to the minus `scale`, toward minus infinity.
    public func floor(scale: Int) -> BigInt {
        let (quotient, remainder) = (numerator * Self.powers[scale])
            .quotientAndRemainder(dividingBy: denominator)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// In steps of 10 to the minus `scale`, toward plus infinity.
    public func ceiling(scale: Int) -> BigInt { -(-self).floor(scale: scale) }

    /// The two are the same number.
    public static func == (lhs: Rational, rhs: Rational) -> Bool {
        lhs.numerator * rhs.denominator == rhs.numerator * lhs.denominator
    }

    /// Equal numbers hash alike, whatever their terms.
    public func hash(into hasher: inout Hasher) {
        let divisor = numerator.greatestCommonDivisor(with: denominator)
        hasher.combine(numerator / divisor)
        hasher.combine(denominator / divisor)
    }

    /// `lhs` is the smaller.
    public static func < (lhs: Rational, rhs: Rational) -> Bool {
        if lhs.denominator == rhs.denominator { return lhs.numerator < rhs.numerator }
        return lhs.numerator * rhs.denominator < rhs.numerator * lhs.denominator
    }

    /// The sum.
    public static func + (lhs: Rational, rhs: Rational) -> Rational {
        if lhs.denominator == rhs.denominator {
            return Rational(lhs.numerator + rhs.numerator, lhs.denominator)
        }
        return Rational(
            lhs.numerator * rhs.denominator + rhs.numerator * lhs.denominator,
            lhs.denominator * rhs.denominator
        )
    }

    /// The number with the other sign.
    public static prefix func - (value: Rational) -> Rational {
        Rational(-value.numerator, value.denominator)
    }

    /// The difference.
    public static func - (lhs: Rational, rhs: Rational) -> Rational { lhs + -rhs }

    /// The product.
    public static func * (lhs: Rational, rhs: Rational) -> Rational {
        Rational(lhs.numerator * rhs.numerator, lhs.denominator * rhs.denominator)
    }

    /// The quotient; `rhs` is not zero.
    public static func / (lhs: Rational, rhs: Rational) -> Rational {
        Rational(lhs.numerator * rhs.denominator, lhs.denominator * rhs.numerator)
    }

    /// Adds `rhs`.
    public static func += (lhs: inout Rational, rhs: Rational) { lhs = lhs + rhs }
}

extension Rational: CustomStringConvertible {
    /// The decimal text, cut to 26 digits.
    public var description: String {
        let units = floor(scale: 26)
        let digits = String(units.magnitude)
        let padded = String(repeating: "0", count: max(0, 27 - digits.count)) + digits
        return (units < 0 ? "-" : "") + padded.dropLast(26) + "." + padded.suffix(26)
    }
}
