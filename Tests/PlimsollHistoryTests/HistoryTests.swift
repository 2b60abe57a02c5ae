import Foundation
import GRDB
import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

@testable import PlimsollHistory

@Suite struct `A history` {
    /// What one run without a break gives.
    private func whole(_ story: Story, _ limits: HistoryLimits = HistoryLimits()) throws -> [String]
    {
        let folder = try Folder()
        var replica = try Replica(folder.open(limits))
        try replica.follow(story)
        #expect(try replica.finish())
        return try replica.recorder.history.contents()
    }

    @Test(arguments: UInt64(1)...(isSoak ? 200 : 2))
    func `goes on exactly where it ended, whatever was lost`(seed: UInt64) throws {
        let story = try Story(seed: seed, steps: isSoak ? 300 : 200)
        var limits = HistoryLimits()
        limits.movements = 100
        limits.groupRows = 20
        let expected = try whole(story, limits)
        #expect(expected.count > 200)

        var random = SplitMix64(seed: seed)
        let folder = try Folder()
        var position: UInt64 = 0
        var isNew = true
        while position < story.events.count {
            let history = try folder.open(end: UInt64(story.events.count), limits)
            #expect(history.opening == (isNew ? .new : .resumed(position)))
            isNew = false
            var replica = try Replica(history)
            let end = min(story.events.count, Int(position) + Int(random.int(1...120)))
            try replica.follow(story, upTo: end)
            // What was noted last is not handed over, or waits when the process ends.
            if random.chance(70) {
                #expect(try replica.finish())
            }
            #expect(history.close(seconds: 10))
            position = history.position
        }
        #expect(try folder.open(limits).contents() == expected)
    }

    @Test(arguments: Spoiling.allCases)
    func `is set aside and made anew`(spoiling: Spoiling) throws {
        let story = try Story(seed: 11, steps: 60)
        let expected = try whole(story)
        let folder = try Folder()
        var replica = try Replica(folder.open())
        try replica.follow(story)
        #expect(try replica.finish())
        let former = replica.recorder.history
        #expect(former.close(seconds: 10))
        try former.pool.close()
        try spoiling.spoil(folder.file)

        let end = UInt64(story.events.count) - (spoiling == .ahead ? 1 : 0)
        let history = try folder.open(end: end, journal: spoiling == .journal ? "k" : "j")
        if spoiling == .missing {
            #expect(history.opening == .new)
        } else {
            guard case .rebuilt(let reason) = history.opening else {
                Issue.record("It was \(history.opening).")
                return
            }
            #expect(reason.contains(spoiling.words), "\(reason)")
            #expect(FileManager.default.fileExists(atPath: folder.file + ".old"))
        }
        #expect(history.position == 0)
        var again = try Replica(history)
        try again.follow(story)
        #expect(try again.finish())
        let contents = try history.contents()
        #expect(contents.dropFirst() == expected.dropFirst())
    }

    @Test func `refuses events with a gap, and passes over those it has`() throws {
        let story = try Story(seed: 3, steps: 10)
        let history = try Folder().open()
        var recorder = try HistoryRecorder(history)
        let event = story.events[0]
        #expect(try recorder.note(event, effects: [], sequence: 1, of: story.engine) == .taken)
        #expect(try recorder.note(event, effects: [], sequence: 1, of: story.engine) == .taken)
        #expect(throws: HistoryError.gap(expected: 2, found: 3)) {
            try recorder.note(event, effects: [], sequence: 3, of: story.engine)
        }
    }

    @Test func `does not keep its caller waiting for the disk`() throws {
        let story = try Story(seed: 5)
        let folder = try Folder()
        var limits = HistoryLimits()
        limits.waitingBytes = 100_000
        limits.groupRows = 100
        let history = try folder.open(limits)
        // Another connection keeps the file locked: nothing can be written.
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: folder.file, configuration: configuration)
        try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        var engine = Engine()
        var recorder = try HistoryRecorder(history)
        var (sequence, refused) = (UInt64(0), 0)
        let begin = Date()
        for event in story.events where refused == 0 {
            var effects: [Effect] = []
            engine.applyOrRefuse(event, emitting: &effects)
            let acceptance = try recorder.note(
                event,
                effects: effects,
                sequence: sequence + 1,
                of: engine
            )
            if acceptance == .taken { sequence += 1 } else { refused += 1 }
        }
        #expect(refused == 1)
        #expect(-begin.timeIntervalSinceNow < 2)
        #expect(history.position == 0)
        #expect(!history.waitForRoom(seconds: 0.01))
        try other.inDatabase { try $0.execute(sql: "COMMIT") }
        #expect(history.waitForRoom(seconds: 10))
        // The same event again, and the rest: nothing was lost.
        var replica = try Replica(history)
        replica.recorder = recorder
        try replica.follow(story)
        #expect(try replica.finish())
        #expect(try history.contents() == (try whole(story)))
    }

    @Test func `says that the disk is full, and stops`() throws {
        let story = try Story(seed: 7)
        let history = try Folder().open()
        try history.pool.write { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        var replica = try Replica(history)
        #expect(throws: HistoryError.full(history.path)) {
            while true {
                try replica.follow(story)
                guard try replica.finish() else { break }
            }
            throw history.failure ?? .closed
        }
        #expect(throws: HistoryError.full(history.path)) { try replica.recorder.handOver() }
        #expect(history.position == 0)
    }

    @Test func `cannot be opened where nothing can be`() throws {
        let path = try Folder().path + "/none/history.sqlite"
        #expect(throws: HistoryError.self) { try History(at: path, journal: "j", end: 0) }
    }
}

/// What may happen to the file between two runs.
enum Spoiling: String, CaseIterable {
    case missing, empty, text, header, page, cut, version, ahead, journal, table

    /// What the reason must say.
    var words: String {
        switch self {
        case .missing: ""
        case .empty: "it is not a history"
        case .text, .header, .page, .cut: "damaged"
        case .version: "its form is 99"
        case .ahead: "the journal ends at"
        case .journal: "another journal"
        case .table: "no such table"
        }
    }

    func spoil(_ path: String) throws {
        switch self {
        case .missing: try FileManager.default.removeItem(atPath: path)
        case .empty: try Data().write(to: URL(filePath: path))
        case .text: try Data("not a database, and long enough".utf8).write(to: URL(filePath: path))
        case .header: try overwrite(path, at: 0)
        case .page: for page in 2...8 { try overwrite(path, at: UInt64(page) * 4_096 - 64) }
        case .cut:
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            try file.truncate(atOffset: file.seekToEnd() / 2)
            try file.close()
        case .version: try execute(path, "PRAGMA user_version = 99")
        case .table: try execute(path, "DROP TABLE state")
        case .ahead, .journal: break
        }
    }

    private func overwrite(_ path: String, at offset: UInt64) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seek(toOffset: offset)
        file.write(Data(repeating: 0xa5, count: 512))
        try file.close()
    }

    private func execute(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }
}
