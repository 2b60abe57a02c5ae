internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// `plimsoll accounts`.
struct AccountsCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "The accounts of a server, those nearest to their line first."
    )

    static let examples = [
        "plimsoll accounts --band call",
        "plimsoll accounts --sort equity --all --csv",
    ]

    @OptionGroup var options: GlobalOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var form: ListForm

    @Option(name: .long, help: "Only those in this band: safe, watch, call or liquidation.")
    var band: String?

    @Option(name: .long, help: "The order: ratio, equity or account.")
    var sort: String?

    @Option(name: .long, help: "Only those with this in their names, whatever the case.")
    var search: String?

    @Option(name: .long, help: "How many at the most (100).")
    var limit: Int?

    @Flag(name: .long, help: "All of them, however many there are.")
    var all = false

    @Option(name: .long, help: "The venue, where a server has several.")
    var venue: String?

    /// What one page of the API has at the most.
    private static let page = 1_000

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        try form.check(json: options.json)
        if let limit, limit < 1 || all {
            throw .usage(
                problem: "--limit \(limit)\(all ? " and --all" : "") is not possible.",
                remedy: "Write a limit of 1 or more, or --all."
            )
        }
        return try server.connected(console) { (client) throws(CommandFailure) in
            var list = ListOutput(Self.fields, form, isJSON: options.json, console)
            var table = AccountTable()
            var wanted = all ? Int.max : limit ?? 100
            var cursor: String?
            var last: Document
            repeat {
                let count = min(wanted, Self.page)
                last = Document(try client.document(request(count, cursor)))
                for item in last["items"].items {
                    if form.isTable(json: options.json) { table.add(item) } else { list.add(item) }
                }
                wanted -= last["items"].items.count
                cursor = last["nextCursor"].text
            } while cursor != nil && wanted > 0
            guard form.isTable(json: options.json) else {
                list.finish(last, cursor: cursor)
                return .success
            }
            table.print(console)
            tell(console, last, cursor)
            return .success
        }
    }

    private static let fields = [
        "account", "band", "mode", "equity", "maintenanceMargin", "marginRatio", "freeboard",
        "asset", "positions", "isStale",
    ]

    private func request(_ count: Int, _ cursor: String?) -> ServerRequest {
        ServerRequest(
            "accounts",
            query: [
                ("venue", venue), ("band", band), ("sort", sort), ("search", search),
                ("limit", "\(count)"), ("cursor", cursor),
            ]
        )
    }

    private func tell(_ console: Console, _ last: Document, _ cursor: String?) {
        if cursor != nil { console.note("There are more; --all shows all.") }
        let stale = last["stale"].items.compactMap(\.text)
        if !stale.isEmpty { console.note("stale prices: \(stale.joined(separator: ", "))") }
    }
}

/// Accounts as lines of 80 columns.
struct AccountTable {
    private var table = TextTable([
        ("account", .left), ("band", .left), ("ratio", .right), ("equity", .right),
        ("maint", .right), ("freeboard", .right), ("", .left), ("", .left),
    ])
    private var isEmpty = true

    /// Adds an item of `/v1/accounts`.
    mutating func add(_ item: Document) {
        isEmpty = false
        let asset = item["asset"].text ?? ""
        let mode = PoolMode.allCases.first { $0.word == item["mode"].text } ?? .normal
        let band = Band(word: item["band"].text) ?? .safe
        table.add([
            .init(Excerpt.clipped(item["account"].text ?? "", to: 20), .bold),
            .init(band == .liquidation ? "liq" : band.word, band.ink),
            .init(item["marginRatio"].solved.map { NumberText.percent($0) } ?? "–"),
            .init(money(item["equity"], asset)), .init(money(item["maintenanceMargin"], asset)),
            .init(money(item["freeboard"], asset)), .init(asset, .faint),
            .init(
                [mode == .liquidating ? "!" : "", item["isStale"].isTrue ? "stale" : ""]
                    .filter { !$0.isEmpty }.joined(separator: " "),
                .yellow
            ),
        ])
    }

    private func money(_ value: Document, _ asset: String) -> String {
        value.money.map { NumberText.money($0, digits: AssetDigits.of(asset)) } ?? "–"
    }

    /// Prints the lines, or that there are none.
    func print(_ console: Console) {
        guard !isEmpty else {
            console.print("No account is there.")
            return
        }
        for line in table.lines(console) { console.print(line) }
    }
}

extension Excerpt {
    /// `text`, or its beginning where it has more than `limit` characters.
    static func clipped(_ text: String, to limit: Int) -> String {
        text.count <= limit ? text : text.prefix(limit - 1) + "…"
    }
}
