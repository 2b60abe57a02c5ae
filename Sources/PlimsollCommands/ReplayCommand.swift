internal import ArgumentParser
import Plimsoll
import PlimsollUnits
import PlimsollWire

/// `plimsoll replay`.
struct ReplayCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a file of events: who fell below maintenance, when, and why.",
        discussion: """
            The file is NDJSON, .gz or not; docs/formats/events.md describes it. The last line is \
            `digest <hex>`: equal for equal histories, on every machine.
            """
    )

    static let examples = [
        "plimsoll replay examples/minimal.ndjson",
        "plimsoll replay --json --account alice examples/minimal.ndjson",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The event file: .ndjson, .ndjson.gz, or - for standard input.")
    var file: String

    @Option(name: .long, help: "Stop before the first event after this time: UTC or milliseconds.")
    var until: String?

    @Option(name: .long, help: "Report this account as it is at the end.")
    var account: String?

    @Flag(name: .long, help: "List every pool that fell, not the first 20.")
    var all = false

    @Flag(name: .long, help: "Exit with 6 if an event was refused.")
    var strict = false

    @Flag(name: .long, help: "Show progress even where standard error is not a terminal.")
    var progress = false

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        var last: Timestamp?
        if let until {
            guard let moment = Moment.timestamp(until) else {
                throw .usage(
                    problem: "\(Excerpt.quoted(until)) is not a time.",
                    remedy: "Write --until 2025-10-10T21:17:42Z, or milliseconds since 1970."
                )
            }
            last = moment
        }
        var run = ReplayRun(file: file, until: last)
        do throws(InputFault) {
            try run.run(
                ReplayProgress(
                    console,
                    isDrawn: console.errorIsTerminal || progress,
                    isOn: !options.quiet
                )
            )
        } catch {
            throw .input(InputFaults(error))
        }
        var chosen: AccountID?
        if let account { chosen = try run.account(named: account) }
        let broken = run.engine.brokenInvariants()
        if options.json {
            var writer = JSONWriter(pretty: true)
            writer.replay(run, account: chosen, broken: broken)
            console.print(writer.bytes)
        } else {
            ReplayText(run: run, console: console, all: all).print(account: chosen)
        }
        guard broken.isEmpty else {
            for problem in broken { console.error("broken invariant: \(problem)") }
            console.error("  The books do not add up; please report this with the event file.")
            return .failure
        }
        return strict && run.refusals.count > 0 ? .finding : .success
    }
}

/// Moments as text, with milliseconds.
enum Moment {
    /// `2025-10-10T21:17:42Z`, `2025-10-10T21:17:42.318Z`, a day, or milliseconds since 1970.
    static func timestamp(_ text: String) -> Timestamp? {
        if let milliseconds = Int64(text), (0...NodeReader.millisecondsLimit).contains(milliseconds)
        {
            return Timestamp(nanoseconds: milliseconds * 1_000_000)
        }
        if UTCMoment.isDate(text), text.utf8.count == 10 {
            return UTCMoment.timestamp(text + "T00:00:00Z")
        }
        guard text.hasSuffix("Z"), let point = text.firstIndex(of: ".") else {
            return UTCMoment.timestamp(text)
        }
        let fraction = text[text.index(after: point)...].dropLast()
        guard (1...9).contains(fraction.utf8.count), fraction.utf8.allSatisfy({ 48...57 ~= $0 }),
            let whole = UTCMoment.timestamp(String(text[..<point]) + "Z"),
            let nanoseconds = Int64(
                fraction + String(repeating: "0", count: 9 - fraction.utf8.count)
            )
        else { return nil }
        return Timestamp(nanoseconds: whole.nanoseconds + nanoseconds)
    }

    /// `2025-10-10T21:17:42.318Z`; whole seconds without a fraction.
    static func text(_ timestamp: Timestamp) -> String {
        let text = UTCMoment.text(timestamp)
        let milliseconds = timestamp.nanoseconds % 1_000_000_000 / 1_000_000
        guard milliseconds > 0 else { return text }
        let digits = String(milliseconds)
        return text.dropLast() + "." + String(repeating: "0", count: 3 - digits.utf8.count) + digits
            + "Z"
    }
}
