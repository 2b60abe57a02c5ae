@testable import PlimsollMarket
import Plimsoll
import PlimsollUnits
import Testing

@Suite struct `A market that fills liquidation orders` {
    @Test func `a sale walks down the book and pays the average of what it ate`() {
        var market = Market()
        // 30 × 100 = 3,000: 1,000 at 0.5 % on average, 2,000 at 1.5 %; the mean is 1.1667 %.
        let answer = market.execute(.sell, quantity("30"), limit: price("90"))
        #expect(answer.filled == quantity("30"))
        #expect(answer.price == price("98.83333333"))
        #expect(!answer.ended)
        // The last level was 2 % away; the middle goes half of it.
        #expect(market.mark == price("99"))
        #expect(market.model.impact(of: Market.instrument) == rate("-0.01"))
        #expect(market.model.report.largestImpact == rate("0.01"))
        #expect(market.model.report.extrapolatedShare == .zero)
    }

    @Test func `a purchase walks up, rounded the other way`() {
        var market = Market()
        let answer = market.execute(.buy, quantity("30"), limit: price("110"))
        #expect(answer.price == price("101.16666667"))
        #expect(market.mark == price("101"))
    }

    @Test func `the limit ends a fill, and the rest is unfilled`() {
        var market = Market()
        // Down to 99 there are 1,000, which are 10 X at 99.5 on average.
        let answer = market.execute(.sell, quantity("30"), limit: price("99"))
        #expect(answer.filled == quantity("10"))
        #expect(answer.price == price("99.5"))
        #expect(answer.ended)
        #expect(market.model.report.ordered == money("3000"))
        #expect(market.model.report.filled == money("1000"))
        #expect(market.model.report.unfilled == money("2000"))
    }

    @Test func `what was eaten is gone for the next one`() {
        var market = Market()
        _ = market.execute(.sell, quantity("10"), limit: price("99"))
        // The middle is 99.5 now, and 99 is where the hole ends.
        #expect(market.mark == price("99.5"))
        let answer = market.execute(.sell, quantity("10"), limit: price("99"))
        #expect(answer.filled == .zero && answer.price == nil && answer.ended)
        #expect(market.model.report.notFilled == 1)
    }

    @Test func `what lies beyond the last observed level is counted`() {
        var market = Market()
        let answer = market.execute(.sell, quantity("40"), limit: price("90"))
        #expect(answer.filled == quantity("40"))
        #expect(market.model.report.extrapolated == money("1000"))
        #expect(market.model.report.extrapolatedShare == rate("0.25"))
    }

    @Test func `fills are whole steps`() {
        var market = Market(step: quantity("3"))
        #expect(market.execute(.sell, quantity("30"), limit: price("99")).filled == quantity("9"))
        market = Market(step: quantity("11"))
        #expect(market.execute(.sell, quantity("33"), limit: price("99")).filled == .zero)
    }

    @Test func `an empty book, a book without a price and no book at all fill nothing`() throws {
        var market = Market(.empty)
        #expect(market.execute(.sell, quantity("1"), limit: price("1")).filled == .zero)
        let other = InstrumentID(index: 9)
        let answer = market.execute(
            .buy,
            quantity("1"),
            limit: price("900"),
            instrument: other
        )
        #expect(answer.filled == .zero && answer.ended)
        #expect(market.model.report.orders == 2 && market.model.report.notFilled == 2)
        #expect(market.model.mark(of: other) == nil)
        try market.model.list(other, rules: Market.rules(), shape: Market.plain)
        #expect(market.model.mark(of: other) == nil)
        let early = market.execute(.buy, quantity("1"), limit: price("900"), instrument: other)
        #expect(early.filled == .zero && early.ended)
    }

    @Test func `a limit on the other side of the middle fills nothing`() {
        var market = Market()
        #expect(market.execute(.sell, quantity("1"), limit: price("100.01")).filled == .zero)
        #expect(market.execute(.buy, quantity("1"), limit: price("99.99")).filled == .zero)
        #expect(market.mark == price("100"))
    }

    @Test func `impact and holes halve by their half-lives and go to nothing`() {
        var market = Market {
            $0.impactHalfLife = 60_000_000_000
            $0.refillHalfLife = 10_000_000_000
        }
        _ = market.execute(.sell, quantity("30"), limit: price("90"))
        #expect(market.mark == price("99"))
        market.observe("100", at: seconds(61))
        #expect(market.mark == price("99.5"))
        market.observe("200", at: seconds(121))
        #expect(market.mark == price("199.5"))
        market.observe("100", at: seconds(7_201))
        #expect(market.mark == price("100"))
        #expect(market.model.impact(of: Market.instrument) == .zero)
        // All is there again: the same order gets the same price.
        let again = market.execute(
            .sell,
            quantity("30"),
            limit: price("90"),
            at: seconds(7_201)
        )
        #expect(again.price == price("98.83333333"))
    }

    @Test func `what is left does not depend on how often somebody looks`() {
        var (often, once) = (Market(), Market())
        for step in Int64(0)...100 {
            if step == 0 {
                _ = often.execute(.sell, quantity("30"), limit: price("90"))
                _ = once.execute(.sell, quantity("30"), limit: price("90"))
            }
            often.observe("100", at: seconds(1 + step))
        }
        once.observe("100", at: seconds(101))
        #expect(often.mark == once.mark)
        #expect(often.mark < price("100"))
    }

    @Test(arguments: UInt64(1)...20)
    func `a larger order never gets a better average`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for side in Side.allCases {
            var market = Market(CalmBooks.Symbol.ether.shape)
            let limit = price(side == .sell ? "50" : "200")
            let before = try Quantity(units: Int64(random.next(below: 40_000_000_000_000)) + 1)
            _ = market.execute(side, before, limit: limit)
            var last: (size: Int64, price: Price) = (0, price("100"))
            for _ in 0..<50 {
                last.size += Int64(random.next(below: 2_000_000_000_000)) + 1_000
                var copy = market
                let answer = try copy.execute(side, Quantity(units: last.size), limit: limit)
                let found = try #require(answer.price)
                #expect(side == .sell ? found <= last.price : found >= last.price)
                last.price = found
            }
        }
    }

    @Test(arguments: UInt64(1)...50)
    func `filled and unfilled add up, and no price is beyond its limit`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed &+ 1_000)
        var market = Market(CalmBooks.Symbol.bitcoin.shape) {
            $0.seed = seed
            $0.variation = rate("0.6")
            $0.depthShare = rate("0.05")
        }
        var filled: Int128 = 0
        var ordered: Int128 = 0
        var fills = 0
        var time: Int64 = 1_000_000_000
        for _ in 0..<200 {
            time += Int64(random.next(below: 20_000_000_000))
            let side: Side = random.next(below: 4) == 0 ? .buy : .sell
            let size = try Quantity(units: Int64(random.next(below: 10_000_000_000_000)) + 1)
            let limit = try Price(units: 9_500_000_000 + Int64(random.next(below: 1_000_000_000)))
            market.observe("100", at: Timestamp(nanoseconds: time))
            let before = market.mark
            let answer = market.execute(
                side,
                size,
                limit: limit,
                at: Timestamp(nanoseconds: time)
            )
            #expect(answer.ended == (answer.filled < size))
            #expect((answer.price != nil) == (answer.filled.units > 0))
            if let found = answer.price {
                fills += 1
                #expect(side == .sell ? found >= limit : found <= limit)
                #expect(side == .sell ? market.mark <= before : market.mark >= before)
            }
            filled += Int128(answer.filled.units)
            ordered += Int128(size.units)
        }
        #expect(fills > 20 && fills < 200)
        let report = market.model.report
        #expect(report.ordered == report.filled + report.unfilled)
        #expect(report.ordered.units == ordered * 10_000_000_000)
        #expect(report.filled.units == filled * 10_000_000_000)
        #expect(report.extrapolated <= report.filled && report.orders == 200)
    }

    @Test func `the same seed gives the same fills, another one others`() {
        func fills(_ seed: UInt64) -> [Price?] {
            var market = Market {
                $0.variation = rate("0.5")
                $0.seed = seed
            }
            return (0..<20).map { _ in
                market.execute(.sell, quantity("1"), limit: price("50")).price
            }
        }
        #expect(fills(3) == fills(3))
        #expect(fills(3) != fills(4))
    }

    @Test func `a thinner book costs more`() {
        var thin = Market { $0.depthShare = rate("0.1") }
        // 3 × 100 out of a tenth of the book: as deep as 30 of the whole one.
        let answer = thin.execute(.sell, quantity("3"), limit: price("90"))
        #expect(answer.price == price("98.83333333"))
    }

    @Test func `figures that mean nothing are refused`() {
        func fault(_ adjust: (inout MarketModel.Assumptions) -> Void) -> MarketFault? {
            var assumptions = MarketModel.Assumptions()
            adjust(&assumptions)
            do {
                _ = try MarketModel(outside: AccountID(index: 0), assumptions: assumptions)
                return nil
            } catch {
                return error
            }
        }
        #expect(fault { $0.lastingShare = rate("1.01") } == .outOfRange("lastingShare"))
        #expect(fault { $0.depthShare = .zero } == .outOfRange("depthShare"))
        #expect(fault { $0.variation = .one } == .outOfRange("variation"))
        #expect(fault { $0.variation = .half } == nil)
        var market = Market()
        #expect(throws: MarketFault.notLinear("X")) {
            try market.model.list(
                Market.instrument,
                rules: Market.rules(payoff: .inverse),
                shape: .empty
            )
        }
    }
}
