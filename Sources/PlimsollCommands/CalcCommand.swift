internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollWire

/// `plimsoll calc`.
struct CalcCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "calc",
        abstract: "Equity, margins and liquidation prices of an account file.",
        discussion: "The file is YAML or JSON; docs/formats/accounts.md describes it."
    )

    static let examples = [
        "plimsoll calc examples/alice.yaml",
        "plimsoll calc --json - < examples/order-hedge.yaml",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The account file, or - for standard input.")
    var file: String

    @Option(name: .long, help: "A rulebook instead of the one that the file names: id or path.")
    var rulebook: String?

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let loaded = try AccountFile.open(file, rulebook: rulebook, options, console)
        let report = loaded.engine.report(loaded.account)
        if options.json {
            var writer = JSONWriter(pretty: true)
            writer.report(report, of: loaded)
            console.print(writer.bytes)
        } else {
            CalcText(report: report, loaded: loaded, console: console).print()
        }
        return report.isInsufficient ? .insufficientData : .success
    }
}

extension AccountReport {
    /// Some figures rest on a stale price, or are missing for want of one.
    var isInsufficient: Bool { !stale.isEmpty || !missing.isEmpty }
}
