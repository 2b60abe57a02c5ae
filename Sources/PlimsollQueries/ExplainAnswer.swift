package import Plimsoll
import PlimsollReports
package import PlimsollWire

/// Every figure of an account opened into its terms: `GET /v1/accounts/{id}/explain`.
package struct ExplainAnswer: QueryAnswer {
    package let explanation: Explanation
    package let stamp: AnswerStamp
    private let directory: Directory
    private let rulebook: Rulebook?

    /// The parameters of the query: `symbol` limits the solved prices to one.
    package static func symbol(_ fields: NodeReader) throws(QueryFault) -> String? {
        try asked { () throws(InputFault) in
            try fields.allow(["symbol"])
            return try fields.optional("symbol")?.name()
        }
    }

    /// The explanation of an account.
    package init(
        _ engine: Engine,
        _ account: AccountID,
        symbol: String? = nil
    ) throws(QueryFault) {
        let venue = engine.venue(of: account)
        if let symbol { _ = try engine.instrument(named: symbol, in: venue) }
        explanation = engine.explain(account, symbol: symbol)
        if let symbol, !explanation.account.positions.contains(where: { $0.symbol == symbol }) {
            throw .refused(.noPosition(symbol: symbol))
        }
        directory = engine.directory
        rulebook = engine.rulebook(of: venue)
        stamp = AnswerStamp(engine, venue, stale: explanation.account.stale)
    }

    package func write(to json: inout JSONWriter) {
        json.explanation(explanation, directory: directory, rulebook: rulebook, notes: []) {
            $0.field("asOf", number: stamp.asOf.milliseconds)
            $0.field("seq", number: stamp.sequence)
        }
    }
}
