import Foundation
import TestSupport
import Testing

@testable import PlimsollJournal

@Suite struct `A group that goes past the system's memory` {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func bytes(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next() | 1) }
    }

    /// Lengths around whole blocks, a quarter of a mebibyte and the mebibyte that is kept.
    private static let lengths = [
        0, 1, 7, 100, 4_007, 4_008, 4_009, 4_095, 4_096, 4_097, 8_192, 70_000,
        DirectFile.limit - 88,
        DirectFile.limit - 80, DirectFile.limit, DirectFile.limit + 1, 600_000,
    ]

    /// The journal that appends and syncs is the oracle.
    @Test(arguments: UInt64(1)...6)
    func `is in the file as one that was appended and synced`(seed: UInt64) throws {
        try withFolder { folder in
            var random = SplitMix64(seed: seed)
            var content: [[String: Data]] = []
            let payloads = (0..<60).map { _ in
                bytes(Self.lengths[Int(random.int(0...Int64(Self.lengths.count - 1)))], &random)
            }
            for isCommitting in [false, true] {
                let place = folder + "-\(isCommitting)"
                defer { try? FileManager.default.removeItem(atPath: place) }
                var lives = random
                var journal: Journal<FileStorage>? = nil
                for payload in payloads {
                    if journal == nil || lives.chance(10) {
                        journal = nil
                        journal = try Journal(
                            in: try FileStorage(folder: place),
                            segmentSize: 1 << 20
                        )
                    }
                    let isDirect = lives.chance(80) && isCommitting
                    try payload.withUnsafeBytes { payload in
                        if isDirect {
                            try journal?.commit(payload, count: 2, time: 3)
                        } else {
                            try journal?.append(payload, count: 2, time: 3)
                            try journal?.sync()
                        }
                    }
                    #expect(journal?.durable == journal?.position)
                }
                let storage = FileStorage(reading: place)
                var files: [String: Data] = [:]
                for name in try storage.names() where name.hasPrefix("journal") {
                    files[name] = try Data(contentsOf: URL(filePath: place + "/" + name))
                }
                content.append(files)
                // A follower in another process finds it too.
                var found: [[UInt8]] = []
                try JournalReader(storage).read(through: UInt64(2 * payloads.count)) {
                    found.append(Array($0.payload))
                }
                #expect(found == payloads)
            }
            #expect(content[0].count >= 2)
            #expect(content[0] == content[1])
        }
    }

    @Test(arguments: UInt64(1)...4)
    func `is read at once by whoever shares the folder`(seed: UInt64) throws {
        try withFolder { folder in
            var random = SplitMix64(seed: seed)
            let storage = try FileStorage(folder: folder)
            let journal = try Journal(in: storage, segmentSize: 2 << 20)
            let readers = [
                try JournalReader(FileStorage(reading: storage)),
                try JournalReader(FileStorage(reading: storage)),
                try JournalReader(FileStorage(reading: folder)),
            ]
            var payloads: [[UInt8]] = []
            var found = [[[UInt8]]](repeating: [], count: readers.count)
            for _ in 0..<150 {
                let limit: Int64 = random.chance(20) ? 200_000 : 5_000
                let payload = bytes(Int(random.int(0...limit)), &random)
                payloads.append(payload)
                try payload.withUnsafeBytes { payload in
                    if random.chance(90) {
                        _ = try journal.commit(payload, count: 1, time: 0)
                    } else {
                        _ = try journal.append(payload, count: 1, time: 0)
                    }
                }
                if random.chance(10) { try journal.sync() }
                // The first reads everything at once, the others are late.
                for (index, reader) in readers.enumerated() where index == 0 || random.chance(5) {
                    try reader.read(through: journal.durable.sequence) {
                        found[index].append(Array($0.payload))
                    }
                }
                #expect(found[0].count == Int(journal.durable.sequence))
            }
            try journal.finish()
            for (index, reader) in readers.enumerated() {
                try reader.read(through: journal.durable.sequence) {
                    found[index].append(Array($0.payload))
                }
                #expect(found[index] == payloads)
            }
        }
    }

    /// Without it this suite would compare one way with itself.
    @Test func `is what a folder on a disk offers`() throws {
        try withFolder { folder in
            let storage = try FileStorage(folder: folder)
            let file = try storage.make("file")
            defer { storage.close(file) }
            try storage.writeZeros(0..<20_000, to: file)
            try storage.sync(file)
            let direct = try #require(try storage.direct(file, end: 5_000))
            try direct.append([1, 2, 3])
            #expect(direct.end == 5_003)
            let memory = try FileStorage(reading: folder).readAll(20_000, from: file, at: 0)
            #expect(
                memory == [UInt8](repeating: 0, count: 5_000) + [1, 2, 3]
                    + [UInt8](repeating: 0, count: 14_997)
            )
            // What is kept is the whole block and what follows; before it the file is asked.
            let shared = FileStorage(reading: storage)
            #expect(
                try shared.readAll(904 + 3, from: file, at: 4_096) == Array(memory[4_096..<5_003])
            )
            #expect(try shared.readAll(30_000, from: file, at: 4_096).count == 20_000 - 4_096)
            #expect(try shared.readAll(30_000, from: file, at: 0) == memory)
            #expect(try shared.readAll(5, from: file, at: 30_000).isEmpty)
        }
    }
}
