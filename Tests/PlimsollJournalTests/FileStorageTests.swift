import Foundation
import Testing

@testable import PlimsollJournal

/// A path at which there is nothing yet.
func temporaryFolder() -> String {
    FileManager.default.temporaryDirectory.path + "/plimsoll-journal-\(UUID().uuidString)"
}

@Suite struct `A folder of the file system` {
    @Test func `keeps a journal`() throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for life in UInt64(0)..<3 {
            let storage = try FileStorage(folder: folder)
            var records: [Written] = []
            let journal = try Journal(in: storage, segmentSize: 4_096) {
                records.append(Written($0))
            }
            #expect(journal.position.sequence == life * 10)
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

    @Test func `is synced beside the one who writes, across the ends of segments`() throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let journal = try Journal(in: try FileStorage(folder: folder), segmentSize: 4_096)
        var seen: UInt64 = 0
        for number in UInt64(1)...2_000 {
            try [UInt8](repeating: 7, count: 100).withUnsafeBytes { payload in
                _ = try journal.append(payload, count: 1, time: 4)
            }
            try journal.noteSynced()
            #expect(journal.durable.sequence >= seen && journal.durable.sequence <= number)
            seen = journal.durable.sequence
            if number % 3 == 0 { try journal.beginSync() }
        }
        while journal.isSyncing { try journal.noteSynced() }
        try journal.beginSync()
        while journal.isSyncing { try journal.noteSynced() }
        #expect(journal.durable == journal.position)
        try journal.finish()
        #expect(throws: JournalError.stopped) { try journal.beginSync() }
    }

    @Test func `belongs to one at a time`() throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = try FileStorage(folder: folder)
        let own = ProcessInfo.processInfo.processIdentifier
        #expect(throws: JournalError.locked(folder, process: "\(own)")) {
            try FileStorage(folder: folder)
        }
        withExtendedLifetime(storage) {}
    }
}
