import Plimsoll
import PlimsollUnits

extension Auditor {
    /// The figures of a change are the pool's, and its mode is what they say.
    mutating func audit(_ change: MarginStateChanged) {
        enforcement.trail.positions.removeAll()
        enforcement.trail.balances.removeAll()
        guard let pool = enforcement.places[change.pool.index] else { return }
        let old = enforcement.modes[pool] ?? .normal
        enforcement.modes[pool] = change.mode
        guard let figures = figures(of: pool) else { return }
        let lines: [(String, Bound, Money)] = [
            ("equity", figures.equity, change.equity),
            ("initial", figures.positionInitial + figures.orderInitial, change.initial),
            ("maintenance", figures.maintenance, change.maintenance),
        ]
        for (name, bound, money) in lines where !bound.admits(money.units) {
            find(
                .standingFigures,
                pool.account,
                expected: "\(name) \(bound.exact)",
                found: money
            )
        }
        if old != change.fromMode {
            find(.standing, pool.account, expected: "from \(old)", found: change.fromMode)
        }
        auditMode(of: pool, figures, after: old)
    }

    /// The mode that the rules say follows `old`; `nil` where rounding could decide it.
    func mode(_ figures: AuditedFigures, after old: PoolMode, of pool: Pool) -> PoolMode? {
        let thresholds = thresholds(of: pool.account)
        let figures = sharpened(figures, of: pool)
        guard let band = figures.band(thresholds) else { return nil }
        if band == .liquidation || figures.equity.exact < .zero { return .liquidating }
        if old == .liquidating {
            guard let hasLeft = figures.isAtOrWithin(thresholds.exit) else { return nil }
            if !hasLeft { return .liquidating }
        }
        let initial = figures.positionInitial + figures.orderInitial
        let slack = initial.above + initial.below + figures.equity.above + figures.equity.below
        let room = figures.equity.exact - initial.exact
        if room.magnitude <= slack, !slack.isZero { return nil }
        return room < .zero ? .reduceOnly : .normal
    }

    private mutating func auditMode(
        of pool: Pool,
        _ figures: AuditedFigures,
        after old: PoolMode
    ) {
        let found = enforcement.modes[pool] ?? .normal
        guard let expected = expectedMode(of: pool, figures, after: old), expected != found else {
            return
        }
        find(.standing, pool.account, expected: expected, found: found)
    }

    /// Below the line at a stale price a pool waits, unless it is below at the favourable edge too.
    func expectedMode(
        of pool: Pool,
        _ figures: AuditedFigures,
        after old: PoolMode
    ) -> PoolMode? {
        let expected = mode(figures, after: old, of: pool)
        guard expected == .liquidating, old != .liquidating, isStale(pool) else { return expected }
        var kindest = self
        kindest.isFavourable = true
        guard let band = kindest.figures(of: pool)?.band(thresholds(of: pool.account)) else {
            return nil
        }
        if band == .liquidation { return .liquidating }
        let initial = figures.positionInitial + figures.orderInitial
        return figures.equity.exact < initial.exact ? .reduceOnly : .normal
    }

    /// Every pool of the stirred accounts stands where its figures say; at most `waiting` may not yet.
    ///
    /// Accounts with a pool that waits stay stirred.
    public mutating func auditStandings(waiting: Int) {
        var late: [(pool: Pool, expected: PoolMode, found: PoolMode)] = []
        for pool in stirred.flatMap({ enforcement.numbers.of($0).keys }) {
            guard !accounts[Int(pool.account)].isUnmargined, let figures = figures(of: pool) else {
                continue
            }
            let found = enforcement.modes[pool] ?? .normal
            // Asked without the memory of where it was: where it is now must follow from itself.
            if let expected = expectedMode(of: pool, figures, after: found), expected != found {
                late.append((pool, expected, found))
            }
        }
        stirred = Set(late.map(\.pool.account))
        guard late.count > waiting else { return }
        for pool in late {
            find(.standing, pool.pool.account, expected: pool.expected, found: pool.found)
        }
    }

    /// Plain linear positions in brackets round nowhere: what they come to can be compared to the last
    /// digit, equality included.
    func sharpened(_ figures: AuditedFigures, of pool: Pool) -> AuditedFigures {
        guard case .wallet = pool else { return figures }
        let isPlain = holdings(behind: pool).keys.allSatisfy { slot in
            let rules = instruments[Int(slot.instrument)].rules
            guard case .brackets = rules.schedule else { return false }
            return rules.payoff != .inverse && !rules.fundingInMaintenance
                && (rules.closingFee == .none || rules.closingFee == .inMaintenance)
        }
        guard isPlain else { return figures }
        var figures = figures
        figures.equity = Bound(exact: figures.equity.exact)
        figures.maintenance = Bound(exact: figures.maintenance.exact)
        return figures
    }
}

extension AuditedFigures {
    /// Maintenance ÷ equity is at or within `level`; `nil` where rounding could decide it.
    func isAtOrWithin(_ level: Rate) -> Bool? {
        let slack = equity.below + equity.above + maintenance.below + maintenance.above
        if maintenance.exact.isZero { return equity.exact >= .zero }
        let room = equity.exact * Rational(level.units, scale: 8) - maintenance.exact
        if !slack.isZero, room.magnitude <= slack { return nil }
        return room >= .zero
    }
}
