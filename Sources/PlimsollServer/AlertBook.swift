import PlimsollAlerts

/// The alerts that are kept, by number: a list for answers.
struct AlertBook: Sendable {
    /// In the order of their numbers; those that are dropped are the oldest that have ended.
    private(set) var alerts: [Alert]
    /// How many fired since the node was started, by rule.
    private(set) var fired: [String: UInt64] = [:]
    /// Lines that were added to the log since it was written anew.
    private(set) var lines = 0

    init(_ alerts: [Alert]) { self.alerts = alerts }

    /// How many are active, by rule.
    var activeCounts: [String: Int] {
        alerts.reduce(into: [:]) { if $1.endedAt == nil { $0[$1.rule, default: 0] += 1 } }
    }

    /// Notes what fired or ended.
    mutating func note(_ changes: [Alert]) {
        lines += changes.count
        for change in changes {
            if let place = place(of: change.id) {
                alerts[place] = change
            } else {
                alerts.append(change)
                if change.endedAt == nil { fired[change.rule, default: 0] += 1 }
            }
        }
        let excess = alerts.count - AlertStore.logLimit
        guard excess > 0 else { return }
        var left = excess
        alerts.removeAll { alert in
            guard left > 0, alert.endedAt != nil else { return false }
            left -= 1
            return true
        }
    }

    /// The log was written anew.
    mutating func noteCompacted() { lines = 0 }

    private func place(of id: UInt64) -> Int? {
        var (low, high) = (0, alerts.count)
        while low < high {
            let middle = (low + high) >> 1
            if alerts[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < alerts.count && alerts[low].id == id ? low : nil
    }

    /// A page of those that fit, the newest first, and whether there are more.
    func page(
        before: UInt64?,
        limit: Int,
        where fits: (Alert) -> Bool
    ) -> (items: [Alert], hasMore: Bool) {
        var items: [Alert] = []
        for alert in alerts.reversed() where before.map({ alert.id < $0 }) ?? true {
            guard fits(alert) else { continue }
            if items.count == limit { return (items, true) }
            items.append(alert)
        }
        return (items, false)
    }
}
