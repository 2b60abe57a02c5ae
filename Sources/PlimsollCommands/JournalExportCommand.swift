internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// `plimsoll journal export`.
struct JournalExportCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "The events as an event file, for `replay` and `ingest`.",
        discussion: """
            The whole journal, replayed, gives the digest of the node. Refused events are in it, since the \
            digest counts them; rulebooks are written out, so that the file means the same next year.
            """
    )

    static let examples = [
        "plimsoll journal export /tmp/plimsoll",
        "plimsoll journal export /tmp/plimsoll --from 100 --to 200",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The folder of the journal.")
    var folder: String

    @Option(name: .long, help: "The first event (1).")
    var from: UInt64 = 1

    @Option(name: .long, help: "The last event.")
    var to: UInt64?

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        guard from >= 1, from <= to ?? .max else {
            throw .usage(
                problem: "there are no events from \(from) to \(to ?? .max).",
                remedy: "Events are numbered from 1 on; write --from and --to in this order."
            )
        }
        let replay = try JournalReplay(try JournalFolder(folder), before: from)
        let durable = try replay.durable()
        guard from <= durable || (from == 1 && to == nil) else {
            throw .notFound(
                problem: "the journal ends with event \(durable).",
                remedy: "Write --from with a number up to \(durable)."
            )
        }
        let lines = EventLines()
        try replay.run(from: from, through: min(to ?? .max, durable)) {
            (event, sequence, directory) throws(CommandFailure) in
            console.print(try lines.text(of: event, sequence, directory))
        }
        return .success
    }
}

/// Events as lines that mean the same wherever they are read.
final class EventLines {
    private let catalog = RulebookCatalog.standard()
    private var writer = JSONWriter()

    /// The line of an event, without its end.
    func text(
        of event: Event,
        _ sequence: UInt64,
        _ directory: Directory
    ) throws(CommandFailure) -> String {
        writer.removeAll()
        if case .rulebookAdopted(let adopted) = event.body, !isWhole(adopted.rulebook) {
            throw .refused(
                problem: "event \(sequence) adopts rules that cannot be written out: "
                    + "\(adopted.rulebook.id)@\(adopted.rulebook.version).",
                remedy: "Please report this. 'plimsoll journal tail' shows the other events."
            )
        }
        writer.event(event, directory: directory) { value, rulebook in
            value.value(rulebook.contents)
        }
        return writer.text
    }

    /// The rules, read again, are the same.
    private func isWhole(_ rulebook: Rulebook) -> Bool {
        var writer = JSONWriter()
        writer.value(rulebook.contents)
        let read = try? catalog.load(writer.bytes, file: "rulebook")
        return read?.rulebook.fingerprint == rulebook.fingerprint
    }
}
