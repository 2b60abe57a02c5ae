internal import ArgumentParser
import Plimsoll
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
        var writer = JSONWriter()
        try replay.run(from: from, through: min(to ?? .max, durable)) {
            (event, _, directory) throws(CommandFailure) in
            console.print(writer.line(of: event, directory))
        }
        return .success
    }
}

extension JSONWriter {
    /// An event as a line that means the same wherever it is read, without its end.
    mutating func line(of event: Event, _ directory: Directory) -> String {
        removeAll()
        self.event(event, directory: directory) { value, rulebook in value.canonical(rulebook) }
        return text
    }
}
