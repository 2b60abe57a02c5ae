public import PlimsollUnits

/// The prices and fees of a liquidation, as functions of amounts; nothing here reads the engine.
public enum LiquidationPricing {
    /// The share of a pool's equity that a part of its maintenance stands for, rounded down.
    ///
    /// `floor(equity × freed ÷ maintenance)`: shares of all parts never add up to more than the equity,
    /// and a share of a debt is rounded up in magnitude. Nothing where there is no maintenance. Source:
    /// dYdX v4, bankruptcy price (`margin-rules` 3.2).
    public static func share(
        of equity: Money,
        freeing freed: Money,
        from maintenance: Money
    ) -> Money {
        guard maintenance.units > 0 else { return .zero }
        let share = equity.units.multiplied(
            by: freed.units,
            dividedBy: maintenance.units,
            rounding: .down
        )
        return Money(units: share ?? 0)
    }

    /// The limit at which closing `quantity` of a position costs no more than `share` against the mark.
    ///
    /// `quantity` is signed as the position is, `value` the magnitude of its value at the mark. A long
    /// is sold at or above the exact price and a short bought back at or below it, in steps of 10⁻⁸, so
    /// that whoever takes over at the limit never pays for rounding. A long that brings in enough at
    /// any price is sold at the smallest one; a short, bought back at the largest. `nil` where no
    /// price brings in enough, and for no quantity.
    ///
    /// Worked: a long of 0.1 at a mark of 50,000 with a share of 998 is worth 5,000, so it may bring in
    /// 4,002: 40,020. Source: `margin-rules` section 1 (zero equity) and 3.2 (rounding).
    public static func bankruptcyPrice(
        closing quantity: Quantity,
        value: Money,
        share: Money,
        _ payoff: Payoff
    ) -> Price? {
        let size = Int128(quantity.units.magnitude)
        guard size > 0 else { return nil }
        let isLong = quantity.units > 0
        let rounding: Rounding = isLong ? .up : .down
        guard payoff == .inverse else {
            let money = isLong ? value.units - share.units : value.units + share.units
            return limit(money.divided(by: size, rounding: rounding), isLong)
        }
        // A dearer coin is less coin: the coin that may be paid out is what bounds the price.
        let coin = isLong ? value.units + share.units : value.units - share.units
        guard coin > 0 else { return isLong ? nil : .max }
        return limit((size * PowerOfTen.sixteen).divided(by: coin, rounding: rounding), isLong)
    }

    /// A price within what a price may be: the smallest to sell at, the largest to buy at.
    private static func limit(_ units: Int128, _ isSale: Bool) -> Price? {
        if isSale {
            guard units <= Int128(Limits.price) else { return nil }
            return Price(unchecked: Int64(max(1, units)))
        }
        guard units > 0 else { return nil }
        return Price(unchecked: Int64(min(units, Int128(Limits.price))))
    }

    /// What a liquidation costs without making anyone bankrupt: `rate × notional`, rounded up, and of
    /// that no more than there is.
    ///
    /// `min(ceil(rate × notional), max(0, equity))`. Source: Drift v2, whose fee is bounded by what is
    /// left, and Binance, fee of the liquidated amount (`margin-rules` 3.3 and 2.1).
    public static func fee(_ rate: Rate, of notional: Money, equity: Money) -> Money {
        let exact =
            notional.units.multiplied(
                by: Int128(max(0, rate.units)),
                dividedBy: PowerOfTen.eight,
                rounding: .up
            ) ?? Int128.max
        return Money(units: min(max(0, exact), max(0, equity.units)))
    }

    /// Whether a fund can bear a change: it gains, or keeps a balance that is not below zero.
    ///
    /// Otherwise nobody takes the position over and opposite positions are closed. Source: dYdX v4,
    /// x/clob/keeper/deleveraging.go, valid insurance fund delta (`margin-rules` 3.2).
    public static func fundBears(_ change: Money, balance: Money) -> Bool {
        change.units >= 0 || balance.units + change.units >= 0
    }

    /// The fund's part of a liquidation: a share of the headroom that maintenance leaves after the
    /// liquidator's fee and what the account is short of, so that the fee itself makes nobody bankrupt.
    ///
    /// `min(cap, share × max(0, maintenance − fee − shortage ÷ notional))`, the shortage rounded up and
    /// the product down, in steps of 10⁻⁸; nothing without a notional. Worked: 95 % of 5 % − 1 % − 20 ÷
    /// 1,000 is 1.9 %. Source: Drift v2, math/liquidation.rs, share of 95 % (`margin-rules` 3.3).
    public static func fundFee(
        shortage: Money,
        notional: Money,
        maintenance: Rate,
        liquidatorFee: Rate,
        share: Rate,
        cap: Rate
    ) -> Rate {
        guard notional.units > 0 else { return .zero }
        let short =
            max(0, shortage.units).multiplied(
                by: PowerOfTen.eight,
                dividedBy: notional.units,
                rounding: .up
            ) ?? Int128(Int64.max)
        let left = Int128(maintenance.units) - Int128(liquidatorFee.units)
        let headroom = max(0, left - min(short, Int128(Int64.max)))
        let fee = (headroom * Int128(share.units)).divided(by: PowerOfTen.eight, rounding: .down)
        return Rate(unchecked: Int64(min(fee, Int128(cap.units))))
    }

    /// A fee that rises with the time an account has waited for its liquidation.
    ///
    /// `min(cap, base + step × elapsed)`, and `base` alone while less than `grace` has elapsed; time in
    /// any whole unit. What elapsed in the grace period counts once it is over. Source: Drift v2,
    /// math/liquidation.rs, 0.01 bp a slot after 1,500 slots (`margin-rules` 3.3).
    public static func fee(
        base: Rate,
        step: Rate,
        elapsed: Int64,
        grace: Int64,
        cap: Rate
    ) -> Rate {
        guard elapsed >= grace else { return base }
        let exact = Int128(base.units) + Int128(step.units) * Int128(max(0, elapsed))
        return Rate(unchecked: Int64(min(exact, Int128(cap.units))))
    }

    /// What every unit of open interest pays of a loss, rounded up to `scale` digits.
    ///
    /// `ceil(loss ÷ (long + short))`, where both sides pay; `nil` where nothing is open. The sizes are
    /// sums of steps of 10⁻⁸, without their signs. Worked: 100 over 7 and 4 is 9.090910 at six digits.
    /// Source: Drift v2, cumulative funding rate of a bankruptcy (`margin-rules` 3.3).
    public static func lossPerUnit(
        _ loss: Money,
        long: Int128,
        short: Int128,
        scale: Int = 16
    ) -> Money? {
        let size = UInt128(long.magnitude) + UInt128(short.magnitude)
        guard size > 0, size <= UInt128(Int128.max) else { return nil }
        let exact = Int128(loss.magnitude.units).multiplied(
            by: PowerOfTen.eight,
            dividedBy: Int128(size),
            rounding: .up
        )
        return exact.map { Money(units: Valuation.rounded($0, scale: scale, .up)) }
    }
}
