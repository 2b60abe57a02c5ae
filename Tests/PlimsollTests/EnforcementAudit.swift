import Plimsoll
import PlimsollAudit
import PlimsollUnits

/// The auditor beside an engine, after every event.
struct EnforcementAudit {
    private(set) var auditor = Auditor()

    /// Follows one event with its effects and says what is wrong of the engine that had them.
    mutating func follow(_ event: Event, _ effects: [Effect], _ engine: Engine) -> [String] {
        guard !effects.isRefusal else { return [] }
        let found = judge(event, effects, engine).map(\.description)
        let stirred = auditor.stirred.sorted().map { AccountID(index: $0) }
        let differences =
            Audit(engine: engine, auditor: auditor).findings(of: stirred)
            + stirred.flatMap { wallets(of: $0, engine) }
        auditor.auditStandings(waiting: engine.waitingPools)
        return found + differences + auditor.takeFindings().map(\.description)
    }

    /// Follows one event and judges what was published of it.
    mutating func judge(
        _ event: Event,
        _ effects: [Effect],
        _ engine: Engine
    ) -> [AuditFinding] {
        for account in Set(effects.flatMap(\.accounts)).sorted() {
            auditor.note(engine.report(account, prices: false))
        }
        auditor.follow(event, effects: effects)
        return auditor.takeFindings()
    }

    /// Judges where the pools of all accounts stand that were touched.
    mutating func judgeStandings(waiting: Int) -> [AuditFinding] {
        auditor.auditStandings(waiting: waiting)
        return auditor.takeFindings()
    }

    /// Every wallet to the unit, those of funds and of `outside` too.
    private func wallets(of account: AccountID, _ engine: Engine) -> [String] {
        engine.report(account, prices: false).collateral.compactMap { own in
            let mine = auditor.walletBalance(of: account, in: own.asset)
            return mine == own.walletBalance.units
                ? nil
                : "account \(account.index) \(own.asset): \(own.walletBalance.units), not \(mine)"
        }
    }
}

extension Effect {
    /// Whose pools it names.
    fileprivate var accounts: [AccountID] {
        switch self {
        case .balanceChanged(let change): [change.account]
        case .positionChanged(let change): [change.account]
        case .marginStateChanged(let change): [change.account]
        case .liquidationOrdered(let order): [order.account]
        case .liquidationEnded(let end): [end.account]
        case .insuranceMoved(let move): [move.fund]
        case .deleveraged(let close): [close.account]
        case .lossSocialised(let share): [share.account]
        case .bankruptcyDeclared(let bankruptcy): [bankruptcy.account]
        default: []
        }
    }
}
