/// A value of a YAML or JSON document: scalars stay text, every value knows its place.
///
/// Numbers are never converted on the way in, so no decimal ever passes through a binary float.
public struct Node: Sendable {
    /// What a value is.
    public enum Content: Sendable {
        /// A scalar as it was written, without its quotes; `quoted` is true if it had any.
        case scalar(String, quoted: Bool)
        /// A list.
        case sequence([Node])
        /// Keys and values in the order of the file; keys are unique.
        case mapping([(key: Node, value: Node)])
        /// JSON `null`, YAML `~`, `null` or nothing.
        case null
    }

    /// What the value is.
    public var content: Content
    /// Where it starts.
    public var mark: Mark

    /// A value that starts at `mark`.
    public init(_ content: Content, at mark: Mark) {
        self.content = content
        self.mark = mark
    }
}

/// A place in a text, both counted from 1.
public struct Mark: Hashable, Sendable {
    /// The line.
    public var line: Int
    /// The column, in characters.
    public var column: Int

    /// A place in a text.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// What is wrong with an input: where, what, and what to do about it.
public struct InputFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, or `-` for standard input.
    public var file: String
    /// The place in the file, where there is one.
    public var mark: Mark?
    /// The path of the value, such as `account.positions[2].quantity`; may be empty.
    public var path: String
    /// One sentence: what is wrong, with the value and the limit.
    public var problem: String
    /// One sentence: what to do.
    public var remedy: String

    /// A fault of an input.
    public init(file: String, mark: Mark?, path: String = "", problem: String, remedy: String) {
        self.file = file
        self.mark = mark
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    /// `file:line:column: path: problem` and, indented on the next line, the remedy.
    public var description: String {
        var place = file
        if let mark { place += ":\(mark.line):\(mark.column)" }
        let subject = path.isEmpty ? "" : "\(path): "
        return "\(place): \(subject)\(problem)\n  \(remedy)"
    }
}
