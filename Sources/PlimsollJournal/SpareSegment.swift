import Synchronization

/// The next segment, which is filled with zeros while the journal still writes to the one before.
///
/// Whoever owns the journal has another thread call `fill`: when the journal was opened, and then again and again. A
/// journal that needs a segment and finds none fills it itself, which takes as long as the disk needs for it.
public final class SpareSegment<Disk: Storage>: Sendable {
    private let storage: Disk
    private let size: Int
    private let state = Mutex(State.missing)

    private enum State {
        case missing
        case ready(file: Int32, size: Int)
        case failed(StorageError)
    }

    init(in storage: Disk, size: Int) {
        self.storage = storage
        self.size = size
    }

    deinit {
        state.withLock { state in
            if case .ready(let file, _) = state { storage.close(file) }
        }
    }

    /// Fills the next segment; returns at once if it is there.
    ///
    /// A failure stops the journal when it needs the segment, and is never tried again.
    public func fill() {
        state.withLock { state in
            guard case .missing = state else { return }
            state = Self.filled(size, in: storage)
        }
    }

    /// Hands on a file of at least so many zeros, which has another name when `use` returns.
    ///
    /// It waits for a thread that is filling one, and none begins to before `use` has returned.
    func take(
        _ size: Int,
        _ use: (_ file: Int32, _ size: Int) throws(StorageError) -> Void
    ) throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            if case .ready(let file, let has) = state, has < size {
                storage.close(file)
                state = .missing
            }
            if case .missing = state { state = Self.filled(max(size, self.size), in: storage) }
            switch state {
            case .ready(let file, let size):
                try use(file, size)
                state = .missing
            case .failed(let error): throw error
            case .missing: preconditionFailure("Invariant: it was filled, or that failed.")
            }
        }
    }

    private static func filled(_ size: Int, in storage: Disk) -> State {
        do throws(StorageError) {
            let file = try storage.make(Layout.spare)
            do throws(StorageError) {
                // Synced in parts, so that a commit of the journal does not wait behind all of it.
                for start in stride(from: 0, to: size, by: 4 << 20) {
                    try storage.writeZeros(start..<min(start + 4 << 20, size), to: file)
                    try storage.sync(file)
                }
            } catch {
                storage.close(file)
                throw error
            }
            return .ready(file: file, size: size)
        } catch {
            return .failed(error)
        }
    }
}
