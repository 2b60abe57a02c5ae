import Foundation
import Synchronization
import TestSupport
import Testing

@testable import PlimsollJournal

@Suite struct `A reader of a journal` {
    private func read(
        _ reader: JournalReader<MemoryStorage>,
        through sequence: UInt64
    ) throws -> [Written] {
        var records: [Written] = []
        try reader.read(through: sequence) { records.append(Written($0)) }
        return records
    }

    @Test(arguments: UInt64(1)...40)
    func `hands on what became durable, and nothing else`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let storage = MemoryStorage()
        let journal = try open(storage).journal
        var book = Book()
        let reader = try JournalReader(storage)
        var found: [Written] = []
        for _ in 0..<12 {
            try book.write(
                Int(random.int(0...4)),
                to: journal,
                syncing: 40,
                filling: 30,
                &random
            )
            let durable = try reader.durable()
            #expect(durable == journal.durable)
            found += try read(reader, through: durable.sequence)
            #expect(reader.position == durable)
            #expect(found == book.records.filter { $0.last <= durable.sequence })
        }
        // Another one, from a place between.
        let index = Int(random.int(0...Int64(found.count)))
        let later = try JournalReader(storage, after: book.places[index])
        #expect(try read(later, through: journal.durable.sequence) == Array(found[index...]))
    }

    @Test func `leaves a record that ends later`() throws {
        let (storage, book) = try sample()
        for wanted in 0...(book.records.last?.last ?? 0) {
            let reader = try JournalReader(storage)
            let records = try read(reader, through: wanted)
            #expect(records == book.records.filter { $0.last <= wanted })
            #expect(reader.position == book.places[records.count])
        }
    }

    @Test func `does not read an end that was told to be none`() throws {
        let storage = MemoryStorage()
        var (book, random) = (Book(), SplitMix64(seed: 3))
        let journal = try open(storage, segmentSize: 8_192).journal
        try book.write(3, to: journal, &random)
        // Half of a record is there.
        var content = storage.content
        let name = Layout.Numbered.segment.name(1)
        try book.write(1, to: journal, syncing: 0, &random)
        let whole = try #require(storage.content[name])
        let end = try #require(content[name]?.lastIndex { $0 != 0 }) + 60
        content[name] = whole[..<end] + [UInt8](repeating: 0, count: whole.count - end)
        let reader = try JournalReader(MemoryStorage(content))
        let durable = try reader.durable()
        #expect(try read(reader, through: durable.sequence) == Array(book.records.prefix(3)))
        #expect(throws: JournalError.self) { try read(reader, through: durable.sequence + 1) }
    }

    @Test func `finds every flipped bit of what it reads`() throws {
        let (storage, book) = try sample()
        let content = storage.content
        let last = try #require(book.records.last?.last)
        var found = 0
        for name in content.keys.sorted() where name.hasPrefix("journal") {
            let file = try #require(content[name])
            let end = try #require(file.lastIndex { $0 != 0 })
            for bit in stride(from: 0, to: end * 8, by: isSoak ? 1 : 23) {
                var damaged = content
                damaged[name]?[bit / 8] ^= 1 << UInt8(bit % 8)
                // Four bytes after a header's checksum are zero, and so is what fills up a payload: all are checked.
                #expect(throws: JournalError.self, "\(name), bit \(bit)") {
                    try read(JournalReader(MemoryStorage(damaged)), through: last)
                }
                found += 1
            }
        }
        #expect(found > 100)
    }

    @Test func `says that what it needs was removed`() throws {
        let (storage, book) = try sample()
        var content = storage.content
        let segments = Layout.Numbered.segment.numbers(in: Array(content.keys))
        content[Layout.Numbered.segment.name(1)] = nil
        #expect(throws: JournalError.pruned(after: 0, oldest: segments[1])) {
            try JournalReader(MemoryStorage(content))
        }
        let last = try #require(book.records.last?.last)
        // The segment that it has open is read to its end, and the one behind it is gone.
        let reader = try JournalReader(storage)
        for first in segments.dropFirst().dropLast() {
            try storage.remove(Layout.Numbered.segment.name(first))
        }
        #expect(throws: JournalError.self) { try read(reader, through: last) }
        #expect(reader.position.sequence == segments[1] - 1)
    }

    @Test func `goes on after what its body threw`() throws {
        struct Enough: Error {}
        let (storage, book) = try sample()
        let last = try #require(book.records.last?.last)
        let reader = try JournalReader(storage)
        var records: [Written] = []
        for _ in book.records {
            #expect(throws: Enough.self) {
                try reader.read(through: last) { record in
                    records.append(Written(record))
                    throw Enough()
                }
            }
        }
        #expect(records == book.records)
    }

    /// What the threads of the next test tell each other.
    private final class Shared: Sendable {
        let durable = Atomic<UInt64>(0)
        let isOver = Atomic(false)
        let sums = Mutex<[UInt64]>([])
    }

    /// Threads and files: a writer, one that fills segments, and those that read what they are told of, one with the
    /// writer's own memory.
    @Test(arguments: [false, true])
    func `follows a writer on another thread`(isCommitting: Bool) throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = try FileStorage(folder: folder)
        let journal = try Journal(in: storage, segmentSize: 16_384)
        let spare = journal.spare
        let shared = Shared()
        let records = isSoak ? 20_000 : 1_000
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) {
            while !shared.isOver.load(ordering: .acquiring) {
                spare.fill()
                usleep(100)
            }
        }
        for place in 0..<3 {
            let isForeign = place == 1
            let files =
                place == 2 ? FileStorage(reading: storage) : FileStorage(reading: folder)
            DispatchQueue.global().async(group: group) {
                do {
                    let reader = try JournalReader(files)
                    var sum: UInt64 = 0
                    while reader.position.sequence < UInt64(records) {
                        let through =
                            try isForeign
                            ? reader.durable().sequence : shared.durable.load(ordering: .acquiring)
                        try reader.read(through: through) { record in
                            sum += UInt64(record.payload.count) * record.first
                        }
                    }
                    shared.sums.withLock { $0.append(sum) }
                } catch {
                    Issue.record(error)
                }
            }
        }
        var sum: UInt64 = 0
        for index in 1...records {
            let payload = [UInt8](repeating: 7, count: index % 300)
            sum += UInt64(payload.count * index)
            // Now and then in the other way, between which the memory that is shared must not grow old.
            if isCommitting, index % 50 != 0 {
                try payload.withUnsafeBytes { _ = try journal.commit($0, count: 1, time: 0) }
            } else {
                try payload.withUnsafeBytes { _ = try journal.append($0, count: 1, time: 0) }
                guard index % 3 == 0 || index == records else { continue }
                try journal.sync()
            }
            shared.durable.store(journal.durable.sequence, ordering: .releasing)
        }
        shared.isOver.store(true, ordering: .releasing)
        group.wait()
        #expect(shared.sums.withLock { $0 } == [sum, sum, sum])
        try journal.finish()
    }
}
