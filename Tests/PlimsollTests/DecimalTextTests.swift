import BigInt
import PlimsollUnits
import TestSupport
import Testing

@Suite struct `Decimal text` {
    @Test(arguments: [
        ("12", 8, Int128(1_200_000_000)), ("-0.5", 8, -50_000_000), ("+3.25", 2, 325),
        (".5", 1, 5), ("7.", 0, 7), ("1e-8", 8, 1), ("2.5E3", 0, 2_500), ("0.000", 0, 0),
        ("-0", 8, 0), ("0e9999", 0, 0), ("1.50000000000000000000000", 1, 15),
        ("170141183460469231731687303715884105727", 0, Int128.max),
        ("100e-2", 0, 1), ("00012", 0, 12),
    ])
    func `is read exactly`(text: String, scale: Int, expected: Int128) throws {
        #expect(try DecimalText.units(text, scale: scale) == expected)
    }

    @Test(arguments: [
        "", "-", "+", ".", "1.2.3", "NaN", "inf", "1_000", " 1", "1 ", "1e", "1e+", "e5", "0x10",
        "1,5", "--1", "1e99999", "١",
    ])
    func `is refused when it is not a number`(text: String) {
        #expect(throws: DecimalText.Failure.notANumber) { try DecimalText.units(text, scale: 8) }
    }

    @Test(arguments: [
        ("0.123456789", 8, DecimalText.Failure.tooPrecise(scale: 8)),
        ("1e-9", 8, .tooPrecise(scale: 8)),
        ("170141183460469231731687303715884105728", 0, .tooLarge),
        ("1e39", 0, .tooLarge), ("1e31", 8, .tooLarge),
        (String(repeating: "9", count: 129), 0, .tooLong(length: 129, limit: 128)),
    ])
    func `is refused rather than rounded`(
        text: String,
        scale: Int,
        failure: DecimalText.Failure
    ) {
        #expect(throws: failure) { try DecimalText.units(text, scale: scale) }
    }

    @Test(arguments: Seeds.of(200))
    func `written and read again is the same number`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<20 {
            var number = random.wide()
            if number == Int128.min { number += 1 }
            let scale = Int(random.int(0...24))
            let text = DecimalText.string(number, scale: scale)
            #expect(try DecimalText.units(text, scale: scale) == number)
            #expect(!text.contains("e") && !(text.contains(".") && text.hasSuffix("0")))
        }
    }

    @Test func `keeps the zeros that are asked for`() {
        #expect(DecimalText.string(150, scale: 2, minimum: 2) == "1.50")
        #expect(DecimalText.string(-5, scale: 8) == "-0.00000005")
        #expect(DecimalText.string(0, scale: 8) == "0")
        // The one number without a positive twin is written, and is too large to be read.
        let least = DecimalText.string(Int128.min, scale: 0)
        #expect(least == "\(Int128.min)")
        #expect(throws: DecimalText.Failure.tooLarge) { try DecimalText.units(least, scale: 0) }
    }
}

@Suite struct `A rounded quotient` {
    /// The quotient by the book: floor division in integers of any size, then the mode's choice.
    private static func quotient(_ dividend: BigInt, _ divisor: BigInt, _ mode: Rounding) -> BigInt
    {
        let (top, bottom) = divisor < 0 ? (-dividend, -divisor) : (dividend, divisor)
        var (floor, rest) = top.quotientAndRemainder(dividingBy: bottom)
        if rest < 0 { (floor, rest) = (floor - 1, rest + bottom) }
        if rest == 0 { return floor }
        let isNegative = floor < 0
        switch mode {
        case .down: return floor
        case .up: return floor + 1
        case .towardZero: return isNegative ? floor + 1 : floor
        case .awayFromZero: return isNegative ? floor : floor + 1
        case .halfUp, .halfEven:
            if rest * 2 != bottom { return rest * 2 > bottom ? floor + 1 : floor }
            if mode == .halfUp { return isNegative ? floor : floor + 1 }
            return floor % 2 == 0 ? floor : floor + 1
        }
    }

    @Test(arguments: Rounding.allCases, Seeds.of(40))
    func `agrees with integers of any size`(mode: Rounding, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<20 {
            let dividend = random.wide()
            var divisor = random.wide()
            if divisor == 0 || (dividend == Int128.min && divisor == -1) { divisor = 2 }
            let exact = Self.quotient(BigInt(dividend), BigInt(divisor), mode)
            let own = dividend.divided(by: divisor, rounding: mode)
            #expect(BigInt(own) == exact, "\(dividend) ÷ \(divisor)")
        }
    }

    @Test(arguments: Rounding.allCases, Seeds.of(40))
    func `of a product agrees, or does not fit`(mode: Rounding, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<20 {
            let (number, factor) = (random.wide(), random.wide())
            let divisor = Int128(max(1, min(random.wide().magnitude, UInt128(Int128.max))))
            let exact = Self.quotient(BigInt(number) * BigInt(factor), BigInt(divisor), mode)
            let own = number.multiplied(by: factor, dividedBy: divisor, rounding: mode)
            let fits = exact.magnitude <= BigUInt(UInt128(Int128.max))
            #expect(
                own.map { BigInt($0) } == (fits ? exact : nil),
                "\(number) × \(factor) ÷ \(divisor)"
            )
        }
    }

    @Test(arguments: [
        (Rounding.down, Int128(-3), Int128(-2)), (.up, -2, -1), (.towardZero, -2, -1),
        (.awayFromZero, -3, -2), (.halfUp, -3, -2), (.halfEven, -2, -2),
    ])
    func `of −2.5 and −1.5 goes by the mode's name`(mode: Rounding, first: Int128, second: Int128) {
        #expect(Int128(-5).divided(by: 2, rounding: mode) == first)
        #expect(Int128(-3).divided(by: 2, rounding: mode) == second)
    }
}

@Suite struct `The limits of numbers` {
    @Test func `admit the largest and refuse the next`() {
        #expect(throws: Never.self) { try Price(units: Limits.price) }
        #expect(throws: UnitError.self) { try Price(units: Limits.price + 1) }
        #expect(throws: UnitError.notPositive("0")) { try Price(units: 0) }
        #expect(throws: UnitError.notPositive("-0.00000001")) { try Price(units: -1) }
        #expect(throws: Never.self) { try Quantity(units: -Limits.quantity) }
        #expect(throws: UnitError.self) { try Quantity(units: Int64.min) }
        #expect(throws: UnitError.self) { try Rate(units: Limits.rate + 1) }
        #expect(throws: UnitError.self) { try FundingRate(units: -Limits.fundingRate - 1) }
        #expect(throws: UnitError.self) { try Leverage(hundredths: 0) }
        #expect(throws: UnitError.self) { try Leverage(hundredths: Limits.leverage + 1) }
    }

    @Test func `leave room for every product`() throws {
        let value = try Quantity(units: Limits.quantity).value(at: Price(units: Limits.price))
        #expect(value.units == Int128(Limits.quantity) * Int128(Limits.price))
        // 10¹³ at 10⁻²⁴ fits, as the limits promise.
        #expect(!Limits.money.multipliedReportingOverflow(by: PowerOfTen.eight).overflow)
    }
}

extension SplitMix64 {
    /// A number of any width up to 128 bits, often extreme.
    mutating func wide() -> Int128 {
        if chance(6) {
            return pick([0, 1, -1, Int128.max, Int128.min, 1 << 64, -(1 << 64), 1 << 63])
        }
        let number = Int128(bitPattern: UInt128(next()) << 64 | UInt128(next()))
        return number >> Int128(int(0...126))
    }
}
