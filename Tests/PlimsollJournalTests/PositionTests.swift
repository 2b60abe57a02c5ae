import TestSupport
import Testing

@testable import PlimsollJournal

@Suite struct `A journal that is opened after a position` {
    @Test func `hands on what comes after it, and goes on behind the end`() throws {
        let (storage, book) = try sample()
        for (index, place) in book.places.enumerated() {
            var (journal, records) = try open(storage.afterKill, after: place)
            #expect(records == Array(book.records[index...]))
            #expect(
                journal.position == book.places.last && journal.recovery.records == records.count
            )
            var (again, random) = (book, SplitMix64(seed: 1))
            try again.write(3, to: journal, &random)
            (journal, records) = try open(storage.afterKill, after: place)
            again.check(again.records)
        }
    }

    @Test func `does not read the segments before`() throws {
        let (storage, book) = try sample()
        var content = storage.content
        let segments = content.keys.sorted().filter { $0.hasPrefix("journal") }
        for name in segments.dropLast() { content[name] = Array("nothing of a segment".utf8) }
        let place = try #require(book.places.dropLast().last)
        #expect(try open(MemoryStorage(content), after: place).records == book.records.suffix(1))
        #expect(throws: JournalError.self) { try open(MemoryStorage(content)) }
    }

    @Test func `does not need the segments before`() throws {
        let (storage, book) = try sample()
        var content = storage.content
        let segments = Layout.Numbered.segment.numbers(in: Array(content.keys))
        for first in segments.dropLast() { content[Layout.Numbered.segment.name(first)] = nil }
        let oldest = try #require(segments.last)
        for (index, place) in book.places.enumerated() {
            let storage = MemoryStorage(content)
            if place.sequence >= oldest - 1 {
                #expect(try open(storage, after: place).records == Array(book.records[index...]))
            } else {
                #expect(throws: JournalError.pruned(after: place.sequence, oldest: oldest)) {
                    try open(storage, after: place)
                }
            }
        }
    }

    @Test func `says that its chain is another one`() throws {
        let (storage, book) = try sample()
        for place in book.places.dropFirst() {
            let wrong = Position(sequence: place.sequence, chain: book.places[0].chain)
            do {
                _ = try open(storage.afterKill, after: wrong)
                Issue.record("\(place.sequence) was taken")
            } catch JournalError.damaged(_, _, let sequence, let what) {
                #expect(sequence == place.sequence + 1 && what.contains("chain"))
            }
        }
    }

    @Test func `says that it is inside of a record`() throws {
        let (storage, book) = try sample()
        let record = try #require(book.records.first { $0.count > 1 })
        let inside = Position(sequence: record.first, chain: .start)
        do {
            _ = try open(storage, after: inside)
            Issue.record("it was taken")
        } catch JournalError.damaged(_, _, _, let what) {
            #expect(what.contains("not the last of its record"))
        }
    }

    @Test func `says that the journal ends before it`() throws {
        let (storage, book) = try sample()
        let end = try #require(book.places.last)
        let beyond = Position(sequence: end.sequence + 7, chain: end.chain)
        #expect(throws: JournalError.ended(at: end.sequence, before: end.sequence + 7)) {
            try open(storage, after: beyond)
        }
        #expect(throws: JournalError.ended(at: 0, before: end.sequence + 7)) {
            try open(MemoryStorage(), after: beyond)
        }
    }

    /// A snapshot was made of what was durable: a record before it that is broken was not cut by a crash.
    @Test func `takes what is broken before it for damage, whatever the head says`() throws {
        let storage = MemoryStorage()
        var (book, random) = (Book(), SplitMix64(seed: 13))
        let journal = try open(storage, segmentSize: 8_192).journal
        let head = try #require(storage.content["head.pj"])
        try book.write(1, to: journal, &random)
        var content = storage.content
        content["head.pj"] = head
        content[Layout.Numbered.segment.name(1)]?[100] ^= 1
        #expect(try open(MemoryStorage(content)).records.isEmpty)
        #expect(throws: JournalError.self) {
            try open(MemoryStorage(content), after: book.places[1])
        }
    }

    @Test func `has segments of a size that is allowed`() {
        for size in [0, 1_023, 1 << 31] {
            #expect(throws: JournalError.self) {
                try Journal(in: MemoryStorage(), segmentSize: size)
            }
        }
    }
}

@Suite struct `A chain` {
    @Test func `is written in hexadecimal digits and read again`() throws {
        let chain = try #require(try sample().book.places.last).chain
        #expect(chain.hex.utf8.count == 64 && chain.bytes.count == 32)
        #expect(Chain(hex: chain.hex) == chain)
        #expect(Chain.start.hex == String(repeating: "0", count: 64))
        for wrong in ["", "00", chain.hex + "0", String(repeating: "+1", count: 32)] {
            #expect(Chain(hex: wrong) == nil)
        }
    }
}
