internal import ArgumentParser
import PlimsollReports
import PlimsollWire

/// `plimsoll ingest`.
struct IngestCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract:
            "Send events to a server: an event file, .gz or not, or a table of one type of event.",
        discussion: """
            What is sent twice counts once: by 'source' and 'sequence', or by 'id'. So an ingest that was \
            interrupted is simply run again. A line with neither gets an id, made from the lines up to \
            it; --as-is leaves it without, and then a second run counts it again.

            A .csv file is a table: its header names fields of docs/formats/events.md, and --type says \
            what its rows are (marked, filled, reconciled, deposited) unless a column 'type' does. It is \
            checked whole before anything is sent.
            """
    )

    static let examples = [
        "plimsoll ingest examples/minimal.ndjson",
        "plimsoll ingest --type marked examples/marks.csv",
    ]

    @OptionGroup var options: GlobalOptions
    @OptionGroup var server: ServerOptions

    @Argument(help: "The file: .ndjson, .ndjson.gz, .csv, or - for standard input.")
    var file: String

    @Option(name: .long, help: "What the rows of a table are.")
    var type: String?

    @Flag(name: .long, help: "Exit with 6 if an event was refused.")
    var strict = false

    @Flag(name: .customLong("as-is"), help: "Give no ids to events that have none.")
    var asIs = false

    @Flag(name: .long, help: "Show progress even where standard error is not a terminal.")
    var progress = false

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let source = try source()
        return try server.connected(console) { (client) throws(CommandFailure) in
            let status = Document(try client.document(ServerRequest("status")))
            let form = EventPreparation(
                file: file,
                stampsTime: status["clock"].text == "wall",
                givesIDs: !asIs
            )
            let drawn = console.errorIsTerminal || progress
            var run = IngestRun(
                client,
                form,
                ReplayProgress(console, isDrawn: drawn, isOn: !options.quiet)
            )
            do throws(IngestFault) {
                try run.send(source)
            } catch {
                // What was sent before is there, and is told.
                tell(run, console)
                switch error {
                case .input(let fault): throw .input(InputFaults(fault))
                case .server(let failure): throw failure
                }
            }
            tell(run, console)
            return strict && run.tally.refused > 0 ? .finding : .success
        }
    }

    /// What became of the file, and whether it may come again.
    private func tell(_ run: IngestRun, _ console: Console) {
        if options.json {
            console.print(run.tally.json(file))
        } else {
            IngestText(tally: run.tally, file: file, console: console).print()
        }
        guard run.form.outlivesIDs else { return }
        console.note(
            "note: \(file) spans more than the 24 hours for which ids are remembered; sent again, its commands would count again."
        )
    }

    /// The lines of the file, which is a table by its name or where `--type` says so.
    private func source() throws(CommandFailure) -> any EventSource {
        let isTable = type != nil || file.hasSuffix(".csv") || file.hasSuffix(".csv.gz")
        do throws(InputFaults) {
            guard isTable else {
                do throws(InputFault) {
                    return LineSource(lines: try LineReader(path: file))
                } catch {
                    throw InputFaults(error)
                }
            }
            return try EventTable(file: file, type: type)
        } catch {
            throw .input(error)
        }
    }
}

/// Where events come from, one at a time.
protocol EventSource {
    /// The next event as JSON, with the number of its line; `nil` at the end.
    mutating func next() throws(InputFault) -> (node: Node, line: Int)?
    /// How far it is, in bytes.
    var bytesRead: Int { get }
    /// How many bytes there are; `nil`: nobody knows.
    var size: Int? { get }
}

/// The lines of an event file.
struct LineSource: EventSource {
    let lines: LineReader

    var bytesRead: Int { lines.bytesRead }
    var size: Int? { lines.size }

    mutating func next() throws(InputFault) -> (node: Node, line: Int)? {
        while let line = try lines.next() {
            guard let first = line.bytes.first(where: { $0 != 0x20 && $0 != 0x09 }),
                first != UInt8(ascii: "#")
            else { continue }
            return (
                try JSONText.parse(line.bytes, file: lines.file, firstLine: line.number),
                line.number
            )
        }
        return nil
    }
}

/// What became of a file, as text for people.
private struct IngestText {
    let tally: IngestTally
    let file: String
    let console: Console

    func print() {
        console.print(
            "\(NumberText.times(tally.sent, "event")) sent: "
                + "\(NumberText.count(tally.accepted)) accepted, "
                + "\(NumberText.count(tally.repeated)) repeated, "
                + console.inked(
                    "\(NumberText.count(tally.refused)) refused",
                    tally.refused > 0 ? .yellow : nil
                ) + (tally.sequence.map { " · event \(NumberText.count($0))" } ?? "")
        )
        for problem in tally.problems {
            console.print("\(file):\(problem.line): \(problem.code): \(problem.detail)")
        }
        if tally.refused > tally.problems.count {
            let more = tally.refused - tally.problems.count
            console.print("\(NumberText.count(more)) more refusals are not shown.")
        }
    }
}
