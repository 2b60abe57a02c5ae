import PlimsollUnits

/// What an order would need, and what there is.
struct PreTradeFigures: Sendable {
    /// Additional initial margin of the worst case, plus what the order costs beyond it, 10⁻¹⁶ of the
    /// settlement asset (or of the rulebook's currency in multi-asset mode).
    var required: Int128
    /// Of it, the additional initial margin.
    var initial: Int128
    /// The loss at once when the order's price is worse than the mark, where the rulebook counts it.
    var openLoss: Int128
    /// Fees to open and to close, where the rulebook counts them.
    var fees: Int128
    var available: Int128
    /// The order makes the position smaller, or is no larger than it on the other side.
    var reduces: Bool
    var isAllowedByMode: Bool
    var isStale: Bool

    /// The account has the margin.
    var passes: Bool { isAllowedByMode && required <= available }
}

extension Ledger {
    /// Checks `order` before it is accepted.
    func preTrade(_ order: Order, of account: AccountID) throws(Rejection) -> PreTradeFigures {
        let asset = instruments[Int(order.instrument)].settle.index
        let place = location(of: account.index, instrument: order.instrument, leg: order.leg)
        let held = place.row.map { positions.held[$0].quantity } ?? 0
        let isOpposite = held != 0 && (held > 0) == (order.side == .sell)
        let reduces = isOpposite && order.quantity <= Int64(held.magnitude)
        let cross = crossPool(of: account.index, asset: asset)
        let lead = cross.map { self.lead(of: $0) }
        guard let lead else {
            // Nothing was ever deposited: nothing is available.
            return try preTradeWithoutPool(order, of: account)
        }
        let before = try figuresForRequest(lead)
        let after = try figuresForRequest(lead, Supposition(order: order))
        let extra = order.reduceOnly ? OrderCosts() : try costs(of: order, account: account)
        let conversion = try conversionForRequest(of: lead, asset: asset)
        let isolatedMode = place.isIsolated ? place.pool.map { pools[Int($0)].mode } : nil
        let mode = max(pools[Int(lead)].mode, isolatedMode ?? .normal)
        let initial = max(0, after.initial - before.initial)
        let openLoss = conversion?.requirement(extra.openLoss) ?? extra.openLoss
        let fees = conversion?.requirement(extra.fees) ?? extra.fees
        return PreTradeFigures(
            required: initial + openLoss + fees,
            initial: initial,
            openLoss: openLoss,
            fees: fees,
            available: max(0, before.equity - before.initial),
            reduces: reduces,
            isAllowedByMode: mode == .normal || reduces || order.reduceOnly,
            isStale: before.isStale || after.isStale
        )
    }

    private func preTradeWithoutPool(
        _ order: Order,
        of account: AccountID
    ) throws(Rejection) -> PreTradeFigures {
        let asset = instruments[Int(order.instrument)].settle.index
        var nothing = NoTerms()
        let initial: Int128
        do throws(MissingPrice) {
            initial = try orderInitial(
                of: account.index,
                asset: asset,
                Supposition(order: order),
                into: &nothing
            )
        } catch {
            throw rejection(error)
        }
        let extra = try costs(of: order, account: account)
        return PreTradeFigures(
            required: initial + extra.openLoss + extra.fees,
            initial: initial,
            openLoss: extra.openLoss,
            fees: extra.fees,
            available: 0,
            reduces: false,
            isAllowedByMode: true,
            isStale: isStale(order.instrument)
        )
    }

    private func conversionForRequest(
        of lead: Int32,
        asset: Int32
    ) throws(Rejection) -> Conversion? {
        guard pools[Int(lead)].isMultiAsset else { return nil }
        do throws(MissingPrice) {
            return try conversion(of: asset)
        } catch {
            throw rejection(error)
        }
    }

    /// The largest quantity of `order`'s kind that passes, a multiple of the instrument's step.
    ///
    /// What an order requires never falls as it grows, so the edge is found by halving the exact
    /// computation itself, to the last step: no formula of its own could disagree with it.
    func largestPassing(_ order: Order, of account: AccountID) throws(Rejection) -> Quantity {
        let rules = instruments[Int(order.instrument)].rules
        let step = Int128(rules.quantityStep?.units ?? 1)
        let mark = max(instruments[Int(order.instrument)].mark, order.price)
        let byNotional =
            rules.payoff == .inverse
            ? Int128(Limits.quantity) : Limits.notional / Int128(mark)
        let limit = min(Int128(rules.maxQuantity.units), byNotional) / step
        func passes(_ steps: Int128) throws(Rejection) -> Bool {
            guard steps > 0 else { return true }
            var trial = order
            trial.quantity = Int64(steps * step)
            let notional = Valuation.notional(trial.quantity, at: order.price, rules.payoff)
            guard notional <= Limits.notional else { return false }
            let check = try preTrade(trial, of: account)
            return order.onlyReduces ? check.reduces : check.passes
        }
        let steps = try largest(upTo: limit, where: passes)
        return Quantity(unchecked: Int64(steps * step))
    }

    /// Costs of an order beyond its initial margin, in the settlement asset.
    struct OrderCosts: Sendable {
        var openLoss: Int128 = 0
        var openingFee: Int128 = 0
        var closingFee: Int128 = 0
        var fees: Int128 { openingFee + closingFee }
    }

    /// `orders.margin`: open loss (Binance), fees to open and to close (Bybit), by the rulebook.
    func costs(of order: Order, account: AccountID) throws(Rejection) -> OrderCosts {
        let row = instruments[Int(order.instrument)]
        guard let rule = rulebook(of: account.index)?.orderCost else { return OrderCosts() }
        guard row.mark > 0 else {
            throw .noMark(symbol: directory.instruments[Int(order.instrument)])
        }
        let setting = setting(account.index, order.instrument)
        return OrderCosts(order, row.rules, mark: row.mark, setting, rule)
    }
}

extension Order {
    /// It can only make a position smaller: it says so, or it closes a leg, which never turns.
    var onlyReduces: Bool {
        switch (side, leg) {
        case (.sell, .long), (.buy, .short): true
        case (_, .net), (.buy, .long), (.sell, .short): reduceOnly
        }
    }
}

extension Ledger.OrderCosts {
    /// The costs of one order by `rule`.
    init(
        _ order: Order,
        _ rules: InstrumentRules,
        mark: Int64,
        _ setting: Setting,
        _ rule: OrderCost
    ) {
        let signed = order.side == .buy ? order.quantity : -order.quantity
        let cost = Valuation.cost(signed, at: order.price, rules)
        let profit =
            Valuation.stake(cost, rules.payoff)
            + Valuation.worth(signed, at: mark, rules.payoff)
        if rule.openLoss { openLoss = max(0, -profit) }
        let value = cost < 0 ? -cost : cost
        let rate = Int128(rules.takerFeeRate.units)
        if rule.openingFee {
            openingFee = (value * rate).divided(by: PowerOfTen.eight, rounding: .up)
        }
        if rule.closingFee {
            let margin = PositionMargin(rules: rules)
            let leverage = margin.leverage(
                chosen: setting.leverage,
                notional: value,
                size: order.quantity,
                isIsolated: setting.marginMode == .isolated
            )
            let closing = margin.bankruptcyValue(
                PositionView(
                    quantity: signed,
                    cost: cost,
                    leverage: setting.leverage,
                    isIsolated: setting.marginMode == .isolated
                ),
                leverage: leverage
            )
            closingFee = (closing * rate).divided(by: PowerOfTen.eight, rounding: .up)
        }
    }
}
