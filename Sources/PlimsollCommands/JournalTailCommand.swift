internal import ArgumentParser
import Glibc
import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// `plimsoll journal tail`.
struct JournalTailCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "The last events, and with --follow those that come.",
        discussion: "Only what is durable is shown. --json writes one JSON object a line."
    )

    static let examples = [
        "plimsoll journal tail /tmp/plimsoll -n 20",
        "plimsoll journal tail /tmp/plimsoll --json",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The folder of the journal.")
    var folder: String

    @Option(name: .short, help: "How many (10).")
    var n: UInt64 = 10

    @Flag(name: .long, help: "Go on with what comes, until Ctrl-C.")
    var follow = false

    /// How often a folder is looked at, in microseconds.
    private static let pause: UInt32 = 100_000

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let folder = try JournalFolder(folder)
        let newest = try JournalReplay(folder, before: .max)
        let end = try newest.durable()
        var next = end - min(n, end) + 1
        let replay = newest.start < next ? newest : try JournalReplay(folder, before: next)
        var writer = JSONWriter()
        while true {
            let durable = try replay.durable()
            if durable >= next {
                try replay.run(from: next, through: durable) {
                    (event, sequence, directory) throws(CommandFailure) in
                    let text = writer.line(of: event, directory)
                    console.print(options.json ? text : line(text, event, sequence))
                }
                next = durable + 1
                console.flush()
            }
            guard follow, !Console.hasNoReader else { return .success }
            usleep(Self.pause)
        }
    }

    /// `812  2025-10-10T21:17:42.318Z  marked  symbol BTCUSDT  price 61234.5`.
    private func line(_ text: String, _ event: Event, _ sequence: UInt64) -> String {
        let document = Document(try? JSONText.parse(Array(text.utf8), file: "event"))
        let moment = Moment.text(event.at)
        return
            "\(sequence)  \(moment)  \(FieldText.line(document, without: ["time", "at"]))"
    }
}

/// An event or effect as a line: its type, then its fields.
enum FieldText {
    /// `marked  symbol BTCUSDT  price 61234.5`; of what is not a single value, only how much there is.
    static func line(_ document: Document, without left: Set<String>) -> String {
        var parts = [document["type"].text ?? "?"]
        for (name, value) in document.fields where name != "type" && !left.contains(name) {
            if let text = value.text {
                parts.append("\(name) \(text)")
            } else if !value.items.isEmpty {
                parts.append("\(name) [\(value.items.count)]")
            } else if let id = value["id"].text {
                parts.append("\(name) \(id)")
            }
        }
        return parts.joined(separator: "  ")
    }
}
