package import Plimsoll
import PlimsollReports
package import PlimsollUnits
package import PlimsollWire

/// What `POST /v1/accounts/{id}/whatif` asks for: other prices, a deposit, a trade, in this order.
package struct WhatIfRequest: Hashable, Sendable {
    /// The price of a symbol or an asset moved by a fraction.
    package struct Shock: Hashable, Sendable {
        package var name: String
        package var change: Rate

        /// A shock of one price.
        package init(name: String, change: Rate) {
            self.name = name
            self.change = change
        }
    }

    /// An amount that is paid in.
    package struct Deposit: Hashable, Sendable {
        package var asset: String
        package var amount: Money
    }

    /// A trade with the rest of the world, without fees: an engine does not know them before.
    package struct Trade: Hashable, Sendable {
        package var symbol: String
        package var side: Side
        package var quantity: Quantity
        /// `nil`: the mark, after the shocks.
        package var price: Price?
        /// The leg in hedge mode; `nil`: the one that the side opens.
        package var leg: Leg?
    }

    package var shocks: [Shock] = []
    package var deposit: Deposit?
    package var trade: Trade?

    /// Nothing is different.
    package init() {}

    /// The request that a body makes.
    package init(_ fields: NodeReader) throws(QueryFault) {
        self = try asked { () throws(InputFault) in try WhatIfRequest(reading: fields) }
    }

    private init(reading fields: NodeReader) throws(InputFault) {
        try fields.allow(["shocks", "deposit", "trade"])
        for (name, value) in try fields.optional("shocks")?.fields() ?? [] {
            let change = try value.rate()
            guard change.units > -Int64(PowerOfTen.eight) else {
                throw value.fault(
                    "a price cannot fall by \(change), which is all of it or more.",
                    remedy: "Give a fraction above -1, such as -0.12 for 12 % down."
                )
            }
            shocks.append(Shock(name: name, change: change))
        }
        if let field = fields.optional("deposit") {
            try field.allow(["asset", "amount"])
            deposit = Deposit(
                asset: try field.name("asset"),
                amount: try field.positiveMoney("amount")
            )
        }
        guard let field = fields.optional("trade") else { return }
        try field.allow(["symbol", "side", "quantity", "price", "leg"])
        trade = Trade(
            symbol: try field.name("symbol"),
            side: try field.enumeration("side", Side.words),
            quantity: try field.positiveQuantity("quantity"),
            price: try field.optional("price")?.price(),
            leg: try field.optional("leg")?.enumeration(Leg.words)
        )
    }
}

/// An account now, and as it would be.
///
/// The experiment is made in an engine with that account alone, so it costs the same in a book of any size.
/// A symbol's shock moves its mark, an asset's its index, and nothing else. Bands and modes are those that
/// follow; nobody is liquidated.
package struct WhatIf: QueryAnswer {
    package let now: AccountAnswer
    /// `nil` where something is refused.
    package let after: AccountAnswer?
    /// Why there is nothing after.
    package let problem: Rejection?

    /// The account as it would be after `request`.
    ///
    /// - Throws: that a name is not known; what the engine refuses is `problem`.
    package init(
        _ engine: Engine,
        _ account: AccountID,
        _ request: WhatIfRequest
    ) throws(QueryFault) {
        now = AccountAnswer(engine, account)
        var experiment = Experiment(engine, account)
        do throws(Experiment.Stop) {
            try experiment.run(request)
            after = AccountAnswer(experiment.lone.engine, experiment.lone.account)
                .stamped(now.stamp)
            problem = nil
        } catch {
            switch error {
            case .fault(let fault): throw fault
            case .rejection(let rejection):
                after = nil
                problem = rejection
            }
        }
    }

    package func write(to json: inout JSONWriter) {
        json.object { object in
            object.key("now")
            now.write(to: &object)
            object.key("after")
            if let after { after.write(to: &object) } else { object.null() }
            object.key("problem")
            if let problem { object.problem(problem) } else { object.null() }
        }
    }
}

/// What is done with a copy of an account.
private struct Experiment {
    enum Stop: Error {
        case fault(QueryFault)
        case rejection(Rejection)
    }

    var lone: LoneAccount
    let venue: VenueID

    init(_ engine: Engine, _ account: AccountID) {
        lone = LoneAccount(engine, account)
        venue = engine.venue(of: account)
    }

    mutating func run(_ request: WhatIfRequest) throws(Stop) {
        for shock in request.shocks { try move(shock) }
        if let deposit = request.deposit {
            let asset = try named { engine throws(QueryFault) in
                try engine.asset(named: deposit.asset, in: venue)
            }
            try apply(
                .deposited(
                    Deposited(account: lone.account, asset: asset, amount: deposit.amount)
                )
            )
        }
        if let trade = request.trade { try self.trade(trade) }
    }

    /// A symbol's mark, or an asset's index.
    private mutating func move(_ shock: WhatIfRequest.Shock) throws(Stop) {
        if let asset = lone.engine.directory.asset(shock.name, in: venue),
            lone.engine.directory.instrument(shock.name, in: venue) == nil
        {
            guard let index = lone.engine.index(of: asset) else {
                throw .rejection(.noIndex(asset: shock.name))
            }
            return try allowed { lone throws(Rejection) in
                try lone.set(index: index.moved(by: shock.change), of: asset)
            }
        }
        let instrument = try named { engine throws(QueryFault) in
            try engine.instrument(named: shock.name, in: venue)
        }
        guard let mark = lone.engine.mark(of: instrument) else {
            throw .rejection(.noMark(symbol: shock.name))
        }
        try allowed { lone throws(Rejection) in
            try lone.set(mark: mark.moved(by: shock.change), of: instrument)
        }
    }

    /// The order must pass, and is filled at its price.
    private mutating func trade(_ trade: WhatIfRequest.Trade) throws(Stop) {
        let instrument = try named { engine throws(QueryFault) in
            try engine.instrument(named: trade.symbol, in: venue)
        }
        guard let price = trade.price ?? lone.engine.mark(of: instrument) else {
            throw .rejection(.noMark(symbol: trade.symbol))
        }
        let leg = trade.leg ?? lone.engine.leg(of: lone.account, trade.side, reduceOnly: false)
        let order = OrderPlaced(
            account: lone.account,
            order: "whatif",
            instrument: instrument,
            side: trade.side,
            leg: leg,
            quantity: trade.quantity,
            price: price
        )
        let check: OrderCheck
        do throws(Rejection) {
            check = try lone.engine.check(order)
        } catch {
            throw .rejection(error)
        }
        if let rejection = check.rejection { throw .rejection(rejection) }
        let mine = Filled.Party(account: lone.account, leg: leg)
        let other = Filled.Party(account: lone.outside)
        try apply(
            .filled(
                Filled(
                    instrument: instrument,
                    quantity: trade.quantity,
                    price: price,
                    buyer: trade.side == .buy ? mine : other,
                    seller: trade.side == .buy ? other : mine
                )
            )
        )
    }

    private mutating func apply(_ body: Event.Body) throws(Stop) {
        try allowed { lone throws(Rejection) in try lone.apply(body) }
    }

    private mutating func allowed(
        _ change: (inout LoneAccount) throws(Rejection) -> Void
    ) throws(Stop) {
        do throws(Rejection) {
            try change(&lone)
        } catch {
            throw .rejection(error)
        }
    }

    private func named<Value>(
        _ find: (Engine) throws(QueryFault) -> Value
    ) throws(Stop) -> Value {
        do throws(QueryFault) {
            return try find(lone.engine)
        } catch {
            throw .fault(error)
        }
    }
}

extension JSONWriter {
    /// Writes why the engine would refuse something.
    mutating func problem(_ rejection: Rejection) {
        object { object in
            object.field("code", rejection.code)
            object.field("detail", rejection.problem)
            object.field("remedy", rejection.remedy)
        }
    }
}
