import Synchronization

/// Counts durations in fixed buckets; to note one takes a lock that nobody holds for long, and no memory.
public final class Histogram: Sendable {
    /// What was counted.
    public struct Values: Sendable {
        /// The upper ends of the buckets but the last, in nanoseconds.
        public var bounds: [Int64]
        /// How many fell into each bucket; the last one has no end.
        public var counts: [UInt64]
        /// The sum of all, in nanoseconds.
        public var sum: Int64 = 0

        /// How many there were.
        public var count: UInt64 { counts.reduce(0, +) }
    }

    private let state: Mutex<Values>

    /// A histogram with buckets up to these ends, which rise, in nanoseconds.
    public init(_ bounds: [Int64]) {
        state = Mutex(
            Values(bounds: bounds, counts: [UInt64](repeating: 0, count: bounds.count + 1))
        )
    }

    /// Counts a duration.
    public func note(_ nanoseconds: Int64) {
        state.withLock { state in
            var bucket = 0
            while bucket < state.bounds.count, nanoseconds > state.bounds[bucket] { bucket += 1 }
            state.counts[bucket] += 1
            state.sum += max(0, nanoseconds)
        }
    }

    /// What was counted so far.
    public var values: Values { state.withLock { $0 } }
}

/// How long the steps of a node take.
public struct NodeTimings: Sendable {
    /// A sync of the journal.
    public let sync = Histogram([
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
        100_000_000, 1_000_000_000,
    ])
    /// From the moment that events were handed over until all of them were durable, applied and published.
    public let eventToEffect = Histogram([
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
        100_000_000, 1_000_000_000,
    ])
}
