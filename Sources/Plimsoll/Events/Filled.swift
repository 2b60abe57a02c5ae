import PlimsollUnits

extension Filled {
    func apply(to ledger: inout Ledger, emitting effects: inout [Effect]) throws(Rejection) {
        try ledger.checkListed(instrument)
        try ledger.check(quantity, of: instrument)
        try ledger.check(price, of: instrument)
        try ledger.checkNotional(quantity.units, at: price.units, instrument, "the fill")
        guard buyer.account != seller.account || buyer.leg != seller.leg else { throw .sameParty }
        let purchase = try check(buyer, quantity.units, ledger)
        let sale = try check(seller, -quantity.units, ledger)

        ledger.reduceOrder(buyer, by: quantity.units)
        ledger.reduceOrder(seller, by: quantity.units)
        var value = ledger.trade(purchase, price.units, &effects)
        value += ledger.trade(sale, price.units, &effects)
        // Both sides' values cancel, but for what rounding left: it belongs to the house.
        let rules = ledger.instruments[Int(instrument.index)].rules
        let settle = Int(ledger.instruments[Int(instrument.index)].settle.index)
        ledger.assets[settle].house -= rules.payoff == .inverse ? value : -value
    }

    /// One side of the trade, found to be possible.
    private func check(
        _ party: Party,
        _ signed: Int64,
        _ ledger: Ledger
    ) throws(Rejection) -> Ledger.Trade {
        try ledger.check(party.account, instrument)
        try ledger.check(party.leg, of: party.account)
        try Ledger.checkLimit(party.fee.units, "the fee")
        try check(order: party.order, party, signed, ledger)
        let place = ledger.location(
            of: party.account.index,
            instrument: instrument.index,
            leg: party.leg
        )
        let held = place.row.map { ledger.positions.quantity[$0] } ?? 0
        let (after, overflow) = held.addingReportingOverflow(signed)
        guard !overflow, after.magnitude <= UInt64(Limits.quantity) else {
            throw .aboveLimit(
                "the position",
                value: Text.quantity(held),
                limit: Text.quantity(Limits.quantity)
            )
        }
        try checkLeg(party, held: held, after: after)
        try checkSize(party, after, ledger)
        if place.row == nil { try checkCount(party, ledger) }
        let settle = ledger.instruments[Int(instrument.index)].settle
        try ledger.checkWallet(party.account, settle, adding: 0)
        if let pool = place.pool {
            try Ledger.checkLimit(ledger.pools[Int(pool)].wallet, "the wallet")
            try Ledger.checkLimit(ledger.pools[Int(pool)].stake, "the pool's cost")
        }
        return Ledger.Trade(
            account: party.account.index,
            instrument: instrument.index,
            leg: party.leg,
            quantity: signed,
            fee: party.fee.units,
            isIsolated: place.isIsolated
        )
    }

    /// A named order is open and is one of this instrument, side and leg. A mirror may see fills of
    /// orders that it was never told of.
    private func check(
        order: String?,
        _ party: Party,
        _ signed: Int64,
        _ ledger: Ledger
    ) throws(Rejection) {
        guard let order else { return }
        let venue = ledger.accounts[Int(party.account.index)].venue
        guard let index = ledger.orderIndex(party.account, order),
            let resting = ledger.orders[party.account.index]?[index]
        else {
            if ledger.venues[Int(venue.index)].mode == .mirror { return }
            throw .unknownOrder(order)
        }
        guard resting.instrument == instrument.index, resting.leg == party.leg,
            (resting.side == .buy) == (signed > 0)
        else { throw .unknownOrder(order) }
    }

    /// A leg never turns: a fill that closes it is at most as large as it is.
    private func checkLeg(_ party: Party, held: Int64, after: Int64) throws(Rejection) {
        let turns =
            (party.leg == .long && after < 0) || (party.leg == .short && after > 0)
        guard !turns else {
            throw .closesMore(quantity: "\(quantity)", held: Text.quantity(held))
        }
    }

    /// The position stays within the instrument's limits, at the fill's price and at the mark.
    private func checkSize(
        _ party: Party,
        _ after: Int64,
        _ ledger: Ledger
    ) throws(Rejection) {
        let row = ledger.instruments[Int(instrument.index)]
        let isOutside = ledger.accounts[Int(party.account.index)].isOutside
        guard after.magnitude <= UInt64(row.rules.maxQuantity.units) || isOutside else {
            throw .aboveLimit(
                "the position",
                value: Text.quantity(after),
                limit: "\(row.rules.maxQuantity)"
            )
        }
        try ledger.checkNotional(after, at: price.units, instrument, "the position")
        guard row.mark > 0 else { return }
        try ledger.checkNotional(after, at: row.mark, instrument, "the position")
    }

    private func checkCount(_ party: Party, _ ledger: Ledger) throws(Rejection) {
        guard !ledger.accounts[Int(party.account.index)].isOutside else { return }
        var open: Int32 = 0
        var pool = ledger.accounts[Int(party.account.index)].firstPool
        while pool >= 0 {
            open += ledger.pools[Int(pool)].count
            pool = ledger.pools[Int(pool)].next
        }
        guard open < Limits.positionsPerAccount else {
            throw .tooMany("positions", limit: Limits.positionsPerAccount)
        }
    }
}

extension Ledger {
    /// One side of a fill, known to be possible.
    struct Trade {
        var account: Int32
        var instrument: Int32
        var leg: Leg
        /// Signed: bought or sold.
        var quantity: Int64
        var fee: Int128
        var isIsolated: Bool
    }

    /// Changes position, wallets and fees of one side; returns the signed value it was booked at.
    mutating func trade(_ trade: Trade, _ price: Int64, _ effects: inout [Effect]) -> Int128 {
        let settle = instruments[Int(trade.instrument)].settle.index
        let cross = openCrossPool(of: trade.account, asset: settle)
        let pool =
            trade.isIsolated
            ? openIsolatedPool(
                of: trade.account,
                instrument: trade.instrument,
                leg: trade.leg
            ) : cross
        let row =
            position(in: pool, instrument: trade.instrument, leg: trade.leg)
            ?? openPosition(in: pool, instrument: trade.instrument, leg: trade.leg)
        let value = Valuation.cost(
            trade.quantity,
            at: price,
            instruments[Int(trade.instrument)].rules
        )
        let change = split(trade, value, row, price)

        if trade.isIsolated {
            touch(cross)  // its orders are reserved by what is held
            fund(pool, from: cross, trade, change, row, &effects)
        }
        credit(pool, change.realized, .realizedPnl, &effects)
        setPosition(
            in: pool,
            row: row,
            quantity: positions.quantity[row] + trade.quantity,
            cost: change.cost,
            &effects
        )
        if trade.isIsolated { dissolve(isolated: pool, &effects) }
        if trade.fee != 0 {
            assets[Int(settle)].fees += trade.fee
            credit(cross, -trade.fee, .fee, &effects)
        }
        return value
    }

    /// What a trade closes and opens.
    private struct Split {
        /// Profit of the part that closes.
        var realized: Int128
        /// The position's cost afterwards.
        var cost: Int128
        /// How much of the old position closes.
        var closed: Int64
        /// What the part that opens is worth at its price.
        var openedValue: Int128
    }

    /// Splits a trade into a part that closes and a part that opens.
    ///
    /// Wallet − cost (inverse: wallet + cost) changes by exactly the trade's value, however the cost is
    /// rounded: that is what keeps money conserved.
    private func split(_ trade: Trade, _ value: Int128, _ row: Int, _ price: Int64) -> Split {
        let held = positions.quantity[row]
        let cost = positions.detail[row].cost
        let rules = instruments[Int(trade.instrument)].rules
        guard held != 0, (held > 0) != (trade.quantity > 0) else {
            return Split(realized: 0, cost: cost + value, closed: 0, openedValue: value)
        }
        let closed = min(held.magnitude, trade.quantity.magnitude)
        let closes = trade.quantity > 0 ? Int64(closed) : -Int64(closed)
        let isFlip = trade.quantity.magnitude > held.magnitude
        let closingValue = isFlip ? Valuation.cost(closes, at: price, rules) : value
        let released =
            closed == held.magnitude
            ? cost : Valuation.released(cost, part: closes, whole: held, rules)
        let realized =
            rules.payoff == .inverse ? closingValue + released : -closingValue - released
        let opened = value - closingValue
        return Split(
            realized: realized,
            cost: isFlip ? opened : cost - released,
            closed: Int64(closed),
            openedValue: opened
        )
    }

    /// Moves margin into an isolated position that grows, out of one that shrinks.
    ///
    /// In: initial margin of the position with what opens less that of the position without it, at
    /// their costs and the chosen leverage, so that parts of a fill add up. Out: the part of the
    /// margin that belonged to what closes, with its profit, as far as the sum is above zero; a loss
    /// beyond it stays in the position.
    private mutating func fund(
        _ pool: Int32,
        from cross: Int32,
        _ trade: Trade,
        _ change: Split,
        _ row: Int,
        _ effects: inout [Effect]
    ) {
        let held = positions.quantity[row]
        var moved: Int128 = 0
        if change.closed > 0 {
            let share = Valuation.proportion(
                pools[Int(pool)].wallet,
                Int128(change.closed),
                of: Int128(held.magnitude),
                .down
            )
            moved -= max(0, share + change.realized)
        }
        if change.closed < Int64(trade.quantity.magnitude) {
            let kept = change.closed > 0 ? 0 : held
            let cost = change.closed > 0 ? 0 : positions.detail[row].cost
            let size = Int64(trade.quantity.magnitude) - change.closed
            let opened = trade.quantity > 0 ? size : -size
            moved += entryInitial(cost + change.openedValue, kept + opened, row)
            if kept != 0 { moved -= entryInitial(cost, kept, row) }
        }
        guard moved != 0 else { return }
        credit(cross, -moved, .isolatedMargin, &effects)
        credit(pool, moved, .isolatedMargin, &effects)
    }

    /// Initial margin of an isolated position of `quantity` that cost `cost`, with the fee to close
    /// where the rulebook counts it.
    private func entryInitial(_ cost: Int128, _ quantity: Int64, _ row: Int) -> Int128 {
        let instrument = instruments[Int(positions.instrument[row])]
        return PositionMargin(rules: instrument.rules).initialAtEntry(
            PositionView(
                quantity: quantity,
                cost: cost,
                leverage: Int64(positions.detail[row].leverage),
                isIsolated: true
            ),
            PositionPrices(
                mark: instrument.mark,
                index: instrument.mark,
                fundingRate: 0,
                openInterest: instrument.openInterest
            )
        )
    }
}
