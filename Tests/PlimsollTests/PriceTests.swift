@testable import Plimsoll
import PlimsollAudit
import PlimsollUnits
import TestSupport
import Testing

/// What a copied engine says after the instrument is really marked at a trial price.
struct TrialMark {
    let engine: Engine
    let account: AccountID
    let position: PositionReport
    let line: Line

    /// Below the line there; `nil` where the engine refuses the mark.
    func isBelow(at units: Int128) -> Bool? {
        guard units > 0, units <= Int128(Limits.price), let price = try? Price(units: Int64(units))
        else { return nil }
        var copy = engine
        copy.ledger.venues[Int(copy.venue(of: account).index)].rulebook?.priceGuard = PriceGuard()
        var effects: [Effect] = []
        let event = Event(
            time: max(copy.clock, Timestamp(nanoseconds: copy.clock.nanoseconds + 1)),
            body: .marked(Marked(instrument: position.instrument, price: price))
        )
        guard (try? copy.apply(event, emitting: &effects)) != nil else { return nil }
        let report = copy.report(account, prices: false)
        guard let pool = report.pools.first(where: { $0.pool == position.pool }),
            let figures = pool.figures
        else { return nil }
        return line == .bankruptcy ? figures.equity.units < 0 : pool.band == .liquidation
    }

    /// What is wrong with the answer that the report gives; empty, always.
    func finding() -> String? {
        let answer =
            line == .maintenance ? position.liquidationPrice : position.bankruptcyPrice
        guard let price = answer.price else { return missed(near: nil) }
        let low = price.units.divided(by: PowerOfTen.eight, rounding: .down)
        let high = price.units.divided(by: PowerOfTen.eight, rounding: .up)
        let isExact = low == high
        let (under, over) = (isExact ? low - 1 : low, isExact ? high + 1 : high)
        guard let below = isBelow(at: under), let above = isBelow(at: over) else { return nil }
        if below == above { return "both sides of \(price) are \(below ? "below" : "above")" }
        return missed(near: price)
    }

    /// A price nearer to the mark than the answer whose side differs from the mark's.
    private func missed(near answer: SolvedPrice?) -> String? {
        guard let mark = position.markPrice, let here = isBelow(at: Int128(mark.units)) else {
            return nil
        }
        let start = Int128(mark.units)
        let limit = answer.map { ($0.units / PowerOfTen.eight - start).magnitude }
        // Steps of 1/64 of the mark near it, then further and further out.
        var distance = max(1, start / 64)
        for _ in 0..<24 {
            for trial in [start - distance, start + distance] {
                if let limit, distance.magnitude + 2 > limit { continue }
                if let there = isBelow(at: trial), there != here {
                    return "the nearest root is missed: \(trial) differs from the mark \(mark)"
                }
            }
            distance += max(1, distance / 3)
        }
        return nil
    }
}

@Suite struct `A liquidation price` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `has opposite answers one step on either side, and no nearer root`(
        sample: SampleRulebook,
        seed: UInt64
    ) {
        var world = World(sample, seed: seed &+ 900)
        var solved = 0
        for number in 0..<160 {
            world.step()
            guard number % 40 == 39 else { continue }
            for account in world.traders {
                for position in world.engine.report(account).positions {
                    for line in [Line.maintenance, .bankruptcy] {
                        let trial = TrialMark(
                            engine: world.engine,
                            account: account,
                            position: position,
                            line: line
                        )
                        let finding = trial.finding()
                        #expect(
                            finding == nil,
                            "\(line) of \(position.symbol) \(position.leg) of \(account.index)"
                        )
                        solved += position.liquidationPrice.price == nil ? 0 : 1
                    }
                }
            }
        }
        #expect(solved > 0)
    }

    @Test func `of a short below its line is where it would be level again`() {
        // Margin grows with the square of the value in coin, so far below the price falls short again.
        var desk = Desk(SampleRulebook.deribit.rulebook)
        desk.open("alice", "BTC", deposit: "0.2")
        desk.mark("BTC-PERPETUAL", "50000")
        desk.fill("alice", "BTC-PERPETUAL", "-50000", at: "50000")
        desk.mark("BTC-PERPETUAL", "70000")
        let answer = desk.position("alice", "BTC-PERPETUAL").liquidationPrice
        #expect(answer.price != nil)
    }

    @Test func `of two legs in coin is where they turn together, not each alone`() {
        // Long 288,900 and short 299,900 dollars, below the line: the net short alone is level again far below, since a coin that
        // costs less makes its profit larger, and the margin of both, which grows with the square of their value, is still small.
        var desk = Desk(SampleRulebook.deribit.rulebook)
        desk.open("alice", "BTC", deposit: "0.33", positions: .hedge)
        desk.mark("BTC-PERPETUAL", "66700")
        desk.fill("alice", "BTC-PERPETUAL", "288900", at: "66700", leg: .long)
        desk.mark("BTC-PERPETUAL", "62700")
        desk.fill("alice", "BTC-PERPETUAL", "-299900", at: "62700", leg: .short)
        let report = desk.engine.report(desk.account("alice"))
        for position in report.positions {
            let trial = TrialMark(
                engine: desk.engine,
                account: desk.account("alice"),
                position: position,
                line: .maintenance
            )
            #expect(trial.finding() == nil)
            #expect(position.liquidationPrice.price != nil)
        }
        #expect(report.positions.count == 2)
    }

    @Test func `is found where more profit counts for nothing`() {
        // USDT equity counts up to 100 only: the requirement overtakes it again far above.
        var rulebook = SampleRulebook.multiAsset.rulebook
        rulebook.collateral[0].tiers = [
            CollateralTier(floor: .zero, weight: .one),
            CollateralTier(floor: money("100"), weight: .zero),
        ]
        var desk = Desk(rulebook, assets: ["USD", "USDT", "BTC"])
        desk.open("alice", deposit: "50", collateral: .multiAsset)
        desk.index("USDT", "1")
        desk.mark("SOLUSDT", "100")
        desk.fill("alice", "SOLUSDT", "10", at: "100")
        desk.mark("SOLUSDT", "95")
        // Equity 0 of the 50: below. At 97.2 level again: 22 ≥ 9.72 …
        let answer = desk.position("alice", "SOLUSDT").liquidationPrice
        #expect(answer.price != nil)
    }
}
