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
    func band(of figures: PoolFigures) -> Band {
        if isBelow(figures) { return .liquidation }
        if figures.equity <= 0 {
            return figures.maintenance > 0 || figures.equity < 0 ? .liquidation : .safe
        }
        if reaches(call, figures) { return .call }
        return reaches(watch, figures) ? .watch : .safe
    }

    /// The line: equity below maintenance, or equal to it where the rulebook says so.
    func isBelow(_ figures: PoolFigures) -> Bool {
        let equity = figures.equityFine
        guard equalityIsBelow, figures.maintenance > 0 else { return equity < figures.maintenance }
        return equity <= figures.maintenance
    }

    /// Maintenance ÷ equity is at or beyond `threshold`; equity is above zero.
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
    private func hasLeft(_ figures: PoolFigures) -> Bool {
        guard figures.maintenance > 0 else { return figures.equity >= 0 }
        let (product, overflow) = figures.equity.multipliedReportingOverflow(
            by: Int128(exit.units)
        )
        return overflow || figures.maintenance <= product
    }
}

extension Ledger {
    /// Whether the fast path proves that `pool` is safe and normal at the present marks.
    ///
    /// It may only conclude "yes": every bound is on the prudent side, anything unusual answers "no"
    /// and is then computed exactly.
    @inline(__always)
    func isPlainlySafe(_ pool: Pool, _ thresholds: Thresholds) -> Bool {
        guard !pool.needsExact else { return false }
        var equity = pool.wallet &+ pool.stake
        var maintenance: Int128 = 0
        var initial: Int128 = 0
        for index in Int(pool.start)..<Int(pool.start + pool.count) {
            let row = rows[Int(positions.instrument[index])]
            let quantity = positions.quantity[index]
            let size = Int64(quantity.magnitude)
            guard size < row.limit, row.maxLeverage > 0 else { return false }
            let value = Int128(quantity.multipliedFullWidth(by: row.mark))
            equity &+= value
            maintenance &+= Int128(size.multipliedFullWidth(by: row.markRate))
            let chosen = positions.detail[index].leverage
            let leverage = min(chosen > 0 ? chosen : row.defaultLeverage, row.maxLeverage)
            // 10¹⁰ ÷ hundredths, rounded up, is at least the reciprocal in 10⁻⁸.
            let reciprocal = (10_000_000_000 &+ Int64(leverage) &- 1) / Int64(leverage)
            initial &+= (value < 0 ? 0 &- value : value) &* Int128(reciprocal)
            // Beyond what any equity covers; the next sum would wrap around.
            guard initial < Limits.money &* PowerOfTen.eight else { return false }
        }
        guard equity >= 0, equity < Limits.money else { return false }
        return maintenance < equity &* Int128(thresholds.watch.units)
            && initial <= equity &* PowerOfTen.eight
    }
}

extension Int128 {
    /// A full-width product as one number.
    @inline(__always)
    init(_ product: (high: Int64, low: UInt64)) {
        self = Int128(product.high) &<< 64 | Int128(product.low)
    }
}
