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
        let entry = hub.enter(request.topics, after: request.after)
        var tick = entry.tick
        defer { hub.leave(request.topics) }
        let topics = request.topics.sorted { $0.word < $1.word }
        try await begin(entry, topics, write)
        var written = ContinuousClock.now
        while !Task.isCancelled {
            switch hub.next(after: tick, topics) {
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
        _ entry: StreamHub.Entry,
        _ topics: [StreamTopic],
        _ write: ([UInt8]) async throws -> Void
    ) async throws {
        try await write(Array("retry: 1000\n\n".utf8))
        if let gap = entry.gap {
            var writer = JSONWriter()
            writer.object { object in
                object.field("from", number: gap.lowerBound)
                object.field("to", number: gap.upperBound)
            }
            try await write(StreamChunk.message("gap", writer.bytes))
        }
        let missed = hub.messages(entry.missed, topics)
        if !missed.isEmpty { try await write(missed) }
        let (sequence, present) = await snapshot(request.topics)
        var data = Array("{\"seq\":\(sequence),\"topics\":{".utf8)
        for (index, topic) in topics.filter({ present[$0] != nil }).enumerated() {
            guard let bytes = present[topic] else { continue }
            if index > 0 { data.append(UInt8(ascii: ",")) }
            var key = JSONWriter()
            key.string(topic.word)
            data += key.bytes + [UInt8(ascii: ":")] + bytes
        }
        data += Array("}}".utf8)
        try await write(StreamChunk.message("snapshot", data, id: entry.through))
    }

    private static func closing(_ reason: String) -> [UInt8] {
        StreamChunk.message("closing", Array("{\"reason\":\"\(reason)\"}".utf8))
    }
}
