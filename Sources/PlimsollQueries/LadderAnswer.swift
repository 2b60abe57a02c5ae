package import Plimsoll
import PlimsollReports
package import PlimsollUnits
package import PlimsollWire

/// What `GET /v1/accounts/{id}/ladder` asks for.
package struct LadderRequest: Hashable, Sendable {
    /// Whose price moves.
    package var symbol: String
    /// The leg in hedge mode; `nil`: the first that is held.
    package var leg: Leg?
    /// The lowest price by the mark, less one.
    package var from = Rate(unchecked: -30_000_000)
    /// The highest price by the mark, less one.
    package var to = Rate(unchecked: 30_000_000)
    /// How many prices.
    package var steps = 61

    /// Thirty per cent around the mark, per cent by per cent.
    package init(symbol: String) { self.symbol = symbol }

    /// The request that the parameters of a query make; `from` and `to` are per cent of the mark.
    package init(_ fields: NodeReader) throws(QueryFault) {
        self = try asked { () throws(InputFault) in try LadderRequest(reading: fields) }
    }

    private init(reading fields: NodeReader) throws(InputFault) {
        try fields.allow(["symbol", "leg", "from", "to", "steps"])
        symbol = try fields.name("symbol")
        leg = try fields.optional("leg")?.enumeration(Leg.words)
        if let field = fields.optional("from") { from = try Self.perCent(field) }
        if let field = fields.optional("to") { to = try Self.perCent(field) }
        if let field = fields.optional("steps") {
            steps = Int(try field.integer(in: 2...1_000))
        }
        guard from < to else {
            throw fields.fault(
                "'from' is not below 'to'.",
                remedy: "Give the lower price first, such as from=-30 and to=30."
            )
        }
    }

    /// Per cent, as a fraction: above −100 % and at most 900 %.
    private static func perCent(_ field: NodeReader) throws(InputFault) -> Rate {
        let units = try field.decimal(scale: 6)
        guard units > -PowerOfTen.eight, units <= 9 * PowerOfTen.eight else {
            throw field.fault(
                "the change is not above -100 % and at most 900 %.",
                remedy: "Give per cent of the mark, such as -30."
            )
        }
        return Rate(unchecked: Int64(units))
    }
}

/// A pool over a range of prices of one symbol.
package struct LadderAnswer: QueryAnswer {
    /// The pool at one price.
    package struct Rung: Hashable, Sendable {
        /// The price by the mark, less one.
        package var change: Rate
        package var rung: LadderRung
    }

    package let symbol: String
    package let leg: Leg
    package let mark: Price
    package let items: [Rung]
    package let stamp: AnswerStamp

    /// The ladder of a position that an account holds.
    package init(
        _ engine: Engine,
        _ account: AccountID,
        _ request: LadderRequest
    ) throws(QueryFault) {
        let instrument = try engine.instrument(
            named: request.symbol,
            in: engine.venue(of: account)
        )
        let report = engine.report(account, prices: false)
        let position = report.positions.first {
            $0.instrument == instrument && (request.leg == nil || $0.leg == request.leg)
        }
        guard let position else { throw .refused(.noPosition(symbol: request.symbol)) }
        guard let mark = position.markPrice else {
            throw .refused(.noMark(symbol: request.symbol))
        }
        let changes = request.changes
        let rungs = try answered { () throws(Rejection) in
            try engine.ladder(
                account,
                instrument,
                leg: position.leg,
                prices: changes.map { mark.moved(by: $0) }
            )
        }
        symbol = request.symbol
        leg = position.leg
        self.mark = mark
        items = zip(changes, rungs).map { Rung(change: $0, rung: $1) }
        stamp = AnswerStamp(engine, engine.venue(of: account), stale: report.stale)
    }

    package func write(to json: inout JSONWriter) {
        json.object { object in
            object.field("symbol", symbol)
            object.field("leg", leg.word)
            object.field("mark", decimal: mark)
            object.stamp(stamp)
            object.key("items")
            object.array { list in
                for item in items {
                    list.object { entry in
                        entry.field("change", decimal: item.change)
                        entry.field("price", decimal: item.rung.price)
                        entry.field("equity", decimal: item.rung.equity)
                        entry.field("initialMargin", decimal: item.rung.initialMargin)
                        entry.field("maintenanceMargin", decimal: item.rung.maintenanceMargin)
                        entry.field("marginRatio", decimal: item.rung.marginRatio)
                        entry.field("band", item.rung.band.word)
                    }
                }
            }
        }
    }
}

extension LadderRequest {
    /// The changes, evenly spread, both ends included.
    var changes: [Rate] {
        let width = Int128(to.units) - Int128(from.units)
        return (0..<steps).map { step in
            let offset = (width * Int128(step)).divided(
                by: Int128(max(1, steps - 1)),
                rounding: .halfEven
            )
            return Rate(unchecked: from.units + Int64(offset))
        }
    }
}
