import Plimsoll
import PlimsollJournal
import PlimsollUnits
import PlimsollWire

/// The one thread that changes the engine: takes what waits, journals it, syncs, applies, answers.
final class Writer: @unchecked Sendable {
    // Everything below is used by the writer's thread only; what is shared is a `Monitor`.
    private let configuration: NodeConfiguration
    private let journal: Journal<FileStorage>
    private let inbox: Monitor<Inbox>
    private let engine: Monitor<Engine>
    private let publish: @Sendable (Committed) -> Void
    private let state: Monitor<JournalState>
    private let timings: NodeTimings
    private var batch = EventBatch()
    private var staged: [Staged] = []
    private var effects = Effects()
    /// The last stamp; refused events count too, so that stamps do not depend on how events are grouped.
    private var stamp: Timestamp
    private var unsyncedSince: Int64?
    private var headSyncedAt: Int64 = 0

    /// An event that is about to be applied, and whose it is.
    private struct Staged {
        var event: Event
        var submission: Int
        var place: Int
    }

    /// How long the engine is kept from those who ask, in events.
    private static let turn = 256
    /// How often a `batch` node syncs, and every node its head, in nanoseconds.
    private static let syncInterval: Int64 = 100_000_000
    private static let headInterval: Int64 = 1_000_000_000

    init(
        _ configuration: NodeConfiguration,
        journal: Journal<FileStorage>,
        stamp: Timestamp,
        inbox: Monitor<Inbox>,
        engine: Monitor<Engine>,
        state: Monitor<JournalState>,
        timings: NodeTimings,
        publish: @escaping @Sendable (Committed) -> Void
    ) {
        self.state = state
        self.timings = timings
        self.configuration = configuration
        self.journal = journal
        self.stamp = stamp
        self.inbox = inbox
        self.engine = engine
        self.publish = publish
    }

    /// Works until the inbox is drained or the journal fails.
    func run() {
        while true {
            let (submissions, isDraining) = inbox.wait(
                atMost: Self.syncInterval,
                until: { !$0.submissions.isEmpty || $0.isDraining }
            ) { inbox in
                let taken = inbox.submissions
                inbox.submissions.removeAll()
                (inbox.inHand, inbox.count) = (inbox.count, 0)
                return (taken, inbox.isDraining)
            }
            do throws(JournalError) {
                if !submissions.isEmpty { try process(submissions) }
                try syncWhatIsDue()
                if submissions.isEmpty, isDraining {
                    try journal.finish()
                    return
                }
            } catch {
                fail("\(error)")
                return
            }
        }
    }

    /// Tells everybody who waits that nothing is taken any more.
    private func fail(_ reason: String) {
        let waiting = inbox.change { inbox in
            inbox.failure = reason
            defer { inbox.submissions.removeAll() }
            return inbox.submissions
        }
        for submission in waiting { submission.answer(.failure(.stopped(reason))) }
    }

    private func process(_ submissions: [Submission]) throws(JournalError) {
        var outcomes = submissions.map { [Outcome](repeating: .repeated, count: $0.events.count) }
        var answered = 0
        var (submission, place) = (0, 0)
        do throws(JournalError) {
            while submission < submissions.count {
                stage(submissions, &submission, &place, &outcomes)
                try commit(submissions, &outcomes)
                // Those whose last event is durable need not wait for the rest.
                let now = MarginNode.steadyClock
                while answered < submission {
                    timings.eventToEffect.note(now - submissions[answered].since)
                    submissions[answered].answer(.success(outcomes[answered]))
                    answered += 1
                }
            }
        } catch {
            for waiting in submissions[answered...] {
                waiting.answer(.failure(.stopped("\(error)")))
            }
            throw error
        }
        inbox.withLock { $0.inHand = 0 }
    }

    /// Chooses the next events for a record: as many as fit, up to one that depends on whether another of
    /// them is applied.
    private func stage(
        _ submissions: [Submission],
        _ submission: inout Int,
        _ place: inout Int,
        _ outcomes: inout [[Outcome]]
    ) {
        staged.removeAll(keepingCapacity: true)
        batch.removeAll()
        var ids: Set<String> = []
        var feeds: [String: UInt64] = [:]
        let now = MarginNode.wallClock
        engine.withLock { engine in
            while submission < submissions.count, staged.count < configuration.batchLimit {
                guard place < submissions[submission].events.count else {
                    (submission, place) = (submission + 1, 0)
                    continue
                }
                var event = submissions[submission].events[place]
                let claimed = configuration.clock == .wall ? now : event.at.nanoseconds
                event.at = Timestamp(nanoseconds: max(stamp.nanoseconds, claimed))
                switch event.identity {
                case .command(let id) where ids.contains(id): return
                case .feed(let source, let sequence)
                where feeds[source].map { sequence <= $0 } == true:
                    return
                default: break
                }
                do throws(Rejection) {
                    if !(try engine.recognises(event)) {
                        switch event.identity {
                        case .command(let id): ids.insert(id)
                        case .feed(let source, let sequence): feeds[source] = sequence
                        case nil: break
                        }
                        stamp = event.at
                        batch.append(event)
                        staged.append(Staged(event: event, submission: submission, place: place))
                    }
                } catch {
                    outcomes[submission][place] = .refused(error, sequence: nil)
                }
                place += 1
            }
        }
    }

    /// Makes the staged events durable and applies them.
    private func commit(
        _ submissions: [Submission],
        _ outcomes: inout [[Outcome]]
    ) throws(JournalError) {
        guard let last = staged.last else { return }
        let written = try append(time: last.event.at)
        if configuration.durability == .sync {
            try sync()
        } else if unsyncedSince == nil {
            unsyncedSince = MarginNode.steadyClock
        }
        var committed = Committed(
            sequence: journal.position.sequence,
            clock: last.event.at,
            consequences: [],
            definesNames: staged.contains { $0.event.body.definesName }
        )
        var index = 0
        while index < staged.count {
            let end = min(index + Self.turn, staged.count)
            engine.withLock { engine in
                for entry in staged[index..<end] {
                    let outcome = apply(
                        entry.event,
                        wantsEffects: submissions[entry.submission].wantsEffects,
                        to: &engine,
                        &committed
                    )
                    outcomes[entry.submission][entry.place] = outcome
                }
            }
            index = end
        }
        state.withLock { state in
            state.sequence = journal.position.sequence
            state.durable = journal.durable.sequence
            state.chain = journal.position.chain.hex
            state.bytes += written
        }
        publish(committed)
    }

    /// Appends the batch, and gives its size.
    private func append(time: Timestamp) throws(JournalError) -> Int {
        let count = UInt32(staged.count)
        let fault: JournalError? = batch.withBytes { bytes in
            do throws(JournalError) {
                _ = try journal.append(bytes, count: count, time: time.nanoseconds)
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
        return batch.withBytes { $0.count }
    }

    private func apply(
        _ event: Event,
        wantsEffects: Bool,
        to engine: inout Engine,
        _ committed: inout Committed
    ) -> Outcome {
        effects.removeAll()
        do throws(Rejection) {
            try engine.apply(event, emitting: &effects)
        } catch {
            let refusal = engine.refuse(error)
            committed.consequences.append(
                Consequence(sequence: engine.sequence, at: event.at, effects: [refusal])
            )
            return .refused(error, sequence: engine.sequence)
        }
        guard !effects.isEmpty else { return .accepted(sequence: engine.sequence, effects: []) }
        let all = Array(effects)
        committed.consequences.append(
            Consequence(sequence: engine.sequence, at: event.at, effects: all)
        )
        return .accepted(sequence: engine.sequence, effects: wantsEffects ? all : [])
    }

    private func sync() throws(JournalError) {
        let start = MarginNode.steadyClock
        try journal.sync()
        timings.sync.note(MarginNode.steadyClock - start)
    }

    /// Syncs what a `batch` node owes, and the head once a second.
    private func syncWhatIsDue() throws(JournalError) {
        let now = MarginNode.steadyClock
        if configuration.durability == .batch, let since = unsyncedSince,
            now - since >= Self.syncInterval
        {
            try sync()
            unsyncedSince = nil
        }
        if configuration.durability != .none, now - headSyncedAt >= Self.headInterval {
            try journal.syncHead()
            headSyncedAt = now
        }
    }
}

extension Event.Body {
    /// Whether later events may use a name that this one makes known.
    package var definesName: Bool {
        switch self {
        case .venueDefined, .assetDefined, .rulebookAdopted, .instrumentDefined, .accountOpened:
            true
        default: false
        }
    }
}
