import Plimsoll
import PlimsollJournal
import PlimsollUnits
import PlimsollWire

/// A journal that was opened, and the engine after its last record.
struct Recovered {
    let journal: Journal<FileStorage>
    private(set) var engine = Engine()
    private(set) var report = NodeRecovery()
    /// The last stamp that the writer gave.
    private(set) var stamp = Timestamp.zero

    /// The end of the journal.
    var position: Position { Position(sequence: journal.sequence, chain: journal.chain) }

    init(_ configuration: NodeConfiguration) throws {
        let start = ContinuousClock.now
        let storage = try FileStorage(folder: configuration.folder)
        var engine = Engine()
        var effects = Effects()
        var stamp: Int64 = 0
        journal = try Journal(in: storage, segmentSize: configuration.segmentSize) { record in
            stamp = record.time
            try record.apply(to: &engine, &effects)
        }
        self.engine = engine
        self.stamp = Timestamp(nanoseconds: stamp)
        report.replayed = journal.sequence
        report.droppedBytes = journal.recovery.droppedBytes
        report.nanoseconds = (ContinuousClock.now - start).wholeNanoseconds
        guard engine.sequence == journal.sequence else {
            throw JournalError.damaged(
                file: "journal",
                offset: 0,
                sequence: engine.sequence,
                what: "its events count \(journal.sequence), the engine counts \(engine.sequence)"
            )
        }
    }
}

extension Record {
    /// Applies its events, as the writer did when it wrote them.
    func apply(to engine: inout Engine, _ effects: inout Effects) throws {
        let fault: WireError? = payload.withUnsafeBytes { bytes in
            do throws(WireError) {
                try EventBatch.read(bytes) { event in
                    effects.removeAll()
                    engine.applyOrRefuse(event, emitting: &effects)
                }
                return nil
            } catch {
                return error
            }
        }
        if let fault {
            throw JournalError.damaged(
                file: "journal",
                offset: 0,
                sequence: first,
                what: "record \(first) to \(last) is whole, but not of events: \(fault)"
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
