/// One rule and where everything that it is about stands.
struct RuleTrack: Sendable {
    let rule: AlertRule
    /// What it asks of each account; `nil`: it is not about accounts.
    private let check: AccountCheck?
    /// How many accounts may be active one by one.
    static let listLimit = 500

    /// What is not at rest.
    enum Standing: Hashable {
        /// Beyond, and it has not been so for long enough.
        case pending(since: Int64)
        /// It fired; since when it is back, if it is.
        case active(Alert, backSince: Int64?)
    }

    /// What is to be done about a subject.
    enum Verdict: Hashable {
        case nothing
        case fire(value: String?)
        case end(Alert)
    }

    private(set) var standings: [Alert.Subject: Standing]
    /// How many subjects are active.
    private(set) var activeCount = 0
    /// By account: 0 not looked at yet, 1 not meant, 2 meant and at rest, 3 meant and not at rest.
    private var accounts: [UInt8] = []
    /// What a fall is measured from: by account, or by fund.
    private var window: FallWindow?
    /// When the first sample was, and what was active before: of that a window that has just begun does not know from
    /// where it fell, so that it is not known to be back either.
    private var begun: Int64?
    private let inherited: Set<Alert.Subject>
    private var funds: [String: Int] = [:]
    /// Subjects with names that this sample has, where all of a kind are seen at each.
    private var seen: Set<Alert.Subject> = []
    /// Accounts of this sample that would be active if there were room.
    private(set) var unlisted = 0

    /// A rule of which some alerts are active already.
    init(_ rule: AlertRule, active: [Alert]) {
        self.rule = rule
        check = AccountCheck(rule.condition)
        standings = [:]
        for alert in active { standings[alert.subject] = .active(alert, backSince: nil) }
        activeCount = active.count
        inherited = Set(active.map(\.subject))
        switch rule.condition {
        case .depletion(let fall, _, _), .fundDrawdown(let fall, _):
            window = FallWindow(seconds: fall.within)
        case .ratio, .freeboard, .staleMark, .verification, .node: break
        }
    }

    /// Whether all subjects of a kind are there at each sample, so that one that is not is gone.
    private var seesAll: Bool {
        switch rule.condition {
        case .staleMark, .fundDrawdown: true
        case .ratio, .freeboard, .depletion, .verification, .node: false
        }
    }

    mutating func begin(_ moment: AlertMoment) {
        window?.advance(to: moment.steady)
        begun = begun ?? moment.steady
        seen.removeAll(keepingCapacity: true)
        unlisted = 0
    }

    /// Whether it asks about each account.
    var seesAccounts: Bool { check != nil }

    /// Alerts of subjects that are gone.
    func missing() -> [Alert] {
        guard seesAll else { return [] }
        return active.filter { !seen.contains($0.subject) }
    }

    /// All that are active.
    var active: [Alert] {
        standings.values.compactMap { if case .active(let alert, _) = $0 { alert } else { nil } }
    }

    // MARK: Readings

    /// Judges an account; most are at rest, and cost no more than what is compared.
    mutating func see(
        _ index: Int,
        _ reading: AccountReading,
        _ name: () -> String,
        _ moment: AlertMoment
    ) -> (Verdict, Alert.Subject)? {
        guard let check else { return nil }
        if index >= accounts.count {
            accounts += repeatElement(0, count: index + 1 - accounts.count)
        }
        if accounts[index] == 0 { meet(index, name()) }
        guard accounts[index] != 1 else { return nil }
        let highest = window?.highest(index, reading.coarseEquity) ?? 0
        let stand = check.stand(reading, highest: highest)
        if accounts[index] == 2, stand != .beyond { return nil }
        let subject = Alert.Subject.account(name())
        let verdict = judge(subject, stand, moment) {
            check.value(of: reading, highest: highest)
        }
        // One that fires is noted as active by whoever follows the verdict.
        let isAtRest = verdict == .nothing && standings[subject] == nil
        accounts[index] = isAtRest ? 2 : 3
        return (verdict, subject)
    }

    private mutating func meet(_ index: Int, _ name: String) {
        let isAtRest = standings[.account(name)] == nil
        accounts[index] = rule.pattern.matches(name) ? (isAtRest ? 2 : 3) : 1
    }

    /// Judges a mark.
    mutating func see(symbol: String, age: Int64, _ moment: AlertMoment) -> Verdict {
        guard case .staleMark(let limit, let pattern) = rule.condition, pattern.matches(symbol)
        else { return .nothing }
        seen.insert(.symbol(symbol))
        return judge(.symbol(symbol), age > limit * 1_000 ? .beyond : .back, moment) {
            "\(age / 1_000)"
        }
    }

    /// Judges the cash of a fund.
    mutating func see(fund asset: String, cash: Int128, _ moment: AlertMoment) -> Verdict {
        guard case .fundDrawdown(let fall, let pattern) = rule.condition, pattern.matches(asset)
        else { return .nothing }
        seen.insert(.asset(asset))
        let index = funds[asset] ?? funds.count
        funds[asset] = index
        let steps = Coarse.steps(cash)
        let fallen = Fallen(from: window?.highest(index, steps) ?? steps, to: steps)
        let stand = fallen.stand(fall.share, fall.share - fall.margin)
        return judge(.asset(asset), stand, moment) { fallen.text }
    }

    /// Takes a step for a subject.
    mutating func judge(
        _ subject: Alert.Subject,
        _ stand: Stand,
        _ moment: AlertMoment,
        _ value: () -> String?
    ) -> Verdict {
        switch (standings[subject], stand == .back && isUnknown(subject, moment) ? .between : stand)
        {
        case (nil, .beyond):
            guard rule.after > 0 else { return fire(subject, value()) }
            standings[subject] = .pending(since: moment.steady)
        case (.pending(let since), .beyond):
            if moment.steady - since >= rule.after * 1_000 { return fire(subject, value()) }
        case (.pending, .between), (.pending, .back): standings[subject] = nil
        case (.active(let alert, _), .beyond), (.active(let alert, _), .between):
            standings[subject] = .active(alert, backSince: nil)
        case (.active(let alert, let since), .back):
            let since = since ?? moment.steady
            if moment.steady - since >= rule.endsAfter * 1_000 { return .end(alert) }
            standings[subject] = .active(alert, backSince: since)
        case (nil, .between), (nil, .back): break
        }
        return .nothing
    }

    /// It was active before the first sample, and the window has not seen all that the rule looks at since.
    private func isUnknown(_ subject: Alert.Subject, _ moment: AlertMoment) -> Bool {
        guard let window, let begun, inherited.contains(subject) else { return false }
        return moment.steady - begun < window.length
    }

    private mutating func fire(_ subject: Alert.Subject, _ value: String?) -> Verdict {
        if case .account = subject, activeCount >= Self.listLimit {
            // Whoever waited goes on to wait, and is counted again at the next sample.
            unlisted += 1
            return .nothing
        }
        return .fire(value: value)
    }

    // MARK: What follows from a verdict

    mutating func note(fired alert: Alert) {
        standings[alert.subject] = .active(alert, backSince: nil)
        activeCount += 1
    }

    mutating func note(ended alert: Alert) {
        standings[alert.subject] = nil
        activeCount -= 1
    }
}
