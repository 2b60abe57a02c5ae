import Foundation
import Testing

@testable import PlimsollJournal

let isSoak = ProcessInfo.processInfo.environment["PLIMSOLL_SOAK"] == "1"

/// What a test wrote, and what it was told of.
struct Book {
    var records: [Record] = []
    /// The last event of which the journal said that it is durable.
    var acknowledged: UInt64 = 0

    /// Appends records until something fails, a part of them synced at once.
    mutating func write(
        _ count: Int,
        to journal: Journal<MemoryStorage>,
        syncing percent: Int = 100,
        _ random: inout SplitMix64
    ) throws(JournalError) {
        for _ in 0..<count {
            let size = random.chance(20) ? 0 : Int(random.int(1...300))
            let payload = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let events = UInt32(random.int(1...5))
            records.append(
                Record(
                    first: (records.last?.last ?? 0) + 1,
                    count: events,
                    time: random.int(0...1_000_000),
                    payload: payload
                )
            )
            try append(records[records.count - 1], to: journal)
            guard random.chance(percent) else { continue }
            try journal.sync()
            acknowledged = journal.sequence
        }
    }

    private func append(
        _ record: Record,
        to journal: Journal<MemoryStorage>
    ) throws(JournalError) {
        let fault: JournalError? = record.payload.withUnsafeBytes { payload in
            do throws(JournalError) {
                let first = try journal.append(payload, count: record.count, time: record.time)
                #expect(first == record.first)
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
    }

    /// What is there is what was written, from the first on, with all that was acknowledged.
    mutating func check(_ found: [Record]) {
        #expect(found.elementsEqual(records.prefix(found.count)))
        #expect((found.last?.last ?? 0) >= acknowledged)
        records.removeSubrange(found.count...)
    }
}

private func open(
    _ storage: MemoryStorage
) throws -> (journal: Journal<MemoryStorage>, records: [Record]) {
    var records: [Record] = []
    let journal = try Journal(in: storage, segmentSize: 1_024) { records.append($0) }
    return (journal, records)
}

/// A folder with some segments that was closed in order.
private func sample() throws -> (storage: MemoryStorage, book: Book) {
    let storage = MemoryStorage()
    var (book, random) = (Book(), SplitMix64(seed: 5))
    let journal = try open(storage).journal
    try book.write(9, to: journal, &random)
    try journal.finish()
    #expect(storage.files.count >= 3)
    return (storage, book)
}

@Suite struct `A journal` {
    @Test func `gives back what was written, in order`() throws {
        var (storage, book) = try sample()
        let (journal, records) = try open(storage)
        book.check(records)
        #expect(journal.sequence == book.records.last?.last)
        #expect(journal.recovery.droppedBytes == 0 && !journal.recovery.headWasCut)
    }

    @Test func `goes on where it ended`() throws {
        var (storage, book) = try sample()
        var random = SplitMix64(seed: 6)
        for _ in 0..<5 {
            let (journal, records) = try open(storage)
            book.check(records)
            try book.write(4, to: journal, &random)
        }
        book.check(try open(storage).records)
        #expect(book.records.count == 29)
    }

    /// 123456789: RFC 3720, appendix B.4 names the polynomial; the value is that of the catalogue of checksums.
    @Test func `has the checksum of the standard`() {
        #expect(CRC32C.of("123456789".utf8) == 0xe306_9283)
    }

    @Test func `writes nothing after a sync that failed`() throws {
        let storage = MemoryStorage()
        var (book, random) = (Book(), SplitMix64(seed: 7))
        let journal = try open(storage).journal
        try book.write(1, to: journal, &random)
        storage.failure = (storage.calls + 2, .error)
        #expect(throws: JournalError.self) { try book.write(1, to: journal, &random) }
        #expect(storage.hasFailed)
        let content = storage.content
        #expect(throws: JournalError.stopped) { try journal.sync() }
        #expect(throws: JournalError.stopped) { try book.write(1, to: journal, &random) }
        #expect(storage.content == content)
    }

    @Test func `says that a head is missing`() throws {
        let (storage, _) = try sample()
        var content = storage.content
        content["head.pj"] = nil
        #expect(throws: JournalError.headless("is missing")) { try open(MemoryStorage(content)) }
    }

    @Test func `misses a segment that is gone`() throws {
        let (storage, _) = try sample()
        for name in storage.content.keys where name.hasPrefix("journal") {
            var content = storage.content
            content[name] = nil
            #expect(throws: JournalError.self) { try open(MemoryStorage(content)) }
        }
    }
}

@Suite struct `Damage to a journal` {
    /// Every bit in a soak, every 23rd otherwise: an error, or a word about what was cut, and never other records.
    @Test func `is found wherever a bit is flipped`() throws {
        let (storage, book) = try sample()
        let clean = try open(storage.afterKill).journal.recovery
        let content = storage.content
        var (refused, told) = (0, 0)
        for name in content.keys.sorted() {
            let file = try #require(content[name])
            for bit in stride(from: 0, to: file.count * 8, by: isSoak ? 1 : 23) {
                var damaged = content
                damaged[name]?[bit / 8] ^= 1 << UInt8(bit % 8)
                do {
                    let (journal, records) = try open(MemoryStorage(damaged))
                    #expect(records == book.records, "\(name), bit \(bit)")
                    #expect(journal.recovery != clean, "\(name), bit \(bit)")
                    told += 1
                } catch is JournalError {
                    refused += 1
                }
            }
        }
        #expect(refused > 100 && told > 10, "\(refused) refused, \(told) told")
    }

    @Test func `is no damage where an end was never acknowledged`() throws {
        let storage = MemoryStorage()
        var (book, random) = (Book(), SplitMix64(seed: 11))
        let journal = try open(storage).journal
        try book.write(4, to: journal, &random)
        try book.write(3, to: journal, syncing: 0, &random)
        let content = storage.content
        let last = try #require(content.keys.sorted().last)
        let file = try #require(content[last])
        let end = try #require(file.lastIndex { $0 != 0 })
        var counts: Set<Int> = []
        for cut in 64...end {
            var torn = content
            torn[last] = file.prefix(cut) + [UInt8](repeating: 0, count: file.count - cut)
            do {
                let (again, records) = try open(MemoryStorage(torn))
                #expect(records.elementsEqual(book.records.prefix(records.count)))
                #expect(again.sequence >= book.acknowledged)
                counts.insert(records.count)
            } catch let error as JournalError {
                // What was acknowledged is cut: that is damage.
                guard case .damaged = error else { throw error }
            }
        }
        #expect(counts.count > 1)
    }
}

@Suite struct `Faults of the disk` {
    /// The first call fails, then the second, until none does.
    @Test(arguments: MemoryStorage.Fault.allCases)
    func `lose nothing that was acknowledged, whichever call it is`(
        fault: MemoryStorage.Fault
    ) throws {
        var call = 0
        var isOver = false
        while !isOver {
            call += 1
            let storage = MemoryStorage()
            storage.failure = (call, fault)
            var (book, random) = (Book(), SplitMix64(seed: 3))
            do {
                let journal = try open(storage).journal
                try book.write(9, to: journal, &random)
                try journal.finish()
            } catch {
                #expect(fault != .short && storage.hasFailed)
            }
            isOver = !storage.hasFailed
            for left in [storage.afterKill, storage.afterPowerLoss(&random)] {
                var again = book
                let (journal, records) = try open(left)
                again.check(records)
                try again.write(1, to: journal, &random)
                again.check(try open(left).records)
            }
        }
        #expect(call > 60)
    }

    /// Some lives, each ended by a fault, a kill or a loss of power.
    @Test(arguments: UInt64(1)...(isSoak ? 20_000 : 300))
    func `end a life, and the next one goes on`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var storage = MemoryStorage()
        var book = Book()
        for _ in 0..<4 {
            if random.chance(60) {
                let fault = random.chance(50) ? MemoryStorage.Fault.error : .full
                storage.failure = (Int(random.int(1...60)), fault)
            }
            do {
                let (journal, records) = try open(storage)
                book.check(records)
                try book.write(Int(random.int(0...12)), to: journal, syncing: 60, &random)
            } catch {
                #expect(storage.hasFailed, "\(error)")
            }
            storage = random.chance(50) ? storage.afterKill : storage.afterPowerLoss(&random)
        }
        book.check(try open(storage).records)
    }
}

@Suite struct `A folder of the file system` {
    private func folder() -> String {
        FileManager.default.temporaryDirectory.path + "/plimsoll-journal-\(UUID().uuidString)"
    }

    @Test func `keeps a journal`() throws {
        let folder = folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for life in UInt64(0)..<3 {
            let storage = try FileStorage(folder: folder)
            var records: [Record] = []
            let journal = try Journal(in: storage, segmentSize: 4_096) { records.append($0) }
            #expect(journal.sequence == life * 10)
            #expect(records.map(\.payload) == Array(repeating: [1, 2, 3], count: Int(life) * 10))
            for _ in 0..<10 {
                try [UInt8]([1, 2, 3]).withUnsafeBytes { payload in
                    _ = try journal.append(payload, count: 1, time: 4)
                }
                try journal.sync()
            }
            try journal.finish()
        }
    }

    @Test func `belongs to one at a time`() throws {
        let folder = folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = try FileStorage(folder: folder)
        let own = ProcessInfo.processInfo.processIdentifier
        #expect(throws: JournalError.locked(folder, process: "\(own)")) {
            try FileStorage(folder: folder)
        }
        withExtendedLifetime(storage) {}
    }
}
