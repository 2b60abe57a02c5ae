import Plimsoll
import PlimsollJournal
import PlimsollNode
import PlimsollUnits
import PlimsollVerification
import PlimsollWire

/// A journal's events, applied by an engine and followed by the auditor, who are compared at the end.
struct JournalVerification {
    private let folder: JournalFolder
    private let reader: JournalReader<FileStorage>
    /// What the events have led to, and what is compared.
    var engine = Engine()
    private var verifier = Verifier { Timestamp(nanoseconds: MarginNode.wallClock) }

    /// The journal of a folder, from its first event on.
    init(folder path: String) throws(CommandFailure) {
        let folder = try JournalFolder(path)
        self.folder = folder
        reader = try folder.reading { try JournalReader(folder.storage) }
    }

    /// How many events were followed.
    var events: Int { Int(clamping: engine.sequence) }

    /// Applies and follows all events that are durable now.
    ///
    /// - Parameter progress: is told how many of how many, now and then.
    /// - Throws: that the journal is damaged, or cannot be read.
    mutating func follow(
        _ progress: (_ events: Int, _ of: Int) -> Void
    ) throws(CommandFailure) {
        var portion = VerificationPortion()
        var effects: [Effect] = []
        try folder.reading {
            let end = try reader.durable().sequence
            try reader.read(through: end) { record in
                for event in try record.events() {
                    effects.removeAll(keepingCapacity: true)
                    engine.applyOrRefuse(event, emitting: &effects)
                    portion.append(event, effects: effects, sequence: engine.sequence, of: engine)
                }
                verifier.follow(portion)
                portion.removeAll()
                progress(Int(clamping: engine.sequence), Int(clamping: end))
            }
        }
    }

    /// Compares, and says what was found as the API does.
    mutating func document() -> Node {
        var writer = JSONWriter()
        writer.verification(
            .ended(verifier.compare(with: engine)),
            directory: engine.directory
        )
        guard let node = try? JSONText.parse(writer.bytes, file: "report") else {
            preconditionFailure("Invariant: what is written as JSON is read as JSON.")
        }
        return node
    }
}
