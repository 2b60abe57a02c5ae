package import Plimsoll
import PlimsollMarket
package import PlimsollNode
import PlimsollUnits
import Synchronization

/// Moves the demo's prices, and executes the liquidation orders that the node sends.
///
/// It is the only source of marks: it plays one event after the other and hears what each caused.
package final class DemoMarket: Sendable {
    private let node: MarginNode
    private let prices: DemoPrices
    private let market: Mutex<ReplayMarket>
    /// Milliseconds of the screen since the first bar.
    private let time = Mutex<Int64>(0)

    /// How often prices move.
    private static let step: Int64 = 250

    /// A market for a node that has the demo's venue.
    package init(_ node: MarginNode, prices: DemoPrices) throws {
        self.node = node
        self.prices = prices
        var options = ReplayMarket.Options()
        options.latency = 400_000_000
        market = Mutex(try ReplayMarket(options))
    }

    /// Sets the prices to where they fall: 20:50 UTC of that day.
    package func crash() {
        time.withLock { $0 = Int64(DemoPrices.crashBar - DemoPrices.firstBar) * DemoPrices.barTime }
    }

    /// Sets the prices back to the beginning.
    package func reset() { time.withLock { $0 = 0 } }

    /// Defines the venue and its book.
    package func begin(_ venue: DemoVenue, _ rulebook: Rulebook) async throws(NodeError) {
        let first = prices.paths.map { prices.price($0, at: 0) }
        try await submit(stamped(venue.reference(rulebook, prices: first)))
        try await submit(stamped(venue.openings))
        let directory = node.directory
        let ids = venue.names.compactMap { directory.account($0, in: VenueID(index: 0)) }
        let book = stamped(venue.book(ids, prices: first))
        for start in stride(from: 0, to: book.count, by: 1_000) {
            try await submit(Array(book[start..<min(start + 1_000, book.count)]))
        }
    }

    /// Moves prices until it is cancelled.
    package func run() async throws {
        while !Task.isCancelled {
            let now = time.withLock { time in
                time += Self.step
                return time
            }
            for (index, path) in prices.paths.enumerated() {
                let price = prices.price(path, at: now)
                try await play(
                    .marked(Marked(instrument: InstrumentID(index: Int32(index)), price: price))
                )
            }
            try await answerOrders()
            try await Task.sleep(for: .milliseconds(Self.step))
        }
    }

    /// Executes what the venue has ordered and whose time has come.
    private func answerOrders() async throws(NodeError) {
        while true {
            let next = node.read { engine in
                market.withLock { $0.next(until: Self.now, engine) }
            }
            guard let next else { return }
            try await submit([Event(time: Self.now, body: next.body)])
        }
    }

    /// Plays a reference price, with the impact of the orders that were executed.
    private func play(_ body: Event.Body) async throws(NodeError) {
        let event = Event(time: Self.now, body: body)
        let adapted = node.read { engine in market.withLock { $0.adapted(event, engine) } }
        if !adapted.isEmpty { try await submit(adapted) }
    }

    /// Submits events, and lets the market hear what they caused.
    private func submit(_ events: [Event]) async throws(NodeError) {
        let outcomes = try await node.submit(events, wantsEffects: true)
        node.read { engine in
            market.withLock { market in
                for (event, outcome) in zip(events, outcomes) {
                    guard case .accepted(_, let effects) = outcome else { continue }
                    market.note(effects, of: event, engine)
                }
            }
        }
    }

    private func stamped(_ bodies: [Event.Body]) -> [Event] {
        let now = Self.now
        return bodies.map { Event(time: now, body: $0) }
    }

    private static var now: Timestamp { Timestamp(nanoseconds: MarginNode.wallClock) }
}
