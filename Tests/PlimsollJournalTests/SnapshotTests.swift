import TestSupport
import Testing

@testable import PlimsollJournal

/// Writes a snapshot of a few bytes.
func write(
    _ payload: [UInt8],
    at position: Position,
    to snapshots: Snapshots<MemoryStorage>
) throws {
    try payload.withUnsafeBytes { try snapshots.write($0, at: position, time: 7) }
}

@Suite struct `Snapshots of a journal` {
    private let place = Position(
        sequence: 12,
        chain: [1, 2, 3].withUnsafeBytes { Chain(over: $0, $0) }
    )

    @Test func `are read as they were written, the newest first`() throws {
        let storage = MemoryStorage()
        let snapshots = Snapshots(in: storage)
        #expect(try snapshots.newest().snapshot == nil)
        for sequence in UInt64(1)...5 {
            let place = Position(sequence: sequence, chain: place.chain)
            let payload = [UInt8](repeating: UInt8(sequence), count: Int(sequence - 1) * 100)
            try write(payload, at: place, to: snapshots)
            let newest = try snapshots.newest()
            #expect(newest.damaged.isEmpty)
            #expect(newest.snapshot == Snapshot(position: place, time: 7, payload: payload))
        }
        #expect(storage.files.keys.sorted() == [4, 5].map(Layout.Numbered.snapshot.name))
    }

    @Test func `are kept as many as is said`() throws {
        let storage = MemoryStorage()
        for sequence in UInt64(1)...5 {
            let place = Position(sequence: sequence, chain: .start)
            try write([1], at: place, to: Snapshots(in: storage, keeping: 3))
        }
        #expect(storage.files.keys.sorted() == [3, 4, 5].map(Layout.Numbered.snapshot.name))
        try write([1], at: place, to: Snapshots(in: storage, keeping: 0))
        #expect(storage.files.keys.sorted() == [Layout.Numbered.snapshot.name(12)])
    }

    /// Every bit, every length and every name: the one before is used, and the caller hears of it.
    @Test func `that are damaged are passed over, and named`() throws {
        let storage = MemoryStorage()
        let snapshots = Snapshots(in: storage)
        let before = Position(sequence: 3, chain: .start)
        try write([1, 2, 3], at: before, to: snapshots)
        try write(Array(0..<40), at: place, to: snapshots)
        let name = Layout.Numbered.snapshot.name(12)
        let content = storage.content
        let file = try #require(content[name])
        func check(_ damaged: [UInt8], _ what: String) throws {
            var content = content
            content[name] = damaged
            let newest = try Snapshots(in: MemoryStorage(content)).newest()
            #expect(newest.snapshot?.position == before, "\(what)")
            #expect(newest.damaged.map(\.name) == [name], "\(what)")
        }
        for bit in 0..<file.count * 8 {
            var damaged = file
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            try check(damaged, "bit \(bit)")
        }
        for length in 0..<file.count { try check(Array(file[..<length]), "cut at \(length)") }
        try check(file + [0], "a byte too many")
        var renamed = content
        renamed[name] = nil
        renamed[Layout.Numbered.snapshot.name(13)] = file
        let newest = try Snapshots(in: MemoryStorage(renamed)).newest()
        #expect(newest.snapshot?.position == before && newest.damaged.count == 1)
        #expect("\(newest.damaged[0])".contains("event 12"))
    }

    @Test func `all damaged leave the whole journal to be read`() throws {
        let storage = MemoryStorage(["snapshot-00000000000000000012.pj": [1], "snapshot-1.pj": []])
        let newest = try Snapshots(in: storage).newest()
        #expect(newest.snapshot == nil && newest.damaged.count == 1)
    }

    @Test func `that are longer than the next one leave nothing behind it`() throws {
        let long = [UInt8](repeating: 9, count: 1_000)
        let storage = MemoryStorage([Layout.unfinishedSnapshot: long])
        try write([5], at: place, to: Snapshots(in: storage))
        #expect(try Snapshots(in: storage).newest().snapshot?.payload == [5])
        #expect(storage.files.count == 1)
    }

    /// Each call fails in turn, once or for good: one of the snapshots that were there or the new one is used.
    @Test(arguments: MemoryStorage.Fault.allCases, [false, true])
    func `survive every fault of the disk`(fault: MemoryStorage.Fault, forGood: Bool) throws {
        var (call, isOver, random) = (0, false, SplitMix64(seed: 9))
        while !isOver {
            call += 1
            let storage = MemoryStorage()
            let snapshots = Snapshots(in: storage)
            for sequence in UInt64(1)...2 {
                try write(
                    [UInt8(sequence)],
                    at: Position(sequence: sequence, chain: .start),
                    to: snapshots
                )
            }
            storage.failure = (storage.calls + call, fault)
            storage.failsForGood = forGood
            var isWritten = false
            do {
                try write([UInt8](repeating: 3, count: 700), at: place, to: snapshots)
                isWritten = true
            } catch {
                #expect(storage.hasFailed && fault != .short)
            }
            isOver = !storage.hasFailed
            for left in [storage.afterKill, storage.afterPowerLoss(&random)] {
                let newest = try Snapshots(in: left).newest()
                #expect(newest.damaged.isEmpty)
                let sequence = try #require(newest.snapshot?.position.sequence)
                #expect(isWritten ? sequence == 12 : [2, 12].contains(sequence), "call \(call)")
                try write([4], at: Position(sequence: 20, chain: .start), to: Snapshots(in: left))
                #expect(try Snapshots(in: left).newest().snapshot?.payload == [4])
                #expect(!left.content.keys.contains(Layout.unfinishedSnapshot))
            }
        }
        #expect(call > 8)
    }

    @Test func `of a journal that is gone are refused`() throws {
        let (storage, book) = try sample()
        let end = try #require(book.places.last)
        let snapshots = Snapshots(in: storage)
        try write([1], at: end, to: snapshots)
        let position = try #require(try snapshots.newest().snapshot?.position)
        #expect(try open(storage.afterKill, after: position).records.isEmpty)
        // The journal is put back to an older state.
        let older = try sample(records: 13).storage.content
        var content = storage.content.filter { $0.key.hasPrefix("snapshot") }
        content.merge(older) { _, new in new }
        let sequence = try #require(book.places.dropLast().last?.sequence)
        #expect(throws: JournalError.ended(at: sequence, before: end.sequence)) {
            try open(MemoryStorage(content), after: position)
        }
    }
}

@Suite struct `Old segments` {
    /// Snapshots at two places of a journal.
    private func folder(
        _ first: Int,
        _ second: Int
    ) throws -> (storage: MemoryStorage, book: Book, segments: [UInt64]) {
        let (storage, book) = try sample(records: 30)
        let snapshots = Snapshots(in: storage)
        try write([1], at: book.places[first], to: snapshots)
        try write([2], at: book.places[second], to: snapshots)
        let segments = Layout.Numbered.segment.numbers(in: Array(storage.content.keys))
        #expect(segments.count > 4)
        return (storage, book, segments)
    }

    @Test func `are removed up to the oldest snapshot and no further`() throws {
        for first in 1..<29 {
            let (storage, book, segments) = try folder(first, 29)
            try Snapshots(in: storage).prune(before: .max)
            let left = Layout.Numbered.segment.numbers(in: Array(storage.content.keys))
            // The first event that a start from the older snapshot needs is in the oldest segment that is left.
            let needed = book.places[first].sequence + 1
            #expect(left == segments.filter { $0 > needed || $0 == left.first })
            #expect(left[0] <= needed && (left.count == 1 || left[1] > needed))
            let records = try open(storage, after: book.places[first]).records
            #expect(records == Array(book.records[first...]))
            #expect(try Journal.verify(storage).first == left[0])
        }
    }

    @Test func `are removed only before the event that is named`() throws {
        let (storage, _, segments) = try folder(28, 29)
        let snapshots = Snapshots(in: storage)
        #expect(try snapshots.prune(before: 1).isEmpty)
        #expect(try snapshots.prune(before: segments[1] - 1).isEmpty)
        let first = Layout.Numbered.segment.name(segments[0])
        #expect(try snapshots.prune(before: segments[1]) == [first])
        #expect(try snapshots.prune(before: segments[1]).isEmpty)
    }

    @Test func `stay where there is no snapshot, or the oldest one is damaged`() throws {
        #expect(try Snapshots(in: try sample().storage).prune(before: .max).isEmpty)
        let (storage, book, segments) = try folder(20, 29)
        var content = storage.content
        content[Layout.Numbered.snapshot.name(book.places[20].sequence)]?[96] ^= 1
        let damaged = MemoryStorage(content)
        #expect(throws: JournalError.self) { try Snapshots(in: damaged).prune(before: .max) }
        #expect(Layout.Numbered.segment.numbers(in: Array(damaged.content.keys)) == segments)
    }

    @Test(arguments: [MemoryStorage.Fault.error, .full], [false, true])
    func `leave no hole when a call fails`(fault: MemoryStorage.Fault, forGood: Bool) throws {
        var (call, isOver, random) = (0, false, SplitMix64(seed: 10))
        while !isOver {
            call += 1
            let (storage, book, _) = try folder(25, 29)
            storage.failure = (storage.calls + call, fault)
            storage.failsForGood = forGood
            do {
                try Snapshots(in: storage).prune(before: .max)
            } catch {
                #expect(storage.hasFailed)
            }
            isOver = !storage.hasFailed
            for left in [storage.afterKill, storage.afterPowerLoss(&random)] {
                _ = try Journal.verify(left)
                let records = try open(left, after: book.places[25]).records
                #expect(records == Array(book.records[25...]))
            }
        }
        #expect(call > 8)
    }
}
