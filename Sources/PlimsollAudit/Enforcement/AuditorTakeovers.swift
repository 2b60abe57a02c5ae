import BigInt
import Plimsoll
import PlimsollUnits

/// One round of handing on what a pool could not sell.
struct HandOver: Sendable {
    /// Where each position's share of the equity is used up, and how much there was of it.
    var points: [Auditor.Slot: BankruptcyPoint]
    var held: [Auditor.Slot: BigInt]
    /// The winners against the position that is being deleveraged.
    var sweep: Sweep?
    /// Positions that winners were asked to take.
    var swept: Set<Auditor.Slot> = []
    /// What a fund has taken at the bankruptcy price.
    var taken: Set<Auditor.Slot> = []
}

extension Auditor {
    /// A fund takes a position over, or pays what a pool owes.
    mutating func follow(_ move: InsuranceMoved) {
        switch move.reason {
        case .takeover: takeOver(move)
        case .deficit: payDeficit(move)
        case .fee where move.sale != nil: payConversion(move)
        case .fee:
            find(.feeAboveRate, move.fund.index, expected: "no fill, no fee", found: move.amount)
        }
        let purse = Wallet.cross(account: move.fund.index, asset: move.asset.index)
        let cash = wallets[purse, default: 0]
        if cash != BigInt(move.balance.units) {
            find(.balance, move.fund.index, expected: cash, found: move.balance.units)
        }
        enforcement.trail.positions.removeAll()
        enforcement.trail.balances.removeAll()
    }

    /// The fee of a conversion, as it was published.
    private mutating func payConversion(_ move: InsuranceMoved) {
        guard let account = move.sale?.account.index else { return }
        book(-BigInt(move.amount.units), to: .cross(account: account, asset: move.asset.index))
        book(
            BigInt(move.amount.units),
            to: .cross(account: move.fund.index, asset: move.asset.index)
        )
    }

    // MARK: Takeover

    private mutating func takeOver(_ move: InsuranceMoved) {
        let positions = enforcement.trail.positions
        guard positions.count >= 2, let instrument = move.instrument?.index else {
            find(.unknownPlace, move.fund.index, expected: "a position", found: move)
            return
        }
        let slot = slot(of: positions[positions.count - 2])
        guard let holding = holdings[slot], slot.instrument == instrument else {
            find(.unknownPlace, slot.account, instrument, expected: "a position", found: move)
            return
        }
        let pool = pool(of: slot, holding)
        beginHandOver(move.liquidation, pool, slot)
        let part = BigInt(move.quantity.units)
        if part.signum() != holding.quantity.signum() || part.magnitude > holding.quantity.magnitude
        {
            find(
                .takeoverSize,
                slot.account,
                instrument,
                expected: "a part of \(holding.quantity)",
                found: part
            )
            return
        }
        let fund = fund(of: instrument)
        if fund?.account != move.fund.index || !accounts[Int(move.fund.index)].isFund {
            let expected = fund.map { "\($0.account)" } ?? "none"
            find(
                .takeoverFund,
                slot.account,
                instrument,
                expected: expected,
                found: move.fund.index
            )
        }
        let point = enforcement.liquidations[move.liquidation]?.handOver?.points[slot]
        guard let price = takeoverPrice(of: slot, part, move, point) else {
            find(
                .takeoverPrice,
                slot.account,
                instrument,
                expected: point?.units ?? 0,
                found: "a gain of \(move.amount)"
            )
            return
        }
        audit(price, part, slot, move, pool, point)
        exchange(slot, part, at: Rational(price, scale: 8), with: move.fund.index, .net)
    }

    /// The price that gives the published gain: the one of the rules where it does.
    private func takeoverPrice(
        of slot: Slot,
        _ part: BigInt,
        _ move: InsuranceMoved,
        _ point: BankruptcyPoint?
    ) -> BigInt? {
        let mark = price(of: slot.instrument)
        let gain = BigInt(move.amount.units)
        let worth = worthUnits(part, at: mark, in: slot.instrument)
        func gives(_ units: BigInt) -> Bool {
            units > 0
                && worth - worthUnits(part, at: Rational(units, scale: 8), in: slot.instrument)
                    == gain
        }
        let marked = mark.floor(scale: 8)
        if let point, gives(point.units) { return point.units }
        if gives(marked) { return marked }
        let paid = Rational(worth - gain, scale: 16)
        let size = Rational(part, scale: 8)
        guard !paid.isZero else { return nil }
        let isInverse = instruments[Int(slot.instrument)].rules.payoff == .inverse
        let near = (isInverse ? size / -paid : paid / size).floor(scale: 8)
        return (near - 2...near + 2).first(where: gives)
    }

    /// At the bankruptcy price as much as the fund can bear, and at the mark what nobody else took.
    private mutating func audit(
        _ price: BigInt,
        _ part: BigInt,
        _ slot: Slot,
        _ move: InsuranceMoved,
        _ pool: Pool,
        _ point: BankruptcyPoint?
    ) {
        let marked = self.price(of: slot.instrument).floor(scale: 8)
        let hand = enforcement.liquidations[move.liquidation]?.handOver
        let isSwept = hand?.swept.contains(slot) == true || hand?.taken.contains(slot) == true
        let held = holdings[slot]?.quantity ?? 0
        let room = room(of: slot, held, at: Rational(price, scale: 8))
        // Where the bankruptcy price is the mark, the size says which of the two it is.
        // Of a multi-asset pool the bankruptcy price is not known here.
        let isElsewhere = if case .wallet = pool { point?.units != marked } else { false }
        let isAtMark = isSwept || isElsewhere || room.map { $0 < part.magnitude } == true
        if price == marked, isAtMark {
            auditAtMark(part, slot, move)
            return
        }
        enforcement.liquidations[move.liquidation]?.handOver?.taken.insert(slot)
        // Equity of several assets is of another currency than a position's value.
        if case .wallet = pool, let point, point.isUnsafe(price) || point.isTooKind(price) {
            find(.takeoverPrice, slot.account, slot.instrument, expected: point.units, found: price)
        }
        guard let room else { return }
        let size = BigInt(part.magnitude)
        let mayStop = fund(of: slot.instrument)?.rule.drawdown != nil
        let isInverse = instruments[Int(slot.instrument)].rules.payoff == .inverse
        let slack = isInverse ? step(of: slot.instrument) : 0
        if size > room + slack || (size < room - slack && !mayStop) {
            find(.takeoverSize, slot.account, slot.instrument, expected: room, found: size)
        }
    }

    /// The fund takes at the mark only what no winner can.
    private mutating func auditAtMark(_ part: BigInt, _ slot: Slot, _ move: InsuranceMoved) {
        if enforcement.liquidations[move.liquidation]?.handOver?.sweep?.slot != slot {
            beginSweep(of: slot, move.liquidation)
        }
        let sweep = enforcement.liquidations[move.liquidation]?.handOver?.sweep
        if let left = sweep?.winners.first(where: { $0.eligible > 0 && !$0.isClosed }) {
            find(
                .takeoverTooEarly,
                slot.account,
                slot.instrument,
                expected: "account \(left.slot.account) is closed first",
                found: "the fund takes \(part)"
            )
        }
        let held = holdings[slot]?.quantity ?? 0
        if part != held {
            find(.takeoverSize, slot.account, slot.instrument, expected: held, found: part)
        }
    }

    /// How much of a position its fund can bear at a price: its loss against the mark within its
    /// equity, its holdings within their cap; `nil` without a fund.
    func room(of slot: Slot, _ quantity: BigInt, at price: Rational) -> BigInt? {
        guard let (rule, fund) = fund(of: slot.instrument) else { return nil }
        let asset = settle(of: slot.instrument)
        let size = BigInt(quantity.magnitude)
        guard let equity = equityUnits(of: .cross(account: fund, asset: asset)) else { return 0 }
        let mark = self.price(of: slot.instrument)
        var room = Rational(size)
        let loss =
            worthUnits(quantity, at: price, in: slot.instrument)
            - worthUnits(quantity, at: mark, in: slot.instrument)
        if loss > 0 {
            guard equity > 0 else { return 0 }
            room = min(room, Rational(size * equity, loss))
        }
        if let cap = rule.cap {
            let free = BigInt(cap.units) - holdingsUnits(of: fund, asset)
            guard free > 0 else { return 0 }
            let value = max(1, notionalUnits(quantity, at: mark, in: slot.instrument))
            room = min(room, Rational(size * free, value))
        }
        let whole = room.floor(scale: 0)
        let step = step(of: slot.instrument)
        return whole >= size ? size : whole / step * step
    }

    /// What a fund's positions in one asset are worth at their marks.
    private func holdingsUnits(of fund: Int32, _ asset: Int32) -> BigInt {
        var sum: BigInt = 0
        for (slot, holding) in holdings.of(fund) where settle(of: slot.instrument) == asset {
            let mark = price(of: slot.instrument)
            sum += notionalUnits(holding.quantity, at: mark, in: slot.instrument)
        }
        return sum
    }

    // MARK: A round

    /// A round of handing on begins with the equity that there is; it goes on while it is of the same
    /// liquidation and of positions that it began with.
    mutating func beginHandOver(_ number: UInt64, _ pool: Pool, _ slot: Slot) {
        liquidation(number, of: pool)
        for other in enforcement.liquidations.keys where other != number {
            enforcement.liquidations[other]?.handOver = nil
        }
        enforcement.liquidations[number]?.instruments.insert(slot.instrument)
        enforcement.liquidations[number]?.isExhausted = false
        enforcement.liquidations[number]?.isCancelling = false
        guard enforcement.liquidations[number]?.handOver?.points[slot] == nil,
            let figures = figures(of: pool)
        else { return }
        if enforcement.modes[pool] != .liquidating {
            let mode = enforcement.modes[pool] ?? .normal
            find(
                .orderWithoutLiquidation,
                pool.account,
                slot.instrument,
                expected: PoolMode.liquidating,
                found: mode
            )
        }
        if isStale(slot.instrument) {
            find(
                .orderAtStaleMark,
                pool.account,
                slot.instrument,
                expected: "fresh",
                found: "stale"
            )
        }
        let held = freshHoldings(behind: pool)
        let equity = Rational(figures.equity.exact.floor(scale: 16), scale: 16)
        for fresh in held.keys {
            enforcement.liquidations[number]?.instruments.insert(fresh.instrument)
        }
        let hand = HandOver(
            points: bankruptcyPoints(of: held, equity: equity),
            held: held.mapValues(\.quantity)
        )
        enforcement.liquidations[number]?.handOver = hand
    }

    /// Closes a part of a position against another account.
    mutating func exchange(
        _ slot: Slot,
        _ part: BigInt,
        at price: Rational,
        with other: Int32,
        _ leg: Leg
    ) {
        let own = Filled.Party(account: AccountID(index: slot.account), leg: slot.leg)
        let opposite = Filled.Party(account: AccountID(index: other), leg: leg)
        let given = trade(own, -part, price, slot.instrument, isForced: true)
        let taken = trade(opposite, part, price, slot.instrument)
        keep(given + taken, of: slot.instrument)
    }

    func slot(of change: PositionChanged) -> Slot {
        Slot(
            account: change.account.index,
            instrument: change.instrument.index,
            leg: change.leg
        )
    }
}
