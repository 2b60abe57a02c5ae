import Plimsoll
import PlimsollAccess
import PlimsollNode
import PlimsollQueries
import PlimsollWire

extension NodeService {
    /// Routes about one account, answered by the writer's engine, as of the last group that was applied, or as it was.
    var accountRoutes: [Route] {
        [
            account("GET", "") { engine, id, _, _ throws(QueryFault) in AccountAnswer(engine, id) },
            account("GET", "/positions") { engine, id, _, _ throws(QueryFault) in
                AccountAnswer(engine, id, part: .positions)
            },
            account("GET", "/balances") { engine, id, _, _ throws(QueryFault) in
                AccountAnswer(engine, id, part: .balances)
            },
            account("GET", "/explain", query: ["symbol"], weight: 5) {
                engine,
                id,
                fields,
                _ throws(QueryFault) in
                try ExplainAnswer(engine, id, symbol: try ExplainAnswer.symbol(fields))
            },
            account("GET", "/ladder", query: ["symbol", "leg", "from", "to", "steps"], weight: 5) {
                engine,
                id,
                fields,
                _ throws(QueryFault) in
                try LadderAnswer(engine, id, try LadderRequest(fields))
            },
            account("POST", "/check", weight: 2) { engine, id, _, body throws(QueryFault) in
                try CheckResult(engine, id, try CheckRequest(body))
            },
            account("POST", "/whatif", weight: 5) { engine, id, _, body throws(QueryFault) in
                try WhatIf(engine, id, try WhatIfRequest(body))
            },
        ]
    }

    /// A route about one account: `answer` gets the engine, the account, the query and the body.
    private func account<Answer: QueryAnswer>(
        _ method: String,
        _ path: String,
        query: [String] = [],
        weight: Int = 1,
        _ answer:
            @escaping @Sendable (
                Engine, AccountID, NodeReader, NodeReader
            ) throws(QueryFault) -> Answer
    ) -> Route {
        Route(
            method,
            "/v1/accounts/{id}\(path)",
            query: ["venue"] + query + (method == "GET" ? Call.moments : []),
            method == "GET" ? .readAccount : .ask,
            weight: weight
        ) { [self] call throws(Problem) in
            _ = try own(call)
            let (fields, body) = try call.fields()
            if let engine = try await past(call) {
                // An account that came later is not in the tables of then.
                let id = try readable(call, engine.directory)
                return try Problem.asking { () throws(QueryFault) in
                    .json(try answer(engine, id, fields, body).json)
                }
            }
            let id = try readable(call)
            return try node.read { engine throws(Problem) in
                try Problem.asking { () throws(QueryFault) in
                    .json(try answer(engine, id, fields, body).json)
                }
            }
        }
    }

    /// The venue of this name, or the only one; `names` are those of now unless others are given.
    func venue(_ name: String?, _ names: Directory? = nil) throws(Problem) -> VenueID {
        let directory = names ?? node.directory
        if let name {
            guard let id = directory.venue(name) else {
                throw .notFound("There is no venue \(Excerpt.quoted(name)).")
            }
            return id
        }
        guard directory.venues.count == 1 else {
            throw .parameter(
                "venue",
                directory.venues.isEmpty
                    ? "cannot be guessed: no venue has been defined yet."
                    : "is missing, and there are \(directory.venues.count) venues."
            )
        }
        return VenueID(index: 0)
    }

    /// The account of this name.
    func account(
        _ name: String,
        venue: String?,
        _ names: Directory? = nil
    ) throws(Problem) -> AccountID {
        let directory = names ?? node.directory
        guard let id = directory.account(name, in: try self.venue(venue, directory)) else {
            throw .notFound("There is no account \(Excerpt.quoted(name)).")
        }
        return id
    }

    /// The account of the call's path, if the key may see it.
    func readable(_ call: Call, _ names: Directory? = nil) throws(Problem) -> AccountID {
        try account(try own(call), venue: call.query["venue"], names)
    }

    /// The name in the call's path, if the key may see it: a key of another account is not told which there are.
    private func own(_ call: Call) throws(Problem) -> String {
        let name = call.captures.first ?? ""
        if let own = call.ownAccount, own != name { throw .otherAccount }
        return name
    }

    /// The figures of an account as JSON, with the field names of `calc`.
    func document(of id: AccountID) -> [UInt8] {
        node.read { engine in AccountAnswer(engine, id).json }
    }
}

extension Call {
    /// The parameters of the query but those of a moment, and the body, as documents; a call without a body has an
    /// empty one.
    func fields() throws(Problem) -> (query: NodeReader, body: NodeReader) {
        do throws(InputFault) {
            let own = query.filter { !Self.moments.contains($0.key) }
            let pairs = own.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
            let fields = try RequestFields.query(pairs)
            let empty = try RequestFields.query([])
            return (fields, body.isEmpty ? empty : try RequestFields.body(body))
        } catch {
            throw .malformed(error)
        }
    }
}

extension Problem {
    /// The key is of another account.
    static let otherAccount = forbidden("The key is of another account.")

    /// Answers a question; a fault of it becomes a problem.
    static func asking<Answer>(
        _ answer: () throws(QueryFault) -> Answer
    ) throws(Problem) -> Answer {
        do throws(QueryFault) {
            return try answer()
        } catch {
            switch error {
            case .malformed(let fault): throw .malformed(fault)
            case .notFound: throw .notFound("\(error.problem) \(error.remedy)")
            case .refused:
                throw Problem(
                    422,
                    error.code,
                    "The question has no answer.",
                    "\(error.problem). \(error.remedy)"
                )
            }
        }
    }
}
