/// One record: a group of events that became durable together.
public struct Record {
    /// The number of its first event; the first of all is 1.
    public let first: UInt64
    /// How many events it has.
    public let count: UInt32
    /// When it was written, nanoseconds UTC, as the writer said.
    public let time: Int64
    /// What it carries, valid during the call that is given the record.
    public let payload: UnsafeRawBufferPointer
    /// The place behind it.
    public let end: Position

    /// The number of its last event.
    public var last: UInt64 { end.sequence }
}

/// What stands before the payload of a record.
struct RecordHeader {
    var length: Int
    var first: UInt64
    var time: Int64
    var count: UInt32
    /// How many events before the first were not durable yet when the record was written.
    var pending: UInt32

    /// How much of it the chain covers.
    static let chained = 32

    /// How many bytes the record has.
    var size: Int { Layout.recordHeader + Layout.padded(length) }

    /// The last event that was durable when the record was written.
    var durable: UInt64 { first - 1 - UInt64(pending) }

    /// Puts the bytes of a record that follows `chain` in place of what is in `bytes`.
    ///
    /// - Returns: the chain after it.
    func put(
        _ payload: UnsafeRawBufferPointer,
        after chain: Chain,
        seed: UInt32,
        into bytes: inout [UInt8]
    ) -> Chain {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: Layout.recordMagic)
        bytes.put(UInt32(length))
        bytes.put(first)
        bytes.put(time)
        bytes.put(count)
        bytes.put(pending)
        let next = bytes.withUnsafeBytes { chain.after($0, payload) }
        bytes.put(CRC32C.of(bytes, after: seed))
        bytes.put(UInt32(0))
        bytes.append(contentsOf: next.bytes)
        bytes.append(contentsOf: payload)
        bytes.fill(to: size)
        return next
    }

    /// The header at the front of some bytes; `nil`: none that is whole is there.
    ///
    /// The segment's own checksum comes before that of the header, so that nothing in a payload passes for one.
    init?(_ bytes: UnsafeRawBufferPointer, seed: UInt32) {
        guard bytes.count >= Layout.recordHeader,
            bytes.part(0..<4).elementsEqual(Layout.recordMagic),
            CRC32C.of(bytes.part(0..<Self.chained), after: seed) == bytes.number(at: 32),
            bytes.number(at: 36, as: UInt32.self) == 0
        else { return nil }
        length = Int(bytes.number(at: 4, as: UInt32.self))
        first = bytes.number(at: 8)
        time = bytes.number(at: 16)
        count = bytes.number(at: 24)
        pending = bytes.number(at: 28)
        guard count > 0, first > UInt64(pending),
            !first.addingReportingOverflow(UInt64(count)).overflow
        else { return nil }
    }

    init(length: Int, first: UInt64, time: Int64, count: UInt32, pending: UInt32) {
        self.length = length
        self.first = first
        self.time = time
        self.count = count
        self.pending = pending
    }
}
