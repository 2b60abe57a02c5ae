import PlimsollUnits

/// What happens to a pool below its line, one step after each event that touches it.
///
/// cancel → convert → reduce → take over → deleverage → socialise. The steps that need the market
/// (cancel, reduce) end in an effect and go on with the event that answers it; the others are done at
/// once.
/// Source: design section 5; what each venue does is in `margin-rules` section 6.
extension Ledger {
    /// Whether a pool that was assessed has a liquidation to begin, to go on with or to end.
    @inline(__always)
    func needsEnforcement(_ lead: Int32) -> Bool {
        let isBelow = pools[Int(lead)].mode == .liquidating
        if !isBelow, liquidations.isEmpty { return false }
        let venue = Int(accounts[Int(pools[Int(lead)].account)].venue.index)
        guard venues[venue].mode == .venue, venues[venue].terms?.enforces == true else {
            return false
        }
        if isBelow { return true }
        return liquidations[lead] != nil
    }

    /// A pool is below its line and nothing is out for it: it stopped at a stale price, and goes on with
    /// the next fresh one.
    func awaitsStep(_ pool: Int32) -> Bool {
        guard pools[Int(pool)].mode == .liquidating else { return false }
        let lead = lead(of: pool)
        return needsEnforcement(lead) && liquidations[lead]?.orders.isEmpty != false
    }

    /// Does the next step for a pool.
    mutating func enforce(_ lead: Int32, _ effects: inout Effects) {
        guard let rules = rulebook(of: pools[Int(lead)].account)?.enforcement else { return }
        guard pools[Int(lead)].mode == .liquidating else {
            finish(lead, &effects)
            return
        }
        if liquidations[lead] == nil { begin(lead, &effects) }
        // Orders that the matching engine works on: their fills and ends come as events.
        guard let liquidation = liquidations[lead], liquidation.orders.isEmpty else { return }
        liquidations[lead]?.isCancelling = false
        // What was converted changed the pool: it is assessed once more before anything else is done.
        if convertCollateral(lead, rules, &effects) { return }
        guard let figures = try? figures(ofPool: lead) else { return }
        guard rows(of: lead).contains(where: { positions.held[$0].quantity != 0 }) else {
            absorb(lead, rules, &effects)
            return
        }
        guard !freshRows(of: lead).isEmpty else { return }  // no liquidation without a fresh mark
        if !liquidation.isExhausted, figures.equity > 0 {
            let plan = reductionPlan(
                of: lead,
                rules,
                figures,
                spentThisSecond: spentThisSecond(lead)
            )
            if !plan.orders.isEmpty {
                place(plan, lead, figures, &effects)
                return
            }
            if plan.waitsForNextSecond {
                wait(lead)
                return
            }
        }
        let before = effects.count
        takeOverAll(lead, rules, figures, &effects)
        liquidations[lead]?.isExhausted = false
        // What was done changed the pool: it is assessed once more, and ends or goes on. Where a limit
        // forbade everything, the next event that touches it tries again.
        if effects.count > before { touch(lead) }
    }

    /// A pool is being liquidated, or is about to be: what is left of its equity stands behind its own
    /// orders, whose limits were set by it, so it pays for nobody else and is not deleveraged.
    func isUnderWay(_ pool: Int32) -> Bool {
        let lead = lead(of: pool)
        return pools[Int(lead)].mode == .liquidating || liquidations[lead] != nil
    }

    /// The rows of all positions that stand behind a pool's equity.
    func rows(of lead: Int32) -> [Int] {
        sleeves(of: lead).flatMap { Array(pools[Int($0)].rows) }
    }

    /// Begins a liquidation: what adds risk is cancelled.
    private mutating func begin(_ lead: Int32, _ effects: inout Effects) {
        liquidationCount += 1
        liquidations[lead] = Liquidation(number: liquidationCount)
        let pool = pools[Int(lead)]
        var cancelled: [String] = []
        for index in (orders[pool.account] ?? []).indices {
            guard let order = orders[pool.account]?[index], !order.isCancelling,
                !order.onlyReduces, stands(order, behind: pool)
            else { continue }
            orders[pool.account]?[index].isCancelling = true
            cancelled.append(order.id)
        }
        guard !cancelled.isEmpty else { return }
        // They were reserved in a cross pool, which an isolated pool's liquidation does not touch.
        for pool in poolIDs(of: pool.account) { loseBand(of: pool) }
        effects.append(
            .ordersToCancel(account: AccountID(index: pool.account), orders: cancelled)
        )
    }

    /// An order takes its margin from a pool, or from its account's cross pools in multi-asset mode.
    private func stands(_ order: Order, behind pool: Pool) -> Bool {
        if pool.isolated >= 0 { return order.instrument == pool.isolated }
        return pool.isMultiAsset || terms[Int(order.instrument)].settle == pool.asset
    }

    /// Ends a liquidation whose pool is back at its exit level, once its orders are gone.
    private mutating func finish(_ lead: Int32, _ effects: inout Effects) {
        guard let liquidation = liquidations[lead] else { return }
        guard liquidation.orders.isEmpty else {
            guard !liquidation.isCancelling else { return }
            liquidations[lead]?.isCancelling = true
            effects.append(.liquidationOrdersToCancel(liquidation.orders.map(\.number)))
            return
        }
        let isEmpty = rows(of: lead).isEmpty
        end(lead, isEmpty ? .closed : .recovered, &effects)
    }

    /// Forgets a liquidation and says how it ended.
    ///
    /// What others have paid may be more than an isolated pool owed, by the rounding of a price: without a
    /// position it goes back to the cross wallet.
    mutating func end(
        _ lead: Int32,
        _ outcome: LiquidationEnded.Outcome,
        _ effects: inout Effects
    ) {
        guard let liquidation = liquidations[lead] else { return }
        liquidations[lead] = nil
        dissolve(isolated: lead, &effects)
        effects.append(
            .liquidationEnded(
                LiquidationEnded(
                    liquidation: liquidation.number,
                    account: AccountID(index: pools[Int(lead)].account),
                    pool: PoolID(index: lead),
                    outcome: outcome
                )
            )
        )
    }

    /// Notional that was ordered for a pool in the present second of the engine's clock.
    private func spentThisSecond(_ lead: Int32) -> Int128 {
        guard let liquidation = liquidations[lead],
            liquidation.second == clock.nanoseconds / 1_000_000_000
        else { return 0 }
        return liquidation.spent
    }

    /// Gives the orders of a plan their numbers and sends them out.
    private mutating func place(
        _ plan: ReductionPlan,
        _ lead: Int32,
        _ figures: PoolFigures,
        _ effects: inout Effects
    ) {
        guard var liquidation = liquidations[lead] else { return }
        let second = clock.nanoseconds / 1_000_000_000
        if liquidation.second != second {
            liquidation.second = second
            liquidation.spent = 0
        }
        for planned in plan.orders {
            liquidationOrderCount += 1
            liquidation.orders.append(
                LiquidationOrder(
                    number: liquidationOrderCount,
                    instrument: planned.instrument,
                    leg: planned.leg,
                    quantity: planned.change,
                    limit: planned.limit
                )
            )
            liquidation.spent += planned.notional
            orderPools[liquidationOrderCount] = lead
            effects.append(
                .liquidationOrdered(
                    planned.effect(liquidation.number, liquidationOrderCount, lead, figures, self)
                )
            )
        }
        liquidations[lead] = liquidation
    }
}
