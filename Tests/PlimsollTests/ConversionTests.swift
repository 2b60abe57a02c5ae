@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

/// BTC for USDT, by hand and by seeds.
@Suite struct `One asset sold for another` {
    private static let coin = CollateralExchange(
        soldIndex: 50_000_00000000,
        owedIndex: 1_00000000,
        fee: rate("0.04")
    )

    @Test func `the least is sold that pays the debt and the fee`() {
        // 96 ÷ 0.96 = 100, and 100 ÷ 50,000 = 0.002.
        let sale = Self.coin.sale(paying: units("96", 16), from: units("1", 16)) { _ in true }
        #expect(sale?.sold == units("0.002", 16))
        #expect(sale?.bought == units("100", 16))
        #expect(sale?.fee == units("4", 16))
    }

    @Test func `what is not enough is sold in full`() {
        // 0.001 × 50,000 = 50, 4 % of it 2.
        let sale = Self.coin.sale(paying: units("96", 16), from: units("0.001", 16)) { _ in true }
        #expect(sale?.sold == units("0.001", 16))
        #expect(sale?.bought == units("50", 16))
        #expect(sale?.paid == units("48", 16))
    }

    @Test func `the fee is what can be borne`() {
        let most = units("1.5", 16)
        let sale = Self.coin.sale(paying: units("96", 16), from: units("1", 16)) { $0.fee <= most }
        #expect(sale?.fee == most)
        #expect(sale?.paid == units("96", 16))
        let none = Self.coin.sale(paying: units("96", 16), from: units("1", 16)) { _ in false }
        #expect(none?.fee == 0)
        #expect(none?.paid == units("96", 16))
    }

    @Test func `nothing is sold for nothing`() {
        let dear = CollateralExchange(soldIndex: 1, owedIndex: 3, fee: .zero)
        #expect(dear.sale(paying: 5, from: 2) { _ in true } == nil)
        #expect(dear.sale(paying: 5, from: 3) { _ in true }?.bought == 1)
    }

    @Test func `the largest amounts do not overflow`() {
        let extreme = CollateralExchange(
            soldIndex: Limits.price,
            owedIndex: 1,
            fee: rate("0.99999999")
        )
        let sale = extreme.sale(paying: Limits.money, from: Limits.money) { _ in true }
        #expect(sale?.paid == Limits.money)
        let other = CollateralExchange(soldIndex: 1, owedIndex: Limits.price, fee: rate("0.5"))
        #expect(
            other.sale(paying: Limits.money, from: Limits.money) { _ in true }?.sold == Limits.money
        )
    }

    @Test(arguments: Seeds.of(20))
    func `nobody loses more than a unit by rounding, and the house nothing`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            func magnitude(_ digits: Int64) -> Int64 {
                random.int(1...Int64(PowerOfTen.of(Int(random.int(1...digits)))))
            }
            let exchange = CollateralExchange(
                soldIndex: magnitude(14),
                owedIndex: magnitude(14),
                fee: Rate(unchecked: random.pick([0, 100_000, random.int(0...99_999_999)]))
            )
            let (debt, owned) = (Int128(magnitude(18)), Int128(magnitude(18)))
            let bearable = Int128(random.chance(30) ? magnitude(18) : Int64.max)
            guard let sale = exchange.sale(paying: debt, from: owned, where: { $0.fee <= bearable })
            else {
                #expect(owned * Int128(exchange.soldIndex) < Int128(exchange.owedIndex))
                continue
            }
            let given = sale.sold * Int128(exchange.soldIndex)
            let got = sale.bought * Int128(exchange.owedIndex)
            #expect(got <= given, "the house loses, seed \(seed)")
            #expect(
                given - got < Int128(max(exchange.soldIndex, exchange.owedIndex)),
                "more than a unit is lost, seed \(seed)"
            )
            #expect(sale.sold <= owned && sale.fee >= 0 && sale.paid >= 0 && sale.fee <= bearable)
            #expect(sale.sold == owned ? sale.paid <= debt : sale.paid == debt)
            let most = (sale.bought * Int128(exchange.fee.units))
                .divided(by: PowerOfTen.eight, rounding: .up)
            #expect(sale.fee <= most && (sale.fee == most || sale.fee == bearable))
        }
    }
}

/// Accounts whose assets back each other: USD at 1, ETH at 2,000 and BTC at 50,000, X settled in USD.
@Suite struct `Collateral is converted` {
    private func desk(
        _ conversion: CollateralConversion?,
        haircut: String = "0",
        fund: String = "0",
        adjust: (inout Enforcement) -> Void = { _ in }
    ) -> LiquidationDesk {
        var enforcement = Enforcement(conversion: conversion)
        adjust(&enforcement)
        var inverse = LiquidationDesk.rules("I", payoff: .inverse)
        inverse.settle = "BTC"
        var desk = LiquidationDesk(
            enforcement,
            instruments: [LiquidationDesk.rules("X"), inverse],
            collateral: ["ETH", "BTC"],
            fund: fund,
            adjust: {
                $0.collateralModes = [.multiAsset, .singleAsset]
                $0.thresholds.exit = .one
                let weight = Rate(unchecked: 100_000_000 - rate(haircut).units)
                $0.collateral = ["ETH", "BTC"].map {
                    CollateralRule(
                        asset: $0,
                        tiers: [CollateralTier(floor: .zero, weight: weight)]
                    )
                }
            }
        )
        desk.index("ETH", "2000")
        desk.index("BTC", "50000")
        _ = desk.open("short", "100000")
        desk.mark("100")
        return desk
    }

    /// An account that owes 96 USD and holds 10 X bought at 100.
    private func owing(_ desk: inout LiquidationDesk, _ assets: [(String, String)]) -> AccountID {
        let account = desk.open("alice", "0")
        for (amount, name) in assets { desk.deposit(account, amount, name) }
        desk.trade(account, desk.id("short"), "20", at: "100")
        desk.trade(desk.id("short"), account, "10", at: "90.4")
        return account
    }

    @Test func `in the declared order, until the debt is paid`() {
        for order in [["ETH", "BTC"], ["BTC", "ETH"]] {
            var desk = desk(CollateralConversion(order: order, fee: rate("0.04")))
            let alice = owing(&desk, [("0.004", "BTC"), ("0.03", "ETH")])
            let sales = desk.mark("87").insurance.compactMap(\.sale)
            #expect(sales.map(\.asset) == order.prefix(sales.count).map { desk.asset($0) })
            #expect(desk.wallet(alice, "USD") == .zero)
            let isFirst = order[0] == "ETH"
            // ETH brings 60, of which 57.6 are paid, and the rest is 40 from BTC; or BTC brings all 100.
            #expect(desk.wallet(alice, "ETH") == money(isFirst ? "0" : "0.03"))
            #expect(desk.wallet(alice, "BTC") == money(isFirst ? "0.0032" : "0.002"))
            #expect(desk.fund == money("4"))
        }
    }

    @Test func `an account whose assets do not back each other converts nothing`() {
        var desk = desk(CollateralConversion(order: ["BTC"]))
        let account = AccountOpened(venue: desk.venue, name: "alice", collateralMode: .singleAsset)
        desk.send(.accountOpened(account))
        let alice = desk.id("alice")
        desk.deposit(alice, "1", "BTC")
        desk.trade(alice, desk.id("short"), "20", at: "100")
        desk.trade(desk.id("short"), alice, "10", at: "90.4")
        #expect(desk.mark("87").insurance.allSatisfy { $0.sale == nil })
        #expect(desk.wallet(alice, "BTC") == money("1"))
    }

    @Test func `profit that covers a debt is not paid for twice`() {
        var desk = desk(CollateralConversion(order: ["BTC"]))
        let alice = desk.open("alice", "0")
        desk.deposit(alice, "0.01", "BTC")
        desk.trade(alice, desk.id("short"), "20", at: "100")
        desk.trade(desk.id("short"), alice, "10", at: "90")
        desk.mark("108")
        // 50 + 80 − 100 = 30 is below 54. 80 of the 100 are covered, so 20 are owed: 0.004 BTC.
        let sale = desk.index("BTC", "5000").insurance.first?.sale
        #expect(sale?.sold == money("0.004"))
        #expect(sale?.bought == money("20"))
        #expect(desk.wallet(alice, "USD") == money("-80"))
    }

    @Test func `what positions of the asset have lost is not sold`() {
        var desk = desk(CollateralConversion(order: ["BTC"]))
        let alice = desk.open("alice", "0")
        desk.deposit(alice, "0.02", "BTC")
        desk.mark("50000", 1)
        desk.trade(desk.id("short"), alice, "1000", at: "50000", 1)
        desk.trade(alice, desk.id("short"), "10", at: "100")
        desk.trade(desk.id("short"), alice, "9", at: "50")
        // The short of 1,000 USD loses 1,000 ÷ 50,000 − 1,000 ÷ 62,500 = 0.004: 0.016 is left.
        desk.mark("62500", 1)
        // 450 USD are owed; 0.016 × 25,000 = 400 are there.
        let sale = desk.index("BTC", "25000").insurance.first?.sale
        #expect(sale?.sold == money("0.016"))
        #expect(sale?.bought == money("400"))
    }

    @Test func `each debt is paid`() {
        var desk = desk(CollateralConversion(order: ["BTC"], fee: rate("0.04")))
        let alice = owing(&desk, [("0.01", "BTC")])
        let fee = FeeCharged(account: alice, asset: desk.asset("ETH"), amount: money("0.012"))
        desk.send(.feeCharged(fee))
        // 500 − 96 − 24 − 350 = 30 is below 32.5. 96 ÷ 0.96 = 100 USD, 0.012 ÷ 0.96 = 0.0125 ETH.
        let sales = desk.mark("65").insurance.compactMap(\.sale)
        #expect(sales.map(\.sold) == [money("0.002"), money("0.0005")])
        #expect(sales.map(\.bought) == [money("100"), money("0.0125")])
        #expect(desk.wallet(alice, "USD") == .zero)
        #expect(desk.wallet(alice, "ETH") == .zero)
    }

    @Test func `a wallet that buys nothing holds nobody up`() {
        var desk = desk(
            CollateralConversion(order: ["ETH", "BTC"]),
            adjust: { $0.deleveraging.price = .mark }
        )
        let alice = owing(&desk, [("0.004", "BTC")])
        desk.deposit(alice, "0.0000000000000001", "ETH")
        desk.index("ETH", "0.00000001")
        // 200 − 96 − 200 = −96
        let effects = desk.mark("80")
        #expect(effects.bankruptcies.map(\.deficit) == [money("96")])
        #expect(desk.wallet(alice, "USD") == .zero)
        #expect(desk.wallet(alice, "ETH") == money("0.0000000000000001"))
    }

    @Test func `a snapshot in the middle goes on alike`() throws {
        var desk = desk(CollateralConversion(order: ["ETH", "BTC"], fee: rate("0.04")))
        _ = owing(&desk, [("0.004", "BTC"), ("0.03", "ETH")])
        var copy = try Engine(snapshot: desk.engine.snapshot())
        #expect(copy.digest == desk.engine.digest)
        var effects: [Effect] = []
        let mark = Event(
            time: Timestamp(nanoseconds: desk.clock + 1_000_000_000),
            body: .marked(Marked(instrument: InstrumentID(index: 0), price: price("87")))
        )
        copy.applyOrRefuse(mark, emitting: &effects)
        #expect(effects == desk.mark("87"))
        #expect(effects.contains { if case .insuranceMoved = $0 { true } else { false } })
        #expect(copy.digest == desk.engine.digest)
    }

    @Test func `a rulebook that cannot be followed is refused`() {
        for (conversion, fault) in [
            (CollateralConversion(order: []), "it names no asset"),
            (CollateralConversion(order: ["BTC", "BTC"]), "an asset is there twice"),
            (CollateralConversion(order: ["BTC"], fee: .one), "the fee is not from 0 to below 1"),
            (
                CollateralConversion(order: ["BTC"], fee: Rate(unchecked: -1)),
                "the fee is not from 0 to below 1"
            ),
        ] {
            var desk = desk(nil)
            var rulebook = Rulebook(id: "desk", version: "2", currency: "USD")
            rulebook.enforcement = Enforcement(conversion: conversion)
            let adoption = RulebookAdopted(venue: desk.venue, rulebook: rulebook)
            #expect(
                desk.send(.rulebookAdopted(adoption)).refusals
                    == [.badRulebook("desk", "conversion: \(fault)")]
            )
        }
    }

    // MARK: Whatever the account holds

    @Test(arguments: Seeds.of(40))
    func `equity falls by no more than the fee, and the fee makes nobody bankrupt`(seed: UInt64) {
        var random = SplitMix64(seed: seed &+ 7_000)
        for _ in 0..<10 {
            let world = HeldAssets(&random)
            var ledger = world.ledger
            ledger.claim()
            ledger.stamp &+= 1
            guard let before = try? ledger.figures(ofPool: world.lead) else {
                Issue.record("seed \(seed): a price is missing")
                continue
            }
            let wallets = ledger.sleeves(of: world.lead).map { ledger.pools[Int($0)].wallet }
            var effects = Effects()
            let hasSold = ledger.convertCollateral(world.lead, world.rules, &effects)
            ledger.touched.removeAll()
            #expect(hasSold == !effects.insurance.isEmpty)
            guard let after = try? ledger.figures(ofPool: world.lead) else { continue }
            var fees: Int128 = 0
            var rounding: Int128 = 0
            for move in effects.insurance {
                guard let sale = move.sale else { continue }
                let ask = (try? ledger.conversion(of: move.asset.index))?.ask ?? 0
                fees +=
                    move.amount.units.multiplied(
                        by: ask,
                        dividedBy: PowerOfTen.sixteen,
                        rounding: .up
                    ) ?? 0
                rounding +=
                    Int128(sale.price.units + sale.boughtPrice.units) / PowerOfTen.eight + 16
            }
            #expect(after.equity >= before.equity - fees - rounding, "seed \(seed)")
            #expect(before.equity < 0 || after.equity >= 0, "seed \(seed): bankrupt by rounding")
            if effects.insurance.contains(where: { $0.amount > .zero }) {
                #expect(after.equity >= 0, "seed \(seed): the fee bankrupts")
            }
            for (pool, wallet) in zip(ledger.sleeves(of: world.lead), wallets) {
                let now = ledger.pools[Int(pool)].wallet
                #expect(wallet < 0 ? now >= wallet && now <= 0 : now >= 0 && now <= wallet)
            }
            #expect(!ledger.convertCollateral(world.lead, world.rules, &effects), "seed \(seed)")
        }
    }
}

/// One multi-asset account with random wallets, positions and rules, and what it is converted by.
private struct HeldAssets {
    var ledger: Ledger
    var lead: Int32 = 0
    var rules: Enforcement

    init(_ random: inout SplitMix64) {
        let names = ["USD", "A", "B", "C"]
        var order = names.shuffled(using: &random)
        if random.chance(30) { order.removeLast() }
        let conversion = CollateralConversion(
            order: order,
            fee: random.pick([.zero, rate("0.001"), rate("0.3")])
        )
        rules = Enforcement(conversion: conversion)
        var inverse = LiquidationDesk.rules("I", payoff: .inverse)
        inverse.settle = "A"
        var draws = random
        var desk = LiquidationDesk(
            rules,
            instruments: [LiquidationDesk.rules("X"), inverse],
            collateral: ["A", "B", "C"],
            adjust: { rulebook in
                rulebook.collateralModes = [.multiAsset]
                rulebook.collateral = names.filter { _ in draws.chance(80) }.map {
                    HeldAssets.rule($0, &draws)
                }
            }
        )
        random = draws
        for name in names.dropFirst() {
            let digits = random.int(4...13)
            let units = random.int(1...Int64(PowerOfTen.of(Int(digits))))
            desk.index(name, "\(Price(unchecked: units))")
        }
        desk.mark("100")
        desk.mark("50000", 1)
        let account = desk.open("held", "0")
        for name in names where name == "USD" || random.chance(80) {
            let amount = Money(units: Int128(random.int(1...1_000_000_000_000_000_000)))
            let asset = desk.asset(name)
            desk.send(.deposited(Deposited(account: account, asset: asset, amount: amount)))
            guard random.chance(50) else { continue }
            let owed = Money(units: Int128(random.int(1...2_000_000_000_000_000_000)))
            desk.send(.feeCharged(FeeCharged(account: account, asset: asset, amount: owed)))
        }
        let outside = desk.engine.outside(of: desk.venue)
        if random.chance(60) { desk.trade(account, outside, "1", at: "\(random.int(60...140))") }
        if random.chance(60) {
            desk.trade(account, outside, "900", at: "\(random.int(40_000...60_000))", 1)
        }
        ledger = desk.engine.ledger
        if let pool = ledger.poolIDs(of: account.index).first { lead = ledger.lead(of: pool) }
    }

    private static func rule(_ name: String, _ random: inout SplitMix64) -> CollateralRule {
        func share() -> Rate { Rate(unchecked: random.int(0...50_000_000)) }
        var tiers: [CollateralTier] = []
        if random.chance(60) {
            tiers = [
                CollateralTier(floor: .zero, weight: Rate(unchecked: 100_000_000 - share().units)),
                CollateralTier(floor: money("20"), weight: share()),
            ]
        }
        return CollateralRule(asset: name, bidBuffer: share(), askBuffer: share(), tiers: tiers)
    }
}
