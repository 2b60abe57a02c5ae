@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

/// A mirror whose positions reach every bracket, at prices from a hundredth to millions.
struct SweepBook {
    var engine = Engine()
    private var effects: [Effect] = []
    private let prices: [Int64] = [0, 3, 10, 60_000, 9_000_000]
    private let usd = AssetID(index: 0)
    private var accounts: Int32
    /// What all accounts together hold of each instrument, signed.
    private var held: [Int64]

    init(equalityIsBelow: Bool, accounts: Int = 60, _ random: inout SplitMix64) throws {
        self.accounts = Int32(accounts)
        held = prices.map { _ in 0 }
        let venue = VenueID(index: 0)
        try apply(.venueDefined(VenueDefined(name: "mirror", mode: .mirror)))
        try apply(.assetDefined(AssetDefined(venue: venue, name: "USD")))
        var rulebook = Rulebook(id: "sweep", version: "1", currency: "USD")
        rulebook.thresholds.equalityIsBelow = equalityIsBelow
        for index in prices.indices { rulebook.instruments.append(try rules(index)) }
        try apply(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: rulebook)))
        for rules in rulebook.instruments {
            try apply(.instrumentDefined(InstrumentDefined(venue: venue, symbol: rules.symbol)))
        }
        for number in 1...accounts {
            try apply(.accountOpened(AccountOpened(venue: venue, name: "a\(number)")))
        }
        for index in prices.indices { try mark(index, price(index)) }
        guard accounts > 1 else { return }
        for account in 1...Int32(accounts) { try fill(account, &random) }
    }

    mutating func moveMarks(_ random: inout SplitMix64) throws {
        for index in prices.indices {
            try mark(index, price(index) / 100 * random.int(80...120) + random.int(0...1))
        }
    }

    /// Gives the first account exactly this.
    mutating func hold(
        _ instrument: Int,
        quantity: Int64,
        entry: Int64,
        wallet: Int128
    ) throws {
        try report(1, .wallet(usd, Money(units: wallet)))
        try report(
            1,
            .position(
                InstrumentID(index: Int32(instrument)),
                .net,
                try Quantity(units: quantity),
                SolvedPrice(units: Int128(entry) * PowerOfTen.sixteen),
                isolatedMargin: nil
            )
        )
    }

    /// Some positions of any size, and a wallet near what they need.
    private mutating func fill(_ account: Int32, _ random: inout SplitMix64) throws {
        var gross: Int128 = 0
        for index in prices.indices where random.chance(60) {
            var notional = Int128(random.int(1...9)) * PowerOfTen.sixteen
            for _ in 0..<random.int(0...7) { notional *= 10 }
            let size = Int64(notional / Int128(price(index))) + 1
            gross += Int128(size) * Int128(price(index))
            // `outside` is the other side of all, and has a limit like everybody.
            let isBuy =
                held[index].magnitude < UInt64(Limits.quantity) / 4
                ? random.chance(50) : held[index] < 0
            held[index] += isBuy ? size : -size
            try report(
                account,
                .position(
                    InstrumentID(index: Int32(index)),
                    .net,
                    try Quantity(units: isBuy ? size : -size),
                    SolvedPrice(units: Int128(price(index)) * PowerOfTen.eight),
                    isolatedMargin: nil
                )
            )
        }
        let share = Int128(random.int(0...40))
        try report(account, .wallet(usd, Money(units: gross / 100 * share + 1)))
        if random.chance(10) { try order(account) }
    }

    private mutating func order(_ account: Int32) throws {
        try apply(
            .orderPlaced(
                OrderPlaced(
                    account: AccountID(index: account),
                    order: "resting",
                    instrument: InstrumentID(index: 2),
                    side: .buy,
                    quantity: try Quantity(units: 1_00000000),
                    price: try Price(units: price(2))
                )
            )
        )
    }

    private func price(_ index: Int) -> Int64 { max(1_000_000, prices[index] * 100_000_000) }

    private func rules(_ index: Int) throws -> InstrumentRules {
        let floors = [0, 20_000, 300_000, 5_000_000].map { Int128($0) * PowerOfTen.sixteen }
        let rates = try [5_000_000, 6_000_000, 12_500_000, 50_000_000].map {
            ExactRate(try Rate(units: $0))
        }
        let deductions = BracketSchedule.continuousDeductions(floors: floors, rates: rates)
        var brackets: [Bracket] = []
        for number in floors.indices {
            brackets.append(
                Bracket(
                    floor: floors[number],
                    maintenanceRate: rates[number],
                    deduction: deductions[number],
                    maxLeverage: try Leverage(hundredths: 1_000 - Int64(number) * 200)
                )
            )
        }
        let schedule = try #require(BracketSchedule(key: .notional, brackets: brackets))
        return InstrumentRules(
            symbol: "I\(index)",
            payoff: index == 1 ? .quanto : .linear,
            base: "B\(index)",
            quote: "USD",
            settle: "USD",
            schedule: .brackets(schedule)
        )
    }

    private mutating func mark(_ index: Int, _ units: Int64) throws {
        let price = try Price(units: units)
        let instrument = InstrumentID(index: Int32(index))
        try apply(.marked(Marked(instrument: instrument, price: price)))
    }

    private mutating func report(_ account: Int32, _ report: Reconciled.Report) throws {
        try apply(.reconciled(Reconciled(account: AccountID(index: account), report: report)))
    }

    private mutating func apply(_ body: Event.Body) throws {
        try engine.apply(Event(time: .zero, body: body), emitting: &effects)
        effects.removeAll()
    }
}
