import TestSupport
import Testing

@testable import PlimsollJournal

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
        let journal = try open(storage, segmentSize: 8_192).journal
        try book.write(4, to: journal, &random)
        try book.write(3, to: journal, syncing: 0, &random)
        let content = storage.content
        let last = try #require(content.keys.sorted().last { $0.hasPrefix("journal") })
        let file = try #require(content[last])
        let end = try #require(file.lastIndex { $0 != 0 })
        var counts: Set<Int> = []
        for cut in 64...end {
            var torn = content
            torn[last] = file.prefix(cut) + [UInt8](repeating: 0, count: file.count - cut)
            do {
                let (again, records) = try open(MemoryStorage(torn))
                #expect(records.elementsEqual(book.records.prefix(records.count)))
                #expect(again.position.sequence >= book.acknowledged)
                counts.insert(records.count)
            } catch let error as JournalError {
                // What was acknowledged is cut: that is damage.
                guard case .damaged = error else { throw error }
            }
        }
        #expect(counts == [4, 5, 6])
    }

    /// After a loss of power the head may be old.
    ///
    /// Each later record says what was durable when it was written, so
    /// that only what was acknowledged last of all can be taken for a cut end.
    @Test func `is found behind an old head by what later records say`() throws {
        let storage = MemoryStorage()
        var (book, random) = (Book(), SplitMix64(seed: 12))
        let journal = try open(storage, segmentSize: 8_192).journal
        try book.write(1, to: journal, &random)
        let oldHead = try #require(storage.content["head.pj"])
        var starts: [Int] = []
        let name = Layout.Numbered.segment.name(1)
        for _ in 0..<5 {
            let file = try #require(storage.content[name])
            starts.append(Layout.padded(1 + (file.lastIndex { $0 != 0 } ?? 0)))
            try book.write(1, to: journal, &random)
        }
        for (index, start) in starts.enumerated() {
            for byte in [0, 5, 12, 41, 70] {
                var content = storage.content
                content["head.pj"] = oldHead
                content[name]?[start + byte] ^= 4
                if index == starts.count - 1 {
                    let (again, records) = try open(MemoryStorage(content))
                    #expect(records == Array(book.records.dropLast()))
                    #expect(again.recovery.droppedBytes > 0)
                } else {
                    #expect(throws: JournalError.self) { try open(MemoryStorage(content)) }
                }
            }
        }
    }

    /// A head that says that half of a record was durable is no head of this journal.
    @Test func `is found where the head is inside of a record`() throws {
        let (storage, book) = try sample()
        let record = try #require(book.records.first { $0.count > 1 })
        let place = Position(sequence: record.first, chain: book.places[3].chain)
        var content = storage.content
        content["head.pj"] = Array(repeating: Head(position: place, writes: 8).bytes, count: 2)
            .flatMap { $0 }
        #expect(throws: JournalError.self) { try open(MemoryStorage(content)) }
    }
}
