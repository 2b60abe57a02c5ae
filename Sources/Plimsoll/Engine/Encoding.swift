import PlimsollUnits

/// Where the canonical byte form of state, events and effects goes: a digest or a snapshot.
///
/// Numbers are little-endian, text is its length and its UTF-8, optionals are a flag and the value.
protocol ByteSink {
    mutating func put(_ byte: UInt8)
    mutating func put(_ word: UInt64)
}

extension ByteSink {
    @inline(__always)
    mutating func put(_ value: Int64) { put(UInt64(bitPattern: value)) }

    @inline(__always)
    mutating func put(_ value: Int32) { put(UInt64(bitPattern: Int64(value))) }

    @inline(__always)
    mutating func put(_ value: Int128) {
        put(UInt64(truncatingIfNeeded: value))
        put(UInt64(truncatingIfNeeded: value &>> 64))
    }

    @inline(__always)
    mutating func put(_ value: Bool) { put(UInt8(value ? 1 : 0)) }

    @inline(__always)
    mutating func put(_ value: UInt128) { put(Int128(bitPattern: value)) }

    mutating func put(_ text: String) {
        put(UInt64(text.utf8.count))
        for byte in text.utf8 { put(byte) }
    }

    @inline(__always)
    mutating func put(_ value: (some RawRepresentable<UInt8>)) { put(value.rawValue) }

    @inline(__always)
    mutating func put(_ value: Timestamp) { put(value.nanoseconds) }
    @inline(__always)
    mutating func put(_ value: Money) { put(value.units) }
    @inline(__always)
    mutating func put(_ value: Price) { put(value.units) }
    @inline(__always)
    mutating func put(_ value: Quantity) { put(value.units) }
    @inline(__always)
    mutating func put(_ value: Rate) { put(value.units) }
    @inline(__always)
    mutating func put(_ value: Leverage) { put(value.hundredths) }
    @inline(__always)
    mutating func put(_ value: FundingRate) { put(value.units) }
    @inline(__always)
    mutating func put(_ id: VenueID) { put(id.index) }
    @inline(__always)
    mutating func put(_ id: AssetID) { put(id.index) }
    @inline(__always)
    mutating func put(_ id: InstrumentID) { put(id.index) }
    @inline(__always)
    mutating func put(_ id: AccountID) { put(id.index) }
    @inline(__always)
    mutating func put(_ id: PoolID) { put(id.index) }

    @inline(__always)
    mutating func put<Value>(_ value: Value?, _ body: (inout Self, Value) -> Void) {
        put(value != nil)
        if let value { body(&self, value) }
    }

    @inline(__always)
    mutating func put<Element>(
        _ values: some Collection<Element>,
        _ body: (inout Self, Element) -> Void
    ) {
        put(UInt64(values.count))
        for value in values { body(&self, value) }
    }
}

extension StateDigest: ByteSink {
    @inline(__always)
    mutating func put(_ byte: UInt8) { absorb(byte) }
    @inline(__always)
    mutating func put(_ word: UInt64) { absorb(word) }
}

/// A snapshot in the making.
struct ByteWriter: ByteSink {
    var bytes: [UInt8] = []

    mutating func put(_ byte: UInt8) { bytes.append(byte) }

    mutating func put(_ word: UInt64) {
        withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Why a snapshot cannot be read.
public enum SnapshotError: Error, Hashable, Sendable {
    /// It ends in the middle of a value.
    case truncated(at: Int)
    /// It was written by another version, or is not a snapshot.
    case unknownFormat
    /// Its digest does not fit its content.
    case damaged
    /// A value is not possible.
    case impossible(String, at: Int)
}

/// Reads what a `ByteWriter` wrote.
struct ByteReader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func byte() throws(SnapshotError) -> UInt8 {
        guard position < bytes.count else { throw .truncated(at: position) }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func word() throws(SnapshotError) -> UInt64 {
        guard bytes.count - position >= 8 else { throw .truncated(at: position) }
        var value: UInt64 = 0
        for offset in 0..<8 { value |= UInt64(bytes[position + offset]) << UInt64(offset * 8) }
        position += 8
        return value
    }

    mutating func int64() throws(SnapshotError) -> Int64 { Int64(bitPattern: try word()) }

    mutating func int32() throws(SnapshotError) -> Int32 {
        guard let value = Int32(exactly: try int64()) else {
            throw .impossible("a 32-bit number", at: position)
        }
        return value
    }

    mutating func int128() throws(SnapshotError) -> Int128 {
        let low = try word()
        let high = try word()
        return Int128(truncatingIfNeeded: UInt128(high) << 64 | UInt128(low))
    }

    mutating func flag() throws(SnapshotError) -> Bool { try byte() != 0 }

    mutating func text() throws(SnapshotError) -> String {
        let count = try count(ofSize: 1)
        defer { position += count }
        return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }

    /// A count of elements that take at least `size` bytes each: it cannot promise more than there is.
    mutating func count(ofSize size: Int) throws(SnapshotError) -> Int {
        let value = try word()
        guard value <= UInt64((bytes.count - position) / size) else {
            throw .truncated(at: position)
        }
        return Int(value)
    }

    mutating func value<Value: RawRepresentable<UInt8>>(
        _ type: Value.Type
    ) throws(SnapshotError) -> Value {
        guard let value = Value(rawValue: try byte()) else {
            throw .impossible("\(type)", at: position)
        }
        return value
    }

    mutating func optional<Value>(
        _ body: (inout ByteReader) throws(SnapshotError) -> Value
    ) throws(SnapshotError) -> Value? {
        try flag() ? try body(&self) : nil
    }

    mutating func list<Element>(
        ofSize size: Int = 1,
        _ body: (inout ByteReader) throws(SnapshotError) -> Element
    ) throws(SnapshotError) -> [Element] {
        let count = try count(ofSize: size)
        var list: [Element] = []
        list.reserveCapacity(count)
        for _ in 0..<count { list.append(try body(&self)) }
        return list
    }
}
