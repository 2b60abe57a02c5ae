import Plimsoll
@testable import PlimsollCommands
import PlimsollNode
import PlimsollUnits
import PlimsollWire
import Testing

@Suite struct `A journal that is verified` {
    /// A folder whose node has had the events of an example.
    private static func journal(_ folder: Folder, snapshotInterval: UInt64 = 1_000) async throws {
        let reader = EventReader(file: "e") { (node, file) throws(InputFault) in
            try RulebookCatalog(directories: ["\(root)/rulebooks"]).adopted(node, in: file)
        }
        var (engine, effects, events) = (Engine(), Effects(), [Event]())
        let lines = try LineReader(path: "\(root)/examples/minimal.ndjson")
        while let line = try lines.next() {
            let event = try reader.event(
                line.bytes,
                number: line.number,
                directory: engine.directory,
                clock: engine.clock
            )
            guard let event else { continue }
            engine.applyOrRefuse(event, emitting: &effects)
            events.append(event)
        }
        var configuration = NodeConfiguration(folder: folder.path)
        configuration.clock = .events
        configuration.segmentSize = 1 << 20
        configuration.snapshotInterval = snapshotInterval
        let node = try MarginNode(configuration)
        _ = try await node.submit(events)
        while node.journal.snapshot == 0, node.journal.sequence >= snapshotInterval {
            try await Task.sleep(for: .milliseconds(5))
        }
        node.drain()
    }

    private func document(_ run: CommandRun) throws -> Document {
        Document(try JSONText.parse(Array(run.output.utf8), file: "output"))
    }

    @Test func `names a snapshot that is damaged, and the node starts without it`() async throws {
        let folder = try Folder()
        try await Self.journal(folder, snapshotInterval: 3)
        let whole = try CommandRun("journal", "verify", folder.path, "--json")
        #expect(whole.code == 0)
        let snapshots = try document(whole)["snapshots"].items
        let name = try #require(snapshots.last?["file"].text)
        #expect(snapshots.allSatisfy { $0["sound"].isTrue })
        var content = try folder.read(name)
        content[content.count / 2] ^= 1
        try folder.write(content, to: name)
        let found = try CommandRun("journal", "verify", folder.path)
        #expect(found.code == 74)
        #expect(found.output.contains("its SHA-256 does not fit"))
        #expect(!found.output.contains("sound"))
        #expect(
            found.errors.contains("\(folder.path)/\(name) is damaged: its SHA-256 does not fit.")
        )
        let document = try document(CommandRun("journal", "verify", folder.path, "--json"))
        #expect(!document["sound"].isTrue)
        #expect(document["snapshots"].items.last?["what"].text == "its SHA-256 does not fit")
        var configuration = NodeConfiguration(folder: folder.path)
        configuration.segmentSize = 1 << 20
        let node = try MarginNode(configuration)
        #expect(node.recovery.notes.count == 1 && node.journal.sequence > 3)
        node.drain()
    }

    @Test func `passes where the engine has what the events add up to`() async throws {
        let folder = try Folder()
        try await Self.journal(folder)
        var verification = try JournalVerification(folder: folder.path)
        var steps: [Int] = []
        try verification.follow { events, of in
            steps.append(events)
            #expect(events <= of)
        }
        #expect(steps.last == verification.events)
        let report = Document(verification.document())
        #expect(report["state"].text == "passed")
        #expect(report["seq"].integer == verification.events)
        #expect(VerificationText.exitCode(report) == .success)
    }

    @Test func `has nothing to compare, and 7, where there is no account`() throws {
        let folder = try Folder()
        var configuration = NodeConfiguration(folder: folder.path)
        configuration.segmentSize = 1 << 20
        try MarginNode(configuration).drain()
        var verification = try JournalVerification(folder: folder.path)
        try verification.follow { _, _ in }
        let report = Document(verification.document())
        #expect(report["accounts"].integer == 0)
        #expect(VerificationText.exitCode(report) == .insufficientData)
    }

    @Test func `has a finding, and 6, where the engine has more`() async throws {
        let folder = try Folder()
        try await Self.journal(folder)
        var verification = try JournalVerification(folder: folder.path)
        try verification.follow { _, _ in }
        let alice = try #require(
            verification.engine.directory.account("alice", in: VenueID(index: 0))
        )
        let deposit = Deposited(
            account: alice,
            asset: AssetID(index: 0),
            amount: Money(units: 7)
        )
        // Nothing but the engine hears of it.
        var effects: [Effect] = []
        let event = Event(time: verification.engine.clock, body: .deposited(deposit))
        try verification.engine.apply(event, emitting: &effects)
        let report = Document(verification.document())
        #expect(report["state"].text == "found")
        #expect(VerificationText.exitCode(report) == .finding)
        let wallet = try #require(
            report["findings"].items.first { $0["kind"].text == "wallet" }
        )
        #expect(wallet["account"].text == "alice")
        #expect(wallet["what"].text == "wallet of USDT")
        #expect(wallet["expected"].text != wallet["found"].text)
    }
}
