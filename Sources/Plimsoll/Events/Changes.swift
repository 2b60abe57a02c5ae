import PlimsollUnits

/// The few ways in which state changes; events are built from them.
extension Ledger {
    /// Adds `amount` to a wallet, by a named source, and notes the pool for assessment.
    mutating func credit(
        _ pool: Int32,
        _ amount: Int128,
        _ source: BalanceChanged.Source,
        _ effects: inout [Effect]
    ) {
        touch(pool)
        guard amount != 0 else { return }
        let index = Int(pool)
        pools[index].wallet += amount
        effects.append(
            .balanceChanged(
                BalanceChanged(
                    account: AccountID(index: pools[index].account),
                    pool: PoolID(index: pool),
                    asset: AssetID(index: pools[index].asset),
                    change: Money(units: amount),
                    balance: Money(units: pools[index].wallet),
                    source: source
                )
            )
        )
    }

    /// Notes that the event may have moved a pool.
    @inline(__always)
    mutating func touch(_ pool: Int32) {
        guard !pools[Int(pool)].isOutside, pools[Int(pool)].visited != stamp else { return }
        pools[Int(pool)].visited = stamp
        touched.append(pool)
    }

    /// Sets a position's quantity and cost; a position without quantity is closed.
    mutating func setPosition(
        in pool: Int32,
        row: Int,
        quantity: Int64,
        cost: Int128,
        _ effects: inout [Effect]
    ) {
        let instrument = positions.held[row].instrument
        let payoff = terms[Int(instrument)].payoff
        let leg = positions.detail[row].leg
        pools[Int(pool)].stake +=
            Valuation.stake(cost, payoff) - Valuation.stake(positions.detail[row].cost, payoff)
        positions.held[row].quantity = quantity
        positions.detail[row].cost = cost
        let size = Int64(quantity.magnitude)
        if size > instruments[Int(instrument)].largestQuantity {
            instruments[Int(instrument)].largestQuantity = size
        }
        effects.append(
            .positionChanged(
                PositionChanged(
                    account: AccountID(index: pools[Int(pool)].account),
                    instrument: InstrumentID(index: instrument),
                    leg: leg,
                    quantity: Quantity(unchecked: quantity),
                    cost: Money(units: cost)
                )
            )
        )
        touch(pool)
        if quantity == 0 { closePosition(in: pool, row: row) }
    }

    /// Gives the margin of an isolated pool whose position is closed back to the cross wallet, unless
    /// it is below zero.
    mutating func dissolve(isolated pool: Int32, _ effects: inout [Effect]) {
        let index = Int(pool)
        guard pools[index].isolated >= 0, pools[index].count == 0, pools[index].wallet > 0
        else { return }
        let amount = pools[index].wallet
        let cross = openCrossPool(of: pools[index].account, asset: pools[index].asset)
        credit(pool, -amount, .isolatedMargin, &effects)
        credit(cross, amount, .isolatedMargin, &effects)
    }

    /// Assesses every touched pool and reports those that entered another band or mode, by account,
    /// then pool.
    mutating func assessTouched(_ effects: inout [Effect]) {
        if touched.count == 1 {
            assess(lead(of: touched[0]), &effects)
        } else if touched.count > 1 {
            assessMany(&effects)
        }
        touched.removeAll()
    }

    private mutating func assessMany(_ effects: inout [Effect]) {
        let first = effects.count
        for pool in touched { assess(lead(of: pool), &effects) }
        guard effects.count > first + 1 else { return }
        let sorted = effects[first...].sorted { Self.order($0) < Self.order($1) }
        // A multi-asset account may have been assessed once for each of its wallets; the second time
        // nothing changes, so there is no second effect.
        effects.replaceSubrange(first..., with: sorted)
    }

    private static func order(_ effect: Effect) -> (Int32, Int32) {
        guard case .marginStateChanged(let change) = effect else { return (0, 0) }
        return (change.account.index, change.pool.index)
    }

    /// Moves a pool to the band and mode that its figures say, and reports a change.
    ///
    /// A pool that lacks a price keeps its standing: nothing can be said of it.
    private mutating func assess(_ lead: Int32, _ effects: inout [Effect]) {
        guard !pools[Int(lead)].isOutside,
            let thresholds = terms(of: pools[Int(lead)].account)?.thresholds,
            !keepsStanding(Int(lead), thresholds)
        else { return }
        let pool = pools[Int(lead)]
        guard let figures = try? figures(ofPool: lead) else { return }
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
