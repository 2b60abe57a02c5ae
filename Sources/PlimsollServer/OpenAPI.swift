import PlimsollWire

/// The description of the API for programs, OpenAPI 3.1, made of the routes that there are.
///
/// What a table of routes cannot know, a sentence and the shape of the answer, is in `Words`; a test compares the two.
package struct OpenAPI {
    /// What is said of a route.
    package struct Words: Sendable {
        var summary: String
        /// The answer's schema.
        var answer: String
        /// The body's schema.
        var body: String?

        init(_ summary: String, _ answer: String, body: String? = nil) {
            self.summary = summary
            self.answer = answer
            self.body = body
        }
    }

    private let routes: RouteTable

    /// The description of these routes.
    package init(_ routes: RouteTable) { self.routes = routes }

    /// The routes that are described: those of the page and of a demo are not.
    package static func isDescribed(_ route: Route) -> Bool {
        (route.path.hasPrefix("/v1/") && !route.path.hasPrefix("/v1/demo/"))
            || ["/healthz", "/readyz", "/version", "/openapi.json", "/metrics"].contains(route.path)
    }

    /// The sentences, by method and path.
    package static let words: [String: Words] = [
        "POST /v1/events": Words("Send one event, or lines of events.", "Accepted", body: "Event"),
        "GET /v1/stream": Words("Follow what happens, as server-sent events.", "Stream"),
        "GET /v1/accounts": Words("Accounts, filtered and sorted, in pages.", "Page"),
        "GET /v1/accounts/{id}": Words("All figures of an account.", "Account"),
        "GET /v1/accounts/{id}/positions": Words("The positions of an account.", "Page"),
        "GET /v1/accounts/{id}/balances": Words("The wallets of an account.", "Page"),
        "GET /v1/accounts/{id}/explain": Words("Every figure with its arithmetic.", "Answer"),
        "GET /v1/accounts/{id}/ladder": Words("Figures over a range of prices.", "Answer"),
        "POST /v1/accounts/{id}/check": Words("Would an order pass?", "Answer", body: "Check"),
        "POST /v1/accounts/{id}/whatif": Words(
            "Figures after shocks, a deposit or a trade.",
            "Answer",
            body: "WhatIf"
        ),
        "GET /v1/accounts/{id}/history": Words("Equity and maintenance over time.", "Page"),
        "GET /v1/accounts/{id}/events": Words("What concerned an account, newest first.", "Page"),
        "GET /v1/events": Words("What happened in the book, newest first.", "Page"),
        "GET /v1/liquidations": Words("Liquidations, newest first.", "Page"),
        "GET /v1/liquidations/{number}": Words("The receipt of a liquidation.", "Answer"),
        "GET /v1/book": Words("The last sample of the whole book.", "Answer"),
        "GET /v1/markets": Words("Marks, their ages, open interest.", "Page"),
        "GET /v1/liquidation-map": Words("Where positions would be liquidated, exactly.", "Answer"),
        "GET /v1/adl": Words("Who would be deleveraged first, and why.", "Page"),
        "GET /v1/totals": Words("The balance sheet, by asset.", "Page"),
        "GET /v1/rulebooks": Words("The rulebooks in force.", "Page"),
        "GET /v1/rulebooks/{id}": Words("A rulebook's rules.", "Answer"),
        "GET /v1/timeline": Words("The first and the last moment that can be asked for.", "Answer"),
        "GET /v1/verification": Words("The last verification of the book.", "Verification"),
        "POST /v1/verification": Words("Verify the book now.", "Verification"),
        "GET /v1/alerts": Words("Alerts that fired, newest first.", "Page"),
        "GET /v1/alerts/rules": Words("The rules of alerts, and the webhooks.", "AlertRules"),
        "PUT /v1/alerts/rules": Words(
            "Replace the rules of alerts, and perhaps the webhooks.",
            "AlertRules",
            body: "AlertRules"
        ),
        "GET /v1/status": Words("The state of the node.", "Answer"),
        "GET /healthz": Words("The process runs.", "Text"),
        "GET /readyz": Words("The node takes events and answers.", "Text"),
        "GET /version": Words("The version of the program.", "Answer"),
        "GET /metrics": Words("Metrics as Prometheus reads them.", "Text"),
        "GET /openapi.json": Words("This description.", "Answer"),
    ]

    /// The description as JSON.
    package var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.field("openapi", "3.1.0")
            object.key("info")
            object.object { info in
                info.field("title", "Plimsoll")
                info.field("version", NodeService.version)
                info.field(
                    "description",
                    "Amounts, prices and rates are decimal texts; times are milliseconds UTC. "
                        + "docs/formats/api.md says more."
                )
            }
            object.key("paths")
            object.object { write(paths: &$0) }
            object.key("components")
            object.object { write(components: &$0) }
        }
        return writer.bytes
    }

    private func write(paths: inout JSONWriter) {
        let described = routes.routes.filter(Self.isDescribed)
        var seen: [String] = []
        for route in described where !seen.contains(route.path) {
            seen.append(route.path)
            paths.key(route.path)
            paths.object { item in
                for other in described where other.path == route.path {
                    item.key(other.method.lowercased())
                    item.object { operation in Self.write(other, to: &operation) }
                }
            }
        }
    }

    private static func write(_ route: Route, to operation: inout JSONWriter) {
        let words = words["\(route.method) \(route.path)"]
        operation.field("summary", words?.summary ?? "")
        operation.key("parameters")
        operation.array { array in
            for segment in route.segments where segment.first == "{" {
                parameter(String(segment.dropFirst().dropLast()), "path", to: &array)
            }
            for name in route.query { parameter(name, "query", to: &array) }
        }
        if let body = words?.body {
            operation.key("requestBody")
            operation.object { request in
                request.field("required", boolean: true)
                content("application/json", body, to: &request)
            }
        }
        operation.key("security")
        operation.array { array in
            if route.permission != nil {
                array.object { scheme in
                    scheme.key("key")
                    scheme.array { _ in }
                }
            }
        }
        operation.key("responses")
        operation.object { responses in
            responses.key(
                "\(route.method) \(route.path)" == "POST /v1/verification" ? "202" : "200"
            )
            responses.object { response in
                response.field("description", "The answer.")
                let media =
                    switch words?.answer {
                    case "Stream": "text/event-stream"
                    case "Text": "text/plain"
                    default: "application/json"
                    }
                content(media, words?.answer ?? "Answer", to: &response)
            }
            responses.key("default")
            responses.object { response in
                response.field("description", "What is wrong, and what to do.")
                content("application/problem+json", "Problem", to: &response)
            }
        }
    }

    private static func parameter(_ name: String, _ place: String, to array: inout JSONWriter) {
        array.object { entry in
            entry.field("name", name)
            entry.field("in", place)
            entry.field("required", boolean: place == "path")
            entry.key("schema")
            entry.object { $0.field("type", "string") }
        }
    }

    private static func content(_ media: String, _ schema: String, to object: inout JSONWriter) {
        object.key("content")
        object.object { types in
            types.key(media)
            types.object { type in
                type.key("schema")
                type.object { $0.field("$ref", "#/components/schemas/\(schema)") }
            }
        }
    }

    // MARK: Components

    /// Schemas by name: their fields with the JSON types, and which of them must be there.
    private static let schemas:
        [(name: String, fields: KeyValuePairs<String, String>, required: [String])] = [
            ("Answer", [:], []),
            ("Page", ["items": "array", "nextCursor": "string"], ["items"]),
            (
                "Account",
                [
                    "account": "string", "asset": "string", "state": "string", "equity": "string",
                    "walletBalance": "string", "unrealizedPnl": "string",
                    "initialMargin": "string", "maintenanceMargin": "string",
                    "availableBalance": "string", "marginRatio": "string", "freeboard": "string",
                    "collateral": "array", "pools": "array", "positions": "array",
                    "stale": "array", "asOf": "integer", "seq": "integer",
                ],
                ["account", "positions", "asOf", "seq"]
            ),
            (
                "Event", ["type": "string", "time": "integer", "id": "string", "source": "string"],
                ["type", "time"]
            ),
            (
                "Accepted", ["status": "string", "seq": "integer", "effects": "array"], ["seq"]
            ),
            (
                "Check",
                [
                    "symbol": "string", "side": "string", "quantity": "string", "price": "string",
                    "leverage": "string", "leg": "string", "reduceOnly": "boolean",
                ],
                ["symbol", "side", "quantity"]
            ),
            (
                "Verification",
                [
                    "state": "string", "startedAt": "integer", "endedAt": "integer",
                    "seq": "integer", "accounts": "integer", "compared": "integer",
                    "unvalued": "integer",
                    "findingCount": "integer", "findings": "array", "problem": "string",
                    "followed": "integer", "every": "integer", "last": "object",
                ],
                ["state", "accounts", "compared", "unvalued", "findingCount", "findings"]
            ),
            (
                "AlertRules",
                ["version": "integer", "rules": "array", "webhooks": "array"], ["rules"]
            ),
            ("WhatIf", ["shocks": "object", "deposit": "object", "trade": "object"], []),
            (
                "Problem",
                [
                    "type": "string", "title": "string", "status": "integer", "detail": "string",
                    "code": "string", "fields": "array", "line": "integer", "column": "integer",
                ],
                ["type", "title", "status", "detail", "code"]
            ),
        ]

    private func write(components: inout JSONWriter) {
        components.key("securitySchemes")
        components.object { schemes in
            schemes.key("key")
            schemes.object { scheme in
                scheme.field("type", "http")
                scheme.field("scheme", "bearer")
            }
        }
        components.key("schemas")
        components.object { schemas in
            for (name, fields, required) in Self.schemas {
                schemas.key(name)
                schemas.object { schema in
                    schema.field("type", "object")
                    schema.key("properties")
                    schema.object { properties in
                        for (field, type) in fields {
                            properties.key(field)
                            properties.object {
                                Self.type(type, isRequired: required.contains(field), &$0)
                            }
                        }
                    }
                    if !required.isEmpty {
                        schema.key("required")
                        schema.array { array in
                            for field in required { array.string(field) }
                        }
                    }
                }
            }
            for name in ["Stream", "Text"] {
                schemas.key(name)
                schemas.object { $0.field("type", "string") }
            }
        }
    }

    /// A figure that cannot be computed is `null`.
    private static func type(_ name: String, isRequired: Bool, _ schema: inout JSONWriter) {
        schema.key("type")
        if isRequired {
            schema.string(name)
        } else {
            schema.array { types in
                types.string(name)
                types.string("null")
            }
        }
    }
}
