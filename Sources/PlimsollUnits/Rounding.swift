/// How a division or a change of scale treats what does not fit.
///
/// Swift's own `/` truncates toward zero; the engine never relies on that and names a mode instead.
public enum Rounding: String, Sendable, Hashable, CaseIterable {
    /// Toward minus infinity.
    case down
    /// Toward plus infinity.
    case up
    /// Toward zero: digits are cut off.
    case towardZero = "toward-zero"
    /// Away from zero.
    case awayFromZero = "away-from-zero"
    /// To the nearest; a half goes away from zero.
    case halfUp = "half-up"
    /// To the nearest; a half goes to the even neighbour.
    case halfEven = "half-even"

    /// Whether a quotient that was truncated toward zero must move one unit away from zero.
    ///
    /// `negative`: the exact quotient is below zero; `half`: how the remainder compares with half the
    /// divisor, as −1, 0 or 1; `odd`: the truncated quotient is odd.
    @usableFromInline
    func movesAway(negative: Bool, half: Int, odd: Bool) -> Bool {
        switch self {
        case .down: negative
        case .up: !negative
        case .towardZero: false
        case .awayFromZero: true
        case .halfUp: half >= 0
        case .halfEven: half > 0 || (half == 0 && odd)
        }
    }
}

extension Int128 {
    /// The quotient of `self` and `divisor`, rounded as asked.
    ///
    /// - Precondition: `divisor` is not zero, and the quotient fits.
    public func divided(by divisor: Int128, rounding: Rounding) -> Int128 {
        let (quotient, remainder) = quotientAndRemainder(by: divisor)
        if remainder == 0 { return quotient }
        let negative = (remainder < 0) != (divisor < 0)
        let magnitude = remainder.magnitude
        let rest = divisor.magnitude - magnitude
        let half = magnitude == rest ? 0 : (magnitude > rest ? 1 : -1)
        let away = rounding.movesAway(
            negative: negative,
            half: half,
            odd: quotient & 1 == 1
        )
        if !away { return quotient }
        return negative ? quotient - 1 : quotient + 1
    }

    /// Quotient and remainder, truncated toward zero; by machine divisions where the divisor is of one word,
    /// as nearly all are.
    @inline(__always)
    private func quotientAndRemainder(
        by divisor: Int128
    ) -> (quotient: Int128, remainder: Int128) {
        guard divisor > 0, divisor <= Int128(Int64.max) else {
            return quotientAndRemainder(dividingBy: divisor)
        }
        let word = UInt64(truncatingIfNeeded: divisor)
        let size = magnitude
        var high = UInt64(truncatingIfNeeded: size &>> 64)
        var upper: UInt64 = 0
        if high >= word { (upper, high) = high.quotientAndRemainder(dividingBy: word) }
        let (lower, rest) = word.dividingFullWidth((high, UInt64(truncatingIfNeeded: size)))
        let quotient = Int128(truncatingIfNeeded: UInt128(upper) &<< 64 | UInt128(lower))
        return self < 0 ? (0 &- quotient, 0 &- Int128(rest)) : (quotient, Int128(rest))
    }

    /// `self × factor ÷ divisor` with a 256-bit product, rounded as asked; `nil` if it does not fit.
    ///
    /// - Precondition: `divisor` is above zero.
    public func multiplied(
        by factor: Int128,
        dividedBy divisor: Int128,
        rounding: Rounding
    ) -> Int128? {
        precondition(divisor > 0, "Invariant: the divisor \(divisor) is above zero")
        let product = magnitude.multipliedFullWidth(by: factor.magnitude)
        let negative = (self < 0) != (factor < 0) && (product.high != 0 || product.low != 0)
        // The quotient fits 127 bits only if the high half is below half the divisor.
        guard product.high < divisor.magnitude else { return nil }
        let (quotient, remainder) = divisor.magnitude.dividingFullWidth(product)
        var units = quotient
        if remainder != 0 {
            let rest = divisor.magnitude - remainder
            let half = remainder == rest ? 0 : (remainder > rest ? 1 : -1)
            if rounding.movesAway(negative: negative, half: half, odd: quotient & 1 == 1) {
                guard units < UInt128.max else { return nil }
                units += 1
            }
        }
        guard units <= UInt128(Int128.max) else { return nil }
        return negative ? -Int128(units) : Int128(units)
    }
}

/// Powers of ten that the units are built from.
public enum PowerOfTen {
    /// 10⁸.
    public static let eight: Int128 = 100_000_000
    /// 10¹⁶.
    public static let sixteen: Int128 = 10_000_000_000_000_000
    /// 10²⁴.
    public static let twentyFour: Int128 = 1_000_000_000_000_000_000_000_000

    /// 10 to the `exponent`.
    ///
    /// - Precondition: `exponent` is from 0 to 38.
    public static func of(_ exponent: Int) -> Int128 {
        precondition((0...38).contains(exponent), "Invariant: 10^\(exponent) fits 128 bits")
        var result: Int128 = 1
        for _ in 0..<exponent { result *= 10 }
        return result
    }
}
