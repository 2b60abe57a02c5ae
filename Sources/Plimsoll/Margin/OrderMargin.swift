import PlimsollUnits

/// The open orders of one symbol (or of one leg of it), added up by side.
struct OrderTotals: Sendable {
    var instrument: Int32
    var leg: Leg
    var buyValue: Int128 = 0
    var buyQuantity: Int128 = 0
    var sellValue: Int128 = 0
    var sellQuantity: Int128 = 0

    /// Adds an order, unless it can only make a position smaller.
    mutating func add(_ order: Order, _ payoff: Payoff) {
        guard !order.reduceOnly else { return }
        let value = Valuation.notional(order.quantity, at: order.price, payoff)
        switch (order.side, leg) {
        case (.buy, .net), (.buy, .long):
            buyValue += value
            buyQuantity += Int128(order.quantity)
        case (.sell, .net), (.sell, .short):
            sellValue += value
            sellQuantity += Int128(order.quantity)
        case (.sell, .long), (.buy, .short):
            break  // closes the leg: reserves nothing
        }
    }
}

extension Ledger {
    /// Worst-case initial margin of the open orders of `account` that are settled in `asset`.
    ///
    /// Per symbol: initial margin of the larger of |N + B| and |N − S| less that of |N|, with N the
    /// signed notional of the position at mark, B and S its buy and sell orders at their prices.
    func orderInitial<Sink: TermSink>(
        of account: Int32,
        asset: Int32,
        _ supposing: Supposition,
        into sink: inout Sink
    ) throws(MissingPrice) -> Int128 {
        guard orders[account] != nil || supposing.order != nil else { return 0 }
        var totals: [OrderTotals] = []
        for order in orders[account] ?? [] where !order.isCancelling {
            add(order, settledIn: asset, to: &totals)
        }
        if let order = supposing.order { add(order, settledIn: asset, to: &totals) }
        var sum: Int128 = 0
        for total in totals {
            sum += try reserved(total, of: account, supposing, into: &sink)
        }
        return sum
    }

    private func add(
        _ order: Order,
        settledIn asset: Int32,
        to totals: inout [OrderTotals]
    ) {
        guard terms[Int(order.instrument)].settle == asset else { return }
        let found = totals.firstIndex {
            $0.instrument == order.instrument && $0.leg == order.leg
        }
        let index = found ?? totals.count
        if found == nil {
            totals.append(OrderTotals(instrument: order.instrument, leg: order.leg))
        }
        totals[index].add(order, terms[Int(order.instrument)].payoff)
    }

    /// What the orders of one symbol reserve.
    private func reserved<Sink: TermSink>(
        _ total: OrderTotals,
        of account: Int32,
        _ supposing: Supposition,
        into sink: inout Sink
    ) throws(MissingPrice) -> Int128 {
        if let corner = supposing.corner { return try reservedBound(total, of: account, corner) }
        let instrument = total.instrument
        let margin = instruments[Int(instrument)].margin
        let rules = margin.rules
        let place = location(of: account, instrument: instrument, leg: total.leg)
        let held = place.row.map { positions.held[$0].quantity } ?? 0
        let prices = try prices(of: instrument, held, supposing)
        let signed = Valuation.value(held, at: prices.mark, rules.payoff)
        let long = (signed + total.buyValue).magnitude
        let short = (signed - total.sellValue).magnitude
        let worst = Int128(clamping: max(long, short))
        let size =
            long >= short
            ? (Int128(held) + total.buyQuantity).magnitude
            : (Int128(held) - total.sellQuantity).magnitude
        let now = Valuation.notional(held, at: prices.mark, rules.payoff)
        guard worst > now else { return 0 }

        let supposed = supposing.leverage.flatMap {
            $0.instrument == instrument ? $0.hundredths : nil
        }
        let chosen =
            supposed ?? place.row.map { Int64(positions.held[$0].leverage) }
            ?? setting(account, instrument).leverage
        let worstSize = Int64(clamping: size)
        let heldSize = Int64(held.magnitude)
        let before = margin.leverage(
            chosen: chosen,
            notional: now,
            size: heldSize,
            isIsolated: place.isIsolated
        )
        let after = margin.leverage(
            chosen: chosen,
            notional: worst,
            size: worstSize,
            isIsolated: place.isIsolated
        )
        let reserved: Int128
        if before > 0, before == after, !rules.hasInitialRates {
            reserved = ((worst - now) * 100).divided(by: Int128(after), rounding: .up)
        } else {
            reserved = max(
                0,
                margin.initial(
                    notional: worst,
                    size: worstSize,
                    chosen: chosen,
                    isIsolated: place.isIsolated,
                    prices
                )
                    - margin.initial(
                        notional: now,
                        size: heldSize,
                        chosen: chosen,
                        isIsolated: place.isIsolated,
                        prices
                    )
            )
        }
        sink.add {
            .orderInitial(rules, signed, total, worst: worst, leverage: after, reserved)
        }
        return reserved
    }
}

extension InstrumentRules {
    /// The brackets name initial rates instead of leverages.
    var hasInitialRates: Bool {
        guard case .brackets(let schedule) = schedule else { return true }
        return schedule.brackets.contains { $0.initialRate != nil }
    }
}

extension Term {
    static func orderInitial(
        _ rules: InstrumentRules,
        _ signed: Int128,
        _ total: OrderTotals,
        worst: Int128,
        leverage: Int64,
        _ reserved: Int128
    ) -> Term {
        Term(
            .orderInitialMargin,
            "worst case of open orders",
            subject: rules.symbol,
            operands: [
                Operand("N", Text.money(signed)), Operand("B", Text.money(total.buyValue)),
                Operand("S", Text.money(total.sellValue)), Operand("worst", Text.money(worst)),
                Operand("leverage", Text.leverage(leverage)),
            ],
            formula: leverage > 0
                ? "(max(|N + B|, |N − S|) − |N|) ÷ leverage"
                : "initial(max(|N + B|, |N − S|)) − initial(|N|)",
            value: Text.money(reserved)
        )
    }
}
