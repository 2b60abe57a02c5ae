/// A state at a place of the journal, as its owner has encoded it.
public struct Snapshot: Hashable, Sendable {
    /// The place: what comes after it is to be replayed.
    public var position: Position
    /// When it was made, nanoseconds UTC, as its maker said.
    public var time: Int64
    /// The bytes that were given to `write`.
    public var payload: [UInt8]
}

extension Snapshot {
    /// What is before the payload in the file.
    static func header(_ payload: UnsafeRawBufferPointer, at position: Position, time: Int64)
        -> [UInt8]
    {
        var bytes = Layout.snapshotMagic
        bytes.put(position.sequence)
        bytes.append(contentsOf: position.chain.bytes)
        bytes.put(time)
        bytes.put(UInt64(payload.count))
        let hash = bytes.withUnsafeBytes { Chain(over: $0, payload) }
        bytes.append(contentsOf: hash.bytes)
        return bytes
    }

    /// The snapshot of a file that is named by an event.
    ///
    /// - Throws: what is wrong with it.
    init(header: [UInt8], payload: [UInt8], sequence: UInt64) throws(Fault) {
        guard header.count == Layout.snapshotHeader, header.starts(with: Layout.snapshotMagic)
        else {
            throw Fault(what: "it does not begin as a snapshot does")
        }
        let (length, hash) = header.withUnsafeBytes { bytes in
            (bytes.number(at: 56, as: UInt64.self), Chain(bytes, at: 64))
        }
        guard length == UInt64(payload.count) else {
            throw Fault(what: "its header says \(length) bytes, and it has \(payload.count)")
        }
        let found = header.withUnsafeBytes { header in
            payload.withUnsafeBytes { Chain(over: header.part(0..<64), $0) }
        }
        guard found == hash else { throw Fault(what: "its SHA-256 does not fit") }
        position = header.withUnsafeBytes { bytes in
            Position(sequence: bytes.number(at: 8), chain: Chain(bytes, at: 16))
        }
        time = header.withUnsafeBytes { $0.number(at: 48) }
        self.payload = payload
        guard position.sequence == sequence else {
            throw Fault(what: "it is of event \(position.sequence), and its name says \(sequence)")
        }
    }

    /// Why a file is no snapshot that can be used.
    struct Fault: Error {
        var what: String
    }
}
