/// Rules and samples in, alerts out; it has no clock and does nothing else.
///
/// A sample is `begin`, a reading for everything there is, `end`; readings outside of one are passed over. What fires is told once, and again when it ends.
package struct AlertMachine: Sendable {
    /// All rules, in their order.
    package private(set) var rules: [AlertRule]
    private var tracks: [RuleTrack]
    private var nextID: UInt64
    private var moment = AlertMoment(time: 0, steady: 0, sequence: 0)
    private var changes: [Alert] = []
    /// Between `begin` and `end`.
    private var isSampling = false

    /// A machine.
    ///
    /// - Parameters:
    ///   - rules: the rules.
    ///   - active: alerts of before that have not ended.
    ///   - nextID: the number of the next alert.
    package init(_ rules: [AlertRule], active: [Alert], nextID: UInt64) {
        self.rules = rules
        self.nextID = nextID
        tracks = rules.filter(\.isEnabled).map { rule in
            RuleTrack(
                rule,
                active: active.filter {
                    $0.rule == rule.id && $0.kind == rule.kind && rule.means($0.subject)
                }
            )
        }
    }

    /// All alerts that have not ended, the oldest first.
    package var active: [Alert] {
        tracks.flatMap(\.active).sorted { $0.id < $1.id }
    }

    /// How many accounts are beyond a rule and not listed, by rule.
    package var unlisted: [(rule: String, count: Int)] {
        tracks.filter { $0.unlisted > 0 }.map { ($0.rule.id, $0.unlisted) }
    }

    /// Takes other rules; those that stay as they were keep what they know.
    ///
    /// - Returns: alerts that ended because their rule was changed.
    package mutating func replace(_ rules: [AlertRule], at time: Int64) -> [Alert] {
        let old = tracks
        tracks = rules.filter(\.isEnabled).map { rule in
            old.first { $0.rule == rule } ?? RuleTrack(rule, active: [])
        }
        self.rules = rules
        let kept = Set(tracks.map(\.rule))
        return old.filter { !kept.contains($0.rule) }.flatMap(\.active)
            .sorted { $0.id < $1.id }
            .map { $0.ended(at: time, by: .rule) }
    }

    // MARK: A sample

    /// Begins a sample of the book.
    package mutating func begin(_ moment: AlertMoment) {
        self.moment = moment
        isSampling = true
        for index in tracks.indices { tracks[index].begin(moment) }
    }

    /// What the sample says of an account; `index` is its number, and the name is asked for seldom.
    package mutating func see(_ index: Int, _ reading: AccountReading, name: () -> String) {
        guard isSampling else { return }
        for track in tracks.indices where tracks[track].seesAccounts {
            let seen = tracks[track].see(index, reading, name, moment)
            if let (verdict, subject) = seen { follow(verdict, track, subject) }
        }
    }

    /// What the sample says of a mark: its age in milliseconds.
    package mutating func see(symbol: String, age: Int64) {
        guard isSampling else { return }
        for track in tracks.indices {
            let verdict = tracks[track].see(symbol: symbol, age: age, moment)
            follow(verdict, track, .symbol(symbol))
        }
    }

    /// What the sample says of a fund's cash.
    package mutating func see(fund asset: String, cash: Int128) {
        guard isSampling else { return }
        for track in tracks.indices {
            let verdict = tracks[track].see(fund: asset, cash: cash, moment)
            follow(verdict, track, .asset(asset))
        }
    }

    /// Ends a sample of the book; one that was not begun is none.
    ///
    /// - Returns: alerts that fired or ended, in order.
    package mutating func end() -> [Alert] {
        guard isSampling else { return [] }
        isSampling = false
        for track in tracks.indices {
            for alert in tracks[track].missing() { end(alert, track, by: .rule) }
            let unlisted = tracks[track].unlisted
            let verdict = tracks[track].judge(.others, unlisted > 0 ? .beyond : .back, moment) {
                "\(unlisted)"
            }
            follow(verdict, track, .others)
        }
        return takeChanges()
    }

    /// What is known of the node beside the book: what is wrong, or nothing.
    ///
    /// - Returns: alerts that fired or ended.
    package mutating func see(
        verification: String?,
        node: String?,
        _ moment: AlertMoment
    ) -> [Alert] {
        self.moment = moment
        for track in tracks.indices {
            let problem: String?
            switch tracks[track].rule.condition {
            case .verification: problem = verification
            case .node: problem = node
            case .ratio, .freeboard, .depletion, .staleMark, .fundDrawdown: continue
            }
            let stand: Stand = problem == nil ? .back : .beyond
            follow(tracks[track].judge(.whole, stand, moment) { problem }, track, .whole)
        }
        return takeChanges()
    }

    private mutating func takeChanges() -> [Alert] {
        defer { changes.removeAll() }
        return changes
    }

    private mutating func follow(
        _ verdict: RuleTrack.Verdict,
        _ track: Int,
        _ subject: Alert.Subject
    ) {
        switch verdict {
        case .nothing: return
        case .end(let alert): end(alert, track, by: .value)
        case .fire(let value):
            let alert = Alert(tracks[track].rule, subject, value, id: nextID, moment)
            nextID += 1
            tracks[track].note(fired: alert)
            changes.append(alert)
        }
    }

    private mutating func end(_ alert: Alert, _ track: Int, by end: Alert.End) {
        tracks[track].note(ended: alert)
        changes.append(alert.ended(at: moment.time, by: end))
    }
}

extension Alert {
    /// The same alert after its end.
    package func ended(at time: Int64, by end: End) -> Alert {
        var alert = self
        (alert.endedAt, alert.endedBy) = (time, end)
        return alert
    }

    fileprivate init(
        _ rule: AlertRule,
        _ subject: Subject,
        _ value: String?,
        id: UInt64,
        _ moment: AlertMoment
    ) {
        let words = AlertWords(rule, subject, value)
        self.init(
            id: id,
            rule: rule.id,
            kind: rule.kind,
            severity: rule.severity,
            subject: subject,
            value: words.value,
            limit: words.limit,
            firedAt: moment.time,
            sequence: moment.sequence,
            text: words.text
        )
    }
}
