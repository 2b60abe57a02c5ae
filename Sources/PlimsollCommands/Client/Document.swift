import PlimsollUnits
import PlimsollWire

/// A part of a server's answer, read by name; what is not there is `nil`, and so is what is `null`.
///
/// A client ignores fields that it does not know and does without those that an older server has not.
struct Document {
    let node: Node?

    init(_ node: Node?) {
        if case .null = node?.content { self.node = nil } else { self.node = node }
    }

    /// The field of this name.
    subscript(_ key: String) -> Document {
        guard case .mapping(let entries) = node?.content else { return Document(nil) }
        for entry in entries {
            if case .scalar(key, _) = entry.key.content { return Document(entry.value) }
        }
        return Document(nil)
    }

    /// Whether there is anything.
    var isThere: Bool { node != nil }

    /// A text, number or truth as text.
    var text: String? {
        guard case .scalar(let text, _) = node?.content else { return nil }
        return text
    }

    /// A whole number.
    var integer: Int? { text.flatMap { Int($0) } }

    /// A truth that is one.
    var isTrue: Bool { text == "true" }

    /// An amount.
    var money: Money? { units(16).map { Money(units: $0) } }

    /// A price, ratio or rate in 10⁻¹⁶.
    var solved: SolvedPrice? { units(16).map { SolvedPrice(units: $0) } }

    /// A time in milliseconds.
    var moment: Timestamp? {
        text.flatMap { Int64($0) }.map { Timestamp(nanoseconds: $0 &* 1_000_000) }
    }

    /// The elements of a list.
    var items: [Document] {
        guard case .sequence(let nodes) = node?.content else { return [] }
        return nodes.map { Document($0) }
    }

    /// The fields of a mapping, in order.
    var fields: [(name: String, value: Document)] {
        guard case .mapping(let entries) = node?.content else { return [] }
        return entries.compactMap { entry in
            guard case .scalar(let name, _) = entry.key.content else { return nil }
            return (name, Document(entry.value))
        }
    }

    private func units(_ scale: Int) -> Int128? {
        text.flatMap { try? DecimalText.units($0, scale: scale) }
    }
}

extension JSONWriter {
    /// Writes a value as it was read: texts and numbers keep their spelling.
    mutating func node(_ node: Node) {
        switch node.content {
        case .scalar(let text, quoted: true): string(text)
        case .scalar(let text, quoted: false): number(text)
        case .null: null()
        case .sequence(let nodes):
            array { array in
                for node in nodes { array.node(node) }
            }
        case .mapping(let entries):
            object { object in
                for entry in entries {
                    guard case .scalar(let key, _) = entry.key.content else { continue }
                    object.key(key)
                    object.node(entry.value)
                }
            }
        }
    }

    /// A document of many lines, for people and `diff`.
    static func pretty(_ node: Node) -> [UInt8] {
        var writer = JSONWriter(pretty: true)
        writer.node(node)
        return writer.bytes
    }
}
