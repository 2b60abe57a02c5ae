internal import ArgumentParser
import Dispatch
import Glibc
import Plimsoll
import PlimsollReports
import PlimsollMarket
import PlimsollUnits
import PlimsollWire
import Synchronization

/// `plimsoll replay`.
struct ReplayCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a file of events: who fell below maintenance, when, and why.",
        discussion: """
            The file is NDJSON, .gz or not; docs/formats/events.md describes it. The last line is \
            `digest <hex>`: equal for equal histories, on every machine.

            --market answers liquidation orders that the file does not answer: they are executed on \
            order books of a calm hour, thinned out to --depth, and their impact reaches the marks. \
            What that rests on is printed with it. --policy replaces the rulebook's way to \
            deleverage: queue, pro-rata or fair-charge; all compares them on the same history.
            """
    )

    static let examples = [
        "plimsoll replay --json --account alice examples/minimal.ndjson",
        "plimsoll replay --market --policy all examples/crash.ndjson",
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

    @Flag(name: .long, help: "Execute liquidation orders on modelled books.")
    var market = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --market: how much of a calm hour's depth is there (0.02).",
            valueName: "share"
        )
    )
    var depth: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --market: milliseconds from an order to its execution (100).",
            valueName: "ms"
        )
    )
    var latency: Int64?

    @Option(name: .long, help: "Deleverage by queue, pro-rata or fair-charge; all compares them.")
    var policy: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --market: write what happened as an event file, for receipts.",
            valueName: "file"
        )
    )
    var output: String?

    @Flag(name: .long, help: "Show progress even where standard error is not a terminal.")
    var progress = false

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let runs = try runs()
        let done = runs.count > 1 ? try compare(runs, console) : [try only(runs[0], console)]
        var chosen: AccountID?
        if let account, let run = done.first { chosen = try run.account(named: account) }
        let broken = done.flatMap { $0.engine.brokenInvariants() }
        if options.json {
            var writer = JSONWriter(pretty: true)
            if done.count > 1 {
                writer.comparison(done)
            } else {
                writer.replay(done[0], account: chosen, broken: broken)
            }
            console.print(writer.bytes)
        } else if done.count > 1 {
            WaterfallText(runs: done, console: console).printComparison()
        } else {
            ReplayText(run: done[0], console: console, all: all).print(account: chosen)
        }
        guard broken.isEmpty else {
            for problem in broken { console.error("broken invariant: \(problem)") }
            console.error("  The books do not add up; please report this with the event file.")
            return .failure
        }
        return strict && done.contains { $0.refusals.count > 0 } ? .finding : .success
    }

    /// What is to be replayed: once, or once for each policy.
    private func runs() throws(CommandFailure) -> [ReplayRun] {
        let last = try until.map { (text) throws(CommandFailure) in
            try Moment.argument(text, option: "--until")
        }
        let market = try replayMarket()
        guard let policy else { return [ReplayRun(file: file, until: last, market: market)] }
        let chosen = WaterfallPolicy(rawValue: policy)
        guard chosen != nil || policy == "all" else {
            let words = WaterfallPolicy.allCases.map(\.rawValue).joined(separator: ", ")
            throw .usage(
                problem: "there is no policy \(Excerpt.quoted(policy)).",
                remedy: "Write --policy with one of \(words), all."
            )
        }
        guard output == nil else {
            throw .usage(
                problem: "--output and --policy do not go together: a file names its rulebook, "
                    + "which the policy changes.",
                remedy: "Leave one of them out."
            )
        }
        guard chosen != nil || (account == nil && !all) else {
            throw .usage(
                problem: "--account and --all are about one replay, and --policy all makes three.",
                remedy: "Leave them out, or name one policy."
            )
        }
        guard file != "-" || chosen != nil else {
            throw .usage(
                problem: "standard input can be read once, and --policy all reads it three times.",
                remedy: "Name a file, or one policy."
            )
        }
        let policies = chosen.map { [$0] } ?? WaterfallPolicy.allCases
        return policies.map { ReplayRun(file: file, until: last, policy: $0, market: market) }
    }

    private func replayMarket() throws(CommandFailure) -> ReplayMarket? {
        guard market else {
            guard depth == nil, latency == nil, output == nil else {
                throw .usage(
                    problem: "--depth, --latency and --output are about a modelled market.",
                    remedy: "Add --market."
                )
            }
            return nil
        }
        var assumed = ReplayMarket.Options()
        if let depth {
            guard let units = try? DecimalText.units(depth, scale: 8),
                let share = try? Rate(units: Int64(clamping: units))
            else { throw Self.badDepth(depth) }
            assumed.assumptions.depthShare = share
        }
        if let latency {
            guard (1...3_600_000).contains(latency) else {
                throw .usage(
                    problem: "a latency of \(latency) ms is not possible.",
                    remedy: "Write --latency with 1 to 3,600,000 milliseconds."
                )
            }
            assumed.latency = latency * 1_000_000
        }
        do throws(MarketFault) {
            return try ReplayMarket(assumed)
        } catch {
            throw Self.badDepth(depth ?? "")
        }
    }

    private static func badDepth(_ text: String) -> CommandFailure {
        .usage(
            problem: "\(Excerpt.quoted(text)) is not a share of depth.",
            remedy:
                "Write --depth with a number above 0 and up to 1; 0.02 is a fiftieth of a calm book."
        )
    }

    private func only(
        _ run: ReplayRun,
        _ console: Console
    ) throws(CommandFailure) -> ReplayRun {
        if let output, Path.isSame(output, file) {
            throw .usage(
                problem: "--output \(output) is the file that is replayed.",
                remedy: "Name another file."
            )
        }
        let file = try output.map { (path) throws(CommandFailure) in try EventOutput(path: path) }
        let finished: ReplayRun
        do throws(InputFault) {
            finished = try run.finished(progress(console, isOn: !options.quiet), file).get()
        } catch {
            throw .input(InputFaults(error))
        }
        try file?.close()
        if let output {
            console.note("\(NumberText.times(finished.events, "event")) written to \(output)")
        }
        return finished
    }

    /// Replays side by side; the first of them, which shows how far it is, on this thread.
    private func compare(
        _ runs: [ReplayRun],
        _ console: Console
    ) throws(CommandFailure) -> [ReplayRun] {
        let results = Mutex([Int: Result<ReplayRun, InputFault>]())
        let group = DispatchGroup()
        for (index, run) in runs.enumerated().dropFirst() {
            DispatchQueue.global().async(group: group) {
                let result = run.finished(nil)
                results.withLock { $0[index] = result }
            }
        }
        let first = runs[0].finished(progress(console, isOn: !options.quiet))
        group.wait()
        let others = results.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
        do throws(InputFault) {
            return try ([first] + others).map { (result) throws(InputFault) in try result.get() }
        } catch {
            throw .input(InputFaults(error))
        }
    }

    private func progress(_ console: Console, isOn: Bool) -> ReplayProgress {
        ReplayProgress(console, isDrawn: console.errorIsTerminal || progress, isOn: isOn)
    }
}

/// Paths of files.
private enum Path {
    /// Two paths lead to one file that is there.
    static func isSame(_ one: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }
}

extension Moment {
    /// The moment of an option.
    static func argument(
        _ text: String,
        option: String
    ) throws(CommandFailure) -> Timestamp {
        guard let moment = timestamp(text) else {
            throw .usage(
                problem: "\(Excerpt.quoted(text)) is not a time.",
                remedy: "Write \(option) 2025-10-10T21:17:42Z, or milliseconds since 1970."
            )
        }
        return moment
    }
}
