/// A value of a document with its file and its path: typed access whose errors name the place.
///
/// ```swift
/// let reader = try NodeReader(mapping: node, file: "account.yaml")
/// try reader.allow(["account", "positions"])
/// for position in try reader.list("positions") {
///     let size = try position.quantity("quantity")            // positions[2].quantity
///     let price = try position.optional("price")?.price()     // nil if it is missing or null
/// }
/// ```
/// Every method throws the first fault; `InputFaults.attempt` collects them instead.
public struct NodeReader: Sendable {
    /// The value.
    public let node: Node
    /// The file it is from.
    public let file: String
    private let parentPath: String
    private let step: Step

    private enum Step: Sendable {
        case root
        case key(String)
        case index(Int)
    }

    /// A reader of any value.
    public init(_ node: Node, file: String, path: String = "") {
        self.node = node
        self.file = file
        parentPath = path
        step = .root
    }

    /// A reader of a value that must be a mapping.
    public init(mapping node: Node, file: String, path: String = "") throws(InputFault) {
        self.init(node, file: file, path: path)
        _ = try entriesOfMapping()
    }

    private init(_ node: Node, in parent: NodeReader, step: Step) {
        self.node = node
        file = parent.file
        parentPath = parent.path
        self.step = step
    }

    /// The path of the value, such as `positions[2].quantity`; empty for the whole document.
    public var path: String {
        switch step {
        case .root: parentPath
        case .key(let key): parentPath.isEmpty ? key : "\(parentPath).\(key)"
        case .index(let index): "\(parentPath)[\(index)]"
        }
    }

    /// A fault of this value, for checks that the reader does not know.
    public func fault(_ problem: String, remedy: String) -> InputFault {
        InputFault(file: file, mark: node.mark, path: path, problem: problem, remedy: remedy)
    }
}

/// All faults of an input, in the order in which they were found.
///
/// At most 100 are kept; `omitted` counts the rest.
public struct InputFaults: Error, Hashable, Sendable, CustomStringConvertible {
    /// How many faults are kept.
    public static let limit = 100
    /// The faults.
    public private(set) var faults: [InputFault] = []
    /// How many were found beyond the limit.
    public private(set) var omitted = 0

    /// No faults.
    public init() {}

    /// One fault.
    public init(_ fault: InputFault) { faults = [fault] }

    /// Whether nothing is wrong.
    public var isEmpty: Bool { faults.isEmpty }

    /// Keeps `fault`.
    public mutating func add(_ fault: InputFault) {
        if faults.count < InputFaults.limit { faults.append(fault) } else { omitted += 1 }
    }

    /// What `read` gives, or `nil` after its fault has been kept:
    /// `faults.attempt(try reader.price("price"))`.
    public mutating func attempt<Value>(
        _ read: @autoclosure () throws(InputFault) -> Value
    ) -> Value? {
        do {
            return try read()
        } catch {
            add(error)
            return nil
        }
    }

    /// Ends a reading: throws if anything was wrong.
    public func throwIfAny() throws(InputFaults) {
        guard isEmpty else { throw self }
    }

    /// One fault after the other.
    public var description: String {
        let text = faults.map(\.description).joined(separator: "\n")
        return omitted == 0 ? text : "\(text)\n\(omitted) more faults are not shown."
    }
}

// MARK: - Structure

extension NodeReader {
    private func entriesOfMapping() throws(InputFault) -> [(key: Node, value: Node)] {
        guard case .mapping(let entries) = node.content else {
            throw fault(
                "the value is \(node.content.kind), but must be a mapping of names to values.",
                remedy: "Write the fields as `name: value` pairs."
            )
        }
        return entries
    }

    /// Whether the field is there and not null.
    public func has(_ key: String) -> Bool { value(of: key) != nil }

    private func value(of key: String) -> Node? {
        guard case .mapping(let entries) = node.content else { return nil }
        // By index: the loop over elements would copy every key and value on the way.
        for index in entries.indices where entries[index].key.isText(key) {
            let value = entries[index].value
            if case .null = value.content { return nil }
            return value
        }
        return nil
    }

    /// The field `key`; a fault if it is missing or null.
    public func required(_ key: String) throws(InputFault) -> NodeReader {
        guard let value = value(of: key) else {
            _ = try entriesOfMapping()
            throw InputFault(
                file: file,
                mark: node.mark,
                path: path,
                problem: "the field '\(key)' is missing.",
                remedy: "Add '\(key)' with a value."
            )
        }
        return NodeReader(value, in: self, step: .key(key))
    }

    /// The field `key`, or `nil` if it is missing or null.
    public func optional(_ key: String) -> NodeReader? {
        guard let value = value(of: key) else { return nil }
        return NodeReader(value, in: self, step: .key(key))
    }

    /// All fields, in the order of the file; for mappings whose keys are names of the user.
    public func fields() throws(InputFault) -> [(name: String, value: NodeReader)] {
        var fields: [(name: String, value: NodeReader)] = []
        for entry in try entriesOfMapping() {
            let key = try NodeReader(entry.key, in: self, step: .root).name()
            fields.append((key, NodeReader(entry.value, in: self, step: .key(key))))
        }
        return fields
    }

    /// The elements, each with its index in the path.
    public func list() throws(InputFault) -> [NodeReader] {
        guard case .sequence(let nodes) = node.content else {
            throw fault(
                "the value is \(node.content.kind), but must be a list.",
                remedy: "Write `[…]`, or in YAML one `- …` line for each element."
            )
        }
        return nodes.enumerated().map { NodeReader($1, in: self, step: .index($0)) }
    }

    /// The elements of the field `key`; none if it is missing.
    public func list(_ key: String) throws(InputFault) -> [NodeReader] {
        try optional(key)?.list() ?? []
    }

    /// The field `key`, which must be a mapping.
    public func mapping(_ key: String) throws(InputFault) -> NodeReader {
        let reader = try required(key)
        _ = try reader.entriesOfMapping()
        return reader
    }

    /// A fault for every field that is not one of `keys`, with the nearest of them.
    public func unknownFields(allowed keys: [String]) -> [InputFault] {
        guard case .mapping(let entries) = node.content else { return [] }
        var faults: [InputFault] = []
        for entry in entries {
            if case .scalar(let text, _) = entry.key.content {
                if keys.contains(text) { continue }
                faults.append(unknown(text, at: entry.key.mark, allowed: keys))
            } else {
                faults.append(unknown(entry.key.content.kind, at: entry.key.mark, allowed: keys))
            }
        }
        return faults
    }

    /// Refuses the first field that is not one of `keys`.
    public func allow(_ keys: [String]) throws(InputFault) {
        guard case .mapping(let entries) = node.content else {
            _ = try entriesOfMapping()
            return
        }
        for index in entries.indices {
            guard case .scalar(let text, _) = entries[index].key.content, keys.contains(text) else {
                if let first = unknownFields(allowed: keys).first { throw first }
                continue
            }
        }
    }

    private func unknown(_ key: String, at mark: Mark, allowed: [String]) -> InputFault {
        InputFault(
            file: file,
            mark: mark,
            path: path,
            problem: "the field \(Excerpt.quoted(key)) is not known here.",
            remedy: Spelling.remedy(for: key, among: allowed, otherwise: "Remove it; known are")
        )
    }
}

extension Node {
    /// Whether this is the scalar `text`, quoted or not; nothing is copied for the comparison.
    func isText(_ text: String) -> Bool {
        switch content {
        case .scalar(let own, _): own == text
        case .sequence, .mapping, .null: false
        }
    }
}

extension Node.Content {
    /// What a value is, with its article, for messages.
    var kind: String {
        switch self {
        case .scalar(let text, let quoted):
            quoted ? "the text \(Excerpt.quoted(text))" : Excerpt.quoted(text)
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .null: "null"
        }
    }
}
