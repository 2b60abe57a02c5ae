import PlimsollUnits

/// The orders that reduce a pool, worked out and not yet sent.
struct ReductionPlan: Sendable {
    var orders: [Planned] = []
    /// The limit per second is used up: nothing more before the next one.
    var waitsForNextSecond = false

    struct Planned: Sendable {
        var row: Int
        var instrument: Int32
        var leg: Leg
        var held: Int64
        /// Signed: a long is sold.
        var change: Int64
        var limit: Int64
        var sizedBy: LiquidationOrdered.Sizing
        var bracket: Int
        /// Value of what is ordered, at the mark.
        var notional: Int128
        /// The pool's maintenance if all of this plan is filled, 10⁻²⁴.
        var maintenanceAfter: Int128 = 0
    }
}

extension Ledger {
    /// Positions behind a pool that may be liquidated: what rests on a stale price waits.
    func freshRows(of lead: Int32) -> [Int] {
        rows(of: lead).filter {
            let instrument = positions.held[$0].instrument
            return positions.held[$0].quantity != 0 && instruments[Int(instrument)].mark > 0
                && !isStale(instrument)
        }
    }

    /// The orders that bring a pool back to its exit level, by the rulebook's sizing and sharing.
    func reductionPlan(
        of lead: Int32,
        _ rules: Enforcement,
        _ figures: PoolFigures,
        spentThisSecond: Int128
    ) -> ReductionPlan {
        let rows = byRelief(lead, figures)
        var kept: [Int: Int64] = [:]
        switch rules.sharing {
        case .allAtOnce:
            for row in rows { kept[row] = rules.sizing == .bracketStep ? lowerBracket(row) : 0 }
        case .maintenanceShare:
            kept = sharedOut(lead, rows, rules)
        case .reliefPerCost:
            kept = oneByOne(lead, rows, rules)
        }
        return orders(of: lead, kept, rows, rules, figures, spentThisSecond)
    }

    // MARK: Which positions

    /// The fresh positions by what closing each would free of the requirement for each unit of
    /// notional, the largest first; one that would free nothing is the leg of a hedge and is kept,
    /// unless all are.
    private func byRelief(_ lead: Int32, _ figures: PoolFigures) -> [Int] {
        struct Relief {
            var row: Int
            /// Among the positions of the pool; the number of a row is no state.
            var place: Int
            var freed: Int128
            var notional: Int128
        }
        var reliefs: [Relief] = []
        for (place, row) in freshRows(of: lead).enumerated() {
            guard
                let without = try? self.figures(
                    ofPool: lead,
                    supposing: Supposition(kept: [row: 0])
                )
            else { continue }
            let freed = figures.maintenance - without.maintenance
            let cost = counted(notional(of: row), of: positions.held[row].instrument, in: lead)
            reliefs.append(
                Relief(row: row, place: place, freed: freed, notional: max(1, cost))
            )
        }
        let useful = reliefs.filter { $0.freed > 0 }
        return (useful.isEmpty ? reliefs : useful).sorted { one, other in
            // freed ÷ notional, without dividing.
            let left = max(0, one.freed).magnitude.multipliedFullWidth(by: other.notional.magnitude)
            let right = max(0, other.freed).magnitude.multipliedFullWidth(
                by: one.notional.magnitude
            )
            if left.high != right.high { return left.high > right.high }
            if left.low != right.low { return left.low > right.low }
            return one.place < other.place
        }.map(\.row)
    }

    /// What a position is worth at its mark, in magnitude.
    func notional(of row: Int) -> Int128 {
        let instrument = Int(positions.held[row].instrument)
        return Valuation.notional(
            positions.held[row].quantity,
            at: instruments[instrument].mark,
            terms[instrument].payoff
        )
    }

    // MARK: How much of them

    /// Whether a pool would be back at its exit level with these positions reduced at the mark, the
    /// fee for it paid.
    private func isRestored(_ lead: Int32, _ kept: [Int: Int64], _ rules: Enforcement) -> Bool {
        guard var figures = try? figures(ofPool: lead, supposing: Supposition(kept: kept)),
            let thresholds = terms(of: pools[Int(lead)].account)?.thresholds
        else { return false }
        var fee: Int128 = 0
        for (row, rest) in kept {
            let change = positions.held[row].quantity - rest
            let instrument = Int(positions.held[row].instrument)
            let value = Valuation.notional(
                change,
                at: instruments[instrument].mark,
                terms[instrument].payoff
            )
            let own = (value * Int128(rules.fee.units)).divided(by: PowerOfTen.eight, rounding: .up)
            fee += counted(own, of: positions.held[row].instrument, in: lead)
        }
        figures.equity -= fee
        return thresholds.standing(after: .liquidating, figures).mode != .liquidating
    }

    /// One position after the other, each in full but the last one, of which only as much as is needed.
    private func oneByOne(_ lead: Int32, _ rows: [Int], _ rules: Enforcement) -> [Int: Int64] {
        var kept: [Int: Int64] = [:]
        for row in rows {
            switch rules.sizing {
            case .whole:
                kept[row] = 0
                return kept
            case .bracketStep:
                kept[row] = lowerBracket(row)
                return kept
            case .exitLevel:
                kept[row] = 0
                guard isRestored(lead, kept, rules) else { continue }
                let guess = coveringSize(row, lead, kept, rules)
                kept[row] = smallestReduction(of: row, guess: guess) { rest in
                    var trial = kept
                    trial[row] = rest
                    return isRestored(lead, trial, rules)
                }
                return kept
            }
        }
        return kept
    }

    /// All positions by the same share of each.
    private func sharedOut(_ lead: Int32, _ rows: [Int], _ rules: Enforcement) -> [Int: Int64] {
        func kept(_ share: Int64) -> [Int: Int64] {
            var kept: [Int: Int64] = [:]
            for row in rows {
                let held = positions.held[row].quantity
                let closed = Valuation.proportion(
                    Int128(held.magnitude),
                    Int128(share),
                    of: PowerOfTen.eight,
                    .up
                )
                kept[row] = rest(of: row, closing: Int64(closed))
            }
            return kept
        }
        guard rules.sizing == .exitLevel else {
            return rules.sizing == .whole
                ? kept(100_000_000)
                : Dictionary(uniqueKeysWithValues: rows.map { ($0, lowerBracket($0)) })
        }
        guard isRestored(lead, kept(100_000_000), rules) else { return kept(100_000_000) }
        var (low, high) = (Int64(0), Int64(100_000_000))
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if isRestored(lead, kept(middle), rules) { high = middle } else { low = middle }
        }
        return kept(high)
    }

    /// How much of a position would restore the exit level if its present rate held for what is left.
    private func coveringSize(
        _ row: Int,
        _ lead: Int32,
        _ kept: [Int: Int64],
        _ rules: Enforcement
    ) -> Int64? {
        var before = kept
        before[row] = nil
        let held = positions.held[row]
        let instrument = instruments[Int(held.instrument)]
        guard instrument.rules.payoff != .inverse,
            let figures = try? figures(ofPool: lead, supposing: Supposition(kept: before)),
            let exit = terms(of: pools[Int(lead)].account)?.thresholds.exit
        else { return nil }
        let rate = ownMaintenance(of: row).divided(by: max(1, notional(of: row)), rounding: .up)
        let bearable = figures.equity.multiplied(
            by: Int128(exit.units),
            dividedBy: PowerOfTen.eight,
            rounding: .down
        )
        return ReductionSteps.covering(
            Money(units: max(0, figures.maintenanceMoney - (bearable ?? 0))),
            maintenance: Rate(unchecked: Int64(clamping: rate)),
            fees: Rate(unchecked: rules.fee.units * exit.units / 100_000_000),
            at: Price(unchecked: instrument.mark),
            step: instrument.rules.quantityStep ?? Quantity(unchecked: 1),
            rounding: .up
        )?.units
    }

    /// What is left of a position after the least reduction that passes; all of it closed passes.
    ///
    /// Halving holds where a reduction that passes still does when it is larger. Where a fee eats more
    /// than a smaller position frees, the whole position is found.
    private func smallestReduction(
        of row: Int,
        guess: Int64? = nil,
        where passes: (Int64) -> Bool
    ) -> Int64 {
        let size = Int64(positions.held[row].quantity.magnitude)
        let step = instruments[Int(positions.held[row].instrument)].rules.quantityStep?.units ?? 1
        var (low, high) = (Int64(0), (size + step - 1) / step)
        // In one bracket the guess is the answer, and two looks tell; otherwise they narrow it down.
        if let guess {
            for trial in [guess / step, guess / step - 1] where trial > low && trial < high {
                if passes(rest(of: row, closing: min(size, trial * step))) {
                    high = trial
                } else {
                    low = trial
                }
            }
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if passes(rest(of: row, closing: min(size, middle * step))) {
                high = middle
            } else {
                low = middle
            }
        }
        return rest(of: row, closing: min(size, high * step))
    }

    /// The signed quantity that is left when `size`, rounded up to whole steps, is closed.
    private func rest(of row: Int, closing size: Int64) -> Int64 {
        let held = positions.held[row].quantity
        let step = instruments[Int(positions.held[row].instrument)].rules.quantityStep?.units ?? 1
        let (steps, remainder) = size.quotientAndRemainder(dividingBy: step)
        let whole = (steps + (remainder > 0 ? 1 : 0)).multipliedReportingOverflow(by: step)
        let left = whole.overflow ? 0 : max(0, Int64(held.magnitude) - whole.partialValue)
        return held < 0 ? -left : left
    }

    /// The largest quantity of a position that is in the bracket below its own; none below the lowest.
    private func lowerBracket(_ row: Int) -> Int64 {
        let held = positions.held[row].quantity
        let bracket = bracket(of: row)
        guard bracket > 0 else { return 0 }
        let left = smallestReduction(of: row) { rest in
            self.bracket(of: row, quantity: rest) < bracket
        }
        return held == left ? 0 : left
    }

    /// The bracket that holds a position, or that would hold another quantity of it.
    func bracket(of row: Int, quantity: Int64? = nil) -> Int {
        let instrument = positions.held[row].instrument
        let quantity = quantity ?? positions.held[row].quantity
        guard quantity != 0, let prices = try? prices(of: instrument, quantity) else { return 0 }
        var position = view(row, isIsolated: false)
        position.quantity = quantity
        var nothing = NoTerms()
        return instruments[Int(instrument)].margin
            .figures(position, prices, into: &nothing).bracket
    }

    // MARK: Limits and caps

    /// The planned reductions as orders, with limits, within depth and rate.
    private func orders(
        of lead: Int32,
        _ kept: [Int: Int64],
        _ rows: [Int],
        _ rules: Enforcement,
        _ figures: PoolFigures,
        _ spent: Int128
    ) -> ReductionPlan {
        let reduced = rows.filter { kept[$0] != nil && kept[$0] != positions.held[$0].quantity }
        let limits = liquidationLimits(of: lead, reduced, rules, figures)
        var plan = ReductionPlan()
        var budget = rules.notionalPerSecond.map { $0.units - spent }
        for row in reduced {
            guard let rest = kept[row], let limit = limits[row] else { continue }
            let held = positions.held[row]
            let wanted = Int64((held.quantity - rest).magnitude)
            var size = wanted
            var sizedBy: LiquidationOrdered.Sizing = rest == 0 ? .whole : sizing(rules)
            if let share = rules.depthShare, let depth = depth[held.instrument] {
                let seen = depth.visible(for: -held.quantity, limit: limit)
                let cap = (seen * Int128(share.units)).divided(
                    by: PowerOfTen.eight,
                    rounding: .down
                )
                if cap < Int128(size) {
                    size = wholeSteps(Int64(cap), held.instrument)
                    sizedBy = .depth
                }
            }
            if let left = budget {
                let cap = affordable(left, held.instrument)
                if cap < size {
                    size = wholeSteps(cap, held.instrument)
                    // A limit below one step would stop for good: one step a second goes on.
                    if size == 0, spent == 0, plan.orders.isEmpty {
                        let step = instruments[Int(held.instrument)].rules.quantityStep?.units ?? 1
                        size = min(wanted, step)
                    }
                    sizedBy = .rate
                    plan.waitsForNextSecond = true
                }
            }
            guard size > 0 else { continue }
            let instrument = Int(held.instrument)
            let value = Valuation.notional(
                size,
                at: instruments[instrument].mark,
                terms[instrument].payoff
            )
            budget = budget.map { $0 - value }
            plan.orders.append(
                ReductionPlan.Planned(
                    row: row,
                    instrument: held.instrument,
                    leg: positions.held[row].leg,
                    held: held.quantity,
                    change: held.quantity > 0 ? -size : size,
                    limit: limit,
                    sizedBy: sizedBy,
                    bracket: bracket(of: row),
                    notional: value
                )
            )
        }
        fillIn(&plan, lead)
        return plan
    }

    private func sizing(_ rules: Enforcement) -> LiquidationOrdered.Sizing {
        switch rules.sizing {
        case .exitLevel: .exitLevel
        case .bracketStep: .bracketStep
        case .whole: .whole
        }
    }

    /// The pool's maintenance if all orders of the plan are filled.
    private func fillIn(_ plan: inout ReductionPlan, _ lead: Int32) {
        var supposing = Supposition()
        for order in plan.orders { supposing.kept[order.row] = order.held + order.change }
        guard let after = try? figures(ofPool: lead, supposing: supposing) else { return }
        for index in plan.orders.indices { plan.orders[index].maintenanceAfter = after.maintenance }
    }

    /// The largest quantity whose value at the mark is at most `notional`.
    private func affordable(_ notional: Int128, _ instrument: Int32) -> Int64 {
        guard notional > 0 else { return 0 }
        let mark = Int128(instruments[Int(instrument)].mark)
        let quantity =
            terms[Int(instrument)].payoff == .inverse
            ? notional.multiplied(by: mark, dividedBy: PowerOfTen.sixteen, rounding: .down)
            : notional / mark
        return Int64(clamping: quantity ?? Int128.max)
    }

    /// A size cut down to whole steps of its instrument.
    private func wholeSteps(_ size: Int64, _ instrument: Int32) -> Int64 {
        let step = instruments[Int(instrument)].rules.quantityStep?.units ?? 1
        return size / step * step
    }
}

extension ReductionPlan.Planned {
    /// The order with everything that led to it.
    func effect(
        _ liquidation: UInt64,
        _ number: UInt64,
        _ lead: Int32,
        _ figures: PoolFigures,
        _ ledger: borrowing Ledger
    ) -> LiquidationOrdered {
        LiquidationOrdered(
            liquidation: liquidation,
            order: number,
            account: AccountID(index: ledger.pools[Int(lead)].account),
            pool: PoolID(index: lead),
            instrument: InstrumentID(index: instrument),
            leg: leg,
            side: change < 0 ? .sell : .buy,
            quantity: Quantity(unchecked: Int64(change.magnitude)),
            limit: Price(unchecked: limit),
            sizedBy: sizedBy,
            held: Quantity(unchecked: held),
            mark: Price(unchecked: ledger.instruments[Int(instrument)].mark),
            markTime: ledger.instruments[Int(instrument)].markTime,
            bracket: bracket,
            equity: Money(units: figures.equity),
            maintenance: Money(units: figures.maintenanceMoney),
            maintenanceAfter: Money(
                units: maintenanceAfter.divided(by: PowerOfTen.eight, rounding: .up)
            )
        )
    }
}
