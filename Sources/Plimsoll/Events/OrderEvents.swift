import PlimsollUnits

extension OrderPlaced {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.check(account, instrument)
        try ledger.check(leg, of: account)
        try Ledger.checkName(order)
        try ledger.check(quantity, of: instrument)
        try ledger.check(price, of: instrument)
        try ledger.checkNotional(quantity.units, at: price.units, instrument, "the order")
        let decides = try ledger.checkRequest(account)
        guard ledger.orderIndex(account, order) == nil else { throw .orderExists(order) }
        let resting = ledger.orders[account.index] ?? []
        guard resting.count < Limits.ordersPerAccount else {
            throw .tooMany("open orders", limit: Limits.ordersPerAccount)
        }
        let row = Order(
            id: order,
            instrument: instrument.index,
            side: side,
            leg: leg,
            quantity: quantity.units,
            price: price.units,
            reduceOnly: reduceOnly
        )
        try ledger.checkWorstCase(row, of: account)
        if decides { try ledger.checkOrder(row, of: account) }

        ledger.orders[account.index, default: []].append(row)
        ledger.ordersChanged(of: account, instrument)
    }
}

extension OrderReduced {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        try ledger.known(account)
        guard let index = ledger.orderIndex(account, order),
            let resting = ledger.orders[account.index]?[index]
        else { throw .unknownOrder(order) }
        guard remaining.units > 0, remaining.units < resting.quantity else {
            throw .notReduced(
                remaining: "\(remaining)",
                quantity: Text.quantity(resting.quantity)
            )
        }
        ledger.orders[account.index]?[index].quantity = remaining.units
        ledger.ordersChanged(of: account, InstrumentID(index: resting.instrument))
    }
}

extension OrderCancelled {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        try ledger.known(account)
        guard let index = ledger.orderIndex(account, order),
            let resting = ledger.orders[account.index]?[index]
        else { throw .unknownOrder(order) }
        ledger.removeOrder(at: index, of: account.index)
        ledger.ordersChanged(of: account, InstrumentID(index: resting.instrument))
    }
}

extension Ledger {
    /// Where an open order stands among its account's.
    func orderIndex(_ account: AccountID, _ order: String) -> Int? {
        orders[account.index]?.firstIndex { $0.id == order }
    }

    mutating func removeOrder(at index: Int, of account: Int32) {
        orders[account]?.remove(at: index)
        if orders[account]?.isEmpty == true { orders[account] = nil }
    }

    /// Notes the pool whose order margin changed.
    mutating func ordersChanged(of account: AccountID, _ instrument: InstrumentID) {
        refreshFastPath(ofAccount: account.index)
        // Orders beside an isolated position are reserved in the cross pool, by the position's mark.
        for pool in poolIDs(of: account.index) { loseBand(of: pool) }
        let asset = instruments[Int(instrument.index)].settle.index
        touch(openCrossPool(of: account.index, asset: asset))
    }

    /// Notes the pools that reserve margin for orders in an instrument, held or not.
    mutating func touchOrders(in instrument: Int32) {
        let asset = instruments[Int(instrument)].settle.index
        for account in orders.keys.sorted() {
            guard orders[account]?.contains(where: { $0.instrument == instrument }) == true else {
                continue
            }
            touch(openCrossPool(of: account, asset: asset))
        }
    }

    /// The worst case of a symbol's orders stays within the limit of a notional.
    func checkWorstCase(_ order: Order, of account: AccountID) throws(Rejection) {
        let payoff = instruments[Int(order.instrument)].rules.payoff
        var total = Valuation.notional(order.quantity, at: order.price, payoff)
        for resting in orders[account.index] ?? [] where resting.instrument == order.instrument {
            total += Valuation.notional(resting.quantity, at: resting.price, payoff)
        }
        guard total <= Limits.notional else {
            throw .aboveLimit(
                "the open orders of one symbol",
                value: Text.money(total),
                limit: Text.money(Limits.notional)
            )
        }
    }

    /// A venue accepts `order`: the account may add risk, and has the margin.
    func checkOrder(_ order: Order, of account: AccountID) throws(Rejection) {
        let check = try preTrade(order, of: account)
        if order.onlyReduces {
            guard check.reduces else { throw .orderDoesNotReduce(order.id) }
            return
        }
        guard check.isAllowedByMode else {
            throw .reduceOnly(account: directory.name(account))
        }
        guard check.passes else {
            throw .insufficientMargin(
                needed: Text.money(check.required),
                available: Text.money(check.available)
            )
        }
    }
}
