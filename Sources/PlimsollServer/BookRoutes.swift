import Plimsoll
import PlimsollAccess
import PlimsollNode
import PlimsollQueries
import PlimsollWire

extension NodeService {
    /// Routes about the whole book, answered by the replica so that the writer does not wait, or as it was.
    var bookRoutes: [Route] {
        [
            Route("GET", "/v1/book", query: Call.moments, .readBook, weight: 2) {
                [self] call throws(Problem) in
                guard let engine = try await past(call) else { return try bookSample() }
                // The first venue, as in the sample of the present.
                let isSeveral = engine.directory.venues.count > 1
                let venue = isSeveral ? VenueID(index: 0) : try venue(nil, engine.directory)
                return .json(BookSample(engine, venue, sampledAt: engine.clock).json)
            },
            book("/v1/markets") { [models] engine, venue, _ throws(QueryFault) in
                MarketList(engine, venue) { models.marks.dayAgo($0, engine.clock) }
            },
            book("/v1/accounts", query: ["band", "sort", "limit", "cursor", "search"], weight: 5) {
                engine,
                venue,
                fields throws(QueryFault) in
                AccountList(engine, venue, try AccountListRequest(fields))
            },
            book("/v1/liquidation-map", query: ["symbol", "buckets", "range"], weight: 50) {
                engine,
                venue,
                fields throws(QueryFault) in
                try LiquidationMap(engine, venue, try LiquidationMapRequest(fields))
            },
            book("/v1/adl", query: ["symbol", "side", "limit"], weight: 20) {
                engine,
                venue,
                fields throws(QueryFault) in
                try DeleveragingList(engine, venue, try DeleveragingRequest(fields))
            },
            book("/v1/totals") { engine, venue, _ throws(QueryFault) in BookTotals(engine, venue) },
            Route("GET", "/v1/rulebooks", .readBook) { [self] _ throws(Problem) in
                .json(node.read { engine in RulebookList(engine).json })
            },
            Route("GET", "/v1/rulebooks/{id}", .readBook) { [self] call throws(Problem) in
                let id = call.captures.first ?? ""
                return try node.read { engine throws(Problem) in
                    try Problem.asking { () throws(QueryFault) in
                        .json(try RulebookAnswer(engine, id: id).json)
                    }
                }
            },
        ]
    }

    private func book<Answer: QueryAnswer>(
        _ path: String,
        query: [String] = [],
        weight: Int = 1,
        _ answer: @escaping @Sendable (Engine, VenueID, NodeReader) throws(QueryFault) -> Answer
    ) -> Route {
        let query = ["venue"] + query + Call.moments
        return Route("GET", path, query: query, .readBook, weight: weight) {
            [self] call throws(Problem) in
            let (fields, _) = try call.fields()
            if let engine = try await past(call) {
                let venue = try venue(call.query["venue"], engine.directory)
                return try Problem.asking { () throws(QueryFault) in
                    .json(try answer(engine, venue, fields).json)
                }
            }
            let venue = try venue(call.query["venue"])
            try await catchUp()
            return try node.replica.read { engine throws(Problem) in
                try Problem.asking { () throws(QueryFault) in
                    .json(try answer(engine, venue, fields).json)
                }
            }
        }
    }

    /// Waits until the replica has seen what was acknowledged before the question came.
    func catchUp() async throws(Problem) {
        let sequence = node.read { $0.sequence }
        try await wait("replica") { node.replica.sequence >= sequence ? nil : node.replica.lag }
    }

    /// Waits for somebody who follows the journal; `lag` is how many events it has not seen, `nil` where it has seen enough.
    func wait(_ who: String, lag: () -> UInt64?) async throws(Problem) {
        let start = MarginNode.steadyClock
        while let events = lag() {
            if node.replica.failure != nil || MarginNode.steadyClock - start > Self.patience {
                var problem = Problem(
                    503,
                    "replica_behind",
                    "The \(who) is behind.",
                    "It has not seen \(events) events. Ask again."
                )
                problem.retryAfter = 1
                throw problem
            }
            do {
                try await Task.sleep(for: .milliseconds(1))
            } catch {
                throw .unavailable(.draining)
            }
        }
    }

    /// How long a question waits for those who follow the journal, in nanoseconds.
    private static let patience: Int64 = 5_000_000_000

    /// The last sample, or the first one.
    private func bookSample() throws(Problem) -> Reply {
        if let sample = hub.samples([.book])[.book] { return .json(sample) }
        guard let sample = samples.take(of: node, count: 0, watch: alerts) else {
            throw .notFound("No venue has been defined yet.")
        }
        hub.note(sample.book, of: .book)
        return .json(sample.book)
    }
}
