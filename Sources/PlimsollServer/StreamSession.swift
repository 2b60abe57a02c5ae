import PlimsollWire

/// One client of the stream, from its snapshot to its end.
struct StreamSession {
    let hub: StreamHub
    let request: StreamRequest
    /// The present state of the topics that have no sample yet, as JSON by topic, and the sequence.
    let snapshot:
        @Sendable (Set<StreamTopic>) async -> (sequence: UInt64, topics: [StreamTopic: [UInt8]])

    /// A comment keeps the connection open where nothing happens.
    private static let heartbeat = Duration.seconds(15)

    /// Writes until the client is slow, the server ends, or a write fails.
    func run(_ write: ([UInt8]) async throws -> Void) async throws {
        let (first, through) = hub.enter(request.topics)
        var tick = first
        defer { hub.leave(request.topics) }
        try await begin(through, write)
        var written = ContinuousClock.now
        while !Task.isCancelled {
            switch hub.next(after: tick, request.topics) {
            case .chunks(let chunks, let seen):
                tick = seen
                for chunk in chunks { try await write(chunk) }
                if !chunks.isEmpty {
                    written = .now
                } else if ContinuousClock.now - written >= Self.heartbeat {
                    try await write(Array(": still here\n\n".utf8))
                    written = .now
                }
            case .slow:
                try await write(Self.closing("slow"))
                return
            case .shutdown:
                try await write(Self.closing("shutdown"))
                return
            }
            await hub.wait()
        }
    }

    private func begin(
        _ through: UInt64,
        _ write: ([UInt8]) async throws -> Void
    ) async throws {
        try await write(Array("retry: 1000\n\n".utf8))
        if let after = request.after {
            let (messages, forgotten) = hub.resumed(
                after: after,
                through: through,
                request.topics
            )
            if let messages {
                if !messages.isEmpty { try await write(messages) }
            } else {
                var writer = JSONWriter()
                writer.object { object in
                    object.field("from", number: after + 1)
                    object.field("to", number: forgotten)
                }
                try await write(StreamHub.message("gap", writer.bytes, id: nil))
            }
        }
        let (sequence, topics) = await snapshot(request.topics)
        var data = Array("{\"seq\":\(sequence),\"topics\":{".utf8)
        for (index, topic) in topics.keys.sorted(by: { $0.word < $1.word }).enumerated() {
            guard let bytes = topics[topic] else { continue }
            if index > 0 { data.append(UInt8(ascii: ",")) }
            var key = JSONWriter()
            key.string(topic.word)
            data += key.bytes + [UInt8(ascii: ":")] + bytes
        }
        data += Array("}}".utf8)
        try await write(StreamHub.message("snapshot", data, id: through))
    }

    private static func closing(_ reason: String) -> [UInt8] {
        StreamHub.message("closing", Array("{\"reason\":\"\(reason)\"}".utf8), id: nil)
    }
}
