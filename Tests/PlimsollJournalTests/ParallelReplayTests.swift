import Foundation
import Testing

@testable import PlimsollJournal

@Suite struct `A replay on two threads` {
    private struct Fault: Error {}

    /// A folder with records of a few numbers each.
    private func storage(_ numbers: Int) throws -> MemoryStorage {
        let storage = MemoryStorage()
        let journal = try Journal(in: storage, segmentSize: 1 << 16)
        var next: UInt64 = 1
        while next <= numbers {
            let count = min(UInt64(numbers) - next + 1, next % 7 + 1)
            let group = Array(next..<next + count)
            try group.withUnsafeBytes { _ = try journal.append($0, count: UInt32(count), time: 0) }
            next += count
        }
        try journal.finish()
        return storage
    }

    @Sendable private static func decode(_ record: Record, _ numbers: inout [UInt64]) {
        for index in 0..<Int(record.count) {
            numbers.append(record.payload.number(at: 8 * index))
        }
    }

    @Test(arguments: [0, 1, 511, 512, 513, 20_000])
    func `hands on everything in order, and the journal goes on`(count: Int) throws {
        var found: [UInt64] = []
        let storage = try storage(count)
        let journal = try Journal(in: storage, decoding: Self.decode) { found += $0 }
        #expect(found.elementsEqual(1..<UInt64(count) + 1))
        #expect(journal.position.sequence == UInt64(count))
        let first = try [UInt8](repeating: 0, count: 8).withUnsafeBytes { bytes in
            try journal.append(bytes, count: 1, time: 0)
        }
        #expect(first == UInt64(count) + 1)
    }

    @Test(arguments: [1, 2, 9])
    func `ends with what the receiver throws`(call: Int) throws {
        let storage = try storage(20_000)
        var calls = 0
        #expect(throws: Fault.self) {
            _ = try Journal(in: storage, decoding: Self.decode) { _ in
                calls += 1
                if calls == call { throw Fault() }
            }
        }
        #expect(calls == call)
    }

    @Test func `ends with what decoding throws, after what comes before it`() throws {
        let storage = try storage(20_000)
        var found: [UInt64] = []
        #expect(throws: Fault.self) {
            _ = try Journal(
                in: storage,
                decoding: { record, numbers in
                    if record.first > 10_000 { throw Fault() }
                    Self.decode(record, &numbers)
                },
                replaying: { found += $0 }
            )
        }
        #expect(found.elementsEqual(1..<UInt64(found.count) + 1))
    }

    @Test func `finds damage`() throws {
        var content = try storage(20_000).content
        content[Layout.Numbered.segment.name(1)]?[5_000] ^= 1
        let storage = MemoryStorage(content)
        #expect(throws: JournalError.self) {
            _ = try Journal(in: storage, decoding: Self.decode) { _ in }
        }
        #expect(storage.content == content)
    }
}
