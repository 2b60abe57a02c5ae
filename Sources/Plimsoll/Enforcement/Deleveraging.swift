import PlimsollUnits

/// One position that may be closed against one of a bankrupt pool.
struct Opposite: Sendable {
    var account: Int32
    var pool: Int32
    var leg: Leg
    /// Its signed quantity.
    var quantity: Int64
    /// How much of it may be closed without leaving another position of the account naked.
    var eligible: Int64
    /// Its unrealised profit, above zero.
    var profit: Int128
    var factors: DeleveragingFactors

    /// The part of it that is closed, with its share of the profit and of the value.
    func closing(_ size: Int64) -> Opposite {
        func share(_ amount: Int128) -> Int128 {
            Valuation.proportion(amount, Int128(size), of: Int128(quantity.magnitude), .down)
        }
        var part = self
        part.quantity = quantity > 0 ? size : -size
        part.profit = share(profit)
        part.factors.value = Money(units: share(factors.value.units))
        return part
    }
}

extension Ledger {
    /// Closes what is left of a position against opposite ones in profit, by the rulebook's policy.
    mutating func deleverage(
        _ stranded: StrandedPosition,
        _ lead: Int32,
        _ rules: Deleveraging,
        _ effects: inout Effects
    ) {
        let held = quantity(of: stranded)
        let mark = instruments[Int(stranded.instrument)].mark
        let isAtMark = rules.policy == .fairCharge || rules.price == .mark
        let price = isAtMark ? mark : stranded.price
        let queue = deleveragingQueue(
            against: held,
            of: stranded.instrument,
            besides: pools[Int(lead)].account,
            rules.rank
        ).map { bearable($0, at: price, in: stranded.instrument) }
        guard !queue.isEmpty else { return }
        var closed: [Opposite] = []
        let step = instruments[Int(stranded.instrument)].rules.quantityStep?.units ?? 1
        let sizes = shares(of: Int64(held.magnitude), queue, rules.policy, step: step)
        for (index, size) in sizes.enumerated() {
            guard size > 0 else { continue }
            let opposite = queue[index]
            let isDone = close(
                stranded,
                held > 0 ? size : -size,
                at: price,
                against: opposite.account,
                leg: opposite.leg,
                &effects
            )
            guard isDone else { continue }
            closed.append(opposite)
            if isAtMark { note(opposite.closing(size), in: lead) }
            effects.append(
                .deleveraged(
                    Deleveraged(
                        liquidation: liquidations[lead]?.number ?? 0,
                        account: AccountID(index: opposite.account),
                        instrument: InstrumentID(index: stranded.instrument),
                        leg: opposite.leg,
                        change: Quantity(unchecked: opposite.quantity > 0 ? -size : size),
                        price: Price(unchecked: price),
                        mark: Price(unchecked: mark),
                        rank: rules.policy == .queue ? index + 1 : 0,
                        score: opposite.factors.score(rules.rank)
                    )
                )
            )
        }
        guard rules.policy == .fairCharge, stranded.equity < 0 else { return }
        charge(stranded, lead, held, closed, &effects)
    }

    /// As much of a position as its pool can bear to lose at `price` against the mark: nobody is made
    /// bankrupt by being deleveraged.
    private func bearable(_ opposite: Opposite, at price: Int64, in instrument: Int32) -> Opposite {
        let part = opposite.quantity > 0 ? opposite.eligible : -opposite.eligible
        let cost = profit(of: part, taken: price, in: instrument)
        let equity = max(0, opposite.factors.equity.units)
        guard cost > equity else { return opposite }
        let size = Int128(opposite.eligible).multiplied(
            by: equity,
            dividedBy: cost,
            rounding: .down
        )
        let step = instruments[Int(instrument)].rules.quantityStep?.units ?? 1
        var limited = opposite
        limited.eligible = Int64(size ?? 0) / step * step
        return limited
    }

    /// Remembers what a winner took at the mark, where it is now.
    private mutating func note(_ closed: Opposite, in lead: Int32) {
        let purse = purse(of: closed.pool)
        liquidations[lead]?.closed[purse, default: Liquidation.Closed()].profit += closed.profit
        liquidations[lead]?.closed[purse]?.value += closed.factors.value.units
    }

    /// Where a pool's money is: one whose isolated position was closed in full has given it back.
    private func purse(of pool: Int32) -> Int32 {
        guard pools[Int(pool)].isolated >= 0, pools[Int(pool)].count == 0 else { return pool }
        return crossPool(of: pools[Int(pool)].account, asset: pools[Int(pool)].asset) ?? pool
    }

    /// Those who are opposite to a position and in profit, the first to be closed first.
    func deleveragingQueue(
        against quantity: Int64,
        of instrument: Int32,
        besides account: Int32,
        _ rank: DeleveragingRank
    ) -> [Opposite] {
        var found: [Opposite] = []
        // A pool holds both legs of a hedge, and is listed once for each.
        for pool in Set(markEdges.holders(of: instrument)) {
            let owner = pools[Int(pool)].account
            guard owner != account, !pools[Int(pool)].isUnmargined, !isUnderWay(pool) else {
                continue
            }
            for row in pools[Int(pool)].rows
            where positions.held[row].instrument == instrument
                && (positions.held[row].quantity > 0) != (quantity > 0)
            {
                guard let opposite = opposite(at: row, in: pool, of: owner) else { continue }
                found.append(opposite)
            }
        }
        found.sort { one, other in
            if DeleveragingFactors.precedes(one.factors, other.factors, by: rank) { return true }
            if DeleveragingFactors.precedes(other.factors, one.factors, by: rank) { return false }
            return (one.account, one.pool, one.leg.rawValue)
                < (other.account, other.pool, other.leg.rawValue)
        }
        guard rank == .unranked, !found.isEmpty else { return found }
        // dYdX begins at a random account; here the liquidation's number says where.
        let start = Int(liquidationCount % UInt64(found.count))
        return Array(found[start...] + found[..<start])
    }

    /// A position as one that may be closed; `nil` where it is not in profit or only hedges.
    private func opposite(at row: Int, in pool: Int32, of account: Int32) -> Opposite? {
        let held = positions.held[row]
        let instrument = instruments[Int(held.instrument)]
        let view = view(row, isIsolated: pools[Int(pool)].isolated >= 0)
        let payoff = instrument.rules.payoff
        let profit =
            Valuation.stake(view.cost, payoff)
            + Valuation.worth(held.quantity, at: instrument.mark, payoff)
        guard profit > 0, let figures = try? figures(ofPool: lead(of: pool)) else { return nil }
        let eligible = unhedged(row, in: pool)
        guard eligible > 0 else { return nil }
        return Opposite(
            account: account,
            pool: pool,
            leg: positions.held[row].leg,
            quantity: held.quantity,
            eligible: eligible,
            profit: profit,
            factors: DeleveragingFactors(
                profit: Money(units: profit),
                cost: Money(units: Int128(view.cost.magnitude)),
                value: Money(
                    units: Valuation.notional(held.quantity, at: instrument.mark, payoff)
                ),
                wallet: Money(units: pools[Int(pool)].wallet),
                maintenance: Money(units: figures.maintenanceMoney),
                equity: Money(units: figures.equity)
            )
        )
    }

    /// How much of a position stands without an opposite one of the same underlying in its pool.
    private func unhedged(_ row: Int, in pool: Int32) -> Int64 {
        let held = positions.held[row]
        let group = instruments[Int(held.instrument)].group
        let nets = terms(of: pools[Int(pool)].account)?.nets == true
        var hedge: Int128 = 0
        for other in pools[Int(pool)].rows where other != row {
            let instrument = positions.held[other].instrument
            let isRelated =
                instrument == held.instrument
                || (nets && instruments[Int(instrument)].group == group)
            let quantity = positions.held[other].quantity
            if isRelated, (quantity > 0) != (held.quantity > 0) {
                hedge += Int128(quantity.magnitude)
            }
        }
        return Int64(max(0, Int128(held.quantity.magnitude) - hedge))
    }

    /// How much of each is closed.
    private func shares(
        of size: Int64,
        _ queue: [Opposite],
        _ policy: DeleveragingPolicy,
        step: Int64
    ) -> [Int64] {
        var parts = [Int64](repeating: 0, count: queue.count)
        if policy != .queue {
            let steps = queue.map { Int128($0.eligible / step) }
            let total = min(Int128(size / step), steps.reduce(0, +))
            parts = LossShares.shares(of: total, by: steps, caps: steps).map { Int64($0) * step }
        }
        // By rank; what is less than a step of everybody's share comes here too.
        var left = size - parts.reduce(0, +)
        for (index, opposite) in queue.enumerated() {
            let more = min(left, opposite.eligible - parts[index])
            parts[index] += more
            left -= more
        }
        return parts
    }

    /// Charges what a position owed at the mark: to the fund what it can pay, the rest to those who
    /// were closed, so that the largest charge per profit is as small as it can be; the profit is that
    /// of their whole position, whatever part of it was closed.
    ///
    /// Source: design section 5, policy *fair charge*; T. Chitra et al., arXiv 2602.15182, on what
    /// queues take from winners.
    private mutating func charge(
        _ stranded: StrandedPosition,
        _ lead: Int32,
        _ held: Int64,
        _ closed: [Opposite],
        _ effects: inout Effects
    ) {
        let done = Int128(held.magnitude) - Int128(quantity(of: stranded).magnitude)
        let deficit = (-stranded.equity).multiplied(
            by: done,
            dividedBy: Int128(stranded.whole.magnitude),
            rounding: .up
        )
        guard let deficit, deficit > 0 else { return }
        let paid = payFromFund(
            stranded.pool,
            lead: lead,
            deficit,
            of: stranded.instrument,
            &effects
        )
        let charges = LossShares.shares(
            of: deficit - paid,
            by: closed.map(\.profit),
            // A charge makes nobody bankrupt either; closing at the mark changed no equity.
            caps: closed.map { min($0.profit, max(0, $0.factors.equity.units)) }
        )
        for (opposite, amount) in zip(closed, charges) where amount > 0 {
            pay(
                amount,
                of: deficit,
                from: opposite.pool,
                basis: opposite.profit,
                to: stranded.pool,
                lead,
                &effects
            )
        }
    }

    /// One account's part of a loss that its own account could not bear.
    mutating func pay(
        _ amount: Int128,
        of loss: Int128,
        from payer: Int32,
        basis: Int128,
        to pool: Int32,
        _ lead: Int32,
        _ effects: inout Effects
    ) {
        let source = purse(of: payer)
        // What was paid is no profit any more.
        if let profit = liquidations[lead]?.closed[source]?.profit {
            liquidations[lead]?.closed[source]?.profit = max(0, profit - amount)
        }
        credit(source, -amount, .socialisedLoss, &effects)
        credit(pool, amount, .socialisedLoss, &effects)
        effects.append(
            .lossSocialised(
                LossSocialised(
                    liquidation: liquidations[lead]?.number ?? 0,
                    account: AccountID(index: pools[Int(source)].account),
                    pool: PoolID(index: source),
                    asset: AssetID(index: pools[Int(source)].asset),
                    amount: Money(units: amount),
                    basis: Money(units: basis),
                    loss: Money(units: loss)
                )
            )
        )
    }
}
