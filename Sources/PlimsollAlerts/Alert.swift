package import PlimsollWire

/// Something that a rule found: it fired, and perhaps it has ended.
package struct Alert: Hashable, Sendable {
    /// Its number, which is never used again.
    package var id: UInt64
    /// The rule's id, kind and severity when it fired.
    package var rule: String
    package var kind: String
    package var severity: AlertRule.Severity
    /// What it is about.
    package var subject: Subject
    /// What was seen when it fired; `nil`: nothing that has a number.
    package var value: String?
    /// What the rule said of it.
    package var limit: String?
    /// When it fired, in milliseconds UTC.
    package var firedAt: Int64
    /// When it ended; `nil`: it has not.
    package var endedAt: Int64?
    /// Why it ended.
    package var endedBy: End?
    /// How many events the book had seen.
    package var sequence: UInt64
    /// One sentence for people.
    package var text: String

    /// Why an alert ended.
    package enum End: String, Hashable, Sendable, CaseIterable {
        /// What it is about is back.
        case value
        /// The rule was changed, or what it was about is gone.
        case rule
    }

    /// What an alert is about.
    package enum Subject: Hashable, Sendable {
        case account(String)
        case symbol(String)
        case asset(String)
        /// The node or the book.
        case whole
        /// Accounts that are not listed one by one.
        case others

        /// The name, if it has one.
        package var name: String? {
            switch self {
            case .account(let name), .symbol(let name), .asset(let name): name
            case .whole, .others: nil
            }
        }
    }
}

extension JSONWriter {
    /// Writes an alert.
    package mutating func alert(_ alert: Alert) {
        object { object in
            object.field("id", number: alert.id)
            object.field("rule", alert.rule)
            object.field("kind", alert.kind)
            object.field("severity", alert.severity.rawValue)
            object.field("state", alert.endedAt == nil ? "active" : "ended")
            switch alert.subject {
            case .account(let name): object.field("account", name)
            case .symbol(let name): object.field("symbol", name)
            case .asset(let name): object.field("asset", name)
            case .others: object.field("others", boolean: true)
            case .whole: break
            }
            object.orNull("value", alert.value)
            object.orNull("limit", alert.limit)
            object.field("firedAt", number: alert.firedAt)
            object.key("endedAt")
            if let end = alert.endedAt { object.number(end) } else { object.null() }
            object.orNull("endedBy", alert.endedBy?.rawValue)
            object.field("seq", number: alert.sequence)
            object.field("text", alert.text)
        }
    }

    private mutating func orNull(_ key: String, _ value: String?) {
        self.key(key)
        if let value { string(value) } else { null() }
    }
}

extension Alert {
    /// The alert that a line of the log has.
    package init(_ reader: NodeReader) throws(InputFault) {
        id = try reader.required("id").sequenceNumber()
        rule = try reader.text("rule")
        kind = try reader.text("kind")
        severity = try reader.enumeration("severity", AlertRule.Severity.words)
        if let name = reader.optional("account") {
            subject = .account(try name.name())
        } else if let name = reader.optional("symbol") {
            subject = .symbol(try name.name())
        } else if let name = reader.optional("asset") {
            subject = .asset(try name.name())
        } else {
            subject = reader.has("others") ? .others : .whole
        }
        value = try reader.optional("value")?.text()
        limit = try reader.optional("limit")?.text()
        let time: ClosedRange<Int64> = 0...Int64.max
        firedAt = try reader.integer("firedAt", in: time)
        endedAt = try reader.optional("endedAt")?.integer(in: time)
        endedBy = try reader.optional("endedBy")?.enumeration(["value": End.value, "rule": .rule])
        sequence = try reader.required("seq").sequenceNumber()
        text = try reader.text("text")
    }
}
