import PlimsollAccess
import PlimsollWire

extension NodeService {
    /// Routes that take events and stream what follows from them.
    var eventRoutes: [Route] {
        [
            Route("POST", "/v1/events", .sendEvents, weight: 1) { [self] call throws(Problem) in
                try await takeEvents(call)
            },
            Route("GET", "/v1/stream", query: ["topics"], .readAccount) {
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
        for word in (call.query["topics"] ?? "book,liquidations,alerts").split(separator: ",") {
            guard let topic = StreamTopic(word) else {
                throw .parameter(
                    "topics",
                    "has \(Excerpt.quoted(String(word))); there is book, markets, status, effects, "
                        + "liquidations, alerts and account:ID."
                )
            }
            switch topic {
            case .account(let name):
                if let own = call.ownAccount, own != name { throw .otherAccount }
                _ = try account(name, venue: nil)
            default:
                guard call.ownAccount == nil, call.allows(.readBook) else {
                    throw .forbidden("A key of one account may only follow this account.")
                }
            }
            topics.insert(topic)
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
}
