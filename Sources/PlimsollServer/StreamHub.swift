import Plimsoll
package import PlimsollNode
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// Fans out what happens to the clients of the stream, without ever making the writer wait for one.
///
/// The writer only appends to a bounded list. A few times a second `tick` turns what is new into one chunk of
/// bytes for each topic; clients read these chunks at their own pace, and those who fall behind are told and closed.
package final class StreamHub: Sendable {
    /// One turn of the hub: what is new for each topic, as server-sent events.
    struct Tick: Sendable {
        var number: UInt64
        var chunks: [StreamTopic: [UInt8]]
    }

    /// What a client is to do next.
    enum Next: Sendable {
        /// Send these chunks; the client has then seen all up to the tick.
        case chunks([[UInt8]], tick: UInt64)
        /// Too much waits for it.
        case slow
        /// The server ends.
        case shutdown
    }

    private struct State {
        /// Consequences for clients that resume, the oldest first; those before `head` are forgotten.
        var kept: [Consequence] = []
        var head = 0
        /// How many of `kept` have been in a tick.
        var ticked = 0
        /// The last event that was left out of `kept` for lack of room.
        var forgotten: UInt64
        var ticks: [Tick] = []
        var lastTick: UInt64 = 0
        var samples: [StreamTopic: [UInt8]] = [:]
        /// Messages that are no consequence of an event, for the next tick.
        var posted: [StreamTopic: [UInt8]] = [:]
        var subscriptions: [StreamTopic: Int] = [:]
        var clients = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isClosing = false
    }

    private let node: MarginNode
    private let limit: Int
    private let state: Monitor<State>

    /// How many ticks are kept for clients that are behind.
    private static let tickLimit = 256
    /// How many bytes may wait for a client.
    static let backlogLimit = 1 << 20

    /// A hub for the effects after those that `node` has recovered.
    package init(_ node: MarginNode) {
        self.node = node
        limit = node.configuration.effectsKept
        state = Monitor(State(forgotten: node.read { $0.sequence }))
    }

    // MARK: What happens

    /// Notes what a group of events caused; called by the writer, takes a moment.
    package func note(_ committed: Committed) {
        guard !committed.consequences.isEmpty else { return }
        state.withLock { state in
            state.kept.append(contentsOf: committed.consequences)
            let excess = state.kept.count - state.head - limit
            guard excess > 0 else { return }
            state.head += excess
            state.ticked = max(state.ticked, state.head)
            state.forgotten = state.kept[state.head - 1].sequence
            guard state.head > limit else { return }
            state.kept.removeFirst(state.head)
            state.ticked -= state.head
            state.head = 0
        }
    }

    /// Notes a new sample of a topic: JSON of one line.
    package func note(_ sample: [UInt8], of topic: StreamTopic) {
        state.withLock { $0.samples[topic] = sample }
    }

    /// Notes one message of a topic, which every client of the topic gets: JSON of one line.
    func post(_ name: String, _ data: [UInt8], of topic: StreamTopic) {
        let message = Self.message(name, data, id: nil)
        state.withLock { state in
            guard state.subscriptions[topic] != nil else { return }
            state.posted[topic, default: []] += message
        }
    }

    /// Makes what is new ready for the clients, and wakes them.
    ///
    /// - Parameter changed: topics that have a new sample.
    package func tick(_ changed: Set<StreamTopic> = []) {
        let (fresh, wanted) = state.withLock { state in
            defer { state.ticked = state.kept.count }
            return (Array(state.kept[state.ticked...]), Set(state.subscriptions.keys))
        }
        var chunks = encoded(fresh, wanted)
        let waiters = state.withLock { state in
            for topic in changed where wanted.contains(topic) {
                guard let sample = state.samples[topic] else { continue }
                let name = if case .account = topic { "account" } else { topic.word }
                chunks[topic, default: []] += Self.message(name, sample, id: nil)
            }
            for (topic, messages) in state.posted { chunks[topic, default: []] += messages }
            state.posted.removeAll()
            if !chunks.isEmpty {
                state.lastTick += 1
                state.ticks.append(Tick(number: state.lastTick, chunks: chunks))
                if state.ticks.count > Self.tickLimit { state.ticks.removeFirst() }
            }
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Consequences as messages of the topics that somebody wants.
    private func encoded(
        _ consequences: [Consequence],
        _ wanted: Set<StreamTopic>
    ) -> [StreamTopic: [UInt8]] {
        var chunks: [StreamTopic: [UInt8]] = [:]
        guard !wanted.isEmpty else { return chunks }
        let encoder = ConsequenceEncoder()
        // The engine is asked for names of some hundred events at a time, so that the writer need not wait long.
        for start in stride(from: 0, to: consequences.count, by: 256) {
            let part = consequences[start..<min(start + 256, consequences.count)]
            node.read { engine in
                for consequence in part {
                    encoder.encode(consequence, of: engine, wanted, into: &chunks)
                }
            }
        }
        return chunks
    }

    /// A server-sent event of one line of data.
    static func message(_ name: String, _ data: [UInt8], id: UInt64?) -> [UInt8] {
        var bytes = Array("event: \(name)\n".utf8)
        if let id { bytes += Array("id: \(id)\n".utf8) }
        bytes += Array("data: ".utf8)
        bytes += data
        bytes += Array("\n\n".utf8)
        return bytes
    }

    // MARK: Clients

    /// How many clients there are.
    package var clients: Int { state.withLock { $0.clients } }

    /// Topics of single accounts that clients want.
    package var accounts: [String] {
        state.withLock { state in
            state.subscriptions.keys.compactMap { topic in
                if case .account(let name) = topic { name } else { nil }
            }
        }
    }

    /// A client has come: it will get what comes after this tick, which went up to this event.
    func enter(_ topics: Set<StreamTopic>) -> (tick: UInt64, through: UInt64) {
        state.withLock { state in
            state.clients += 1
            for topic in topics { state.subscriptions[topic, default: 0] += 1 }
            let through =
                state.ticked > state.head
                ? state.kept[state.ticked - 1].sequence : state.forgotten
            return (state.lastTick, through)
        }
    }

    /// A client has gone.
    func leave(_ topics: Set<StreamTopic>) {
        state.withLock { state in
            state.clients -= 1
            for topic in topics {
                guard let count = state.subscriptions[topic] else { continue }
                state.subscriptions[topic] = count > 1 ? count - 1 : nil
                if count == 1, case .account = topic { state.samples[topic] = nil }
            }
        }
    }

    /// The last samples of topics.
    func samples(_ topics: Set<StreamTopic>) -> [StreamTopic: [UInt8]] {
        state.withLock { state in state.samples.filter { topics.contains($0.key) } }
    }

    /// What was caused after an event and up to another one, as messages of the topics; `messages` is `nil` where
    /// some of it is forgotten, up to `forgotten`.
    func resumed(
        after sequence: UInt64,
        through last: UInt64,
        _ topics: Set<StreamTopic>
    ) -> (messages: [UInt8]?, forgotten: UInt64) {
        let (missed, forgotten) = state.withLock { state in
            let missed = state.kept[state.head...].filter {
                $0.sequence > sequence && $0.sequence <= last
            }
            return (missed, state.forgotten)
        }
        guard sequence >= forgotten else { return (nil, forgotten) }
        return (encoded(missed, topics).values.reduce(into: []) { $0 += $1 }, forgotten)
    }

    /// What a client that has seen all up to `tick` is to do next.
    func next(after tick: UInt64, _ topics: Set<StreamTopic>) -> Next {
        state.withLock { state in
            if state.isClosing { return .shutdown }
            guard state.lastTick > tick else { return .chunks([], tick: tick) }
            guard let oldest = state.ticks.first, oldest.number <= tick + 1 else { return .slow }
            var chunks: [[UInt8]] = []
            for entry in state.ticks where entry.number > tick {
                for (topic, chunk) in entry.chunks where topics.contains(topic) {
                    chunks.append(chunk)
                }
            }
            guard chunks.reduce(0, { $0 + $1.count }) <= Self.backlogLimit else { return .slow }
            return .chunks(chunks, tick: state.lastTick)
        }
    }

    /// Waits for the next tick.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isClosing = state.withLock { state in
                if !state.isClosing { state.waiters.append(continuation) }
                return state.isClosing
            }
            if isClosing { continuation.resume() }
        }
    }

    /// Tells all clients that the server ends.
    package func close() {
        let waiters = state.withLock { state in
            state.isClosing = true
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// Turns consequences into messages of the stream.
private final class ConsequenceEncoder {
    private var names = EffectWriter()

    func encode(
        _ consequence: Consequence,
        of engine: Engine,
        _ wanted: Set<StreamTopic>,
        into chunks: inout [StreamTopic: [UInt8]]
    ) {
        if wanted.contains(.effects) {
            let data = document(consequence, consequence.effects, of: engine)
            chunks[.effects, default: []] += StreamHub.message(
                "effects",
                data,
                id: consequence.sequence
            )
        }
        if wanted.contains(.liquidations) {
            let own = consequence.effects.filter(\.isOfEnforcement)
            if !own.isEmpty {
                let data = document(consequence, own, of: engine)
                chunks[.liquidations, default: []] += StreamHub.message(
                    "liquidation",
                    data,
                    id: consequence.sequence
                )
            }
        }
        for account in Set(consequence.effects.compactMap(\.account)) {
            let topic = StreamTopic.account(engine.directory.name(account))
            guard wanted.contains(topic) else { continue }
            let own = consequence.effects.filter { $0.account == account }
            chunks[topic, default: []] += StreamHub.message(
                "effects",
                document(consequence, own, of: engine),
                id: consequence.sequence
            )
        }
    }

    private func document(
        _ consequence: Consequence,
        _ effects: [Effect],
        of engine: Engine
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.field("seq", number: consequence.sequence)
            object.field("time", number: consequence.at.nanoseconds / 1_000_000)
            object.key("effects")
            object.array { array in
                for effect in effects {
                    array.object { names.write(effect, of: engine, to: &$0) }
                }
            }
        }
        return writer.bytes
    }
}

extension Effect {
    /// The account whose it is; `nil`: nobody's alone.
    var account: AccountID? {
        switch self {
        case .balanceChanged(let effect): effect.account
        case .positionChanged(let effect): effect.account
        case .marginStateChanged(let effect): effect.account
        case .ordersToCancel(let account, _): account
        case .liquidationOrdered(let effect): effect.account
        case .liquidationEnded(let effect): effect.account
        case .deleveraged(let effect): effect.account
        case .lossSocialised(let effect): effect.account
        case .bankruptcyDeclared(let effect): effect.account
        case .liquidationOrdersToCancel, .insuranceMoved, .priceRefused, .repeated, .refused: nil
        }
    }

    /// It is about a pool at or below its line, or what is done about it.
    var isOfEnforcement: Bool {
        switch self {
        case .marginStateChanged(let change):
            change.mode == .liquidating || change.fromMode == .liquidating
                || change.band >= .call
        case .liquidationOrdered, .liquidationOrdersToCancel, .liquidationEnded, .insuranceMoved,
            .deleveraged, .lossSocialised, .bankruptcyDeclared, .ordersToCancel:
            true
        case .balanceChanged, .positionChanged, .priceRefused, .repeated, .refused: false
        }
    }
}
