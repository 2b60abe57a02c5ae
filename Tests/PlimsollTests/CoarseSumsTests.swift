@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

/// What an event decides in a hurry, against the one exact computation.
@Suite struct `The coarse sums of a pool` {
    @Test(arguments: Seeds.of(20))
    func `bound its exact figures, and never place it elsewhere`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed &+ 900)
        var ledger = try SweepBook(equalityIsBelow: random.chance(50), &random).engine.ledger
        ledger.claim()
        let thresholds = try #require(ledger.terms(of: 1)?.thresholds)
        var (settled, open) = (0, 0)
        for pool in ledger.pools.indices where !ledger.pools[pool].isUnmargined {
            choose(of: pool, &ledger, &random)
            for _ in 0..<20 {
                place(pool, thresholds, &ledger, &random)
                guard let sums = ledger.coarseSums(pool) else { continue }
                let figures = try ledger.figures(ofPool: Int32(pool))
                try checkBounds(sums, figures)
                for mode in PoolMode.allCases {
                    guard let standing = sums.standing(after: mode, thresholds) else {
                        open += 1
                        continue
                    }
                    settled += 1
                    #expect(standing == thresholds.standing(after: mode, figures))
                }
            }
        }
        // Half of the wallets are within a few steps of a threshold, the others are not.
        #expect(open > 100 && settled > 100, "\(open) open, \(settled) settled")
    }

    @Test(arguments: Seeds.of(20))
    func `leave what is published to figures that are the exact ones`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed &+ 1_900)
        var ledger = try SweepBook(equalityIsBelow: false, &random).engine.ledger
        ledger.claim()
        var compared = 0
        for pool in ledger.pools.indices where !ledger.pools[pool].isUnmargined {
            choose(of: pool, &ledger, &random)
            guard let plain = ledger.plainFigures(pool) else { continue }
            #expect(plain == (try ledger.figures(ofPool: Int32(pool))))
            compared += 1
        }
        #expect(compared > 20)
    }

    /// Some positions have a leverage that their account chose.
    private func choose(of pool: Int, _ ledger: inout Ledger, _ random: inout SplitMix64) {
        for row in ledger.pools[pool].rows where random.chance(40) {
            ledger.positions.held[row].leverage = Int32(random.int(100...1_500))
        }
    }

    /// Puts the equity of a pool anywhere, or within a few steps of where it would stand elsewhere.
    private func place(
        _ pool: Int,
        _ thresholds: Thresholds,
        _ ledger: inout Ledger,
        _ random: inout SplitMix64
    ) {
        guard let now = try? ledger.figures(ofPool: Int32(pool)) else { return }
        var equity = now.equity * Int128(random.int(0...200)) / 100
        if random.chance(50) {
            let part = random.pick([thresholds.watch, thresholds.call, thresholds.exit, .one])
            let line =
                random.chance(70)
                ? now.maintenance / Int128(part.units) : now.initial
            let reach = 40 << CoarseSums.shift
            equity = line + Int128(random.int(-Int64(reach)...Int64(reach)))
        }
        ledger.pools[pool].wallet += equity - now.equity
    }

    private func checkBounds(_ sums: CoarseSums, _ figures: PoolFigures) throws {
        let step = Int128(1) << Int128(CoarseSums.shift)
        func isWithin(_ exact: Int128, _ unit: Int128, _ low: Int64, _ high: Int64) -> Bool {
            exact >= Int128(low) * unit && exact <= Int128(high) * unit
        }
        let (count, more) = (sums.count, 3 * sums.count)
        #expect(isWithin(figures.equity, step, sums.equity - count, sums.equity + count + 1))
        #expect(isWithin(figures.initial, step, sums.initial, sums.initial + more + 1))
        #expect(
            isWithin(
                figures.maintenance,
                step * PowerOfTen.eight,
                sums.maintenance - count,
                sums.maintenance + more
            )
        )
    }
}
