package import PlimsollWire

extension AlertRule {
    /// How many rules there may be.
    package static let limit = 100
    /// How many of them may look back: each keeps a height of every account for a dozen parts of its time.
    package static let fallLimit = 8

    /// The rules of a list; all that is wrong with any of them is told together.
    package static func read(_ list: [NodeReader], of parent: NodeReader) throws(InputFaults)
        -> [AlertRule]
    {
        var faults = InputFaults()
        var rules: [AlertRule] = []
        var ids: Set<String> = []
        if list.count > limit {
            throw InputFaults(
                parent.fault("there are \(list.count) rules.", remedy: "Have \(limit) at most.")
            )
        }
        for entry in list {
            guard let rule = faults.attempt(try AlertRule(entry)) else { continue }
            if !ids.insert(rule.id).inserted {
                let twice = "the id '\(rule.id)' is there twice."
                faults.add(entry.fault(twice, remedy: "Name each rule differently."))
            }
            rules.append(rule)
        }
        let falls = rules.filter { if case .depletion = $0.condition { true } else { false } }
        if falls.count > fallLimit {
            let many = "\(falls.count) rules are of the kind 'depletion'."
            faults.add(parent.fault(many, remedy: "Have \(fallLimit) of them at most."))
        }
        try faults.throwIfAny()
        return rules
    }

    /// The rule that a mapping describes.
    init(_ reader: NodeReader) throws(InputFault) {
        id = try reader.required("id").alertName()
        let kind = try reader.enumeration("kind", Kind.words)
        let known = ["id", "kind", "severity", "isEnabled", "after", "endsAfter"] + kind.fields
        if let fault = reader.unknown(besides: known).first { throw fault }
        condition = try kind.condition(reader)
        if let word = reader.optional("severity") {
            severity = try word.enumeration(Severity.words)
        }
        isEnabled = try reader.optional("isEnabled")?.boolean() ?? true
        let day: ClosedRange<Int64> = 0...86_400
        after = try reader.optional("after")?.integer(in: day) ?? 0
        endsAfter = try reader.optional("endsAfter")?.integer(in: day) ?? 5
    }
}

/// What may be asked of a rule of a kind.
private enum Kind: String, CaseIterable {
    case ratio, freeboard, depletion, staleMark, fundDrawdown, verification, node

    static let words: KeyValuePairs<String, Kind> = [
        "ratio": .ratio, "freeboard": .freeboard, "depletion": .depletion,
        "staleMark": .staleMark, "fundDrawdown": .fundDrawdown, "verification": .verification,
        "node": .node,
    ]

    /// The fields that only this kind has.
    var fields: [String] {
        switch self {
        case .ratio: ["above", "margin", "accounts"]
        case .freeboard: ["below", "margin", "accounts"]
        case .depletion: ["fall", "within", "margin", "least", "accounts"]
        case .staleMark: ["olderThan", "symbols"]
        case .fundDrawdown: ["fall", "within", "margin", "assets"]
        case .verification, .node: []
        }
    }

    func condition(_ reader: NodeReader) throws(InputFault) -> AlertRule.Condition {
        switch self {
        case .ratio:
            let above = try reader.required("above").level(1...(100 * Level.one))
            return .ratio(
                above: above,
                margin: try reader.margin(of: above, below: above),
                accounts: try reader.pattern("accounts")
            )
        case .freeboard:
            let limit = 1_000_000_000_000 * Level.one
            let below = try reader.required("below").level(-limit...limit)
            return .freeboard(
                below: below,
                margin: try reader.margin(of: Int128(below.magnitude), below: limit),
                accounts: try reader.pattern("accounts")
            )
        case .depletion:
            let most = 1_000_000_000_000 * Level.one
            return .depletion(
                try reader.fall(),
                least: try reader.optional("least")?.level(0...most) ?? 0,
                accounts: try reader.pattern("accounts")
            )
        case .staleMark:
            return .staleMark(
                olderThan: try reader.integer("olderThan", in: 1...86_400),
                symbols: try reader.pattern("symbols")
            )
        case .fundDrawdown:
            return .fundDrawdown(try reader.fall(), assets: try reader.pattern("assets"))
        case .verification: return .verification
        case .node: return .node
        }
    }
}

extension AlertRule.Severity {
    static let words: KeyValuePairs<String, Self> = [
        "info": .info, "warning": .warning, "critical": .critical,
    ]
}

extension NodeReader {
    /// A name that is safe in a header, a label and a line of a log.
    func alertName() throws(InputFault) -> String {
        let name = try text(limit: 64)
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, !name.isEmpty else {
            throw fault(
                "\(Excerpt.quoted(name)) is no id.",
                remedy: "Use 1 to 64 letters, digits, '.', '_' and '-'."
            )
        }
        return name
    }

    /// A fault for every field that is not one of `keys`, at the place of the field.
    func unknown(besides keys: [String]) -> [InputFault] {
        let fields = (try? fields()) ?? []
        return fields.filter { !keys.contains($0.name) }.map { field in
            field.value.fault(
                "the field is not known here.",
                remedy: "Remove it; known are \(keys.joined(separator: ", "))."
            )
        }
    }

    fileprivate func level(_ range: ClosedRange<Int128>) throws(InputFault) -> Int128 {
        let level = try decimal(scale: Level.scale)
        guard range.contains(level) else {
            let ends = [range.lowerBound, range.upperBound].map { $0.levelText }
            throw fault(
                "\(level.levelText) is out of range.",
                remedy: "Use \(ends[0]) to \(ends[1])."
            )
        }
        return level
    }

    /// How far back is back: a tenth of the threshold unless it is said, and less than `most`.
    fileprivate func margin(of threshold: Int128, below most: Int128) throws(InputFault) -> Int128 {
        guard let given = optional("margin") else { return threshold / 10 }
        return try given.level(0...(most - 1))
    }

    fileprivate func pattern(_ key: String) throws(InputFault) -> NamePattern {
        NamePattern(try optional(key)?.text(limit: 256) ?? "*")
    }

    fileprivate func fall() throws(InputFault) -> AlertRule.Fall {
        let share = try required("fall").level(1...Level.one)
        return AlertRule.Fall(
            share: share,
            within: try integer("within", in: 1...86_400),
            margin: try margin(of: share, below: share)
        )
    }
}
