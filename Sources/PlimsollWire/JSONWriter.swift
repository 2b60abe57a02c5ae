/// JSON text, written front to back: keys stay in the order in which they are given.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.object { object in
///     object.field("account", "alice")
///     object.key("equity")
///     object.number("998.5")
/// }
/// writer.text  // {"account":"alice","equity":998.5}
/// ```
public struct JSONWriter: Sendable {
    /// The text so far, in UTF-8.
    public private(set) var bytes: [UInt8] = []
    private let pretty: Bool
    private var depth = 0
    /// Nothing has been written in the innermost object or list.
    private var isFirst = true
    /// A key waits for its value.
    private var isBehindKey = false

    /// A writer of one line, or, if `pretty`, of lines indented by two spaces a level.
    public init(pretty: Bool = false) { self.pretty = pretty }

    /// The text so far.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Forgets the text, for the next value; the memory is kept.
    public mutating func removeAll() {
        self.bytes.removeAll(keepingCapacity: true)
        depth = 0
        isFirst = true
        isBehindKey = false
    }

    /// Writes an object whose pairs `body` writes.
    public mutating func object<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try collection(open: "{", close: "}", body)
    }

    /// Writes a list whose elements `body` writes.
    public mutating func array<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try collection(open: "[", close: "]", body)
    }

    private mutating func collection<Failure: Error>(
        open: Unicode.Scalar,
        close: Unicode.Scalar,
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        bytes.append(UInt8(ascii: open))
        depth += 1
        isFirst = true
        try body(&self)
        depth -= 1
        if !isFirst { breakLine() }
        bytes.append(UInt8(ascii: close))
        isFirst = false
    }

    /// Writes a key; its value must follow.
    public mutating func key(_ key: String) {
        separate()
        escaped(key)
        bytes.append(UInt8(ascii: ":"))
        if pretty { bytes.append(UInt8(ascii: " ")) }
        isBehindKey = true
    }

    /// Writes a text.
    public mutating func string(_ value: String) {
        separate()
        escaped(value)
    }

    /// Writes a number as it is: `text` must be a JSON number.
    public mutating func number(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes a whole number.
    public mutating func number(_ value: some BinaryInteger) { number(String(value)) }

    /// Writes `true` or `false`.
    public mutating func boolean(_ value: Bool) { number(value ? "true" : "false") }

    /// Writes `null`.
    public mutating func null() { number("null") }

    /// Writes a key with a text.
    public mutating func field(_ key: String, _ value: String) {
        self.key(key)
        string(value)
    }

    /// Writes a key with a text, or nothing if there is none.
    public mutating func field(_ key: String, ifPresent value: String?) {
        if let value { field(key, value) }
    }

    /// Writes a key with a whole number.
    public mutating func field(_ key: String, number value: some BinaryInteger) {
        self.key(key)
        number(value)
    }

    /// Writes a key with `true` or `false`.
    public mutating func field(_ key: String, boolean value: Bool) {
        self.key(key)
        boolean(value)
    }

    private mutating func separate() {
        if isBehindKey {
            isBehindKey = false
            return
        }
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        if depth > 0 { breakLine() }
        isFirst = false
    }

    private mutating func breakLine() {
        guard pretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    private mutating func escaped(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let isPlain = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard !isPlain else {
            bytes.append(contentsOf: text.utf8)
            bytes.append(UInt8(ascii: "\""))
            return
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7f:
                let code = String(byte, radix: 16)
                bytes.append(contentsOf: "\\u\(byte < 0x10 ? "000" : "00")\(code)".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
