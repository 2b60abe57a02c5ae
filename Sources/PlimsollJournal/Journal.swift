/// An append-only file of records in a folder, each chained to the one before.
///
/// What was synced is there after a crash, once and in order; what was appended and not synced may be there.
/// Damage is found when the journal is opened, and never skipped. After a call that failed nothing is
/// written any more: a sync that failed is never repeated, since the system may have forgotten what it
/// did not write (the lesson of PostgreSQL, 2018). One thread at a time.
public final class Journal<Disk: Storage> {
    private let storage: Disk
    private var segment: OpenSegment<Disk>?
    private var headFile: Int32 = -1
    private var headWrites: UInt64
    private var buffer: [UInt8] = []
    private var isStopped = false
    private let behind = WriteBehind<Disk>()
    /// The next segment, which another thread fills.
    public let spare: SpareSegment<Disk>
    /// Behind the last record that was appended.
    public private(set) var position: Position
    /// Behind the last record that is durable: a reader may go as far.
    public private(set) var durable: Position
    /// What opening it found.
    public let recovery: Recovery

    /// The largest payload of a record.
    public static var payloadLimit: Int { 1 << 30 }

    /// The sizes that a segment may have.
    public static var segmentSizes: ClosedRange<Int> { 1 << 10...1 << 30 }

    /// Opens the journal of a folder, hands on the records after a position, and drops what a crash has cut.
    ///
    /// - Parameters:
    ///   - storage: the folder.
    ///   - segmentSize: how many bytes a file has, which are written ahead so that a record changes
    ///     nothing about the file but its content.
    ///   - after: the position of a snapshot. Segments before it are not read.
    ///   - body: gets each record; what it throws ends the opening.
    /// - Throws: a `JournalError` before anything was changed, or what `body` throws.
    public convenience init(
        in storage: Disk,
        segmentSize: Int = 64 << 20,
        after: Position = .start,
        replaying body: (Record) throws -> Void = { _ in }
    ) throws {
        try Self.check(segmentSize: segmentSize)
        var scan = Scan(storage)
        try scan.run(after: after, body)
        try self.init(in: storage, segmentSize, after: scan)
    }

    static func check(segmentSize: Int) throws(JournalError) {
        guard !segmentSizes.contains(segmentSize) else { return }
        throw .segmentSize(segmentSize, allowed: segmentSizes)
    }

    /// Goes on writing where a scan has ended.
    init(in storage: Disk, _ segmentSize: Int, after scan: Scan<Disk>) throws(JournalError) {
        self.storage = storage
        spare = SpareSegment(in: storage, size: segmentSize)
        recovery = scan.recovery
        (position, durable) = (scan.recovery.position, scan.recovery.position)
        headWrites = scan.head.writes
        try calling { () throws(StorageError) in
            if try storage.names().contains(Layout.spare) { try storage.remove(Layout.spare) }
            headFile = try storage.make(Layout.head)
            if try storage.size(headFile) < 2 * Layout.headSlot {
                try storage.writeZeros(0..<2 * Layout.headSlot, to: headFile)
            }
            if let last = scan.last {
                try goOn(in: last, isBeyondHead: scan.head.position != scan.recovery.position)
            }
            try writeHead()
            try storage.sync(headFile)
            try storage.syncFolder()
        }
    }

    deinit {
        // Nobody is told of its outcome: what it was to make durable was never said to be.
        _ = try? behind.wait()
        if let segment { storage.close(segment.file) }
        if headFile >= 0 { storage.close(headFile) }
    }

    /// Makes what is behind the last record zero again, and syncs: what is kept was not, perhaps.
    ///
    /// Where the head does not vouch for the last records, they are written again first: after a sync that failed the system
    /// has them in memory and takes them for written, so that a sync alone would do nothing.
    private func goOn(in last: Scan<Disk>.Last, isBeyondHead: Bool) throws(StorageError) {
        let file = try storage.make(last.name)
        segment = OpenSegment(
            file: file,
            offset: last.offset,
            size: last.size,
            seed: last.seed
        )
        if isBeyondHead {
            for start in stride(from: 0, to: last.offset, by: 1 << 20) {
                let count = min(1 << 20, last.offset - start)
                let bytes = try storage.readAll(count, from: file, at: start)
                try storage.writeAll(bytes, to: file, at: start)
            }
        }
        try storage.writeZeros(last.offset..<last.offset + recovery.droppedBytes, to: file)
        try storage.sync(file)
    }

    // MARK: Writing

    /// Appends a record of `count` events, above zero, which is durable after the next `sync`.
    ///
    /// `time` is in nanoseconds UTC. The answer is the number of its first event.
    @discardableResult
    public func append(
        _ payload: UnsafeRawBufferPointer,
        count: UInt32,
        time: Int64
    ) throws(JournalError) -> UInt64 {
        try add(payload, count, time) { (segment) throws(StorageError) in
            segment.direct = nil
            try storage.writeAll(buffer, to: segment.file, at: segment.offset)
        }
    }

    /// Appends a record and makes it, with all that was appended before, durable: `append` and `sync`, in one call of the
    /// disk where it can be.
    @discardableResult
    public func commit(
        _ payload: UnsafeRawBufferPointer,
        count: UInt32,
        time: Int64
    ) throws(JournalError) -> UInt64 {
        var isDurable = false
        let first = try add(payload, count, time) { (segment) throws(StorageError) in
            if durable == position, buffer.count <= DirectFile.limit,
                let direct = try segment.direct(in: storage)
            {
                try direct.append(buffer)
                isDurable = true
            } else {
                segment.direct = nil
                try storage.writeAll(buffer, to: segment.file, at: segment.offset)
            }
        }
        if isDurable {
            try step { () throws(StorageError) in
                durable = position
                try writeHead()
            }
        } else {
            try sync()
        }
        return first
    }

    private func add(
        _ payload: UnsafeRawBufferPointer,
        _ count: UInt32,
        _ time: Int64,
        writing body: (inout OpenSegment<Disk>) throws(StorageError) -> Void
    ) throws(JournalError) -> UInt64 {
        guard payload.count <= Self.payloadLimit else {
            throw .tooLarge(payload.count, limit: Self.payloadLimit)
        }
        precondition(count > 0, "Invariant: a record has events.")
        let header = RecordHeader(
            length: payload.count,
            first: position.sequence + 1,
            time: time,
            count: count,
            pending: UInt32(clamping: position.sequence - durable.sequence)
        )
        try step { () throws(StorageError) in
            var segment = try segment(with: header.size)
            let chain = header.put(
                payload,
                after: position.chain,
                seed: segment.seed,
                into: &buffer
            )
            try body(&segment)
            segment.offset += buffer.count
            self.segment = segment
            position = Position(sequence: position.sequence + UInt64(count), chain: chain)
        }
        return header.first
    }

    /// Makes everything appended so far durable: after it, and not before, it may be acknowledged.
    public func sync() throws(JournalError) {
        try step { () throws(StorageError) in try syncAll() }
    }

    /// Begins to make everything appended so far durable, and does not wait for it; `noteSynced` says when it is.
    ///
    /// For those who acknowledge what is not durable yet: they lose little, and need not stop for long where a segment
    /// ends. Does nothing while an earlier one is under way.
    public func beginSync() throws(JournalError) {
        try step { () throws(StorageError) in
            guard let segment, durable != position, !isSyncing else { return }
            behind.begin(segment.file, upTo: position, in: storage)
        }
    }

    /// A sync that was begun has not ended, or nobody has noted that it has.
    public var isSyncing: Bool { behind.isUnderWay }

    /// Notes what a sync that was begun has made durable; returns at once.
    ///
    /// - Throws: the failure of that sync, after which the journal has stopped.
    public func noteSynced() throws(JournalError) {
        try step { () throws(StorageError) in try note(try behind.take()) }
    }

    private func note(_ synced: Position?) throws(StorageError) {
        guard let synced, synced.sequence > durable.sequence else { return }
        durable = synced
        try writeHead()
    }

    private func syncAll() throws(StorageError) {
        // The system tells of a failure once: whoever asks first. So that one is asked first.
        try note(try behind.wait())
        if let segment { try storage.sync(segment.file) }
        durable = position
        try writeHead()
    }

    /// Makes the head durable too, as a node does once a second.
    ///
    /// After a loss of power a record that is broken up to the head is damage, one beyond it counts as cut unless
    /// a later one says that it was durable.
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
        headWrites += 1
        let head = Head(position: durable, writes: headWrites)
        try storage.writeAll(head.bytes, to: headFile, at: head.offset)
    }

    /// The segment that is written to, or a new one if that has too little room.
    private func segment(with room: Int) throws(StorageError) -> OpenSegment<Disk> {
        if let segment {
            if segment.size - segment.offset >= room { return segment }
            try syncAll()
        }
        // The segment before is durable, and the head says so, before there is a new one: so a record that is broken
        // in any segment but the last is always damage.
        try storage.sync(headFile)
        let old = segment
        let (header, bytes) = SegmentHeader.make(after: position)
        try spare.take(Layout.segmentHeader + room) { (file, size) throws(StorageError) in
            try storage.writeAll(bytes, to: file, at: 0)
            try storage.sync(file)
            try storage.rename(
                Layout.spare,
                to: Layout.Numbered.segment.name(position.sequence + 1)
            )
            try storage.syncFolder()
            segment = OpenSegment(
                file: file,
                offset: Layout.segmentHeader,
                size: size,
                seed: header.checksum
            )
        }
        if let old { storage.close(old.file) }
        guard let segment else { preconditionFailure("Invariant: it was made.") }
        return segment
    }
}

/// The segment that a journal writes to.
struct OpenSegment<Disk: Storage> {
    var file: Int32
    /// Where the next record begins.
    var offset: Int
    var size: Int
    /// What the checksums of its records begin with.
    var seed: UInt32
    /// The other way to write to it; `nil`: not opened, or there is none.
    var direct: DirectFile?
    private var isWithoutDirect = false

    init(file: Int32, offset: Int, size: Int, seed: UInt32) {
        (self.file, self.offset, self.size, self.seed) = (file, offset, size, seed)
    }

    /// The other way to write to it, opened if it is not yet; `nil`: there is none.
    mutating func direct(in storage: Disk) throws(StorageError) -> DirectFile? {
        if direct == nil, !isWithoutDirect {
            direct = try storage.direct(file, end: offset)
            isWithoutDirect = direct == nil
        }
        return direct
    }
}
