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
        guard value != 0 else { return }
        // Both sides' values cancel, but for what rounding left: it belongs to the house.
        let terms = ledger.terms[Int(instrument.index)]
        ledger.assets[Int(terms.settle)].house -= terms.payoff == .inverse ? value : -value
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
        if place.isIsolated || place.pool == nil {
            let settle = AssetID(index: ledger.terms[Int(instrument.index)].settle)
            try ledger.checkWallet(party.account, settle, adding: 0)
        }
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
            isIsolated: place.isIsolated,
            pool: place.pool,
            row: place.row
        )
    }

    /// A named order is open and is one of this instrument, side and leg.
    ///
    /// A mirror may see fills of orders that it was never told of.
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
        let index = Int(instrument.index)
        let limit = ledger.instruments[index].rules.maxQuantity
        let isOutside = ledger.accounts[Int(party.account.index)].isOutside
        guard after.magnitude <= UInt64(limit.units) || isOutside else {
            throw .aboveLimit(
                "the position",
                value: Text.quantity(after),
                limit: "\(limit)"
            )
        }
        try ledger.checkNotional(after, at: price.units, instrument, "the position")
        let mark = ledger.rows[index].mark
        guard mark > 0 else { return }
        try ledger.checkNotional(after, at: mark, instrument, "the position")
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
        /// Where the position was, or would be opened, when the trade was checked.
        var pool: Int32?
        var row: Int?
    }

    /// Changes position, wallets and fees of one side; returns the signed value it was booked at.
    mutating func trade(_ trade: Trade, _ price: Int64, _ effects: inout [Effect]) -> Int128 {
        let settle = terms[Int(trade.instrument)].settle
        let cross: Int32
        if let pool = trade.pool, !trade.isIsolated {
            cross = pool
        } else {
            cross = openCrossPool(of: trade.account, asset: settle)
        }
        let pool =
            trade.isIsolated
            ? openIsolatedPool(
                of: trade.account,
                instrument: trade.instrument,
                leg: trade.leg
            ) : cross
        let row =
            position(of: trade, in: pool)
            ?? openPosition(in: pool, instrument: trade.instrument, leg: trade.leg)
        let value =
            terms[Int(trade.instrument)].isPlain
            ? Int128(trade.quantity.multipliedFullWidth(by: price))
            : Valuation.cost(
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

    /// The row of a trade's position: where it was seen when the trade was checked, unless the other
    /// side of the trade, the other leg of the same account, has moved it since.
    @inline(__always)
    private func position(of trade: Trade, in pool: Int32) -> Int? {
        let start = Int(pools[Int(pool)].start)
        if let row = trade.row, row >= start, row < start + Int(pools[Int(pool)].count),
            positions.instrument[row] == trade.instrument, positions.detail[row].leg == trade.leg
        {
            return row
        }
        return position(in: pool, instrument: trade.instrument, leg: trade.leg)
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
        guard held != 0, (held > 0) != (trade.quantity > 0) else {
            return Split(realized: 0, cost: cost + value, closed: 0, openedValue: value)
        }
        let closed = min(held.magnitude, trade.quantity.magnitude)
        let closes = trade.quantity > 0 ? Int64(closed) : -Int64(closed)
        let isFlip = trade.quantity.magnitude > held.magnitude
        let isPlain = terms[Int(trade.instrument)].isPlain
        let closingValue: Int128
        if !isFlip {
            closingValue = value
        } else if isPlain {
            closingValue = Int128(closes.multipliedFullWidth(by: price))
        } else {
            let rules = instruments[Int(trade.instrument)].rules
            closingValue = Valuation.cost(closes, at: price, rules)
        }
        let released: Int128
        if closed == held.magnitude {
            released = cost
        } else if isPlain, let share = Self.plainShare(of: cost, closed, held.magnitude) {
            released = share
        } else {
            let rules = instruments[Int(trade.instrument)].rules
            released = Valuation.released(cost, part: closes, whole: held, rules)
        }
        let isInverse = terms[Int(trade.instrument)].payoff == .inverse
        let realized = isInverse ? closingValue + released : -closingValue - released
        let opened = value - closingValue
        return Split(
            realized: realized,
            cost: isFlip ? opened : cost - released,
            closed: Int64(closed),
            openedValue: opened
        )
    }

    /// `cost × part ÷ whole`, rounded up as `Valuation.released` does for a plain trade; `nil` if the
    /// product is wider than 128 bits, which takes a 256-bit division.
    @inline(__always)
    private static func plainShare(of cost: Int128, _ part: UInt64, _ whole: UInt64) -> Int128? {
        // |cost| < 2⁹⁴ (Limits.notional) leaves 33 bits; 2⁶³ × 2⁶³ fits as well.
        guard cost.magnitude.leadingZeroBitCount + part.leadingZeroBitCount > 64 else { return nil }
        return (cost &* Int128(part)).divided(by: Int128(whole), rounding: .up)
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
