/// Goes through the records of a folder, in order, from a position on.
struct Walk<Disk: Storage> {
    private let storage: Disk
    private let window: ReadWindow
    private let after: Position
    /// The segment that is being read; `nil`: there is none in the folder yet.
    private(set) var segment: SegmentReader<Disk>?
    /// Behind the last record that was passed.
    private(set) var position: Position
    /// Before the segment that it began with.
    let start: Position

    /// What comes next.
    enum Step {
        case record(Record, size: Int)
        /// The segment has no more records; what is wrong where the next one would be, if anything is.
        case end(String?)
    }

    /// Begins at a position.
    ///
    /// - Throws: `pruned` if segments behind it are not there any more, `ended` if the journal ends before it,
    ///   `damaged` if the chain is another one there.
    init(_ storage: Disk, after: Position) throws(JournalError) {
        (self.storage, self.after, window) = (storage, after, ReadWindow())
        let names = try calling { () throws(StorageError) in try storage.names() }
        let segments = Layout.Numbered.segment.numbers(in: names)
        guard let oldest = segments.first else {
            guard after == .start else { throw .ended(at: 0, before: after.sequence) }
            (start, position) = (.start, .start)
            return
        }
        guard let first = segments.last(where: { $0 - 1 <= after.sequence }) else {
            throw .pruned(after: after.sequence, oldest: oldest)
        }
        let segment = try SegmentReader(first: first, in: storage, window)
        (self.segment, start, position) = (segment, segment.position, segment.position)
        try checkChain()
        // What is before the position is checked and not handed on.
        while position.sequence < after.sequence {
            switch try next() {
            case .record(let record, let size): try pass(record, size: size)
            case .end(let what):
                guard let what else { throw .ended(at: position.sequence, before: after.sequence) }
                throw damage(what)
            }
        }
    }

    /// Begins at the oldest segment that is there.
    init(oldestOf storage: Disk) throws(JournalError) {
        (self.storage, after, window) = (storage, .start, ReadWindow())
        let names = try calling { () throws(StorageError) in try storage.names() }
        guard let oldest = Layout.Numbered.segment.numbers(in: names).first else {
            (start, position) = (.start, .start)
            return
        }
        let segment = try SegmentReader(first: oldest, in: storage, window)
        (self.segment, start, position) = (segment, segment.position, segment.position)
    }

    /// At the place of another one, with memory of its own.
    init(at other: Walk) throws(JournalError) {
        (storage, after, window) = (other.storage, other.after, ReadWindow())
        (start, position) = (other.start, other.position)
        guard let segment = other.segment else { return }
        self.segment = try SegmentReader(at: segment, window)
    }

    /// Damage at the place where the next record would be.
    func damage(_ what: String) -> JournalError {
        .damaged(
            file: segment?.name ?? Layout.Numbered.segment.name(1),
            offset: segment?.offset ?? 0,
            sequence: position.sequence + 1,
            what: what
        )
    }

    /// Sees that a head is between two records and has the chain of that place.
    ///
    /// `first` is that of the record that was passed last.
    func check(_ head: Position, since first: UInt64) throws(JournalError) {
        guard first <= head.sequence, head.sequence <= position.sequence, position != head
        else { return }
        throw damage("the head does not fit to the records before")
    }

    /// Sees that the records go as far as an event that was durable; `what` is wrong behind them.
    func requireDurable(_ sequence: UInt64, _ what: String?) throws(JournalError) {
        guard position.sequence < sequence else { return }
        throw damage("\(what ?? "nothing is here"), and event \(sequence) was durable")
    }

    /// What is behind the last record of a segment: how many bytes, and the last event of which a record in them says
    /// that it was durable.
    func rest() throws(JournalError) -> (bytes: Int, durable: UInt64) {
        guard let segment else { return (0, 0) }
        let bytes = try segment.bytesBehind()
        return (bytes, try segment.durableBehind(bytes))
    }

    /// Looks at the next record of the segment.
    func next() throws(JournalError) -> Step {
        guard let segment else { return .end(nil) }
        switch try segment.find() {
        case .record(let record, let size): return .record(record, size: size)
        case .nothing: return .end(nil)
        case .bad(let what): return .end(what)
        }
    }

    /// Goes behind a record that `next` found.
    mutating func pass(_ record: Record, size: Int) throws(JournalError) {
        segment?.pass(record, size: size)
        let start = position.sequence
        position = record.end
        if start < after.sequence, position.sequence > after.sequence {
            throw damage("event \(after.sequence) is not the last of its record")
        }
        try checkChain()
    }

    private func checkChain() throws(JournalError) {
        guard position.sequence == after.sequence, position.chain != after.chain else { return }
        throw damage("the chain before it is not that of the snapshot or reader that goes on here")
    }

    /// The numbers of all segments, and whether any of them comes behind the one that is read.
    private func segments() throws(JournalError) -> (numbers: [UInt64], isLast: Bool) {
        let names = try calling { () throws(StorageError) in try storage.names() }
        let numbers = Layout.Numbered.segment.numbers(in: names)
        guard let last = numbers.last else { return (numbers, true) }
        return (numbers, segment?.name == Layout.Numbered.segment.name(last))
    }

    /// Whether there are segments behind the one that is read.
    var hasNextSegment: Bool {
        get throws(JournalError) { try !segments().isLast }
    }

    /// Goes to the segment that follows, if there is one.
    mutating func nextSegment() throws(JournalError) -> Bool {
        let (numbers, isLast) = try segments()
        guard !isLast else { return false }
        let first = position.sequence + 1
        if let oldest = numbers.first, oldest > first {
            throw .pruned(after: position.sequence, oldest: oldest)
        }
        if let segment, try segment.bytesBehind() > 0 {
            throw damage("there is something behind the last record")
        }
        let next = try SegmentReader(first: first, in: storage, window)
        guard next.position == position else {
            throw .damaged(
                file: next.name,
                offset: 0,
                sequence: first,
                what: "its chain is not that of the segment before"
            )
        }
        segment = next
        return true
    }

    /// Reads again from the place that was reached, where more may have been written since.
    mutating func refresh() throws(JournalError) {
        if let segment {
            segment.refresh()
        } else {
            // The folder was empty, and perhaps is not any more.
            self = try Walk(storage, after: after)
        }
    }
}
