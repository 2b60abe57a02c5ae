internal import ArgumentParser
import PlimsollReports
import PlimsollUnits
import PlimsollVerification
import PlimsollWire

/// `plimsoll verify`.
struct VerifyCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Is every balance and requirement what the events add up to? By the independent auditor.",
        discussion: """
            A server is asked to verify itself, which takes a key with the role risk; with --data the journal \
            of a folder is replayed here, whether a node is using it or not, and an engine is compared with \
            the auditor. Exit code 6: something was found; 7: there is no account to compare.
            """
    )

    static let examples = [
        "plimsoll verify --data /tmp/plimsoll",
        "plimsoll verify --server http://127.0.0.1:8086 --json",
    ]

    @OptionGroup var options: GlobalOptions
    @OptionGroup var server: ServerOptions

    @Option(name: .long, help: "Verify the journal of this folder, without a server.")
    var data: String?

    @Flag(name: .long, help: "Show progress even where standard error is not a terminal.")
    var progress = false

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        if let data {
            guard server.server == nil else {
                throw .usage(
                    problem: "--data and --server are two ways to verify.",
                    remedy: "Write one of them."
                )
            }
            return try verify(folder: data, console)
        }
        return try server.connected(console) { (client) throws(CommandFailure) in
            let node = try ServerVerification(client, console, isDrawn: isDrawn(console)).run()
            return tell(node, console)
        }
    }

    private func isDrawn(_ console: Console) -> Bool {
        !console.isQuiet && (console.errorIsTerminal || progress)
    }

    private func verify(
        folder: String,
        _ console: Console
    ) throws(CommandFailure) -> ExitCode {
        var verification = try JournalVerification(folder: folder)
        var progress = ReplayProgress(console, isDrawn: isDrawn(console), isOn: !options.quiet)
        try verification.follow { events, of in
            progress.update(events: events, bytes: events, of: of)
        }
        progress.finish(events: verification.events)
        return tell(verification.document(), console)
    }

    private func tell(_ node: Node, _ console: Console) -> ExitCode {
        let report = Document(node)
        if options.json {
            console.print(JSONWriter.pretty(node))
        } else {
            VerificationText(report: report, console: console).print()
        }
        return VerificationText.exitCode(report)
    }
}

/// A report of a verification as text, for people.
struct VerificationText {
    /// How many findings are shown; `--json` has more.
    private static let limit = 20

    let report: Document
    let console: Console

    /// There was no account: nothing was found because nothing was there.
    private static func comparesNothing(_ report: Document) -> Bool {
        report["accounts"].integer == 0
    }

    /// How a command ends that has this report.
    static func exitCode(_ report: Document) -> ExitCode {
        switch report["state"].text {
        case "passed": comparesNothing(report) ? .insufficientData : .success
        case "found": .finding
        default: .failure
        }
    }

    func print() {
        let compared = "\(count("compared")) of \(count("accounts")) accounts compared"
        console.print("event \(count("seq")) · \(compared)\(time)")
        if let unvalued = report["unvalued"].integer, unvalued > 0 {
            console.print(
                "\(NumberText.times(unvalued, "pool")) without figures, since a price is missing: "
                    + "only wallets and positions of them were compared"
            )
        }
        let findings = report["findings"].items
        switch report["state"].text {
        case "passed" where Self.comparesNothing(report):
            console.print(
                console.inked("nothing to compare", .yellow) + " · there is no account yet"
            )
        case "passed":
            console.print(console.inked("passed", .green) + " · nothing was found")
        case "found":
            let total = report["findingCount"].integer ?? findings.count
            console.print(
                console.inked("found", .redBold) + " · \(NumberText.times(total, "finding"))"
            )
            for finding in findings.prefix(Self.limit) { console.print(line(finding)) }
            if total > Self.limit {
                console.print(
                    "\(NumberText.count(total - Self.limit)) more; --json has the first 1,000."
                )
            }
        default: console.print("\(report["state"].text ?? "unknown") · it did not come to its end")
        }
    }

    private var time: String {
        guard let start = report["startedAt"].integer, let end = report["endedAt"].integer else {
            return ""
        }
        return " in \(Span.words(milliseconds: max(0, end - start)))"
    }

    private func line(_ finding: Document) -> String {
        let account = finding["account"].text.map { "\($0): " } ?? ""
        return
            "  \(account)\(finding["what"].text ?? "") is \(finding["found"].text ?? ""), expected "
            + (finding["expected"].text ?? "")
    }

    private func count(_ key: String) -> String {
        report[key].integer.map { NumberText.count($0) } ?? "–"
    }
}
