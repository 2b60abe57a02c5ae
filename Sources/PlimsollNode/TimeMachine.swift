import Dispatch
public import Plimsoll
import Synchronization

/// Makes engines as they were, of snapshots and the journal, one at a time and on a thread of its own.
///
/// Neither the writer nor the replica waits for it. Engines are values: the one that is answered shares its tables
/// with those that are kept until either changes.
public final class TimeMachine: Sendable {
    private let end: @Sendable () -> UInt64
    private let queue = DispatchQueue(label: "plimsoll.past", qos: .utility)
    private let limit: Int
    private let waiting = Mutex(Waiting())
    private let engines: Mutex<PastEngines>

    private struct Waiting {
        var count = 0
        /// How many have ever come.
        var total: UInt64 = 0
    }

    /// After how long without a question the engines that are kept go.
    private static let rest = DispatchTimeInterval.seconds(300)
    /// How long one replay may take, in nanoseconds.
    static let patience: Int64 = 10_000_000_000

    /// A machine for a folder's journal.
    ///
    /// - Parameters:
    ///   - folder: the journal's.
    ///   - limit: how many questions may wait or be worked on.
    ///   - end: the last event that is written.
    init(folder: String, limit: Int = 8, end: @escaping @Sendable () -> UInt64) {
        self.limit = limit
        self.end = end
        engines = Mutex(PastEngines(folder: folder))
    }

    /// The engine as it was at a moment.
    ///
    /// Ends early where the task is cancelled. A moment after the last event is the present, for a time; whether it has
    /// come yet is for the caller to say.
    public func engine(at moment: PastMoment) async throws(PastFault) -> Engine {
        let end = end()
        if case .sequence(let sequence) = moment {
            guard sequence > 0 else { throw .tooEarly }
            guard sequence <= end else { throw .inTheFuture(last: end) }
        }
        return try await work { engines, isCancelled throws(PastFault) in
            try engines.engine(
                at: moment,
                through: end,
                until: MarginNode.steadyClock + Self.patience,
                isCancelled
            )
        }
    }

    /// The earliest moment that can be asked for; `nil`: nothing has happened yet.
    public func first() async throws(PastFault) -> JournalPlace? {
        let end = end()
        return try await work { engines, _ throws(PastFault) in try engines.first(through: end) }
    }

    /// Works on the thread, after those who came before.
    private func work<Answer: Sendable>(
        _ body:
            @escaping @Sendable (
                inout PastEngines, () -> Bool
            ) throws(PastFault) -> Answer
    ) async throws(PastFault) -> Answer {
        let isAdmitted = waiting.withLock { waiting in
            guard waiting.count < limit else { return false }
            waiting.count += 1
            waiting.total += 1
            return true
        }
        guard isAdmitted else { throw .busy(limit: limit) }
        let cancellation = Cancellation()
        let result: Result<Answer, PastFault> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { [self] in
                    let result = engines.withLock { engines in
                        Result { () throws(PastFault) in
                            if cancellation.isSet { throw .cancelled }
                            return try body(&engines) { cancellation.isSet }
                        }
                    }
                    let total = waiting.withLock { waiting in
                        waiting.count -= 1
                        return waiting.total
                    }
                    continuation.resume(returning: result)
                    forget(after: total)
                }
            }
        } onCancel: {
            cancellation.set()
        }
        return try result.get()
    }

    /// Lets go of the engines if nobody asks for a while.
    private func forget(after total: UInt64) {
        queue.asyncAfter(deadline: .now() + Self.rest) { [weak self] in
            guard let self, waiting.withLock({ $0.total }) == total else { return }
            engines.withLock { $0.forget() }
        }
    }

    private final class Cancellation: Sendable {
        private let flag = Atomic(false)

        var isSet: Bool { flag.load(ordering: .relaxed) }

        func set() { flag.store(true, ordering: .relaxed) }
    }
}
