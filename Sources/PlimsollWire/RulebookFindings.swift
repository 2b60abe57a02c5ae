import PlimsollUnits

/// How much a rulebook must prove.
public enum RulebookStrictness: Sendable {
    /// Everything: sources, continuity, falling rates. For files that others rely on.
    case check
    /// What a computation needs. Doubts about figures are warnings: a what-if may be odd.
    case use
}

/// What is wrong with a rulebook, and what is only doubtful.
struct RulebookFindings: Sendable {
    let strictness: RulebookStrictness
    private(set) var errors = InputFaults()
    private(set) var warnings: [InputFault] = []

    init(_ strictness: RulebookStrictness) { self.strictness = strictness }

    /// Keeps a fault that makes the rulebook useless.
    mutating func error(_ fault: InputFault) { errors.add(fault) }

    /// Keeps a doubt: a fault when checking, a warning when using.
    mutating func doubt(_ fault: InputFault) {
        switch strictness {
        case .check: errors.add(fault)
        case .use: warn(fault)
        }
    }

    /// Keeps a remark that never stops anything.
    mutating func warn(_ fault: InputFault) {
        if warnings.count < InputFaults.limit { warnings.append(fault) }
    }

    /// What `read` gives, or `nil` if the field is missing or at fault.
    mutating func value<Value>(
        _ reader: NodeReader?,
        _ read: (NodeReader) throws(InputFault) -> Value
    ) -> Value? {
        guard let reader else { return nil }
        do {
            return try read(reader)
        } catch {
            errors.add(error)
            return nil
        }
    }

    /// The field `key` of `section`, or `nil` after a fault that it is missing.
    mutating func required(_ key: String, in section: NodeReader) -> NodeReader? {
        if let reader = section.optional(key) { return reader }
        error(
            section.fault("the field '\(key)' is missing.", remedy: "Add '\(key)' with a value.")
        )
        return nil
    }

    /// The field `key` of a section that may have overrides, or `nil` after the same fault.
    mutating func required(_ key: String, in section: RulebookSection) -> NodeReader? {
        section[key] ?? required(key, in: section.place)
    }

    /// Whether `reader` is a mapping; if not, that is a fault.
    mutating func mapping(_ reader: NodeReader) -> Bool {
        if case .mapping = reader.node.content { return true }
        return value(reader, Self.fields) != nil
    }
}

// The scalars of a rulebook; each is `nil` if it is missing or at fault.
extension RulebookFindings {
    static func fields(
        _ reader: NodeReader
    ) throws(InputFault) -> [(name: String, value: NodeReader)] {
        try reader.fields()
    }

    mutating func elements(_ reader: NodeReader?) -> [NodeReader]? {
        value(reader) { (reader) throws(InputFault) in try reader.list() }
    }

    mutating func text(_ reader: NodeReader?) -> String? {
        value(reader) { (reader) throws(InputFault) in try reader.text() }
    }

    mutating func name(_ reader: NodeReader?) -> String? {
        value(reader) { (reader) throws(InputFault) in try reader.name() }
    }

    mutating func boolean(_ reader: NodeReader?) -> Bool? {
        value(reader) { (reader) throws(InputFault) in try reader.boolean() }
    }

    mutating func word<Value>(
        _ reader: NodeReader?,
        _ words: KeyValuePairs<String, Value>
    ) -> Value? {
        value(reader) { (reader) throws(InputFault) in try reader.enumeration(words) }
    }

    mutating func integer(_ reader: NodeReader?, in range: ClosedRange<Int64>) -> Int64? {
        value(reader) { (reader) throws(InputFault) in try reader.integer(in: range) }
    }

    mutating func price(_ reader: NodeReader?) -> Price? {
        value(reader) { (reader) throws(InputFault) in try reader.price() }
    }

    mutating func positiveQuantity(_ reader: NodeReader?) -> Quantity? {
        value(reader) { (reader) throws(InputFault) in try reader.positiveQuantity() }
    }

    /// A leverage of at least 1.
    mutating func leverage(_ reader: NodeReader?) -> Leverage? {
        value(reader) { (reader) throws(InputFault) in
            let leverage = try reader.leverage()
            guard leverage.hundredths >= 100 else {
                throw reader.fault(
                    "the leverage \(leverage) is below 1.",
                    remedy: "Use at least 1: the whole notional as margin."
                )
            }
            return leverage
        }
    }

    /// A rate from 0 to 1.
    mutating func fraction(_ reader: NodeReader?) -> Rate? {
        value(reader) { (reader) throws(InputFault) in
            let rate = try reader.rate()
            guard rate >= .zero, rate <= .one else {
                throw reader.fault(
                    "the rate \(rate) is not from 0 to 1.",
                    remedy: "Write a fraction: 0.004 for 0.4 %."
                )
            }
            return rate
        }
    }

    /// A number from 0 to `limit`, in steps of 10 to the minus `scale`.
    mutating func amount(_ reader: NodeReader?, scale: Int, limit: Int128) -> Int128? {
        value(reader) { (reader) throws(InputFault) in
            let units = try reader.decimal(scale: scale)
            guard units >= 0 else {
                throw reader.fault(
                    "\(DecimalText.string(units, scale: scale)) is below zero.",
                    remedy: "Use zero or a number above it."
                )
            }
            guard units <= limit else {
                let text = DecimalText.string(limit, scale: scale)
                throw reader.fault(
                    "\(DecimalText.string(units, scale: scale)) is beyond the limit of \(text).",
                    remedy: "Use a number of at most \(text)."
                )
            }
            return units
        }
    }

    /// A moment such as `2021-09-24T12:00:00Z`, or milliseconds since 1970-01-01 UTC.
    mutating func moment(_ reader: NodeReader?) -> Timestamp? {
        value(reader) { (reader) throws(InputFault) in
            let text = try reader.scalar()
            if let moment = UTCMoment.timestamp(text) { return moment }
            guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                throw reader.fault(
                    "\(Excerpt.quoted(text)) is not a moment.",
                    remedy: "Write it as 2021-09-24T12:00:00Z, or in milliseconds since 1970."
                )
            }
            return try reader.milliseconds()
        }
    }
}
