import Crypto

/// States of an engine beside its journal, each whole or not there, so that opening need not replay everything.
///
/// | `snapshot-<sequence>.ps` | bytes |
/// | --- | --- |
/// | `PLMSNAP1` | 0 to 7 |
/// | the last event that it has seen | 8 to 15 |
/// | time of that event's record, nanoseconds UTC | 16 to 23 |
/// | chain there | 24 to 55 |
/// | length of the payload | 56 to 63 |
/// | payload | from 64 |
/// | SHA-256 of all before | the last 32 |
public struct Snapshots<Disk: Storage> {
    /// A snapshot that is whole.
    public struct Snapshot: Hashable, Sendable {
        /// Where in the journal it was made.
        public var position: Position
        /// The time of the record before it, nanoseconds UTC.
        public var time: Int64
        /// What was saved.
        public var payload: [UInt8]
    }

    /// What was found in a folder.
    public struct Found: Sendable {
        /// The newest that is whole.
        public var newest: Snapshot?
        /// What is wrong with newer ones, in sentences with their names.
        public var damaged: [String] = []
    }

    private let storage: Disk

    private static var magic: [UInt8] { Array("PLMSNAP1".utf8) }
    private static var header: Int { 64 }
    private static var temporary: String { "snapshot.new" }
    /// How many are kept: if the newest is damaged, the one before is there.
    private static var kept: Int { 2 }

    /// The snapshots of a folder.
    public init(in storage: Disk) { self.storage = storage }

    private static func name(_ sequence: UInt64) -> String {
        let digits = String(sequence)
        return "snapshot-" + String(repeating: "0", count: 20 - digits.utf8.count) + digits + ".ps"
    }

    /// The names of all, the oldest first.
    private func names() throws(StorageError) -> [String] {
        try storage.names().filter { $0.hasPrefix("snapshot-") && $0.hasSuffix(".ps") }
    }

    /// Writes one, and removes those that are not needed any more.
    ///
    /// - Parameters:
    ///   - payload: the state.
    ///   - position: where in the journal it was made; it must be durable.
    ///   - time: the time of the record before it.
    public func write(
        _ payload: [UInt8],
        at position: Position,
        time: Int64
    ) throws(StorageError) {
        var bytes = Self.magic
        bytes.reserveCapacity(Self.header + payload.count + 32)
        bytes.put(position.sequence)
        bytes.put(time)
        bytes.append(contentsOf: position.chain.bytes)
        bytes.put(UInt64(payload.count))
        bytes.append(contentsOf: payload)
        bytes.append(contentsOf: SHA256.hash(data: bytes))
        if try storage.names().contains(Self.temporary) { try storage.remove(Self.temporary) }
        guard let file = try storage.open(Self.temporary, creating: true) else {
            throw StorageError(
                call: "open",
                path: Self.temporary,
                code: 0,
                words: "no file was made"
            )
        }
        do throws(StorageError) {
            try storage.writeAll(bytes, to: file, at: 0)
            try storage.sync(file)
        } catch {
            storage.close(file)
            throw error
        }
        storage.close(file)
        try storage.rename(Self.temporary, to: Self.name(position.sequence))
        try storage.syncFolder()
        for name in try names().dropLast(Self.kept) { try storage.remove(name) }
    }

    /// The newest that is whole, and what is wrong with those that are newer.
    public func newest() throws(StorageError) -> Found {
        var found = Found()
        for name in try names().reversed() {
            guard let file = try storage.open(name, creating: false) else { continue }
            defer { storage.close(file) }
            let bytes = try storage.readAll(try storage.size(file), from: file, at: 0)
            if let snapshot = Self.snapshot(bytes, name) {
                found.newest = snapshot
                return found
            }
            found.damaged.append("\(name) is damaged and not used.")
        }
        return found
    }

    private static func snapshot(_ bytes: [UInt8], _ name: String) -> Snapshot? {
        guard bytes.count >= header + 32, bytes.starts(with: magic),
            bytes.number(at: 56, as: UInt64.self) == UInt64(bytes.count - header - 32),
            SHA256.hash(data: bytes.dropLast(32)).elementsEqual(bytes.suffix(32)),
            Self.name(bytes.number(at: 8)) == name
        else { return nil }
        return Snapshot(
            position: Position(
                sequence: bytes.number(at: 8),
                chain: Chain(bytes: Array(bytes[24..<56]))
            ),
            time: bytes.number(at: 16),
            payload: Array(bytes[header..<bytes.count - 32])
        )
    }
}

extension Snapshots: Sendable where Disk: Sendable {}
