import Plimsoll
import PlimsollQueries
import PlimsollReports
import PlimsollUnits
import PlimsollWire
import TestSupport
import Testing

/// The liquidation map, against the reports of all accounts.
@Suite struct `The liquidation map` {
    @Test(arguments: ["BTCUSDT", "ETHUSDT", "BTCUSD"], Seeds.of(1))
    func `has every position where its report says`(symbol: String, seed: UInt64) throws {
        let book = try SampleBook(seed: seed &+ 500, accounts: 25)
        var request = LiquidationMapRequest(symbol: symbol)
        request.buckets = 37
        let map = try LiquidationMap(book.engine, book.venue, request)
        let positions = book.traders.flatMap { account in
            book.engine.report(account).positions.filter { $0.symbol == symbol }
                .map { (account: account, position: $0) }
        }
        var left = positions
        for bucket in map.buckets {
            let inside = left.filter { entry in
                guard let price = entry.position.liquidationPrice.price else { return false }
                return price >= SolvedPrice(bucket.from) && price < SolvedPrice(bucket.to)
            }
            left.removeAll { entry in
                inside.contains {
                    $0.account == entry.account && $0.position == entry.position
                }
            }
            #expect(bucket.long == sum(inside.map(\.position)) { $0 > .zero })
            #expect(bucket.short == sum(inside.map(\.position)) { $0 < .zero })
            #expect(bucket.accounts == Set(inside.map(\.account)).count)
        }
        #expect(map.beyond.long == sum(left.map(\.position)) { $0 > .zero })
        #expect(map.beyond.short == sum(left.map(\.position)) { $0 < .zero })
        #expect(map.beyond.accounts == Set(left.map(\.account)).count)
        #expect(map.cross == positions.count { $0.position.marginMode == .cross })
        #expect(map.buckets.count == 37 && positions.count > 5)
        for (one, next) in zip(map.buckets, map.buckets.dropFirst()) {
            #expect(one.to == next.from)
        }
    }

    private func sum(_ positions: [PositionReport], where isWanted: (Quantity) -> Bool) -> Money {
        positions.filter { isWanted($0.quantity) }
            .reduce(.zero) { $0 + ($1.figures?.notional ?? .zero) }
    }

    @Test func `has the fields of the API`() throws {
        let book = try SampleBook(seed: 8)
        let request = try LiquidationMapRequest(
            query(["symbol": "BTCUSDT", "buckets": "10", "range": "0.2"])
        )
        let map = try Read(LiquidationMap(book.engine, book.venue, request))
        for key in ["symbol", "mark", "asOf", "seq", "isExact", "note", "buckets", "fund"] {
            #expect(map[key] != nil, "\(key) is missing")
        }
        #expect(map["buckets"]?.items.count == 10)
        #expect(
            map["buckets"]?.items.first?.keys == ["from", "to", "long", "short", "accounts"]
        )
        let funds = book.engine.totals().first?.funds
        #expect(map["fund"]?.text == funds?.description)
        #expect(throws: QueryFault.refused(.noMark(symbol: "XRPUSDT"))) {
            try LiquidationMap(book.engine, book.venue, LiquidationMapRequest(symbol: "XRPUSDT"))
        }
    }

    @Test(
        arguments: [
            ["symbol": "BTCUSDT", "buckets": "1"], ["symbol": "BTCUSDT", "range": "1"],
            ["symbol": "BTCUSDT", "range": "0"], ["bucket": "2"],
        ] as [KeyValuePairs<String, String>]
    )
    func `refuses what is wrong`(parameters: KeyValuePairs<String, String>) throws {
        let fields = try query(parameters)
        #expect(throws: QueryFault.self) { try LiquidationMapRequest(fields) }
    }
}

/// The queue of those who would be deleveraged.
@Suite struct `The deleveraging queue` {
    @Test(arguments: [true, false], Seeds.of(2))
    func `is the engine's own, with the positions of the reports`(isLong: Bool, seed: UInt64) throws
    {
        let book = try SampleBook(seed: seed &+ 600)
        let list = try DeleveragingList(
            book.engine,
            book.venue,
            DeleveragingRequest(symbol: "BTCUSDT", isLong: isLong)
        )
        let queue = book.engine.deleveragingQueue(
            of: try book.instrument("BTCUSDT"),
            against: isLong ? .sell : .buy
        )
        #expect(list.items.map(\.place) == queue)
        #expect(list.count == queue.count)
        var ahead: Int128 = 0
        for item in list.items {
            #expect((item.place.quantity > .zero) == isLong)
            #expect(item.position?.figures?.unrealizedPnl == item.place.factors.profit)
            #expect(item.ahead.units == ahead)
            ahead += Int128(item.place.eligible.units.magnitude)
            // The score follows from the factors that are shown, to its last digit.
            #expect(item.place.score == item.place.factors.score(.profitTimesMarginRatio))
        }
        #expect(list.rank == .profitTimesMarginRatio)
    }

    @Test func `says why, in facts`() throws {
        var desk = try AliceAndBob()
        try desk.book.send(
            .marked(
                Marked(instrument: desk.book.instrument("BTCUSDT"), price: price("55000"))
            )
        )
        let request = try DeleveragingRequest(query(["symbol": "BTCUSDT", "side": "long"]))
        let read = try Read(DeleveragingList(desk.book.engine, desk.book.venue, request))
        let first = try #require(read["items"]?.items.first)
        #expect(first["account"]?.text == "alice")
        #expect(first["rank"]?.text == "1")
        // 500 ÷ 1,000 × 22 ÷ 1,500, cut to 10⁻⁸.
        #expect(first["score"]?.text == "0.00733333")
        #expect(
            first["factors"]?.items.map { "\($0["name"]?.text ?? "") \($0["value"]?.text ?? "")" }
                == [
                    "profit 500", "wallet 1000", "maintenance 22", "equity 1500",
                ]
        )
        #expect(first["entryPrice"]?.text == "50000")
        #expect(first["effectiveLeverage"]?.isNull == false)
        #expect(read["formula"]?.text?.contains("maintenance ÷ equity") == true)
        #expect(read["side"]?.text == "long")
        #expect(throws: QueryFault.self) {
            try DeleveragingRequest(query(["symbol": "BTCUSDT", "side": "buy"]))
        }
    }
}
