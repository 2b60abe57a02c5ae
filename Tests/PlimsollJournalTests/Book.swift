import Foundation
import TestSupport
import Testing

@testable import PlimsollJournal

let isSoak = ProcessInfo.processInfo.environment["PLIMSOLL_SOAK"] == "1"

/// A record as it was written, or a copy of one that was read.
struct Written: Hashable {
    var first: UInt64
    var count: UInt32
    var time: Int64
    var payload: [UInt8]

    var last: UInt64 { first + UInt64(count) - 1 }

    init(first: UInt64, count: UInt32, time: Int64, payload: [UInt8]) {
        (self.first, self.count, self.time, self.payload) = (first, count, time, payload)
    }

    init(_ record: Record) {
        self.init(
            first: record.first,
            count: record.count,
            time: record.time,
            payload: Array(record.payload)
        )
    }
}

/// What a test wrote, and what it was told of.
struct Book {
    var records: [Written] = []
    /// The place behind each record, and before the first.
    var places: [Position] = [.start]
    /// The last event of which the journal said that it is durable.
    var acknowledged: UInt64 = 0

    /// Appends records until something fails, a part of them synced at once.
    mutating func write(
        _ count: Int,
        to journal: Journal<MemoryStorage>,
        syncing percent: Int = 100,
        filling fill: Int = 0,
        _ random: inout SplitMix64
    ) throws(JournalError) {
        for _ in 0..<count {
            if random.chance(fill) { journal.spare.fill() }
            let size = random.chance(20) ? 0 : Int(random.int(1...300))
            let payload = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let events = UInt32(random.int(1...5))
            records.append(
                Written(
                    first: (records.last?.last ?? 0) + 1,
                    count: events,
                    time: random.int(0...1_000_000),
                    payload: payload
                )
            )
            let isSynced = random.chance(percent)
            let isCommitted = isSynced && random.chance(40)
            defer {
                // A record whose sync has failed was appended all the same.
                if journal.position != places.last { places.append(journal.position) }
            }
            try put(records[records.count - 1], in: journal, isCommitted)
            if isCommitted { acknowledged = journal.durable.sequence }
            guard isSynced, !isCommitted else { continue }
            if random.chance(30) {
                // The storage in memory is one thread's at a time, so this one waits.
                try journal.beginSync()
                while journal.isSyncing { try journal.noteSynced() }
            } else {
                try journal.sync()
            }
            acknowledged = journal.durable.sequence
        }
    }

    private func put(
        _ record: Written,
        in journal: Journal<MemoryStorage>,
        _ isCommitted: Bool
    ) throws(JournalError) {
        let fault: JournalError? = record.payload.withUnsafeBytes { payload in
            do throws(JournalError) {
                let first =
                    isCommitted
                    ? try journal.commit(payload, count: record.count, time: record.time)
                    : try journal.append(payload, count: record.count, time: record.time)
                #expect(first == record.first)
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
    }

    /// What is there is what was written, from the first on, with all that was acknowledged.
    mutating func check(_ found: [Written]) {
        #expect(found.elementsEqual(records.prefix(found.count)))
        #expect((found.last?.last ?? 0) >= acknowledged)
        records.removeSubrange(found.count...)
        places.removeSubrange(min(places.count, found.count + 1)...)
    }
}

/// Opens a journal with small segments.
func open(
    _ storage: MemoryStorage,
    segmentSize: Int = 1_024,
    after: Position = .start
) throws -> (journal: Journal<MemoryStorage>, records: [Written]) {
    var records: [Written] = []
    let journal = try Journal(in: storage, segmentSize: segmentSize, after: after) { record in
        records.append(Written(record))
    }
    return (journal, records)
}

/// A folder with some segments that was closed in order.
func sample(records: Int = 14) throws -> (storage: MemoryStorage, book: Book) {
    let storage = MemoryStorage()
    var (book, random) = (Book(), SplitMix64(seed: 5))
    let journal = try open(storage).journal
    try book.write(records, to: journal, &random)
    try journal.finish()
    #expect(Layout.Numbered.segment.numbers(in: Array(storage.files.keys)).count >= 3)
    return (storage, book)
}
