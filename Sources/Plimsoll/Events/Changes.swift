import PlimsollUnits

/// The few ways in which state changes; events are built from them.
extension Ledger {
    /// Adds `amount` to a wallet, by a named source, and notes the pool for assessment.
    @inline(__always)
    mutating func credit(
        _ pool: Int32,
        _ amount: Int128,
        _ source: BalanceChanged.Source,
        _ effects: inout Effects
    ) {
        touch(pool)
        guard amount != 0 else { return }
        let row = pools.row(Int(pool))
        row.pointee.wallet += amount
        effects.append(
            BalanceChanged(
                account: AccountID(index: row.pointee.account),
                pool: PoolID(index: pool),
                asset: AssetID(index: row.pointee.asset),
                change: Money(units: amount),
                balance: Money(units: row.pointee.wallet),
                source: source
            )
        )
    }

    /// Notes that the event may have moved a pool.
    @inline(__always)
    mutating func touch(_ pool: Int32) {
        let row = pools.row(Int(pool))
        guard row.pointee.visited != stamp, !row.pointee.isUnmargined else { return }
        row.pointee.visited = stamp
        touched.append(pool)
        loseBand(of: pool)
    }

    /// Sets a position's quantity and cost; a position without quantity is closed.
    mutating func setPosition(
        in pool: Int32,
        row: Int,
        quantity: Int64,
        cost: Int128,
        _ effects: inout Effects
    ) {
        let held = positions.held.row(row)
        let paid = positions.cost.row(row)
        let instrument = held.pointee.instrument
        let rules = terms.row(Int(instrument))
        let owner = pools.row(Int(pool))
        let stake = Valuation.stake(cost - paid.pointee, rules.pointee.payoff)
        owner.pointee.stake += stake
        held.pointee.quantity = quantity
        paid.pointee = cost
        let size = Int64(quantity.magnitude)
        if size > rules.pointee.largestQuantity {
            rules.pointee.largestQuantity = size
            instruments[Int(instrument)].largestQuantity = size
        }
        effects.append(
            PositionChanged(
                account: AccountID(index: owner.pointee.account),
                instrument: InstrumentID(index: instrument),
                leg: held.pointee.leg,
                quantity: Quantity(unchecked: quantity),
                cost: Money(units: cost)
            )
        )
        touch(pool)
        if quantity == 0 { closePosition(in: pool, row: row) }
    }

    /// Gives the margin of an isolated pool whose position is closed back to the cross wallet, unless
    /// it is below zero.
    mutating func dissolve(isolated pool: Int32, _ effects: inout Effects) {
        let index = Int(pool)
        guard pools[index].isolated >= 0, pools[index].count == 0, pools[index].wallet > 0
        else { return }
        let amount = pools[index].wallet
        let cross = openCrossPool(of: pools[index].account, asset: pools[index].asset)
        credit(pool, -amount, .isolatedMargin, &effects)
        credit(cross, amount, .isolatedMargin, &effects)
    }

    /// Assesses the pools that the event touched, and those that waited, as many as the rulebooks allow;
    /// what follows for pools below their line happens here too.
    ///
    /// Within a round the pools come by account, then number. What enforcement touches (the winners of a
    /// deleveraging) comes in the next round.
    @inline(__always)
    mutating func assessTouched(_ effects: inout Effects) {
        if waiting.isEmpty, touched.count <= 1 {
            guard touched.count == 1 else { return }
            let pool = touched[0]
            let lead = lead(of: pool)
            touched.removeAll()
            assess(lead, &effects)
            guard needsEnforcement(lead) else { return }
            stamp &+= 1
            enforce(lead, &effects)
            if touched.isEmpty { return }
        }
        assessRounds(&effects)
    }

    /// Assesses in rounds; stops where it is the turn of `stop`, of which nothing is done then.
    mutating func assessRounds(_ effects: inout Effects, before stop: Int32? = nil) {
        var budget = evaluationLimit
        var isFirst = true
        while budget > 0, !touched.isEmpty || (isFirst && !waiting.isEmpty) {
            let leads = nextRound(&budget, takesWaiting: isFirst)
            isFirst = false
            // What is touched from here on is assessed again, even if it was before.
            stamp &+= 1
            for lead in leads {
                if lead == stop { return }
                assess(lead, &effects)
                if needsEnforcement(lead) { enforce(lead, &effects) }
            }
        }
        for pool in touched { wait(lead(of: pool)) }
        touched.removeAll()
    }

    /// Those of the touched and the waiting pools whose turn it is; the other touched ones wait.
    ///
    /// While others wait, an event's own pools take half of the turns at the most, so that a stream of
    /// marks starves nobody.
    private mutating func nextRound(_ budget: inout Int, takesWaiting: Bool) -> [Int32] {
        let turns = takesWaiting && !waiting.isEmpty ? max(1, budget / 2) : budget
        var old: [Int32] = []
        if takesWaiting, !waiting.isEmpty {
            old = Array(waiting.prefix(budget - min(turns, touched.count)))
            waiting.removeFirst(old.count)
            for lead in old { pools[Int(lead)].set(.waiting, false) }
        }
        var round = Set(old)
        let room = round.count + turns
        var own: [Int32] = []
        own.reserveCapacity(touched.count)
        for index in touched.indices {
            let pool = touched[index]
            own.append(lead(of: pool))
        }
        touched.removeAll()
        // By number, since the order in which an instrument lists its holders is not state.
        if own.count > turns { own.sort() }
        for lead in own {
            if round.count < room { round.insert(lead) } else { wait(lead) }
        }
        budget -= round.count
        let pools = pools
        return round.sorted { ($0.owner(in: pools), $0) < ($1.owner(in: pools), $1) }
    }

    /// Puts a pool at the end of those that wait to be evaluated.
    mutating func wait(_ lead: Int32) {
        guard !pools[Int(lead)].flags.contains(.waiting) else { return }
        pools[Int(lead)].set(.waiting, true)
        waiting.append(lead)
    }

    /// Moves a pool to the band and mode that its figures say, and reports a change.
    ///
    /// A pool that lacks a price keeps its standing: nothing can be said of it.
    private mutating func assess(_ lead: Int32, _ effects: inout Effects) {
        guard !pools[Int(lead)].isUnmargined,
            let thresholds = terms(of: pools[Int(lead)].account)?.thresholds,
            looksAtAll || !keepsStanding(Int(lead), thresholds)
        else { return }
        let pool = pools[Int(lead)]
        guard let figures = plainFigures(Int(lead)) ?? (try? figures(ofPool: lead)) else { return }
        var standing = thresholds.standing(after: pool.mode, figures)
        if standing.mode == .liquidating, pool.mode != .liquidating, figures.isStale,
            let kindest = try? self.figures(
                ofPool: lead,
                supposing: Supposition(favourable: true)
            ), !thresholds.isBelow(kindest)
        {
            // A stale price may be wrong: the pool waits for a fresh one.
            standing.mode = figures.equity < figures.initial ? .reduceOnly : .normal
        }
        guard standing != Standing(band: pool.band, mode: pool.mode) else { return }
        pools[Int(lead)].band = standing.band
        pools[Int(lead)].mode = standing.mode
        effects.append(
            .marginStateChanged(
                MarginStateChanged(
                    account: AccountID(index: pool.account),
                    pool: PoolID(index: lead),
                    isolated: pool.isolated >= 0 ? InstrumentID(index: pool.isolated) : nil,
                    fromBand: pool.band,
                    band: standing.band,
                    fromMode: pool.mode,
                    mode: standing.mode,
                    equity: Money(units: figures.equity),
                    initial: Money(units: figures.initial),
                    maintenance: Money(units: figures.maintenanceMoney),
                    isStale: figures.isStale
                )
            )
        )
    }
}

extension Int32 {
    /// The account of the pool of this number.
    fileprivate func owner(in pools: Column<Pool>) -> Int32 { pools[Int(self)].account }
}
