import TestSupport
import Testing

@testable import PlimsollJournal

@Suite struct `A journal` {
    @Test func `gives back what was written, in order`() throws {
        var (storage, book) = try sample()
        let (journal, records) = try open(storage)
        book.check(records)
        #expect(journal.position.sequence == book.records.last?.last)
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
        #expect(book.records.count == 34)
    }

    /// 123456789: RFC 3720, appendix B.4 names the polynomial; the value is that of the catalogue of checksums.
    @Test func `has the checksum of the standard`() {
        #expect(CRC32C.of(Array("123456789".utf8)) == 0xe306_9283)
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

    @Test func `goes on in the segment that was filled ahead`() throws {
        let storage = MemoryStorage()
        var (book, random) = (Book(), SplitMix64(seed: 7))
        let journal = try open(storage).journal
        for _ in 0..<6 {
            journal.spare.fill()
            journal.spare.fill()
            let names = storage.files.keys.filter { $0.hasPrefix("journal") }.count
            let zeros = storage.log.count
            while storage.files.keys.filter({ $0.hasPrefix("journal") }).count == names {
                try book.write(1, to: journal, syncing: 0, &random)
            }
            // A new segment takes a write and a sync of its header, and its name.
            let calls = storage.log[zeros...].filter { $0 != "pwrite" }
            #expect(calls.suffix(3) == ["fdatasync", "rename", "fsync"])
            #expect(!calls.contains("open") && storage.files[Layout.spare] == nil)
            // What is before it is durable, and so is the head that says so.
            let last = try #require(
                Layout.Numbered.segment.numbers(in: Array(storage.files.keys)).last
            )
            let head = try #require(storage.files[Layout.head]).durable
            #expect(try #require(head.withUnsafeBytes { Head($0) }).position.sequence == last - 1)
        }
        #expect(try open(storage).records == book.records)
    }

    @Test func `takes a record that is larger than a segment`() throws {
        let storage = MemoryStorage()
        let journal = try open(storage).journal
        journal.spare.fill()
        let large = [UInt8](repeating: 3, count: 5_000)
        for payload in [[1], large, [2], large] {
            try payload.withUnsafeBytes { _ = try journal.append($0, count: 1, time: 0) }
            try journal.sync()
        }
        #expect(try open(storage).records.map(\.payload) == [[1], large, [2], large])
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
