@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

/// An account in an engine of its own, against the book that it came from.
@Suite struct `An account alone` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(3))
    func `has the report that it has in the book`(sample: SampleRulebook, seed: UInt64) throws {
        var world = World(sample, seed: seed &+ 6_000)
        world.isAudited = false
        for _ in 0..<6 {
            for _ in 0..<50 { world.step() }
            for account in world.traders {
                let lone = LoneAccount(world.engine, account)
                let report = world.engine.report(account)
                #expect(lone.engine.report(lone.account).comparable == report.comparable)
                let name = world.engine.directory.name(account)
                #expect(lone.engine.directory.name(lone.account) == name)
                #expect(lone.engine.sequence == world.engine.sequence)
                try checkOrders(world, account, lone)
            }
        }
    }

    /// Every order of the history is checked alike.
    private func checkOrders(_ world: World, _ account: AccountID, _ lone: LoneAccount) throws {
        for event in world.events.suffix(60) {
            guard case .orderPlaced(var order) = event.body, order.account == account else {
                continue
            }
            let inBook = Result { try world.engine.check(order) }
            order.account = lone.account
            let alone = Result { try lone.engine.check(order) }
            switch (inBook, alone) {
            case (.success(let one), .success(let other)): #expect(one == other)
            case (.failure(let one), .failure(let other)): #expect("\(one)" == "\(other)")
            default: Issue.record("the book says \(inBook), the account alone \(alone)")
            }
        }
    }

    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `and takes events as the book does`(sample: SampleRulebook, seed: UInt64) throws {
        var world = World(sample, seed: seed &+ 7_000)
        world.isAudited = false
        for _ in 0..<200 { world.step() }
        let before = world.engine.digest
        var random = SplitMix64(seed: seed)
        var compared = 0
        for account in world.traders {
            var lone = LoneAccount(world.engine, account)
            var book = world.engine
            for _ in 0..<20 {
                let index = Int32(random.int(0...Int64(world.listings.count - 1)))
                let venue = world.engine.venue(of: account).index
                let instrument = InstrumentID(index: index + venue * Int32(world.listings.count))
                guard let mark = world.engine.mark(of: instrument) else { continue }
                let asset = world.engine.settlement(of: instrument)
                let isBuyer = random.chance(50)
                let size = world.listings[Int(index)].sizes
                let quantity = Quantity(unchecked: random.int(size))
                func events(_ account: AccountID, _ outside: AccountID) -> [Event.Body] {
                    let (mine, other) = (
                        Filled.Party(account: account), Filled.Party(account: outside)
                    )
                    return [
                        .deposited(Deposited(account: account, asset: asset, amount: money("3"))),
                        .filled(
                            Filled(
                                instrument: instrument,
                                quantity: quantity,
                                price: mark,
                                buyer: isBuyer ? mine : other,
                                seller: isBuyer ? other : mine
                            )
                        ),
                    ]
                }
                let bookEvents = events(account, book.outside(of: book.venue(of: account)))
                // An account alone knows no other: its counterparty holds what was traded here, that of the book what all
                // have. Where it would hold more than anyone may, one of them refuses what the other takes.
                let parties = [
                    (book, book.outside(of: book.venue(of: account))), (lone.engine, lone.outside),
                ]
                let tooMuch = parties.contains { engine, party in
                    let held =
                        engine.report(party, prices: false).positions
                        .first { $0.instrument == instrument }?.quantity.units ?? 0
                    let change = Int128(quantity.units) * (isBuyer ? -1 : 1)
                    let after = (Int128(held) + change).magnitude
                    return after > Limits.quantity
                        || after * UInt128(mark.units) > Limits.notional
                }
                if tooMuch { continue }
                compared += 1
                for (one, other) in zip(bookEvents, events(lone.account, lone.outside)) {
                    var effects: [Effect] = []
                    let inBook = Result {
                        try book.apply(Event(time: book.clock, body: one), emitting: &effects)
                    }
                    let alone = Result { try lone.apply(other) }
                    #expect("\(inBook)" == "\(alone)")
                }
            }
            #expect(
                lone.engine.report(lone.account).comparable == book.report(account).comparable
            )
        }
        #expect(world.engine.digest == before)
        #expect(compared > 10 * world.traders.count, "\(compared) of 20 for each trader")
    }

    @Test func `is liquidating where its mark is put below its line, and nobody acts`() throws {
        var rulebook = SampleRulebook.binance.rulebook
        rulebook.enforcement = Enforcement()
        var desk = Desk(rulebook)
        desk.mark("BTCUSDT", "50000")
        desk.open("alice", deposit: "1000")
        desk.fill("alice", "BTCUSDT", "0.1", at: "50000")
        let btc = desk.instrument("BTCUSDT")
        var lone = LoneAccount(desk.engine, desk.account("alice"))
        try lone.set(mark: price("40100"), of: btc)
        let report = lone.engine.report(lone.account)
        #expect(report.state == .liquidation)
        #expect(report.pools.map(\.mode) == [.liquidating])
        #expect(report.figures?.equity == money("10"))
        #expect(lone.engine.openLiquidations.isEmpty)
        try lone.set(mark: price("50000"), of: btc)
        #expect(lone.engine.report(lone.account).state == desk.report("alice").state)
        #expect(desk.report("alice").figures?.equity == money("1000"))
    }
}

extension AccountReport {
    /// The report without the numbers of account and pools, which are others alone.
    fileprivate var comparable: AccountReport {
        var report = self
        report.account = AccountID(index: 0)
        for index in report.pools.indices {
            report.pools[index].pool = PoolID(index: Int32(index))
        }
        for index in report.positions.indices { report.positions[index].pool = PoolID(index: 0) }
        return report
    }
}
