/// What is new for one topic in a tick, as server-sent events: messages about events, in order, then a sample.
struct StreamChunk: Sendable {
    private var bytes: [UInt8] = []
    private var messages: [Message] = []
    /// Messages that are about no event, the newest sample of the topic among them; empty: there is none.
    private(set) var unnumbered: [UInt8] = []

    private struct Message {
        var sequence: UInt64
        /// Where its line with the id begins, and where it ends.
        var id: Int
        var end: Int
    }

    /// Adds what an event means for the topic; events come in order.
    mutating func add(_ name: String, _ data: [UInt8], sequence: UInt64) {
        bytes += Array("event: \(name)\ndata: ".utf8)
        bytes += data
        bytes.append(UInt8(ascii: "\n"))
        let id = bytes.count
        bytes += Array("id: \(sequence)\n\n".utf8)
        messages.append(Message(sequence: sequence, id: id, end: bytes.count))
    }

    /// Adds a new sample of the topic.
    mutating func add(sample data: [UInt8], as name: String) {
        unnumbered += Self.message(name, data)
    }

    /// Adds messages that are about no event.
    mutating func add(posted messages: [UInt8]) { unnumbered += messages }

    /// A server-sent event of one line of data, with or without an id.
    static func message(_ name: String, _ data: [UInt8], id: UInt64? = nil) -> [UInt8] {
        var bytes = Array("event: \(name)\ndata: ".utf8)
        bytes += data
        bytes += Array((id.map { "\nid: \($0)\n\n" } ?? "\n\n").utf8)
        return bytes
    }

    /// The messages of several topics for one client, in the order of their events.
    ///
    /// The id stands on the last message of an event only: a client that is cut off in between resumes after the event
    /// before, and gets all of this one.
    static func merged(_ chunks: [StreamChunk]) -> [UInt8] {
        let full = chunks.filter { !$0.messages.isEmpty }
        if full.count == 1 { return full[0].bytes }
        var merged: [UInt8] = []
        var places = [Int](repeating: 0, count: full.count)
        while true {
            var (first, next): (Int?, UInt64) = (nil, .max)
            for (index, chunk) in full.enumerated() where places[index] < chunk.messages.count {
                let sequence = chunk.messages[places[index]].sequence
                if first == nil || sequence < next { (first, next) = (index, sequence) }
            }
            guard let first else { return merged }
            let place = places[first]
            places[first] += 1
            let chunk = full[first]
            let message = chunk.messages[place]
            let start = place > 0 ? chunk.messages[place - 1].end : 0
            let hasMore = full.indices.contains { index in
                places[index] < full[index].messages.count
                    && full[index].messages[places[index]].sequence == next
            }
            merged += chunk.bytes[start..<(hasMore ? message.id : message.end)]
            if hasMore { merged.append(UInt8(ascii: "\n")) }
        }
    }
}
