/// Reads a journal while someone writes to it: for a replica, for `tail` and `export`, for a look at the past.
///
/// It needs no lock and changes nothing. It reads as far as it is told that records are durable, so that it never takes
/// one that is being written for damage. One thread at a time, which need not be the writer's.
public final class JournalReader<Disk: Storage> {
    private let storage: Disk
    private var walk: Walk<Disk>

    /// Behind the last record that was handed on.
    public var position: Position { walk.position }

    /// Begins at a position, which may be where a snapshot was made.
    ///
    /// - Throws: `pruned`, `ended`, `damaged` or `storage`.
    public init(_ storage: Disk, after: Position = .start) throws(JournalError) {
        self.storage = storage
        walk = try Walk(storage, after: after)
    }

    /// Another reader at the same place, which checks nothing before it again.
    ///
    /// - Throws: `damaged` if the segment is gone, or `storage`.
    public init(at other: JournalReader) throws(JournalError) {
        storage = other.storage
        walk = try Walk(at: other.walk)
    }

    /// The place up to which the writer says that records are durable, for a reader in another process.
    ///
    /// - Throws: `headless` or `storage`.
    public func durable() throws(JournalError) -> Position {
        try Head.read(in: storage).position
    }

    /// Hands on the next records, as far as they end with an event up to `sequence`.
    ///
    /// - Parameters:
    ///   - sequence: an event that is durable, as the writer's `durable` or this reader's says.
    ///   - body: gets each record. What it throws ends the reading, and the record counts as read.
    /// - Throws: `damaged` if a record is not there as it was written, `pruned` if its segment was removed,
    ///   `storage`, or what `body` throws.
    public func read(through sequence: UInt64, _ body: (Record) throws -> Void) throws {
        try walk.refresh()
        while let (record, size) = try next(through: sequence) {
            try walk.pass(record, size: size)
            try body(record)
        }
    }

    /// Hands on the next records, as far as they end with an event up to `sequence`, or until `body` leaves one with
    /// `false`: that one is the next again.
    ///
    /// - Throws: as `read`; a record at which `body` throws is the next again.
    public func advance(through sequence: UInt64, _ body: (Record) throws -> Bool) throws {
        try walk.refresh()
        while let (record, size) = try next(through: sequence), try body(record) {
            try walk.pass(record, size: size)
        }
    }

    private func next(through sequence: UInt64) throws(JournalError) -> (Record, size: Int)? {
        while position.sequence < sequence {
            switch try walk.next() {
            case .record(let record, let size):
                return record.last <= sequence ? (record, size) : nil
            case .end(let what):
                if let what { throw walk.damage(what) }
                guard try walk.nextSegment() else {
                    throw walk.damage("nothing is here, and event \(sequence) was durable")
                }
            }
        }
        return nil
    }
}
