import Dispatch
import Synchronization

/// A sync that runs beside the writer, who goes on meanwhile; one at a time.
final class WriteBehind<Disk: Storage>: Sendable {
    private let queue = DispatchQueue(label: "plimsoll.journal.write-behind")
    private let state = Mutex(State())

    private struct State {
        /// Up to where a sync is under way or has ended, until somebody takes its outcome.
        var target: Position?
        var outcome: Result<Void, StorageError>?
    }

    /// Begins to sync a file that was written up to a position.
    func begin(_ file: Int32, upTo target: Position, in storage: Disk) {
        state.withLock { $0 = State(target: target) }
        queue.async { [self] in
            let outcome: Result<Void, StorageError>
            do throws(StorageError) {
                try storage.sync(file)
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            state.withLock { $0.outcome = outcome }
        }
    }

    /// A sync was begun, and nobody has taken its outcome.
    var isUnderWay: Bool { state.withLock { $0.target != nil } }

    /// The position up to which a sync has made everything durable; `nil`: there was none, or it is not over.
    func take() throws(StorageError) -> Position? {
        let ended = state.withLock { state -> State? in
            guard state.outcome != nil else { return nil }
            defer { state = State() }
            return state
        }
        try ended?.outcome?.get()
        return ended?.target
    }

    /// The same, after waiting for one that is under way.
    func wait() throws(StorageError) -> Position? {
        queue.sync {}
        return try take()
    }
}
