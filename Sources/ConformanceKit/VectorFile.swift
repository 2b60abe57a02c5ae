package import PlimsollWire

/// One worked example: what goes in, and what its source says comes out.
package struct Vector: Sendable {
    /// Its stable name.
    package var id: String
    /// Whose rules it follows.
    package var venue: String
    /// What is calculated.
    package var kind: String
    /// What goes in.
    package var inputs: NodeReader
    /// What must come out.
    package var expected: [(key: String, value: Expected)]
    /// How far off each figure may be.
    package var tolerances: [String: Tolerance]
    /// The unit of each field, by its path.
    package var units: [String: String]
}

/// A published figure.
package enum Expected: Sendable {
    case number(Exact)
    case none
    case list([Exact])
    case table([(key: String, value: Exact)])
    case rows([[(key: String, value: Exact)]])
    case flag(Bool)
    /// Words or other shapes; they belong to kinds that are not claimed.
    case other
}

/// How far a figure may be from the published one; meeting one of the two is enough.
package struct Tolerance: Sendable {
    /// The largest absolute difference.
    package var absolute: Exact?
    /// The largest difference as a part of the published figure.
    package var relative: Exact?
}

/// Files of the format `conformance-vectors-1`.
package enum VectorFile {
    /// The vectors of the file at `path`.
    package static func read(_ path: String) throws(InputFault) -> [Vector] {
        try parse(RulebookFiles.disk.bytes(of: path), file: path)
    }

    /// The vectors in `bytes`.
    package static func parse(_ bytes: [UInt8], file: String) throws(InputFault) -> [Vector] {
        let root = try NodeReader(mapping: JSONText.parse(bytes, file: file), file: file)
        let format = try root.required("format")
        guard try format.scalar() == "conformance-vectors-1" else {
            throw format.fault(
                "the format is not 'conformance-vectors-1'.",
                remedy: "Name a file of conformance vectors."
            )
        }
        let common = try root.optional("venue")?.name()
        var vectors: [Vector] = []
        var known: Set<String> = []
        for reader in try root.required("vectors").list() {
            let vector = try vector(reader, common: common)
            guard known.insert(vector.id).inserted else {
                throw try reader.required("id").fault(
                    "the id '\(vector.id)' is there twice.",
                    remedy: "Give every vector an id of its own."
                )
            }
            vectors.append(vector)
        }
        return vectors
    }

    private static func vector(
        _ reader: NodeReader,
        common: String?
    ) throws(InputFault) -> Vector {
        let venue: String
        if let own = try reader.optional("venue")?.name() {
            venue = own
        } else if let common {
            venue = common
        } else {
            venue = try reader.required("venue").name()
        }
        var vector = Vector(
            id: try reader.required("id").name(),
            venue: venue,
            kind: try reader.required("kind").name(),
            inputs: try reader.mapping("inputs"),
            expected: [],
            tolerances: [:],
            units: [:]
        )
        for field in try reader.mapping("expected").fields() {
            vector.expected.append((field.name, try expected(field.value)))
        }
        guard !vector.expected.isEmpty else {
            throw try reader.required("expected").fault(
                "nothing is expected.",
                remedy: "Name at least one figure that must come out."
            )
        }
        for field in try reader.optional("tolerance")?.fields() ?? [] {
            try field.value.allow(["abs", "rel"])
            vector.tolerances[field.name] = Tolerance(
                absolute: try field.value.optional("abs").map(number),
                relative: try field.value.optional("rel").map(number)
            )
        }
        for field in try reader.optional("units")?.fields() ?? [] {
            vector.units[field.name] = try field.value.text()
        }
        return vector
    }

    private static func number(_ reader: NodeReader) throws(InputFault) -> Exact {
        let text = try reader.scalar()
        do {
            return try Exact(text: text)
        } catch {
            throw reader.fault(
                "'\(text.prefix(40))' is not a decimal number that fits.",
                remedy: "Write a decimal number as text, such as \"0.10\"."
            )
        }
    }

    private static func expected(_ reader: NodeReader) throws(InputFault) -> Expected {
        switch reader.node.content {
        case .null: return .none
        case .scalar(let text, let isQuoted):
            if !isQuoted, text == "true" || text == "false" { return .flag(text == "true") }
            return exact(reader).map { .number($0) } ?? .other
        case .sequence:
            let elements = try reader.list()
            let numbers = elements.compactMap { exact($0) }
            if numbers.count == elements.count { return .list(numbers) }
            var rows: [[(key: String, value: Exact)]] = []
            for element in elements {
                guard let row = try table(element) else { return .other }
                rows.append(row)
            }
            return .rows(rows)
        case .mapping: return try table(reader).map { .table($0) } ?? .other
        }
    }

    /// The numbers of a mapping by their names; `nil` where it is none, or has another value.
    private static func table(
        _ reader: NodeReader
    ) throws(InputFault) -> [(key: String, value: Exact)]? {
        guard case .mapping = reader.node.content else { return nil }
        var table: [(key: String, value: Exact)] = []
        for field in try reader.fields() {
            guard let number = exact(field.value) else { return nil }
            table.append((field.name, number))
        }
        return table
    }

    private static func exact(_ reader: NodeReader) -> Exact? {
        guard let text = try? reader.scalar() else { return nil }
        return try? Exact(text: text)
    }
}
