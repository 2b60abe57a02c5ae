package import PlimsollUnits

/// Numbers as people read them: thousands separated, a true minus, a fixed number of digits.
///
/// Only for text; JSON has the exact values.
package enum NumberText {
    /// Sign of a negative number.
    package static let minus = "\u{2212}"

    /// `units` in steps of 10 to the minus `scale`, rounded to `digits` behind the point.
    package static func decimal(
        _ units: Int128,
        scale: Int,
        digits: Int,
        signed: Bool = false,
        rounding: Rounding = .halfUp
    ) -> String {
        let kept = min(digits, scale)
        let rounded = units.divided(by: PowerOfTen.of(scale - kept), rounding: rounding)
        let text = DecimalText.string(
            rounded < 0 ? -rounded : rounded,
            scale: kept,
            minimum: kept
        )
        let sign = rounded < 0 ? minus : signed && rounded > 0 ? "+" : ""
        return sign + grouped(text)
    }

    /// An amount with `digits` behind the point.
    package static func money(_ money: Money, digits: Int = 2, signed: Bool = false) -> String {
        decimal(money.units, scale: 16, digits: digits, signed: signed)
    }

    /// A solved price with `digits` behind the point.
    package static func price(_ price: SolvedPrice, digits: Int) -> String {
        decimal(price.units, scale: 16, digits: digits)
    }

    /// A ratio in 10⁻¹⁶ as per cent with two digits; cut off, so that 100 % is never shown early.
    package static func percent(_ ratio: SolvedPrice, digits: Int = 2) -> String {
        decimal(ratio.units, scale: 14, digits: digits, rounding: .down) + " %"
    }

    /// A signed ratio in 10⁻¹⁶ as per cent with one digit; beyond tenfold the sign is enough.
    package static func change(_ ratio: Int128) -> String {
        if ratio > 10 * PowerOfTen.sixteen { return "> +1,000 %" }
        return decimal(ratio, scale: 14, digits: 1, signed: true) + " %"
    }

    /// All digits of decimal text, with thousands separated.
    package static func exact(_ text: String) -> String {
        text.hasPrefix("-") ? minus + grouped(String(text.dropFirst())) : grouped(text)
    }

    /// Decimal text with thousands separated; the fraction is left as it is.
    private static func grouped(_ text: String) -> String {
        let whole = text.prefix { $0 != "." }
        var result = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return result + text.dropFirst(whole.count)
    }

    /// `text` with thousands separated in every number of it.
    package static func groupedRuns(_ text: String) -> String {
        var result = ""
        var run = ""
        var isFraction = false
        for character in text + " " {
            if character.isASCII, character.isNumber {
                run.append(character)
                continue
            }
            result += isFraction ? run : grouped(run)
            isFraction = character == "." && !run.isEmpty
            run = ""
            result.append(character)
        }
        return String(result.dropLast())
    }

    /// A whole number with thousands separated.
    package static func count(_ value: Int) -> String { grouped(String(value)) }

    /// `1 event`, `2 events`.
    package static func times(_ value: Int, _ noun: String) -> String {
        "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
    }
}

extension Price {
    /// Digits behind the point that are not zero.
    package var digits: Int {
        let text = description
        guard let point = text.firstIndex(of: ".") else { return 0 }
        return text.distance(from: point, to: text.endIndex) - 1
    }

    /// Digits with which prices beside this one are shown.
    package var shownDigits: Int {
        if units < 1_000_000 { return 8 }
        return Swift.max(digits, units < 1_000_000_000 ? 4 : 2)
    }
}

/// Digits behind the point with which amounts of an asset are shown.
package enum AssetDigits {
    /// Two for currencies of about a dollar, eight for coins.
    package static func of(_ asset: String) -> Int {
        asset.contains("USD") || ["EUR", "DAI"].contains(asset) ? 2 : 8
    }
}
