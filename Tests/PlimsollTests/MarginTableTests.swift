@testable import Plimsoll
import PlimsollUnits
import Testing

@Suite struct `Margin by hand` {
    private func desk(_ sheet: Sheet) -> Desk {
        var desk = Desk(sheet.sample.rulebook)
        let settle = desk.engine.rules(of: desk.instrument(sheet.symbol)).settle
        desk.open("alice", settle, deposit: sheet.deposit)
        desk.mark(sheet.symbol, sheet.mark)
        desk.configure(
            "alice",
            sheet.symbol,
            leverage: sheet.leverage,
            margin: sheet.margin == .isolated ? .isolated : nil
        )
        desk.fill("alice", sheet.symbol, sheet.size, at: sheet.entry)
        return desk
    }

    @Test(arguments: Sheet.all)
    func `figures are those of a calculator`(sheet: Sheet) {
        let figures = desk(sheet).report("alice").figures
        #expect(figures?.equity == money(sheet.equity))
        #expect(figures?.initialMargin == money(sheet.initial))
        #expect(figures?.maintenanceMargin == money(sheet.maintenance))
    }

    @Test(arguments: Sheet.all)
    func `solved prices are those of a calculator`(sheet: Sheet) {
        let position = desk(sheet).position("alice", sheet.symbol)
        #expect(nearest(position.liquidationPrice) == sheet.liquidation.map { price($0) })
        #expect(nearest(position.bankruptcyPrice) == sheet.bankruptcy.map { price($0) })
    }

    /// To 8 digits, as the sheet writes it.
    private func nearest(_ answer: PriceAnswer) -> Price? {
        answer.price.flatMap {
            try? Price(units: Int64($0.units.divided(by: PowerOfTen.eight, rounding: .halfEven)))
        }
    }

    @Test(arguments: [
        (openInterest: "100000", initial: "2500"),  // the base rate, 5 %
        (openInterest: "500000", initial: "26250"),  // 5 % + 95 % ÷ 2 = 52.5 %
        (openInterest: "500001", initial: "26250.05"),  // 95 % × 400001 ÷ 800000: cut to 47.5001 %
        (openInterest: "900000", initial: "50000"),
    ])
    func `initial margin rises with open interest, maintenance does not`(
        openInterest: String,
        initial: String
    ) {
        var desk = Desk(SampleRulebook.dydx.rulebook)
        desk.open("alice", deposit: "100000")
        desk.mark("BTC-USD", "50000")
        desk.send(
            .openInterestReported(
                OpenInterestReported(
                    instrument: desk.instrument("BTC-USD"),
                    notional: money(openInterest)
                )
            )
        )
        desk.fill("alice", "BTC-USD", "1", at: "50000")
        #expect(desk.report("alice").figures?.initialMargin == money(initial))
        #expect(desk.report("alice").figures?.maintenanceMargin == money("1500"))
    }

    @Test(arguments: [
        (orders: [(Side.buy, "0.1", "49000")], initial: "490"),  // 5000 + 4900 − 5000
        (orders: [(.sell, "0.1", "51000")], initial: "0"),  // |5000 − 5100| is less than 5000
        (orders: [(.sell, "0.3", "50000")], initial: "500"),  // |5000 − 15000| − 5000
        // The larger side counts.
        (orders: [(.buy, "0.1", "50000"), (.sell, "0.3", "50000")], initial: "500"),
    ])
    func `orders reserve the worst case of either side`(
        orders: [(Side, String, String)],
        initial: String
    ) {
        var desk = Desk(SampleRulebook.okx.rulebook)
        desk.open("alice", deposit: "10000")
        desk.mark("BTC-USDT-SWAP", "50000")
        desk.configure("alice", "BTC-USDT-SWAP", leverage: 10)
        desk.fill("alice", "BTC-USDT-SWAP", "0.1", at: "50000")
        for (number, order) in orders.enumerated() {
            let (side, size, at) = order
            desk.send(
                .orderPlaced(
                    desk.order("alice", "o\(number)", "BTC-USDT-SWAP", side, size, at: at)
                )
            )
        }
        let figures = desk.report("alice").pools[0].figures
        #expect(figures?.orderInitialMargin == money(initial))
    }

    @Test func `the larger side of one underlying counts where a venue nets`() {
        var desk = Desk(SampleRulebook.kraken.rulebook)
        desk.open("alice", deposit: "10000")
        desk.mark("PF_XBTUSD", "50000")
        desk.mark("FF_XBTUSD", "51000")
        desk.fill("alice", "PF_XBTUSD", "1", at: "50000")
        desk.fill("alice", "FF_XBTUSD", "-1", at: "51000")
        // max(50000, 51000) × 2 % and × 1 %.
        #expect(desk.report("alice").figures?.initialMargin == money("1020"))
        #expect(desk.report("alice").figures?.maintenanceMargin == money("510"))
    }

    @Test func `the announced funding that a position pays is part of its maintenance`() {
        var desk = Desk(SampleRulebook.bitmex.rulebook)
        desk.open("alice", "BTC", deposit: "1")
        desk.open("bob", "BTC", deposit: "1")
        desk.mark("ETHUSD", "2000")
        desk.fill("alice", "ETHUSD", "0.0001", at: "2000")
        desk.fill("bob", "ETHUSD", "-0.0001", at: "2000")
        desk.send(
            .fundingRateAnnounced(
                FundingRateAnnounced(
                    instrument: desk.instrument("ETHUSD"),
                    rate: funding("0.0001")
                )
            )
        )
        // 0.2 × 0.5 %, and 0.2 × 0.01 % for the long, who pays.
        #expect(desk.report("alice").figures?.maintenanceMargin == money("0.00102"))
        #expect(desk.report("bob").figures?.maintenanceMargin == money("0.001"))
    }

    @Test func `collateral counts at bid by its tiers, debt at ask in full`() {
        var desk = Desk(SampleRulebook.multiAsset.rulebook, assets: ["USD", "USDT", "BTC"])
        desk.open("alice", "BTC", deposit: "1", collateral: .multiAsset)
        desk.index("BTC", "60000")
        desk.index("USDT", "1")
        desk.mark("BTCUSDT", "60000")
        // 57000 at bid: 30000 × 95 % + 27000 × 50 % = 42000.
        #expect(desk.report("alice").figures?.equity == money("42000"))
        desk.fill("alice", "BTCUSDT", "0.1", at: "60000", fee: "100")
        // 100 USDT are owed at 1.001.
        #expect(desk.report("alice").figures?.equity == money("41899.9"))
        // 6000 × 0.4 % = 24 USDT at 1.001.
        #expect(desk.report("alice").figures?.maintenanceMargin == money("24.024"))
    }

    @Test func `both legs of a hedge share one price, and a full hedge has none`() {
        var desk = Desk(SampleRulebook.binance.rulebook)
        desk.open("alice", deposit: "1000", positions: .hedge)
        desk.mark("BTCUSDT", "50000")
        desk.fill("alice", "BTCUSDT", "0.3", at: "50000", leg: .long)
        desk.fill("alice", "BTCUSDT", "-0.1", at: "50000", leg: .short)
        // (15000 − 5000 − 1000) ÷ (0.3 − 0.1 − 0.4 × 0.4 %) = 9000 ÷ 0.1984.
        for leg in [Leg.long, .short] {
            let answer = desk.position("alice", "BTCUSDT", leg).liquidationPrice
            #expect(nearest(answer) == price("45362.90322581"))
        }
        desk.fill("alice", "BTCUSDT", "-0.2", at: "50000", leg: .short)
        #expect(desk.position("alice", "BTCUSDT", .long).bankruptcyPrice == .none(.hedged))
    }
}
