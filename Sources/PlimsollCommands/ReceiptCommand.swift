internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollWire

/// `plimsoll receipt`.
struct ReceiptCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "receipt",
        abstract: "One liquidation, step by step, with the arithmetic of each.",
        discussion: """
            Replays the events and prints what belongs to the liquidation: why it began, each order \
            and its limit, fills, takeover, deleveraging, who paid. --verify computes it all again; \
            exit code 6 says that something does not hold, 7 that something could not be checked.
            """
    )

    static let examples = [
        "plimsoll receipt 1 examples/liquidation.ndjson",
        "plimsoll receipt 1 --verify --account bob examples/liquidation.ndjson",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The number of the liquidation, from 1, as in `plimsoll replay --json`.")
    var id: UInt64

    @Argument(help: "The event file: .ndjson, .ndjson.gz, or - for standard input.")
    var events = "-"

    @Option(name: .long, help: "Only what concerns this account.")
    var account: String?

    @Flag(name: .long, help: "Compute every line again and say whether it holds.")
    var verify = false

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        var receipt = try build()
        if let account {
            guard let chosen = receipt.names.first(where: { $0.value == account })?.key else {
                let names = receipt.names.values.sorted()
                let near = Spelling.nearest(to: account, among: names)
                throw .notFound(
                    problem: "liquidation \(id) does not concern an account "
                        + "\(Excerpt.quoted(account)).",
                    remedy: near.map { "Did you mean '\($0)'?" }
                        ?? "It concerns \(names.joined(separator: ", "))."
                )
            }
            receipt = receipt.concerning(chosen)
        }
        if options.json {
            var writer = JSONWriter(pretty: true)
            writer.receipt(receipt, isVerified: verify, account: account)
            console.print(writer.bytes)
        } else {
            ReceiptText(receipt: receipt, console: console, isVerified: verify, of: account)
                .print()
        }
        guard verify else { return .success }
        let results = receipt.checks.map(\.result)
        if results.contains(.fails) { return .finding }
        return results.contains(.open) ? .insufficientData : .success
    }

    private func build() throws(CommandFailure) -> Receipt {
        let count: UInt64
        do throws(InputFault) {
            let history = try EventFileHistory(file: events)
            let found = try ReceiptReplay(history, number: id, verifies: verify).receipt()
            if let receipt = found.receipt { return receipt }
            count = found.count
        } catch {
            throw .input(InputFaults(error))
        }
        let remedy =
            switch count {
            case 0: "It has none: nothing was liquidated."
            case 1: "It has one: 1."
            default: "It has \(NumberText.count(Int(clamping: count))): 1 to \(count)."
            }
        throw .notFound(problem: "\(events) has no liquidation \(id).", remedy: remedy)
    }
}
