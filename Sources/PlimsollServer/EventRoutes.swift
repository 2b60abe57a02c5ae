import PlimsollAccess
import PlimsollWire

extension NodeService {
    /// Routes that take events and stream what follows from them.
    var eventRoutes: [Route] {
        [
            Route("POST", "/v1/events", .sendEvents, weight: 1) { [self] call throws(Problem) in
                try await takeEvents(call)
            },
            Route("GET", "/v1/stream", query: ["topics", "account"], .readAccount) {
                [self] call throws(Problem) in try stream(call)
            },
        ]
    }

    private func takeEvents(_ call: Call) async throws(Problem) -> Reply {
        guard call.ownAccount == nil else {
            throw .forbidden("A key of one account reads; it cannot send events.")
        }
        let may: EventPermission = call.allows(.operate) ? .all : .facts
        switch call.mediaType {
        case "application/json": return try await intake.single(call.body, may: may)
        case "application/x-ndjson", "application/ndjson":
            return try await intake.lines(call.body, may: may)
        default:
            throw Problem(
                415,
                "media_type",
                "The body has a media type that is not taken.",
                "Send one event as application/json, or lines as application/x-ndjson."
            )
        }
    }

    private func stream(_ call: Call) throws(Problem) -> Reply {
        var topics: Set<StreamTopic> = []
        // A name may have a comma in it, which a list of topics cannot.
        let own = call.query["account"]
        let words = call.query["topics"] ?? (own == nil ? "book,liquidations,alerts" : "")
        if let own { topics.insert(try readable(.account(own), call)) }
        for word in words.split(separator: ",") {
            guard let topic = StreamTopic(word) else {
                throw .parameter(
                    "topics",
                    "has \(Excerpt.quoted(String(word))); there is book, markets, status, effects, "
                        + "liquidations, alerts and account:ID."
                )
            }
            topics.insert(try readable(topic, call))
        }
        guard !topics.isEmpty, topics.count <= 32 else {
            throw .parameter("topics", "must name 1 to 32 topics.")
        }
        var after: UInt64?
        if let text = call.lastEventID, !text.isEmpty {
            guard let sequence = UInt64(text) else {
                throw .malformed("'Last-Event-ID' is not a sequence number.")
            }
            after = sequence
        }
        return .stream(StreamRequest(topics: topics, after: after))
    }

    /// The topic, if the key may follow it.
    private func readable(_ topic: StreamTopic, _ call: Call) throws(Problem) -> StreamTopic {
        switch topic {
        case .account(let name):
            if let own = call.ownAccount, own != name { throw .otherAccount }
            _ = try account(name, venue: nil)
        default:
            guard call.ownAccount == nil, call.allows(.readBook) else {
                throw .forbidden("A key of one account may only follow this account.")
            }
        }
        return topic
    }
}
