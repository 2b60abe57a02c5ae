import BigInt
import Plimsoll
import PlimsollUnits

/// The winners against one position, from the first that is closed to the last.
struct Sweep: Sendable {
    var slot: Auditor.Slot
    /// What was to be closed, in magnitude, and what is left of it.
    var size: BigInt
    var left: BigInt
    var price: BankruptcyPoint?
    var winners: [Winner]
    /// What was closed of each.
    var closed: [Auditor.Slot: BigInt] = [:]
    /// What a fund paid of what they are charged.
    var paidByFund: BigInt = 0
    /// They were charged.
    var isCharged = false
}

extension Auditor {
    /// Names everyone who may be closed against a position, before the first is.
    mutating func beginSweep(of slot: Slot, _ number: UInt64) {
        guard let holding = holdings[slot], let rules = rules(of: slot.account)?.deleveraging else {
            return
        }
        let point = enforcement.liquidations[number]?.handOver?.points[slot]
        let isAtMark = rules.policy == .fairCharge || rules.price == .mark
        let mark = price(of: slot.instrument)
        let price = isAtMark ? mark : point.map { Rational($0.units, scale: 8) } ?? mark
        let sweep = Sweep(
            slot: slot,
            size: BigInt(holding.quantity.magnitude),
            left: BigInt(holding.quantity.magnitude),
            price: isAtMark ? nil : point,
            winners: winners(against: slot, rules, at: price)
        )
        enforcement.liquidations[number]?.handOver?.sweep = sweep
        enforcement.liquidations[number]?.handOver?.swept.insert(slot)
    }

    /// A winner is closed against a position that nobody takes.
    mutating func follow(_ close: Deleveraged) {
        let positions = enforcement.trail.positions
        defer {
            enforcement.trail.positions.removeAll()
            enforcement.trail.balances.removeAll()
        }
        let instrument = close.instrument.index
        guard positions.count >= 2, let rules = rules(of: close.account.index)?.deleveraging else {
            find(
                .unknownPlace,
                close.account.index,
                instrument,
                expected: "a position",
                found: close
            )
            return
        }
        let slot = slot(of: positions[positions.count - 2])
        guard let holding = holdings[slot], slot.instrument == instrument else {
            find(.unknownPlace, slot.account, instrument, expected: "a position", found: close)
            return
        }
        beginHandOver(close.liquidation, pool(of: slot, holding), slot)
        if enforcement.liquidations[close.liquidation]?.handOver?.sweep?.slot != slot {
            auditFundFirst(slot, close)
            beginSweep(of: slot, close.liquidation)
        }
        audit(close, slot, rules)
        note(close, slot, rules)
        let winner = Slot(account: close.account.index, instrument: instrument, leg: close.leg)
        exchange(
            slot,
            BigInt(close.change.units),
            at: Rational(close.price.units, scale: 8),
            with: winner.account,
            winner.leg
        )
        keepProfit(of: close, winner, rules)
    }

    /// Winners are asked for what the fund cannot bear.
    private mutating func auditFundFirst(_ slot: Slot, _ close: Deleveraged) {
        let hand = enforcement.liquidations[close.liquidation]?.handOver
        guard hand?.taken.contains(slot) != true, let point = hand?.points[slot],
            let held = holdings[slot]?.quantity,
            fund(of: slot.instrument)?.rule.drawdown == nil,
            let room = room(of: slot, held, at: Rational(point.units, scale: 8)),
            room > step(of: slot.instrument)
        else { return }
        find(
            .fundTooLate,
            slot.account,
            slot.instrument,
            expected: "the fund takes \(room)",
            found: "account \(close.account.index) is closed"
        )
    }

    // MARK: Who, at what price, how much

    private mutating func audit(_ close: Deleveraged, _ slot: Slot, _ rules: Deleveraging) {
        guard let sweep = enforcement.liquidations[close.liquidation]?.handOver?.sweep else {
            return
        }
        func fault(_ breach: AuditFinding.Breach, _ expected: Any, _ found: Any) {
            find(breach, close.account.index, slot.instrument, expected: expected, found: found)
        }
        let mark = price(of: slot.instrument).floor(scale: 8)
        let price = BigInt(close.price.units)
        if BigInt(close.mark.units) != mark { fault(.deleveragedPrice, mark, close.mark) }
        if let point = sweep.price {
            let isMulti = accounts[Int(slot.account)].isMultiAsset
            if !isMulti, point.isUnsafe(price) || point.isTooKind(price) {
                fault(.deleveragedPrice, point.units, price)
            }
        } else if price != mark {
            fault(.deleveragedPrice, mark, price)
        }
        let change = BigInt(close.change.units)
        guard
            let winner = sweep.winners.first(where: {
                $0.slot.account == close.account.index && $0.slot.leg == close.leg
            }), !winner.isClosed, change.signum() * winner.quantity.signum() < 0,
            change.magnitude <= winner.quantity.magnitude
        else {
            fault(.deleveragedWinner, "an opposite position in profit", close)
            return
        }
        auditScore(close, winner, sweep, rules)
        // What a fund left of a multi-asset pool's position goes by a price that is not known here.
        guard !accounts[Int(slot.account)].isMultiAsset else { return }
        switch rules.policy {
        case .queue: auditQueue(BigInt(change.magnitude), winner, sweep, rules)
        case .proRata, .fairCharge: auditShare(BigInt(change.magnitude), winner, sweep)
        }
    }

    /// The score and the place in the queue.
    private mutating func auditScore(
        _ close: Deleveraged,
        _ winner: Winner,
        _ sweep: Sweep,
        _ rules: Deleveraging
    ) {
        let isExact = isExact(winner)
        let off = (winner.score.units - BigInt(close.score.units)).magnitude
        if off > (isExact ? 0 : 1 + winner.score.units.magnitude / 1_000_000_000) {
            find(
                .deleveragedScore,
                winner.slot.account,
                winner.slot.instrument,
                expected: winner.score.units,
                found: close.score.units
            )
        }
        guard rules.policy == .queue, rules.rank != .unranked else { return }
        let better = sweep.winners.count {
            $0.score.isClearly(above: winner.score, isExact: isExact)
        }
        let worse = sweep.winners.count {
            winner.score.isClearly(above: $0.score, isExact: isExact)
        }
        if close.rank <= better || close.rank > sweep.winners.count - worse {
            find(
                .deleveragedRank,
                winner.slot.account,
                winner.slot.instrument,
                expected: "\(better + 1) to \(sweep.winners.count - worse)",
                found: close.rank
            )
        }
    }

    /// No amount in a plain linear pool of one asset was rounded.
    private func isExact(_ winner: Winner) -> Bool {
        guard case .wallet = winner.pool, let figures = figures(of: winner.pool) else {
            return false
        }
        return sharpened(figures, of: winner.pool).maintenance.above.isZero
    }

    /// By rank, each in full before the next.
    private mutating func auditQueue(
        _ size: BigInt,
        _ winner: Winner,
        _ sweep: Sweep,
        _ rules: Deleveraging
    ) {
        let isExact = isExact(winner)
        let skipped = sweep.winners.first {
            !$0.isClosed && $0.eligible > 0
                && $0.score.isClearly(above: winner.score, isExact: isExact)
        }
        if let skipped, rules.rank != .unranked {
            find(
                .deleveragedRank,
                winner.slot.account,
                winner.slot.instrument,
                expected: "account \(skipped.slot.account) with \(skipped.score.units) first",
                found: winner.score.units
            )
        }
        let expected = min(sweep.left, winner.eligible)
        let slack = isExact ? 0 : step(of: winner.slot.instrument)
        if (size - expected).magnitude > slack {
            find(
                .deleveragedSize,
                winner.slot.account,
                winner.slot.instrument,
                expected: expected,
                found: size
            )
        }
    }

    /// All by their whole steps, within a step; one of them takes what is less than a step, too.
    private mutating func auditShare(_ size: BigInt, _ winner: Winner, _ sweep: Sweep) {
        let step = step(of: winner.slot.instrument)
        let whole = sweep.winners.reduce(BigInt(0)) { $0 + $1.eligible / step }
        let steps = min(sweep.size / step, whole)
        let exact =
            whole == 0
            ? .zero : Rational(winner.eligible / step * steps, whole) * Rational(step)
        let found = Rational(size)
        // Whoever stands first takes the rest of less than a step.
        let isWithin =
            found >= exact - Rational(step) && found <= exact + Rational(2 * step)
            && size <= winner.eligible
        if !isWithin {
            find(
                .deleveragedSize,
                winner.slot.account,
                winner.slot.instrument,
                expected: exact,
                found: size
            )
        }
    }

    // MARK: What is remembered

    private mutating func note(_ close: Deleveraged, _ slot: Slot, _ rules: Deleveraging) {
        let size = BigInt(close.change.units.magnitude)
        let number = close.liquidation
        guard var sweep = enforcement.liquidations[number]?.handOver?.sweep else { return }
        sweep.left -= size
        for index in sweep.winners.indices
        where sweep.winners[index].slot.account == close.account.index
            && sweep.winners[index].slot.leg == close.leg
        {
            sweep.winners[index].isClosed = true
            sweep.closed[sweep.winners[index].slot] = size
        }
        enforcement.liquidations[number]?.handOver?.sweep = sweep
    }

    /// Who was closed at the mark has taken profit: it counts if a loss is left.
    private mutating func keepProfit(of close: Deleveraged, _ slot: Slot, _ rules: Deleveraging) {
        let number = close.liquidation
        guard rules.policy == .fairCharge || rules.price == .mark,
            let winner = enforcement.liquidations[number]?.handOver?.sweep?.winners
                .first(where: { $0.slot == slot })
        else { return }
        let part = Rational(BigInt(close.change.units.magnitude), BigInt(winner.quantity.magnitude))
        let purse = purse(of: winner.wallet)
        var closed = enforcement.liquidations[number]?.closed[purse] ?? ClosedAtMark()
        closed.profit += (Rational(winner.profit) * part).floor(scale: 0)
        closed.value += (Rational(winner.value) * part).floor(scale: 0)
        enforcement.liquidations[number]?.closed[purse] = closed
    }

    /// Where a wallet's money is: an isolated margin without its position has gone home.
    func purse(of wallet: Wallet) -> Wallet {
        guard case .isolated(let slot) = wallet, holdings[slot] == nil else { return wallet }
        return self.wallet(of: slot, isIsolated: false)
    }
}
