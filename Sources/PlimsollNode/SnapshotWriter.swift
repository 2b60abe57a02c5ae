import Plimsoll
import PlimsollJournal
import Synchronization

/// Writes snapshots of the replica's engine, so that a start replays a part of the journal only.
final class SnapshotWriter: Sendable {
    /// `nil`: nothing is written any more.
    private let snapshots: Mutex<Snapshots<FileStorage>?>
    private let interval: UInt64
    private let last: Mutex<UInt64>
    private let durable: @Sendable () -> UInt64

    /// A writer for a node's folder; `durable` says up to which event its journal is.
    init(
        _ configuration: NodeConfiguration,
        _ storage: FileStorage,
        last: UInt64,
        durable: @escaping @Sendable () -> UInt64
    ) {
        snapshots = Mutex(Snapshots(in: storage))
        interval = configuration.snapshotInterval
        self.last = Mutex(last)
        self.durable = durable
    }

    /// The event after which the newest was made; 0: there is none.
    var newest: UInt64 { last.withLock { $0 } }

    /// Whether enough events came since the last.
    func isDue(_ position: Position) -> Bool {
        last.withLock { position.sequence >= $0 + interval }
    }

    /// Whether everything up to a position is durable, so that a snapshot of it may be kept.
    func isDurable(_ position: Position) -> Bool { durable() >= position.sequence }

    /// Writes one.
    func write(_ engine: Engine, _ position: Position, _ time: Int64) throws {
        try engine.snapshot().withUnsafeBytes { bytes in
            try snapshots.withLock { try $0?.write(bytes, at: position, time: time) }
        }
        last.withLock { $0 = position.sequence }
    }

    /// Lets go of the folder, so that another node may have it.
    func close() { snapshots.withLock { $0 = nil } }
}
