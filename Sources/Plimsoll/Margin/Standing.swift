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
    @inline(__always)
    func keepsStanding(_ pool: Int, _ thresholds: Thresholds) -> Bool {
        let old = Standing(band: pools[pool].band, mode: pools[pool].mode)
        if let new = coarseSums(pool)?.standing(after: old.mode, thresholds) { return new == old }
        return plainSums(pool)?.standing(after: old.mode, thresholds) == old
    }

    /// The figures of a plain pool at the present marks; `nil`: it is not one, and is computed exactly.
    @inline(__always)
    func plainSums(_ pool: Int) -> PlainSums? {
        guard !pools[pool].needsExact else { return nil }
        var sums = PlainSums(equity: pools[pool].wallet &+ pools[pool].stake)
        for held in positions.held[segment: pools[pool].rows] {
            let instrument = Int(held.instrument)
            let row = rows[instrument]
            let chosen = held.leverage
            guard row.maxLeverage > 0, chosen == 0 || chosen >= 100 else { return nil }
            if Int64(bitPattern: UInt64(held.quantity.magnitude)) < row.limit {
                let value = Int128(held.quantity.multipliedFullWidth(by: row.mark))
                let notional = value < 0 ? 0 &- value : value
                sums.add(
                    value,
                    PlainRequirement(
                        notional: notional,
                        maintenance: notional &* Int128(row.rate),
                        initial: notional &* Int128(row.reciprocal(chosen: chosen)),
                        step: 0
                    )
                )
            } else {
                guard let requirement = plainRequirement(held, at: row.mark) else { return nil }
                sums.add(held.quantity, at: row.mark, requirement)
            }
        }
        return sums.isWithinRange ? sums : nil
    }

    /// The figures of a plain pool: the numbers of the one exact computation, in less time.
    func plainFigures(_ pool: Int) -> PoolFigures? {
        guard !looksAtAll, let sums = plainSums(pool) else { return nil }
        var figures = PoolFigures()
        figures.wallet = pools[pool].wallet
        figures.equity = sums.equity
        figures.unrealized = sums.equity &- pools[pool].wallet
        figures.maintenance = sums.maintenance
        for held in positions.held[segment: pools[pool].rows] {
            let instrument = Int(held.instrument)
            let value = Int128(held.quantity.multipliedFullWidth(by: rows[instrument].mark))
            let notional = value < 0 ? 0 &- value : value
            guard let step = step(of: instrument, holding: notional) else { return nil }
            let leverage = min(wantedLeverage(held), steps[step].maxLeverage)
            figures.positionInitial &+= (notional &* 100).divided(
                by: Int128(leverage),
                rounding: .up
            )
            if isStale(held.instrument) { figures.isStale = true }
        }
        return figures
    }

    /// The leverage that the account of a position chose, or that of those who chose none.
    @inline(__always)
    func wantedLeverage(_ held: PositionTable.Held) -> Int32 {
        held.leverage == 0 ? terms[Int(held.instrument)].defaultLeverage : held.leverage
    }

    /// What a plain position needs at a price of its instrument; `nil` where the fast path does not
    /// hold.
    @inline(__always)
    func plainRequirement(_ held: PositionTable.Held, at price: Int64) -> PlainRequirement? {
        let instrument = Int(held.instrument)
        let value = Int128(held.quantity.multipliedFullWidth(by: price))
        let notional = value < 0 ? 0 &- value : value
        guard rows[instrument].maxLeverage > 0,
            let step = step(of: instrument, holding: notional)
        else { return nil }
        let leverage = min(wantedLeverage(held), steps[step].maxLeverage)
        return PlainRequirement(
            notional: notional,
            maintenance: notional &* Int128(steps[step].rate) &- steps[step].deduction,
            initial: notional &* Int128(rows[instrument].reciprocal(of: leverage)),
            step: step
        )
    }

    /// The bracket that holds a notional, among the steps of an instrument.
    @inline(__always)
    func step(of instrument: Int, holding notional: Int128) -> Int? {
        var index = Int(terms[instrument].firstStep)
        let end = index &+ Int(terms[instrument].stepCount)
        guard index < end else { return nil }
        while index &+ 1 < end, notional >= steps[index &+ 1].floor { index &+= 1 }
        return index
    }
}

/// What a plain position needs at one price: notional in 10⁻¹⁶, the rest in 10⁻²⁴.
struct PlainRequirement: BitwiseCopyable {
    var notional: Int128
    var maintenance: Int128
    /// Below the exact initial margin by less than the notional's last step.
    var initial: Int128
    /// Where its bracket is among all steps.
    var step: Int
}

/// The figures of a plain pool, added up without a division.
///
/// Equity and maintenance are exact, the initial margin is between two bounds.
struct PlainSums {
    /// 10⁻¹⁶.
    private(set) var equity: Int128
    /// 10⁻²⁴.
    private(set) var maintenance: Int128 = 0
    /// The lower bound, 10⁻²⁴.
    private(set) var initial: Int128 = 0
    /// The sum of all notionals, 10⁻¹⁶.
    private(set) var gross: Int128 = 0
    private var count: Int128 = 0
    /// Each amount is below 2¹²², so a sum that left its range was negative at least once.
    private var seen: Int128 = 0

    /// Sums that begin with wallet and costs.
    @inline(__always)
    init(equity: Int128) { self.equity = equity }

    /// Whether no sum has left its range.
    @inline(__always)
    var isWithinRange: Bool { seen >= 0 && equity > -Limits.money && equity < Limits.money }

    /// Adds a position whose signed value is `value`.
    @inline(__always)
    mutating func add(_ value: Int128, _ requirement: PlainRequirement) {
        equity &+= value
        gross &+= requirement.notional
        maintenance &+= requirement.maintenance
        initial &+= requirement.initial
        count &+= 1
        seen |= maintenance | initial
    }

    /// Adds a position that is worth its quantity at `price`.
    @inline(__always)
    mutating func add(_ quantity: Int64, at price: Int64, _ requirement: PlainRequirement) {
        add(Int128(quantity.multipliedFullWidth(by: price)), requirement)
    }

    /// Where a pool with these figures stands; `nil` where the bounds of its initial margin leave it
    /// open, or a sum left its range.
    ///
    /// At a corner of a safe band the bound that is worse, or better, decides.
    @inline(__always)
    func standing(
        after mode: PoolMode,
        _ thresholds: Thresholds,
        at corner: Corner? = nil
    ) -> Standing? {
        guard isWithinRange else { return nil }
        // Rounding 1 ÷ leverage down took less than a step of 10⁻⁸ of the notional, rounding each
        // margin up adds less than a step of 10⁻¹⁶.
        let fine = equity &* 100_000_000
        var isCovered = fine >= initial &+ gross &+ count &* 100_000_000
        if !isCovered, fine >= initial {
            guard let corner else { return nil }
            isCovered = corner == .best
        }
        var figures = PoolFigures()
        figures.equity = equity
        figures.maintenance = maintenance
        figures.positionInitial = isCovered ? equity : equity &+ 1  // only compared with equity
        return thresholds.standing(after: mode, figures)
    }
}

extension Int128 {
    /// A full-width product as one number.
    @inline(__always)
    init(_ product: (high: Int64, low: UInt64)) {
        self = Int128(product.high) &<< 64 | Int128(product.low)
    }
}
