import Plimsoll
import PlimsollNode
import PlimsollReports
import PlimsollUnits

/// The text form of metrics that Prometheus reads, version 0.0.4.
///
/// Source: prometheus.io/docs/instrumenting/exposition_formats, read 2026-11.
struct MetricsText {
    /// What kind of number a metric is.
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""

    /// A metric with its values, each with its labels.
    mutating func metric(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        _ values: [(labels: [(name: String, value: String)], value: String)]
    ) {
        text += "# HELP plimsoll_\(name) \(help)\n# TYPE plimsoll_\(name) \(kind.rawValue)\n"
        for (labels, value) in values { sample(name, labels, value) }
    }

    /// A metric without labels.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger)
    {
        metric(name, kind, help, [([], String(value))])
    }

    /// A histogram of durations in seconds, for each of some labels.
    mutating func histogram(
        _ name: String,
        _ help: String,
        _ values: [(labels: [(name: String, value: String)], values: Histogram.Values)]
    ) {
        text +=
            "# HELP plimsoll_\(name) \(help)\n# TYPE plimsoll_\(name) \(Kind.histogram.rawValue)\n"
        for (labels, values) in values {
            var count: UInt64 = 0
            for (index, own) in values.counts.enumerated() {
                count += own
                let end =
                    index < values.bounds.count
                    ? Self.seconds(ofNano: values.bounds[index]) : "+Inf"
                sample("\(name)_bucket", labels + [("le", end)], "\(count)")
            }
            sample("\(name)_sum", labels, Self.seconds(ofNano: values.sum))
            sample("\(name)_count", labels, "\(count)")
        }
    }

    private mutating func sample(
        _ name: String,
        _ labels: [(name: String, value: String)],
        _ value: String
    ) {
        text += "plimsoll_\(name)"
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
            text += "{\(pairs.joined(separator: ","))}"
        }
        text += " \(value)\n"
    }

    /// Nanoseconds as seconds.
    static func seconds(ofNano nanoseconds: Int64) -> String {
        DecimalText.string(Int128(nanoseconds), scale: 9)
    }

    static func escaped(_ value: String) -> String {
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// Milliseconds as seconds.
    static func seconds(_ milliseconds: Int64) -> String {
        DecimalText.string(Int128(milliseconds), scale: 3)
    }
}

extension NodeService {
    /// The metrics of the node, for `/metrics`.
    func metrics() -> [UInt8] {
        var text = MetricsText()
        text.metric(
            "build_info",
            .gauge,
            "The version of the program; always 1.",
            [([("version", Self.version)], "1")]
        )
        let sequence = node.read { $0.sequence }
        text.metric("events_total", .counter, "Events that the engine has seen.", sequence)
        let sources = models.feeds.all
        text.metric(
            "ingest_events_total",
            .counter,
            "Events by source, since the node was started.",
            sources.map { ([("source", $0.source)], String($0.feed.events)) }
        )
        text.metric(
            "ingest_refused_total",
            .counter,
            "Refused events by source, since the node was started.",
            sources.map { ([("source", $0.source)], String($0.feed.refused)) }
        )
        text.metric("inbox_events", .gauge, "Events that wait for the writer.", node.waiting)
        text.metric(
            "replica_lag_events",
            .gauge,
            "Written events that the replica has not seen.",
            node.replica.lag
        )
        text.metric("stream_clients", .gauge, "Open streams.", hub.clients)
        let losses = hub.losses
        text.metric(
            "stream_dropped_total",
            .counter,
            "Clients of the stream that were closed (slow), or that missed effects (gap).",
            [
                ([("reason", "slow")], "\(losses.slow)"), ([("reason", "gap")], "\(losses.gaps)"),
            ]
        )
        addRequests(to: &text)
        addTimings(to: &text)
        let journal = node.journal
        text.metric(
            "journal_bytes_total",
            .counter,
            "Bytes of records since the node was started.",
            journal.bytes
        )
        text.metric(
            "snapshot_sequence",
            .gauge,
            "The event of the newest snapshot.",
            journal.snapshot
        )
        text.metric(
            "writer_up",
            .gauge,
            "1 while the node takes events, 0 after its journal has failed.",
            node.failure == nil ? 1 : 0
        )
        addVerification(to: &text)
        addAlerts(to: &text)
        if let sample = samples.latest { add(sample, to: &text) }
        return Array(text.text.utf8)
    }

    private func addRequests(to text: inout MetricsText) {
        let all = requests.all
        text.histogram(
            "request_duration_seconds",
            "How long requests took, by route and status.",
            all.map { label, values in
                ([("route", label.route), ("status", "\(label.status)")], values)
            }
        )
        func count(_ status: Int) -> UInt64 {
            all.reduce(0) { $0 + ($1.label.status == status ? $1.values.count : 0) }
        }
        text.metric(
            "rejected_logins_total",
            .counter,
            "Requests without a valid key or signature.",
            count(401)
        )
        text.metric(
            "rate_limited_requests_total",
            .counter,
            "Requests above a rate limit.",
            count(429)
        )
    }

    private func addTimings(to text: inout MetricsText) {
        text.histogram(
            "journal_sync_duration_seconds",
            "How long syncs of the journal took.",
            [([], node.timings.sync.values)]
        )
        text.histogram(
            "event_to_effect_seconds",
            "From events being handed over until they were durable, applied and published.",
            [([], node.timings.eventToEffect.values)]
        )
        text.histogram(
            "sweep_duration_seconds",
            "How long samples of the whole book took.",
            [([], samples.durations.values)]
        )
        text.metric(
            "process_resident_memory_bytes",
            .gauge,
            "Resident memory of the process.",
            ProcessFigures.memory
        )
        text.metric(
            "process_open_files",
            .gauge,
            "Open files and connections of the process.",
            ProcessFigures.openFiles
        )
    }

    private func add(_ sample: BookSamples.Sample, to text: inout MetricsText) {
        text.metric(
            "accounts",
            .gauge,
            "Accounts by band.",
            Band.allCases.map { band in
                ([("band", band.word)], String(sample.bands[Int(band.rawValue)]))
            }
        )
        text.metric(
            "equity_quote",
            .gauge,
            "The equity of all accounts.",
            [([("asset", sample.asset)], sample.equity.description)]
        )
        text.metric(
            "maintenance_margin_quote",
            .gauge,
            "The maintenance margin of all accounts.",
            [([("asset", sample.asset)], sample.maintenanceMargin.description)]
        )
        text.metric(
            "insurance_fund_quote",
            .gauge,
            "Cash of the insurance funds.",
            sample.funds.map { ([("asset", $0.asset)], $0.balance.description) }
        )
        text.metric(
            "mark_price_age_seconds",
            .gauge,
            "How old the mark of a symbol is.",
            sample.ages.map { ([("symbol", $0.symbol)], MetricsText.seconds($0.milliseconds)) }
        )
    }
}
