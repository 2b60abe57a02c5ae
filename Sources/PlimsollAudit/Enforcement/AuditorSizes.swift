import BigInt
import Plimsoll
import PlimsollUnits

extension Auditor {
    /// Orders are as large as the rulebook's sizing says, of the positions that come first.
    mutating func auditSizes(
        _ batch: [LiquidationOrdered],
        _ pool: Pool,
        _ rules: Enforcement,
        _ figures: AuditedFigures
    ) {
        for order in batch { auditSize(order, rules) }
        auditRate(batch, rules)
        auditSelection(batch, pool, rules)
        if !isCapped(rules, []), rules.sizing == .exitLevel {
            auditExit(batch, pool, rules, figures)
        }
        auditAfter(batch, pool)
    }

    /// The whole position, the next bracket, or what the visible depth bears.
    private mutating func auditSize(_ order: LiquidationOrdered, _ rules: Enforcement) {
        let slot = slot(of: order)
        let held = holdings[slot]?.quantity ?? 0
        let whole = BigInt(held.magnitude)
        let size = BigInt(order.quantity.units)
        func fault(_ breach: AuditFinding.Breach, _ expected: Any) {
            find(breach, slot.account, slot.instrument, expected: expected, found: size)
        }
        switch order.sizedBy {
        case .whole where size != whole: fault(.orderNotWhole, whole)
        case .exitLevel where rules.sizing != .exitLevel,
            .bracketStep where rules.sizing != .bracketStep:
            find(
                .orderSizing,
                slot.account,
                slot.instrument,
                expected: rules.sizing,
                found: order.sizedBy
            )
        case .bracketStep:
            guard let before = bracketIndex(of: slot, quantity: held) else { break }
            let after = bracketIndex(of: slot, quantity: whole - size) ?? 0
            let short = bracketIndex(of: slot, quantity: whole - size + step(of: slot.instrument))
            if after >= before || short.map({ $0 < before }) == true {
                fault(.orderBracket, "the least below bracket \(before)")
            }
        default: break
        }
        guard let share = rules.depthShare, let book = enforcement.depth[slot.instrument] else {
            return
        }
        let cap = (visible(book, order) * Rational(share.units, scale: 8)).floor(scale: 8)
        let isCut = order.sizedBy == .depth && size + step(of: slot.instrument) <= cap
        if size > cap || isCut { fault(.orderBeyondDepth, "at most \(cap)") }
    }

    /// How much rests at an order's limit or better.
    private func visible(_ book: DepthObserved, _ order: LiquidationOrdered) -> Rational {
        let isSale = order.side == .sell
        return (isSale ? book.bids : book.asks).reduce(.zero) { sum, level in
            let isGood = isSale ? level.price >= order.limit : level.price <= order.limit
            return isGood ? sum + Rational(level.quantity.units, scale: 8) : sum
        }
    }

    /// Not more is ordered in a second of the engine's clock than the rulebook allows, unless that is
    /// less than one step.
    private mutating func auditRate(_ batch: [LiquidationOrdered], _ rules: Enforcement) {
        guard let limit = rules.notionalPerSecond, let first = batch.first,
            var book = enforcement.liquidations[first.liquidation]
        else { return }
        let second = enforcement.clock / 1_000_000_000
        if book.second != second { (book.second, book.spent) = (second, .zero) }
        for order in batch {
            let slot = slot(of: order)
            let step = step(of: slot.instrument)
            let size = BigInt(order.quantity.units)
            let mark = price(of: slot.instrument)
            let left = Rational(limit.units, scale: 16) - book.spent
            let value = worth(size, at: mark, in: slot.instrument).magnitude
            let more = worth(size + step, at: mark, in: slot.instrument).magnitude
            let isOneStep = book.spent.isZero && size <= step
            // An inverse value is rounded up by a step of 10⁻¹⁶.
            if (value > left + Bound.step && !isOneStep) || (order.sizedBy == .rate && more <= left)
            {
                find(
                    .orderBeyondRate,
                    slot.account,
                    slot.instrument,
                    expected: "at most \(left)",
                    found: value
                )
            }
            book.spent += value
        }
        enforcement.liquidations[first.liquidation] = book
    }

    // MARK: Which positions

    /// What closing a position frees of its pool's maintenance.
    private func freed(_ slot: Slot, _ pool: Pool) -> Rational {
        maintenance(of: pool, keeping: [:]) - maintenance(of: pool, keeping: [slot: 0])
    }

    /// Maintenance of a pool with some positions reduced at the mark.
    func maintenance(of pool: Pool, keeping kept: [Slot: BigInt]) -> Rational {
        var copy = self
        copy.holdings = holdings.only(pool.account)
        for (slot, rest) in kept {
            guard let holding = holdings[slot] else { continue }
            let closed = BigInt(holding.quantity.magnitude) - BigInt(rest.magnitude)
            let released = Self.released(
                holding,
                closed,
                instruments[Int(slot.instrument)].rules
            )
            copy.holdings[slot] =
                rest == 0
                ? nil
                : Holding(
                    quantity: rest,
                    cost: holding.cost - released,
                    isIsolated: holding.isIsolated
                )
        }
        return copy.figures(of: pool)?.maintenance.exact ?? .zero
    }

    /// Most freed maintenance per notional first; the leg of a hedge frees nothing and is kept, unless
    /// all do.
    ///
    /// Of a multi-asset pool the notionals are of several assets, and the order is left open.
    private mutating func auditSelection(
        _ batch: [LiquidationOrdered],
        _ pool: Pool,
        _ rules: Enforcement
    ) {
        guard case .wallet = pool else { return }
        let ordered = Set(batch.map { slot(of: $0) })
        var relief: [Slot: Rational] = [:]
        for (slot, holding) in freshHoldings(behind: pool) {
            let mark = price(of: slot.instrument)
            let value = worth(holding.quantity, at: mark, in: slot.instrument).magnitude
            relief[slot] = max(.zero, freed(slot, pool)) / value
        }
        let frees = relief.values.contains { $0 > .zero }
        let isCapped = isCapped(rules, ordered)
        for (slot, own) in relief {
            if ordered.contains(slot) {
                guard frees, own.isZero else { continue }
                find(
                    .orderSelection,
                    slot.account,
                    slot.instrument,
                    expected: "the leg of a hedge is kept",
                    found: "it is ordered"
                )
                continue
            }
            guard own > .zero || !frees, !isCapped else { continue }
            let worst = ordered.compactMap { relief[$0] }.min() ?? .zero
            // Where an inverse value is rounded, two may change places.
            let isLater = own * Rational(999_999_999, scale: 9) <= worst
            if rules.sharing == .reliefPerCost, isLater { continue }
            find(
                .orderSelection,
                slot.account,
                slot.instrument,
                expected: "an order, freeing \(own)",
                found: "none, and others freeing \(worst)"
            )
        }
    }

    // MARK: The exit level

    /// Filled at the mark the orders restore the exit level, fee included; and with one step less of
    /// the last position they do not.
    private mutating func auditExit(
        _ batch: [LiquidationOrdered],
        _ pool: Pool,
        _ rules: Enforcement,
        _ figures: AuditedFigures
    ) {
        var kept: [Slot: BigInt] = [:]
        for order in batch { kept[slot(of: order)] = rest(of: order, less: 0) }
        guard let partial = batch.first(where: { $0.sizedBy == .exitLevel }) else { return }
        if isRestored(pool, kept, rules, figures) == false {
            find(
                .orderDoesNotRestore,
                pool.account,
                partial.instrument.index,
                expected: "the exit level",
                found: "maintenance \(maintenance(of: pool, keeping: kept))"
            )
        }
        guard rules.sharing == .reliefPerCost else { return }
        if batch.count(where: { $0.sizedBy == .exitLevel }) > 1 {
            find(
                .orderSelection,
                pool.account,
                partial.instrument.index,
                expected: "each in full but the last one",
                found: batch.map(\.quantity)
            )
        }
        let step = step(of: partial.instrument.index)
        kept[slot(of: partial)] = rest(of: partial, less: step)
        if isRestored(pool, kept, rules, figures) == true, rules.fee == .zero {
            find(
                .orderNotLeast,
                pool.account,
                partial.instrument.index,
                expected: "at least \(step) less",
                found: partial.quantity.units
            )
        }
    }

    /// What is left of a position when its order, less some, is filled.
    private func rest(of order: LiquidationOrdered, less: BigInt) -> BigInt {
        let held = holdings[slot(of: order)]?.quantity ?? 0
        let size = max(0, BigInt(order.quantity.units) - less)
        return held > 0 ? max(0, held - size) : min(0, held + size)
    }

    /// Whether a pool is at its exit level with these positions reduced at the mark; `nil` where
    /// rounding could decide it.
    private func isRestored(
        _ pool: Pool,
        _ kept: [Slot: BigInt],
        _ rules: Enforcement,
        _ figures: AuditedFigures
    ) -> Bool? {
        var figures = sharpened(figures, of: pool)
        figures.maintenance.exact = maintenance(of: pool, keeping: kept)
        for (slot, rest) in kept {
            guard let holding = holdings[slot] else { continue }
            let notional = notionalUnits(
                holding.quantity - rest,
                at: price(of: slot.instrument),
                in: slot.instrument
            )
            let fee = Rational(notional, scale: 16) * Rational(rules.fee.units, scale: 8)
            figures.equity.exact =
                figures.equity.exact - Rational(fee.ceiling(scale: 16), scale: 16)
        }
        return mode(figures, after: .liquidating, of: pool).map { $0 != .liquidating }
    }

    /// The published maintenance after the orders is that of the smaller positions.
    private mutating func auditAfter(_ batch: [LiquidationOrdered], _ pool: Pool) {
        var kept: [Slot: BigInt] = [:]
        for order in batch { kept[slot(of: order)] = rest(of: order, less: 0) }
        let exact = maintenance(of: pool, keeping: kept)
        // Each position and each asset of the pool is rounded once.
        let slack = Bound.step * Rational(4 + 4 * holdings(behind: pool).count)
        for order in batch {
            let found = Rational(order.maintenanceAfter.units, scale: 16)
            guard (found - exact).magnitude > slack else { continue }
            find(
                .orderFigures,
                order.account.index,
                order.instrument.index,
                expected: "maintenance after \(exact)",
                found: found
            )
        }
    }
}
