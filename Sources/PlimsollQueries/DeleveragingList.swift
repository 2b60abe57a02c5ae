package import Plimsoll
import PlimsollReports
import PlimsollUnits
package import PlimsollWire

/// What `GET /v1/adl` asks for.
package struct DeleveragingRequest: Hashable, Sendable {
    package var symbol: String
    /// Longs or shorts are listed: those who would be closed.
    package var isLong: Bool
    /// How many at the most.
    package var limit = 100

    /// The first hundred of one side.
    package init(symbol: String, isLong: Bool) {
        self.symbol = symbol
        self.isLong = isLong
    }

    /// The request that the parameters of a query make.
    package init(_ fields: NodeReader) throws(QueryFault) {
        self = try asked { () throws(InputFault) in try DeleveragingRequest(reading: fields) }
    }

    private init(reading fields: NodeReader) throws(InputFault) {
        try fields.allow(["symbol", "side", "limit"])
        symbol = try fields.name("symbol")
        isLong = try fields.enumeration("side", ["long": true, "short": false])
        if let field = fields.optional("limit") {
            limit = Int(try field.integer(in: 1...1_000))
        }
    }
}

/// Who would be deleveraged, in which order and why: the engine's own queue.
package struct DeleveragingList: QueryAnswer {
    /// One place in the queue.
    package struct Item: Hashable, Sendable {
        package var name: String
        package var place: DeleveragingPlace
        package var position: PositionReport?
        /// How much of this side is closed before it is its turn.
        package var ahead: TotalQuantity
    }

    package let symbol: String
    package let isLong: Bool
    /// `nil` where the rulebook has no enforcement, and nobody is deleveraged.
    package let rank: DeleveragingRank?
    /// How many stand in the queue.
    package let count: Int
    package let items: [Item]
    package let stamp: AnswerStamp

    /// The queue of one side of a symbol.
    package init(
        _ engine: Engine,
        _ venue: VenueID,
        _ request: DeleveragingRequest
    ) throws(QueryFault) {
        let instrument = try engine.instrument(named: request.symbol, in: venue)
        symbol = request.symbol
        isLong = request.isLong
        rank = engine.rulebook(of: venue)?.enforcement?.deleveraging.rank
        stamp = AnswerStamp(engine, venue)
        // Longs are closed against a short that nobody takes.
        let queue = engine.deleveragingQueue(
            of: instrument,
            against: request.isLong ? .sell : .buy,
            first: request.limit
        )
        count = queue.count
        var ahead = TotalQuantity.zero
        var items: [Item] = []
        for place in queue.places {
            let positions = engine.report(place.account, prices: false).positions
            items.append(
                Item(
                    name: engine.directory.name(place.account),
                    place: place,
                    position: positions.first {
                        $0.instrument == instrument && $0.leg == place.leg
                            && $0.quantity == place.quantity
                    },
                    ahead: ahead
                )
            )
            ahead.units += Int128(place.eligible.units.magnitude)
        }
        self.items = items
    }

    package func write(to json: inout JSONWriter) {
        json.object { object in
            object.field("symbol", symbol)
            object.field("side", isLong ? "long" : "short")
            object.field("rank", decimal: rank?.word)
            object.field("formula", decimal: rank?.formula)
            object.field("count", number: count)
            object.stamp(stamp)
            object.key("items")
            object.array { list in
                for item in items { write(item, to: &list) }
            }
        }
    }

    private func write(_ item: Item, to list: inout JSONWriter) {
        list.object { object in
            object.field("rank", number: item.place.rank)
            object.field("account", item.name)
            object.field("leg", item.place.leg.word)
            object.field("score", decimal: item.place.score)
            object.key("factors")
            object.array { factors in
                for factor in rank?.factors(item.place.factors) ?? [] {
                    factors.object { entry in
                        entry.field("name", factor.name)
                        entry.field("value", factor.value)
                    }
                }
            }
            object.field("quantity", decimal: item.place.quantity)
            object.field("eligible", decimal: item.place.eligible)
            object.field("ahead", decimal: item.ahead)
            object.field("entryPrice", decimal: item.position?.entryPrice)
            object.field("markPrice", decimal: item.position?.markPrice)
            object.field("unrealizedPnl", decimal: item.position?.figures?.unrealizedPnl)
            object.field("effectiveLeverage", decimal: item.position?.figures?.effectiveLeverage)
        }
    }
}

extension DeleveragingRank {
    /// What the score is, in words of the factors.
    package var formula: String {
        switch self {
        case .profitTimesMarginRatio:
            "max(0, profit) ÷ max(1, wallet) × maintenance ÷ equity"
        case .profitTimesLeverage:
            "profit ÷ cost × value ÷ equity; with a loss profit ÷ cost × equity ÷ value"
        case .profitOverMarginRatio:
            "profit ÷ wallet × maintenance ÷ equity; "
                + "with a loss profit ÷ wallet × equity ÷ maintenance"
        case .markOverEntryTimesLeverage:
            "(mark ÷ entry, of shorts entry ÷ mark) × value ÷ equity"
        case .unranked: "none: in order of accounts, from a start that the last liquidation gives"
        }
    }

    /// The factors that the formula uses, in its order.
    package func factors(_ factors: DeleveragingFactors) -> [(name: String, value: String)] {
        let profit = ("profit", factors.profit.description)
        let cost = ("cost", factors.cost.description)
        let value = ("value", factors.value.description)
        let wallet = ("wallet", factors.wallet.description)
        let maintenance = ("maintenance", factors.maintenance.description)
        let equity = ("equity", factors.equity.description)
        return switch self {
        case .profitTimesMarginRatio, .profitOverMarginRatio:
            [profit, wallet, maintenance, equity]
        case .profitTimesLeverage: [profit, cost, value, equity]
        case .markOverEntryTimesLeverage: [cost, value, equity]
        case .unranked: []
        }
    }
}
