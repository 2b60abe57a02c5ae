import Glibc
public import Plimsoll
import PlimsollJournal
import PlimsollUnits
import PlimsollWire

/// An engine that runs: one thread changes it, and nothing is acknowledged before it is durable.
///
/// Take a group of events, append it to the journal and sync, apply, publish, answer: in this order. Whoever asks
/// in between sees the state of the last group that was applied, also while the next one syncs.
public final class MarginNode: Sendable {
    /// How it runs.
    public let configuration: NodeConfiguration
    /// What opening its folder found.
    public let recovery: NodeRecovery
    /// The same engine a little later, for questions that take long.
    public let replica: Replica
    /// How long its steps take.
    public let timings = NodeTimings()
    /// The same engine as it was.
    public let past: TimeMachine
    private let state: Monitor<JournalState>
    private let snapshots: SnapshotWriter
    private let inbox: Monitor<Inbox>
    private let engine: Monitor<Engine>
    private let names: Monitor<Directory>
    private let thread: SystemThread

    /// Opens a folder, replays its journal, and begins to take events.
    ///
    /// - Parameters:
    ///   - configuration: the folder, and how it runs.
    ///   - observer: is told of every group after it was applied, on the writer's thread: it must not block.
    ///   - follower: hears of every event after the replica has applied it, on the replica's thread.
    /// - Throws: what is wrong with the journal, before anything was changed.
    public init(
        _ configuration: NodeConfiguration,
        observer: @escaping @Sendable (Committed) -> Void = { _ in },
        follower: any ReplicaFollower = NobodyFollows()
    ) throws {
        self.configuration = configuration
        let opened = try Recovered(configuration)
        recovery = opened.report
        let engine = Monitor(opened.engine)
        let inbox = Monitor(Inbox())
        let names = Monitor(opened.engine.directory)
        self.engine = engine
        self.inbox = inbox
        self.names = names
        let state = Monitor(JournalState(opened.journal))
        self.state = state
        past = TimeMachine(folder: configuration.folder) { state.withLock { $0.sequence } }
        let snapshots = SnapshotWriter(
            configuration,
            opened.storage,
            last: opened.report.snapshot
        ) { state.withLock { $0.durable } }
        self.snapshots = snapshots
        let (start, position) = try opened.start(
            needing: follower.position(end: opened.position.sequence)
        )
        let replica = try Replica(
            start,
            storage: opened.storage,
            after: position,
            end: opened.position.sequence,
            spare: opened.journal.spare,
            snapshots: snapshots,
            follower: follower
        )
        self.replica = replica
        let writer = Writer(
            configuration,
            journal: opened.journal,
            stamp: opened.stamp,
            inbox: inbox,
            engine: engine,
            state: state,
            timings: timings
        ) { committed in
            if committed.definesNames {
                let directory = engine.withLock { $0.directory }
                names.withLock { $0 = directory }
            }
            replica.follow(through: committed.sequence)
            observer(committed)
        }
        thread = SystemThread(configuration.isRealTime ? .first : .full) { writer.run() }
    }

    /// Hands over events; `answer` is called once, on the writer's thread, when all of them are durable.
    ///
    /// Their `at` is stamped by the writer. Each event stands alone: one that is refused does not stop the next.
    public func submit(
        _ events: [Event],
        wantsEffects: Bool = false,
        answer: @escaping @Sendable (Result<[Outcome], NodeError>) -> Void
    ) {
        let limit = configuration.inboxLimit
        let error: NodeError? = inbox.change { inbox in
            if let failure = inbox.failure { return .stopped(failure) }
            if inbox.isDraining { return .draining }
            if events.count > limit { return .tooMany(events.count, limit: limit) }
            if inbox.count + events.count > limit {
                return .busy(waiting: inbox.count, limit: limit)
            }
            inbox.count += events.count
            inbox.submissions.append(
                Submission(events: events, wantsEffects: wantsEffects, answer: answer)
            )
            return nil
        }
        if let error { answer(.failure(error)) }
    }

    /// Hands over events and waits until all of them are durable and applied.
    public func submit(
        _ events: [Event],
        wantsEffects: Bool = false
    ) async throws(NodeError) -> [Outcome] {
        let result = await withCheckedContinuation { continuation in
            submit(events, wantsEffects: wantsEffects) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Asks the engine; the writer waits meanwhile, so this is for what takes microseconds.
    public func read<Answer, Failure: Error>(
        _ body: (Engine) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        try engine.withLock { engine throws(Failure) in try body(engine) }
    }

    /// The names as of the last group that defined some.
    public var directory: Directory { names.withLock { $0 } }

    /// Where the journal stands.
    public var journal: JournalState {
        var state = state.withLock { $0 }
        state.snapshot = snapshots.newest
        return state
    }

    /// How many events wait or are being written.
    public var waiting: Int { inbox.withLock { $0.count + $0.inHand } }

    /// Whether a moment is over, in milliseconds UTC: no event will be stamped with it or earlier any more.
    ///
    /// With a clock of events a moment is over as soon as one has come that is later. Otherwise it is when the machine's clock
    /// has passed it, and what was stamped until then is written and applied.
    public func hasPassed(_ milliseconds: Int64) -> Bool {
        let isOld = Self.wallClock / 1_000_000 > milliseconds
        if configuration.clock == .wall, isOld, waiting == 0 { return true }
        return engine.withLock { $0.clock.nanoseconds / 1_000_000 } > milliseconds
    }

    /// Why it has stopped; `nil`: it has not.
    public var failure: String? { inbox.withLock { $0.failure } }

    /// Takes no more events, finishes those that wait, syncs, and ends the writer.
    ///
    /// Blocks until then.
    public func drain() {
        let isFirst = inbox.change { inbox in
            defer { inbox.isDraining = true }
            return !inbox.isDraining
        }
        guard isFirst else { return }
        thread.join()
        replica.end()
        snapshots.close()
    }
}

extension MarginNode {
    /// The machine's clock, in nanoseconds UTC.
    package static var wallClock: Int64 { time(of: CLOCK_REALTIME) }

    /// A clock that only goes forward, in nanoseconds.
    package static var steadyClock: Int64 { time(of: CLOCK_MONOTONIC) }

    private static func time(of clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// A replica that answers questions and tells nobody.
public struct NobodyFollows: ReplicaFollower {
    /// One of these.
    public init() {}
    /// Nothing is needed again.
    public func position(end: UInt64) -> UInt64 { end }
    /// Does nothing.
    public func makeRoom() {}
    /// Does nothing.
    public func note(_ event: Event, _ consequence: Consequence, _ engine: Engine) {}
    /// Does nothing.
    public func rest(_ engine: Engine) {}
    /// Does nothing.
    public func end() {}
}

/// What opening a node's folder found.
public struct NodeRecovery: Hashable, Sendable {
    /// The event that the snapshot was made after; 0: there was none.
    public var snapshot: UInt64 = 0
    /// How many events of the journal were applied after it.
    public var replayed: UInt64 = 0
    /// How long it took.
    public var nanoseconds: Int64 = 0
    /// What a crash had cut and was dropped; nobody was told that it was durable.
    public var droppedBytes = 0
    /// What is worth telling people, in sentences.
    public var notes: [String] = []
}
