public import PlimsollUnits

// Figures as a venue shows them. The engine computes exactly; only these functions round, and only by
// what the rulebook says (`Rulebook.publication`). Source: `margin-rules` section 4, rounding seen in
// the venues' own samples.
extension Publication {
    /// Unrealised profit as the venue shows it.
    public func unrealizedPnl(_ amount: Money) -> Money { unrealizedPnl.rounds(amount) }

    /// An initial, maintenance or order margin, or a balance, as the venue shows it.
    public func margin(_ amount: Money) -> Money { margin.rounds(amount) }

    /// The value of a position as the venue shows it.
    public func notional(_ amount: Money) -> Money { notional.rounds(amount) }

    /// A liquidation price as the venue shows it: to the tick toward the earlier trigger (up for a
    /// long, down for a short), and further by `extraTicks` in the same direction (OKX inverse).
    public func liquidationPrice(
        _ price: SolvedPrice,
        isLong: Bool,
        tick: Price?
    ) -> SolvedPrice {
        guard let tick, extraTicks != 0 else {
            return bankruptcyPrice(price, isLong: isLong, tick: tick)
        }
        let onTick = bankruptcyPrice(price, isLong: isLong, tick: tick)
        let steps = SolvedPrice(tick).units * Int128(extraTicks)
        return SolvedPrice(units: onTick.units + (isLong ? steps : -steps))
    }

    /// A bankruptcy price as the venue shows it: to the tick toward the earlier trigger (Bybit).
    public func bankruptcyPrice(
        _ price: SolvedPrice,
        isLong: Bool,
        tick: Price?
    ) -> SolvedPrice {
        guard let tick, pricesToTick else { return price }
        let step = SolvedPrice(tick).units
        let steps = price.units.divided(by: step, rounding: isLong ? .up : .down)
        return SolvedPrice(units: steps * step)
    }
}

extension Optional where Wrapped == FieldRounding {
    /// `amount` rounded as the field says; without a rule, or with a finer scale, as it is.
    fileprivate func rounds(_ amount: Money) -> Money {
        guard let self, self.scale >= 0, self.scale < 16 else { return amount }
        let step = PowerOfTen.of(16 - self.scale)
        return Money(units: amount.units.divided(by: step, rounding: self.mode) * step)
    }
}
