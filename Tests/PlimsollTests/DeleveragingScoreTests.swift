@testable import Plimsoll
import BigInt
import PlimsollAudit
import PlimsollUnits
import TestSupport
import Testing

/// Factors in plain amounts.
private func factors(
    _ profit: String,
    cost: String = "0",
    value: String = "0",
    wallet: String = "0",
    maintenance: String = "0",
    equity: String
) -> DeleveragingFactors {
    DeleveragingFactors(
        profit: money(profit),
        cost: money(cost),
        value: money(value),
        wallet: money(wallet),
        maintenance: money(maintenance),
        equity: money(equity)
    )
}

@Suite struct `Score of a winner` {
    struct Sheet: Sendable {
        var rank: DeleveragingRank
        var factors: DeleveragingFactors
        var score: String
    }

    @Test(arguments: [
        // 40.2 ÷ 4.27 × 0.1342
        Sheet(
            rank: .profitTimesMarginRatio,
            factors: factors("40.2", wallet: "4.27", maintenance: "0.1342", equity: "1"),
            score: "1.26342857"
        ),
        // A wallet below 1 counts as 1: 0.5 × 0.2.
        Sheet(
            rank: .profitTimesMarginRatio,
            factors: factors("0.5", wallet: "0.01", maintenance: "20", equity: "100"),
            score: "0.1"
        ),
        // 10 % × 5.5
        Sheet(
            rank: .profitTimesLeverage,
            factors: factors("5000", cost: "50000", value: "55000", equity: "10000"),
            score: "0.55"
        ),
        // − 10 % ÷ 9
        Sheet(
            rank: .profitTimesLeverage,
            factors: factors("-5000", cost: "50000", value: "45000", equity: "5000"),
            score: "-0.01111111"
        ),
        // 100 % ÷ (10000 ÷ 220)
        Sheet(
            rank: .profitOverMarginRatio,
            factors: factors("5000", wallet: "5000", maintenance: "220", equity: "10000"),
            score: "0.022"
        ),
        // − 20 % × (4000 ÷ 200)
        Sheet(
            rank: .profitOverMarginRatio,
            factors: factors("-1000", wallet: "5000", maintenance: "200", equity: "4000"),
            score: "-4"
        ),
        // A long: 55 ÷ 50 × 5.5.
        Sheet(
            rank: .markOverEntryTimesLeverage,
            factors: factors("5000", cost: "50000", value: "55000", equity: "10000"),
            score: "6.05"
        ),
        // A short: 55 ÷ 50 × 5.
        Sheet(
            rank: .markOverEntryTimesLeverage,
            factors: factors("5000", cost: "55000", value: "50000", equity: "10000"),
            score: "5.5"
        ),
        // A long in loss: 45 ÷ 50 × 9.
        Sheet(
            rank: .markOverEntryTimesLeverage,
            factors: factors("-5000", cost: "50000", value: "45000", equity: "5000"),
            score: "8.1"
        ),
        Sheet(
            rank: .unranked,
            factors: factors("5000", cost: "1", value: "9", wallet: "1", equity: "1"),
            score: "0"
        ),
    ])
    func `is that of a calculator`(sheet: Sheet) {
        #expect(sheet.factors.score(sheet.rank).units == Int64(units(sheet.score, 8)))
    }

    private static let bound = Int64.max

    @Test(arguments: [
        // Binance: no ratio without equity, no score without profit.
        (DeleveragingRank.profitTimesMarginRatio, "5", "1", "0", Int64(0)),
        (.profitTimesMarginRatio, "5", "1", "-1", 0),
        (.profitTimesMarginRatio, "-5", "1", "1", 0),
        (.profitTimesMarginRatio, "5", "-9", "1", 500_000_000),
        // BitMEX: leverage without bound; a loss divided by it is nothing.
        (.profitTimesLeverage, "5", "1", "0", bound),
        (.profitTimesLeverage, "5", "1", "-7", bound),
        (.profitTimesLeverage, "-5", "1", "-7", 0),
        (.profitTimesLeverage, "0", "1", "0", 0),
        // OKX: a wallet that is used up is profit without bound.
        (.profitOverMarginRatio, "5", "0", "1", bound),
        (.profitOverMarginRatio, "5", "1", "-1", bound),
        (.profitOverMarginRatio, "-5", "0", "1", -bound),
        (.profitOverMarginRatio, "-5", "1", "0", 0),
        // Hyperliquid: no account value left.
        (.markOverEntryTimesLeverage, "5", "1", "0", bound),
        (.markOverEntryTimesLeverage, "-5", "1", "-1", bound),
    ])
    func `has an answer where a divisor is used up`(
        rank: DeleveragingRank,
        profit: String,
        wallet: String,
        equity: String,
        score: Int64
    ) {
        let factors = factors(
            profit,
            cost: "10",
            value: "10",
            wallet: wallet,
            maintenance: "1",
            equity: equity
        )
        #expect(factors.score(rank).units == score)
    }

    @Test func `tells apart what is shown alike`() {
        let one = factors("1", cost: "3", value: "1", equity: "1")
        let other = factors("1.0000000000000001", cost: "3", value: "1", equity: "1")
        #expect(one.score(.profitTimesLeverage) == other.score(.profitTimesLeverage))
        #expect(DeleveragingFactors.precedes(other, one, by: .profitTimesLeverage))
        #expect(!DeleveragingFactors.precedes(one, other, by: .profitTimesLeverage))
    }

    @Test func `is equal where the ratio is, whatever the amounts`() {
        let small = factors("1", cost: "10", value: "10", equity: "2")
        let large = factors("3000", cost: "30000", value: "30000", equity: "6000")
        let same =
            small.exactScore(.profitTimesLeverage) == large.exactScore(.profitTimesLeverage)
        #expect(same)
        #expect(!DeleveragingFactors.precedes(small, large, by: .profitTimesLeverage))
        #expect(!DeleveragingFactors.precedes(large, small, by: .profitTimesLeverage))
    }

    /// The formula of each rank in exact rationals, for divisors above zero.
    private func expected(_ f: DeleveragingFactors, _ rank: DeleveragingRank) -> Rational {
        func r(_ money: Money) -> Rational { Rational(BigInt(money.units), scale: 16) }
        let isProfit = f.profit.units >= 0
        switch rank {
        case .profitTimesMarginRatio:
            let profit = isProfit ? r(f.profit) : .zero
            return profit / max(.one, r(f.wallet)) * (r(f.maintenance) / r(f.equity))
        case .profitTimesLeverage:
            let leverage = r(f.value) / r(f.equity)
            let ratio = r(f.profit) / r(f.cost)
            return isProfit ? ratio * leverage : ratio / leverage
        case .profitOverMarginRatio:
            let margin = r(f.equity) / r(f.maintenance)
            let ratio = r(f.profit) / r(f.wallet)
            return isProfit ? ratio / margin : ratio * margin
        case .markOverEntryTimesLeverage:
            let (low, high) = (min(r(f.cost), r(f.value)), max(r(f.cost), r(f.value)))
            return (isProfit ? high / low : low / high) * (r(f.value) / r(f.equity))
        case .unranked: return .zero
        }
    }

    @Test(arguments: DeleveragingRank.allCases, Seeds.of(20))
    func `is the formula's, and so is the order`(rank: DeleveragingRank, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        // From one unit to the largest amount, so that products need all their bits.
        func amount(_ random: inout SplitMix64) -> Money {
            let size = PowerOfTen.of(random.pick([0, 4, 16, 20, 28]))
            return Money(units: min(Limits.money, size * Int128(random.int(1...30))))
        }
        let many = (0..<12).map { _ in
            DeleveragingFactors(
                profit: random.chance(50) ? amount(&random) : -amount(&random),
                cost: amount(&random),
                value: amount(&random),
                wallet: amount(&random),
                maintenance: amount(&random),
                equity: amount(&random)
            )
        }
        let limit = BigInt(Int64.max)
        for one in many {
            let score = expected(one, rank)
            let shown = min(limit, score.magnitude.floor(scale: 8))
            #expect(BigInt(one.score(rank).units) == (score < .zero ? -shown : shown))
            for other in many {
                #expect(
                    DeleveragingFactors.precedes(one, other, by: rank)
                        == (expected(other, rank) < score)
                )
            }
        }
    }
}

@Suite struct `Lights of the queue` {
    @Test(arguments: [
        // BitMEX, app/autoDeleveragingExamples.
        (sizes: [10, 20, 30, 10, 10, 20], lights: 5, percent: [20, 40, 60, 80, 80, 100]),
        (sizes: [1], lights: 5, percent: [100]),
        (sizes: [1, 99], lights: 4, percent: [25, 100]),
        (sizes: [0, 5], lights: 5, percent: [0, 100]),
        (sizes: [0, 0], lights: 5, percent: [0, 0]),
        (sizes: [], lights: 5, percent: []),
    ])
    func `stand for the size up to and including a position`(
        sizes: [Int128],
        lights: Int,
        percent: [Int64]
    ) {
        let rates = DeleveragingQueue.percentiles(of: sizes, lights: lights)
        #expect(rates.map(\.units) == percent.map { $0 * 1_000_000 })
    }
}

@Suite struct `Products of 512 bits` {
    /// Factors with long runs of ones and zeros, so that sums carry.
    private func factor(_ random: inout SplitMix64) -> UInt128 {
        let word = UInt128(random.next()) << 64 | UInt128(random.next())
        switch random.int(0...4) {
        case 0: return word
        case 1: return UInt128.max - UInt128(random.int(0...2))
        case 2: return UInt128.max << UInt128(random.int(0...127))
        case 3: return word >> UInt128(random.int(0...127))
        default: return UInt128(random.int(0...2))
        }
    }

    @Test(arguments: Seeds.of(200))
    func `are compared without losing a bit`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<20 {
            let terms = (0..<4).map { _ in (factor(&random), factor(&random)) }
            let wide = terms.map { WideProduct($0.0, $0.1) }
            let exact = terms.map { BigInt($0.0) * BigInt($0.1) }
            #expect((wide[0] < wide[1]) == (exact[0] < exact[1]))
            for (a, b, c, d) in [(0, 1, 2, 3), (0, 1, 0, 3), (0, 0, 1, 1), (0, 1, 1, 0)] {
                let isLess = WideProduct.isLess(
                    wide[a],
                    times: wide[b],
                    than: wide[c],
                    times: wide[d]
                )
                #expect(isLess == (exact[a] * exact[b] < exact[c] * exact[d]), "\(terms)")
            }
        }
    }

    @Test func `differ by their last bit`() {
        // (n − 1) × (n + 1) is one less than n × n.
        let n = WideProduct(UInt128.max - 1, 1)
        let (below, above) = (WideProduct(UInt128.max - 2, 1), WideProduct(UInt128.max, 1))
        #expect(WideProduct.isLess(below, times: above, than: n, times: n))
        #expect(!WideProduct.isLess(n, times: n, than: below, times: above))
        #expect(!WideProduct.isLess(n, times: n, than: n, times: n))
    }
}
