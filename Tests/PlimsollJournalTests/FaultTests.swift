import TestSupport
import Testing

@testable import PlimsollJournal

/// A node's use of a folder: it starts from the newest snapshot, writes, makes snapshots and removes old segments.
private struct Node {
    var book = Book()

    /// Starts, and sees that everything is there that was acknowledged, in order.
    mutating func start(in storage: MemoryStorage) throws -> Journal<MemoryStorage> {
        let newest = try Snapshots(in: storage).newest()
        #expect(newest.damaged.isEmpty)
        let place = newest.snapshot?.position ?? .start
        let index = try #require(book.places.firstIndex(of: place))
        #expect(newest.snapshot.map { $0.payload == Self.state(of: $0.position) } ?? true)
        let (journal, records) = try open(storage, after: place)
        book.check(Array(book.records[..<index]) + records)
        return journal
    }

    /// The state that a snapshot holds.
    private static func state(of position: Position) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: position.sequence), count: 300)
    }

    /// Writes, and now and then fills the next segment, makes a snapshot, removes segments, or reads along.
    mutating func live(
        _ count: Int,
        on journal: Journal<MemoryStorage>,
        in storage: MemoryStorage,
        _ random: inout SplitMix64
    ) throws {
        let reader = try JournalReader(storage, after: journal.durable)
        for _ in 0..<count {
            try book.write(1, to: journal, syncing: 60, filling: 30, &random)
            if random.chance(20) { try journal.syncHead() }
            if random.chance(30) { try follow(reader, to: journal.durable) }
            if random.chance(15) {
                // As a replica does: it has read what it makes a snapshot of.
                try follow(reader, to: journal.durable)
                try makeSnapshot(at: journal.durable, in: storage)
            }
        }
    }

    private func follow(_ reader: JournalReader<MemoryStorage>, to place: Position) throws {
        guard let index = book.places.firstIndex(of: reader.position) else {
            Issue.record("the reader is between records")
            return
        }
        var records: [Written] = []
        try reader.read(through: place.sequence) { records.append(Written($0)) }
        #expect(reader.position == place)
        #expect(records.elementsEqual(book.records[index...].prefix(records.count)))
    }

    /// The journal goes on if that fails.
    private mutating func makeSnapshot(at place: Position, in storage: MemoryStorage) throws {
        guard place.sequence > 0 else { return }
        do {
            let snapshots = Snapshots(in: storage)
            try Self.state(of: place).withUnsafeBytes { state in
                try snapshots.write(state, at: place, time: 0)
            }
            try snapshots.prune(before: place.sequence)
        } catch JournalError.storage {
            #expect(storage.hasFailed)
        }
    }
}

@Suite struct `Faults of the disk` {
    /// The system forgets what a failed sync was to write, and shows it to whoever reads.
    @Test(arguments: UInt64(1)...20)
    func `what a failed sync has left in memory only is written again by the next life`(
        seed: UInt64
    ) throws {
        let storage = MemoryStorage()
        var (book, random) = (Book(), SplitMix64(seed: seed))
        let first = try open(storage, segmentSize: 65_536).journal
        try book.write(5, to: first, &random)
        try book.write(Int(random.int(1...8)), to: first, syncing: 0, &random)
        storage.failure = (storage.calls + 1, .error)
        #expect(throws: JournalError.self) { try first.sync() }
        let (second, records) = try open(storage, segmentSize: 65_536)
        #expect(records == book.records)
        try second.sync()
        #expect(second.durable == second.position)
        for _ in 0..<10 {
            let left = storage.afterPowerLoss(&random)
            #expect(try open(left, segmentSize: 65_536).records == book.records)
        }
        withExtendedLifetime(first) {}
    }

    /// The first call fails, then the second, until none does.
    @Test(arguments: MemoryStorage.Fault.allCases, [false, true])
    func `lose nothing that was acknowledged, whichever call it is`(
        fault: MemoryStorage.Fault,
        forGood: Bool
    ) throws {
        var call = 0
        var isOver = false
        while !isOver {
            call += 1
            let storage = MemoryStorage()
            storage.failure = (call, fault)
            storage.failsForGood = forGood
            var (node, random) = (Node(), SplitMix64(seed: 3))
            do {
                let journal = try node.start(in: storage)
                try node.live(25, on: journal, in: storage, &random)
                try journal.finish()
            } catch {
                #expect(fault != .short && storage.hasFailed, "\(error)")
            }
            isOver = !storage.hasFailed
            for left in [storage.afterKill, storage.afterPowerLoss(&random)] {
                var again = node
                let journal = try again.start(in: left)
                try again.live(3, on: journal, in: left, &random)
                _ = try again.start(in: left.afterKill)
            }
        }
        #expect(call > 150, "\(call)")
    }

    /// Some lives, each ended by a fault, a kill or a loss of power.
    @Test(arguments: UInt64(1)...(isSoak ? 20_000 : 400))
    func `end a life, and the next one goes on`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var storage = MemoryStorage()
        var node = Node()
        for _ in 0..<5 {
            if random.chance(60) {
                let faults = MemoryStorage.Fault.allCases
                storage.failure = (Int(random.int(1...120)), faults[Int(random.int(0...2))])
                storage.failsForGood = random.chance(30)
            }
            do {
                let journal = try node.start(in: storage)
                try node.live(Int(random.int(0...16)), on: journal, in: storage, &random)
                if random.chance(20) { try journal.finish() }
            } catch {
                #expect(storage.hasFailed, "\(error)")
            }
            storage = random.chance(50) ? storage.afterKill : storage.afterPowerLoss(&random)
        }
        storage.failure = nil
        _ = try node.start(in: storage)
        _ = try Journal.verify(storage)
    }

    /// A failure of the thread that fills the next segment stops the journal when it needs that segment.
    @Test(arguments: [MemoryStorage.Fault.error, .full])
    func `that hit the next segment are told when it is needed`(
        fault: MemoryStorage.Fault
    ) throws {
        for call in 1...3 {
            let storage = MemoryStorage()
            var (book, random) = (Book(), SplitMix64(seed: 8))
            let journal = try open(storage).journal
            try book.write(1, to: journal, &random)
            storage.failure = (storage.calls + call, fault)
            journal.spare.fill()
            #expect(storage.hasFailed)
            #expect(throws: JournalError.self) { try book.write(20, to: journal, &random) }
            #expect(book.records.count > 2, "what fits into the segment is written")
            #expect(throws: JournalError.stopped) { try journal.sync() }
            book.check(try open(storage.afterKill).records)
        }
    }
}
