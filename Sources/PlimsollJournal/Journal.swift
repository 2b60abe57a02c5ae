/// An append-only file of records in a folder, each chained to the one before.
///
/// What was synced is there after a crash, once and in order; what was appended and not synced may be there.
/// Damage is found when the journal is opened, and never skipped. After a call that failed nothing is
/// written any more: a sync that failed is never repeated, since the system may have forgotten what it
/// did not write (the lesson of PostgreSQL, 2018). One thread at a time.
public final class Journal<Disk: Storage> {
    private let storage: Disk
    private let segmentSize: Int
    private var segment: Int32 = -1
    private var offset = 0
    private var size = 0
    private var headFile: Int32 = -1
    private var headCount: UInt64
    private var buffer: [UInt8] = []
    private var isStopped = false
    /// The last event that was appended; 0: none.
    public private(set) var sequence: UInt64
    /// The chain after it.
    public private(set) var chain: Chain
    /// How many bytes records have taken since it was opened.
    public private(set) var bytes = 0
    /// How many segments were begun since it was opened.
    public private(set) var segments = 0
    /// What opening it found.
    public let recovery: Recovery

    /// The largest payload of a record.
    public static var payloadLimit: Int { 1 << 30 }

    /// Opens the journal of a folder, hands on its records in order, and drops what a crash has cut.
    ///
    /// - Parameters:
    ///   - storage: the folder.
    ///   - segmentSize: how many bytes a file has, which are written ahead so that a record changes
    ///     nothing about the file but its content.
    ///   - position: where to begin: a snapshot's; segments before it are not read.
    ///   - body: gets each record after it; what it throws ends the opening.
    /// - Throws: a `JournalError` or a `StorageError` before anything was changed, or what `body` throws.
    public init(
        in storage: Disk,
        segmentSize: Int = 64 << 20,
        after position: Position = .start,
        replaying body: (Record) throws -> Void = { _ in }
    ) throws {
        self.storage = storage
        self.segmentSize = segmentSize
        var scan = Scan(storage)
        try scan.run(after: position, body)
        recovery = scan.recovery
        sequence = scan.recovery.sequence
        chain = scan.recovery.chain
        headCount = scan.headCount
        for name in scan.unborn { try storage.remove(name) }
        if !scan.unborn.isEmpty { try storage.syncFolder() }
        headFile = try Self.open(Head.name, in: storage)
        if try storage.size(headFile) < 2 * Layout.headSlot {
            let zeros = [UInt8](repeating: 0, count: 2 * Layout.headSlot)
            try storage.writeAll(zeros, to: headFile, at: 0)
        }
        if let last = scan.last {
            segment = try Self.open(last.name, in: storage)
            (offset, size) = (last.offset, last.size)
            try dropTail()
        }
        try writeHead()
        try storage.sync(headFile)
        try storage.syncFolder()
    }

    deinit {
        if segment >= 0 { storage.close(segment) }
        if headFile >= 0 { storage.close(headFile) }
    }

    private static func open(_ name: String, in storage: Disk) throws(StorageError) -> Int32 {
        guard let file = try storage.open(name, creating: true) else {
            throw StorageError(call: "open", path: name, code: 0, words: "no file was made")
        }
        return file
    }

    /// Makes what is behind the last record zero again, and syncs: what is kept was not, perhaps.
    private func dropTail() throws(StorageError) {
        let zeros = [UInt8](repeating: 0, count: recovery.droppedBytes)
        if !zeros.isEmpty { try storage.writeAll(zeros, to: segment, at: offset) }
        try storage.sync(segment)
    }

    // MARK: Writing

    /// Appends a record of `count` events, above zero, which is durable after the next `sync`.
    ///
    /// `time` is in nanoseconds UTC. The answer is the number of its first event.
    public func append(
        _ payload: UnsafeRawBufferPointer,
        count: UInt32,
        time: Int64
    ) throws(JournalError) -> UInt64 {
        guard payload.count <= Self.payloadLimit else {
            throw .tooLarge(payload.count, limit: Self.payloadLimit)
        }
        precondition(count > 0, "Invariant: a record has events")
        let first = sequence + 1
        var next = chain
        try step { () throws(StorageError) in
            let length = Layout.recordHeader + Layout.padded(payload.count)
            if segment < 0 || size - offset < length {
                try roll(length)
            }
            next = Record.bytes(
                first: first,
                count: count,
                time: time,
                payload: payload,
                after: chain,
                into: &buffer
            )
            try storage.writeAll(buffer, to: segment, at: offset)
            offset += buffer.count
            bytes += buffer.count
        }
        chain = next
        sequence += UInt64(count)
        return first
    }

    /// Makes everything appended so far durable: after it, and not before, it may be acknowledged.
    public func sync() throws(JournalError) {
        try step { () throws(StorageError) in
            if segment >= 0 { try storage.sync(segment) }
            try writeHead()
        }
    }

    /// Makes the head durable too, as a node does once a second.
    ///
    /// After a loss of power a record that is broken up to the head is damage, one beyond it counts as cut.
    public func syncHead() throws(JournalError) {
        try step { () throws(StorageError) in try storage.sync(headFile) }
    }

    /// Makes all of it durable: the last thing before a clean end.
    public func finish() throws(JournalError) {
        try sync()
        try syncHead()
        isStopped = true
    }

    /// Does something that may fail; if it does, the journal has stopped.
    private func step(
        _ body: () throws(StorageError) -> Void
    ) throws(JournalError) {
        guard !isStopped else { throw .stopped }
        do throws(StorageError) {
            try body()
        } catch {
            isStopped = true
            throw .storage(error)
        }
    }

    /// Writes the head in the slot whose turn it is.
    private func writeHead() throws(StorageError) {
        headCount += 1
        let bytes = Head(sequence: sequence, chain: chain).bytes(headCount)
        let slot = Int(headCount & 1) * Layout.headSlot
        try storage.writeAll(bytes, to: headFile, at: slot)
    }

    /// Goes on in a new segment that has room for a record.
    private func roll(_ length: Int) throws(StorageError) {
        if segment >= 0 {
            try storage.sync(segment)
            storage.close(segment)
            segment = -1
            try writeHead()
        }
        try storage.sync(headFile)
        segment = try Self.open(Layout.name(sequence + 1), in: storage)
        size = max(segmentSize, Layout.segmentHeader + length)
        let zeros = [UInt8](repeating: 0, count: min(size, 1 << 20))
        var filled = 0
        while filled < size {
            let part = Array(zeros.prefix(size - filled))
            try storage.writeAll(part, to: segment, at: filled)
            filled += part.count
        }
        var header = Layout.segmentMagic
        header.put(sequence + 1)
        header.append(contentsOf: chain.bytes)
        header.put(CRC32C.of(header))
        try storage.writeAll(header, to: segment, at: 0)
        try storage.sync(segment)
        try storage.syncFolder()
        offset = Layout.segmentHeader
        segments += 1
    }
}
