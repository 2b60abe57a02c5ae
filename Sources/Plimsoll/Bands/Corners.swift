import PlimsollUnits

/// How far the figures of a position, and of what its orders reserve, can go inside of a safe band.
///
/// A figure that only rises or only falls with the mark is at its ends where the mark is at its own.
extension Ledger {
    /// Each figure of a position where it is worst or best between the edges of its row; `nil` if that
    /// is not known.
    func bound(
        _ margin: PositionMargin,
        _ position: PositionView,
        _ row: Int,
        _ corner: Corner
    ) throws(MissingPrice) -> PositionFigures? {
        let instrument = positions.held[row].instrument
        let edges = markEdges.edges(of: instrument, positions.holder[row])
        let mark = instruments[Int(instrument)].mark
        guard edges.contains(mark) else { return nil }
        let low = try prices(of: instrument, at: edges.lower)
        let high = try prices(of: instrument, at: edges.upper)
        guard terms[Int(instrument)].isRising || margin.hasOneRate(position, low, high) else {
            return nil
        }
        var nothing = NoTerms()
        let (one, other) = (
            margin.figures(position, low, into: &nothing),
            margin.figures(position, high, into: &nothing)
        )
        var bound = PositionFigures()
        bound.notional = max(one.notional, other.notional)
        let initials = (one.initial - one.paidByCross, other.initial - other.paidByCross)
        switch corner {
        case .worst:
            bound.unrealized = min(one.unrealized, other.unrealized)
            bound.maintenance = max(one.maintenance, other.maintenance)
            bound.initial = max(initials.0, initials.1)
        case .best:
            bound.unrealized = max(one.unrealized, other.unrealized)
            bound.maintenance = min(one.maintenance, other.maintenance)
            bound.initial = min(initials.0, initials.1)
        }
        return bound
    }

    /// What the orders of one symbol reserve at most, or at least, between the edges of its position.
    ///
    /// Initial margin rises with the notional, and the larger of |N + B| and |N − S| bends upward: it is
    /// largest at an edge, and smallest at an edge or where both are (B + S) ÷ 2. Two steps are for
    /// rounding. What cannot be bounded reserves more than any pool has, or nothing.
    func reservedBound(
        _ total: OrderTotals,
        of account: Int32,
        _ corner: Corner
    ) throws(MissingPrice) -> Int128 {
        let instrument = total.instrument
        let index = Int(instrument)
        let place = location(of: account, instrument: instrument, leg: total.leg)
        let held = place.row.map { positions.held[$0].quantity } ?? 0
        let mark = instruments[index].mark
        var edges = Edges(lower: mark, upper: mark)
        // An isolated position is looked at by every mark as long as it has orders beside it.
        if let row = place.row, !place.isIsolated {
            edges = markEdges.edges(of: instrument, positions.holder[row])
        }
        let margin = instruments[index].margin
        let rules = margin.rules
        guard rules.hasRisingInitial, edges.contains(mark) else {
            return corner == .worst ? Limits.money : 0
        }
        let chosen =
            place.row.map { Int64(positions.held[$0].leverage) }
            ?? setting(account, instrument).leverage
        let prices = try prices(of: instrument, at: mark)
        func initial(_ notional: UInt128, _ size: UInt128) -> Int128 {
            margin.initial(
                notional: Int128(clamping: min(notional, UInt128(Limits.money))),
                size: Int64(clamping: size),
                chosen: chosen,
                isIsolated: place.isIsolated,
                prices
            )
        }
        let ends = [edges.lower, edges.upper].map { price in
            let value = Valuation.value(held, at: price, rules.payoff)
            return (
                value: value,
                now: Valuation.notional(held, at: price, rules.payoff).magnitude,
                worst: max(
                    (value + total.buyValue).magnitude,
                    (value - total.sellValue).magnitude
                )
            )
        }
        let sizes = (
            long: (Int128(held) + total.buyQuantity).magnitude,
            short: (Int128(held) - total.sellQuantity).magnitude,
            now: UInt128(held.magnitude)
        )
        let now = (least: min(ends[0].now, ends[1].now), most: max(ends[0].now, ends[1].now))
        switch corner {
        case .worst:
            let most = max(ends[0].worst, ends[1].worst)
            let size = max(sizes.long, sizes.short, sizes.now)
            return max(0, initial(most, size) - initial(now.least, sizes.now) + 2)
        case .best:
            var least = min(ends[0].worst, ends[1].worst)
            let turn = (total.sellValue - total.buyValue) >> 1
            if (min(ends[0].value, ends[1].value)...max(ends[0].value, ends[1].value))
                .contains(turn)
            {
                least = min(least, ((total.sellValue + total.buyValue) >> 1).magnitude)
            }
            let size = min(sizes.long, sizes.short)
            return max(0, initial(least, size) - initial(now.most, sizes.now) - 2)
        }
    }

    /// The prices that value a position whose instrument is marked at `mark`.
    private func prices(
        of instrument: Int32,
        at mark: Int64
    ) throws(MissingPrice) -> PositionPrices {
        try prices(of: instrument, 0, Supposition(trial: (instrument, mark)))
    }
}

extension PositionMargin {
    /// Between two marks a position stays in one bracket and at one leverage, by which everything that it
    /// needs rises or falls with the mark.
    func hasOneRate(_ position: PositionView, _ low: PositionPrices, _ high: PositionPrices) -> Bool
    {
        let size = Int64(position.quantity.magnitude)
        func bracket(_ prices: PositionPrices, by base: PriceBase) -> Int {
            self.bracket(notional: valued(position, prices, by: base), size: size)
        }
        let initial = position.isIsolated ? rules.isolatedInitialPrice : rules.initialPrice
        guard case .brackets = rules.schedule else { return false }
        return bracket(low, by: rules.maintenancePrice) == bracket(high, by: rules.maintenancePrice)
            && bracket(low, by: initial) == bracket(high, by: initial)
    }
}

extension InstrumentRules {
    /// A larger notional never needs less of anything, whatever leverage was chosen: what a safe band
    /// takes for granted beyond one bracket.
    var isRising: Bool {
        guard hasRisingInitial else { return false }
        switch closingFee {
        case .none, .inMaintenance, .atEntry: break
        case .inInitialAtBankruptcy, .atBankruptcy: return false  // falls with the leverage
        }
        guard case .brackets(let schedule) = schedule, schedule.key == .notional else {
            return true
        }
        return zip(schedule.brackets, schedule.brackets.dropFirst()).allSatisfy { lower, upper in
            upper.maintenanceRate.of(upper.floor) - upper.deduction
                >= lower.maintenanceRate.of(upper.floor) - lower.deduction
        }
    }

    /// A larger notional never needs less initial margin, fees apart.
    var hasRisingInitial: Bool {
        switch schedule {
        case .brackets(let schedule):
            guard schedule.brackets.allSatisfy({ $0.maintenanceRate.numerator >= 0 }) else {
                return false
            }
            let rise = zip(schedule.brackets, schedule.brackets.dropFirst()).allSatisfy {
                $0.maxLeverage >= $1.maxLeverage
                    && ($0.initialRate?.units ?? 0) <= ($1.initialRate?.units ?? 0)
            }
            // Where the venue names rates, a lower leverage that was chosen gives way to them in a
            // larger bracket, so none may be below what its own largest leverage needs.
            return rise
                && (!hasInitialRates
                    || schedule.brackets.allSatisfy {
                        Int128($0.initialRate?.units ?? 0) * Int128($0.maxLeverage.hundredths)
                            >= 10_000_000_000
                    })
        case .affine(let schedule):
            return schedule.initialBase.units >= 0 && schedule.initialSlope >= 0
                && schedule.maintenanceBase.units >= 0 && schedule.maintenanceSlope >= 0
        case .openInterest(let schedule):
            return schedule.initialRate.units >= 0 && schedule.maintenanceFraction.units >= 0
        }
    }
}
