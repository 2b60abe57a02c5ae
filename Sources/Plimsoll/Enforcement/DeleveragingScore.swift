public import PlimsollUnits

/// What the score of a position is computed from; all amounts are in its settlement asset.
///
/// Entry and mark are not needed: for both payoffs mark ÷ entry of a long, and entry ÷ mark of a
/// short, is the larger of cost and value over the smaller where the position is in profit, and the
/// smaller over the larger where it is not.
public struct DeleveragingFactors: Hashable, Sendable {
    /// Unrealised profit of the position; negative for a loss.
    public var profit: Money
    /// Magnitude of its value at entry.
    public var cost: Money
    /// Magnitude of its value at the mark.
    public var value: Money
    /// Wallet of its pool; the margin of the position where it is isolated.
    public var wallet: Money
    /// Maintenance of its pool.
    public var maintenance: Money
    /// Equity of its pool.
    public var equity: Money

    /// The factors of one position.
    public init(
        profit: Money,
        cost: Money,
        value: Money,
        wallet: Money,
        maintenance: Money,
        equity: Money
    ) {
        self.profit = profit
        self.cost = cost
        self.value = value
        self.wallet = wallet
        self.maintenance = maintenance
        self.equity = equity
    }

    /// The score by which the position is ranked, in steps of 10⁻⁸, cut toward zero.
    ///
    /// A score beyond ± 9.2 × 10¹⁰ is shown as that. Two scores that are shown alike may differ:
    /// `precedes` compares them exactly.
    public func score(_ rank: DeleveragingRank) -> Rate { exactScore(rank).rate }

    /// Whether the one position is closed before the other: its exact score is the larger.
    ///
    /// Neither precedes the other where the scores are equal; the caller goes by the account then.
    public static func precedes(
        _ one: DeleveragingFactors,
        _ other: DeleveragingFactors,
        by rank: DeleveragingRank
    ) -> Bool {
        other.exactScore(rank) < one.exactScore(rank)
    }

    /// The score, exactly.
    ///
    /// A divisor that is zero or below counts as infinitely small, so the score has no bound: a wallet
    /// or an equity that is used up is the greatest leverage there is. A numerator of zero gives zero
    /// whatever it is divided by. Worked: a profit of 40.2 on a wallet of 4.27 at a margin ratio of
    /// 13.42 % is 9.4145 × 0.1342 = 1.2634 for `profitTimesMarginRatio`.
    ///
    /// Sources: `margin-rules` 2.1 (Binance, help 360033525471), 2.5 (BitMEX, app/autoDeleveraging),
    /// 2.3 (OKX, help on ADL), 3.6 and 6 (Hyperliquid docs), read 2026-11.
    public func exactScore(_ rank: DeleveragingRank) -> DeleveragingScore {
        switch rank {
        case .profitTimesMarginRatio: profitTimesMarginRatio
        case .profitTimesLeverage: profitTimesLeverage
        case .profitOverMarginRatio: profitOverMarginRatio
        case .markOverEntryTimesLeverage: markOverEntryTimesLeverage
        case .unranked: .zero
        }
    }

    /// Binance: max(0, profit) ÷ max(1, wallet) × maintenance ÷ equity; the ratio is 0 where equity is
    /// not above zero.
    private var profitTimesMarginRatio: DeleveragingScore {
        guard equity.units > 0 else { return .zero }
        let base = max(PowerOfTen.sixteen, wallet.units)
        return DeleveragingScore(
            isNegative: false,
            (max(0, profit.units), maintenance.units),
            over: (base, equity.units)
        )
    }

    /// BitMEX: profit ÷ cost, times effective leverage in profit and divided by it in loss.
    ///
    /// Effective leverage is value ÷ (value − bankruptcy value); what lies between mark and
    /// bankruptcy price, all else equal, is the equity of the pool.
    private var profitTimesLeverage: DeleveragingScore {
        profit.units >= 0
            ? DeleveragingScore(
                isNegative: false,
                (profit.units, value.units),
                over: (cost.units, equity.units)
            )
            : DeleveragingScore(
                isNegative: true,
                (-profit.units, equity.units),
                over: (cost.units, value.units)
            )
    }

    /// OKX, isolated: profit ÷ wallet, divided by equity ÷ maintenance in profit and times it in loss.
    private var profitOverMarginRatio: DeleveragingScore {
        profit.units >= 0
            ? DeleveragingScore(
                isNegative: false,
                (profit.units, maintenance.units),
                over: (wallet.units, equity.units)
            )
            : DeleveragingScore(
                isNegative: true,
                (-profit.units, equity.units),
                over: (wallet.units, maintenance.units)
            )
    }

    /// Hyperliquid: mark ÷ entry (shorts entry ÷ mark) × value ÷ equity.
    private var markOverEntryTimesLeverage: DeleveragingScore {
        let (larger, smaller) = (max(cost.units, value.units), min(cost.units, value.units))
        let isProfit = profit.units >= 0
        return DeleveragingScore(
            isNegative: false,
            (isProfit ? larger : smaller, value.units),
            over: (isProfit ? smaller : larger, equity.units)
        )
    }
}

/// An exact score: a product of two amounts over a product of two others.
public struct DeleveragingScore: Comparable, Sendable {
    private let isNegative: Bool
    private let top: WideProduct
    /// Zero where the score has no bound; never where `top` is zero.
    private let bottom: WideProduct

    /// Nothing.
    public static let zero = DeleveragingScore(isNegative: false, (0, 0), over: (1, 1))

    /// `± a × b ÷ (c × d)`; what is below zero counts as zero.
    init(isNegative: Bool, _ top: (Int128, Int128), over bottom: (Int128, Int128)) {
        self.top = WideProduct(UInt128(max(0, top.0)), UInt128(max(0, top.1)))
        self.isNegative = isNegative && !self.top.isZero
        self.bottom =
            self.top.isZero
            ? .one : WideProduct(UInt128(max(0, bottom.0)), UInt128(max(0, bottom.1)))
    }

    /// The score in steps of 10⁻⁸, cut toward zero and kept within 64 bits.
    public var rate: Rate {
        let scaled = WideProduct(UInt128(PowerOfTen.eight), 1)
        let units = LargestWhole.number { number in
            !WideProduct.isLess(
                top,
                times: scaled,
                than: bottom,
                times: WideProduct(number, 1)
            )
        }
        return Rate(unchecked: isNegative ? -units : units)
    }

    private var sign: Int { top.isZero ? 0 : (isNegative ? -1 : 1) }

    /// The two are the same number, or both without bound on the same side.
    public static func == (lhs: DeleveragingScore, rhs: DeleveragingScore) -> Bool {
        !(lhs < rhs) && !(rhs < lhs)
    }

    /// In ascending order, by products of 512 bits.
    public static func < (lhs: DeleveragingScore, rhs: DeleveragingScore) -> Bool {
        guard lhs.sign == rhs.sign else { return lhs.sign < rhs.sign }
        let (smaller, larger) = lhs.isNegative ? (rhs, lhs) : (lhs, rhs)
        return WideProduct.isLess(
            smaller.top,
            times: larger.bottom,
            than: larger.top,
            times: smaller.bottom
        )
    }
}

/// Where a position stands in the queue, as venues show it by lights.
public enum DeleveragingQueue {
    /// The percentile of each of some positions, the first to be closed first.
    ///
    /// It is the share of all size that stands up to and including the position, rounded up to the
    /// next light: sizes 10, 20, 30, 10, 10, 20 with five lights are 20, 40, 60, 80, 80, 100 %. Sizes
    /// are not negative. Source: BitMEX, app/autoDeleveragingExamples (`margin-rules` 2.5).
    public static func percentiles(of sizes: [Int128], lights: Int = 5) -> [Rate] {
        let total = sizes.reduce(0, +)
        guard total > 0, lights > 0 else { return sizes.map { _ in .zero } }
        var reached: Int128 = 0
        return sizes.map { size in
            reached += size
            let light = Valuation.proportion(reached, Int128(lights), of: total, .up)
            let rate = (light * PowerOfTen.eight).divided(by: Int128(lights), rounding: .down)
            return Rate(unchecked: Int64(rate))
        }
    }
}
