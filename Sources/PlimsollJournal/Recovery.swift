/// What opening a journal found.
public struct Recovery: Hashable, Sendable {
    /// Behind the last record that is there.
    public var position = Position.start
    /// How many records were handed on.
    public var records = 0
    /// How many bytes behind the last record were cut by a crash, and are dropped; nobody was told that they
    /// were durable.
    public var droppedBytes = 0
    /// Where they were.
    public var droppedAt: String?
    /// One of the head's two slots was cut; the other one was read.
    public var headWasCut = false
}

/// Reads the segments of a folder in order, and says where the last record ends.
struct Scan<Disk: Storage> {
    private let storage: Disk
    private(set) var recovery = Recovery()
    private(set) var head = Head.none
    /// The segment that is written to, and where; `nil`: there is none yet.
    private(set) var last: Last?

    /// Where the last record ends.
    struct Last {
        var name: String
        var offset: Int
        var size: Int
        var seed: UInt32
    }

    init(_ storage: Disk) { self.storage = storage }

    /// Hands on the records after a position.
    ///
    /// - Throws: a `JournalError`, and nothing was changed, or what `body` throws.
    mutating func run(after: Position, _ body: (Record) throws -> Void) throws {
        var walk = try Walk(storage, after: after)
        head = try readHead(isNeeded: walk.segment != nil)
        recovery.headWasCut = head.wholeSlots < 2 && head.writes > 1
        try walk.check(head.position, since: walk.position.sequence)
        try run(&walk, durable: max(head.position.sequence, after.sequence), body)
        recovery.position = walk.position
        guard let segment = walk.segment else { return }
        last = Last(
            name: segment.name,
            offset: segment.offset,
            size: segment.size,
            seed: segment.seed
        )
    }

    /// Hands on all records that are there, of a folder whose head is lost.
    mutating func runWithoutHead(_ body: (Record) -> Void) throws(JournalError) -> Walk<Disk> {
        var walk = try Walk(oldestOf: storage)
        do {
            try run(&walk, durable: 0, body)
        } catch let error as JournalError {
            throw error
        } catch {
            preconditionFailure("Invariant: the body throws nothing.")
        }
        recovery.position = walk.position
        return walk
    }

    private mutating func run(
        _ walk: inout Walk<Disk>,
        durable: UInt64,
        _ body: (Record) throws -> Void
    ) throws {
        while true {
            switch try walk.next() {
            case .record(let record, let size):
                try walk.pass(record, size: size)
                try walk.check(head.position, since: record.first)
                try body(record)
                recovery.records += 1
            case .end(let what):
                if try isOver(&walk, durable, what) { return }
            }
        }
    }

    /// Goes on in the next segment, or sees whether what is behind the last record may be dropped.
    private mutating func isOver(
        _ walk: inout Walk<Disk>,
        _ durable: UInt64,
        _ what: String?
    ) throws(JournalError) -> Bool {
        if what == nil, try walk.nextSegment() { return false }
        guard try !walk.hasNextSegment else { throw walk.damage(what ?? "the segment ends early") }
        let (dropped, testified) = try walk.rest()
        try walk.requireDurable(max(durable, testified), what)
        guard dropped > 0 else { return true }
        recovery.droppedBytes = dropped
        recovery.droppedAt = walk.segment?.name
        return true
    }

    private func readHead(isNeeded: Bool) throws(JournalError) -> Head {
        do {
            return try Head.read(in: storage)
        } catch {
            // It is made before the first segment, and a crash may have come between.
            if case .headless = error, !isNeeded { return .none }
            throw error
        }
    }
}
