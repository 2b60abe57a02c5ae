package import PlimsollWire

/// What an operator has said about alerts: the rules, the webhooks, and who said it.
package struct AlertSettings: Hashable, Sendable {
    /// Rises with each change.
    package var version: UInt64 = 0
    /// When it was changed, in milliseconds UTC; `nil`: never.
    package var changedAt: Int64?
    /// The id of the key that changed it.
    package var changedBy: String?
    package var rules = AlertRule.standard
    package var webhooks: [Webhook] = []

    /// What a new node has.
    package init() {}

    /// The settings that a file has.
    package init(file reader: NodeReader) throws(InputFaults) {
        do throws(InputFault) {
            try reader.allow(["version", "changedAt", "changedBy", "rules", "webhooks"])
            version = try reader.required("version").sequenceNumber()
            changedAt = try reader.optional("changedAt")?.integer(in: 0...Int64.max)
            changedBy = try reader.optional("changedBy")?.text()
        } catch {
            throw InputFaults(error)
        }
        rules = try AlertRule.read(Self.list("rules", reader), of: reader)
        webhooks = try Webhook.read(Self.list("webhooks", reader), of: reader, known: [])
    }

    /// What a request makes of them, and the version that it expects; `nil`: any.
    package func changed(
        by reader: NodeReader
    ) throws(InputFaults) -> (settings: AlertSettings, expected: UInt64?) {
        var (settings, faults, expected) = (self, InputFaults(), UInt64?.none)
        for fault in reader.unknown(besides: ["version", "rules", "webhooks"]) { faults.add(fault) }
        if let version = reader.optional("version") {
            expected = faults.attempt(try version.sequenceNumber())
        }
        do throws(InputFaults) {
            settings.rules = try AlertRule.read(Self.list("rules", reader), of: reader)
        } catch {
            for fault in error.faults { faults.add(fault) }
        }
        if reader.has("webhooks") {
            do throws(InputFaults) {
                let list = try Self.list("webhooks", reader)
                settings.webhooks = try Webhook.read(list, of: reader, known: webhooks)
            } catch {
                for fault in error.faults { faults.add(fault) }
            }
        }
        try faults.throwIfAny()
        return (settings, expected)
    }

    private static func list(
        _ key: String,
        _ reader: NodeReader
    ) throws(InputFaults) -> [NodeReader] {
        do throws(InputFault) {
            return try reader.required(key).list()
        } catch {
            throw InputFaults(error)
        }
    }
}

extension JSONWriter {
    /// Writes the fields of settings; `secrets` only into a file that its owner alone may read.
    package mutating func fields(of settings: AlertSettings, secrets: Bool) {
        field("version", number: settings.version)
        key("changedAt")
        if let time = settings.changedAt { number(time) } else { null() }
        key("changedBy")
        if let key = settings.changedBy { string(key) } else { null() }
        key("rules")
        array { array in
            for rule in settings.rules { array.alertRule(rule) }
        }
        key("webhooks")
        array { array in
            for hook in settings.webhooks {
                if secrets { array.webhookWithSecret(hook) } else { array.webhook(hook) }
            }
        }
    }
}
