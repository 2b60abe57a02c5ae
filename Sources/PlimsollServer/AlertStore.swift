import PlimsollAccess
import PlimsollAlerts
import PlimsollWire

/// The files of a data folder that alerts have: `alerts.json` (rules and webhooks, with their secrets),
/// `alerts-audit.ndjson` (who changed them, when, to what) and `alerts.ndjson` (what fired and ended).
struct AlertStore: Sendable {
    private let settingsFile: OwnerFile
    private let auditFile: OwnerFile
    private let logFile: OwnerFile

    /// How many alerts are kept.
    static let logLimit = 10_000

    init(folder: String) {
        settingsFile = OwnerFile("alerts.json", in: folder)
        auditFile = OwnerFile("alerts-audit.ndjson", in: folder)
        logFile = OwnerFile("alerts.ndjson", in: folder)
    }

    // MARK: Settings

    /// The settings that were stored, or those of a new node.
    func settings() throws(KeyFault) -> AlertSettings {
        guard let bytes = try settingsFile.contents() else { return AlertSettings() }
        let path = settingsFile.path
        do {
            let document = try JSONText.parse(bytes, file: path)
            return try AlertSettings(file: try NodeReader(mapping: document, file: path))
        } catch {
            throw KeyFault(description: "\(error)")
        }
    }

    /// Stores settings, so that they are on the disk afterwards.
    ///
    /// The line of the audit comes first: there may be one whose settings never came to be, but none is missing.
    func store(_ settings: AlertSettings) throws(KeyFault) {
        var line = JSONWriter()
        line.object { $0.fields(of: settings, secrets: false) }
        try auditFile.append(line.bytes + [UInt8(ascii: "\n")], isSynced: true)
        var writer = JSONWriter(pretty: true)
        writer.object { $0.fields(of: settings, secrets: true) }
        try settingsFile.replace(with: writer.bytes)
    }

    // MARK: What fired

    /// The alerts that were kept, the oldest first, and the number of the next one.
    ///
    /// What was told last may be missing after a loss of power, and receivers pass over what they have seen: so numbers go on at
    /// the time in milliseconds, where no number of before can be.
    ///
    /// The last line may have been cut by a crash; a line that is none is passed over.
    func alerts() throws(KeyFault) -> (alerts: [Alert], nextID: UInt64) {
        let bytes = try logFile.contents() ?? []
        var alerts: [UInt64: Alert] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let node = try? JSONText.parse(Array(line), file: logFile.path),
                let reader = try? NodeReader(mapping: node, file: logFile.path),
                let alert = try? Alert(reader)
            else { continue }
            alerts[alert.id] = alert
        }
        let now = UInt64(max(0, AlertWatch.now))
        let nextID = max((alerts.keys.max() ?? 0) + 1, now)
        let kept = alerts.values.sorted { $0.id < $1.id }.suffix(Self.logLimit)
        return (Array(kept), nextID)
    }

    /// Adds what fired or ended; it is not synced, so that a loss of power may take the last ones.
    func append(_ changes: [Alert]) throws(KeyFault) {
        try logFile.append(Self.lines(changes), isSynced: false)
    }

    /// Writes the log anew with what is kept of it.
    func compact(_ alerts: [Alert]) throws(KeyFault) {
        try logFile.replace(with: Self.lines(alerts))
    }

    private static func lines(_ alerts: [Alert]) -> [UInt8] {
        var bytes: [UInt8] = []
        for alert in alerts {
            var writer = JSONWriter()
            writer.alert(alert)
            bytes += writer.bytes + [UInt8(ascii: "\n")]
        }
        return bytes
    }
}
