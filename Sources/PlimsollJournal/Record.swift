/// One record: a group of events that became durable together.
public struct Record: Hashable, Sendable {
    /// The number of its first event; the first of all is 1.
    public var first: UInt64
    /// How many events it has.
    public var count: UInt32
    /// When it was written, nanoseconds UTC, as the writer said.
    public var time: Int64
    /// What it carries.
    public var payload: [UInt8]

    /// The number of its last event.
    public var last: UInt64 { first + UInt64(count) - 1 }
}

/// What is at a place of a segment where a record may begin.
enum Found {
    case record(Record, Chain, size: Int)
    /// Nothing was written here.
    case nothing
    /// Something was, and it is no record that may be here.
    case bad(String)
}

extension Record {
    /// The bytes of a record that follows `chain`, and the chain after it.
    static func bytes(
        first: UInt64,
        count: UInt32,
        time: Int64,
        payload: UnsafeRawBufferPointer,
        after chain: Chain,
        into bytes: inout [UInt8]
    ) -> Chain {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: Layout.recordMagic)
        bytes.put(UInt32(payload.count))
        bytes.put(first)
        bytes.put(time)
        bytes.put(count)
        let next = chain.after(bytes, payload)
        bytes.put(CRC32C.of(bytes))
        bytes.append(contentsOf: next.bytes)
        bytes.append(contentsOf: payload)
        let missing = Layout.padded(payload.count) - payload.count
        bytes.append(contentsOf: repeatElement(0, count: missing))
        return next
    }

    /// Looks at a place of a segment, which was read whole.
    static func find(
        in bytes: [UInt8],
        at offset: Int,
        expecting sequence: UInt64,
        after chain: Chain
    ) -> Found {
        let rest = bytes.count - offset
        guard rest >= Layout.recordHeader else {
            return bytes[offset...].allSatisfy { $0 == 0 } ? .nothing : .bad("no room for a record")
        }
        let header = bytes[offset..<offset + Layout.recordHeader]
        if header.allSatisfy({ $0 == 0 }) { return .nothing }
        guard header.prefix(4).elementsEqual(Layout.recordMagic) else {
            return .bad("no record begins here")
        }
        guard CRC32C.of(header.prefix(28)) == bytes.number(at: offset + 28) else {
            return .bad("the header's checksum is wrong")
        }
        let length = Int(bytes.number(at: offset + 4, as: UInt32.self))
        let count = bytes.number(at: offset + 24, as: UInt32.self)
        guard length <= rest - Layout.recordHeader, count > 0 else {
            return .bad("the record is longer than its segment, or empty")
        }
        guard bytes.number(at: offset + 8, as: UInt64.self) == sequence else {
            return .bad("the record's number does not follow")
        }
        let start = offset + Layout.recordHeader
        let end = start + Layout.padded(length)
        guard end <= bytes.count, bytes[(start + length)..<end].allSatisfy({ $0 == 0 }) else {
            return .bad("what follows the payload is not zero")
        }
        let next = bytes.withUnsafeBytes { all in
            chain.after(
                header.prefix(28),
                UnsafeRawBufferPointer(rebasing: all[start..<start + length])
            )
        }
        guard next.bytes.elementsEqual(header.suffix(32)) else {
            return .bad("the chain does not fit")
        }
        let record = Record(
            first: sequence,
            count: count,
            time: bytes.number(at: offset + 16),
            payload: Array(bytes[start..<start + length])
        )
        return .record(record, next, size: end - offset)
    }
}
