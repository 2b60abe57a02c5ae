import BigInt
import Plimsoll
import PlimsollUnits

extension Auditor {
    /// A liquidation order was filled: its position closes without giving margin back, and the fee goes
    /// to the fund.
    mutating func fill(_ body: LiquidationFilled, _ effects: [Effect]) {
        guard let order = enforcement.orders[body.order],
            let pool = enforcement.liquidations[order.liquidation]?.pool
        else {
            find(.unknownPlace, expected: "an order that is out", found: body.order)
            return
        }
        let slot = order.slot
        let isSale = order.quantity < 0
        let size = BigInt(body.quantity.units)
        let price = Rational(body.price.units, scale: 8)
        let held = holdings[slot]?.quantity ?? 0
        let isWithin =
            size > 0 && size <= order.quantity.magnitude && size <= held.magnitude
            && (held > 0) == isSale && (isSale ? price >= order.limit : price <= order.limit)
        if !isWithin {
            find(
                .fillBeyondOrder,
                slot.account,
                slot.instrument,
                expected: "\(order.quantity) at \(order.limit) of \(held)",
                found: "\(size) at \(price)"
            )
        }
        let fee = fee(in: effects)
        audit(fee, size, price, body.order, pool)
        shorten(body.counterparty, by: body.quantity)
        pay(fee, from: wallet(of: slot, isIsolated: holdings[slot]?.isIsolated == true), slot)

        let party = Filled.Party(account: AccountID(index: slot.account), leg: slot.leg)
        let sides = isSale ? (body.counterparty, party) : (party, body.counterparty)
        let bought = trade(sides.0, size, price, slot.instrument, isForced: !isSale)
        let sold = trade(sides.1, -size, price, slot.instrument, isForced: isSale)
        keep(bought + sold, of: slot.instrument)

        let left = isSale ? order.quantity + size : order.quantity - size
        enforcement.orders[body.order]?.quantity = left
        if left == 0 { enforcement.orders[body.order] = nil }
        stirred.insert(slot.account)
    }

    private func fee(in effects: [Effect]) -> BigInt {
        for case .insuranceMoved(let move) in effects
        where move.reason == .fee && move.sale == nil {
            return BigInt(move.amount.units)
        }
        return 0
    }

    private mutating func pay(_ fee: BigInt, from wallet: Wallet, _ slot: Slot) {
        guard fee != 0 else { return }
        guard let fund = fund(of: slot.instrument)?.account else {
            find(.takeoverFund, slot.account, slot.instrument, expected: "no fee", found: fee)
            return
        }
        book(-fee, to: wallet)
        book(fee, to: .cross(account: fund, asset: settle(of: slot.instrument)))
    }

    /// A fee is its rate of the notional, as far as equity lasts after the fill and after all that may
    /// still be filled at the limits of the other orders.
    private mutating func audit(
        _ fee: BigInt,
        _ size: BigInt,
        _ price: Rational,
        _ number: UInt64,
        _ pool: Pool
    ) {
        guard let order = enforcement.orders[number], let rules = rules(of: pool.account) else {
            return
        }
        let slot = order.slot
        let rate = Rational(rules.fee.units, scale: 8)
        let notional = notionalUnits(size, at: price, in: slot.instrument)
        let most = (Rational(notional, scale: 16) * rate).ceiling(scale: 16)
        if fee > most || fee < 0 {
            find(.feeAboveRate, slot.account, slot.instrument, expected: most, found: fee)
        }
        // Orders of several assets have costs of several assets.
        guard case .wallet(let wallet) = pool, let equity = equityUnits(of: wallet) else { return }
        let isSale = order.quantity < 0
        var free = Rational(equity, scale: 16) - cost(isSale ? -size : size, at: price, slot)
        for (other, resting) in enforcement.orders where resting.liquidation == order.liquidation {
            let filled = other == number ? (isSale ? -size : size) : 0
            free =
                free - max(.zero, cost(resting.quantity - filled, at: resting.limit, resting.slot))
        }
        let units = free.floor(scale: 16)
        if fee > max(0, units) {
            find(.feeBankrupts, slot.account, slot.instrument, expected: max(0, units), found: fee)
        }
        // Inverse costs are rounded by two steps each.
        let isInverse = instruments[Int(slot.instrument)].rules.payoff == .inverse
        let slack: BigInt = isInverse ? BigInt(2 + 2 * enforcement.orders.count) : 0
        if fund(of: slot.instrument) != nil, fee < min(most, units - slack) {
            let least = min(most, units - slack)
            find(.feeBelowRule, slot.account, slot.instrument, expected: least, found: fee)
        }
    }

    /// What a change of a position at a price costs against the mark.
    private func cost(_ change: BigInt, at price: Rational, _ slot: Slot) -> Rational {
        let mark = self.price(of: slot.instrument)
        return worth(-change, at: mark, in: slot.instrument)
            - worth(-change, at: price, in: slot.instrument)
    }
}
