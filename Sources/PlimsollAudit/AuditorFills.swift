import BigInt
import Plimsoll
import PlimsollUnits

extension Auditor {
    /// Both sides of a trade; what their rounded values differ by is the house's.
    mutating func fill(_ body: Filled) {
        let quantity = BigInt(body.quantity.units)
        let price = Rational(body.price.units, scale: 8)
        for party in [body.buyer, body.seller] { shorten(party, by: body.quantity) }
        let bought = trade(body.buyer, quantity, price, body.instrument.index)
        let sold = trade(body.seller, -quantity, price, body.instrument.index)
        keep(bought + sold, of: body.instrument.index)
    }

    /// Takes a fill off the resting order that it filled.
    mutating func shorten(_ party: Filled.Party, by quantity: Quantity) {
        guard let id = party.order else { return }
        change(order: id, of: party.account) { order in
            let left = max(0, order.quantity.units - quantity.units)
            order.quantity = (try? Quantity(units: left)) ?? .zero
        }
        orders[party.account.index]?.removeAll { $0.quantity == .zero }
    }

    /// What both sides' values differ by is the house's.
    mutating func keep(_ difference: BigInt, of instrument: Int32) {
        let isInverse = instruments[Int(instrument)].rules.payoff == .inverse
        assets[Int(settle(of: instrument))].house += isInverse ? -difference : difference
    }

    /// One side closes what is opposite, proportionally, and opens the rest; returns its value.
    ///
    /// A forced trade leaves the margin of an isolated position where it is.
    mutating func trade(
        _ party: Filled.Party,
        _ quantity: BigInt,
        _ price: Rational,
        _ instrument: Int32,
        isForced: Bool = false
    ) -> BigInt {
        let slot = Slot(account: party.account.index, instrument: instrument, leg: party.leg)
        let rules = instruments[Int(instrument)].rules
        let isInverse = rules.payoff == .inverse
        let choice = Choice(account: slot.account, instrument: instrument)
        let old =
            holdings[slot]
            ?? Holding(quantity: 0, cost: 0, isIsolated: isolatedMode.contains(choice))
        let value = Self.cost(quantity: Rational(quantity, scale: 8), at: price, rules)

        let closes = old.quantity.signum() * quantity.signum() < 0
        let closed = closes ? min(old.quantity.magnitude, quantity.magnitude) : 0
        let isFlip = closes && quantity.magnitude > old.quantity.magnitude
        let closingValue =
            isFlip
            ? Self.cost(quantity: Rational(-old.quantity, scale: 8), at: price, rules)
            : (closes ? value : 0)
        let released = closes ? Self.released(old, BigInt(closed), rules) : 0
        let realized = isInverse ? closingValue + released : -closingValue - released
        let opened = value - closingValue

        let cross = wallet(of: slot, isIsolated: false)
        if old.isIsolated, !isForced {
            let moved = isolatedMargin(
                slot,
                old,
                closed: BigInt(closed),
                realized: realized,
                opened: quantity.magnitude > closed
                    ? (closes ? old.quantity + quantity : quantity, opened) : nil
            )
            book(-moved, to: cross)
            book(moved, to: .isolated(slot))
        }
        book(realized, to: wallet(of: slot, isIsolated: old.isIsolated))
        let after = Holding(
            quantity: old.quantity + quantity,
            cost: isFlip ? opened : old.cost - released + opened,
            isIsolated: old.isIsolated
        )
        holdings[slot] = after.quantity == 0 ? nil : after
        if after.quantity == 0, old.isIsolated { dissolve(slot) }
        book(-BigInt(party.fee.units), to: cross)
        assets[Int(settle(of: instrument))].fees += BigInt(party.fee.units)
        return value
    }

    /// What moves into an isolated margin: what the initial margin grows by, less the part of the
    /// margin, with its profit, of what closes (never less than nothing).
    private func isolatedMargin(
        _ slot: Slot,
        _ old: Holding,
        closed: BigInt,
        realized: BigInt,
        opened: (quantity: BigInt, value: BigInt)?
    ) -> BigInt {
        var moved: BigInt = 0
        if closed > 0 {
            let margin = Rational(wallets[.isolated(slot), default: 0], scale: 16)
            let part = Rational(closed, BigInt(old.quantity.magnitude))
            moved -= max(0, (margin * part).floor(scale: 16) + realized)
        }
        if let opened {
            let kept = closed > 0 ? Holding(quantity: 0, cost: 0, isIsolated: true) : old
            moved += entryInitial(
                slot,
                kept.quantity + opened.quantity,
                kept.cost + opened.value
            )
            moved -= entryInitial(slot, kept.quantity, kept.cost)
        }
        return moved
    }

    /// Initial margin of an isolated position at what it cost, with its fee to close.
    private func entryInitial(_ slot: Slot, _ size: BigInt, _ cost: BigInt) -> BigInt {
        let rules = instruments[Int(slot.instrument)].rules
        let schedule = Schedule(
            rules: rules,
            openInterest: instruments[Int(slot.instrument)].openInterest
        )
        let value = Rational(BigInt(cost.magnitude), scale: 16)
        let magnitude = Rational(BigInt(size.magnitude), scale: 8)
        let chosen = leverages[Choice(account: slot.account, instrument: slot.instrument)]
        let initial = schedule.initial(
            notional: value,
            size: magnitude,
            chosen: chosen,
            isIsolated: true
        )
        let fee = schedule.closingFee(
            notional: .zero,
            cost: value,
            isLong: size > 0,
            isIsolated: true,
            leverage: schedule.leverage(
                notional: value,
                size: magnitude,
                chosen: chosen,
                isIsolated: true
            )
        )
        return initial.ceiling(scale: 16) + fee.initial.ceiling(scale: 16)
    }

    // MARK: Values

    /// Signed: quantity × price, or quantity ÷ price for inverse payoffs; exact.
    static func value(_ holding: Holding, at price: Rational, _ payoff: Payoff) -> Rational {
        let quantity = Rational(holding.quantity, scale: 8)
        return payoff == .inverse ? quantity / price : quantity * price
    }

    /// What `quantity` at `price` costs, in steps of 10⁻¹⁶: rounded against the account, or by the
    /// venue's own scale with its magnitude up.
    static func cost(quantity: Rational, at price: Rational, _ rules: InstrumentRules) -> BigInt {
        let exact = rules.payoff == .inverse ? quantity / price : quantity * price
        if let scale = rules.costScale {
            let magnitude = exact.magnitude.ceiling(scale: scale) * BigInt(10).power(16 - scale)
            return exact < .zero ? -magnitude : magnitude
        }
        // Linear profit is value − cost: more cost is against the account. Inverse: the other way.
        return rules.payoff == .inverse ? exact.floor(scale: 16) : exact.ceiling(scale: 16)
    }

    /// The part of a position's cost that goes with `closed`, rounded against the account.
    static func released(
        _ holding: Holding,
        _ closed: BigInt,
        _ rules: InstrumentRules
    ) -> BigInt {
        guard closed != BigInt(holding.quantity.magnitude) else { return holding.cost }
        let part = Rational(closed, BigInt(holding.quantity.magnitude))
        let exact = Rational(holding.cost, scale: 16) * part
        let scale = rules.costScale ?? 16
        let steps =
            rules.payoff == .inverse ? exact.floor(scale: scale) : exact.ceiling(scale: scale)
        return steps * BigInt(10).power(16 - scale)
    }
}
