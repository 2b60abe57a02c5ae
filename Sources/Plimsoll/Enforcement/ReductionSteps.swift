public import PlimsollUnits

/// How much of a position one step of a disposal closes; magnitudes, whatever the side.
///
/// What the engine's own `ReductionSizing` does not do, because it belongs to one venue.
public enum ReductionSteps {
    /// What is closed of a position that is cut to the cap of the first tier at once.
    ///
    /// From `floor` on, where the third tier begins, all above `cap` is closed; below it, in tiers 1
    /// and 2, all. Worked: of 15,000 contracts with tier 3 from 12,001 and a cap of 2,000 it is 13,000.
    /// Source: OKX, help 360020411711, the older swap rule (`margin-rules` 2.3).
    public static func cut(
        _ held: Quantity,
        toCap cap: Quantity,
        from floor: Quantity
    ) -> Quantity {
        let size = held.units.magnitude
        guard size >= floor.units.magnitude else { return Quantity(unchecked: Int64(size)) }
        let kept = min(size, cap.units.magnitude)
        return Quantity(unchecked: Int64(size - kept))
    }

    /// The sizes of the first steps of a disposal in slices; fewer where the position ends before.
    ///
    /// Worked: 280 in halves, in full from 50 down, with 1 % of a visible 10,000: 100, 90, 45, 45.
    public static func slices(
        of held: Quantity,
        _ rule: DisposalSlice,
        visible: Quantity,
        steps: Int
    ) -> [Quantity] {
        var rest = Int64(held.units.magnitude)
        var sizes: [Quantity] = []
        while sizes.count < steps, rest > 0 {
            let size = rule.size(of: Quantity(unchecked: rest), visible: visible)
            guard size.units > 0 else { break }
            sizes.append(size)
            rest -= size.units
        }
        return sizes
    }

    /// How much of a position must be closed at `price` to free as much as a pool is short of, where
    /// one rate holds throughout; `nil` where the fees eat what is freed.
    ///
    /// `shortage ÷ (price × (maintenance − fees))`, in whole `step`s, rounded as asked. Worked: 10 short
    /// at a price of 100 with 10 % maintenance and 1 % of fees is 1.11…. Source: Drift v2,
    /// math/liquidation.rs, base amount to cover a margin shortage (`margin-rules` 3.3).
    public static func covering(
        _ shortage: Money,
        maintenance: Rate,
        fees: Rate,
        at price: Price,
        step: Quantity,
        rounding: Rounding
    ) -> Quantity? {
        let rate = maintenance.units - fees.units
        guard rate > 0, step.units > 0, shortage.units >= 0 else { return nil }
        let freed = Int128(price.units) * Int128(rate) * Int128(step.units)
        let steps = shortage.units.multiplied(
            by: PowerOfTen.eight,
            dividedBy: freed,
            rounding: rounding
        )
        guard let steps, let whole = Int64(exactly: steps) else { return nil }
        let (units, overflow) = whole.multipliedReportingOverflow(by: step.units)
        return overflow ? nil : try? Quantity(units: units)
    }

    /// The quantity whose value at a price is `value`, rounded as asked; `nil` beyond the limits.
    public static func quantity(
        worth value: Money,
        at price: Price,
        _ payoff: Payoff,
        rounding: Rounding
    ) -> Quantity? {
        let units =
            payoff == .inverse
            ? value.units.multiplied(
                by: Int128(price.units),
                dividedBy: PowerOfTen.sixteen,
                rounding: rounding
            )
            : value.units.divided(by: Int128(price.units), rounding: rounding)
        guard let units, let word = Int64(exactly: units) else { return nil }
        return try? Quantity(units: word)
    }
}

/// How a venue sells a position that it took over, slice by slice.
///
/// `min(ceil(fraction × position), ceil(share × visible volume))`; all of the position where it is not
/// larger than `whole`. Source: Vega, core/execution/liquidation/engine.go a50750cc and specs
/// 0012-POSR-013 (`margin-rules` 3.1).
public struct DisposalSlice: Hashable, Sendable {
    /// The part of the position that one step sells.
    public var fraction: Rate
    /// At or below this size all is sold in one step.
    public var whole: Quantity
    /// The part of the visible volume that one step takes at the most.
    public var share: Rate
    /// The smallest size that is traded; sizes are rounded up to whole ones of it.
    public var lot: Quantity

    /// Slices of these sizes.
    public init(fraction: Rate, whole: Quantity, share: Rate, lot: Quantity) {
        self.fraction = fraction
        self.whole = whole
        self.share = share
        self.lot = lot
    }

    /// What the next step sells of a position, never more than all of it.
    public func size(of held: Quantity, visible: Quantity) -> Quantity {
        let position = Int128(held.units.magnitude)
        let isWhole = position <= Int128(whole.units.magnitude)
        let wanted = isWhole ? position : part(fraction, of: position)
        let bound = part(share, of: Int128(visible.units.magnitude))
        return Quantity(unchecked: Int64(min(position, wanted, bound)))
    }

    /// `rate × size` in whole lots, rounded up.
    private func part(_ rate: Rate, of size: Int128) -> Int128 {
        let lot = Int128(max(1, lot.units))
        let step = lot * PowerOfTen.eight
        return (size * Int128(max(0, rate.units))).divided(by: step, rounding: .up) * lot
    }
}
