import PlimsollUnits

/// Where a pool stands: its band and its mode.
struct Standing: Hashable, Sendable {
    var band: Band
    var mode: PoolMode
}

extension Thresholds {
    /// The band of a pool with these figures.
    ///
    /// The band goes by maintenance ÷ equity, compared without dividing. With equity at or below zero
    /// there is no ratio: the band is `liquidation` if there is maintenance or debt.
    @inline(__always)
    func band(of figures: PoolFigures) -> Band {
        if isBelow(figures) { return .liquidation }
        if figures.equity <= 0 {
            return figures.maintenance > 0 || figures.equity < 0 ? .liquidation : .safe
        }
        if reaches(call, figures) { return .call }
        return reaches(watch, figures) ? .watch : .safe
    }

    /// The line: equity below maintenance, or equal to it where the rulebook says so.
    @inline(__always)
    func isBelow(_ figures: PoolFigures) -> Bool {
        let equity = figures.equityFine
        guard equalityIsBelow, figures.maintenance > 0 else { return equity < figures.maintenance }
        return equity <= figures.maintenance
    }

    /// Maintenance ÷ equity is at or beyond `threshold`; equity is above zero.
    @inline(__always)
    private func reaches(_ threshold: Rate, _ figures: PoolFigures) -> Bool {
        let (product, overflow) = figures.equity.multipliedReportingOverflow(
            by: Int128(threshold.units)
        )
        return !overflow && figures.maintenance >= product && figures.maintenance > 0
    }

    /// The standing that follows `old` at these figures.
    ///
    /// Below the line a pool is liquidating, and stays so until maintenance ÷ equity is at the exit
    /// level; above the line it is reduce-only while equity is below the initial requirement.
    @inline(__always)
    func standing(after old: PoolMode, _ figures: PoolFigures) -> Standing {
        let band = band(of: figures)
        if band == .liquidation { return Standing(band: band, mode: .liquidating) }
        if old == .liquidating, !hasLeft(figures) {
            return Standing(band: band, mode: .liquidating)
        }
        return Standing(
            band: band,
            mode: figures.equity < figures.initial ? .reduceOnly : .normal
        )
    }

    /// The exit level is reached again.
    @inline(__always)
    private func hasLeft(_ figures: PoolFigures) -> Bool {
        guard figures.maintenance > 0 else { return figures.equity >= 0 }
        let (product, overflow) = figures.equity.multipliedReportingOverflow(
            by: Int128(exit.units)
        )
        return overflow || figures.maintenance <= product
    }
}

extension Ledger {
    /// Whether the fast path proves that a pool still stands where it stood.
    ///
    /// Equity and maintenance are exact, the initial margin is between two bounds. It may only conclude
    /// "yes": anything unusual, and what is between the bounds, answers "no" and is computed exactly.
    @inline(__always)
    func keepsStanding(_ pool: Int, _ thresholds: Thresholds) -> Bool {
        guard !pools[pool].needsExact else { return false }
        var equity = pools[pool].wallet &+ pools[pool].stake
        var maintenance: Int128 = 0
        var initial: Int128 = 0
        var gross: Int128 = 0
        // Each amount is below 2¹²⁰, so a sum that left its range was negative at least once.
        var seen: Int128 = 0
        for held in positions.held[segment: pools[pool].rows] {
            let instrument = Int(held.instrument)
            let row = rows[instrument]
            let chosen = held.leverage
            guard row.maxLeverage > 0, chosen == 0 || chosen >= 100 else { return false }
            let value = Int128(held.quantity.multipliedFullWidth(by: row.mark))
            let notional = value < 0 ? 0 &- value : value
            equity &+= value
            gross &+= notional
            if Int64(bitPattern: UInt64(held.quantity.magnitude)) < row.limit {
                maintenance &+= notional &* Int128(row.rate)
                initial &+= notional &* Int128(row.reciprocal(chosen: chosen))
            } else {
                guard let step = step(of: instrument, holding: notional) else { return false }
                let wanted = chosen == 0 ? terms[instrument].defaultLeverage : chosen
                let leverage = min(wanted, steps[step].maxLeverage)
                maintenance &+= notional &* Int128(steps[step].rate) &- steps[step].deduction
                initial &+= notional &* Int128(row.reciprocal(of: leverage))
            }
            seen |= maintenance | initial
        }
        guard seen >= 0, equity > -Limits.money, equity < Limits.money else { return false }
        // Rounding 1 ÷ leverage down took less than a step of 10⁻⁸ of the notional, rounding each
        // margin up adds less than a step of 10⁻¹⁶.
        let fine = equity &* 100_000_000
        let isCovered = fine >= initial &+ gross &+ Int128(pools[pool].count) &* 100_000_000
        guard isCovered || fine < initial else { return false }
        var figures = PoolFigures()
        figures.equity = equity
        figures.maintenance = maintenance
        figures.positionInitial = isCovered ? equity : equity &+ 1  // only compared with equity
        let standing = thresholds.standing(after: pools[pool].mode, figures)
        return standing == Standing(band: pools[pool].band, mode: pools[pool].mode)
    }

    /// The bracket that holds a notional, among the steps of an instrument.
    @inline(__always)
    private func step(of instrument: Int, holding notional: Int128) -> Int? {
        var index = Int(terms[instrument].firstStep)
        let end = index &+ Int(terms[instrument].stepCount)
        guard index < end else { return nil }
        while index &+ 1 < end, notional >= steps[index &+ 1].floor { index &+= 1 }
        return index
    }
}

extension Int128 {
    /// A full-width product as one number.
    @inline(__always)
    init(_ product: (high: Int64, low: UInt64)) {
        self = Int128(product.high) &<< 64 | Int128(product.low)
    }
}
