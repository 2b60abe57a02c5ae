@testable import Plimsoll
import PlimsollAudit
import PlimsollUnits

/// What must hold of an engine after every event; each answer is what is wrong, in words.
struct Audit {
    let engine: Engine
    let auditor: Auditor

    /// Books, positions, figures and bands of `accounts` against the second computation.
    func findings(of accounts: [AccountID]) -> [String] {
        var found = engine.brokenInvariants()
        for total in engine.totals() { found += auditor.differences(from: total) }
        for account in accounts where !engine.ledger.accounts[Int(account.index)].isUnmargined {
            let report = engine.report(account, prices: false)
            found += positions(report) + report.pools.flatMap { figures($0, of: report) }
        }
        return found
    }

    private func positions(_ report: AccountReport) -> [String] {
        var found: [String] = []
        if report.positions.count != auditor.positionCount(report.account) {
            found.append("the number of positions of \(report.account.index)")
        }
        for own in report.positions {
            let audited = auditor.position(report.account, own.instrument, own.leg)
            let here = AuditedPosition(
                quantity: Int128(own.quantity.units),
                cost: own.cost.units
            )
            if audited != here { found.append("\(own.symbol): \(here), not \(audited as Any)") }
        }
        return found
    }

    private func audited(_ pool: PoolReport, _ account: AccountID) -> AuditedFigures? {
        if let instrument = pool.isolated {
            return auditor.isolated(account, instrument, pool.leg)
        }
        return pool.isMultiAsset
            ? auditor.multiAsset(account) : auditor.cross(account, pool.asset)
    }

    private func figures(_ pool: PoolReport, of report: AccountReport) -> [String] {
        let place = "account \(report.account.index) pool \(pool.pool.index)"
        let audited = audited(pool, report.account)
        guard let own = pool.figures, let audited else {
            return (pool.figures == nil) == (audited == nil) ? [] : ["\(place): a price is missing"]
        }
        var found: [String] = []
        let lines: [(String, Bound, Money)] = [
            ("wallet", audited.wallet, own.walletBalance),
            ("unrealized", audited.unrealized, own.unrealizedPnl),
            ("equity", audited.equity, own.equity),
            ("position initial", audited.positionInitial, own.positionInitialMargin),
            ("order initial", audited.orderInitial, own.orderInitialMargin),
            ("maintenance", audited.maintenance, own.maintenanceMargin),
            ("available", audited.available, own.availableBalance),
            ("withdrawable", audited.withdrawable, own.withdrawable),
        ]
        for (name, bound, money) in lines where !bound.admits(money.units) {
            found.append(
                "\(place) \(name): \(money), not \(bound.exact) −\(bound.below) +\(bound.above)"
            )
        }
        // A pool that waits for its turn is where it was.
        guard engine.waitingPools == 0 else { return found }
        let thresholds = engine.ledger.rulebook(of: report.account.index)?.thresholds
        if let band = audited.band(thresholds ?? Thresholds()), band != pool.band {
            found.append("\(place) band: \(pool.band), not \(band)")
        }
        return found
    }

    /// Pools whose stored band or mode is not what a full exact computation gives: what the fast path
    /// must never cause.
    func standings() -> [String] {
        let ledger = engine.ledger
        var found: [String] = []
        for (index, pool) in ledger.pools.enumerated()
        where !pool.isUnmargined && ledger.lead(of: Int32(index)) == Int32(index) {
            guard let thresholds = ledger.rulebook(of: pool.account)?.thresholds,
                let figures = try? ledger.figures(ofPool: Int32(index))
            else { continue }
            let exact = thresholds.standing(after: pool.mode, figures)
            let waits = figures.isStale && exact.mode == .liquidating
            if exact.band == pool.band, exact.mode == pool.mode || waits { continue }
            found.append(
                "account \(pool.account) pool \(index) is \(pool.band) \(pool.mode), "
                    + "not \(exact.band) \(exact.mode)"
            )
        }
        return found
    }
}
