import BigInt
import Plimsoll
import PlimsollUnits

/// How high a winner stands, exactly; a divisor at or below zero is a score without bound.
enum Score: Comparable, Sendable {
    case finite(Rational)
    case unbounded

    /// `a × b ÷ (c × d)`, where nothing on top is nothing at all.
    init(_ top: (BigInt, BigInt), over bottom: (BigInt, BigInt)) {
        let above = max(0, top.0) * max(0, top.1)
        let below = max(0, bottom.0) * max(0, bottom.1)
        if above == 0 {
            self = .finite(.zero)
        } else if below == 0 {
            self = .unbounded
        } else {
            self = .finite(Rational(above, below))
        }
    }

    /// In steps of 10⁻⁸, cut, as far as 64 bits go.
    var units: BigInt {
        guard case .finite(let value) = self else { return BigInt(Int64.max) }
        return min(value.floor(scale: 8), BigInt(Int64.max))
    }

    /// Larger beyond doubt, where amounts were rounded in between.
    func isClearly(above other: Score, isExact: Bool) -> Bool {
        guard !isExact, case .finite(let mine) = self, case .finite(let theirs) = other else {
            return self > other
        }
        return mine * Rational(999_999_999, scale: 9) > theirs
    }
}

/// One position that may be closed against one of a bankrupt pool.
struct Winner: Sendable {
    var slot: Auditor.Slot
    var pool: Auditor.Pool
    var wallet: Auditor.Wallet
    var quantity: BigInt
    /// How much of it may be closed.
    var eligible: BigInt
    var profit: BigInt
    var value: BigInt
    var equity: BigInt
    var score: Score
    var isClosed = false
}

extension Auditor {
    /// Everyone opposite to a position who is in profit, whose position is not the leg of a hedge, and
    /// who is not under way; as far as a pool's equity bears the price.
    func winners(against slot: Slot, _ rules: Deleveraging, at price: Rational) -> [Winner] {
        guard let held = holdings[slot] else { return [] }
        var found: [Winner] = []
        for (other, holding) in holdings
        where other.instrument == slot.instrument && other.account != slot.account
            && (holding.quantity > 0) != (held.quantity > 0)
            && !accounts[Int(other.account)].isUnmargined
        {
            let pool = pool(of: other, holding)
            guard !isUnderWay(pool), let profit = profitUnits(other, holding), profit > 0,
                let figures = figures(of: pool)
            else { continue }
            let equity = figures.equity.exact.floor(scale: 16)
            let free = unhedged(other, holding, pool)
            let eligible = bearable(free, holding, other, equity, at: price)
            guard free > 0 else { continue }
            found.append(
                Winner(
                    slot: other,
                    pool: pool,
                    wallet: wallet(of: other, isIsolated: holding.isIsolated),
                    quantity: holding.quantity,
                    eligible: eligible,
                    profit: profit,
                    value: notionalUnits(
                        holding.quantity,
                        at: self.price(of: other.instrument),
                        in: other.instrument
                    ),
                    equity: equity,
                    score: score(other, holding, profit, figures, rules.rank)
                )
            )
        }
        return found
    }

    /// What of a position stands without an opposite one of its underlying in its pool.
    private func unhedged(_ slot: Slot, _ holding: Holding, _ pool: Pool) -> BigInt {
        let rulebook = venues[Int(accounts[Int(slot.account)].venue)].rulebook
        let nets = rulebook?.netting == .largerSide
        let base = instruments[Int(slot.instrument)].rules.base
        var hedge: BigInt = 0
        for (other, opposite) in holdings.of(slot.account)
        where other != slot
            && self.wallet(of: other, isIsolated: opposite.isIsolated)
                == self.wallet(of: slot, isIsolated: holding.isIsolated)
            && (opposite.quantity > 0) != (holding.quantity > 0)
        {
            let isRelated =
                other.instrument == slot.instrument
                || (nets && instruments[Int(other.instrument)].rules.base == base)
            if isRelated { hedge += BigInt(opposite.quantity.magnitude) }
        }
        return max(0, BigInt(holding.quantity.magnitude) - hedge)
    }

    /// As much as a pool's equity bears to lose at a price against the mark, in whole steps.
    private func bearable(
        _ size: BigInt,
        _ holding: Holding,
        _ slot: Slot,
        _ equity: BigInt,
        at price: Rational
    ) -> BigInt {
        let part = holding.quantity > 0 ? size : -size
        let mark = self.price(of: slot.instrument)
        let cost =
            worthUnits(part, at: mark, in: slot.instrument)
            - worthUnits(part, at: price, in: slot.instrument)
        guard cost > max(0, equity) else { return size }
        let step = step(of: slot.instrument)
        return size * max(0, equity) / cost / step * step
    }

    /// The rulebook's formula for a position in profit.
    private func score(
        _ slot: Slot,
        _ holding: Holding,
        _ profit: BigInt,
        _ figures: AuditedFigures,
        _ rank: DeleveragingRank
    ) -> Score {
        let wallet = wallets[wallet(of: slot, isIsolated: holding.isIsolated), default: 0]
        let value = notionalUnits(
            holding.quantity,
            at: price(of: slot.instrument),
            in: slot.instrument
        )
        let cost = BigInt(holding.cost.magnitude)
        let equity = figures.equity.exact.floor(scale: 16)
        let maintenance = figures.maintenance.exact.ceiling(scale: 16)
        switch rank {
        case .profitTimesMarginRatio:
            // A wallet below one unit of the asset counts as one.
            guard equity > 0 else { return .finite(.zero) }
            let base = max(BigInt(10).power(16), wallet)
            return Score((profit, maintenance), over: (base, equity))
        case .profitTimesLeverage: return Score((profit, value), over: (cost, equity))
        case .profitOverMarginRatio: return Score((profit, maintenance), over: (wallet, equity))
        case .markOverEntryTimesLeverage:
            return Score((max(cost, value), value), over: (min(cost, value), equity))
        case .unranked: return .finite(.zero)
        }
    }
}
