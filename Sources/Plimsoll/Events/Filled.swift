import PlimsollUnits

extension Filled {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        var purchase = Ledger.Trade(self, buyer, quantity.units)
        var sale = Ledger.Trade(self, seller, -quantity.units)
        try check(&purchase, &sale, in: ledger)
        if let order = buyer.order { ledger.reduce(order: order, by: purchase) }
        if let order = seller.order { ledger.reduce(order: order, by: sale) }
        ledger.book(purchase, sale, &effects)
    }

    /// Finds where both sides take place, and that they are possible.
    func check(
        _ purchase: inout Ledger.Trade,
        _ sale: inout Ledger.Trade,
        in ledger: borrowing Ledger
    ) throws(Rejection) {
        try ledger.checkListed(instrument)
        try ledger.check(quantity, of: instrument)
        try ledger.check(price, of: instrument)
        try ledger.checkNotional(quantity.units, at: price.units, instrument, "the fill")
        guard buyer.account != seller.account || buyer.leg != seller.leg else { throw .sameParty }
        try ledger.check(&purchase)
        if let order = buyer.order { try ledger.check(order: order, purchase) }
        try ledger.check(&sale)
        if let order = seller.order { try ledger.check(order: order, sale) }
    }
}

extension Ledger {
    /// One side of a fill, in plain numbers: the order that it names stays with the event.
    struct Trade: BitwiseCopyable {
        var account: Int32
        var instrument: Int32
        var leg: Leg
        /// Signed: bought or sold.
        var quantity: Int64
        var price: Int64
        var fee: Int128
        /// A liquidation: what closes an isolated position leaves its margin where it is.
        var isForced = false
        /// Where the position was, or would be opened, when the trade was checked.
        var place = Location()

        init(account: Int32, instrument: Int32, leg: Leg, quantity: Int64, price: Int64) {
            self.account = account
            self.instrument = instrument
            self.leg = leg
            self.quantity = quantity
            self.price = price
            fee = 0
        }

        init(_ fill: Filled, _ party: Filled.Party, _ signed: Int64) {
            account = party.account.index
            instrument = fill.instrument.index
            leg = party.leg
            quantity = signed
            price = fill.price.units
            fee = party.fee.units
        }
    }

    /// Finds where a trade in a listed instrument takes place, and that it is possible.
    func check(_ trade: inout Trade) throws(Rejection) {
        let account = AccountID(index: trade.account)
        try known(account)
        try checkVenue(account, InstrumentID(index: trade.instrument))
        try check(trade.leg, of: account)
        try Self.checkLimit(trade.fee, "the fee")
        trade.place = location(of: trade.account, instrument: trade.instrument, leg: trade.leg)
        var held: Int64 = 0
        if let row = trade.place.row {
            positions.cost.prefetch(row..<row + 1)
            held = positions.held[row].quantity
        }
        let (after, overflow) = held.addingReportingOverflow(trade.quantity)
        guard !overflow, after.magnitude <= UInt64(Limits.quantity) else {
            throw .aboveLimit(
                "the position",
                value: Text.quantity(held),
                limit: Text.quantity(Limits.quantity)
            )
        }
        // A leg never turns: a fill that closes it is at most as large as it is.
        guard trade.leg == .net || after == 0 || (after > 0) == (trade.leg == .long) else {
            throw .closesMore(
                quantity: Text.quantity(Int64(trade.quantity.magnitude)),
                held: Text.quantity(held)
            )
        }
        try checkSize(after, trade)
        if trade.place.row == nil { try checkCount(of: trade.account) }
        if trade.place.isIsolated || trade.place.pool == nil {
            let settle = AssetID(index: terms[Int(trade.instrument)].settle)
            try checkWallet(account, settle, adding: 0)
        }
        if let pool = trade.place.pool {
            try Self.checkLimit(pools[Int(pool)].wallet, "the wallet")
            try Self.checkLimit(pools[Int(pool)].stake, "the pool's cost")
        }
    }

    /// The position stays within the instrument's limits, at the fill's price and at the mark.
    @inline(__always)
    private func checkSize(_ after: Int64, _ trade: borrowing Trade) throws(Rejection) {
        let limit = terms[Int(trade.instrument)].maxQuantity
        let isOutside = accounts[Int(trade.account)].isUnmargined
        guard after.magnitude <= UInt64(limit) || isOutside else {
            throw .aboveLimit(
                "the position",
                value: Text.quantity(after),
                limit: Text.quantity(limit)
            )
        }
        let instrument = InstrumentID(index: trade.instrument)
        // Of two prices the larger decides; which one it was matters only for the message.
        let price = max(trade.price, rows[Int(trade.instrument)].mark)
        if terms[Int(trade.instrument)].isSmall(after, at: price) { return }
        try checkNotional(after, at: trade.price, instrument, "the position")
        let mark = rows[Int(trade.instrument)].mark
        guard mark > 0 else { return }
        try checkNotional(after, at: mark, instrument, "the position")
    }

    @inline(__always)
    private func checkCount(of account: Int32) throws(Rejection) {
        guard !accounts[Int(account)].isUnmargined else { return }
        var open: Int32 = 0
        var pool = accounts[Int(account)].firstPool
        while pool >= 0 {
            open += pools[Int(pool)].count
            pool = pools[Int(pool)].next
        }
        guard open < Limits.positionsPerAccount else {
            throw .tooMany("positions", limit: Limits.positionsPerAccount)
        }
    }

    /// A named order is open and is one of this instrument, side and leg.
    ///
    /// A mirror may see fills of orders that it was never told of.
    fileprivate func check(order: String, _ trade: borrowing Trade) throws(Rejection) {
        let account = AccountID(index: trade.account)
        guard let index = orderIndex(account, order), let resting = orders[trade.account]?[index]
        else {
            let venue = Int(accounts[Int(trade.account)].venue.index)
            if venues[venue].mode == .mirror { return }
            throw .unknownOrder(order)
        }
        guard resting.instrument == trade.instrument, resting.leg == trade.leg,
            (resting.side == .buy) == (trade.quantity > 0)
        else { throw .unknownOrder(order) }
    }

    /// Takes a fill off the resting order that it filled.
    mutating func reduce(order id: String, by trade: borrowing Trade) {
        let account = AccountID(index: trade.account)
        guard let index = orderIndex(account, id), let resting = orders[trade.account]?[index]
        else { return }
        let filled = Int64(trade.quantity.magnitude)
        if resting.quantity <= filled {
            removeOrder(at: index, of: trade.account)
        } else {
            orders[trade.account]?[index].quantity -= filled
        }
        ordersChanged(of: account, InstrumentID(index: trade.instrument))
    }

    /// Books both sides of a trade that were found to be possible.
    mutating func book(
        _ purchase: borrowing Trade,
        _ sale: borrowing Trade,
        _ effects: inout Effects
    ) {
        var value = trade(purchase, &effects)
        value += trade(sale, &effects)
        guard value != 0 else { return }
        // Both sides' values cancel, but for what rounding left: it belongs to the house.
        let terms = terms[Int(purchase.instrument)]
        assets[Int(terms.settle)].house -= terms.payoff == .inverse ? value : -value
    }

    /// Changes position, wallets and fees of one side; returns the signed value it was booked at.
    mutating func trade(_ trade: borrowing Trade, _ effects: inout Effects) -> Int128 {
        let terms = terms.row(Int(trade.instrument))
        let isIsolated = trade.place.isIsolated
        let cross: Int32
        if let pool = trade.place.pool, !isIsolated {
            cross = pool
        } else {
            cross = openCrossPool(of: trade.account, asset: terms.pointee.settle)
        }
        let pool =
            isIsolated
            ? openIsolatedPool(
                of: trade.account,
                instrument: trade.instrument,
                leg: trade.leg
            ) : cross
        let row: Int
        if let held = position(of: trade, in: pool) {
            row = held
        } else {
            row = openPosition(in: pool, instrument: trade.instrument, leg: trade.leg)
        }
        let value =
            terms.pointee.isPlain
            ? Int128(trade.quantity.multipliedFullWidth(by: trade.price))
            : Valuation.cost(
                trade.quantity,
                at: trade.price,
                instruments[Int(trade.instrument)].rules
            )
        let change = split(trade, value, row)

        if isIsolated {
            touch(cross)  // its orders are reserved by what is held
            if !trade.isForced { fund(pool, from: cross, trade, change, row, &effects) }
        }
        credit(pool, change.realized, .realizedPnl, &effects)
        setPosition(
            in: pool,
            row: row,
            quantity: positions.held[row].quantity + trade.quantity,
            cost: change.cost,
            &effects
        )
        if isIsolated { dissolve(isolated: pool, &effects) }
        if trade.fee != 0 {
            assets[Int(terms.pointee.settle)].fees += trade.fee
            credit(cross, -trade.fee, .fee, &effects)
        }
        return value
    }

    /// The row of a trade's position: where it was seen when the trade was checked, unless the other
    /// side of the trade, the other leg of the same account, has moved it since.
    @inline(__always)
    private func position(of trade: borrowing Trade, in pool: Int32) -> Int? {
        if let row = trade.place.row, pools[Int(pool)].rows.contains(row),
            positions.held[row].instrument == trade.instrument,
            positions.held[row].leg == trade.leg
        {
            return row
        }
        return position(in: pool, instrument: trade.instrument, leg: trade.leg)
    }

    /// What a trade closes and opens.
    private struct Split: BitwiseCopyable {
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
    @inline(__always)
    private func split(
        _ trade: borrowing Trade,
        _ value: Int128,
        _ row: Int
    ) -> Split {
        let held = positions.held[row].quantity
        let cost = positions.cost[row]
        let terms = terms[Int(trade.instrument)]
        guard held != 0, (held > 0) != (trade.quantity > 0) else {
            return Split(realized: 0, cost: cost + value, closed: 0, openedValue: value)
        }
        let closed = min(held.magnitude, trade.quantity.magnitude)
        let closes = trade.quantity > 0 ? Int64(closed) : -Int64(closed)
        let isFlip = trade.quantity.magnitude > held.magnitude
        let isPlain = terms.isPlain
        let closingValue: Int128
        if !isFlip {
            closingValue = value
        } else if isPlain {
            closingValue = Int128(closes.multipliedFullWidth(by: trade.price))
        } else {
            let rules = instruments[Int(trade.instrument)].rules
            closingValue = Valuation.cost(closes, at: trade.price, rules)
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
        let isInverse = terms.payoff == .inverse
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
        _ trade: borrowing Trade,
        _ change: borrowing Split,
        _ row: Int,
        _ effects: inout Effects
    ) {
        let held = positions.held[row].quantity
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
            let cost = change.closed > 0 ? 0 : positions.cost[row]
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
        let instrument = instruments[Int(positions.held[row].instrument)]
        return instrument.margin.initialAtEntry(
            PositionView(
                quantity: quantity,
                cost: cost,
                leverage: Int64(positions.held[row].leverage),
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
