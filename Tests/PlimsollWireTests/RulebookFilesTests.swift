import Plimsoll
import PlimsollUnits
import PlimsollWire
import Testing

/// The folder of the shipped rulebooks, seen from this file.
private let folder: String = {
    let parts = #filePath.split(separator: "/").dropLast(3)
    return "/" + parts.joined(separator: "/") + "/rulebooks"
}()

private let catalog = RulebookCatalog(directories: [folder])

@Suite struct `Shipped rulebooks` {
    static let paths = catalog.paths(in: folder)

    @Test func `are those that the issue names`() {
        #expect(
            catalog.ids() == [
                "binance-coinm", "binance-usdm", "bitmex", "bybit-classic", "bybit-unified",
                "bybit-uta", "deribit", "dydx-v4", "hyperliquid", "kraken-futures", "okx-multi",
                "okx-single",
            ]
        )
    }

    @Test(arguments: paths)
    func `pass every check`(path: String) throws {
        let loaded = try catalog.load(path, strictness: .check)
        #expect(!loaded.rulebook.instruments.isEmpty)
        #expect(!loaded.sources.isEmpty)
        // The only remark they may draw: a sample without the largest leverage.
        for warning in loaded.warnings {
            #expect(loaded.sample)
            #expect(warning.problem.hasPrefix("'maxLeverage' is missing;"), "\(warning)")
        }
    }

    @Test(arguments: paths)
    func `are silent when used`(path: String) throws {
        #expect(try catalog.load(path).warnings.isEmpty)
    }

    @Test(arguments: paths)
    func `do not differ from themselves`(path: String) throws {
        let loaded = try catalog.load(path)
        #expect(RulebookDiff.differences(from: loaded, to: loaded).isEmpty)
    }

    @Test(arguments: [
        ("dydx-v4", false), ("okx-single", true), ("okx-multi", true), ("binance-usdm", false),
        ("hyperliquid", false),
    ])
    func `say on which side of the line equality is`(id: String, below: Bool) throws {
        #expect(try catalog.load(id).rulebook.thresholds.equalityIsBelow == below)
    }

    @Test func `have dated futures with their moments of expiry`() throws {
        let rulebook = try catalog.load("bitmex").rulebook
        let dated = try #require(rulebook.instruments.first { $0.symbol == "XBTU21" })
        #expect(dated.expiry == Timestamp(nanoseconds: 1_632_484_800_000_000_000))
        #expect(dated.payoff == .inverse)
    }
}

@Suite struct `Binance brackets` {
    private static func brackets(_ symbol: String) throws -> [Bracket] {
        let rulebook = try catalog.load("binance-usdm").rulebook
        let rules = try #require(rulebook.instruments.first { $0.symbol == symbol })
        guard case .brackets(let schedule) = rules.schedule else { return [] }
        return schedule.brackets
    }

    @Test func `are those of twelve symbols, 125 in all`() throws {
        let rulebook = try catalog.load("binance-usdm").rulebook
        let counts = rulebook.instruments.map { rules in
            guard case .brackets(let schedule) = rules.schedule else { return 0 }
            return schedule.brackets.count
        }
        #expect(counts.count == 12)
        #expect(counts.reduce(0, +) == 125)
    }

    @Test func `have published amounts that keep maintenance continuous, all of them`() throws {
        for rules in try catalog.load("binance-usdm").rulebook.instruments {
            guard case .brackets(let schedule) = rules.schedule else { continue }
            let expected = BracketSchedule.continuousDeductions(
                floors: schedule.brackets.map(\.floor),
                rates: schedule.brackets.map(\.maintenanceRate)
            )
            #expect(schedule.brackets.map(\.deduction) == expected, "\(rules.symbol)")
        }
    }

    /// The amounts of BTCUSDT and BNBUSDT as the venue published them on 2026-09-29.
    @Test(arguments: [
        (
            "BTCUSDT",
            [
                "0", "300", "1500", "12000", "132000", "482000", "2982000", "14482000", "26482000",
                "41482000", "121482000", "421482000",
            ]
        ),
        (
            "BNBUSDT",
            [
                "0", "10", "810", "4810", "12310", "87310", "837310", "1587310", "6274810",
                "25024810",
            ]
        ),
    ])
    func `have the amounts that the venue published`(symbol: String, amounts: [String]) throws {
        let read = try Self.brackets(symbol).map { DecimalText.string($0.deduction, scale: 24) }
        #expect(read == amounts)
    }

    @Test func `begin at their floors, in steps of a notional`() throws {
        let second = try Self.brackets("BTCUSDT")[1]
        #expect(Money(units: second.floor).description == "300000")
        #expect(second.maxLeverage.description == "100")
        #expect(second.maintenanceRate == ExactRate(try Rate(units: 500_000)))
    }
}

@Suite struct `Derived brackets` {
    private static func brackets(_ id: String, _ symbol: String) throws -> [Bracket] {
        let rulebook = try catalog.load(id).rulebook
        let rules = try #require(rulebook.instruments.first { $0.symbol == symbol })
        guard case .brackets(let schedule) = rules.schedule else { return [] }
        return schedule.brackets
    }

    /// The amount of ETH is 100,000,000 × (1 ÷ (2 × 15) − 1 ÷ (2 × 25)) = 100,000,000 ÷ 75.
    @Test func `of Hyperliquid have half of the initial rate, and continue`() throws {
        let brackets = try Self.brackets("hyperliquid", "ETH")
        #expect(brackets[0].maintenanceRate == ExactRate(try Rate(units: 2_000_000)))
        let thirtieth = try ExactRate(oneOver: 2, times: Leverage(hundredths: 1_500))
        #expect(brackets[1].maintenanceRate == thirtieth)
        #expect(
            DecimalText.string(brackets[1].deduction, scale: 24)
                == "1333333.333333333333333333333333"
        )
    }

    /// Kraken states 2 %; half of it is maintenance, and 50× is what 2 % allows.
    @Test func `of Kraken have half of the initial rate, flat`() throws {
        let bracket = try Self.brackets("kraken-futures", "PI_XBTUSD")[0]
        #expect(bracket.maintenanceRate == ExactRate(try Rate(units: 1_000_000)))
        #expect(bracket.initialRate == (try Rate(units: 2_000_000)))
        #expect(bracket.maxLeverage.description == "50")
    }

    /// BitMEX XBTUSD: 200 XBT at 1 % and 0.35 %, each further 100 XBT adds 0.35 % to both.
    @Test func `of BitMEX rise by a step for each step of the risk limit`() throws {
        let brackets = try Self.brackets("bitmex", "XBTUSD")
        #expect(brackets.count == Limits.brackets)
        #expect(brackets.prefix(3).map { "\(Money(units: $0.floor))" } == ["0", "200", "300"])
        #expect(
            brackets.prefix(3).map(\.initialRate?.description) == ["0.01", "0.0135", "0.017"]
        )
        #expect(
            brackets.prefix(3).map { "\($0.maintenanceRate.units16)" }
                == ["35000000000000", "70000000000000", "105000000000000"]
        )
        #expect(brackets.allSatisfy { $0.deduction == 0 })
    }

    /// Bybit's sample does not say its largest leverage: 0.5 % allows 200×.
    @Test func `without a largest leverage allow what maintenance allows`() throws {
        #expect(try Self.brackets("bybit-uta", "ETHUSDT")[0].maxLeverage.description == "200")
    }
}

@Suite struct `Damaged rulebooks` {
    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    @Test(arguments: UInt64(1)...150)
    func `give faults or another rulebook, never a trap`(seed: UInt64) throws {
        var generator = Generator(state: seed)
        let path = try #require(catalog.paths(in: folder).randomElement(using: &generator))
        var bytes = try RulebookFiles.disk.bytes(of: path)
        for _ in 0..<3 {
            let index = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes.remove(at: index)
            case 1: bytes[index] = UInt8.random(in: 0x20..<0x7f, using: &generator)
            case 2: bytes.insert(contentsOf: "99999999999".utf8, at: index)
            default: bytes.removeSubrange(index..<min(index + 200, bytes.count))
            }
        }
        for strictness in [RulebookStrictness.check, .use] {
            do {
                _ = try catalog.load(bytes, file: path, strictness: strictness)
            } catch {
                #expect(!error.isEmpty)
                #expect(error.faults.allSatisfy { !$0.remedy.isEmpty })
            }
        }
    }
}
