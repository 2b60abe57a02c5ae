import PlimsollUnits

/// Why bytes are not a message.
public enum WireError: Error, Hashable, Sendable {
    /// They end in the middle of a value.
    case truncated(at: Int)
    /// A field that its message does not have, or in a layout that it does not have.
    case unknownField(UInt32, of: String, at: Int)
    /// A field that must be there is not.
    case missing(String, of: String, at: Int)
    /// A value that is not possible.
    case impossible(String, of: String, at: Int)
}

extension WireError: CustomStringConvertible {
    /// What is wrong, where, and what would be right.
    public var description: String {
        switch self {
        case .truncated(let place):
            "The bytes end at offset \(place), in the middle of a value. Send the whole message."
        case .unknownField(let field, let message, let place):
            "Field \(field) at offset \(place) is not one of \(message), or has another type there. "
                + "Write it by plimsoll/v1/events.proto."
        case .missing(let field, let message, let place):
            "\(message), which ends at offset \(place), has no \(field). Add it."
        case .impossible(let field, let message, let place):
            "\(field) of \(message), before offset \(place), is not possible. Correct it."
        }
    }
}

/// Reads messages of Protocol Buffers out of bytes that may be anything.
///
/// Fields may come in any order, of several with one number the last counts, as the format says; an unknown
/// field is refused.
struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private var end: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// A field's number and layout, before its value.
    struct Field {
        var number: UInt32
        var layout: UInt32
    }

    /// The next field of the present message; `nil`: it has ended.
    @inline(__always)
    mutating func next() throws(WireError) -> Field? {
        guard position < end else { return nil }
        let tag = try varint()
        guard tag <= UInt64(UInt32.max) else { throw .truncated(at: position) }
        return Field(number: UInt32(tag) >> 3, layout: UInt32(tag) & 7)
    }

    @inline(__always)
    private mutating func varint() throws(WireError) -> UInt64 {
        guard position < end else { throw .truncated(at: position) }
        let first = bytes[position]
        position += 1
        if first < 0x80 { return UInt64(first) }
        return try longVarint(UInt64(first & 0x7f))
    }

    private mutating func longVarint(_ first: UInt64) throws(WireError) -> UInt64 {
        var value = first
        var shift: UInt64 = 7
        while position < end, shift < 64 {
            let byte = bytes[position]
            position += 1
            // Of the tenth byte only one bit is left.
            guard shift < 63 || byte <= 1 else { throw .truncated(at: position) }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .truncated(at: position)
    }

    @inline(__always)
    private func check(
        _ field: Field,
        _ layout: WireWriter.Layout,
        _ message: StaticString
    ) throws(WireError) {
        guard field.layout == layout.rawValue else { throw unknown(field, message) }
    }

    func unknown(_ field: Field, _ message: StaticString) -> WireError {
        .unknownField(field.number, of: "\(message)", at: position)
    }

    func missing(_ field: StaticString, _ message: StaticString) -> WireError {
        .missing("\(field)", of: "\(message)", at: position)
    }

    func impossible(_ field: StaticString, _ message: StaticString) -> WireError {
        .impossible("\(field)", of: "\(message)", at: position)
    }

    // MARK: Values

    @inline(__always)
    mutating func unsigned(
        _ field: Field,
        _ message: StaticString
    ) throws(WireError) -> UInt64 {
        try check(field, .varint, message)
        return try varint()
    }

    @inline(__always)
    mutating func fixed(_ field: Field, _ message: StaticString) throws(WireError) -> Int64 {
        try check(field, .fixed64, message)
        guard end - position >= 8 else { throw .truncated(at: position) }
        defer { position += 8 }
        return Int64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int64.self)
        )
    }

    /// The index of what is numbered from 1; 0 is nobody.
    @inline(__always)
    mutating func index(_ field: Field, _ message: StaticString) throws(WireError) -> Int32 {
        let number = try unsigned(field, message)
        guard number > 0, number <= UInt64(Int32.max) else {
            throw impossible("a number", message)
        }
        return Int32(number) - 1
    }

    /// An enumeration, numbered from 1; `nil`: unspecified.
    @inline(__always)
    mutating func value<Value: RawRepresentable<UInt8>>(
        _ field: Field,
        _ message: StaticString,
        as type: Value.Type = Value.self
    ) throws(WireError) -> Value? {
        let number = try unsigned(field, message)
        guard number > 0 else { return nil }
        guard number <= 255, let value = Value(rawValue: UInt8(number - 1)) else {
            throw impossible("an enumeration", message)
        }
        return value
    }

    mutating func flag(_ field: Field, _ message: StaticString) throws(WireError) -> Bool {
        try unsigned(field, message) != 0
    }

    /// The bytes of a value with a length.
    @inline(__always)
    private mutating func range(
        _ field: Field,
        _ message: StaticString
    ) throws(WireError) -> Range<Int> {
        try check(field, .lengthDelimited, message)
        let length = try varint()
        guard length <= UInt64(end - position) else { throw .truncated(at: position) }
        let start = position
        return start..<start + Int(length)
    }

    mutating func text(_ field: Field, _ message: StaticString) throws(WireError) -> String {
        let range = try range(field, message)
        position = range.upperBound
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw impossible("text", message)
        }
        return text
    }

    mutating func bytes(_ field: Field, _ message: StaticString) throws(WireError) -> [UInt8] {
        let range = try range(field, message)
        position = range.upperBound
        return Array(bytes[range])
    }

    /// Reads a message inside of this one.
    @inline(__always)
    mutating func message<Value>(
        _ field: Field,
        _ outer: StaticString,
        _ read: (inout WireReader) throws(WireError) -> Value
    ) throws(WireError) -> Value {
        let range = try range(field, outer)
        let rest = end
        end = range.upperBound
        let value = try read(&self)
        end = rest
        return value
    }

    /// 128 bits in two halves.
    @inline(__always)
    mutating func wide(_ field: Field, _ outer: StaticString) throws(WireError) -> Int128 {
        try message(field, outer) { reader throws(WireError) in
            var (low, high) = (Int64(0), Int64(0))
            while let field = try reader.next() {
                switch field.number {
                case 1: low = try reader.fixed(field, "Int128")
                case 2: high = try reader.fixed(field, "Int128")
                default: throw reader.unknown(field, "Int128")
                }
            }
            return Int128(high) << 64 | Int128(UInt64(bitPattern: low))
        }
    }

    mutating func money(_ field: Field, _ outer: StaticString) throws(WireError) -> Money {
        Money(units: try wide(field, outer))
    }

    @inline(__always)
    mutating func price(_ field: Field, _ outer: StaticString) throws(WireError) -> Price {
        let units = try fixed(field, outer)
        guard let price = try? Price(units: units) else { throw impossible("a price", outer) }
        return price
    }

    @inline(__always)
    mutating func quantity(_ field: Field, _ outer: StaticString) throws(WireError) -> Quantity {
        let units = try fixed(field, outer)
        guard let quantity = try? Quantity(units: units) else {
            throw impossible("a quantity", outer)
        }
        return quantity
    }

    mutating func fundingRate(
        _ field: Field,
        _ outer: StaticString
    ) throws(WireError) -> FundingRate {
        let units = try fixed(field, outer)
        guard let rate = try? FundingRate(units: units) else {
            throw impossible("a funding rate", outer)
        }
        return rate
    }
}
