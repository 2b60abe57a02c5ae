import Plimsoll
import PlimsollQueries
import PlimsollUnits
import PlimsollWire
import Testing

func price(_ text: String) throws -> Price {
    try Price(units: Int64(DecimalText.units(text, scale: 8)))
}

func quantity(_ text: String) throws -> Quantity {
    try Quantity(units: Int64(DecimalText.units(text, scale: 8)))
}

func rate(_ text: String) throws -> Rate {
    try Rate(units: Int64(DecimalText.units(text, scale: 8)))
}

func money(_ text: String) throws -> Money {
    Money(units: try DecimalText.units(text, scale: 16))
}

/// A JSON value that was written and read again.
struct Read: Equatable, CustomStringConvertible {
    let node: Node

    init(_ node: Node) { self.node = node }

    init(_ answer: some QueryAnswer) throws {
        node = try JSONText.parse(answer.json, file: "answer")
    }

    /// The value of a field; nothing if it is missing.
    subscript(key: String) -> Read? {
        guard case .mapping(let entries) = node.content else { return nil }
        for entry in entries {
            if case .scalar(key, _) = entry.key.content { return Read(entry.value) }
        }
        return nil
    }

    /// The text or number as it stands.
    var text: String? {
        if case .scalar(let text, _) = node.content { return text }
        return nil
    }

    var isNull: Bool { if case .null = node.content { true } else { false } }

    /// The elements of a list.
    var items: [Read] {
        if case .sequence(let nodes) = node.content { return nodes.map(Read.init) }
        return []
    }

    /// The names of the fields, in order.
    var keys: [String] {
        guard case .mapping(let entries) = node.content else { return [] }
        return entries.compactMap { Read($0.key).text }
    }

    var description: String {
        switch node.content {
        case .null: "null"
        case .scalar(let text, let quoted): quoted ? "\"\(text)\"" : text
        case .sequence: "\(items)"
        case .mapping:
            "{" + keys.map { "\($0): \(self[$0]?.description ?? "")" }.joined(separator: ", ") + "}"
        }
    }

    static func == (lhs: Read, rhs: Read) -> Bool { lhs.description == rhs.description }
}

/// The fields of a query.
func query(_ parameters: KeyValuePairs<String, String>) throws -> NodeReader {
    try RequestFields.query(parameters.map { ($0.key, $0.value) })
}

/// The fields of a body.
func body(_ text: String) throws -> NodeReader { try RequestFields.body(Array(text.utf8)) }
