import Plimsoll
import PlimsollUnits
import PlimsollWire
import Testing

private let base = """
    format: plimsoll-rulebook-1
    id: base
    version: 2026-11-22
    title: Base
    currency: USD
    quotes: [USDT, USD]
    defaults: {payoff: linear, closingFee: at-entry, takerFeeRate: 0.001}
    instruments:
      BTCUSDT:
        tick: 0.1
        brackets:
          - {floor: 0, maxLeverage: 100, maintenanceRate: 0.005}
          - {floor: 50000, maxLeverage: 50, maintenanceRate: 0.01}
      BTC-PERPETUAL:
        payoff: inverse
        base: BTC
        quote: USD
        initialBaseRate: 0.02
        maintenanceBaseRate: 0.01

    """

private let flat = """
    id: flat
    extends: base
    brackets: {key: size, kind: flat, maintenance: half-of-initial}
    instruments: {}
    """

private func load(_ text: String) throws -> LoadedRulebook {
    let catalog = RulebookCatalog(
        directories: ["r"],
        texts: ["r/base.yaml": base, "r/flat.yaml": flat]
    )
    return try catalog.load(Array(text.utf8), file: "account.yaml")
}

private func rules(_ loaded: LoadedRulebook, _ symbol: String) throws -> InstrumentRules {
    try #require(loaded.rulebook.instruments.first { $0.symbol == symbol })
}

private func brackets(_ rules: InstrumentRules) -> [Bracket] {
    guard case .brackets(let schedule) = rules.schedule else { return [] }
    return schedule.brackets
}

@Suite struct `Overriding a rulebook` {
    @Test func `replaces what it names and keeps the rest`() throws {
        let loaded = try load(
            """
            extends: base
            instruments:
              BTCUSDT:
                payoff: linear
                brackets: [{floor: 0, maxLeverage: 125, maintenanceRate: 0.004, \
            maintenanceAmount: 0}]
            """
        )
        let rules = try rules(loaded, "BTCUSDT")
        #expect(brackets(rules).count == 1)
        #expect(brackets(rules)[0].maxLeverage.description == "125")
        #expect(rules.tickSize?.description == "0.1")
        #expect(rules.closingFee == .atEntry)
        #expect(loaded.rulebook.id == "base")
        #expect(loaded.rulebook.version == "2026-11-22+overrides")
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.files == ["account.yaml", "r/base.yaml"])
    }

    @Test func `computes an amount that is left out by continuity`() throws {
        let loaded = try load("extends: base")
        let amounts = brackets(try rules(loaded, "BTCUSDT")).map(\.deduction)
        #expect(amounts == [0, 250 * PowerOfTen.twentyFour])
    }

    @Test func `takes a stated amount as it is, and warns`() throws {
        let loaded = try load(
            """
            extends: base
            instruments:
              BTCUSDT:
                brackets:
                  - {floor: 0, maxLeverage: 10, maintenanceRate: 0.10, maintenanceAmount: 135365.00}
            """
        )
        #expect(
            brackets(try rules(loaded, "BTCUSDT"))[0].deduction == 135_365 * PowerOfTen.twentyFour
        )
        #expect(loaded.warnings.count == 1)
    }

    @Test func `may change the kind of rates`() throws {
        let loaded = try load(
            """
            extends: base
            instruments:
              BTC-PERPETUAL: {brackets: [{floor: 0, maxLeverage: 50, maintenanceRate: 0.01}]}
              BTCUSDT:
                initialBaseRate: 0.04
                initialSlope: 0.0000000000000001
                maintenanceBaseRate: 0.02
            """
        )
        #expect(brackets(try rules(loaded, "BTC-PERPETUAL")).count == 1)
        guard case .affine(let affine) = try rules(loaded, "BTCUSDT").schedule else {
            Issue.record("the rates are not affine")
            return
        }
        #expect(affine.initialSlope == 1)
        #expect(affine.maintenanceSlope == 0)
    }

    @Test func `gives one fee under either of its names`() throws {
        let loaded = try load(
            """
            extends: base
            instruments: {BTCUSDT: {closingFeeRate: 0.0005}}
            """
        )
        #expect(try rules(loaded, "BTCUSDT").takerFeeRate.description == "0.0005")
    }

    @Test(arguments: [
        ("ETHUSDT", "linear", "ETH", "USDT", "USDT"),
        ("ETH-USDT-SWAP", "linear", "ETH", "USDT", "USDT"),
        ("BTCUSD_PERP", "inverse", "BTC", "USD", "BTC"),
        ("PF_XBTUSD", "linear", "XBT", "USD", "USD"),
        ("SOL_USDT-PERPETUAL", "linear", "SOL", "USDT", "USDT"),
    ])
    func `reads the assets of a new symbol by the rulebook's quotes`(
        symbol: String,
        payoff: String,
        base: String,
        quote: String,
        settle: String
    ) throws {
        let loaded = try load(
            """
            extends: base
            instruments:
              \(symbol):
                payoff: \(payoff)
                brackets: [{floor: 0, maxLeverage: 10, maintenanceRate: 0.01}]
            """
        )
        let rules = try rules(loaded, symbol)
        #expect([rules.base, rules.quote, rules.settle] == [base, quote, settle])
    }

    @Test func `does not guess where no quote is named`() {
        let error = #expect(throws: InputFaults.self) {
            try load(
                """
                extends: base
                instruments:
                  ETHEUR:
                    base: ETH
                    brackets: [{floor: 0, maxLeverage: 10, maintenanceRate: 0.01}]
                """
            )
        }
        #expect(
            error?.faults.first?.description == """
                account.yaml:4:5: instruments.ETHEUR: 'quote' is missing and does not follow from \
                the symbol (quotes of the rulebook: USDT, USD).
                  Add 'quote' with the name of the asset.
                """
        )
    }

    @Test func `can make tiers flat, by size, with half of the initial rate`() throws {
        let loaded = try load(
            """
            extends: flat
            instruments:
              BTCUSDT:
                brackets:
                  - {floor: 0, initialRate: 0.03}
                  - {floor: 25.5, maxLeverage: 3}
            """
        )
        let rules = try rules(loaded, "BTCUSDT")
        let read = brackets(rules)
        #expect(read.map(\.floor) == [0, 2_550_000_000])
        #expect(read.map(\.deduction) == [0, 0])
        #expect(read[0].maintenanceRate == ExactRate(try Rate(units: 1_500_000)))
        #expect(read[0].maxLeverage.description == "33.33")
        #expect(read[0].initialRate?.description == "0.03")
        // 1 ÷ (2 × 3) = 1/6, which no decimal holds.
        #expect(read[1].maintenanceRate.units16 == 1_666_666_666_666_667)
    }

    @Test func `differs from its base in what it changed`() throws {
        let old = try load("extends: base\nversion: 1")
        let new = try load(
            """
            extends: base
            version: 1
            thresholds: {watch: 0.4}
            instruments:
              BTCUSDT:
                brackets:
                  - {floor: 0, maxLeverage: 100, maintenanceRate: 0.005}
                  - {floor: 60000, maxLeverage: 50, maintenanceRate: 0.01}
            """
        )
        let path = "instruments.BTCUSDT.brackets"
        #expect(
            RulebookDiff.differences(from: old, to: new) == [
                .init(path: "thresholds.watch", old: "0.5", new: "0.4"),
                .init(path: "\(path)[50000].floor", old: "50000", new: nil),
                .init(path: "\(path)[50000].maxLeverage", old: "50", new: nil),
                .init(path: "\(path)[50000].maintenanceRate", old: "0.01", new: nil),
                .init(path: "\(path)[50000].maintenanceAmount", old: "250", new: nil),
                .init(path: "\(path)[60000].floor", old: nil, new: "60000"),
                .init(path: "\(path)[60000].maxLeverage", old: nil, new: "50"),
                .init(path: "\(path)[60000].maintenanceRate", old: nil, new: "0.01"),
                .init(path: "\(path)[60000].maintenanceAmount", old: nil, new: "300"),
            ]
        )
    }
}

@Suite struct `The page about rulebooks` {
    @Test func `explains every key`() throws {
        let parts = #filePath.split(separator: "/").dropLast(3)
        let path = "/" + parts.joined(separator: "/") + "/docs/formats/rulebooks.md"
        let page = try String(decoding: RulebookFiles.disk.bytes(of: path), as: UTF8.self)
        for key in RulebookKeys.all {
            let words = ["`\(key)`", "{\(key),", " \(key),", " \(key)}"]
            #expect(words.contains { page.contains($0) }, "\(key)")
        }
    }
}

@Suite struct `Moments as text` {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59Z", 951_868_799),
        ("2021-09-24T12:00:00Z", 1_632_484_800), ("2022-03-25T08:00:00Z", 1_648_195_200),
        ("2200-12-31T23:59:59Z", 7_289_654_399),
    ])
    func `are seconds since 1970, and back`(text: String, seconds: Int64) {
        let moment = Timestamp(nanoseconds: seconds * 1_000_000_000)
        #expect(UTCMoment.timestamp(text) == moment)
        #expect(UTCMoment.text(moment) == text)
    }

    @Test(arguments: [
        "2021-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2021-13-01T00:00:00Z",
        "2021-01-01T24:00:00Z", "2021-01-01 00:00:00Z", "2021-01-01T00:00:00", "",
        "1969-12-31T00:00:00Z", "2021-00-01T00:00:00Z", "2021-01-00T00:00:00Z",
    ])
    func `are refused where the calendar has no such moment`(text: String) {
        #expect(UTCMoment.timestamp(text) == nil)
    }
}
