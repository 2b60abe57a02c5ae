@testable import Plimsoll
import PlimsollUnits
import Testing

/// Positions that a risk analyst can check with a calculator, one for each schedule and payoff.
struct Sheet: Sendable, CustomTestStringConvertible {
    var name: String
    var sample: SampleRulebook
    var symbol: String
    var deposit: String
    var size: String
    var entry: String
    var mark: String
    var leverage: Int64 = 10
    var margin: MarginMode = .cross
    var equity: String
    var initial: String
    var maintenance: String
    /// `nil`: there is none.
    var liquidation: String?
    /// The price is cut to as many digits as `liquidation` has.
    var bankruptcy: String?

    var testDescription: String { name }

    static let all: [Sheet] = [
        Sheet(
            name: "linear long, first bracket",
            sample: .binance,
            symbol: "BTCUSDT",
            deposit: "1000",
            size: "0.1",
            entry: "50000",
            mark: "50000",
            equity: "1000",
            initial: "500",  // 5000 ÷ 10
            maintenance: "20",  // 5000 × 0.4 %
            liquidation: "40160.64257028",  // (5000 − 1000) ÷ (0.1 × 0.996)
            bankruptcy: "40000"
        ),
        Sheet(
            name: "linear short, second bracket",
            sample: .binance,
            symbol: "BTCUSDT",
            deposit: "20000",
            size: "-2",
            entry: "50000",
            mark: "51000",
            equity: "18000",  // 20000 − 2 × 1000
            initial: "10200",  // 102000 ÷ 10
            maintenance: "460",  // 102000 × 0.5 % − 50
            liquidation: "59726.36815920",  // (120000 + 50) ÷ (2 × 1.005)
            bankruptcy: "60000"
        ),
        Sheet(
            name: "linear isolated long",
            sample: .binance,
            symbol: "BTCUSDT",
            deposit: "1000",
            size: "0.1",
            entry: "50000",
            mark: "50000",
            margin: .isolated,
            equity: "1000",
            initial: "500",
            maintenance: "20",
            liquidation: "45180.72289156",  // (5000 − 500) ÷ (0.1 × 0.996)
            bankruptcy: "45000"
        ),
        Sheet(
            name: "inverse short in coin",
            sample: .coinMargined,
            symbol: "BTCUSD",
            deposit: "0.5",
            size: "-50000",
            entry: "50000",
            mark: "40000",
            equity: "0.75",  // 0.5 − 1 + 1.25
            initial: "0.125",  // 1.25 ÷ 10
            maintenance: "0.00525",  // 1.25 × 0.5 % − 0.001
            // Below 1 BTC the first bracket: 50000 × 0.996 ÷ (1 − 0.5)
            liquidation: "99600",
            bankruptcy: "100000"
        ),
        Sheet(
            name: "inverse long in coin",
            sample: .coinMargined,
            symbol: "BTCUSD",
            deposit: "0.25",
            size: "50000",
            entry: "50000",
            mark: "50000",
            equity: "0.25",
            initial: "0.1",
            maintenance: "0.004",  // 1 × 0.5 % − 0.001: the floor is inclusive
            liquidation: "40167.86570743",  // 50000 × 1.005 ÷ (1.25 + 0.001)
            bankruptcy: "40000"
        ),
        Sheet(
            name: "flat tier by size with the fee to close",
            sample: .okx,
            symbol: "BTC-USDT-SWAP",
            deposit: "10000",
            size: "1",
            entry: "50000",
            mark: "50000",
            equity: "10000",
            initial: "5000",
            maintenance: "325",  // 50000 × (0.6 % + 0.05 %)
            liquidation: "40261.70105686",  // 40000 ÷ 0.9935
            bankruptcy: "40000"
        ),
        Sheet(
            name: "rate by size, linear, at the index",
            sample: .deribit,
            symbol: "SOL_USDT-PERPETUAL",
            deposit: "10000",
            size: "1000",
            entry: "100",
            mark: "100",
            equity: "10000",
            initial: "2050",  // 100000 × (2 % + 1000 × 0.00005 %)
            maintenance: "1050",
            liquidation: "90.95500252",  // 90000 ÷ (1000 × (1 − 0.0105))
            bankruptcy: "90"
        ),
        Sheet(
            name: "rate by size, inverse",
            sample: .deribit,
            symbol: "BTC-PERPETUAL",
            deposit: "0.5",
            size: "100000",
            entry: "50000",
            mark: "50000",
            equity: "0.5",
            initial: "0.0402",  // 2 × (2 % + 2 × 0.005 %)
            maintenance: "0.0202",  // 2 × (1 % + 2 × 0.005 %)
            bankruptcy: "40000"  // 100000 ÷ (2 + 0.5)
        ),
        Sheet(
            name: "open-interest scaled",
            sample: .dydx,
            symbol: "BTC-USD",
            deposit: "10000",
            size: "1",
            entry: "50000",
            mark: "50000",
            equity: "10000",
            initial: "2500",  // 50000 × 5 %
            maintenance: "1500",  // of it 60 %
            liquidation: "41237.11340206",  // 40000 ÷ 0.97
            bankruptcy: "40000"
        ),
        Sheet(
            name: "quanto",
            sample: .bitmex,
            symbol: "ETHUSD",
            deposit: "0.01",
            size: "0.0001",
            entry: "2000",
            mark: "2100",
            equity: "0.02",  // 0.01 + 0.0001 × 100
            initial: "0.021",  // 0.21 ÷ 10
            maintenance: "0.00105",  // 0.21 × 0.5 %
            liquidation: "1909.54773869",  // 0.19 ÷ (0.0001 × 0.995)
            bankruptcy: "1900"
        ),
        Sheet(
            name: "entry base with the fee to close",
            sample: .bitmex,
            symbol: "XBTUSD",
            deposit: "0.25",
            size: "50000",
            entry: "50000",
            mark: "55000",
            equity: "0.3409090909090909",  // 0.25 + 1 − 10/11, profit rounded down
            initial: "0.10075",  // 1 ÷ 10 + 0.075 %
            maintenance: "0.00425",  // 0.35 % + 0.075 %
            liquidation: "40136.46397752",  // 50000 ÷ (1.25 − 0.00425)
            bankruptcy: "40000"
        ),
        Sheet(
            name: "maintenance of one sixth",
            sample: .hyperliquid,
            symbol: "BTC",
            deposit: "200000",
            size: "3",
            entry: "50000",
            mark: "50000",
            leverage: 3,
            equity: "200000",
            initial: "50000",
            // 20000 × (1/14 − 1/80) = 1178.5714… and 100000 × (1/6 − 1/14) = 9523.8095…
            // 150000 ÷ 6 − 10702.3809…
            maintenance: "14297.6190476190476191",
            liquidation: nil,
            bankruptcy: nil
        ),
        Sheet(
            name: "initial rate of its own",
            sample: .kraken,
            symbol: "PF_XBTUSD",
            deposit: "10000",
            size: "-1",
            entry: "50000",
            mark: "50000",
            equity: "10000",
            initial: "1000",  // 50000 × 2 %
            maintenance: "500",
            liquidation: "59405.94059405",  // 60000 ÷ 1.01
            bankruptcy: "60000"
        ),
        Sheet(
            name: "entry base with the fee at bankruptcy",
            sample: .bybit,
            symbol: "BTCUSDT",
            deposit: "2000",
            size: "0.2",
            entry: "50000",
            mark: "52000",
            equity: "2400",
            initial: "1004.95",  // 10000 ÷ 10 + 9000 × 0.055 %
            maintenance: "44.95",  // 10000 × 0.4 % + 4.95
            liquidation: "40224.75",  // (8000 + 44.95) ÷ 0.2
            bankruptcy: "40000"
        ),
    ]
}

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
        if let expected = sheet.liquidation {
            #expect(cut(position.liquidationPrice) == price(expected))
        }
        #expect(cut(position.bankruptcyPrice) == sheet.bankruptcy.map { price($0) })
    }

    /// Down to 8 digits, as the sheet writes it.
    private func cut(_ answer: PriceAnswer) -> Price? {
        answer.price.flatMap {
            try? Price(units: Int64($0.units.divided(by: PowerOfTen.eight, rounding: .down)))
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
        (orders: [(.buy, "0.1", "50000"), (.sell, "0.3", "50000")], initial: "500"),  // the larger side
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
            #expect(cut(answer) == price("45362.90322580"))
        }
        desk.fill("alice", "BTCUSDT", "-0.2", at: "50000", leg: .short)
        #expect(desk.position("alice", "BTCUSDT", .long).bankruptcyPrice == .none(.hedged))
    }
}
