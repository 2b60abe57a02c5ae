package import Plimsoll
package import PlimsollJournal
import PlimsollUnits
import PlimsollWire

/// A journal that was opened, and the engine after its last record.
struct Recovered {
    let journal: Journal<FileStorage>
    let storage: FileStorage
    private(set) var engine: Engine
    private(set) var report = NodeRecovery()
    /// The last stamp that the writer gave.
    private(set) var stamp: Timestamp
    private let snapshot: Snapshot?

    /// An engine that has seen no more than an event, and where it is: that of the end, of the snapshot, or of the
    /// beginning.
    func start(needing sequence: UInt64) throws -> (Engine, Position) {
        if sequence >= position.sequence { return (engine, position) }
        if let snapshot, snapshot.position.sequence <= sequence {
            return (try Engine(snapshot: snapshot.payload), snapshot.position)
        }
        return (Engine(), .start)
    }

    /// The end of the journal.
    var position: Position { journal.position }

    init(_ configuration: NodeConfiguration) throws {
        let start = ContinuousClock.now
        storage = try FileStorage(folder: configuration.folder)
        let found = try Snapshots(in: storage).newest()
        report.notes = found.damaged.map(\.description)
        var engine = Engine()
        var position = Position.start
        var stamp: Int64 = 0
        if let snapshot = found.snapshot {
            engine = try Engine(snapshot: snapshot.payload)
            position = snapshot.position
            stamp = snapshot.time
            guard engine.sequence == position.sequence else {
                throw JournalError.damaged(
                    file: "snapshot",
                    offset: 0,
                    sequence: engine.sequence,
                    what: "it says \(position.sequence), and its engine has seen \(engine.sequence)"
                )
            }
        }
        report.snapshot = position.sequence
        var effects = Effects()
        var lookahead = Lookahead()
        journal = try Journal(
            in: storage,
            segmentSize: configuration.segmentSize,
            after: position,
            decoding: { record, events in
                try record.read { events.append($0) }
            },
            replaying: { events in
                // By place: a loop over the events themselves would copy each.
                for index in events.indices {
                    lookahead.pass(index, of: events, in: &engine)
                    effects.removeAll()
                    engine.applyOrRefuse(events[index], emitting: &effects)
                }
                if let last = events.last { stamp = last.at.nanoseconds }
            }
        )
        self.engine = engine
        self.snapshot = found.snapshot
        self.stamp = Timestamp(nanoseconds: stamp)
        report.replayed = journal.position.sequence - position.sequence
        report.droppedBytes = journal.recovery.droppedBytes
        report.nanoseconds = (ContinuousClock.now - start).wholeNanoseconds
        guard engine.sequence == journal.position.sequence else {
            throw JournalError.damaged(
                file: "journal",
                offset: 0,
                sequence: engine.sequence,
                what:
                    "its events count \(journal.position.sequence), the engine counts \(engine.sequence)"
            )
        }
    }
}

extension Record {
    /// Its events; what is whole but not of events is damage.
    package func events() throws(JournalError) -> [Event] {
        var events: [Event] = []
        events.reserveCapacity(Int(count))
        try read { events.append($0) }
        return events
    }

    fileprivate func read(_ body: (Event) -> Void) throws(JournalError) {
        do throws(WireError) {
            try EventBatch.read(payload) { body($0) }
        } catch {
            throw .damaged(
                file: "journal",
                offset: 0,
                sequence: first,
                what: "record \(first) to \(last) is whole, but not of events: \(error)"
            )
        }
    }
}

extension Duration {
    /// In nanoseconds.
    var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
