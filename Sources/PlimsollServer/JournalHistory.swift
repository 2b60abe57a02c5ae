import Plimsoll
import PlimsollJournal
import PlimsollNode
import PlimsollReports

/// The events of a node's journal up to one of them, for receipts.
struct JournalHistory: EventHistory {
    typealias Failure = Problem

    let folder: String
    /// The last event that is wanted, which need not be the last of its record.
    let end: UInt64
    /// The last event that is written.
    let written: UInt64

    var name: String { "journal" }

    func start() throws(Problem) -> Engine { Engine() }

    func each(
        _ engine: inout Engine,
        _ body: (inout Engine, Event, _ number: Int) -> Bool
    ) throws(Problem) {
        struct Enough: Error {}
        var sequence: UInt64 = 0
        do {
            let reader = try JournalReader(FileStorage(reading: folder))
            try reader.read(through: written) { record in
                for event in try record.events() {
                    sequence += 1
                    guard sequence <= end, body(&engine, event, Int(clamping: sequence)) else {
                        throw Enough()
                    }
                }
            }
        } catch is Enough {
            return
        } catch {
            throw Problem(
                503,
                "journal_unavailable",
                "The journal cannot be read.",
                "\(error)"
            )
        }
    }
}
