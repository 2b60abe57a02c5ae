@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

/// Where the positions of an instrument would be liquidated, against the reports of their accounts.
@Suite struct `The liquidation points of an instrument` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(3))
    func `are those of the reports`(sample: SampleRulebook, seed: UInt64) throws {
        var world = World(sample, seed: seed &+ 8_000)
        world.isAudited = false
        var compared = 0
        for _ in 0..<4 {
            for _ in 0..<60 { world.step() }
            // The long way: no position of a pool is left out of a sum.
            var slow = world.engine
            slow.ledger.looksAtAll = true
            for index in world.engine.directory.instruments.indices {
                let instrument = InstrumentID(index: Int32(index))
                let points = world.engine.liquidationPoints(of: instrument)
                #expect(points == slow.liquidationPoints(of: instrument))
                #expect(
                    Set(points)
                        == Set(world.traders.flatMap { expected(instrument, $0, world.engine) })
                )
                compared += points.count
            }
        }
        #expect(compared > 10)
    }

    private func expected(
        _ instrument: InstrumentID,
        _ account: AccountID,
        _ engine: Engine
    ) -> [LiquidationPoint] {
        engine.report(account).positions.compactMap { position in
            guard position.instrument == instrument, let figures = position.figures else {
                return nil
            }
            return LiquidationPoint(
                account: account,
                leg: position.leg,
                marginMode: position.marginMode,
                quantity: position.quantity,
                notional: figures.notional,
                price: position.liquidationPrice
            )
        }
    }
}
