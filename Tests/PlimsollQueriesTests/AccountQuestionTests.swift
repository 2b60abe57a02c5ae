import Plimsoll
import PlimsollQueries
import PlimsollReports
import PlimsollUnits
import PlimsollWire
import TestSupport
import Testing

/// A venue with one long and one short: small enough to reckon by hand.
struct AliceAndBob {
    var book: SampleBook

    /// Alice has 1,000 USDT and buys 0.1 BTCUSDT at 50,000 of bob.
    init() throws {
        book = try SampleBook(seed: 0, accounts: 0, steps: 0)
        try book.send(
            .marked(
                Marked(instrument: book.instrument("BTCUSDT"), price: price("50000"))
            )
        )
        for (name, deposit) in [("alice", "1000"), ("bob", "10000")] {
            try book.send(.accountOpened(AccountOpened(venue: book.venue, name: name)))
            try book.send(
                .deposited(
                    Deposited(
                        account: book.account(name),
                        asset: book.asset("USDT"),
                        amount: money(deposit)
                    )
                )
            )
        }
        try book.send(
            .filled(
                Filled(
                    instrument: book.instrument("BTCUSDT"),
                    quantity: quantity("0.1"),
                    price: price("50000"),
                    buyer: Filled.Party(account: book.account("alice")),
                    seller: Filled.Party(account: book.account("bob"))
                )
            )
        )
    }

    var alice: AccountID { get throws { try book.account("alice") } }
    var bob: AccountID { get throws { try book.account("bob") } }
}

/// The figures of one account.
@Suite struct `An account` {
    @Test func `has the fields of calc, with when and by which rules`() throws {
        let desk = try AliceAndBob()
        let account = try Read(AccountAnswer(desk.book.engine, desk.alice))
        #expect(account["account"]?.text == "alice")
        #expect(account["equity"]?.text == "1000")
        #expect(account["maintenanceMargin"]?.text == "20")
        #expect(account["rulebook"]?.keys == ["id", "version", "hash"])
        #expect(account["positions"]?.items.first?["liquidationPrice"]?.isNull == false)
        #expect(account["seq"]?.text == "\(desk.book.engine.sequence)")
        #expect(account["asOf"]?.text == "1760000000000")
        #expect(account["stale"]?.items.isEmpty == true)
    }

    @Test func `and its parts`() throws {
        let desk = try AliceAndBob()
        let whole = try Read(AccountAnswer(desk.book.engine, desk.alice))
        let positions = try Read(AccountAnswer(desk.book.engine, desk.alice, part: .positions))
        #expect(positions.keys == ["items", "asOf", "seq", "rulebook", "stale"])
        #expect(positions["items"] == whole["positions"])
        let balances = try Read(AccountAnswer(desk.book.engine, desk.alice, part: .balances))
        #expect(balances["items"] == whole["collateral"])
    }

    @Test func `is found by its name, and nobody else's is told`() throws {
        let desk = try AliceAndBob()
        #expect(try desk.book.engine.account(named: "bob", in: desk.book.venue) == desk.bob)
        let fault = #expect(throws: QueryFault.self) {
            try desk.book.engine.account(named: "bo", in: desk.book.venue)
        }
        #expect(fault?.code == "not_found")
        #expect(fault?.remedy.contains("bob") == false)
    }
}

/// An account after other prices, a deposit, a trade.
@Suite struct `What if` {
    /// 1,000 + 0.1 × (44,000 − 50,000) = 400, maintenance 4,400 × 0.004 = 17.6.
    @Test func `a symbol falls`() throws {
        let desk = try AliceAndBob()
        let before = desk.book.engine.digest
        let request = try WhatIfRequest(body(#"{"shocks":{"BTCUSDT":"-0.12"}}"#))
        let answer = try WhatIf(desk.book.engine, desk.alice, request)
        let read = try Read(answer)
        #expect(read.keys == ["now", "after", "problem"])
        #expect(read["now"]?["equity"]?.text == "1000")
        #expect(read["after"]?["equity"]?.text == "400")
        #expect(read["after"]?["maintenanceMargin"]?.text == "17.6")
        #expect(read["after"]?["account"]?.text == "alice")
        #expect(read["after"]?["rulebook"] == read["now"]?["rulebook"])
        #expect(read["after"]?["seq"] == read["now"]?["seq"])
        #expect(read["problem"]?.isNull == true)
        #expect(desk.book.engine.digest == before)
    }

    /// 1,000 − 1,010 = −10: below the line, and nobody acts; with 100 paid in 90 are left.
    @Test(arguments: [
        (#"{"shocks":{"BTCUSDT":"-0.202"}}"#, "-10", "liquidation", "liquidating"),
        (
            #"{"shocks":{"BTCUSDT":"-0.202"},"deposit":{"asset":"USDT","amount":"100"}}"#, "90",
            "safe", "liquidating"
        ),
    ])
    func `it falls below the line`(text: String, equity: String, band: String, mode: String) throws
    {
        let desk = try AliceAndBob()
        let answer = try WhatIf(desk.book.engine, desk.alice, WhatIfRequest(body(text)))
        let after = try #require(answer.after)
        #expect(after.report.figures?.equity == (try money(equity)))
        #expect(after.report.state.word == band)
        #expect(after.report.positions.count == 1)
        if band == "liquidation" { #expect(after.report.pools.map(\.mode.word) == [mode]) }
    }

    /// A sale of 0.04 at 60,000 realises 400 and leaves 0.06.
    @Test func `a part is sold`() throws {
        let desk = try AliceAndBob()
        let text = """
            {"shocks":{"BTCUSDT":"0.2"},
             "trade":{"symbol":"BTCUSDT","side":"sell","quantity":"0.04"}}
            """
        let answer = try WhatIf(desk.book.engine, desk.alice, WhatIfRequest(body(text)))
        let report = try #require(answer.after).report
        #expect(report.figures?.walletBalance == (try money("1400")))
        #expect(report.figures?.equity == (try money("2000")))
        #expect(report.positions.map(\.quantity) == [try quantity("0.06")])
    }

    @Test func `a trade is too large`() throws {
        let desk = try AliceAndBob()
        let text = #"{"trade":{"symbol":"BTCUSDT","side":"buy","quantity":"10"}}"#
        let answer = try WhatIf(desk.book.engine, desk.alice, WhatIfRequest(body(text)))
        #expect(answer.after == nil)
        let read = try Read(answer)
        #expect(read["after"]?.isNull == true)
        #expect(read["problem"]?["code"]?.text == "insufficient_margin")
        #expect(read["problem"]?.keys == ["code", "detail", "remedy"])
    }

    @Test func `a market has no mark`() throws {
        let desk = try AliceAndBob()
        let request = try WhatIfRequest(body(#"{"shocks":{"XRPUSDT":"0.1"}}"#))
        let answer = try WhatIf(desk.book.engine, desk.alice, request)
        #expect(answer.problem == .noMark(symbol: "XRPUSDT"))
    }

    @Test(arguments: [
        #"{"shocks":{"BTCUSD":"-0.1","DOGE":"0.1"}}"#,
        #"{"deposit":{"asset":"EUR","amount":"1"}}"#,
        #"{"trade":{"symbol":"DOGEUSDT","side":"buy","quantity":"1"}}"#,
    ])
    func `a name is not known`(text: String) throws {
        let desk = try AliceAndBob()
        let request = try WhatIfRequest(body(text))
        let fault = #expect(throws: QueryFault.self) {
            try WhatIf(desk.book.engine, desk.alice, request)
        }
        #expect(fault?.code == "not_found")
    }

    @Test(arguments: [
        #"{"shock":{}}"#, #"{"shocks":{"BTCUSDT":"-1"}}"#, #"{"shocks":[]}"#,
        #"{"shocks":{"BTCUSDT":-100}}"#, #"{"deposit":{"asset":"USDT","amount":"-1"}}"#,
        #"{"deposit":{"asset":"USDT","amount":"1","to":"x"}}"#,
        #"{"trade":{"symbol":"BTCUSDT","side":"up","quantity":"1"}}"#,
        #"{"trade":{"symbol":"BTCUSDT","side":"buy","quantity":"0"}}"#,
    ])
    func `the question is wrong`(text: String) throws {
        let fields = try body(text)
        let fault = #expect(throws: QueryFault.self) { try WhatIfRequest(fields) }
        #expect(fault?.code == "malformed")
    }

    /// Every account of a book, moved as a mark event would move it.
    @Test(arguments: Seeds.of(2))
    func `agrees with the book at these prices`(seed: UInt64) throws {
        let book = try SampleBook(seed: seed &+ 400, accounts: 12)
        var request = WhatIfRequest()
        request.shocks = [
            .init(name: "BTCUSDT", change: try rate("-0.07")),
            .init(name: "BTCUSD", change: try rate("0.03")),
            .init(name: "BTC", change: try rate("-0.2")),
        ]
        var supposed = SupposedBook(book.engine)
        for shock in request.shocks.prefix(2) {
            let instrument = try book.instrument(shock.name)
            let mark = try #require(book.engine.mark(of: instrument))
            try supposed.set(mark: mark.moved(by: shock.change), of: instrument)
        }
        let index = try #require(book.engine.index(of: book.asset("BTC")))
        try supposed.set(index: index.moved(by: try rate("-0.2")), of: book.asset("BTC"))
        for account in book.traders {
            let answer = try WhatIf(book.engine, account, request)
            let report = try #require(answer.after).report
            let summary = supposed.summary(of: account)
            #expect(report.figures?.equity == summary.figures?.equity)
            #expect(report.figures?.maintenanceMargin == summary.figures?.maintenanceMargin)
            #expect(answer.now.report == book.engine.report(account))
            let nothing = try WhatIf(book.engine, account, WhatIfRequest())
            #expect(try Read(nothing)["now"] == Read(nothing)["after"])
        }
    }
}

/// The ladder of a position, a check of an order, an explanation.
@Suite struct `Questions about an account` {
    @Test func `a ladder goes from per cent to per cent`() throws {
        let desk = try AliceAndBob()
        let request = try LadderRequest(
            query(["symbol": "BTCUSDT", "from": "-10", "to": "20", "steps": "7"])
        )
        let ladder = try LadderAnswer(desk.book.engine, desk.alice, request)
        let read = try Read(ladder)
        #expect(read["mark"]?.text == "50000")
        #expect(
            read["items"]?.items.map { $0["change"]?.text } == [
                "-0.1", "-0.05", "0", "0.05", "0.1", "0.15", "0.2",
            ]
        )
        #expect(read["items"]?.items.first?["price"]?.text == "45000")
        #expect(read["items"]?.items.map { $0["equity"]?.text }.last == "2000")
        #expect(
            read["items"]?.items.first?.keys == [
                "change", "price", "equity", "initialMargin", "maintenanceMargin", "marginRatio",
                "band",
            ]
        )
        let rungs = try desk.book.engine.ladder(
            desk.alice,
            desk.book.instrument("BTCUSDT"),
            prices: ladder.items.map(\.rung.price)
        )
        #expect(ladder.items.map(\.rung) == rungs)
    }

    @Test(
        arguments: [
            ["symbol": "BTCUSDT", "from": "20", "to": "10"], ["symbol": "BTCUSDT", "from": "-100"],
            ["symbol": "BTCUSDT", "steps": "1"], ["from": "-10"],
            ["symbol": "BTCUSDT", "form": "1"],
        ] as [KeyValuePairs<String, String>]
    )
    func `a ladder refuses what is wrong`(parameters: KeyValuePairs<String, String>) throws {
        let fields = try query(parameters)
        #expect(throws: QueryFault.self) { try LadderRequest(fields) }
    }

    @Test func `a ladder needs a position`() throws {
        let desk = try AliceAndBob()
        #expect(throws: QueryFault.refused(.noPosition(symbol: "ETHUSDT"))) {
            try LadderAnswer(desk.book.engine, desk.alice, LadderRequest(symbol: "ETHUSDT"))
        }
    }

    /// 500 ÷ 20 of 5,000 × 0.1 is taken: 750 are available at 20×; at 125× far more passes.
    @Test func `a check says what passes, at another leverage too`() throws {
        let desk = try AliceAndBob()
        func check(_ text: String) throws -> Read {
            try Read(CheckResult(desk.book.engine, desk.alice, CheckRequest(body(text))))
        }
        let small = try check(#"{"symbol":"BTCUSDT","side":"buy","quantity":"0.1"}"#)
        #expect(small["passes"]?.text == "true")
        #expect(small["required"]?.text == "250")
        #expect(small["available"]?.text == "750")
        #expect(small["account"]?.text == "alice")
        #expect(small["seq"]?.text == "\(desk.book.engine.sequence)")
        let large = try check(#"{"symbol":"BTCUSDT","side":"buy","quantity":"1"}"#)
        #expect(large["passes"]?.text == "false")
        #expect(large["code"]?.text == "insufficient_margin")
        #expect(large["largestQuantity"]?.text == "0.3")
        let geared = try check(
            #"{"symbol":"BTCUSDT","side":"buy","quantity":"1","leverage":"100"}"#
        )
        #expect(geared["passes"]?.text == "true")
        #expect(desk.book.engine.report(try desk.alice).positions.first?.leverageIsChosen == false)
    }

    @Test(arguments: [
        #"{"symbol":"BTCUSDT","side":"buy"}"#,
        #"{"symbol":"BTCUSDT","side":"buy","quantity":"1","x":1}"#,
        #"{"symbol":"BTCUSDT","side":"long","quantity":"1"}"#, "[]", "{",
    ])
    func `a check refuses what is wrong`(text: String) {
        #expect(throws: (any Error).self) { try CheckRequest(body(text)) }
    }

    @Test func `an explanation is that of the engine`() throws {
        let desk = try AliceAndBob()
        let answer = try ExplainAnswer(desk.book.engine, desk.alice, symbol: "BTCUSDT")
        #expect(answer.explanation == desk.book.engine.explain(try desk.alice, symbol: "BTCUSDT"))
        let read = try Read(answer)
        #expect(read["solutions"]?.items.count == 2)
        #expect(read["asOf"]?.isNull == false)
        #expect(throws: QueryFault.self) {
            try ExplainAnswer(desk.book.engine, desk.alice, symbol: "ETHUSDT")
        }
        #expect(try ExplainAnswer.symbol(query(["symbol": "BTCUSDT"])) == "BTCUSDT")
        #expect(throws: QueryFault.self) { try ExplainAnswer.symbol(query(["symbols": "BTC"])) }
    }
}
