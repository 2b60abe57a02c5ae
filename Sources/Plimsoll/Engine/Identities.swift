import PlimsollUnits

/// What makes "once" true: a high-water mark per feed, and the ids of commands for 24 hours.
struct Identities: Sendable {
    /// The last number of each feed.
    var feeds = FeedMarks()
    /// The ids of commands and when each was accepted, the oldest first.
    var queue: [Command] = []
    /// Where the queue begins; what is before has been forgotten.
    var head = 0
    /// What each remembered id stood for, and when it was accepted.
    private var contents: [UInt128: Command] = [:]

    struct Command: Hashable, Sendable {
        var id: UInt128
        var content: UInt128
        var at: Timestamp
    }

    /// What is known of an event before it is applied.
    enum Recognised {
        /// It carries no identity.
        case anonymous
        /// It was applied before.
        case known
        /// The next of a feed that is known.
        case feed(slot: Int, sequence: UInt64)
        /// The first of a feed.
        case newFeed(source: String, sequence: UInt64)
        /// A new command.
        case command(id: UInt128, content: UInt128)
    }

    /// Looks an event up; the same id with other content is a conflict.
    func recognise(_ event: Event) throws(Rejection) -> Recognised {
        switch event.identity {
        case nil:
            return .anonymous
        case .feed(let source, let sequence):
            guard let slot = feeds.slot(of: source) else {
                return .newFeed(source: source, sequence: sequence)
            }
            return sequence <= feeds[slot] ? .known : .feed(slot: slot, sequence: sequence)
        case .command(let id):
            var digest = StateDigest()
            digest.put(id)
            let key = digest.value
            var content = StateDigest()
            event.body.encode(into: &content)
            guard let before = contents[key],
                event.at.nanoseconds - before.at.nanoseconds <= Limits.idAge
            else { return .command(id: key, content: content.value) }
            guard before.content == content.value else { throw .conflict(id: id) }
            return .known
        }
    }

    /// Remembers an event that was applied.
    ///
    /// A refused one is not remembered.
    @inline(__always)
    mutating func remember(_ recognised: Recognised, at: Timestamp) {
        switch recognised {
        case .anonymous, .known:
            break
        case .feed(let slot, let sequence):
            feeds.note(sequence, at: slot)
        case .newFeed(let source, let sequence):
            feeds.note(sequence, of: source)
        case .command(let id, let content):
            let command = Command(id: id, content: content, at: at)
            contents[id] = command
            queue.append(command)
        }
        if head < queue.count { forget(before: at) }
    }

    /// Forgets what is older than 24 hours or beyond the count that is kept.
    private mutating func forget(before now: Timestamp) {
        while head < queue.count,
            queue.count - head > Limits.ids
                || now.nanoseconds - queue[head].at.nanoseconds > Limits.idAge
        {
            // The id may have been used again since: then a later entry holds it.
            if contents[queue[head].id] == queue[head] { contents[queue[head].id] = nil }
            head += 1
        }
        if head > 1_024, head > queue.count / 2 {
            queue.removeFirst(head)
            head = 0
        }
    }

    func encode(into sink: inout some ByteSink) {
        sink.put(feeds.sorted) { sink, feed in
            sink.put(feed.name)
            sink.put(feed.number)
        }
        sink.put(queue[head...]) { sink, command in
            sink.put(command.id)
            sink.put(command.content)
            sink.put(command.at)
        }
    }

    init() {}

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let marks = try reader.list { reader throws(SnapshotError) in
            (try reader.text(), try reader.word())
        }
        for (source, sequence) in marks { feeds.note(sequence, of: source) }
        queue = try reader.list(ofSize: 40) { reader throws(SnapshotError) in
            Command(
                id: UInt128(bitPattern: try reader.int128()),
                content: UInt128(bitPattern: try reader.int128()),
                at: Timestamp(nanoseconds: try reader.int64())
            )
        }
        for command in queue { contents[command.id] = command }
    }
}
