package import PlimsollWire

/// Where alerts are sent.
package struct Webhook: Hashable, Sendable {
    /// What people and programs call it.
    package var id: String
    /// The whole address.
    package var url: WebhookURL
    /// What deliveries are signed with; never shown and never logged.
    package var secret: String
    /// It is sent to.
    package var isEnabled = true
    /// Ids of rules whose alerts it gets.
    package var rules: [NamePattern] = [.all]

    /// How many there may be.
    package static let limit = 16

    /// Whether it gets an alert.
    package func wants(_ alert: Alert) -> Bool {
        isEnabled && rules.contains { $0.matches(alert.rule) }
    }

    /// The hooks of a list, which may leave out what is already known; all faults are told together.
    package static func read(
        _ list: [NodeReader],
        of parent: NodeReader,
        known: [Webhook]
    ) throws(InputFaults) -> [Webhook] {
        var faults = InputFaults()
        var hooks: [Webhook] = []
        if list.count > limit {
            throw InputFaults(
                parent.fault("there are \(list.count) webhooks.", remedy: "Have \(limit) at most.")
            )
        }
        for entry in list {
            guard let hook = faults.attempt(try Webhook(entry, known)) else { continue }
            if hooks.contains(where: { $0.id == hook.id }) {
                let twice = "the id '\(hook.id)' is there twice."
                faults.add(entry.fault(twice, remedy: "Name each webhook differently."))
            }
            hooks.append(hook)
        }
        try faults.throwIfAny()
        return hooks
    }

    private init(_ reader: NodeReader, _ known: [Webhook]) throws(InputFault) {
        let id = try reader.required("id").alertName()
        let fields = ["id", "url", "secret", "isEnabled", "rules"]
        if let fault = reader.unknown(besides: fields).first { throw fault }
        let old = known.first { $0.id == id }
        self.id = id
        url = try Self.url(reader, old)
        if let old, !reader.has("secret") {
            // A known secret goes to the address that it was given for, and to no other.
            guard url == old.url else {
                throw reader.fault(
                    "the address is another one, and there is no secret.",
                    remedy: "Give 'secret' again."
                )
            }
            secret = old.secret
        } else {
            secret = try Self.secret(reader.required("secret"))
        }
        isEnabled = try reader.optional("isEnabled")?.boolean() ?? true
        guard reader.has("rules") else { return }
        rules = try reader.list("rules").map { entry throws(InputFault) in
            NamePattern(try entry.text(limit: 64))
        }
        guard rules.count <= AlertRule.limit else {
            throw reader.fault(
                "it has \(rules.count) patterns of rules.",
                remedy: "Have \(AlertRule.limit) at most."
            )
        }
    }

    private static func url(_ reader: NodeReader, _ old: Webhook?) throws(InputFault) -> WebhookURL
    {
        guard let given = reader.optional("url") else {
            if let old { return old.url }
            throw reader.fault("'url' is missing.", remedy: "Add it.")
        }
        let text = try given.text(limit: 2_048)
        if let old, text == old.url.shown { return old.url }
        guard let url = WebhookURL(text) else {
            // The text is not repeated: it may hold what is secret.
            throw given.fault(
                "the address is not one that alerts can be sent to.",
                remedy:
                    "Write http:// or https://, a host, perhaps a port, and a path; no user, password or fragment."
            )
        }
        return url
    }

    private static func secret(_ reader: NodeReader) throws(InputFault) -> String {
        guard let text = try? reader.scalar(), (16...256).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else {
            throw reader.fault(
                "the secret has the wrong form.",
                remedy: "Use 16 to 256 visible ASCII characters, drawn at random."
            )
        }
        return text
    }
}

/// An address that alerts are sent to, `http` or `https`; of it only scheme and host are shown.
package struct WebhookURL: Hashable, Sendable {
    /// All of it.
    package let text: String
    /// What may be shown: paths and queries often carry what is secret.
    package let shown: String

    /// An address; `nil`: it is none, or has a user, a password or a fragment.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        let scheme: String
        if text.hasPrefix("https://") {
            scheme = "https://"
        } else if text.hasPrefix("http://") {
            scheme = "http://"
        } else {
            return nil
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !text.contains("#"), !text.contains("\\"), Self.isHost(authority) else { return nil }
        self.text = text
        shown = "\(scheme)\(authority)/…"
    }

    /// A host with or without a port; no user.
    private static func isHost(_ text: Substring) -> Bool {
        var host = text
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return false }
            let inside = text[text.index(after: text.startIndex)..<end]
            guard inside.contains(":"),
                inside.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." })
            else { return false }
            host = text[text.index(after: end)...]
            return host.isEmpty || isPort(host)
        }
        if let colon = text.firstIndex(of: ":") {
            guard isPort(text[colon...]) else { return false }
            host = text[..<colon]
        }
        return !host.isEmpty
            && host.allSatisfy { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_" }
    }

    private static func isPort(_ text: Substring) -> Bool {
        let digits = text.dropFirst()
        return text.first == ":" && digits.allSatisfy(\.isNumber)
            && UInt16(digits).map { $0 > 0 } == true
    }
}

extension JSONWriter {
    /// Writes a hook as it is shown: without its secret, and without the path of its address.
    package mutating func webhook(_ hook: Webhook) {
        object { object in
            object.field("id", hook.id)
            object.field("url", hook.url.shown)
            object.rest(of: hook)
        }
    }

    /// Writes a hook with all that it needs, for a file that only its owner may read.
    package mutating func webhookWithSecret(_ hook: Webhook) {
        object { object in
            object.field("id", hook.id)
            object.field("url", hook.url.text)
            object.field("secret", hook.secret)
            object.rest(of: hook)
        }
    }

    private mutating func rest(of hook: Webhook) {
        field("isEnabled", boolean: hook.isEnabled)
        key("rules")
        array { array in
            for rule in hook.rules { array.string(rule.text) }
        }
    }
}
