internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// `plimsoll check`.
struct CheckCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Would an order pass? If not: why, and the largest size that would.",
        discussion: "Exits with 6 if the order would be refused."
    )

    static let examples = [
        "plimsoll check --account examples/alice.yaml BUY 1.5 BTCUSDT",
        "plimsoll check --account examples/alice.yaml SELL 5 ETHUSDT --price 2960 --json",
    ]

    @OptionGroup var options: GlobalOptions

    @Option(name: .long, help: "The account file, or - for standard input.")
    var account: String

    @Argument(help: "BUY or SELL.")
    var side: String

    @Argument(help: "The size: units of the base, of the quote currency for inverse contracts.")
    var quantity: String

    @Argument(help: "The symbol; the account file needs a mark price of it.")
    var symbol: String

    @Option(name: .long, help: "The limit price; without it, the mark.")
    var price: String?

    @Option(name: .long, help: "The leverage of the symbol; without it, the account's.")
    var leverage: String?

    @Flag(name: .long, help: "The order may only make a position smaller.")
    var reduceOnly = false

    @Option(name: .long, help: "A rulebook instead of the one that the file names: id or path.")
    var rulebook: String?

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        guard let side = Side.words.first(where: { $0.key == self.side.lowercased() })?.value else {
            throw .usage(
                problem: "\(Excerpt.quoted(self.side)) is not a side.",
                remedy: "Write BUY or SELL."
            )
        }
        let quantity = try argument("QUANTITY", quantity) { (reader) throws(InputFault) in
            try reader.positiveQuantity()
        }
        var loaded = try AccountFile.open(account, rulebook: rulebook, options, console)
        let choice = try loaded.instrument(named: symbol)
        if let leverage {
            let leverage = try argument("--leverage", leverage) { (reader) throws(InputFault) in
                try reader.leverage()
            }
            try configure(&loaded, choice, leverage)
        }
        var limit = loaded.engine.mark(of: choice.id)
        if let price {
            limit = try argument("--price", price) { (reader) throws(InputFault) in
                try reader.price()
            }
        }
        guard let limit else {
            throw .insufficientData(
                problem: "there is no mark price of \(symbol).",
                remedy: "Add it under 'marks' of the account file."
            )
        }
        let placed = OrderPlaced(
            account: loaded.account,
            order: "check",
            instrument: choice.id,
            side: side,
            leg: leg(side, loaded),
            quantity: quantity,
            price: limit,
            reduceOnly: reduceOnly
        )
        let answer = try checked(loaded.engine, placed)
        if options.json {
            var writer = JSONWriter(pretty: true)
            writer.check(
                answer,
                account: loaded.engine.directory.name(loaded.account),
                rulebook: loaded.rulebook.rulebook,
                notes: loaded.notes
            )
            console.print(writer.bytes)
        } else {
            answer.print(console)
        }
        guard answer.passes else { return .finding }
        return answer.isStale ? .insufficientData : .success
    }

    private func checked(
        _ engine: Engine,
        _ order: OrderPlaced
    ) throws(CommandFailure) -> CheckAnswer {
        do throws(Rejection) {
            return try CheckAnswer(engine, order, symbol: symbol)
        } catch {
            throw .insufficientData(problem: "\(error.problem).", remedy: error.remedy)
        }
    }

    private func argument<Value>(
        _ name: String,
        _ text: String,
        _ read: (NodeReader) throws(InputFault) -> Value
    ) throws(CommandFailure) -> Value {
        let node = Node(.scalar(text, quoted: false), at: Mark(line: 1, column: 1))
        do {
            return try read(NodeReader(node, file: "", path: name))
        } catch {
            throw .usage(problem: "\(name): \(error.problem)", remedy: error.remedy)
        }
    }

    private func configure(
        _ loaded: inout LoadedAccount,
        _ choice: InstrumentChoice,
        _ leverage: Leverage
    ) throws(CommandFailure) {
        var effects: [Effect] = []
        do throws(Rejection) {
            try loaded.engine.apply(
                Event(
                    time: loaded.engine.clock,
                    body: .accountConfigured(
                        AccountConfigured(
                            account: loaded.account,
                            instrument: choice.id,
                            leverage: leverage
                        )
                    )
                ),
                emitting: &effects
            )
        } catch {
            throw .usage(problem: "\(error.problem).", remedy: error.remedy)
        }
    }

    private func leg(_ side: Side, _ loaded: LoadedAccount) -> Leg {
        guard loaded.positionMode == .hedge else { return .net }
        return (side == .buy) != reduceOnly ? .long : .short
    }
}

extension LoadedAccount {
    /// The position mode of the account, by the legs that it may have.
    var positionMode: PositionMode { isHedge ? .hedge : .oneWay }
}

extension CheckAnswer {
    /// Prints the answer as text.
    func print(_ console: Console) {
        let side = order.side.word.uppercased()
        let what =
            "\(side) \(NumberText.exact(order.quantity.description)) \(symbol) at "
            + NumberText.exact(order.price.description)
        guard let check else {
            console.print(
                console.inked("FAIL", .redBold) + " \(rejection?.code ?? ""): \(what): "
                    + "\(rejection?.problem ?? "")."
            )
            if let rejection { console.print("  \(rejection.remedy)") }
            return
        }
        let digits = AssetDigits.of(check.asset)
        func money(_ money: Money) -> String { NumberText.money(money, digits: digits) }
        let largest = "\(NumberText.exact(check.largestQuantity.description)) \(base)"
        let needs =
            "needs \(money(check.required)) \(check.asset), \(money(check.available)) available"
        if check.passes {
            console.print(console.inked("PASS", .green) + " \(what): \(needs).")
            console.print("  Largest that passes: \(largest)")
        } else {
            let code = rejection?.code ?? ""
            console.print(console.inked("FAIL", .redBold) + " \(code): \(what) \(needs).")
            if let rejection, !isMargin { console.print("  \(rejection.problem).") }
            console.print("  Largest that passes: \(largest)")
            if let rejection { console.print("  \(rejection.remedy)") }
        }
        var parts = ["initial margin \(money(check.initialMargin))"]
        if check.openLoss != .zero { parts.append("open loss \(money(check.openLoss))") }
        if check.fees != .zero { parts.append("fees \(money(check.fees))") }
        if parts.count > 1 { console.print("  " + parts.joined(separator: " + ")) }
        if check.isStale { console.print("  The mark price is older than the rulebook allows.") }
    }

    private var isMargin: Bool {
        if case .insufficientMargin? = rejection { return true }
        return false
    }
}
