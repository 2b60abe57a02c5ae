import Plimsoll
import PlimsollJournal
import PlimsollNode
import PlimsollUnits
import PlimsollVerification

/// Follows a node's journal from its first event with an engine of its own and the slow auditor.
///
/// It has a reader and an engine of its own, rather than to be fed by the replica: the auditor is slower than the
/// replica, so that what waits for it would grow without end or keep the replica waiting, while the journal holds
/// it anyway; and a replica that began at a snapshot has not seen the beginning. The engine costs the memory of
/// one more book.
final class JournalAuditor {
    private let reader: JournalReader<FileStorage>
    private var engine = Engine()
    private var verifier: Verifier
    /// Events of a record of which not all are wanted yet.
    private var rest: ArraySlice<Event> = []

    /// Ends the reading after a record.
    private struct Enough: Error {}
    /// How many events are followed between two questions whether to go on.
    private static let stride = 256

    /// An auditor of a folder's journal, before its first event.
    ///
    /// - Throws: that the journal cannot be read from there, such as that its beginning was removed.
    init(folder: String) throws {
        reader = try JournalReader(FileStorage(reading: folder))
        verifier = Verifier { Timestamp(nanoseconds: MarginNode.wallClock) }
    }

    /// The last event that was followed.
    var sequence: UInt64 { verifier.sequence }

    /// Follows the journal up to an event.
    ///
    /// - Parameters:
    ///   - sequence: the event.
    ///   - written: an event that is written, with the whole of its record; not before `sequence`.
    ///   - goesOn: is asked often.
    /// - Returns: whether it got there.
    /// - Throws: what is wrong with the journal.
    func follow(
        to sequence: UInt64,
        written: UInt64,
        goesOn: (_ followed: UInt64) -> Bool
    ) throws -> Bool {
        guard take(to: sequence, goesOn) else { return false }
        while engine.sequence < sequence {
            do {
                try reader.read(through: written) { record in
                    rest = ArraySlice(try record.events())
                    if !take(to: sequence, goesOn) || engine.sequence >= sequence { throw Enough() }
                }
            } catch is Enough {
                if engine.sequence < sequence { return false }
            }
        }
        return true
    }

    private func take(to sequence: UInt64, _ goesOn: (UInt64) -> Bool) -> Bool {
        while !rest.isEmpty, engine.sequence < sequence {
            for _ in 0..<Self.stride {
                guard engine.sequence < sequence, let event = rest.popFirst() else { break }
                var effects: [Effect] = []
                engine.applyOrRefuse(event, emitting: &effects)
                verifier.note(event, effects: effects, sequence: engine.sequence, of: engine)
            }
            guard goesOn(engine.sequence) else { return false }
        }
        return true
    }

    /// Compares a copy of another engine, which has seen as many events, with what the journal adds up to.
    func compare(
        _ live: Engine,
        goesOn: (_ compared: Int, _ accounts: Int) -> Bool
    ) -> VerificationReport {
        verifier.compare(with: live, goesOn: goesOn)
    }
}
