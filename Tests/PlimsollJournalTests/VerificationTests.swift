import TestSupport
import Testing

@testable import PlimsollJournal

@Suite struct `Verifying a journal` {
    @Test func `counts what is there and changes nothing`() throws {
        let (storage, book) = try sample()
        let content = storage.content
        let found = try Journal.verify(storage)
        #expect(storage.content == content)
        #expect(found.first == 1 && found.position == book.places.last)
        #expect(found.durable == book.places.last && found.tornBytes == 0)
        #expect(found.records == UInt64(book.records.count))
        #expect(found.events == book.records.last?.last)
        #expect(found.bytes == book.records.reduce(0) { $0 + UInt64($1.payload.count) })
        let times = book.records.map(\.time)
        #expect(found.times?.lowerBound == times.min() && found.times?.upperBound == times.max())
        #expect(found.segments == Layout.Numbered.segment.numbers(in: Array(content.keys)).count)
    }

    @Test func `finds the place of every flipped bit that opening would refuse`() throws {
        let (storage, _) = try sample()
        let content = storage.content
        var found = 0
        for name in content.keys.sorted() {
            let file = try #require(content[name])
            for bit in stride(from: 0, to: file.count * 8, by: isSoak ? 1 : 23) {
                var damaged = content
                damaged[name]?[bit / 8] ^= 1 << UInt8(bit % 8)
                var isRefused = false
                do {
                    _ = try open(MemoryStorage(damaged))
                } catch {
                    isRefused = true
                }
                do {
                    _ = try Journal.verify(MemoryStorage(damaged))
                    #expect(!isRefused, "\(name), bit \(bit)")
                } catch {
                    #expect(isRefused, "\(name), bit \(bit)")
                    guard case .damaged(let file, let offset, let sequence, _) = error else {
                        Issue.record(error)
                        continue
                    }
                    #expect(file == name || name == Layout.head)
                    #expect(sequence > 0 && offset <= bit / 8 || name == Layout.head)
                    found += 1
                }
            }
        }
        #expect(found > 100)
    }

    @Test func `of a folder in use goes as far as the head at least`() throws {
        let storage = MemoryStorage()
        var (book, random) = (Book(), SplitMix64(seed: 4))
        let journal = try open(storage).journal
        for _ in 0..<30 {
            try book.write(1, to: journal, syncing: 50, filling: 30, &random)
            let found = try Journal.verify(storage)
            #expect(found.durable == journal.durable && found.tornBytes == 0)
            #expect(found.position.sequence >= journal.durable.sequence)
        }
    }

    @Test func `tells a torn end`() throws {
        let storage = MemoryStorage()
        var (book, random) = (Book(), SplitMix64(seed: 4))
        let journal = try open(storage, segmentSize: 8_192).journal
        try book.write(3, to: journal, &random)
        var content = storage.content
        let name = Layout.Numbered.segment.name(1)
        let end = try #require(content[name]?.lastIndex { $0 != 0 })
        content[name]?[end + 24] = 1
        let found = try Journal.verify(MemoryStorage(content))
        #expect(found.position == book.places.last && found.tornBytes > 0)
        #expect(try open(MemoryStorage(content)).journal.recovery.droppedBytes == found.tornBytes)
    }

    @Test func `looks at every snapshot, and compares its chain with the journal`() throws {
        let (storage, book) = try sample()
        let snapshots = Snapshots(in: storage, keeping: 9)
        let places = [1, 4, 9, book.places.count - 1].map { book.places[$0] }
        for place in places {
            try [UInt8]([1, 2, 3, 4]).withUnsafeBytes { payload in
                try snapshots.write(payload, at: place, time: 5)
            }
        }
        let found = try Journal.verify(storage)
        #expect(found.snapshots.map(\.sequence) == places.map(\.sequence))
        #expect(found.snapshots.allSatisfy { $0.fault == nil })
        // Every bit of one.
        let content = storage.content
        let name = Layout.Numbered.snapshot.name(places[1].sequence)
        let file = try #require(content[name])
        for bit in 0..<file.count * 8 {
            var damaged = content
            damaged[name]?[bit / 8] ^= 1 << UInt8(bit % 8)
            let faults = try Journal.verify(MemoryStorage(damaged)).snapshots.filter {
                $0.fault != nil
            }
            #expect(faults.map(\.name) == [name], "bit \(bit)")
        }
        // Whole ones that are of another journal, of a place inside of a record, and of one that is not there yet.
        let record = try #require(book.records.dropFirst(5).first { $0.count > 1 })
        let strange = [
            Position(sequence: places[2].sequence, chain: places[1].chain),
            Position(sequence: record.first, chain: places[1].chain),
            Position(sequence: places[3].sequence + 1, chain: places[3].chain),
        ]
        for (place, word) in zip(
            strange,
            ["chain", "not the last of its record", "ends with event"]
        ) {
            let other = MemoryStorage(content)
            try [UInt8]([1]).withUnsafeBytes { payload in
                try Snapshots(in: other, keeping: 9).write(payload, at: place, time: 5)
            }
            let faults = try Journal.verify(other).snapshots.filter { $0.fault != nil }
            #expect(faults.map(\.sequence) == [place.sequence])
            #expect(faults.first?.fault?.contains(word) == true)
        }
        // Where segments were removed, the place before the oldest is still known, and those before it are not.
        let oldest = try #require(
            Layout.Numbered.segment.numbers(in: Array(content.keys)).dropFirst().first
        )
        var pruned = content
        pruned[Layout.Numbered.segment.name(1)] = nil
        #expect(try Journal.verify(MemoryStorage(pruned)).snapshots.allSatisfy { $0.fault == nil })
        let cut = MemoryStorage(pruned)
        try [UInt8]([1]).withUnsafeBytes { payload in
            let place = Position(sequence: oldest - 1, chain: places[0].chain)
            try Snapshots(in: cut, keeping: 9).write(payload, at: place, time: 5)
        }
        #expect(
            try Journal.verify(cut).snapshots.contains {
                $0.sequence == oldest - 1 && $0.fault != nil
            }
        )
    }

    @Test func `of an empty folder finds nothing, and misses what was lost`() throws {
        #expect(try Journal.verify(MemoryStorage()) == Verification())
        let storage = MemoryStorage()
        _ = try open(storage)
        #expect(try Journal.verify(storage).durable == .start)
        let (whole, book) = try sample()
        let head = whole.content.filter { $0.key == Layout.head }
        let last = try #require(book.records.last?.last)
        #expect(throws: JournalError.ended(at: 0, before: last)) {
            try Journal.verify(MemoryStorage(head))
        }
    }
}

@Suite struct `A head that is lost` {
    @Test func `is rebuilt for what is there`() throws {
        let (storage, book) = try sample()
        var content = storage.content
        for head in [nil, [], [UInt8](repeating: 0, count: 1_024)] {
            content[Layout.head] = head
            let lost = MemoryStorage(content)
            #expect(throws: JournalError.self) { try open(lost) }
            #expect(throws: JournalError.self) { try Journal.verify(lost) }
            let found = try Journal.rebuildHead(in: lost)
            #expect(found == (try Journal.verify(storage)))
            #expect(try open(lost.afterKill).records == book.records)
            #expect(throws: JournalError.headIsThere) { try Journal.rebuildHead(in: lost) }
        }
    }

    @Test func `is rebuilt before a torn end, and not before damage`() throws {
        let (storage, book) = try sample()
        var content = storage.content
        content[Layout.head] = nil
        let segments = Layout.Numbered.segment.numbers(in: Array(content.keys))
        for first in segments {
            let name = Layout.Numbered.segment.name(first)
            var damaged = content
            let end = try #require(content[name]?.lastIndex { $0 != 0 })
            damaged[name]?[end] ^= 1
            let lost = MemoryStorage(damaged)
            if first == segments.last {
                let found = try Journal.rebuildHead(in: lost)
                #expect(found.tornBytes > 0 && found.records == UInt64(book.records.count - 1))
                #expect(try open(lost).records == Array(book.records.dropLast()))
            } else {
                #expect(throws: JournalError.self) { try Journal.rebuildHead(in: lost) }
                #expect(lost.content[Layout.head] == nil)
            }
        }
    }
}
