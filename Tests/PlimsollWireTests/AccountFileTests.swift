import Plimsoll
import PlimsollUnits
import PlimsollWire
import Testing

@Suite struct `Account files` {
    private static let rules = """
        format: plimsoll-rulebook-1
        id: venue
        version: 2026-11-22
        currency: USD
        quotes: [USDT]
        collateralModes: [single-asset, multi-asset]
        positionModes: [one-way, hedge]
        instruments:
          BTCUSDT:
            payoff: linear
            brackets: [{floor: 0, maxLeverage: 50, maintenanceRate: 0.01, maintenanceAmount: 0}]
          XBTUSD:
            payoff: inverse
            base: BTC
            quote: USD
            brackets: [{floor: 0, maxLeverage: 10, maintenanceRate: 0.01, maintenanceAmount: 0}]
        """

    private func load(_ text: String) throws(InputFaults) -> LoadedAccount {
        let catalog = RulebookCatalog(
            directories: ["rules"],
            texts: ["rules/venue.yaml": Self.rules]
        )
        return try AccountFile.load(Array(text.utf8), file: "a.yaml", catalog: catalog)
    }

    private func faults(_ text: String) -> [String] {
        do {
            _ = try load(text)
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test func `the cross wallet is the collateral less isolated margins`() throws {
        let loaded = try load(
            """
            rulebook: venue
            account:
              collateral: {USDT: 1000.5, BTC: 2}
              positions:
                - {symbol: BTCUSDT, quantity: 1, entryPrice: 60000.0000000000000001, leverage: 10, marginMode: isolated, isolatedMargin: 700}
            marks: {BTCUSDT: 60000}
            """
        )
        let report = loaded.engine.report(loaded.account)
        let isolated = try #require(report.pools.first { $0.isolated != nil })
        let cross = try #require(report.pools.first { $0.isolated == nil && $0.asset == "USDT" })
        #expect(isolated.figures?.walletBalance.description == "700")
        #expect(cross.figures?.walletBalance.description == "300.5")
        #expect(
            report.collateral.first { $0.asset == "USDT" }?.walletBalance.description == "1000.5"
        )
        #expect(report.positions.first?.entryPrice.description == "60000.0000000000000001")
        #expect(loaded.engine.brokenInvariants().isEmpty)
    }

    @Test(arguments: [
        ("BTCUSDT", "0.7", "60000.1", "7", "6000.01"),
        ("BTCUSDT", "0.1", "0.1", "3", "0.0033333333333334"),
        ("XBTUSD", "-100", "60000", "", "0.0001666666666667"),
    ])
    func `a missing isolated margin is the cost at entry by the leverage, rounded up`(
        symbol: String,
        quantity: String,
        entry: String,
        leverage: String,
        margin: String
    ) throws {
        let chosen = leverage.isEmpty ? "" : ", leverage: \(leverage)"
        let loaded = try load(
            """
            rulebook: venue
            account:
              collateral: {USDT: 100000, BTC: 1}
              positions: [{symbol: \(symbol), quantity: \(quantity), entryPrice: \(entry), marginMode: isolated\(chosen)}]
            marks: {\(symbol): 60000}
            """
        )
        let position = try #require(loaded.engine.report(loaded.account).positions.first)
        #expect(position.isolatedMargin?.description == margin)
        #expect(loaded.notes.contains { $0.contains("isolatedMargin is not given") })
        #expect(position.leverageIsChosen == !leverage.isEmpty)
        #expect(leverage.isEmpty == loaded.notes.contains { $0.contains("leverage is not given") })
    }

    @Test func `hedge rows are legs by their signs, and orders open the leg of their side`() throws
    {
        let loaded = try load(
            """
            rulebook: venue
            account:
              positionMode: hedge
              collateral: {USDT: 100000}
              positions:
                - {symbol: BTCUSDT, quantity: -1, entryPrice: 60000}
                - {symbol: BTCUSDT, quantity: 2, entryPrice: 61000}
              orders:
                - {symbol: BTCUSDT, side: sell, quantity: 1, price: 70000}
                - {symbol: BTCUSDT, side: sell, quantity: 9, price: 70000, reduceOnly: true}
            marks: {BTCUSDT: 60000}
            """
        )
        let report = loaded.engine.report(loaded.account)
        #expect(report.positions.map(\.leg) == [.short, .long])
        #expect(report.figures?.orderInitialMargin.description == "3500")
        #expect(loaded.isHedge)
    }

    @Test func `every fault is reported at once, with its place`() {
        let found = faults(
            """
            rulebook: venue
            account:
              collateral: {USDT: x}
              positions:
                - {symbol: BTCUSD, quantity: 0, entryPrice: -1}
                - {symbol: BTCUSDT, quantity: 1, entryPrise: 1}
            marks: {BTCUSDT: 0, ETHUSDT: 1}
            """
        )
        #expect(
            found.map { String($0.prefix { $0 != "\n" }) } == [
                "a.yaml:7:18: marks.BTCUSDT: '0' is not above zero.",
                "a.yaml:3:22: account.collateral.USDT: 'x' is not a decimal number.",
                "a.yaml:5:34: account.positions[0].quantity: the quantity is zero, which is no position.",
                "a.yaml:5:49: account.positions[0].entryPrice: '-1' is not above zero.",
                "a.yaml:6:38: account.positions[1]: the field 'entryPrise' is not known here.",
                "a.yaml:7:30: marks.ETHUSDT: the rulebook 'venue' has no instrument 'ETHUSDT'.",
            ]
        )
    }

    @Test func `debts are allowed, and idle collateral is named`() throws {
        let loaded = try load(
            """
            rulebook: venue
            account: {collateral: {USDT: -5.5, DOGE: 10}}
            marks: {BTCUSDT: 60000}
            """
        )
        let report = loaded.engine.report(loaded.account)
        #expect(report.state == .liquidation)
        #expect(loaded.notes.contains { $0.hasPrefix("DOGE: ") })
    }
}
