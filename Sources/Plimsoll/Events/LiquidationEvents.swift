import PlimsollUnits

extension DepthObserved {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        try ledger.checkListed(instrument)
        try check(bids, "the bids") { $0 > $1 }
        try check(asks, "the asks") { $0 < $1 }
        ledger.depth[instrument.index] = Depth(
            bids: bids.map { Depth.Level(price: $0.price.units, quantity: $0.quantity.units) },
            asks: asks.map { Depth.Level(price: $0.price.units, quantity: $0.quantity.units) }
        )
    }

    /// A side of the book: not too long, every level above zero, the best first.
    private func check(
        _ side: [Level],
        _ what: String,
        inOrder: (Price, Price) -> Bool
    ) throws(Rejection) {
        guard side.count <= Limits.depthLevels else {
            throw .aboveLimit(what, value: "\(side.count)", limit: "\(Limits.depthLevels)")
        }
        for (index, level) in side.enumerated() {
            guard level.quantity.units > 0 else {
                throw .notPositive("a level of \(what)", value: "\(level.quantity)")
            }
            guard index == 0 || inOrder(side[index - 1].price, level.price) else {
                throw .bookNotInOrder(what)
            }
        }
    }
}

extension LiquidationFilled {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        let (lead, resting) = try ledger.liquidationOrder(order)
        let isSale = resting.quantity < 0
        guard quantity.units > 0 else {
            throw .notPositive("the quantity", value: "\(quantity)")
        }
        guard quantity.units.magnitude <= resting.quantity.magnitude else {
            throw .closesMore(
                quantity: "\(quantity)",
                held: Text.quantity(Int64(resting.quantity.magnitude))
            )
        }
        guard isSale ? price.units >= resting.limit : price.units <= resting.limit else {
            throw .beyondLimitPrice(
                price: "\(price)",
                limit: "\(Price(unchecked: resting.limit))"
            )
        }
        let party = Filled.Party(
            account: AccountID(index: ledger.pools[Int(lead)].account),
            leg: resting.leg
        )
        let fill = Filled(
            instrument: InstrumentID(index: resting.instrument),
            quantity: quantity,
            price: price,
            buyer: isSale ? counterparty : party,
            seller: isSale ? party : counterparty
        )
        var purchase = Ledger.Trade(fill, fill.buyer, quantity.units)
        var sale = Ledger.Trade(fill, fill.seller, -quantity.units)
        try fill.check(&purchase, &sale, in: ledger)
        try checkReduces(isSale ? sale : purchase, ledger)

        if isSale { sale.isForced = true } else { purchase.isForced = true }
        let fee = ledger.liquidationFee(isSale ? sale : purchase, for: order, lead)
        if let id = counterparty.order {
            ledger.reduce(order: id, by: isSale ? purchase : sale)
        }
        ledger.take(fee, isSale ? sale : purchase, lead, &effects)
        ledger.book(purchase, sale, &effects)
        ledger.shorten(order, of: lead, by: quantity.units)
        ledger.touch(lead)
    }

    /// A liquidation order never enlarges or turns a position.
    private func checkReduces(_ trade: Ledger.Trade, _ ledger: Ledger) throws(Rejection) {
        let held = trade.place.row.map { ledger.positions.held[$0].quantity } ?? 0
        guard (held > 0) != (trade.quantity > 0), held != 0,
            trade.quantity.magnitude <= held.magnitude
        else {
            throw .closesMore(quantity: "\(quantity)", held: Text.quantity(held))
        }
    }
}

extension LiquidationOrderEnded {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        let (lead, resting) = try ledger.liquidationOrder(order)
        ledger.shorten(order, of: lead, by: Int64(resting.quantity.magnitude))
        if reason != .cancelled, ledger.liquidations[lead]?.isCancelling == false {
            ledger.liquidations[lead]?.isExhausted = true
        }
        ledger.touch(lead)
    }
}

extension Ledger {
    /// An order that the matching engine works on, and the pool it is for.
    fileprivate func liquidationOrder(
        _ number: UInt64
    ) throws(Rejection) -> (lead: Int32, order: LiquidationOrder) {
        guard let lead = orderPools[number],
            let order = liquidations[lead]?.orders.first(where: { $0.number == number })
        else { throw .unknownOrder("\(number)") }
        return (lead, order)
    }

    /// Takes a part off a liquidation order; one of which nothing is left is forgotten.
    fileprivate mutating func shorten(_ number: UInt64, of lead: Int32, by size: Int64) {
        guard var liquidation = liquidations[lead],
            let index = liquidation.orders.firstIndex(where: { $0.number == number })
        else { return }
        let left = Int64(liquidation.orders[index].quantity.magnitude) - size
        if left == 0 {
            liquidation.orders.remove(at: index)
            orderPools[number] = nil
        } else {
            let isSale = liquidation.orders[index].quantity < 0
            liquidation.orders[index].quantity = isSale ? -left : left
        }
        liquidations[lead] = liquidation
    }

    /// The fee of a liquidation trade: the rate of its value, as far as equity is above zero after it
    /// and after all that may still be filled at the limits of the other orders.
    fileprivate func liquidationFee(
        _ trade: Trade,
        for number: UInt64,
        _ lead: Int32
    ) -> Int128 {
        guard let rate = rulebook(of: trade.account)?.enforcement?.fee, rate > .zero,
            let pool = trade.place.pool
        else { return 0 }
        let value = Valuation.notional(
            Int64(trade.quantity.magnitude),
            at: trade.price,
            terms[Int(trade.instrument)].payoff
        )
        var costs = [
            (
                terms[Int(trade.instrument)].settle,
                closingCost(trade.quantity, at: trade.price, trade.instrument)
            )
        ]
        for order in liquidations[lead]?.orders ?? [] {
            let left = order.number == number ? order.quantity - trade.quantity : order.quantity
            let cost = max(0, closingCost(left, at: order.limit, order.instrument))
            costs.append((terms[Int(order.instrument)].settle, cost))
        }
        let free = Money(units: equity(of: pool, after: costs))
        return LiquidationPricing.fee(rate, of: Money(units: value), equity: free).units
    }

    /// What is left of a pool's equity after costs, each in its asset; in the asset of `pool`.
    ///
    /// In multi-asset mode all assets stand behind it: what is owed in another one counts, costs do at
    /// their ask, and a gain does not.
    private func equity(of pool: Int32, after costs: [(asset: Int32, amount: Int128)]) -> Int128 {
        guard pools[Int(pool)].isMultiAsset else {
            return (equity(ofWallet: pool) ?? 0) - costs.reduce(0) { $0 + $1.amount }
        }
        guard let figures = try? figures(ofPool: lead(of: pool)),
            let own = try? conversion(of: pools[Int(pool)].asset)
        else { return 0 }
        var left = figures.equity
        for cost in costs {
            guard let rate = try? conversion(of: cost.asset) else { return 0 }
            left -= rate.requirement(max(0, cost.amount))
        }
        return left.multiplied(by: PowerOfTen.sixteen, dividedBy: own.ask, rounding: .down) ?? 0
    }

    /// What a change of a position at `price` costs against the mark; an inverse value may round by one
    /// step at either end.
    private func closingCost(_ change: Int64, at price: Int64, _ instrument: Int32) -> Int128 {
        guard change != 0 else { return 0 }
        let slack: Int128 = terms[Int(instrument)].payoff == .inverse ? 2 : 0
        return profit(of: -change, taken: price, in: instrument) + slack
    }

    /// Moves a liquidation fee from the pool of its position to the fund.
    fileprivate mutating func take(
        _ fee: Int128,
        _ trade: Trade,
        _ lead: Int32,
        _ effects: inout Effects
    ) {
        guard fee > 0, let pool = trade.place.pool, let fund = fund(of: trade.instrument) else {
            return
        }
        let purse = openCrossPool(of: fund.account, asset: pools[Int(pool)].asset)
        credit(pool, -fee, .liquidationFee, &effects)
        credit(purse, fee, .liquidationFee, &effects)
        report(.fee, by: fund.account, fee, pool, lead: lead, nil, 0, &effects)
    }
}
