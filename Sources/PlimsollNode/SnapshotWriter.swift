import Plimsoll
import PlimsollJournal
import Synchronization

/// Writes snapshots of the replica's engine, so that a start replays a part of the journal only.
final class SnapshotWriter: Sendable {
    private let snapshots: Snapshots<FileStorage>
    private let interval: UInt64
    private let last: Mutex<UInt64>

    init(_ configuration: NodeConfiguration, _ storage: FileStorage, last: UInt64) {
        snapshots = Snapshots(in: storage)
        interval = configuration.snapshotInterval
        self.last = Mutex(last)
    }

    /// The event after which the newest was made; 0: there is none.
    var newest: UInt64 { last.withLock { $0 } }

    /// Whether enough events came since the last.
    func isDue(_ position: Position) -> Bool {
        last.withLock { position.sequence >= $0 + interval }
    }

    /// Writes one; what it has seen of the journal must be durable.
    func write(_ engine: Engine, _ position: Position, _ time: Int64) throws {
        try snapshots.write(engine.snapshot(), at: position, time: time)
        last.withLock { $0 = position.sequence }
    }
}
