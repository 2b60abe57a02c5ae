/// Decimal text to exact fixed-point integers and back; no binary fraction is ever involved.
public enum DecimalText {
    /// Why a text is not a decimal number of the wanted scale.
    public enum Failure: Error, Hashable, Sendable {
        /// Nothing, or something other than an optional sign, digits, one point and an exponent.
        case notANumber
        /// More digits behind the point than the unit holds, and they are not zero.
        case tooPrecise(scale: Int)
        /// Larger than 128 bits at the wanted scale.
        case tooLarge
        /// More characters than any number of the engine needs.
        case tooLong(length: Int, limit: Int)
    }

    /// Longest text that is looked at.
    public static let lengthLimit = 128

    /// The number in `text`, in steps of 10 to the minus `scale`, exactly.
    ///
    /// Accepts `12`, `-0.5`, `+3.25`, `.5`, `7.`, `1e-8` and `2.5E3`. Refuses digits that do not fit,
    /// rather than rounding them, `NaN`, infinities, underscores and blanks.
    public static func units(_ text: some StringProtocol, scale: Int) throws(Failure) -> Int128 {
        try units(utf8: text.utf8, scale: scale)
    }

    /// The same for text that is at hand as bytes of UTF-8.
    public static func units(
        utf8 bytes: some Collection<UInt8>,
        scale: Int
    ) throws(Failure) -> Int128 {
        let length = bytes.count
        guard length <= lengthLimit else {
            throw .tooLong(length: length, limit: lengthLimit)
        }
        let parsed = try parse(bytes)
        guard parsed.significand != 0 else { return 0 }
        let shift = scale - parsed.fraction + parsed.exponent
        let magnitude = try scaled(parsed.significand, by: shift, scale: scale)
        return parsed.negative ? -magnitude : magnitude
    }

    private struct Parsed {
        var negative = false
        var significand: Int128 = 0
        /// Digits behind the point that are in the significand.
        var fraction = 0
        var exponent = 0
    }

    private static func parse(_ bytes: some Collection<UInt8>) throws(Failure) -> Parsed {
        var parsed = Parsed()
        var digits = 0
        var seenPoint = false
        var zeros = 0  // trailing zeros behind the point, not yet in the significand
        var rest = bytes[...]
        if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            parsed.negative = first == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), !seenPoint {
                seenPoint = true
            } else if let digit = digitValue(byte) {
                digits += 1
                if seenPoint, digit == 0 {
                    zeros += 1
                } else {
                    for _ in 0..<zeros { parsed.significand = try appended(parsed.significand, 0) }
                    parsed.significand = try appended(parsed.significand, digit)
                    parsed.fraction += seenPoint ? zeros + 1 : 0
                    zeros = 0
                }
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        guard digits > 0 else { throw .notANumber }
        if let byte = rest.first {
            guard byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") else { throw .notANumber }
            parsed.exponent = try exponent(rest.dropFirst())
        }
        return parsed
    }

    private static func digitValue(_ byte: UInt8) -> Int128? {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        return Int128(byte - UInt8(ascii: "0"))
    }

    private static func appended(_ value: Int128, _ digit: Int128) throws(Failure) -> Int128 {
        let (ten, overflow) = value.multipliedReportingOverflow(by: 10)
        guard !overflow else { throw .tooLarge }
        let (sum, carry) = ten.addingReportingOverflow(digit)
        guard !carry else { throw .tooLarge }
        return sum
    }

    private static func exponent(_ bytes: some Collection<UInt8>) throws(Failure) -> Int {
        var rest = bytes[...]
        var negative = false
        if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            negative = first == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        guard !rest.isEmpty, rest.count <= 4 else { throw .notANumber }
        var value = 0
        for byte in rest {
            guard let digit = digitValue(byte) else { throw .notANumber }
            value = value * 10 + Int(digit)
        }
        return negative ? -value : value
    }

    private static func scaled(
        _ significand: Int128,
        by shift: Int,
        scale: Int
    ) throws(Failure) -> Int128 {
        var value = significand
        if shift >= 0 {
            guard shift <= 38 else { throw .tooLarge }
            for _ in 0..<shift {
                let (ten, overflow) = value.multipliedReportingOverflow(by: 10)
                guard !overflow else { throw .tooLarge }
                value = ten
            }
            return value
        }
        for _ in 0..<(-shift) {
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { throw .tooPrecise(scale: scale) }
            value = quotient
        }
        return value
    }

    /// The decimal text of `units` steps of 10 to the minus `scale`: no exponent, no trailing zeros.
    ///
    /// `minimum` digits behind the point are kept even if they are zero.
    public static func string(_ units: Int128, scale: Int, minimum: Int = 0) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(44)
        var rest = units.magnitude
        while rest > UInt128(UInt64.max) {
            let (quotient, remainder) = rest.quotientAndRemainder(
                dividingBy: 10_000_000_000_000_000_000
            )
            appendReversed(UInt64(remainder), width: 19, to: &digits)
            rest = quotient
        }
        appendReversed(UInt64(rest), width: 1, to: &digits)
        while digits.count <= scale { digits.append(UInt8(ascii: "0")) }

        var skipped = 0
        while skipped < scale - minimum, digits[skipped] == UInt8(ascii: "0") { skipped += 1 }
        var text: [UInt8] = []
        text.reserveCapacity(digits.count + 2)
        if units < 0 { text.append(UInt8(ascii: "-")) }
        text.append(contentsOf: digits[scale...].reversed())
        if skipped < scale {
            text.append(UInt8(ascii: "."))
            text.append(contentsOf: digits[skipped..<scale].reversed())
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the digits of `value`, the last first, padded with zeros to `width`.
    private static func appendReversed(_ value: UInt64, width: Int, to digits: inout [UInt8]) {
        var rest = value
        var written = 0
        while rest > 0 || written < width {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            digits.append(UInt8(ascii: "0") + UInt8(remainder))
            rest = quotient
            written += 1
        }
    }
}

extension Money: CustomStringConvertible {
    /// Decimal text without exponent.
    public var description: String { DecimalText.string(units, scale: 16) }
}

extension Price: CustomStringConvertible {
    /// Decimal text without exponent.
    public var description: String { DecimalText.string(Int128(units), scale: 8) }
}

extension SolvedPrice: CustomStringConvertible {
    /// Decimal text without exponent.
    public var description: String { DecimalText.string(units, scale: 16) }
}

extension Quantity: CustomStringConvertible {
    /// Decimal text without exponent.
    public var description: String { DecimalText.string(Int128(units), scale: 8) }
}

extension Rate: CustomStringConvertible {
    /// Decimal text without exponent: 0.004 is 0.4 %.
    public var description: String { DecimalText.string(Int128(units), scale: 8) }
}

extension FundingRate: CustomStringConvertible {
    /// Decimal text without exponent.
    public var description: String { DecimalText.string(Int128(units), scale: 16) }
}

extension Leverage: CustomStringConvertible {
    /// Decimal text without exponent.
    public var description: String { DecimalText.string(Int128(hundredths), scale: 2) }
}
