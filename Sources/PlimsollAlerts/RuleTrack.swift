/// One rule and where everything that it is about stands.
struct RuleTrack: Sendable {
    let rule: AlertRule
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
    private var funds: [String: Int] = [:]
    /// Subjects with names that this sample has, where all of a kind are seen at each.
    private var seen: Set<Alert.Subject> = []
    /// Accounts of this sample that would be active if there were room.
    private(set) var unlisted = 0

    /// A rule of which some alerts are active already.
    init(_ rule: AlertRule, active: [Alert]) {
        self.rule = rule
        standings = [:]
        for alert in active { standings[alert.subject] = .active(alert, backSince: nil) }
        activeCount = active.count
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
        seen.removeAll(keepingCapacity: true)
        unlisted = 0
    }

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
    ) -> (Verdict, String)? {
        if index >= accounts.count {
            accounts += repeatElement(0, count: index + 1 - accounts.count)
        }
        if accounts[index] == 0 {
            let name = name()
            let isAtRest = standings[.account(name)] == nil
            accounts[index] = rule.pattern.matches(name) ? (isAtRest ? 2 : 3) : 1
        }
        guard accounts[index] != 1 else { return nil }
        let condition = rule.condition
        guard
            let place = condition.place(
                of: reading,
                highest: { window?.highest(index, reading.equity) ?? reading.equity }
            )
        else { return nil }
        if accounts[index] == 2, place == .back || place == .between { return nil }
        let name = name()
        let subject = Alert.Subject.account(name)
        let verdict = judge(subject, place, moment)
        accounts[index] = standings[subject] == nil ? 2 : 3
        return (verdict, name)
    }

    /// Judges a mark.
    mutating func see(symbol: String, age: Int64, _ moment: AlertMoment) -> Verdict {
        guard case .staleMark(let limit, let pattern) = rule.condition, pattern.matches(symbol)
        else { return .nothing }
        seen.insert(.symbol(symbol))
        let isOld = age > limit * 1_000
        let value = "\(age / 1_000)"
        return judge(.symbol(symbol), isOld ? .beyond(value: value) : .back, moment)
    }

    /// Judges the cash of a fund.
    mutating func see(fund asset: String, cash: Int128, _ moment: AlertMoment) -> Verdict {
        guard case .fundDrawdown(let fall, let pattern) = rule.condition, pattern.matches(asset)
        else { return .nothing }
        seen.insert(.asset(asset))
        let index = funds[asset] ?? funds.count
        funds[asset] = index
        let highest = window?.highest(index, cash) ?? cash
        return judge(.asset(asset), fall.place(of: cash, highest: highest, least: 0), moment)
    }

    /// Takes a step for a subject.
    mutating func judge(
        _ subject: Alert.Subject,
        _ place: Place,
        _ moment: AlertMoment
    ) -> Verdict {
        switch (standings[subject], place) {
        case (nil, .beyond(let value)):
            guard rule.after > 0 else { return fire(subject, value) }
            standings[subject] = .pending(since: moment.steady)
        case (.pending(let since), .beyond(let value)):
            if moment.steady - since >= rule.after * 1_000 { return fire(subject, value) }
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
