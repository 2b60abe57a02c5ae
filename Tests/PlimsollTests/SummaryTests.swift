@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

/// What lists show of an account, against its report.
@Suite struct `The summary of an account` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(3))
    func `says what its report says`(sample: SampleRulebook, seed: UInt64) throws {
        var world = World(sample, seed: seed &+ 4_000)
        world.isAudited = false
        var compared = 0
        for _ in 0..<150 {
            world.step()
            for account in world.traders {
                let report = world.engine.report(account, prices: false)
                let summary = world.engine.summary(of: account)
                #expect(summary.figures?.equity == report.figures?.equity)
                #expect(summary.figures?.initialMargin == report.figures?.initialMargin)
                #expect(summary.figures?.maintenanceMargin == report.figures?.maintenanceMargin)
                #expect(summary.figures?.marginRatio == report.figures?.marginRatio)
                #expect(summary.figures?.freeboard == report.figures?.freeboard)
                let venue = world.engine.venue(of: account)
                #expect(world.engine.name(of: summary.asset, in: venue) == report.asset)
                #expect(summary.band == report.state)
                #expect(summary.mode == report.pools.map(\.mode).max() ?? .normal)
                #expect(summary.positions == report.positions.count)
                #expect(summary.isStale == report.pools.contains(where: \.isStale))
                #expect(try hasLargest(summary, report, world.engine))
                compared += report.positions.isEmpty ? 0 : 1
            }
        }
        #expect(compared > 50)
    }

    /// No other position is worth more, where they can be compared.
    private func hasLargest(
        _ summary: AccountSummary,
        _ report: AccountReport,
        _ engine: Engine
    ) throws -> Bool {
        func worth(_ position: PositionReport) -> Money? {
            guard let notional = position.figures?.notional else { return nil }
            return engine.value(notional, of: engine.settlement(of: position.instrument))
        }
        let valued = report.positions.filter { $0.markPrice != nil }
        guard let largest = summary.largest else { return valued.isEmpty }
        let own = try #require(
            valued.filter { $0.instrument == largest }
                .max { $0.notionalUnits < $1.notionalUnits }
        )
        return valued.allSatisfy { other in
            if engine.settlement(of: other.instrument) == engine.settlement(of: largest) {
                return other.notionalUnits <= own.notionalUnits
            }
            guard let mine = worth(own), let theirs = worth(other) else { return true }
            return theirs <= mine
        }
    }

    @Test(arguments: SampleRulebook.allCases)
    func `and its positions are those of the report`(sample: SampleRulebook) {
        var world = World(sample, seed: 77)
        world.isAudited = false
        for _ in 0..<300 { world.step() }
        var totals = [Int32: (long: Int128, longs: Int, shorts: Int)]()
        for account in world.engine.directory.accounts.indices.map({
            AccountID(index: Int32($0))
        }) {
            let report = world.engine.report(account, prices: false)
            var glances: [PositionGlance] = []
            world.engine.positions(of: account) { glances.append($0) }
            #expect(Set(glances.map(\.instrument)) == Set(report.positions.map(\.instrument)))
            #expect(glances.count == report.positions.count)
            for position in report.positions {
                let glance = PositionGlance(
                    instrument: position.instrument,
                    leg: position.leg,
                    quantity: position.quantity,
                    notional: position.figures?.notional
                )
                #expect(glances.contains(glance))
                let isTrader = world.traders.contains(account)
                let units = Int128(position.quantity.units)
                totals[position.instrument.index, default: (0, 0, 0)].long += max(0, units)
                if isTrader, units > 0 { totals[position.instrument.index]?.longs += 1 }
                if isTrader, units < 0 { totals[position.instrument.index]?.shorts += 1 }
            }
        }
        for (index, interest) in world.engine.openInterest().enumerated() {
            let total = totals[Int32(index)] ?? (0, 0, 0)
            #expect(interest.quantity.units == total.long)
            #expect(interest.longs == total.longs)
            #expect(interest.shorts == total.shorts)
        }
    }
}

extension PositionReport {
    fileprivate var notionalUnits: Int128 { figures?.notional.units ?? 0 }
}
