internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// `plimsoll status`.
struct StatusCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "How a server is: events, lag, bands, feeds, journal.",
        discussion:
            "Exit code 74: its journal has failed and takes no events any more, or its replica and shows no new ones."
    )

    static let examples = [
        "plimsoll status",
        "plimsoll status --server http://127.0.0.1:8086 --json",
    ]

    @OptionGroup var options: GlobalOptions
    @OptionGroup var server: ServerOptions

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        try server.connected(console) { (client) throws(CommandFailure) in
            let node = try client.document(ServerRequest("status"))
            let status = Document(node)
            if options.json {
                console.print(JSONWriter.pretty(node))
            } else {
                StatusText(status: status, server: client.address.text, console: console).print()
            }
            let hasFailed = status["failure"].isThere || status["replica"]["failure"].isThere
            return hasFailed ? .journal : .success
        }
    }
}

/// The state of a node as text, for people.
private struct StatusText {
    let status: Document
    let server: String
    let console: Console

    func print() {
        let venue = status["venue"].text ?? "no venue yet"
        let demo = status["isDemo"].isTrue ? " · demo" : ""
        console.print(
            console.inked(venue, .bold) + "\(demo) · \(server) · Plimsoll "
                + (status["version"].text ?? "")
        )
        if let failure = status["failure"].text {
            line("failed", console.inked(failure, .redBold))
        }
        if let failure = status["replica"]["failure"].text {
            line("failed", console.inked("the replica: \(failure)", .redBold))
        }
        printEvents()
        printBook()
        printJournal()
        printFeeds()
    }

    private func printEvents() {
        let lag = status["replica"]["lag"].integer ?? 0
        var parts = [
            "\(count(status["seq"])), the replica \(lag == 0 ? "as far" : "\(lag) behind")"
        ]
        if let at = status["asOf"].moment, at.nanoseconds > 0 { parts.append(Moment.text(at)) }
        line("events", parts.joined(separator: " · "))
        line(
            "inbox",
            "\(count(status["inbox"]["events"])) of \(count(status["inbox"]["limit"])) · durability "
                + (status["durability"].text ?? "–") + " · clock " + (status["clock"].text ?? "–")
        )
        if let uptime = status["uptime"].integer {
            let recovery = status["recovery"]
            line(
                "up for",
                "\(Span.words(milliseconds: uptime)) · recovered in "
                    + "\(count(recovery["milliseconds"])) ms, "
                    + "\(count(recovery["replayed"])) events replayed"
            )
        }
    }

    private func printBook() {
        line(
            "book",
            [("accounts", "account"), ("markets", "market"), ("streams", "stream")].map {
                key,
                noun in
                NumberText.times(status[key].integer ?? 0, noun)
            }.joined(separator: " · ")
        )
        let bands = status["bands"]
        if bands.isThere { line("bands", BandCounts.text(bands, console)) }
    }

    private func printJournal() {
        let journal = status["journal"]
        line(
            "journal",
            "durable to \(count(journal["durableSeq"])) · snapshot at "
                + "\(count(journal["snapshotSeq"])) · \(count(journal["bytes"])) bytes written"
        )
        if let chain = status["chain"].text { line("chain", chain) }
        let verification = status["verification"]
        if let state = verification["state"].text {
            let at = verification["endedAt"].moment.map { " · \(Moment.text($0))" } ?? ""
            line("verified", state + at)
        }
    }

    private func printFeeds() {
        let feeds = status["feeds"].items
        guard !feeds.isEmpty else { return }
        console.print()
        var table = TextTable([
            ("feed", .left), ("sequence", .right), ("last at (UTC)", .left), ("events", .right),
            ("refused", .right),
        ])
        for feed in feeds {
            table.add([
                .init(feed["source"].text ?? "", .bold), .init(count(feed["sequence"])),
                .init(feed["lastAt"].moment.map { Moment.text($0) } ?? "–"),
                .init(count(feed["events"])),
                .init(count(feed["refused"]), feed["refused"].integer == 0 ? nil : .yellow),
            ])
        }
        for line in table.lines(console) { console.print(line) }
    }

    private func line(_ name: String, _ text: String) {
        let blanks = String(repeating: " ", count: max(1, 10 - name.count))
        console.print(console.inked(name, .faint) + blanks + text)
    }

    private func count(_ value: Document) -> String {
        value.integer.map { NumberText.count($0) } ?? "–"
    }
}

/// How many accounts are in each band, as text.
enum BandCounts {
    /// `safe 1,871  watch 96  call 29  liquidation 4`; a band with nobody in it has no colour.
    static func text(_ bands: Document, _ console: Console) -> String {
        bands.fields.map { name, value in
            let count = value.integer ?? 0
            return console.inked(
                "\(name) \(NumberText.count(count))",
                count > 0 ? Band(word: name)?.ink : nil
            )
        }.joined(separator: "  ")
    }
}

/// Spans of time as text.
enum Span {
    /// `3 d 4 h`, `2 h 5 min`, `12 s`, `340 ms`: the two largest units.
    static func words(milliseconds: Int) -> String {
        let seconds = milliseconds / 1_000
        let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400)
        if days > 0 { return "\(days) d \(hours % 24) h" }
        if hours > 0 { return "\(hours) h \(minutes % 60) min" }
        if minutes > 0 { return "\(minutes) min \(seconds % 60) s" }
        return seconds > 0 ? "\(seconds) s" : "\(milliseconds) ms"
    }
}
