import PlimsollAccess
import Plimsoll
import PlimsollNode
import PlimsollReports
import PlimsollUnits
import PlimsollWire

extension NodeService {
    /// Routes about one account.
    var accountRoutes: [Route] {
        [
            Route("GET", "/v1/accounts/{id}", query: ["venue"], .readAccount) {
                [self] call throws(Problem) in
                let id = try readable(call)
                return .json(document(of: id))
            },
            Route("GET", "/v1/accounts/{id}/positions", query: ["venue"], .readAccount) {
                [self] call throws(Problem) in
                try part(call) { report, object in object.positions(of: report) }
            },
            Route("GET", "/v1/accounts/{id}/balances", query: ["venue"], .readAccount) {
                [self] call throws(Problem) in
                try part(call) { report, object in object.collateral(of: report) }
            },
            Route(
                "GET",
                "/v1/accounts/{id}/explain",
                query: ["venue", "symbol"],
                .readAccount,
                weight: 5
            ) { [self] call throws(Problem) in try explanation(call) },
        ]
    }

    /// The account of this name.
    func account(_ name: String, venue: String?) throws(Problem) -> AccountID {
        let directory = node.directory
        let owner: VenueID
        if let venue {
            guard let id = directory.venue(venue) else {
                throw .notFound("There is no venue \(Excerpt.quoted(venue)).")
            }
            owner = id
        } else {
            guard directory.venues.count == 1 else {
                throw .parameter(
                    "venue",
                    directory.venues.isEmpty
                        ? "cannot be guessed: no venue has been defined yet."
                        : "is missing, and there are \(directory.venues.count) venues."
                )
            }
            owner = VenueID(index: 0)
        }
        guard let id = directory.account(name, in: owner) else {
            throw .notFound("There is no account \(Excerpt.quoted(name)).")
        }
        return id
    }

    /// The account of the call's path, if the key may see it.
    func readable(_ call: Call) throws(Problem) -> AccountID {
        let name = call.captures.first ?? ""
        // A key of another account is not told which accounts there are.
        if let own = call.ownAccount, own != name { throw .otherAccount }
        let id = try account(name, venue: call.query["venue"])
        try call.mayRead(id, of: node)
        return id
    }

    /// The figures of an account as JSON, with the field names of `calc`.
    func document(of id: AccountID) -> [UInt8] {
        node.read { engine in
            var writer = JSONWriter()
            writer.object { object in
                object.fields(
                    of: engine.report(id),
                    directory: engine.directory,
                    rulebook: engine.rulebook(of: engine.venue(of: id))
                )
                object.freshness(of: engine)
            }
            return writer.bytes
        }
    }

    private func part(
        _ call: Call,
        _ write: (AccountReport, inout JSONWriter) -> Void
    ) throws(Problem) -> Reply {
        let id = try readable(call)
        return node.read { engine in
            let report = engine.report(id)
            var writer = JSONWriter()
            writer.object { object in
                object.field("account", engine.directory.name(id))
                write(report, &object)
                object.key("rulebook")
                if let rulebook = engine.rulebook(of: engine.venue(of: id)) {
                    object.rulebook(rulebook)
                } else {
                    object.null()
                }
                object.field("stale", texts: report.stale)
                object.freshness(of: engine)
            }
            return .json(writer.bytes)
        }
    }

    private func explanation(_ call: Call) throws(Problem) -> Reply {
        let id = try readable(call)
        return try node.read { engine throws(Problem) in
            if let symbol = call.query["symbol"],
                engine.directory.instrument(symbol, in: engine.venue(of: id)) == nil
            {
                throw .notFound("There is no instrument \(Excerpt.quoted(symbol)).")
            }
            var writer = JSONWriter()
            writer.explanation(
                engine.explain(id, symbol: call.query["symbol"]),
                directory: engine.directory,
                rulebook: engine.rulebook(of: engine.venue(of: id)),
                notes: []
            )
            return .json(writer.bytes)
        }
    }
}

extension Problem {
    /// The key is of another account.
    static let otherAccount = forbidden("The key is of another account.")
}

extension Call {
    /// Refuses keys of other accounts.
    func mayRead(_ account: AccountID, of node: MarginNode) throws(Problem) {
        guard let own = ownAccount else { return }
        guard node.directory.name(account) == own else { throw .otherAccount }
    }
}

extension JSONWriter {
    /// Writes when the figures were true: the engine's clock and how many events it has seen.
    mutating func freshness(of engine: Engine) {
        field("asOf", number: engine.clock.nanoseconds / 1_000_000)
        field("seq", number: engine.sequence)
    }
}
