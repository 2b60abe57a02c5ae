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
    /// The events of the next record, and whose each is.
    private var staged: [Event] = []
    private var owners: [Owner] = []
    private var effects = Effects()
    /// The last stamp; refused events count too, so that stamps do not depend on how events are grouped.
    private var stamp: Timestamp
    private var lookahead = Lookahead()
    /// When the oldest event was written that nobody has begun to sync; `nil`: there is none.
    private var unsyncedSince: Int64?
    /// How many bytes were written since then.
    private var unsyncedBytes = 0
    private var headSyncedAt: Int64 = 0

    /// Whose an event is that is about to be applied.
    private struct Owner {
        var submission: Int
        var place: Int
    }

    /// How long the engine is kept from those who ask, in events.
    private static let turn = 256
    /// How often a `batch` node syncs, and every node its head, in nanoseconds.
    private static let syncInterval: Int64 = 100_000_000
    private static let headInterval: Int64 = 1_000_000_000
    /// How much a `none` node writes before it begins to sync: nobody waits for it, but the end of a segment does not
    /// take long then.
    private static let behindLimit = 1 << 19

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
            // Known before anyone is told, so that whoever was told sends nothing more in vain.
            inbox.change { $0.failure = "\(error)" }
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
        owners.removeAll(keepingCapacity: true)
        batch.removeAll()
        var ids: Set<String> = []
        var feeds = FeedMarks()
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
                        case .feed(let source, let sequence): feeds.note(sequence, of: source)
                        case nil: break
                        }
                        stamp = event.at
                        batch.append(event)
                        staged.append(event)
                        owners.append(Owner(submission: submission, place: place))
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
        let written = try write(time: last.at)
        if configuration.durability != .sync {
            unsyncedSince = unsyncedSince ?? MarginNode.steadyClock
            unsyncedBytes += written
        }
        var caused = Caused()
        var index = 0
        while index < staged.count {
            let end = min(index + Self.turn, staged.count)
            engine.withLock { engine in
                for place in index..<end {
                    lookahead.pass(place, of: staged, in: &engine)
                    let owner = owners[place]
                    outcomes[owner.submission][owner.place] = apply(
                        staged[place],
                        wantsEffects: submissions[owner.submission].wantsEffects,
                        to: &engine,
                        &caused
                    )
                }
            }
            index = end
        }
        state.withLock { state in
            state.note(journal)
            state.bytes += written
        }
        publish(
            Committed(
                sequence: journal.position.sequence,
                clock: last.at,
                consequences: caused.consequences,
                definesNames: staged.contains { $0.body.definesName }
            )
        )
    }

    /// Appends the batch, makes it durable in `sync`, and gives its size.
    private func write(time: Timestamp) throws(JournalError) -> Int {
        let count = UInt32(staged.count)
        let start = MarginNode.steadyClock
        let isSynced = configuration.durability == .sync
        let fault: JournalError? = batch.withBytes { bytes in
            do throws(JournalError) {
                if isSynced {
                    try journal.commit(bytes, count: count, time: time.nanoseconds)
                } else {
                    try journal.append(bytes, count: count, time: time.nanoseconds)
                }
                return nil
            } catch {
                return error
            }
        }
        if let fault { throw fault }
        if isSynced { timings.sync.note(MarginNode.steadyClock - start) }
        return batch.withBytes { $0.count }
    }

    private func apply(
        _ event: Event,
        wantsEffects: Bool,
        to engine: inout Engine,
        _ caused: inout Caused
    ) -> Outcome {
        effects.removeAll()
        do throws(Rejection) {
            try engine.apply(event, emitting: &effects)
        } catch {
            let refusal = engine.refuse(error)
            caused.note([refusal], by: event, engine.sequence)
            return .refused(error, sequence: engine.sequence)
        }
        guard !effects.isEmpty else { return .accepted(sequence: engine.sequence, effects: []) }
        caused.note(effects, by: event, engine.sequence)
        return .accepted(
            sequence: engine.sequence,
            effects: wantsEffects ? Array(effects) : []
        )
    }

    private func sync() throws(JournalError) {
        let start = MarginNode.steadyClock
        try journal.sync()
        timings.sync.note(MarginNode.steadyClock - start)
    }

    /// Syncs beside this thread what a `batch` or `none` node has not, and the head once a second.
    private func syncWhatIsDue() throws(JournalError) {
        let now = MarginNode.steadyClock
        if configuration.durability != .sync {
            let before = journal.durable
            try journal.noteSynced()
            if journal.durable != before { state.withLock { $0.note(journal) } }
            if configuration.durability == .batch, journal.isSyncing, let since = unsyncedSince,
                now - since >= 2 * Self.syncInterval
            {
                // The disk is slower than it is written to: what a loss of power may take must not grow.
                try sync()
                (unsyncedSince, unsyncedBytes) = (nil, 0)
            }
            if isSyncDue(now) {
                try journal.beginSync()
                (unsyncedSince, unsyncedBytes) = (nil, 0)
            }
        }
        if configuration.durability != .none, now - headSyncedAt >= Self.headInterval {
            try journal.syncHead()
            headSyncedAt = now
        }
    }

    private func isSyncDue(_ now: Int64) -> Bool {
        guard let since = unsyncedSince, !journal.isSyncing else { return false }
        switch configuration.durability {
        case .sync: return false
        case .batch: return now - since >= Self.syncInterval
        case .none: return unsyncedBytes >= Self.behindLimit
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
