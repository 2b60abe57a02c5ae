import PlimsollAlerts

extension NodeService {
    /// Adds the metrics of alerts and their deliveries.
    func addAlerts(to text: inout MetricsText) {
        let counts = alerts.counts
        let rules = alerts.settings.rules.map(\.id)
        func byRule(_ value: (String) -> String) -> [(
            labels: [(name: String, value: String)], value: String
        )] {
            rules.map { ([("rule", $0)], value($0)) }
        }
        text.metric(
            "alerts_total",
            .counter,
            "Alerts that fired since the node was started.",
            byRule { String(counts.fired[$0] ?? 0) }
        )
        text.metric(
            "alerts_active",
            .gauge,
            "Alerts that have not ended.",
            byRule { String(counts.active[$0] ?? 0) }
        )
        text.metric(
            "alerts_unlisted",
            .gauge,
            "Accounts that are beyond a rule and not listed one by one.",
            byRule { String(counts.unlisted[$0] ?? 0) }
        )
        text.metric(
            "alerts_log_up",
            .gauge,
            "0 while the last alerts could not be written to the folder, else 1.",
            alerts.fault == nil ? 1 : 0
        )
        let standings = alerts.deliveries.standings
        let counters: [(String, KeyPath<DeliveryQueue.Counts, UInt64>, String)] = [
            ("webhook_delivered_total", \.delivered, "Deliveries that a receiver has taken."),
            ("webhook_refused_total", \.refused, "Deliveries that a receiver will never take."),
            ("webhook_dropped_total", \.dropped, "Deliveries given up for lack of room or age."),
            ("webhook_retried_total", \.retried, "Attempts that failed and are repeated."),
        ]
        for (name, path, help) in counters {
            let values = standings.map { hook in
                ([(name: "webhook", value: hook.webhook)], String(hook.counts[keyPath: path]))
            }
            text.metric(name, .counter, help, values)
        }
        text.metric(
            "webhook_waiting",
            .gauge,
            "Deliveries that wait.",
            standings.map { ([("webhook", $0.webhook)], String($0.waiting)) }
        )
    }
}
