import Plimsoll
package import PlimsollNode
import PlimsollReports

/// Fans out what happens to the clients of the stream, without ever making the writer wait for one.
///
/// The writer only appends to a bounded list. A few times a second `tick` turns what is new into one chunk of
/// bytes for each topic; clients read these chunks at their own pace, and those who fall behind are told and closed.
package final class StreamHub: Sendable {
    /// One turn of the hub: what is new for each topic, as server-sent events.
    private struct Tick {
        var number: UInt64
        var chunks: [StreamTopic: StreamChunk]
    }

    /// A tick that has begun: what happened before it, for the topics that somebody wanted then.
    struct Turn: Sendable {
        fileprivate let number: UInt64
        fileprivate let fresh: [Consequence]
        fileprivate let wanted: Set<StreamTopic>
        /// Some of it was forgotten before any tick had it.
        fileprivate let isBroken: Bool
    }

    /// Where a client begins: what it missed, and the tick after which it gets everything.
    struct Entry: Sendable {
        /// It gets the ticks after this one.
        var tick: UInt64
        /// The last event whose effects it has, with `missed`.
        var through: UInt64
        /// Effects that it missed and that are kept.
        var missed: [Consequence] = []
        /// Events of which it missed effects that are not kept any more.
        var gap: ClosedRange<UInt64>?
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
        /// How many of `kept` have been in a tick, or are in the one that is being made.
        var ticked = 0
        /// Effects were forgotten that have been in no tick.
        var isBroken = false
        /// The last event that was left out of `kept` for lack of room.
        var forgotten: UInt64
        var ticks: [Tick] = []
        /// The tick that was begun last, and the one that was ended last.
        var begun: UInt64 = 0
        var lastTick: UInt64 = 0
        /// Who has not seen this tick has missed something that is not in `ticks` any more.
        var dropped: UInt64 = 0
        var samples: [StreamTopic: [UInt8]] = [:]
        /// Messages that are no consequence of an event, for the next tick.
        var posted: [StreamTopic: [UInt8]] = [:]
        var subscriptions: [StreamTopic: Int] = [:]
        var clients = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isClosing = false
        /// Clients that were closed because they were behind.
        var slow: UInt64 = 0
        /// Clients that were told of a gap.
        var gaps: UInt64 = 0
    }

    private let node: MarginNode
    private let limit: Int
    private let state: Monitor<State>

    /// How many events a client that comes back is told of one by one; of more it is told as a gap.
    static let resumeLimit = 8_192
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
            if state.ticked < state.head { (state.ticked, state.isBroken) = (state.head, true) }
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
        let message = StreamChunk.message(name, data)
        state.withLock { state in
            guard state.subscriptions[topic] != nil else { return }
            state.posted[topic, default: []] += message
        }
    }

    /// Makes what is new ready for the clients, and wakes them.
    ///
    /// One thread has ticks; clients may come and go, and the writer may note more, at any moment of one.
    ///
    /// - Parameter changed: topics that have a new sample.
    package func tick(_ changed: Set<StreamTopic> = []) {
        end(begin(), changed)
    }

    /// Begins a tick with everything that was noted so far.
    ///
    /// Whoever comes from here on has this in what it missed, and is not among those for whom this is made.
    func begin() -> Turn {
        state.withLock { state in
            state.begun += 1
            defer { (state.ticked, state.isBroken) = (state.kept.count, false) }
            return Turn(
                number: state.begun,
                fresh: Array(state.kept[state.ticked...]),
                wanted: Set(state.subscriptions.keys),
                isBroken: state.isBroken
            )
        }
    }

    /// Ends a tick: its clients can have it.
    func end(_ turn: Turn, _ changed: Set<StreamTopic>) {
        // To put it into words takes long, and the writer must not wait for it.
        var chunks = encoded(turn.fresh, turn.wanted)
        let waiters = state.withLock { state in
            for topic in changed where turn.wanted.contains(topic) {
                guard let sample = state.samples[topic] else { continue }
                let name = if case .account = topic { "account" } else { topic.word }
                chunks[topic, default: StreamChunk()].add(sample: sample, as: name)
            }
            for (topic, messages) in state.posted {
                chunks[topic, default: StreamChunk()].add(posted: messages)
            }
            state.posted.removeAll()
            state.lastTick = turn.number
            if turn.isBroken {
                state.ticks.removeAll()
                state.dropped = turn.number
            } else if !chunks.isEmpty {
                state.ticks.append(Tick(number: turn.number, chunks: chunks))
            }
            if state.ticks.count > Self.tickLimit {
                state.dropped = state.ticks.removeFirst().number
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
    ) -> [StreamTopic: StreamChunk] {
        var chunks: [StreamTopic: StreamChunk] = [:]
        guard !wanted.isEmpty else { return chunks }
        // The writer waits while its engine is asked where pools are, not while that is put into words. The names are those
        // of these events or later ones.
        var names = EffectNames(node.directory)
        for start in stride(from: 0, to: consequences.count, by: 64) {
            let part = consequences[start..<min(start + 64, consequences.count)]
            node.read { engine in
                for consequence in part {
                    for effect in consequence.effects { names.take(effect, from: engine) }
                }
            }
        }
        let encoder = ConsequenceEncoder()
        for consequence in consequences {
            encoder.encode(consequence, of: names, wanted, into: &chunks)
        }
        return chunks
    }

    // MARK: Clients

    /// How many clients there are.
    package var clients: Int { state.withLock { $0.clients } }

    /// How many clients were closed because they were behind, and how many missed effects that were not kept.
    var losses: (slow: UInt64, gaps: UInt64) { state.withLock { ($0.slow, $0.gaps) } }

    /// Topics of single accounts that clients want.
    package var accounts: [String] {
        state.withLock { state in
            state.subscriptions.keys.compactMap { topic in
                if case .account(let name) = topic { name } else { nil }
            }
        }
    }

    /// A client has come that has seen everything up to an event, or nothing.
    ///
    /// What it missed and where it goes on are taken at one moment, so that nothing is lost or doubled between them.
    func enter(_ topics: Set<StreamTopic>, after seen: UInt64? = nil) -> Entry {
        state.withLock { state in
            state.clients += 1
            for topic in topics { state.subscriptions[topic, default: 0] += 1 }
            let through =
                state.ticked > state.head
                ? state.kept[state.ticked - 1].sequence : state.forgotten
            var entry = Entry(tick: state.begun, through: through)
            guard let seen else { return entry }
            let kept = state.kept[state.head..<state.ticked]
            let missed = kept[kept.firstIndex(after: seen)...]
            var forgotten = state.forgotten
            if missed.count > Self.resumeLimit {
                forgotten = missed[missed.endIndex - Self.resumeLimit - 1].sequence
            }
            if seen < forgotten {
                entry.gap = seen + 1...forgotten
                state.gaps += 1
            }
            entry.missed = Array(missed.suffix(Self.resumeLimit))
            return entry
        }
    }

    /// Consequences as messages for one client.
    func messages(_ consequences: [Consequence], _ topics: [StreamTopic]) -> [UInt8] {
        let chunks = encoded(consequences, Set(topics))
        return StreamChunk.merged(topics.compactMap { chunks[$0] })
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

    /// What a client that has seen all up to `tick` is to do next.
    func next(after tick: UInt64, _ topics: [StreamTopic]) -> Next {
        state.withLock { state in
            if state.isClosing { return .shutdown }
            guard state.lastTick > tick else { return .chunks([], tick: tick) }
            guard state.dropped <= tick else {
                state.slow += 1
                return .slow
            }
            var chunks: [[UInt8]] = []
            for entry in state.ticks where entry.number > tick {
                let own = topics.compactMap { entry.chunks[$0] }
                chunks.append(StreamChunk.merged(own))
                chunks += own.map(\.unnumbered)
            }
            chunks.removeAll(where: \.isEmpty)
            guard chunks.reduce(0, { $0 + $1.count }) <= Self.backlogLimit else {
                state.slow += 1
                return .slow
            }
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

extension ArraySlice<Consequence> {
    /// The first that an event after `sequence` caused; they are in order.
    fileprivate func firstIndex(after sequence: UInt64) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle].sequence <= sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
