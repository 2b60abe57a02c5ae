@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

@Suite struct `The sweep over all pools` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(3))
    func `finds what the exact computation of every pool finds`(
        sample: SampleRulebook,
        seed: UInt64
    ) {
        var world = World(sample, seed: seed &+ 700)
        for number in 0..<120 {
            world.step()
            #expect(
                world.engine.sweepBelow() == exactlyBelow(world.engine),
                "event \(number): \(world.events[world.events.count - 1])"
            )
            let threads = number % 4 + 2
            #expect(world.engine.sweepBelow(threads: threads) == world.engine.sweepBelow())
        }
        let accounts = (0..<world.engine.directory.accounts.count).map {
            AccountID(index: Int32($0))
        }
        let alone = accounts.map { world.engine.report($0) }
        #expect(world.engine.reports(accounts, threads: 3) == alone)
    }

    @Test(arguments: Seeds.of(6), [false, true])
    func `is exact in every bracket and at every price`(
        seed: UInt64,
        equalityIsBelow: Bool
    ) throws {
        var random = SplitMix64(seed: seed)
        var book = try SweepBook(equalityIsBelow: equalityIsBelow, &random)
        var (above, below) = (0, 0)
        for _ in 0..<6 {
            let found = book.engine.sweepBelow()
            #expect(found == exactlyBelow(book.engine))
            below += found.count
            above += book.engine.ledger.pools.count - found.count
            try book.moveMarks(&random)
        }
        #expect(above > 50 && below > 50)
    }

    @Test(arguments: [-1, 0, 1], [false, true])
    func `sees one step of money at the line`(step: Int, equalityIsBelow: Bool) throws {
        // 100 at 10 with 5 %: maintenance 50, so a wallet of 50 is the line.
        var random = SplitMix64(seed: 1)
        var book = try SweepBook(equalityIsBelow: equalityIsBelow, accounts: 1, &random)
        let line = 50 * PowerOfTen.sixteen + Int128(step)
        try book.hold(2, quantity: 100_00000000, entry: 10, wallet: line)
        let isBelow = step < 0 || (step == 0 && equalityIsBelow)
        #expect(book.engine.sweepBelow().count == (isBelow ? 1 : 0))
        #expect(book.engine.sweepBelow() == exactlyBelow(book.engine))
    }

    private func exactlyBelow(_ engine: Engine) -> [PoolID] {
        engine.ledger.pools.indices
            .filter { engine.ledger.isBelowExactly($0) }
            .map { PoolID(index: Int32($0)) }
    }
}
