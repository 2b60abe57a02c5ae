public import Plimsoll

/// A group of events as the message `plimsoll.v1.Batch`: the payload of one record of the journal.
///
/// The bytes are those that the library for Protocol Buffers writes, which the tests compare.
public struct EventBatch: Sendable {
    /// Memory for the message, of which `used` bytes are.
    private var memory: [UInt8] = []
    private var used = 0
    /// How many events it has.
    public private(set) var count = 0

    /// No events.
    public init() {}

    /// A copy of the message.
    public var bytes: [UInt8] { Array(memory[..<used]) }

    /// Hands on the message without a copy.
    public func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try memory.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<used])) }
    }

    /// Appends an event.
    public mutating func append(_ event: Event) {
        while !write(event) {
            memory.append(contentsOf: repeatElement(0, count: max(4_096, memory.count)))
        }
        count += 1
    }

    /// Whether there was room for it.
    private mutating func write(_ event: Event) -> Bool {
        let start = used
        let written: Int? = memory.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return nil }
            var writer = WireWriter(at: base + start, capacity: memory.count - start)
            writer.put(1) { event.encode(into: &$0) }
            return writer.isFull ? nil : writer.count
        }
        guard let written else { return false }
        used += written
        return true
    }

    /// Forgets all events and keeps the memory for others.
    public mutating func removeAll() {
        used = 0
        count = 0
    }

    /// Reads events out of bytes that may be anything, in order.
    ///
    /// Events before a fault have been handed on when it is found.
    public static func read(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (Event) throws(WireError) -> Void
    ) throws(WireError) {
        var reader = WireReader(bytes)
        while let field = try reader.next() {
            guard field.number == 1 else { throw reader.unknown(field, "Batch") }
            try body(try reader.message(field, "Batch", Event.init(from:)))
        }
    }

    /// The events of a message, all or none.
    public static func events(_ bytes: [UInt8]) throws(WireError) -> [Event] {
        var events: [Event] = []
        let fault: WireError? = bytes.withUnsafeBytes { bytes in
            do throws(WireError) {
                try read(bytes) { events.append($0) }
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
        return events
    }
}
