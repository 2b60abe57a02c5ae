/// What a journal said was durable, kept outside of its segments: a record that is broken up to here is damage,
/// one beyond it was cut by a crash and never said to be durable.
///
/// Two slots are written in turn, so that a write that is cut leaves the other one.
struct Head: Hashable {
    /// Behind the last durable record.
    var position: Position
    /// How often the head was written.
    var writes: UInt64
    /// How many of its slots are whole.
    var wholeSlots = 2

    static let none = Head(position: .start, writes: 0)

    private static let checked = 56

    /// One slot.
    var bytes: [UInt8] {
        var bytes = Layout.headMagic
        bytes.put(writes)
        bytes.put(position.sequence)
        bytes.append(contentsOf: position.chain.bytes)
        bytes.put(CRC32C.of(bytes))
        bytes.fill(to: Layout.headSlot)
        return bytes
    }

    /// Where that slot is in the file.
    var offset: Int { Int(writes & 1) * Layout.headSlot }

    /// The newer of the slots that are whole; `nil`: none is.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var best: Head?
        var whole = 0
        for start in [0, Layout.headSlot] where bytes.count >= start + Layout.headSlot {
            guard let slot = Head(slot: bytes.part(start..<start + Layout.headSlot)) else {
                continue
            }
            whole += 1
            if let best, best.writes > slot.writes { continue }
            best = slot
        }
        guard let best else { return nil }
        self = best
        wholeSlots = whole
    }

    private init?(slot: UnsafeRawBufferPointer) {
        guard slot.part(0..<8).elementsEqual(Layout.headMagic),
            CRC32C.of(slot.part(0..<Self.checked)) == slot.number(at: Self.checked),
            slot.part(60..<Layout.headSlot).lastNonZero == nil
        else { return nil }
        writes = slot.number(at: 8)
        position = Position(sequence: slot.number(at: 16), chain: Chain(slot, at: 24))
    }

    init(position: Position, writes: UInt64) {
        self.position = position
        self.writes = writes
    }

    /// Reads the head of a folder.
    ///
    /// - Throws: `headless` if it is missing or no slot of it is whole.
    static func read(in storage: some Storage) throws(JournalError) -> Head {
        let bytes = try calling { () throws(StorageError) -> [UInt8]? in
            guard let file = try storage.open(Layout.head, creating: false) else { return nil }
            defer { storage.close(file) }
            return try storage.readAll(2 * Layout.headSlot, from: file, at: 0)
        }
        guard let bytes else { throw .headless("is missing") }
        guard let head = bytes.withUnsafeBytes({ Head($0) }) else {
            throw .headless("has no slot that is whole")
        }
        return head
    }
}
