public import PlimsollUnits

// Scalars: each reads the value itself; the forms with a key read a required field.
extension NodeReader {
    /// Latest and earliest moment that fits 64 bits of nanoseconds, in milliseconds.
    public static let millisecondsLimit: Int64 = 9_200_000_000_000

    /// The scalar as it was written.
    public func scalar() throws(InputFault) -> String {
        guard case .scalar(let text, _) = node.content else {
            throw fault(
                "the value is \(node.content.kind), but must be a single value.",
                remedy: "Write one text or number."
            )
        }
        return text
    }

    /// A text: not empty, at most `limit` bytes of UTF-8, no control characters.
    public func text(limit: Int = 1_024) throws(InputFault) -> String {
        let text = try scalar()
        let length = text.utf8.count
        guard length > 0 else {
            throw fault("the text is empty.", remedy: "Write at least one character.")
        }
        guard length <= limit else {
            throw fault(
                "the text \(Excerpt.quoted(text)) is \(length) bytes long, more than \(limit).",
                remedy: "Shorten it to at most \(limit) bytes of UTF-8."
            )
        }
        guard !Excerpt.hasControl(text) else {
            throw fault(
                "the text \(Excerpt.quoted(text)) has a control character in it.",
                remedy: "Remove line breaks, tabs and other control characters."
            )
        }
        return text
    }

    /// A name of an account, asset, instrument, source or id: a text within `Limits.nameLength`.
    public func name() throws(InputFault) -> String { try text(limit: Limits.nameLength) }

    /// `true` or `false`, without quotes.
    public func boolean() throws(InputFault) -> Bool {
        if case .scalar(let text, quoted: false) = node.content {
            if text == "true" { return true }
            if text == "false" { return false }
        }
        throw fault(
            "the value is \(node.content.kind), but must be true or false.",
            remedy: "Write true or false, without quotes."
        )
    }

    /// One of the words of `cases`.
    public func enumeration<Value>(
        _ cases: KeyValuePairs<String, Value>
    ) throws(InputFault) -> Value {
        let text = try scalar()
        for (word, value) in cases where word == text { return value }
        let words = cases.map(\.key)
        let list = words.map { "'\($0)'" }.joined(separator: ", ")
        throw fault(
            "\(Excerpt.quoted(text)) is not one of \(list).",
            remedy: Spelling.remedy(for: text, among: words, otherwise: "Use one of")
        )
    }

    /// A whole number in `range`.
    public func integer(in range: ClosedRange<Int64>) throws(InputFault) -> Int64 {
        let text = try scalar()
        guard let value = Self.wholeNumber(text, as: Int64.self) else {
            throw notWhole(text)
        }
        guard range.contains(value) else {
            throw fault(
                "\(value) is not from \(range.lowerBound) to \(range.upperBound).",
                remedy: "Use a whole number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return value
    }

    /// A moment given as milliseconds since 1970-01-01 UTC, with up to six digits behind a point.
    public func moment() throws(InputFault) -> Timestamp {
        let text = try scalar()
        // Hardly any moment has a fraction, and whole numbers are read faster.
        guard let point = text.firstIndex(of: ".") else { return try milliseconds() }
        let fraction = text[text.index(after: point)...].utf8
        guard (1...6).contains(fraction.count), fraction.allSatisfy({ (0x30...0x39).contains($0) }),
            let units = try? DecimalText.units(text, scale: 6),
            units.magnitude <= UInt128(Self.millisecondsLimit) * 1_000_000
        else {
            throw fault(
                "\(Excerpt.quoted(text)) is not a time in milliseconds.",
                remedy:
                    "Give milliseconds since 1970-01-01 UTC, with six digits behind the point at most."
            )
        }
        return Timestamp(nanoseconds: Int64(units))
    }

    /// A moment given as whole milliseconds since 1970-01-01 UTC.
    public func milliseconds() throws(InputFault) -> Timestamp {
        let text = try scalar()
        guard let value = Self.wholeNumber(text, as: Int64.self) else { throw notWhole(text) }
        guard value.magnitude <= UInt64(Self.millisecondsLimit) else {
            throw fault(
                "the time \(value) is beyond \(Self.millisecondsLimit) milliseconds.",
                remedy: "Give milliseconds since 1970-01-01 UTC, not micro- or nanoseconds."
            )
        }
        return Timestamp(nanoseconds: value * 1_000_000)
    }

    /// A number in a feed: whole, from 0 to 2⁶⁴ − 1.
    public func sequenceNumber() throws(InputFault) -> UInt64 {
        let text = try scalar()
        guard let value = Self.wholeNumber(text, as: UInt64.self) else {
            throw fault(
                "\(Excerpt.quoted(text)) is not a whole number from 0 to \(UInt64.max).",
                remedy: "Number the events of a source 1, 2, 3 and so on."
            )
        }
        return value
    }

    private func notWhole(_ text: String) -> InputFault {
        fault(
            "\(Excerpt.quoted(text)) is not a whole number.",
            remedy: "Write digits only, without a point or an exponent, at most 18 of them."
        )
    }

    /// Digits with an optional minus; `Int64(_:)` would take a plus too.
    private static func wholeNumber<Value: FixedWidthInteger>(
        _ text: String,
        as type: Value.Type
    ) -> Value? {
        guard let first = text.utf8.first, first != UInt8(ascii: "+") else { return nil }
        return Value(text)
    }
}

// Decimals: exact, in the steps of their unit.
extension NodeReader {
    /// A decimal in steps of 10 to the minus `scale`, exactly.
    public func decimal(scale: Int) throws(InputFault) -> Int128 {
        let text = try scalar()
        if let units = Self.shortDecimal(text, scale: scale) { return units }
        do {
            return try DecimalText.units(text, scale: scale)
        } catch {
            throw fault(of: text, failure: error)
        }
    }

    /// What `DecimalText` gives, for the common form alone: at most 18 digits with one point.
    ///
    /// Event files are mostly such numbers, and this is many times faster than the general form.
    private static func shortDecimal(_ text: String, scale: Int) -> Int128? {
        var text = text
        return text.withUTF8 { bytes in
            let isNegative = bytes.first == UInt8(ascii: "-")
            let start = isNegative ? 1 : 0
            guard bytes.count > start, bytes.count - start <= 18 else { return nil }
            var value: Int64 = 0
            var point: Int?
            for index in start..<bytes.count {
                let digit = bytes[index] &- UInt8(ascii: "0")
                if digit < 10 {
                    value = value * 10 + Int64(digit)
                } else if bytes[index] == UInt8(ascii: "."), point == nil, bytes.count > start + 1 {
                    point = index
                } else {
                    return nil
                }
            }
            let fraction = point.map { bytes.count - 1 - $0 } ?? 0
            guard fraction <= scale, scale <= 16 else { return nil }
            let units = Int128(value) * PowerOfTen.of(scale - fraction)
            return isNegative ? -units : units
        }
    }

    private func fault(of text: String, failure: DecimalText.Failure) -> InputFault {
        let value = Excerpt.quoted(text)
        return switch failure {
        case .notANumber:
            fault(
                "\(value) is not a decimal number.",
                remedy: "Write digits with at most one point, such as 1250.5; no commas, no units."
            )
        case .tooPrecise(let scale):
            fault(
                "\(value) has more than \(scale) digits behind the point.",
                remedy: "Round it to at most \(scale) digits behind the point."
            )
        case .tooLarge:
            fault("\(value) is too large for any unit.", remedy: "Write a smaller number.")
        case .tooLong(let length, let limit):
            fault(
                "the number \(value) is \(length) characters long, more than \(limit).",
                remedy: "Write it with at most \(limit) characters."
            )
        }
    }

    private func checked<Value>(
        scale: Int,
        _ make: (Int64) throws(UnitError) -> Value
    ) throws(InputFault) -> Value {
        let units = try decimal(scale: scale)
        do {
            // A clamped value is beyond the limit of every unit, so its own check refuses it.
            return try make(Int64(clamping: units))
        } catch {
            let text = Excerpt.quoted(try scalar())
            switch error {
            case .notPositive:
                throw fault("\(text) is not above zero.", remedy: "Use a number above zero.")
            case .aboveLimit(_, let limit):
                throw beyond(limit: limit)
            }
        }
    }

    private func beyond(limit: String) -> InputFault {
        fault(
            "\(node.content.kind) is beyond the limit of \(limit).",
            remedy: "Use a number of at most \(limit) without its sign."
        )
    }

    /// An amount of an asset, within `Limits.money`.
    public func money() throws(InputFault) -> Money {
        let units = try decimal(scale: 16)
        guard units.magnitude <= Limits.money.magnitude else {
            throw beyond(limit: DecimalText.string(Limits.money, scale: 16))
        }
        return Money(units: units)
    }

    /// An amount above zero.
    public func positiveMoney() throws(InputFault) -> Money {
        let money = try money()
        guard money.units > 0 else {
            throw fault("\(money) is not above zero.", remedy: "Use an amount above zero.")
        }
        return money
    }

    /// A price: above zero, at most 8 digits behind the point.
    public func price() throws(InputFault) -> Price {
        try checked(scale: 8) { (units) throws(UnitError) in try Price(units: units) }
    }

    /// A price with up to 16 digits behind the point, such as an average entry; above zero.
    public func solvedPrice() throws(InputFault) -> SolvedPrice {
        let units = try decimal(scale: 16)
        guard units > 0 else {
            throw fault(
                "\(node.content.kind) is not above zero.",
                remedy: "Use a number above zero."
            )
        }
        guard units <= SolvedPrice(.max).units else { throw beyond(limit: "\(Price.max)") }
        return SolvedPrice(units: units)
    }

    /// A signed size: short is negative.
    public func quantity() throws(InputFault) -> Quantity {
        try checked(scale: 8) { (units) throws(UnitError) in try Quantity(units: units) }
    }

    /// A size above zero.
    public func positiveQuantity() throws(InputFault) -> Quantity {
        let quantity = try quantity()
        guard quantity.units > 0 else {
            throw fault("\(quantity) is not above zero.", remedy: "Use a quantity above zero.")
        }
        return quantity
    }

    /// A rate as a fraction: 0.004 is 0.4 %.
    public func rate() throws(InputFault) -> Rate {
        try checked(scale: 8) { (units) throws(UnitError) in try Rate(units: units) }
    }

    /// The funding rate of one interval, as a fraction.
    public func fundingRate() throws(InputFault) -> FundingRate {
        try checked(scale: 16) { (units) throws(UnitError) in try FundingRate(units: units) }
    }

    /// A leverage above zero, at most 2 digits behind the point.
    public func leverage() throws(InputFault) -> Leverage {
        try checked(scale: 2) { (units) throws(UnitError) in try Leverage(hundredths: units) }
    }
}

// Required fields.
extension NodeReader {
    /// The required text `key`.
    public func text(_ key: String) throws(InputFault) -> String { try required(key).text() }
    /// The required name `key`.
    public func name(_ key: String) throws(InputFault) -> String { try required(key).name() }
    /// The required `true` or `false` at `key`.
    public func boolean(_ key: String) throws(InputFault) -> Bool { try required(key).boolean() }
    /// The required word at `key`.
    public func enumeration<Value>(
        _ key: String,
        _ cases: KeyValuePairs<String, Value>
    ) throws(InputFault) -> Value {
        try required(key).enumeration(cases)
    }
    /// The required whole number `key`.
    public func integer(
        _ key: String,
        in range: ClosedRange<Int64>
    ) throws(InputFault) -> Int64 {
        try required(key).integer(in: range)
    }
    /// The required moment `key`, in milliseconds.
    public func milliseconds(_ key: String) throws(InputFault) -> Timestamp {
        try required(key).milliseconds()
    }
    /// The required amount `key`.
    public func money(_ key: String) throws(InputFault) -> Money { try required(key).money() }
    /// The required amount `key`, above zero.
    public func positiveMoney(_ key: String) throws(InputFault) -> Money {
        try required(key).positiveMoney()
    }
    /// The required price `key`.
    public func price(_ key: String) throws(InputFault) -> Price { try required(key).price() }
    /// The required price `key` with up to 16 digits behind the point.
    public func solvedPrice(_ key: String) throws(InputFault) -> SolvedPrice {
        try required(key).solvedPrice()
    }
    /// The required size `key`.
    public func quantity(_ key: String) throws(InputFault) -> Quantity {
        try required(key).quantity()
    }
    /// The required size `key`, above zero.
    public func positiveQuantity(_ key: String) throws(InputFault) -> Quantity {
        try required(key).positiveQuantity()
    }
    /// The required rate `key`.
    public func rate(_ key: String) throws(InputFault) -> Rate { try required(key).rate() }
    /// The required funding rate `key`.
    public func fundingRate(_ key: String) throws(InputFault) -> FundingRate {
        try required(key).fundingRate()
    }
    /// The required leverage `key`.
    public func leverage(_ key: String) throws(InputFault) -> Leverage {
        try required(key).leverage()
    }
}
