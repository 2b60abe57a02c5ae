import Foundation
import Plimsoll
import PlimsollQueries
import PlimsollUnits
import PlimsollWire
import Testing

/// A small seeded generator: the same seed gives the same world everywhere.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }

    /// True in `percent` of a hundred draws.
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// A number from `range`.
    mutating func int(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &self)
    }
}

/// Which seeds a property runs with: a few, or many with `PLIMSOLL_SOAK=1`.
enum Seeds {
    static let isSoak = ProcessInfo.processInfo.environment["PLIMSOLL_SOAK"] == "1"
    static let base = ProcessInfo.processInfo.environment["PLIMSOLL_SEED"].flatMap(UInt64.init) ?? 1

    static func of(_ count: UInt64) -> [UInt64] {
        (0..<(isSoak ? count * 20 : count)).map { base &+ $0 }
    }
}

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
