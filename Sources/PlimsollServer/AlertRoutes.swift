import PlimsollAccess
import PlimsollAlerts
import PlimsollWire

extension NodeService {
    /// Routes about alerts.
    var alertRoutes: [Route] {
        [
            Route(
                "GET",
                "/v1/alerts",
                query: ["state", "rule", "account", "limit", "cursor"],
                .readBook,
                weight: 5
            ) { [self] call throws(Problem) in try alerts(call) },
            Route("GET", "/v1/alerts/rules", .manage) { [self] _ throws(Problem) in
                .json(rulesDocument(alerts.settings))
            },
            Route("PUT", "/v1/alerts/rules", .manage, weight: 20) {
                [self] call throws(Problem) in try replaceRules(call)
            },
        ]
    }

    private func alerts(_ call: Call) throws(Problem) -> Reply {
        let limit = try call.limit()
        var before: UInt64?
        if call.query["cursor"] != nil {
            before = try call.integer("cursor", in: 1...(.max), otherwise: 1)
        }
        let state = call.query["state"]
        if let state, state != "active", state != "ended" {
            throw .parameter("state", "is neither active nor ended.")
        }
        let (rule, account) = (call.query["rule"], call.query["account"])
        let page = alerts.page(before: before, limit: limit) { alert in
            (state.map { ($0 == "active") == (alert.endedAt == nil) } ?? true)
                && (rule.map { $0 == alert.rule } ?? true)
                && (account.map { alert.subject == .account($0) } ?? true)
        }
        let counts = alerts.counts
        var writer = JSONWriter()
        writer.object { object in
            object.key("items")
            object.array { array in
                for alert in page.items { array.alert(alert) }
            }
            object.key("nextCursor")
            if page.hasMore, let last = page.items.last {
                object.string("\(last.id)")
            } else {
                object.null()
            }
            object.field("active", number: counts.active.values.reduce(0, +))
            object.key("unlisted")
            object.array { array in
                for (rule, count) in counts.unlisted.sorted(by: { $0.key < $1.key }) {
                    array.object { entry in
                        entry.field("rule", rule)
                        entry.field("count", number: count)
                    }
                }
            }
        }
        return .json(writer.bytes)
    }

    private func replaceRules(_ call: Call) throws(Problem) -> Reply {
        guard call.mediaType == "application/json" else {
            throw Problem(
                415,
                "media_type",
                "The body has a media type that is not taken.",
                "Send the rules as application/json."
            )
        }
        let reader: NodeReader
        do throws(InputFault) {
            let document = try JSONText.parse(call.body, file: "body")
            reader = try NodeReader(mapping: document, file: "body")
        } catch {
            throw .malformed(error)
        }
        if reader.has("webhooks"), !call.allows(.operate) {
            throw .forbidden(
                "Webhooks are set by an operator, since they make the node send. Leave out 'webhooks'."
            )
        }
        let settings = try alerts.change(by: call.principal?.id ?? "") {
            old throws(Problem) in
            do throws(InputFaults) {
                return try old.changed(by: reader)
            } catch {
                throw .malformed(error)
            }
        }
        return .json(rulesDocument(settings))
    }

    private func rulesDocument(_ settings: AlertSettings) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.fields(of: settings, secrets: false)
            object.key("deliveries")
            object.array { array in
                for standing in alerts.deliveries.standings { array.delivery(standing) }
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func delivery(_ standing: WebhookSender.Standing) {
        let counts = standing.counts
        object { object in
            object.field("webhook", standing.webhook)
            object.field("delivered", number: counts.delivered)
            object.field("refused", number: counts.refused)
            object.field("dropped", number: counts.dropped)
            object.field("retried", number: counts.retried)
            object.field("waiting", number: standing.waiting)
            object.key("lastStatus")
            if let status = counts.lastStatus { object.number(status) } else { object.null() }
            object.key("lastAt")
            if let time = counts.lastAt { object.number(time) } else { object.null() }
            object.key("lastError")
            if let words = counts.lastError { object.string(words) } else { object.null() }
        }
    }
}

extension Problem {
    /// Several things are wrong with a body: each is named.
    fileprivate static func malformed(_ faults: InputFaults) -> Problem {
        guard let first = faults.faults.first else { return malformed("The body is wrong.") }
        var problem = malformed(first)
        problem.fields = faults.faults.map {
            Field(name: $0.path, problem: "\($0.problem) \($0.remedy)")
        }
        return problem
    }
}
