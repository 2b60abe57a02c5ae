import PlimsollNode
import Synchronization

/// How requests were answered, by route and status.
///
/// Routes are those of the table, and statuses those that are used: the labels are bounded.
final class RequestMetrics: Sendable {
    /// The routes and statuses of the requests so far, with how long they took.
    private let durations = Mutex<[Label: Histogram]>([:])

    struct Label: Hashable, Comparable {
        var route: String
        var status: Int

        static func < (one: Label, other: Label) -> Bool {
            (one.route, one.status) < (other.route, other.status)
        }
    }

    /// Seconds: half a millisecond to ten seconds.
    private static let bounds: [Int64] = [
        500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
        250_000_000, 1_000_000_000, 10_000_000_000,
    ]

    func note(route: String, status: Int, nanoseconds: Int64) {
        let label = Label(route: route, status: status)
        let histogram = durations.withLock { durations in
            if let known = durations[label] { return known }
            let new = Histogram(Self.bounds)
            durations[label] = new
            return new
        }
        histogram.note(nanoseconds)
    }

    /// All of them, in order.
    var all: [(label: Label, values: Histogram.Values)] {
        durations.withLock { $0.sorted { $0.key < $1.key } }.map { ($0.key, $0.value.values) }
    }
}
