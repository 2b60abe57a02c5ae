package import Plimsoll
package import PlimsollReports
package import PlimsollUnits
package import PlimsollWire

/// What `POST /v1/accounts/{id}/check` asks for: whether an order would be accepted.
package struct CheckRequest: Hashable, Sendable {
    package var symbol: String
    package var side: Side
    package var quantity: Quantity
    /// The limit price; `nil`: the mark.
    package var price: Price?
    /// The leverage of the symbol; `nil`: the account's.
    package var leverage: Leverage?
    /// The leg in hedge mode; `nil`: the one that the side opens, or closes where it only reduces.
    package var leg: Leg?
    package var reduceOnly = false

    /// The request that a body makes.
    package init(_ fields: NodeReader) throws(QueryFault) {
        self = try asked { () throws(InputFault) in try CheckRequest(reading: fields) }
    }

    private init(reading fields: NodeReader) throws(InputFault) {
        try fields.allow([
            "symbol", "side", "quantity", "price", "leverage", "leg", "reduceOnly",
        ])
        symbol = try fields.name("symbol")
        side = try fields.enumeration("side", Side.words)
        quantity = try fields.positiveQuantity("quantity")
        price = try fields.optional("price")?.price()
        leverage = try fields.optional("leverage")?.leverage()
        leg = try fields.optional("leg")?.enumeration(Leg.words)
        reduceOnly = try fields.optional("reduceOnly")?.boolean() ?? false
    }
}

/// What a pre-trade check says, as `plimsoll check --json`.
package struct CheckResult: QueryAnswer {
    package let answer: CheckAnswer
    package let stamp: AnswerStamp
    private let account: String
    private let rulebook: Rulebook?

    /// The answer to an order of an account.
    package init(
        _ engine: Engine,
        _ account: AccountID,
        _ request: CheckRequest
    ) throws(QueryFault) {
        let venue = engine.venue(of: account)
        let instrument = try engine.instrument(named: request.symbol, in: venue)
        self.account = engine.directory.name(account)
        rulebook = engine.rulebook(of: venue)
        guard let leverage = request.leverage else {
            answer = try Self.answer(engine, account, instrument, request)
            stamp = AnswerStamp(engine, venue, stale: answer.isStale ? [request.symbol] : [])
            return
        }
        // Another leverage is a change of the account: it is made where only the account is.
        var lone = LoneAccount(engine, account)
        let configured = AccountConfigured(
            account: lone.account,
            instrument: instrument,
            leverage: leverage
        )
        try answered { () throws(Rejection) in try lone.apply(.accountConfigured(configured)) }
        answer = try Self.answer(lone.engine, lone.account, instrument, request)
        stamp = AnswerStamp(engine, venue, stale: answer.isStale ? [request.symbol] : [])
    }

    private static func answer(
        _ engine: Engine,
        _ account: AccountID,
        _ instrument: InstrumentID,
        _ request: CheckRequest
    ) throws(QueryFault) -> CheckAnswer {
        guard let price = request.price ?? engine.mark(of: instrument) else {
            throw .refused(.noMark(symbol: request.symbol))
        }
        let order = OrderPlaced(
            account: account,
            order: "check",
            instrument: instrument,
            side: request.side,
            leg: request.leg
                ?? engine.leg(of: account, request.side, reduceOnly: request.reduceOnly),
            quantity: request.quantity,
            price: price,
            reduceOnly: request.reduceOnly
        )
        return try answered { () throws(Rejection) in
            try CheckAnswer(engine, order, symbol: request.symbol)
        }
    }

    package func write(to json: inout JSONWriter) {
        json.check(answer, account: account, rulebook: rulebook, notes: []) { object in
            object.field("asOf", number: stamp.asOf.milliseconds)
            object.field("seq", number: stamp.sequence)
            object.field("stale", texts: stamp.stale)
        }
    }
}

extension Engine {
    /// The leg that an order goes to where none is named.
    func leg(of account: AccountID, _ side: Side, reduceOnly: Bool) -> Leg {
        guard positionMode(of: account) == .hedge else { return .net }
        return (side == .buy) != reduceOnly ? .long : .short
    }
}
