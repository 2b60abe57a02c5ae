@testable import Plimsoll
import PlimsollAudit
import PlimsollUnits
import Testing

/// Faults that were found and must stay found: each needs two or three events.
@Suite struct `A pool's standing follows everything that moves it` {
    private static func linear(_ symbol: String) -> InstrumentRules {
        InstrumentRules(
            symbol: symbol,
            payoff: .linear,
            base: "BTC",
            quote: "USDT",
            settle: "USDT",
            schedule: SampleRulebook.binanceBrackets
        )
    }

    private static func findings(_ desk: Desk) -> [String] {
        Audit(engine: desk.engine, auditor: Auditor()).standings()
    }

    @Test func `a mark of an isolated position moves the orders beside it`() {
        var desk = Desk(Self.linear("BTCUSDT"))
        desk.open("alice", deposit: "1000")
        desk.mark("BTCUSDT", "50000")
        desk.configure("alice", "BTCUSDT", leverage: 10, margin: .isolated)
        desk.fill("alice", "BTCUSDT", "-0.1", at: "50000")
        // Buying 0.2 turns −0.1 into +0.1: |−5000 + 10000| is no more than 5000, so nothing is
        // reserved, and 500 of the cross wallet are free.
        desk.send(.orderPlaced(desk.order("alice", "o", "BTCUSDT", .buy, "0.2", at: "50000")))
        // At 10000 the order is worth 10000 still, the position 1000: 8000 ÷ 10 is reserved.
        desk.mark("BTCUSDT", "10000")
        #expect(desk.report("alice").pools[0].figures?.orderInitialMargin == money("800"))
        #expect(Self.findings(desk).isEmpty)
        #expect(desk.modes("alice")[0] == .reduceOnly)
    }

    @Test func `a pool that only its orders keep reduce-only is not looked at by every mark`() {
        var desk = Desk(Self.linear("BTCUSDT"))
        desk.open("alice", deposit: "1000")
        desk.mark("BTCUSDT", "50000")
        desk.configure("alice", "BTCUSDT", leverage: 10)
        desk.fill("alice", "BTCUSDT", "0.1", at: "50000")
        desk.send(.orderPlaced(desk.order("alice", "o", "BTCUSDT", .buy, "0.09", at: "50000")))
        // Equity 900 is below 490 + 450.
        desk.mark("BTCUSDT", "49000")
        #expect(desk.modes("alice")[0] == .reduceOnly)
        desk.mark("BTCUSDT", "49001")  // draws the band again
        var found = Column<Int32>()
        let instrument = desk.instrument("BTCUSDT").index
        for price in [price("48950"), price("49050")] {
            desk.engine.ledger.markEdges.collect(outside: price.units, of: instrument, into: &found)
        }
        #expect(found.count == 0)
    }

    @Test func `open interest moves an account that has only orders`() {
        var desk = Desk(SampleRulebook.dydx.rulebook)
        desk.open("alice", deposit: "1000")
        desk.mark("BTC-USD", "50000")
        desk.send(.orderPlaced(desk.order("alice", "o", "BTC-USD", .buy, "0.1", at: "50000")))
        // 5000 × 5 % = 250 was reserved; at full open interest it is 5000.
        desk.send(
            .openInterestReported(
                OpenInterestReported(
                    instrument: desk.instrument("BTC-USD"),
                    notional: money("900000")
                )
            )
        )
        #expect(desk.report("alice").pools[0].figures?.orderInitialMargin == money("5000"))
        #expect(Self.findings(desk).isEmpty)
    }

    @Test func `a first mark moves an account that has only orders`() {
        let rulebook = Rulebook(
            id: "mirror",
            version: "1",
            currency: "USDT",
            instruments: [Self.linear("BTCUSDT")]
        )
        var desk = Desk(rulebook, mode: .mirror)
        desk.open("alice", deposit: "10")
        desk.send(.orderPlaced(desk.order("alice", "o", "BTCUSDT", .buy, "1", at: "50000")))
        desk.mark("BTCUSDT", "50000")
        #expect(Self.findings(desk).isEmpty)
        #expect(desk.modes("alice") == [.reduceOnly])
    }

    @Test func `a tiny leverage on large positions is not taken for plain safety`() throws {
        let rulebook = Rulebook(
            id: "mirror",
            version: "1",
            currency: "USDT",
            positionModes: [.oneWay, .hedge],
            instruments: [Self.wide("A")]
        )
        var desk = Desk(rulebook, mode: .mirror)
        desk.open("alice", deposit: "9000000000000", positions: .hedge)
        desk.mark("A", "400")
        var body = AccountConfigured(account: desk.account("alice"))
        body.instrument = desk.instrument("A")
        body.leverage = try Leverage(hundredths: 1)
        desk.send(.accountConfigured(body))
        // Two legs of 3.6 × 10¹⁰ at 0.01×: 7.2 × 10¹² of initial margin, against 9 × 10¹² of equity.
        desk.fill("alice", "A", "90000000", at: "400", leg: .long)
        desk.fill("alice", "A", "-90000000", at: "400", leg: .short)
        #expect(desk.modes("alice") == [.normal])
        // Then 9 × 10¹¹ each: 1.8 × 10¹⁴, more than 128 bits hold at 10⁻²⁴.
        desk.mark("A", "10000")
        #expect(Self.findings(desk).isEmpty)
        #expect(desk.modes("alice") == [.reduceOnly])
    }

    private static func wide(_ symbol: String) -> InstrumentRules {
        var rules = linear(symbol)
        rules.schedule = brackets(.notional, [bracket(from: "0", rate: "0.001", leverage: 100)])
        return rules
    }

    @Test func `a rulebook that renames the underlying counts before a restart as after it`() throws
    {
        var rules = Self.linear("BTCUSDT")
        rules.maintenancePrice = .index
        var rulebook = Rulebook(id: "r", version: "1", currency: "USDT", instruments: [rules])
        var desk = Desk(rulebook, assets: ["USDT", "BTC", "ETH"])
        desk.open("alice", deposit: "10000")
        desk.mark("BTCUSDT", "50000")
        desk.index("BTC", "50000")
        desk.index("ETH", "3000")
        rulebook.instruments[0].base = "ETH"
        desk.adopt(rulebook)
        desk.fill("alice", "BTCUSDT", "0.1", at: "50000")
        let restored = try Engine(snapshot: desk.engine.snapshot())
        let alice = desk.account("alice")
        #expect(desk.engine.report(alice) == restored.report(alice))
        // 0.1 × 3000 × 0.4 %.
        #expect(desk.report("alice").figures?.maintenanceMargin == money("1.2"))
    }

    @Test func `an odd leverage of an exact rate is solved without a trap`() throws {
        let odd = try Leverage(hundredths: 3_333)
        var rules = Self.linear("BTC")
        rules.schedule = brackets(
            .notional,
            [
                Bracket(
                    floor: 0,
                    maintenanceRate: ExactRate(oneOver: 2, times: odd),
                    maxLeverage: odd
                )
            ]
        )
        var desk = Desk(rules)
        desk.open("alice", deposit: "10000000")
        desk.mark("BTC", "50000")
        desk.fill("alice", "BTC", "-100", at: "50000")
        #expect(desk.position("alice", "BTC").liquidationPrice.price != nil)
    }

    @Test func `an isolated position may be opened before there is a mark`() {
        var desk = Desk(SampleRulebook.okx.rulebook)
        desk.open("alice", "BTC", deposit: "1")
        desk.configure("alice", "BTC-USD-SWAP", leverage: 10, margin: .isolated)
        desk.fill("alice", "BTC-USD-SWAP", "10000", at: "50000")
        // 10000 ÷ 50000 ÷ 10.
        #expect(desk.position("alice", "BTC-USD-SWAP").isolatedMargin == money("0.02"))
    }

    @Test func `multi-asset mode has no isolated positions`() {
        var desk = Desk(SampleRulebook.multiAsset.rulebook, assets: ["USD", "USDT", "BTC"])
        desk.open("alice", deposit: "10000", collateral: .singleAsset)
        desk.mark("BTCUSDT", "50000")
        desk.configure("alice", "BTCUSDT", margin: .isolated)
        var body = AccountConfigured(account: desk.account("alice"))
        body.collateralMode = .multiAsset
        #expect(desk.refusal(.accountConfigured(body)) != nil)
    }
}
