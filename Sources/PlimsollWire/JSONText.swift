/// JSON to `Node`, strictly by RFC 8259: numbers stay text, every error has its place.
///
/// Refused beyond the standard: a key that is there twice, nesting deeper than 64, numbers of more
/// than 128 characters, and the character NUL, even escaped.
public enum JSONText {
    /// How deep lists and objects may be nested.
    public static let depthLimit = 64
    /// Longest number, in characters.
    public static let numberLimit = 128

    /// The one value in `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: the text in UTF-8.
    ///   - file: the name that errors show.
    ///   - firstLine: the number of the first line, for a line of a larger file.
    /// - Returns: the value, with the place of each part.
    /// - Throws: what is wrong first, with its line and column.
    public static func parse(
        _ bytes: [UInt8],
        file: String,
        firstLine: Int = 1
    ) throws(InputFault) -> Node {
        var parser = JSONParser(bytes: bytes, file: file, line: firstLine)
        return try parser.document()
    }
}

/// A recursive-descent parser; `JSONText.depthLimit` bounds the stack.
struct JSONParser {
    let bytes: [UInt8]
    let file: String
    var line: Int
    var position = 0
    /// Index of the first byte of the current line, moved on by bytes that continue a character.
    var lineStart = 0
    var depth = 0

    init(bytes: [UInt8], file: String, line: Int) {
        self.bytes = bytes
        self.file = file
        self.line = line
    }

    var mark: Mark { Mark(line: line, column: position - lineStart + 1) }

    func fault(_ problem: String, remedy: String, at mark: Mark? = nil) -> InputFault {
        InputFault(file: file, mark: mark ?? self.mark, problem: problem, remedy: remedy)
    }

    mutating func document() throws(InputFault) -> Node {
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
            throw fault(
                "the text starts with a byte order mark.",
                remedy: "Save it as UTF-8 without a byte order mark."
            )
        }
        skipBlanks()
        let node = try value()
        skipBlanks()
        guard position == bytes.count else {
            throw fault(
                "after the end of the value there is \(excerpt()).",
                remedy: "Write one JSON value only; in an event file, one on each line."
            )
        }
        return node
    }

    @inline(__always)
    mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
            case UInt8(ascii: "\n"):
                position += 1
                line += 1
                lineStart = position
            default: return
            }
        }
    }

    mutating func value() throws(InputFault) -> Node {
        guard position < bytes.count else { throw ended("a value") }
        let start = mark
        switch bytes[position] {
        case UInt8(ascii: "{"): return Node(.mapping(try object()), at: start)
        case UInt8(ascii: "["): return Node(.sequence(try array()), at: start)
        case UInt8(ascii: "\""): return Node(.scalar(try string(), quoted: true), at: start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return Node(.scalar(try number(), quoted: false), at: start)
        default: return Node(try word(), at: start)
        }
    }

    mutating func enter() throws(InputFault) {
        guard depth < JSONText.depthLimit else {
            throw fault(
                "the nesting is deeper than \(JSONText.depthLimit) levels.",
                remedy: "No file of Plimsoll needs so many; check the brackets."
            )
        }
        depth += 1
        position += 1
        skipBlanks()
    }

    /// Whether the collection goes on after an element; consumes the comma or the closing bracket.
    mutating func continues(until close: Unicode.Scalar) throws(InputFault) -> Bool {
        skipBlanks()
        guard position < bytes.count else { throw ended("',' or '\(close)'") }
        if bytes[position] == UInt8(ascii: ",") {
            position += 1
            skipBlanks()
            return true
        }
        guard bytes[position] == UInt8(ascii: close) else {
            throw fault(
                "\(excerpt()) is where ',' or '\(close)' must be.",
                remedy: "Separate elements with commas and close every bracket."
            )
        }
        position += 1
        return false
    }

    mutating func array() throws(InputFault) -> [Node] {
        try enter()
        defer { depth -= 1 }
        var nodes: [Node] = []
        if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
            position += 1
            return nodes
        }
        repeat { nodes.append(try value()) } while try continues(until: "]")
        return nodes
    }

    mutating func object() throws(InputFault) -> [(key: Node, value: Node)] {
        try enter()
        defer { depth -= 1 }
        var entries: [(key: Node, value: Node)] = []
        if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
            position += 1
            return entries
        }
        entries.reserveCapacity(10)
        var keys = KeySet()
        repeat {
            guard position < bytes.count else { throw ended("a key") }
            let start = mark
            guard bytes[position] == UInt8(ascii: "\"") else {
                throw fault(
                    "\(excerpt()) is where a key in double quotes must be.",
                    remedy: "Write \"key\": value, without a comma after the last pair."
                )
            }
            let key = try string()
            guard keys.insert(key, after: entries) else {
                throw fault(
                    "the key \(Excerpt.quoted(key)) is there twice.",
                    remedy: "Keep one of them.",
                    at: start
                )
            }
            skipBlanks()
            guard position < bytes.count else { throw ended("':'") }
            guard bytes[position] == UInt8(ascii: ":") else {
                throw fault(
                    "\(excerpt()) is where ':' must be.",
                    remedy: "Write a colon between the key and its value."
                )
            }
            position += 1
            skipBlanks()
            entries.append((Node(.scalar(key, quoted: true), at: start), try value()))
        } while try continues(until: "}")
        return entries
    }

    mutating func word() throws(InputFault) -> Node.Content {
        let start = position
        while position < bytes.count, isLetter(bytes[position]) { position += 1 }
        switch position - start {
        case 4 where bytes[start..<position].elementsEqual("true".utf8):
            return .scalar("true", quoted: false)
        case 5 where bytes[start..<position].elementsEqual("false".utf8):
            return .scalar("false", quoted: false)
        case 4 where bytes[start..<position].elementsEqual("null".utf8): return .null
        default:
            position = start
            throw fault(
                "\(excerpt()) is not a JSON value.",
                remedy:
                    "Write a text in double quotes, a number, true, false, null, [...] or {...}."
            )
        }
    }

    mutating func number() throws(InputFault) -> String {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let whole = digits()
        var valid = whole == 1 || (whole > 1 && bytes[position - whole] != UInt8(ascii: "0"))
        if valid, position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            valid = digits() > 0
        }
        if valid, position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count,
                bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            valid = digits() > 0
        }
        let length = position - start
        guard valid else {
            position = start
            throw fault(
                "\(excerpt()) is not a JSON number.",
                remedy: "Write digits, without leading zeros, such as -0.5, 12 or 1e-8."
            )
        }
        guard length <= JSONText.numberLimit else {
            position = start
            throw fault(
                "the number \(excerpt()) is \(length) characters long, "
                    + "more than \(JSONText.numberLimit).",
                remedy: "Write it with at most \(JSONText.numberLimit) characters."
            )
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Skips digits and says how many there were.
    mutating func digits() -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position - start
    }

    func ended(_ wanted: String) -> InputFault {
        fault(
            "the text ends where \(wanted) must be.",
            remedy: "Complete it; a file or line that ends like this was cut off."
        )
    }

    /// What is at the current position, short.
    func excerpt() -> String {
        let first = bytes[position]
        guard isLetter(first) || first &- UInt8(ascii: "0") < 10 || first == UInt8(ascii: "-")
        else {
            var end = position + 1
            while end < bytes.count, end < position + 4, bytes[end] & 0xc0 == 0x80 { end += 1 }
            return Excerpt.quoted(bytes[position..<end])
        }
        let rest = bytes[position...].prefix(64)
        return Excerpt.quoted(
            rest.prefix { byte in
                isLetter(byte) || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
                    || byte == UInt8(ascii: "_")
            }
        )
    }
}

@inline(__always)
private func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26
}

/// Finds a repeated key: by comparison in small objects, by hash in large ones.
private struct KeySet {
    private var hashed: Set<String>?

    mutating func insert(_ key: String, after entries: [(key: Node, value: Node)]) -> Bool {
        if entries.count < 16 {
            return !entries.indices.contains { entries[$0].key.isText(key) }
        }
        if hashed == nil {
            hashed = []
            for entry in entries {
                if case .scalar(let text, _) = entry.key.content { hashed?.insert(text) }
            }
        }
        return hashed?.insert(key).inserted ?? true
    }
}
