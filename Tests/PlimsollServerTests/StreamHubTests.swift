import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

@testable import PlimsollNode
@testable import PlimsollServer

@Suite("Stream")
struct StreamHubTests {
    /// Clients come, are cut off and come back at any moment of a tick.
    @Test("every client sees each effect once, in order", arguments: UInt64(1)...20)
    func once(seed: UInt64) async throws {
        try await Story(seed: seed, kept: 100_000).run(gaps: false)
    }

    @Test(
        "what is not kept any more is told as a gap, and nothing else is missing",
        arguments: UInt64(1)...20
    )
    func gaps(seed: UInt64) async throws {
        try await Story(seed: seed, kept: 12).run(gaps: true)
    }

    @Test("a client that comes while a tick is made gets what is in it once")
    func between() async throws {
        let story = try await Story(seed: 1, kept: 100)
        story.note(3)
        let topics: Set<StreamTopic> = [.effects]
        // Somebody wants the topic already, so that the tick has it.
        let early = story.hub.enter(topics)
        let turn = story.hub.begin()
        let fresh = story.hub.enter(topics)
        let back = story.hub.enter(topics, after: story.sequence - 2)
        #expect(fresh.through == story.sequence)
        #expect(back.missed.map(\.sequence) == [story.sequence - 1, story.sequence])
        story.hub.end(turn, [])
        if case .chunks(let chunks, _) = story.hub.next(after: early.tick, [.effects]) {
            #expect(!chunks.isEmpty)
        }
        for entry in [fresh, back] {
            guard case .chunks(let chunks, _) = story.hub.next(after: entry.tick, [.effects]) else {
                Issue.record("it was closed")
                continue
            }
            #expect(chunks.isEmpty)
        }
    }

    @Test("the id stands on the last message of an event that a client gets")
    func ids() {
        var (one, two) = (StreamChunk(), StreamChunk())
        for sequence: UInt64 in [1, 2, 4] {
            one.add("one", Array("\(sequence)".utf8), sequence: sequence)
        }
        for sequence: UInt64 in [2, 3] {
            two.add("two", Array("\(sequence)".utf8), sequence: sequence)
        }
        #expect(
            String(decoding: StreamChunk.merged([one, two]), as: UTF8.self) == """
                event: one\ndata: 1\nid: 1\n\nevent: one\ndata: 2\n\nevent: two\ndata: 2\nid: 2\n
                event: two\ndata: 3\nid: 3\n\nevent: one\ndata: 4\nid: 4\n\n
                """
        )
        #expect(StreamChunk.merged([]).isEmpty)
    }
}

/// A hub, what was noted to it, and clients with what they got.
private final class Story {
    let hub: StreamHub
    private let world: ServedWorld
    private let alice: AccountID
    private let bob: AccountID
    private var random: SplitMix64
    private(set) var sequence: UInt64
    private var noted: [Consequence] = []
    private var clients: [Client] = []
    private var turn: StreamHub.Turn?

    /// Somebody who follows topics through several connections.
    private final class Client {
        let topics: [StreamTopic]
        /// It is told of what comes after this.
        let begin: UInt64
        /// The last id that it has read, and the tick of its connection; `nil`: it has none now.
        var seen: UInt64
        var tick: UInt64?
        var messages: [Message] = []
        var gaps: [ClosedRange<UInt64>] = []

        init(_ topics: [StreamTopic], _ entry: StreamHub.Entry) {
            self.topics = topics
            (begin, seen, tick) = (entry.through, entry.through, entry.tick)
        }
    }

    private struct Message: Hashable {
        var name: String
        var data: String
        var id: UInt64?
    }

    init(seed: UInt64, kept: Int) async throws {
        world = try ServedWorld { $0.effectsKept = kept }
        _ = try await world.get("/v1/accounts/alice")
        let node = world.running.node
        alice = try #require(node.directory.account("alice", in: VenueID(index: 0)))
        bob = try #require(node.directory.account("bob", in: VenueID(index: 0)))
        hub = StreamHub(node)
        sequence = node.read { $0.sequence }
        random = SplitMix64(seed: seed)
    }

    /// The writer notes events with effects of alice, bob, both or nobody.
    func note(_ count: Int) {
        var consequences: [Consequence] = []
        for _ in 0..<count {
            sequence += 1
            var effects: [Effect] = [.liquidationOrdersToCancel([sequence])]
            if random.chance(40) { effects.append(.ordersToCancel(account: alice, orders: ["a"])) }
            if random.chance(40) { effects.append(.ordersToCancel(account: bob, orders: ["b"])) }
            consequences.append(Consequence(sequence: sequence, at: .zero, effects: effects[...]))
            // Some events have no effects.
            if random.chance(20) { sequence += 1 }
        }
        noted += consequences
        let last = consequences.last?.sequence ?? sequence
        hub.note(
            Committed(sequence: last, clock: .zero, consequences: consequences, definesNames: false)
        )
    }

    func run(gaps: Bool) throws {
        for _ in 0..<250 {
            switch random.int(0...9) {
            case 0...2: note(Int(random.int(1...(gaps ? 6 : 20))))
            case 3: beginOrEnd()
            case 4: beginOrEnd()
            case 5: come()
            case 6: for client in clients where random.chance(50) { try read(client, all: false) }
            default: for client in clients where random.chance(50) { try read(client, all: true) }
            }
        }
        if turn != nil { beginOrEnd() }
        hub.tick()
        for client in clients {
            for _ in 0..<3 {
                if client.tick == nil { comeBack(client) }
                try read(client, all: true)
            }
            #expect(client.tick != nil)
            try verify(client, gaps: gaps)
        }
        #expect(clients.count > 1)
    }

    private func beginOrEnd() {
        if let begun = turn {
            hub.end(begun, [])
            turn = nil
        } else {
            turn = hub.begin()
        }
    }

    private func come() {
        if let gone = clients.filter({ $0.tick == nil }).randomElement(using: &random) {
            comeBack(gone)
            return
        }
        let all: [StreamTopic] = [.account("alice"), .account("bob"), .effects, .liquidations]
        let topics = all.filter { _ in random.chance(50) }
        guard !topics.isEmpty else { return }
        clients.append(Client(topics, hub.enter(Set(topics))))
    }

    private func comeBack(_ client: Client) {
        let entry = hub.enter(Set(client.topics), after: client.seen)
        client.tick = entry.tick
        if let gap = entry.gap {
            client.gaps.append(gap)
            client.seen = gap.upperBound
        }
        take(hub.messages(entry.missed, client.topics), client)
        // The snapshot that follows says how far it is.
        client.seen = max(client.seen, entry.through)
    }

    /// A client reads all that waits for it, or is cut off somewhere in it.
    private func read(_ client: Client, all: Bool) throws {
        guard let tick = client.tick else { return }
        switch hub.next(after: tick, client.topics) {
        case .chunks(let chunks, let next):
            client.tick = next
            let bytes = chunks.flatMap { $0 }
            if all {
                take(bytes, client)
            } else {
                take(Array(bytes.prefix(Int(random.int(0...Int64(bytes.count))))), client)
                leave(client)
            }
        case .slow: leave(client)
        case .shutdown: Issue.record("the hub has ended")
        }
    }

    private func leave(_ client: Client) {
        hub.leave(Set(client.topics))
        client.tick = nil
    }

    /// Takes the messages that came whole; those behind the last id come again.
    private func take(_ bytes: [UInt8], _ client: Client) {
        var pending: [Message] = []
        let text = String(decoding: bytes, as: UTF8.self)
        let blocks = text.split(separator: "\n\n")
        for block in text.hasSuffix("\n\n") ? blocks[...] : blocks.dropLast() {
            var message = Message(name: "", data: "", id: nil)
            for line in block.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                let value = String(parts[1].dropFirst())
                switch parts[0] {
                case "event": message.name = value
                case "data": message.data = value
                case "id": message.id = UInt64(value)
                default: Issue.record("\(line)")
                }
            }
            pending.append(message)
            if let id = message.id {
                client.messages += pending
                client.seen = id
                pending = []
            }
        }
    }

    private func verify(_ client: Client, gaps: Bool) throws {
        let missing = client.gaps
        #expect(gaps || missing.isEmpty)
        let expected = noted.filter { entry in
            entry.sequence > client.begin && !missing.contains { $0.contains(entry.sequence) }
        }
        var wanted: [StreamTopic: StreamChunk] = [:]
        world.running.node.read { engine in
            for entry in expected {
                ConsequenceEncoder().encode(entry, of: engine, Set(client.topics), into: &wanted)
            }
        }
        let before = client.messages
        client.messages = []
        take(StreamChunk.merged(client.topics.compactMap { wanted[$0] }), client)
        #expect(before == client.messages)
    }
}
