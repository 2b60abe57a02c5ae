package import PlimsollWire

/// The inputs of a vector, which remember what was read: what nobody reads is a fault, never ignored.
package final class Inputs {
    private let fields: [(name: String, value: NodeReader)]
    private let units: [String: String]
    private let prefix: String
    private var used: Set<String> = []
    private var children: [Inputs] = []

    /// The fields of `reader`, whose units are under `prefix`.
    package init(_ reader: NodeReader, units: [String: String], prefix: String = "") throws {
        self.units = units
        self.prefix = prefix
        do {
            fields = try reader.fields()
        } catch {
            throw VectorError.failed(error.problem)
        }
    }

    /// The fields that nobody read, with their paths.
    package var unread: [String] {
        fields.map(\.name).filter { !used.contains($0) }.map { prefix + $0 }
            + children.flatMap(\.unread)
    }

    private func value(_ name: String) -> NodeReader? {
        guard let field = fields.first(where: { $0.name == name }) else { return nil }
        used.insert(name)
        if case .null = field.value.node.content { return nil }
        return field.value
    }

    /// Whether the field is there.
    package func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

    /// Reads fields that only label a vector or a figure that the rule does not use.
    package func note(_ names: String...) { for name in names { _ = value(name) } }

    /// A text.
    package func text(_ name: String) throws -> String? {
        guard let reader = value(name) else { return nil }
        do {
            return try reader.text()
        } catch {
            throw VectorError.failed("\(prefix)\(name): \(error.problem)")
        }
    }

    /// A number; amounts in satoshi become coins.
    package func number(_ name: String) throws -> Exact? {
        guard let reader = value(name) else { return nil }
        return try scaled(number(reader, name), name)
    }

    /// A number that must be there.
    package func required(_ name: String) throws -> Exact {
        guard let number = try number(name) else {
            throw VectorError.failed("the input '\(prefix)\(name)' is missing")
        }
        return number
    }

    private func number(_ reader: NodeReader, _ name: String) throws -> Exact {
        guard let text = try? reader.scalar() else {
            throw VectorError.failed("the input '\(prefix)\(name)' is not a number")
        }
        do {
            return try Exact(text: text)
        } catch {
            throw VectorError.failed("the input '\(prefix)\(name)' is not a decimal number")
        }
    }

    private func scaled(_ number: Exact, _ name: String) throws -> Exact {
        units[prefix + name] == "sat" ? try number.shifted(by: -8) : number
    }

    /// One of some words.
    package func word<Value>(_ name: String, _ words: [String: Value]) throws -> Value? {
        guard let text = try text(name) else { return nil }
        guard let value = words[text] else {
            throw VectorError.failed(
                "the input '\(prefix)\(name)' is '\(text)', not one of "
                    + words.keys.sorted().joined(separator: ", ")
            )
        }
        return value
    }

    /// The elements of a list of mappings.
    package func list(_ name: String) throws -> [Inputs] {
        guard let reader = value(name) else { return [] }
        guard let elements = try? reader.list() else {
            throw VectorError.failed("the input '\(prefix)\(name)' is not a list")
        }
        let read = try elements.map {
            try Inputs($0, units: units, prefix: "\(prefix)\(name)[].")
        }
        children += read
        return read
    }

    /// A mapping of names to mappings, in the order of the file.
    package func mappings(_ name: String) throws -> [(key: String, value: Inputs)] {
        guard let reader = value(name) else { return [] }
        guard let fields = try? reader.fields() else {
            throw VectorError.failed("the input '\(prefix)\(name)' is not a mapping")
        }
        let read = try fields.map {
            (
                key: $0.name,
                value: try Inputs($0.value, units: units, prefix: "\(prefix)\(name).\($0.name).")
            )
        }
        children += read.map(\.value)
        return read
    }

    /// A mapping of names to numbers, in the order of the file.
    package func table(_ name: String) throws -> [(key: String, value: Exact)] {
        guard let reader = value(name) else { return [] }
        guard let fields = try? reader.fields() else {
            throw VectorError.failed("the input '\(prefix)\(name)' is not a mapping")
        }
        return try fields.map { ($0.name, try number($0.value, "\(name).\($0.name)")) }
    }
}
