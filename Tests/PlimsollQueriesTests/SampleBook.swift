import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

/// A seeded book of one venue: linear and inverse instruments, isolated and cross, hedged accounts, accounts
/// whose assets back each other, a market without a mark and stale prices.
struct SampleBook {
    var engine = Engine()
    var random: SplitMix64
    let venue = VenueID(index: 0)
    private(set) var events: [Event] = []
    private var clock: Int64 = 1_760_000_000_000_000_000
    private(set) var prices: [Int64] = []
    /// All accounts that are margined.
    private(set) var traders: [AccountID] = []

    static let symbols = ["BTCUSDT", "ETHUSDT", "BTCUSD", "XRPUSDT"]

    init(seed: UInt64, accounts: Int = 40, steps: Int = 400) throws {
        random = SplitMix64(seed: seed)
        try send(.venueDefined(VenueDefined(name: "demo", mode: .venue)))
        for name in ["USDT", "BTC"] {
            try send(.assetDefined(AssetDefined(venue: venue, name: name)))
        }
        try send(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: Self.rulebook())))
        for symbol in Self.symbols {
            try send(.instrumentDefined(InstrumentDefined(venue: venue, symbol: symbol)))
        }
        prices = [6_000_000_000_000, 300_000_000_000, 6_000_000_000_000, 50_000_000]
        try send(
            .insuranceFunded(InsuranceFunded(asset: asset("USDT"), amount: money("5000")))
        )
        for index in 0..<3 { try mark(index) }
        for number in 0..<accounts { try open(number) }
        for _ in 0..<steps { try step() }
    }

    private static func rulebook() throws -> Rulebook {
        func bracket(_ floor: String, _ rate: String, _ amount: String, _ times: Int64) throws
            -> Bracket
        {
            Bracket(
                floor: try DecimalText.units(floor, scale: 16),
                maintenanceRate: ExactRate(try PlimsollQueriesTests.rate(rate)),
                deduction: try DecimalText.units(amount, scale: 24),
                maxLeverage: try Leverage(hundredths: times * 100)
            )
        }
        let dollars = try #require(
            BracketSchedule(
                key: .notional,
                brackets: [
                    bracket("0", "0.004", "0", 125), bracket("50000", "0.005", "50", 100),
                    bracket("250000", "0.01", "1300", 50),
                ]
            )
        )
        let coins = try #require(
            BracketSchedule(
                key: .notional,
                brackets: [bracket("0", "0.004", "0", 125), bracket("5", "0.01", "0.03", 50)]
            )
        )
        var rulebook = Rulebook(
            id: "demo",
            version: "1",
            currency: "USDT",
            collateralModes: [.singleAsset, .multiAsset],
            positionModes: [.oneWay, .hedge],
            priceGuard: PriceGuard(maxAge: 60_000_000_000),
            collateral: [
                CollateralRule(asset: "USDT"),
                CollateralRule(asset: "BTC", bidBuffer: try PlimsollQueriesTests.rate("0.05")),
            ],
            instruments: ["BTC", "ETH", "XRP"].map {
                InstrumentRules(
                    symbol: "\($0)USDT",
                    payoff: .linear,
                    base: $0,
                    quote: "USDT",
                    settle: "USDT",
                    schedule: .brackets(dollars)
                )
            } + [
                InstrumentRules(
                    symbol: "BTCUSD",
                    payoff: .inverse,
                    base: "BTC",
                    quote: "USD",
                    settle: "BTC",
                    schedule: .brackets(coins)
                )
            ]
        )
        rulebook.enforcement = Enforcement()
        return rulebook
    }

    func asset(_ name: String) throws -> AssetID {
        try #require(engine.directory.asset(name, in: venue))
    }

    func instrument(_ symbol: String) throws -> InstrumentID {
        try #require(engine.directory.instrument(symbol, in: venue))
    }

    func account(_ name: String) throws -> AccountID {
        try #require(engine.directory.account(name, in: venue))
    }

    mutating func send(_ body: Event.Body) throws {
        let event = Event(time: Timestamp(nanoseconds: clock), body: body)
        events.append(event)
        var effects: [Effect] = []
        engine.applyOrRefuse(event, emitting: &effects)
    }

    private mutating func open(_ number: Int) throws {
        try send(
            .accountOpened(
                AccountOpened(
                    venue: venue,
                    name: "trader-\(number)",
                    collateralMode: number % 5 == 4 ? .multiAsset : .singleAsset,
                    positionMode: number % 7 == 3 ? .hedge : .oneWay
                )
            )
        )
        let account = try self.account("trader-\(number)")
        traders.append(account)
        guard number % 11 != 10 else { return }  // some never have anything
        let dollars = random.int(50...20_000)
        try send(
            .deposited(
                Deposited(account: account, asset: asset("USDT"), amount: money("\(dollars)"))
            )
        )
        if random.chance(60) {
            let coins = "0.\(random.int(10...900))"
            try send(
                .deposited(Deposited(account: account, asset: asset("BTC"), amount: money(coins)))
            )
        }
        if random.chance(30), number % 5 != 4 {
            try send(
                .accountConfigured(
                    AccountConfigured(
                        account: account,
                        instrument: instrument("ETHUSDT"),
                        marginMode: .isolated,
                        leverage: Leverage(hundredths: 1_000)
                    )
                )
            )
        }
    }

    /// One more event: a mark, an index, a trade, an order.
    mutating func step() throws {
        clock += random.int(0...2_000_000_000)
        switch random.int(0...9) {
        case 0, 1:
            let index = Int(random.int(0...2))
            prices[index] += prices[index] / 1_000 * random.int(-12...12)
            try mark(index)
        case 2:
            try send(.indexed(Indexed(asset: asset("BTC"), price: Price(units: prices[0]))))
        case 3: try order()
        default: try trade()
        }
    }

    mutating func mark(_ index: Int) throws {
        try send(
            .marked(
                Marked(
                    instrument: instrument(Self.symbols[index]),
                    price: Price(units: prices[index])
                )
            )
        )
    }

    private mutating func trader() -> AccountID {
        traders[Int(random.int(0...Int64(traders.count - 1)))]
    }

    private mutating func trade() throws {
        let index = random.chance(4) ? 3 : Int(random.int(0...2))
        let account = trader()
        let isBuy = random.chance(55)
        let units: Int64 =
            index == 2
            ? random.int(10...20_000) * 100_000_000
            : Int64(
                clamping: Int128(random.int(10...40_000)) * 10_000_000_000_000_000
                    / Int128(prices[index])
            )
        guard let quantity = try? Quantity(units: max(1, units)) else { return }
        var leg = Leg.net
        if engine.positionMode(of: account) == .hedge { leg = isBuy ? .long : .short }
        let mine = Filled.Party(account: account, leg: leg, fee: try money("0.01"))
        let other = Filled.Party(account: engine.outside(of: venue))
        try send(
            .filled(
                Filled(
                    instrument: instrument(Self.symbols[index]),
                    quantity: quantity,
                    price: Price(units: prices[index] / 1_000 * random.int(985...1_015)),
                    buyer: isBuy ? mine : other,
                    seller: isBuy ? other : mine
                )
            )
        )
    }

    private mutating func order() throws {
        let account = trader()
        let isHedge = engine.positionMode(of: account) == .hedge
        try send(
            .orderPlaced(
                OrderPlaced(
                    account: account,
                    order: "o\(events.count)",
                    instrument: instrument("BTCUSDT"),
                    side: .buy,
                    leg: isHedge ? .long : .net,
                    quantity: Quantity(units: random.int(1_000...100_000)),
                    price: Price(units: prices[0] / 1_000 * random.int(950...1_000))
                )
            )
        )
    }
}
