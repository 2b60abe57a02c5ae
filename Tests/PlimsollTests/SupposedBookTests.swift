@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

/// A book at other prices, against an engine that was told these prices.
@Suite struct `A book at supposed prices` {
    /// A world whose marks have no guard, and which does nothing below the line.
    private func world(_ sample: SampleRulebook, _ seed: UInt64) -> World {
        var world = World(sample, seed: seed)
        world.isAudited = false
        for _ in 0..<250 { world.step() }
        return world
    }

    @Test(arguments: SampleRulebook.allCases, Seeds.of(3))
    func `has the figures that events would bring`(sample: SampleRulebook, seed: UInt64) throws {
        var world = world(sample, seed &+ 5_000)
        let before = world.engine.digest
        for percent: Int64 in [-30, -7, 3, 30] {
            let change = Rate(unchecked: percent * 1_000_000)
            var told = world.engine
            try tell(&told, change)
            var book = SupposedBook(world.engine)
            for venue in world.venues { try book.moveAll(of: venue, by: change) }
            for account in world.traders {
                let report = told.report(account, prices: false)
                let summary = book.summary(of: account)
                #expect(summary.figures?.equity == report.figures?.equity)
                #expect(summary.figures?.maintenanceMargin == report.figures?.maintenanceMargin)
                #expect(summary.figures?.initialMargin == report.figures?.initialMargin)
            }
            for venue in world.venues { try check(book.below(in: venue), venue, told, world) }
        }
        #expect(world.engine.digest == before)
        world.step()  // and the engine goes on by itself
        #expect(world.engine.brokenInvariants().isEmpty)
    }

    /// Sets every price of an engine, past what a guard would believe.
    private func tell(_ engine: inout Engine, _ change: Rate) throws {
        engine.ledger.claim()
        for index in engine.ledger.instruments.indices
        where engine.ledger.instruments[index].mark > 0 {
            let mark = Price(unchecked: engine.ledger.instruments[index].mark)
            engine.ledger.instruments[index].mark = mark.moved(by: change).units
            engine.ledger.refreshRow(Int32(index))
        }
        let bases = Set(engine.ledger.instruments.compactMap(\.base))
        for base in bases where engine.ledger.assets[Int(base.index)].index > 0 {
            let index = Price(unchecked: engine.ledger.assets[Int(base.index)].index)
            engine.ledger.assets[Int(base.index)].index = index.moved(by: change).units
        }
    }

    private func check(
        _ below: BelowLine,
        _ venue: VenueID,
        _ told: Engine,
        _ world: World
    ) throws {
        var (accounts, pools, unvalued) = (0, 0, 0)
        var (equity, maintenance, deficit) = (Money.zero, Money.zero, Money.zero)
        let thresholds = try #require(told.rulebook(of: venue)).thresholds
        for account in world.traders where told.venue(of: account) == venue {
            var isBelow = false
            for pool in told.report(account, prices: false).pools {
                guard let exact = try? told.ledger.figures(ofPool: pool.pool.index),
                    let own = pool.figures, thresholds.isBelow(exact)
                else { continue }
                isBelow = true
                pools += 1
                let asset = told.directory.asset(pool.asset, in: venue)
                guard let value = told.value(own.equity, of: pool.isMultiAsset ? nil : asset),
                    let needed = told.value(
                        own.maintenanceMargin,
                        of: pool.isMultiAsset ? nil : asset
                    )
                else {
                    unvalued += 1
                    continue
                }
                equity += value
                maintenance += needed
                if value < .zero { deficit -= value }
            }
            accounts += isBelow ? 1 : 0
        }
        #expect(
            below
                == BelowLine(
                    accounts: accounts,
                    pools: pools,
                    equity: equity,
                    maintenanceMargin: maintenance,
                    deficit: deficit,
                    unvalued: unvalued
                )
        )
    }

    @Test func `a price beyond the limits is refused`() throws {
        var desk = Desk(SampleRulebook.binance.rulebook)
        desk.mark("BTCUSDT", "60000")
        desk.open("alice", deposit: "1000000")
        desk.fill("alice", "BTCUSDT", "20", at: "60000")
        var book = SupposedBook(desk.engine)
        #expect(throws: Rejection.self) {
            try book.set(mark: .max, of: desk.instrument("BTCUSDT"))
        }
        let alice = desk.account("alice")
        #expect(book.summary(of: alice) == desk.engine.summary(of: alice))
    }

    @Test(arguments: [
        ("50000", "-0.1", "45000"), ("0.00000001", "-0.3", "0.00000001"), ("3", "0.333", "3.999"),
    ])
    func `a price moves by a fraction of itself`(from: String, by: String, to: String) {
        #expect(price(from).moved(by: rate(by)) == price(to))
    }
}
