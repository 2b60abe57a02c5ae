internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollWire

/// `plimsoll explain`.
struct ExplainCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Every figure of an account opened into its terms, down to a check line.",
        discussion: """
            Terms come from the computation that gave the figures. A solved price is put back: the \
            pool's equity and maintenance at the nearest prices on either side.
            """
    )

    static let examples = [
        "plimsoll explain examples/alice.yaml BTCUSDT",
        "plimsoll explain --json examples/alice.yaml",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The account file, or - for standard input.")
    var file: String

    @Argument(help: "The symbol whose prices are explained; without it, all of them.")
    var symbol: String?

    @Option(name: .long, help: "A rulebook instead of the one that the file names: id or path.")
    var rulebook: String?

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let loaded = try AccountFile.open(file, rulebook: rulebook, options, console)
        if let symbol { _ = try loaded.position(named: symbol) }
        let explanation = loaded.engine.explain(loaded.account, symbol: symbol)
        if options.json {
            var writer = JSONWriter(pretty: true)
            writer.explanation(
                explanation,
                directory: loaded.engine.directory,
                rulebook: loaded.rulebook.rulebook,
                notes: loaded.notes
            )
            console.print(writer.bytes)
        } else {
            ExplainText(explanation: explanation, loaded: loaded, symbol: symbol, console: console)
                .print()
        }
        return explanation.account.isInsufficient ? .insufficientData : .success
    }
}

extension LoadedAccount {
    /// The legs that the account holds in `symbol`, or a failure that names the nearest.
    func position(named symbol: String) throws(CommandFailure) -> [PositionReport] {
        let held = engine.report(account, prices: false).positions
        let legs = held.filter { $0.symbol == symbol }
        guard legs.isEmpty else { return legs }
        let symbols = held.map(\.symbol)
        let list = symbols.isEmpty ? "no position" : symbols.joined(separator: ", ")
        throw .notFound(
            problem: "the account holds no position in \(Excerpt.quoted(symbol)).",
            remedy: Spelling.nearest(to: symbol, among: symbols).map { "Did you mean '\($0)'?" }
                ?? "It holds \(list)."
        )
    }
}
