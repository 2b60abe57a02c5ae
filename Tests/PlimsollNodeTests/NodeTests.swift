import Glibc
import Plimsoll
import PlimsollNode
import PlimsollUnits
import PlimsollWire
import Testing

@Suite("Node")
struct NodeTests {
    @Test(
        "what was acknowledged is there once after a restart, with the digest of an uninterrupted run"
    )
    func restarts() async throws {
        let folder = try Folder()
        let events = World.events(accounts: 20, trades: 400, seed: 7)
        var plain = Engine()
        var effects: [Effect] = []
        for event in events { plain.applyOrRefuse(event, emitting: &effects) }
        var index = 0
        for part in [37, 1, 250, events.count - 288] {
            let node = try MarginNode(folder.configuration)
            #expect(node.read { $0.sequence } == UInt64(index))
            let outcomes = try await node.submit(Array(events[index..<index + part]))
            #expect(outcomes.count == part)
            index += part
            node.drain()
        }
        let node = try MarginNode(folder.configuration)
        #expect(node.read { $0.digest } == plain.digest)
        #expect(node.recovery.replayed == UInt64(events.count))
        node.drain()
    }

    @Test(
        "the same command again changes nothing, also in one group and after a restart; other content conflicts"
    )
    func once() async throws {
        let folder = try Folder()
        var node = try MarginNode(folder.configuration)
        _ = try await node.submit(World.events(accounts: 2, trades: 0, seed: 1))
        let before = node.read { $0.sequence }
        let deposit = World.deposit(10, to: 1, id: "d-1")
        let other = World.deposit(11, to: 1, id: "d-1")
        let first = try await node.submit([deposit, deposit, other])
        #expect(first[0] == .accepted(sequence: before + 1, effects: []))
        #expect(first[1] == .repeated)
        #expect(first[2] == .refused(.conflict(id: "d-1"), sequence: nil))
        #expect(node.read { $0.sequence } == before + 1)
        node.drain()
        node = try MarginNode(folder.configuration)
        let second = try await node.submit([deposit, other])
        #expect(second == [.repeated, .refused(.conflict(id: "d-1"), sequence: nil)])
        #expect(node.read { $0.sequence } == before + 1)
        node.drain()
    }

    @Test("a feed's numbers rise; what came before is repeated, also within one group")
    func feeds() async throws {
        let folder = try Folder()
        let node = try MarginNode(folder.configuration)
        _ = try await node.submit(World.events(accounts: 1, trades: 0, seed: 1))
        let outcomes = try await node.submit(
            [3, 4, 4, 3, 9].map { World.mark(60_000, source: "feed", sequence: $0) }
        )
        let accepted = outcomes.map { outcome in
            if case .accepted = outcome { true } else { false }
        }
        #expect(accepted == [true, true, false, false, true])
        node.drain()
    }

    @Test("a refused event is a part of the history: the digest after a restart is the same")
    func refused() async throws {
        let folder = try Folder()
        var node = try MarginNode(folder.configuration)
        _ = try await node.submit(World.events(accounts: 2, trades: 0, seed: 1))
        let outcomes = try await node.submit([World.withdrawal(999_999_999, from: 1)])
        guard case .refused(.insufficientWithdrawable, .some) = outcomes[0] else {
            Issue.record("\(outcomes[0])")
            return
        }
        let digest = node.read { $0.digest }
        node.drain()
        node = try MarginNode(folder.configuration)
        #expect(node.read { $0.digest } == digest)
        node.drain()
    }

    @Test("a node whose writer goes first has a replica that arrives", .timeLimit(.minutes(15)))
    func realTime() async throws {
        let folder = try Folder()
        var configuration = folder.configuration
        configuration.isRealTime = true
        configuration.durability = .batch
        configuration.snapshotInterval = 10_000
        configuration.segmentSize = 1 << 20
        let node = try MarginNode(configuration)
        let events = World.events(accounts: 20, trades: 20_000, seed: 3)
        for start in stride(from: 0, to: events.count, by: 500) {
            _ = try await node.submit(Array(events[start..<min(start + 500, events.count)]))
        }
        while node.replica.lag > 0 || node.journal.snapshot == 0 {
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(node.replica.failure == nil)
        #expect(node.replica.read { $0.digest } == node.read { $0.digest })
        // One event alone, to a replica that waits for it.
        try await Task.sleep(for: .milliseconds(20))
        _ = try await node.submit([World.deposit(1, to: 1, id: "last")])
        while node.replica.lag > 0 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(node.replica.read { $0.digest } == node.read { $0.digest })
        node.drain()
    }

    @Test("a node that acknowledges before it syncs writes snapshots too, once they are durable")
    func laterSnapshots() async throws {
        let folder = try Folder()
        var configuration = folder.configuration
        configuration.snapshotInterval = 50
        configuration.durability = .batch
        let node = try MarginNode(configuration)
        let events = World.events(accounts: 10, trades: 200, seed: 3)
        for start in stride(from: 0, to: events.count, by: 20) {
            _ = try await node.submit(Array(events[start..<min(start + 20, events.count)]))
        }
        for _ in 0..<500 where node.journal.snapshot == 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(node.journal.snapshot > 0)
        #expect(node.journal.snapshot <= node.journal.durable)
        node.drain()
        #expect(node.replica.failure == nil)
    }

    @Test(
        "a start from a snapshot and the tail is a start from all events; a damaged one falls back"
    )
    func snapshots() async throws {
        let folder = try Folder()
        var configuration = folder.configuration
        configuration.snapshotInterval = 50
        configuration.segmentSize = 4_096
        let events = World.events(accounts: 10, trades: 500, seed: 3)
        var plain = Engine()
        var effects: [Effect] = []
        for event in events { plain.applyOrRefuse(event, emitting: &effects) }
        var node = try MarginNode(configuration)
        for start in stride(from: 0, to: events.count, by: 20) {
            _ = try await node.submit(Array(events[start..<min(start + 20, events.count)]))
        }
        node.drain()
        #expect(node.replica.failure == nil)
        #expect(node.replica.read { $0.digest } == plain.digest)

        node = try MarginNode(configuration)
        #expect(node.recovery.snapshot > 0)
        #expect(node.recovery.snapshot + node.recovery.replayed == UInt64(events.count))
        #expect(node.read { $0.digest } == plain.digest)
        let newest = node.recovery.snapshot
        node.drain()

        try folder.flipBit(of: "snapshot-", at: 1_000)
        node = try MarginNode(configuration)
        #expect(node.recovery.snapshot > 0 && node.recovery.snapshot < newest)
        #expect(node.recovery.notes.count == 1)
        #expect(node.read { $0.digest } == plain.digest)
        node.drain()
    }

    @Test("what was answered of a moment that is over is the answer for ever")
    func over() async throws {
        let folder = try Folder()
        var configuration = folder.configuration
        configuration.clock = .wall
        let node = try MarginNode(configuration)
        let events = World.events(accounts: 2, trades: 2_000, seed: 5)
        _ = try await node.submit(Array(events[..<9]))
        let feed = Task {
            for start in stride(from: 9, to: events.count, by: 20) {
                _ = try await node.submit(Array(events[start..<min(start + 20, events.count)]))
            }
        }
        var said: [(moment: Int64, sequence: UInt64)] = []
        while node.read({ $0.sequence }) < UInt64(events.count) {
            let moment = MarginNode.wallClock / 1_000_000
            #expect(!node.hasPassed(moment + 60_000))
            while !node.hasPassed(moment) { try await Task.sleep(for: .microseconds(50)) }
            let engine = try await node.past.engine(at: .time(milliseconds: moment))
            said.append((moment, engine.sequence))
        }
        try await feed.value
        #expect(said.count > 5)
        for (moment, sequence) in said {
            let again = try await node.past.engine(at: .time(milliseconds: moment))
            #expect(again.sequence == sequence)
        }
        node.drain()
    }

    @Test("the inbox is bounded, and says so")
    func bounded() async throws {
        let folder = try Folder()
        var configuration = folder.configuration
        configuration.inboxLimit = 10
        let node = try MarginNode(configuration)
        await #expect(throws: NodeError.tooMany(11, limit: 10)) {
            _ = try await node.submit(
                [Event](repeating: World.deposit(1, to: 0, id: "x"), count: 11)
            )
        }
        node.drain()
        await #expect(throws: NodeError.draining) { _ = try await node.submit([]) }
    }

    @Test("a second node of the same folder is refused")
    func oneOwner() throws {
        let folder = try Folder()
        let node = try MarginNode(folder.configuration)
        #expect(throws: (any Error).self) { try MarginNode(folder.configuration) }
        node.drain()
    }
}

/// A folder that is removed with its test.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/plimsoll-node-XXXXXX".utf8CString)
        path = try template.withUnsafeMutableBufferPointer { text in
            String(cString: try #require(text.baseAddress.flatMap { mkdtemp($0) }))
        }
    }

    deinit {
        guard let handle = opendir(path) else { return }
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(handle)
        rmdir(path)
    }

    /// Flips a bit of the last file whose name begins so.
    func flipBit(of prefix: String, at offset: Int) throws {
        let handle = try #require(opendir(path))
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(prefix) { names.append(name) }
        }
        let name = try #require(names.max())
        let file = open("\(path)/\(name)", O_RDWR)
        defer { close(file) }
        var byte: UInt8 = 0
        #expect(pread(file, &byte, 1, off_t(offset)) == 1)
        byte ^= 4
        #expect(pwrite(file, &byte, 1, off_t(offset)) == 1)
    }

    /// A small node of the folder, whose clock is that of its events.
    var configuration: NodeConfiguration {
        var configuration = NodeConfiguration(folder: path)
        configuration.segmentSize = 1 << 20
        configuration.clock = .events
        return configuration
    }
}
