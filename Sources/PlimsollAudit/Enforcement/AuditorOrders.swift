import BigInt
import Plimsoll
import PlimsollUnits

extension Auditor {
    /// Orders of one step of one liquidation come together, and are judged together.
    mutating func collect(_ order: LiquidationOrdered) {
        if let first = enforcement.trail.batch.first, first.liquidation != order.liquidation {
            auditBatch()
        }
        enforcement.trail.batch.append(order)
    }

    /// Checks the orders that were collected, and takes them over.
    mutating func auditBatch() {
        let batch = enforcement.trail.batch
        guard let first = batch.first else { return }
        enforcement.trail.batch.removeAll()
        guard let pool = enforcement.places[first.pool.index], pool.account == first.account.index,
            let rules = rules(of: pool.account), let figures = figures(of: pool)
        else {
            find(.unknownPlace, first.account.index, expected: "a pool", found: first.pool.index)
            return
        }
        liquidation(first.liquidation, of: pool)
        auditStep(first, pool, figures)
        for order in batch { audit(order, pool, figures) }
        auditLimits(batch, pool, rules, figures)
        auditSizes(batch, pool, rules, figures)
        for order in batch { takeOver(order) }
        enforcement.liquidations[first.liquidation]?.isCancelling = false
        enforcement.liquidations[first.liquidation]?.handOver = nil
    }

    /// Orders go out for a pool below its line that has something left to lose, one step at a time.
    private mutating func auditStep(
        _ order: LiquidationOrdered,
        _ pool: Pool,
        _ figures: AuditedFigures
    ) {
        let account = pool.account
        if enforcement.modes[pool] != .liquidating {
            let mode = enforcement.modes[pool] ?? .normal
            find(.orderWithoutLiquidation, account, expected: PoolMode.liquidating, found: mode)
        }
        let others = enforcement.orders.filter { $0.value.liquidation == order.liquidation }
        if !others.isEmpty {
            find(.orderWhileOthersWork, account, expected: "none out", found: others.keys.sorted())
        }
        let isExhausted = enforcement.liquidations[order.liquidation]?.isExhausted == true
        if isExhausted || figures.equity.exact + figures.equity.above <= .zero {
            find(
                .orderInsteadOfHandOver,
                account,
                order.instrument.index,
                expected: "equity above zero and nothing unfilled",
                found: "equity \(figures.equity.exact)"
            )
        }
    }

    /// One order says what is so, and reduces a position at a fresh mark.
    private mutating func audit(
        _ order: LiquidationOrdered,
        _ pool: Pool,
        _ figures: AuditedFigures
    ) {
        let slot = slot(of: order)
        let holding = holdings[slot]
        let held = holding?.quantity ?? 0
        func note(_ breach: AuditFinding.Breach, _ expected: Any, _ found: Any) -> AuditFinding {
            AuditFinding(
                breach: breach,
                account: slot.account,
                instrument: slot.instrument,
                expected: "\(expected)",
                found: "\(found)"
            )
        }
        var findings: [AuditFinding] = []
        if let holding, self.pool(of: slot, holding) != pool {
            findings.append(note(.unknownPlace, self.pool(of: slot, holding), pool))
        }
        let size = BigInt(order.quantity.units)
        let isReduction = (held > 0) == (order.side == .sell)
        if size <= 0 || size > held.magnitude || !isReduction {
            findings.append(note(.orderEnlarges, "at most \(held)", "\(order.side) \(size)"))
        }
        if isStale(slot.instrument) {
            findings.append(note(.orderAtStaleMark, "a fresh mark", order.markTime.nanoseconds))
        }
        let step = step(of: slot.instrument)
        if size % step != 0, size != held.magnitude {
            findings.append(note(.orderStep, "steps of \(step)", size))
        }
        let book = instruments[Int(slot.instrument)]
        let lines: [(String, Bool)] = [
            ("held", BigInt(order.held.units) == held),
            ("mark", order.mark == book.mark),
            (
                "mark time",
                order.markTime.nanoseconds == enforcement.markTimes[slot.instrument]
            ),
            ("equity", figures.equity.admits(order.equity.units)),
            ("maintenance", figures.maintenance.admits(order.maintenance.units)),
            ("bracket", bracketIndex(of: slot, quantity: held).map { $0 == order.bracket } ?? true),
        ]
        for (name, isRight) in lines where !isRight {
            findings.append(note(.orderFigures, "the \(name) in the books", order))
        }
        enforcement.findings += findings
    }

    /// The order is out from now on.
    private mutating func takeOver(_ order: LiquidationOrdered) {
        let size = BigInt(order.quantity.units)
        enforcement.orders[order.order] = WorkingOrder(
            liquidation: order.liquidation,
            slot: slot(of: order),
            quantity: order.side == .sell ? -size : size,
            limit: Rational(order.limit.units, scale: 8)
        )
    }

    func slot(of order: LiquidationOrdered) -> Slot {
        Slot(account: order.account.index, instrument: order.instrument.index, leg: order.leg)
    }

    /// The number of the bracket that holds a quantity; `nil` where a bracket does not go by the mark.
    func bracketIndex(of slot: Slot, quantity: BigInt) -> Int? {
        let book = instruments[Int(slot.instrument)]
        guard case .brackets(let schedule) = book.rules.schedule else { return 0 }
        guard book.rules.maintenancePrice == .mark else { return nil }
        let notional = notionalUnits(quantity, at: price(of: slot.instrument), in: slot.instrument)
        let own = Schedule(rules: book.rules, openInterest: book.openInterest).bracket(
            notional: Rational(notional, scale: 16),
            size: Rational(BigInt(quantity.magnitude), scale: 8)
        )
        return quantity == 0 ? 0 : own.flatMap { schedule.brackets.firstIndex(of: $0) }
    }

    // MARK: Ends

    /// An order that was not asked back and was not filled: what is left is handed on.
    mutating func end(_ body: LiquidationOrderEnded) {
        guard let order = enforcement.orders.removeValue(forKey: body.order) else {
            find(.unknownPlace, expected: "an order that is out", found: body.order)
            return
        }
        let isCancelling = enforcement.liquidations[order.liquidation]?.isCancelling == true
        if body.reason != .cancelled, !isCancelling {
            enforcement.liquidations[order.liquidation]?.isExhausted = true
        }
        stirred.insert(order.slot.account)
    }

    /// Orders are asked back where their pool is back at its exit level.
    mutating func cancel(_ numbers: [UInt64]) {
        for number in numbers {
            guard let order = enforcement.orders[number],
                let pool = enforcement.liquidations[order.liquidation]?.pool
            else {
                find(.unknownPlace, expected: "an order that is out", found: number)
                continue
            }
            enforcement.liquidations[order.liquidation]?.isCancelling = true
            if enforcement.modes[pool] == .liquidating {
                find(
                    .end,
                    pool.account,
                    expected: "order \(number) stays",
                    found: "it is asked back"
                )
            }
        }
    }

    /// A liquidation ends at the exit level, or with nothing left and nothing owed.
    mutating func audit(_ end: LiquidationEnded) {
        guard let pool = enforcement.places[end.pool.index] else {
            find(.unknownPlace, end.account.index, expected: "a pool", found: end.pool.index)
            return
        }
        let book = enforcement.liquidations.removeValue(forKey: end.liquidation)
        let isEmpty = holdings(behind: pool).isEmpty
        let isBelow = enforcement.modes[pool] == .liquidating
        let isBankrupt = book?.wasBankrupt == true
        let isRight =
            switch end.outcome {
            case .recovered: !isEmpty && !isBelow && !isBankrupt
            case .closed: isEmpty && !isBankrupt
            case .absorbed: isEmpty && isBankrupt
            }
        let working = enforcement.orders.filter { $0.value.liquidation == end.liquidation }
        if !isRight || !working.isEmpty || book.map({ $0.pool != pool }) == true {
            find(.end, pool.account, expected: "what is so of \(pool)", found: end)
        }
        guard end.outcome != .recovered else { return }
        // In several assets a debt in one may be backed by what there is of another.
        let left = figures(of: pool)?.equity
        if let left, left.exact + left.above < .zero {
            find(.belowZero, pool.account, expected: "zero or more", found: left.exact)
        }
        if case .wallet(.isolated(let slot)) = pool { dissolve(slot) }
    }
}
