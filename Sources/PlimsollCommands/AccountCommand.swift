internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// Which account of a server a command is about, and when.
struct AccountOptions: ParsableArguments {
    @Argument(help: "The account.")
    var account: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "As it was then: UTC, such as 2025-10-10T21:17:42.318Z, or milliseconds.",
            valueName: "time"
        )
    )
    var at: String?

    @Option(name: .long, help: "The venue, where a server has several.")
    var venue: String?

    /// The question about the account, or a part of what is known of it.
    func request(_ part: String...) throws(CommandFailure) -> ServerRequest {
        let moment = try at.map { (text) throws(CommandFailure) in
            try Moment.argument(text, option: "--at")
        }
        var request = ServerRequest(
            "accounts",
            account,
            query: [
                ("venue", venue), ("at", moment.map { "\($0.nanoseconds / 1_000_000)" }),
            ]
        )
        if let part = part.first {
            let query = request.target.firstIndex(of: "?") ?? request.target.endIndex
            request.target.insert(contentsOf: "/\(part)", at: query)
        }
        return request
    }
}

/// `plimsoll account`.
struct AccountCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "An account of a server, as `calc` shows one of a file.",
        discussion: "Exit code 7: it rests on a stale price, or a price is missing."
    )

    static let examples = [
        "plimsoll account alice",
        "plimsoll account alice --at 2025-10-10T21:17:42Z --json",
    ]

    @OptionGroup var options: GlobalOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var chosen: AccountOptions

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let request = try chosen.request()
        return try server.connected(console) { (client) throws(CommandFailure) in
            let node = try client.document(request)
            let (answer, view) = try AccountView.read(node, client)
            if options.json {
                console.print(JSONWriter.pretty(node))
            } else {
                CalcText(view, title: answer.title(chosen.account), console: console).print()
            }
            return view.exitCode
        }
    }
}

/// `plimsoll positions`.
struct PositionsCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "positions",
        abstract: "The open positions of an account of a server.",
        discussion: "Exit code 7: a price is stale or missing."
    )

    static let examples = [
        "plimsoll positions alice",
        "plimsoll positions alice --csv",
    ]

    @OptionGroup var options: GlobalOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var form: ListForm
    @OptionGroup var chosen: AccountOptions

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        try form.check(json: options.json)
        if form.isTable(json: options.json) { return try printTable(console) }
        let request = try chosen.request("positions")
        return try server.connected(console) { (client) throws(CommandFailure) in
            let node = try client.document(request)
            let answer = Document(node)
            if options.json {
                console.print(JSONWriter.pretty(node))
            } else {
                var list = ListOutput(Self.fields, form, isJSON: false, console)
                for item in answer["items"].items { list.add(item) }
            }
            let isKnown = answer["items"].items.allSatisfy { position in
                position["markPrice"].isThere
                    && position["liquidationPriceReason"].text != NoPrice.missingPrice.rawValue
            }
            return isKnown && answer["stale"].items.isEmpty ? .success : .insufficientData
        }
    }

    private static let fields = [
        "symbol", "leg", "asset", "quantity", "entryPrice", "markPrice", "notional",
        "unrealizedPnl",
        "leverage", "marginMode", "isolatedMargin", "initialMargin", "maintenanceMargin",
        "liquidationPrice", "bankruptcyPrice", "effectiveLeverage",
    ]

    /// The whole account is asked for: its title says how it stands.
    private func printTable(_ console: Console) throws(CommandFailure) -> ExitCode {
        let request = try chosen.request()
        return try server.connected(console) { (client) throws(CommandFailure) in
            let (answer, view) = try AccountView.read(try client.document(request), client)
            let text = CalcText(view, title: answer.title(chosen.account), console: console)
            console.print(text.title)
            if view.positions.isEmpty {
                console.print("No position is open.")
            } else {
                text.printPositions()
            }
            return view.exitCode
        }
    }
}

extension AccountView {
    /// What a server has answered about an account.
    fileprivate static func read(
        _ node: Node,
        _ client: ServerClient
    ) throws(CommandFailure) -> (answer: Document, view: AccountView) {
        let answer = Document(node)
        guard let view = AccountView(answer) else {
            throw .refused(
                problem: "\(client.address.text) did not answer with an account.",
                remedy: "Is it a Plimsoll server of this version?"
            )
        }
        return (answer, view)
    }

    /// Some figures rest on a stale price, or are missing for want of one.
    fileprivate var exitCode: ExitCode {
        stale.isEmpty && missing.isEmpty ? .success : .insufficientData
    }
}

extension Document {
    /// `alice · binance-usdm@2026-09-29 · 2025-10-10T21:17:42Z · event 812`.
    fileprivate func title(_ account: String) -> String {
        var parts = [self["account"].text ?? account]
        if let id = self["rulebook"]["id"].text {
            parts.append("\(id)@\(self["rulebook"]["version"].text ?? "")")
        }
        if let asOf = self["asOf"].moment { parts.append(Moment.text(asOf)) }
        if let sequence = self["seq"].integer {
            parts.append("event \(NumberText.count(sequence))")
        }
        return parts.joined(separator: " · ")
    }
}
