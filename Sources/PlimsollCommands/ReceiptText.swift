import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// A receipt as text, for people.
struct ReceiptText {
    let receipt: Receipt
    let console: Console
    let isVerified: Bool
    let account: String?

    init(receipt: Receipt, console: Console, isVerified: Bool, of account: String?) {
        self.receipt = receipt
        self.console = console
        self.isVerified = isVerified
        self.account = account
    }

    /// Prints each step, and with `--verify` whether its lines hold.
    func print() {
        let place = "Liquidation \(receipt.number) of \(receipt.count)"
        console.print(
            console.inked(place, .bold) + " · \(receipt.accountName) · \(receipt.poolName) · "
                + receipt.rulebook
        )
        if let account, account != receipt.accountName {
            console.print("what concerns \(account)")
        }
        var last: Receipt.Step?
        for step in receipt.steps {
            if step.type == "replayed" {
                console.print()
            } else if last?.line != step.line || last?.time != step.time {
                console.print()
                console.print(
                    console.inked("\(Moment.text(step.time))  line \(step.line)", .faint)
                )
            }
            last = step
            console.print("  " + console.inked(step.title, .bold))
            for detail in step.details { console.print("    \(detail)") }
            for check in step.checks { print(check) }
        }
        if receipt.outcome == nil {
            console.print()
            console.print("It is still under way where the file ends.")
        }
        guard isVerified else { return }
        console.print()
        console.print(verdict)
    }

    private func print(_ check: Receipt.Check) {
        let sign =
            switch check.result {
            case .holds: console.inked("✓", .green)
            case .fails: console.inked("✗", .redBold)
            case .open: console.inked("?", .yellow)
            }
        console.print("    \(sign) \(check.what): \(check.detail)")
    }

    private var verdict: String {
        let results = receipt.checks.map(\.result)
        let fails = results.count { $0 == .fails }
        let open = results.count { $0 == .open }
        if fails > 0 {
            return console.inked("DOES NOT HOLD", .redBold)
                + ": \(fails) of \(NumberText.times(results.count, "check"))"
        }
        guard open == 0 else {
            return "\(NumberText.times(open, "check")) of \(results.count) could not be made; "
                + "the others hold."
        }
        return console.inked("HOLDS", .green)
            + ": \(NumberText.times(results.count, "check"))"
    }
}
