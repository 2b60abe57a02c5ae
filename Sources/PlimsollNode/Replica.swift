import Glibc
public import Plimsoll
import PlimsollJournal
import PlimsollUnits
import Synchronization

/// Hears of every event of a journal, in order, after a replica has applied it.
public protocol ReplicaFollower: Sendable {
    /// The last event that it needs not hear again, of a journal that ends with `end`.
    ///
    /// The replica begins at or before it, so that a read model that is behind or missing is made again.
    func position(end: UInt64) -> UInt64
    /// Some events are about to be noted; it may wait here for those who come after it, and must not in `note`, during
    /// which nobody can ask the engine.
    func makeRoom()
    /// An event was applied or refused; the engine is as it was right after it.
    func note(_ event: Event, _ consequence: Consequence, _ engine: Engine)
    /// Everything that is written was noted, for now.
    func rest(_ engine: Engine)
    /// Nothing will come any more.
    func end()
}

/// An engine that follows the journal on a thread of its own: for questions and samples that would keep the writer
/// waiting.
///
/// It reads what is written and nothing else, so that it is the same engine a little later.
public final class Replica: Sendable {
    private let engine: Monitor<Engine>
    private let goal: Goal
    private let thread: SystemThread
    /// Events that are applied without giving way to whoever wants the core, or the engine.
    private static let turn = 64
    /// How long it lets more events come before it reads, in microseconds: to be woken for each group would cost the
    /// writer more than the group.
    private static let pause: UInt32 = 1_000

    /// How far to go.
    ///
    /// The writer of the journal tells it without a lock that this thread may hold.
    private final class Goal: Sendable {
        /// The last event that is written.
        private let sequence: Atomic<UInt64>
        /// The replica waits for more.
        private let isWaiting = Atomic(false)
        private let state = Monitor(State())

        struct State {
            var ends = false
            var failure: String?
        }

        init(_ sequence: UInt64) { self.sequence = Atomic(sequence) }

        var last: UInt64 { sequence.load(ordering: .sequentiallyConsistent) }

        func move(to sequence: UInt64) {
            self.sequence.store(sequence, ordering: .sequentiallyConsistent)
            if isWaiting.exchange(false, ordering: .sequentiallyConsistent) {
                state.change { _ in }
            }
        }

        /// Waits for a moment, or until there is more behind `seen`; says whether that was all.
        func wait(behind seen: UInt64) -> Bool {
            isWaiting.store(true, ordering: .sequentiallyConsistent)
            defer { isWaiting.store(false, ordering: .sequentiallyConsistent) }
            return state.wait(
                atMost: 250_000_000,
                until: { last > seen || $0.ends },
                { $0.ends && last == seen }
            )
        }

        func end() { state.change { $0.ends = true } }

        var failure: String? {
            get { state.withLock { $0.failure } }
            set { state.withLock { $0.failure = newValue } }
        }
    }

    /// Follows a folder's journal from an engine that has seen it up to a position.
    ///
    /// - Parameters:
    ///   - start: the engine.
    ///   - storage: the journal's folder.
    ///   - position: what the engine has seen.
    ///   - end: the last event that is written.
    ///   - spare: the journal's next segment, which is filled where there is none.
    ///   - snapshots: is asked after each group of records whether one is due.
    ///   - follower: hears of everything, on the replica's thread, which it may keep waiting.
    /// - Throws: that the journal cannot be read from there.
    init(
        _ start: Engine,
        storage: FileStorage,
        after position: Position,
        end: UInt64,
        spare: SpareSegment<FileStorage>,
        snapshots: SnapshotWriter,
        follower: any ReplicaFollower
    ) throws {
        let engine = Monitor(start)
        let goal = Goal(end)
        self.engine = engine
        self.goal = goal
        let reader = try JournalReader(FileStorage(reading: storage), after: position)
        thread = SystemThread(.less) { [reader = Unshared(reader)] in
            let reader = reader.value
            // A snapshot whose events are not durable yet.
            var waiting: (engine: Engine, position: Position, time: Int64)?
            while true {
                let seen = reader.position.sequence
                let isAtEnd = goal.last == seen && goal.wait(behind: seen)
                let next = goal.last
                if next > seen {
                    do {
                        var time: Int64 = 0
                        try reader.read(through: next) { record in
                            try Self.apply(record, to: engine, follower)
                            time = record.time
                        }
                        if waiting == nil, snapshots.isDue(reader.position) {
                            waiting = (engine.withLock { $0 }, reader.position, time)
                        }
                    } catch {
                        goal.failure = "\(error)"
                        return
                    }
                } else if isAtEnd {
                    follower.end()
                    return
                }
                // A node that acknowledges before it syncs may be asked to wait for a moment.
                if let snapshot = waiting, snapshots.isDurable(snapshot.position) {
                    waiting = nil
                    do {
                        try snapshots.write(snapshot.engine, snapshot.position, snapshot.time)
                    } catch {
                        goal.failure = "\(error)"
                        return
                    }
                }
                engine.withLock { follower.rest($0) }
                spare.fill()
                usleep(Self.pause)
            }
        }
    }

    private static func apply(
        _ record: Record,
        to engine: Monitor<Engine>,
        _ follower: any ReplicaFollower
    ) throws {
        let events = try record.events()
        var lookahead = Lookahead()
        for start in stride(from: 0, to: events.count, by: turn) {
            follower.makeRoom()
            engine.withLock { engine in
                for index in start..<min(start + turn, events.count) {
                    let event = events[index]
                    lookahead.pass(index, of: events, in: &engine)
                    var effects: [Effect] = []
                    engine.applyOrRefuse(event, emitting: &effects)
                    follower.note(
                        event,
                        Consequence(sequence: engine.sequence, at: event.at, effects: effects[...]),
                        engine
                    )
                }
            }
            // Linux lets a thread run on for milliseconds although the writer has been woken.
            sched_yield()
        }
    }

    /// Tells it up to which event records are written.
    func follow(through sequence: UInt64) { goal.move(to: sequence) }

    /// Finishes what is written, and ends.
    ///
    /// Blocks until then.
    func end() {
        goal.end()
        thread.join()
    }

    /// Asks the engine; it does not go on meanwhile.
    public func read<Answer, Failure: Error>(
        _ body: (Engine) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        try engine.withLock { engine throws(Failure) in try body(engine) }
    }

    /// How many events it has seen.
    public var sequence: UInt64 { engine.withLock { $0.sequence } }

    /// How many written events it has not seen.
    public var lag: UInt64 {
        let seen = sequence
        let last = goal.last
        return last > seen ? last - seen : 0
    }

    /// Why it has stopped; `nil`: it has not.
    public var failure: String? { goal.failure }
}

/// Something that one thread hands to another and does not touch again.
private struct Unshared<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
