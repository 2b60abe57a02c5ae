import Plimsoll
import PlimsollNode
import PlimsollUnits
import Synchronization

/// What came from each source of events; at most a thousand are told apart.
final class FeedTable: Sendable {
    /// What is known of a source.
    struct Feed: Sendable {
        /// The last number; 0 for commands, which have none.
        var sequence: UInt64 = 0
        /// When the last event was accepted.
        var lastAt = Timestamp.zero
        var events: UInt64 = 0
        var refused: UInt64 = 0
    }

    private let feeds = Mutex<[String: Feed]>([:])
    private static let limit = 1_000

    /// A table of no source.
    init() {}

    /// Notes an event after it was applied or refused.
    func note(_ event: Event, _ consequence: Consequence) {
        var isRefused = false
        if case .refused = consequence.effects.first { isRefused = true }
        let source: String
        var sequence: UInt64 = 0
        switch event.identity {
        case .feed(let name, let number): (source, sequence) = (name, number)
        case .command: source = "commands"
        case nil: source = "without identity"
        }
        feeds.withLock { feeds in
            guard feeds[source] != nil || feeds.count < Self.limit else { return }
            var feed = feeds[source] ?? Feed()
            feed.sequence = max(feed.sequence, sequence)
            feed.lastAt = event.at
            feed.events += 1
            if isRefused { feed.refused += 1 }
            feeds[source] = feed
        }
    }

    /// All sources, by name.
    var all: [(source: String, feed: Feed)] {
        feeds.withLock { feeds in
            feeds.sorted { $0.key < $1.key }.map { (source: $0.key, feed: $0.value) }
        }
    }
}
