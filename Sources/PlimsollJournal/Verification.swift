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
    /// The snapshots that were there when it began, in order.
    public var snapshots: [VerifiedSnapshot] = []

    mutating func count(_ record: Record) {
        records += 1
        events += UInt64(record.count)
        bytes += UInt64(record.payload.count)
        position = record.end
        guard let times else { return times = record.time...record.time }
        self.times = min(times.lowerBound, record.time)...max(times.upperBound, record.time)
    }

    /// Compares the snapshots with the place that was reached.
    mutating func checkSnapshots(since first: UInt64) {
        for index in snapshots.indices { snapshots[index].check(position, since: first) }
    }

    /// There is no snapshot of an event that the journal does not have.
    mutating func checkSnapshotsBeyond() {
        for index in snapshots.indices
        where snapshots[index].fault == nil && snapshots[index].sequence > position.sequence {
            snapshots[index].fault = "the journal ends with event \(position.sequence)"
        }
    }
}

/// What was found of a snapshot.
public struct VerifiedSnapshot: Hashable, Sendable {
    /// The file.
    public var name: String
    /// The event after which it was made, as its name says.
    public var sequence: UInt64
    /// What is wrong with it; `nil`: it is whole, and the chain in it is the journal's at that place.
    ///
    /// The chain of a place whose segment was removed cannot be looked at.
    public var fault: String?
    /// The place that is in it.
    var position: Position?

    /// Compares it with the journal behind a record, the first event of which is `first`, or before the oldest.
    mutating func check(_ place: Position, since first: UInt64) {
        guard fault == nil, let position, first <= position.sequence,
            position.sequence <= place.sequence, position != place
        else { return }
        fault =
            position.sequence == place.sequence
            ? "its chain is not that of the journal"
            : "event \(position.sequence) is not the last of its record"
    }
}

extension Snapshots {
    /// All of them, without a look at the journal.
    fileprivate func verified() throws(JournalError) -> [VerifiedSnapshot] {
        var found: [VerifiedSnapshot] = []
        for sequence in try sequences() {
            let name = Layout.Numbered.snapshot.name(sequence)
            switch try read(sequence) {
            case .success(let snapshot):
                found.append(
                    VerifiedSnapshot(name: name, sequence: sequence, position: snapshot.position)
                )
            case .failure(let fault):
                // One that a node has removed meanwhile is no damage.
                guard try sequences().contains(sequence) else { continue }
                found.append(VerifiedSnapshot(name: name, sequence: sequence, fault: fault.what))
            }
        }
        return found
    }
}

extension Journal {
    /// Reads all segments and snapshots of a folder, which may be in use, and changes nothing.
    ///
    /// Of a folder in use it reads what was durable when it began, at least. A start does without a damaged snapshot, which
    /// therefore ends nothing: it is told in `snapshots`.
    ///
    /// - Throws: `damaged` with the first place that is not as it was written, `headless` or `storage`.
    public static func verify(_ storage: Disk) throws(JournalError) -> Verification {
        // Before the head: what there is a snapshot of is durable, and so before the head that is read after it.
        let snapshots = try Snapshots(in: storage).verified()
        let names = try calling { () throws(StorageError) in try storage.names() }
        var found =
            Layout.Numbered.segment.numbers(in: names).isEmpty
            ? try verifyEmpty(storage, names) : try verifySegments(storage, snapshots)
        if found.segments == 0 { found.snapshots = snapshots }
        found.checkSnapshotsBeyond()
        return found
    }

    private static func verifySegments(
        _ storage: Disk,
        _ snapshots: [VerifiedSnapshot]
    ) throws(JournalError) -> Verification {
        let head = try Head.read(in: storage).position
        var walk = try Walk(oldestOf: storage)
        var found = Verification(first: walk.start.sequence + 1, position: walk.start, segments: 1)
        found.durable = head
        found.snapshots = snapshots
        try walk.check(head, since: walk.start.sequence)
        found.checkSnapshots(since: walk.start.sequence)
        while true {
            switch try walk.next() {
            case .record(let record, let size):
                try walk.pass(record, size: size)
                try walk.check(head, since: record.first)
                found.count(record)
                found.checkSnapshots(since: record.first)
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
