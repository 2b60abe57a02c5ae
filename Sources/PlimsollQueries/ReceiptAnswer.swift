package import Plimsoll
package import PlimsollReports
package import PlimsollWire

/// One liquidation, step by step and computed again: `GET /v1/liquidations/{number}`.
package struct ReceiptAnswer: QueryAnswer {
    package let receipt: Receipt
    private let account: String?

    /// The receipt of a liquidation of a history; with an account only what concerns that one.
    ///
    /// - Throws: that there is no such liquidation in the history, or that it does not concern the account.
    package init<History: EventHistory>(
        _ number: UInt64,
        of history: History,
        concerning account: AccountID? = nil
    ) throws(ReceiptFault<History.Failure>) {
        let found: (receipt: Receipt?, count: UInt64)
        do throws(History.Failure) {
            found = try ReceiptReplay(history, number: number, verifies: true).receipt()
        } catch {
            throw .unreadable(error)
        }
        guard let whole = found.receipt else {
            throw .fault(
                .notFound(
                    problem: "there is no liquidation \(number) with all that belongs to it.",
                    remedy: found.count == 0
                        ? "Nothing was liquidated." : "There are 1 to \(found.count)."
                )
            )
        }
        guard let account else {
            (receipt, self.account) = (whole, nil)
            return
        }
        guard let name = whole.names[account] else {
            throw .fault(
                .notFound(
                    problem: "liquidation \(number) does not concern the account.",
                    remedy: "Ask for one that does."
                )
            )
        }
        (receipt, self.account) = (whole.concerning(account), name)
    }

    package func write(to json: inout JSONWriter) {
        json.receipt(receipt, isVerified: true, account: account)
    }
}

/// Why there is no receipt.
package enum ReceiptFault<Failure: Error>: Error {
    /// The history cannot be read.
    case unreadable(Failure)
    /// The question has no answer.
    case fault(QueryFault)
}
