import PlimsollUnits

/// The figures of a plain pool in steps of 2³⁶ × 10⁻¹⁶, about 7 millionths, with bounds on what was cut off:
/// enough to say that a pool stands where it stood, in a third of the time of the exact sums.
///
/// With `count` positions, each of which lost less than its share:
///
///     equity       is from equity − count to equity + count + 1
///     maintenance  is from maintenance − count to maintenance + 3 × count
///     initial      is from initial to initial + 3 × count + 1
///
/// A value is cut to a whole step: less than 1, in either direction by its sign; the wallet too. A
/// requirement is a value times a share, both cut, and cut again: value + 1 times share + 2⁻⁶⁴ is less than
/// 3 above it. A deduction is cut as well. Rounding each initial margin up adds less than 1 to all of them.
struct CoarseSums: BitwiseCopyable {
    /// A value is notional ÷ 2³⁶.
    static let shift: UInt64 = 36
    /// Values below 2⁵⁴ can be added 128 times.
    static let largest: UInt64 = 1 << 54
    static let mostPositions = 128

    var equity: Int64
    var maintenance: Int64 = 0
    var initial: Int64 = 0
    var count: Int64

    /// Where a pool with these figures stands; `nil` where what was cut off leaves it open.
    @inline(__always)
    func standing(after mode: PoolMode, _ thresholds: Thresholds) -> Standing? {
        let equity = (low: equity &- count, high: equity &+ count &+ 1)
        let maintenance = (low: maintenance &- count, high: maintenance &+ 3 &* count)
        if equity.high < maintenance.low { return Standing(band: .liquidation, mode: .liquidating) }
        guard equity.low > maintenance.high, equity.low > 0 else { return nil }

        // Maintenance ÷ equity is at or beyond a threshold, or it is not; nil: it may be either.
        func reaches(_ threshold: Rate) -> Bool? {
            if isLess(maintenance.high, equity.low, threshold) { return false }
            if maintenance.low > 0, !isLess(maintenance.low, equity.high, threshold) { return true }
            return nil
        }
        guard let isCall = reaches(thresholds.call) else { return nil }
        var band = Band.call
        if !isCall {
            guard let isWatch = reaches(thresholds.watch) else { return nil }
            band = isWatch ? .watch : .safe
        }
        if mode == .liquidating {
            let hasLeft = isLess(maintenance.high, equity.low, thresholds.exit)
            let stays =
                maintenance.low > 0
                && isLess(thresholds.exit, equity.high, maintenance.low)
            guard hasLeft || stays else { return nil }
            if stays { return Standing(band: band, mode: .liquidating) }
        }
        if equity.low >= initial &+ 3 &* count &+ 1 { return Standing(band: band, mode: .normal) }
        return equity.high < initial ? Standing(band: band, mode: .reduceOnly) : nil
    }

    /// Maintenance is below `threshold` × equity.
    @inline(__always)
    private func isLess(_ maintenance: Int64, _ equity: Int64, _ threshold: Rate) -> Bool {
        Int128(maintenance.multipliedFullWidth(by: 100_000_000))
            < Int128(equity.multipliedFullWidth(by: threshold.units))
    }

    /// `threshold` × equity is below maintenance.
    @inline(__always)
    private func isLess(_ threshold: Rate, _ equity: Int64, _ maintenance: Int64) -> Bool {
        Int128(equity.multipliedFullWidth(by: threshold.units))
            < Int128(maintenance.multipliedFullWidth(by: 100_000_000))
    }
}

extension Ledger {
    /// The coarse figures of a plain pool at the present marks; `nil`: it is not one, or too large.
    @inline(__always)
    func coarseSums(_ pool: Int) -> CoarseSums? {
        let start = pools[pool].wallet &+ pools[pool].stake
        let count = Int(pools[pool].count)
        // Within ±2⁹⁶, which is ±2⁶⁰ steps.
        let high = Int64(truncatingIfNeeded: start &>> 64)
        guard !pools[pool].needsExact, count <= CoarseSums.mostPositions,
            high < 1 << 32, high >= -(1 << 32)
        else { return nil }
        var sums = CoarseSums(
            equity: Int64(truncatingIfNeeded: start &>> Int128(CoarseSums.shift)),
            count: Int64(count)
        )
        var seen: UInt64 = 0
        for held in positions.held[segment: pools[pool].rows] {
            let row = coarseRows[Int(held.instrument)]
            let size = held.quantity.magnitude
            // A notional is below 2⁹⁴ by its limit.
            let notional = UInt64(size).multipliedFullWidth(by: row.mark)
            let value =
                notional.high &<< (64 &- CoarseSums.shift) | notional.low &>> CoarseSums.shift
            seen |= value
            let sign = held.quantity &>> 63
            sums.equity &+= (Int64(bitPattern: value) ^ sign) &- sign
            if _fastPath(UInt64(size) < row.limit && held.leverage == 0) {
                sums.maintenance &+= CoarseSums.share(value, row.rate)
                sums.initial &+= CoarseSums.share(value, row.initial)
            } else {
                guard let needs = coarseRequirement(held, value) else { return nil }
                sums.maintenance &+= needs.maintenance
                sums.initial &+= needs.initial
            }
        }
        return seen < CoarseSums.largest ? sums : nil
    }

    /// What a position needs that is beyond the first bracket or whose account chose a leverage.
    @inline(never)
    private func coarseRequirement(
        _ held: PositionTable.Held,
        _ value: UInt64
    ) -> (maintenance: Int64, initial: Int64)? {
        let instrument = Int(held.instrument)
        guard rows[instrument].maxLeverage > 0, held.leverage == 0 || held.leverage >= 100
        else { return nil }
        let worth = Int128(held.quantity.multipliedFullWidth(by: rows[instrument].mark))
        let notional = worth < 0 ? 0 &- worth : worth
        guard let step = step(of: instrument, holding: notional),
            let coarse = steps[step].coarse
        else { return nil }
        let leverage = min(wantedLeverage(held), steps[step].maxLeverage)
        guard let share = CoarseRow.share(100, of: Int64(leverage)) else { return nil }
        return (
            CoarseSums.share(value, coarse.rate) &- coarse.deduction, CoarseSums.share(value, share)
        )
    }
}

extension CoarseSums {
    /// A share of a value below 2⁶³, rounded down.
    @inline(__always)
    static func share(_ value: UInt64, _ share: UInt64) -> Int64 {
        Int64(bitPattern: value.multipliedFullWidth(by: share).high)
    }
}
