/// What reading a whole journal found.
public struct Verification: Hashable, Sendable {
    /// The first event that is there; older segments may have been removed.
    public var first: UInt64 = 1
    /// Behind the last record that is there.
    public var position = Position.start
    /// Behind the last record that the head says is durable; `nil`: the head is lost.
    public var durable: Position?
    /// How many segments there are.
    public var segments = 0
    /// How many records.
    public var records: UInt64 = 0
    /// How many events.
    public var events: UInt64 = 0
    /// How many bytes their payloads have.
    public var bytes: UInt64 = 0
    /// The earliest and the latest time of a record, nanoseconds UTC.
    public var times: ClosedRange<Int64>?
    /// How many bytes behind the last record are no whole record: cut by a crash, or being written now.
    ///
    /// Nobody was told that they are durable, and opening the journal drops them.
    public var tornBytes = 0

    mutating func count(_ record: Record) {
        records += 1
        events += UInt64(record.count)
        bytes += UInt64(record.payload.count)
        position = record.end
        guard let times else { return times = record.time...record.time }
        self.times = min(times.lowerBound, record.time)...max(times.upperBound, record.time)
    }
}

extension Journal {
    /// Reads all segments of a folder, which may be in use, and changes nothing.
    ///
    /// Of a folder in use it reads what was durable when it began, at least.
    ///
    /// - Throws: `damaged` with the first place that is not as it was written, `headless` or `storage`.
    public static func verify(_ storage: Disk) throws(JournalError) -> Verification {
        let names = try calling { () throws(StorageError) in try storage.names() }
        guard !Layout.Numbered.segment.numbers(in: names).isEmpty else {
            return try verifyEmpty(storage, names)
        }
        let head = try Head.read(in: storage).position
        var walk = try Walk(oldestOf: storage)
        var found = Verification(first: walk.start.sequence + 1, position: walk.start, segments: 1)
        found.durable = head
        try walk.check(head, since: walk.start.sequence)
        while true {
            switch try walk.next() {
            case .record(let record, let size):
                try walk.pass(record, size: size)
                try walk.check(head, since: record.first)
                found.count(record)
            case .end(let what):
                if what == nil, walk.position.sequence < head.sequence, try walk.nextSegment() {
                    found.segments += 1
                    continue
                }
                try walk.requireDurable(head.sequence, what)
                let (torn, durable) = try walk.rest()
                // If the head has moved on, someone writes, and what is behind is no torn end.
                guard try Head.read(in: storage).position == head else { return found }
                try walk.requireDurable(durable, what)
                found.tornBytes = torn
                return found
            }
        }
    }

    /// A folder without a segment: nothing was written to it yet, or all of it was lost.
    private static func verifyEmpty(
        _ storage: Disk,
        _ names: [String]
    ) throws(JournalError) -> Verification {
        var found = Verification()
        guard names.contains(Layout.head) else { return found }
        let head = try Head.read(in: storage).position
        guard head == .start else { throw .ended(at: 0, before: head.sequence) }
        found.durable = head
        return found
    }
}

extension Journal {
    /// Writes a new head for a folder whose head is lost, and says what it found.
    ///
    /// It is for a person to decide. It assumes that the last record that is whole is the last one that was
    /// acknowledged: if records behind it were lost too, nobody will know. It is refused while the head is readable, and
    /// where a record is broken that is not at the end.
    ///
    /// - Throws: `headIsThere`, `damaged` or `storage`.
    public static func rebuildHead(in storage: Disk) throws(JournalError) -> Verification {
        if try hasHead(storage) { throw .headIsThere }
        var found = Verification()
        var scan = Scan(storage)
        let walk = try scan.runWithoutHead { record in found.count(record) }
        (found.first, found.position) = (walk.start.sequence + 1, walk.position)
        found.tornBytes = scan.recovery.droppedBytes
        let names = try calling { () throws(StorageError) in try storage.names() }
        found.segments = Layout.Numbered.segment.numbers(in: names).count
        try calling { () throws(StorageError) in
            let file = try storage.make(Layout.head)
            defer { storage.close(file) }
            for writes in UInt64(1)...2 {
                let head = Head(position: walk.position, writes: writes)
                try storage.writeAll(head.bytes, to: file, at: head.offset)
            }
            try storage.sync(file)
            try storage.syncFolder()
        }
        found.durable = walk.position
        return found
    }

    private static func hasHead(_ storage: Disk) throws(JournalError) -> Bool {
        do {
            _ = try Head.read(in: storage)
            return true
        } catch {
            guard case .headless = error else { throw error }
            return false
        }
    }
}
