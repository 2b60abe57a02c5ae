import Plimsoll
import PlimsollAudit
import PlimsollUnits

/// One lie about what an engine did, and the rule that it breaks.
struct Tampering: Sendable, CustomStringConvertible {
    let description: String
    let breach: AuditFinding.Breach
    /// What happened; the last event is the one that is lied about.
    let history: @Sendable () -> LiquidationDesk
    let lie: @Sendable (inout [Effect]) -> Void

    init(
        _ description: String,
        _ breach: AuditFinding.Breach,
        of history: @escaping @Sendable () -> LiquidationDesk,
        _ lie: @escaping @Sendable (inout [Effect]) -> Void
    ) {
        self.description = description
        self.breach = breach
        self.history = history
        self.lie = lie
    }

    /// What the auditor says of the history, with the lie or without.
    func findings(lying: Bool) -> [AuditFinding] {
        let desk = history()
        var engine = Engine()
        var audit = EnforcementAudit()
        var found: [AuditFinding] = []
        for (index, event) in desk.events.enumerated() {
            var effects: [Effect] = []
            engine.applyOrRefuse(event, emitting: &effects)
            if lying, index == desk.events.count - 1 { lie(&effects) }
            found += audit.judge(event, effects, engine)
        }
        return found + audit.judgeStandings(waiting: engine.waitingPools)
    }
}

/// Lies about the effects of one kind.
enum Lie {
    static func order(
        _ change: @escaping @Sendable (inout LiquidationOrdered) -> Void
    ) -> @Sendable (inout [Effect]) -> Void {
        each { effect in
            guard case .liquidationOrdered(var body) = effect else { return effect }
            change(&body)
            return .liquidationOrdered(body)
        }
    }

    static func standing(
        _ change: @escaping @Sendable (inout MarginStateChanged) -> Void
    ) -> @Sendable (inout [Effect]) -> Void {
        each { effect in
            guard case .marginStateChanged(var body) = effect else { return effect }
            change(&body)
            return .marginStateChanged(body)
        }
    }

    static func insurance(
        _ change: @escaping @Sendable (inout InsuranceMoved) -> Void
    ) -> @Sendable (inout [Effect]) -> Void {
        each { effect in
            guard case .insuranceMoved(var body) = effect else { return effect }
            change(&body)
            return .insuranceMoved(body)
        }
    }

    static func deleveraging(
        _ change: @escaping @Sendable (inout Deleveraged) -> Void
    ) -> @Sendable (inout [Effect]) -> Void {
        each { effect in
            guard case .deleveraged(var body) = effect else { return effect }
            change(&body)
            return .deleveraged(body)
        }
    }

    static func loss(
        _ change: @escaping @Sendable (inout LossSocialised) -> Void
    ) -> @Sendable (inout [Effect]) -> Void {
        each { effect in
            guard case .lossSocialised(var body) = effect else { return effect }
            change(&body)
            return .lossSocialised(body)
        }
    }

    static func bankruptcy(
        _ change: @escaping @Sendable (inout BankruptcyDeclared) -> Void
    ) -> @Sendable (inout [Effect]) -> Void {
        each { effect in
            guard case .bankruptcyDeclared(var body) = effect else { return effect }
            change(&body)
            return .bankruptcyDeclared(body)
        }
    }

    static func end(_ outcome: LiquidationEnded.Outcome) -> @Sendable (inout [Effect]) -> Void {
        each { effect in
            guard case .liquidationEnded(var body) = effect else { return effect }
            body.outcome = outcome
            return .liquidationEnded(body)
        }
    }

    static func balance(_ units: Int128) -> @Sendable (inout [Effect]) -> Void {
        each { effect in
            guard case .balanceChanged(var body) = effect else { return effect }
            body.balance.units += units
            return .balanceChanged(body)
        }
    }

    static func position(_ units: Int128) -> @Sendable (inout [Effect]) -> Void {
        each { effect in
            guard case .positionChanged(var body) = effect else { return effect }
            body.cost.units += units
            return .positionChanged(body)
        }
    }

    /// Keeps only some effects to itself.
    static func silence(
        _ isHidden: @escaping @Sendable (Effect) -> Bool
    ) -> @Sendable (inout [Effect]) -> Void {
        { $0.removeAll(where: isHidden) }
    }

    static func each(
        _ change: @escaping @Sendable (Effect) -> Effect
    ) -> @Sendable (inout [Effect]) -> Void {
        { effects in effects = effects.map(change) }
    }
}

extension Effect {
    var isStanding: Bool { if case .marginStateChanged = self { true } else { false } }
    var isInsurance: Bool { if case .insuranceMoved = self { true } else { false } }
    var isLoss: Bool { if case .lossSocialised = self { true } else { false } }
}
