import PlimsollNode

/// Gives the stream its turns, and its samples: of the accounts that somebody follows, and of the book.
struct Sampler: Sendable {
    let service: NodeService

    /// How often the hub takes a turn.
    private static let turn: Int64 = 50_000_000
    /// How often there are samples, at most; where one takes long there are fewer, so that a sixth of a core is enough.
    private static let interval: Int64 = 250_000_000

    /// Works until it is cancelled.
    func run() async {
        var accounts: [String: [UInt8]] = [:]
        var next: Int64 = 0
        while !Task.isCancelled {
            var changed: Set<StreamTopic> = []
            let start = MarginNode.steadyClock
            if start >= next {
                changed = sampleAccounts(&accounts)
                if let sample = service.samples.take(
                    of: service.node,
                    count: 1,
                    watch: service.alerts
                ) {
                    service.hub.note(sample.book, of: .book)
                    service.hub.note(sample.markets, of: .markets)
                    changed.formUnion([.book, .markets])
                }
                service.lookAtItself()
                service.hub.note(service.status(), of: .status)
                changed.insert(.status)
                next = start + max(Self.interval, 6 * (MarginNode.steadyClock - start))
            }
            service.hub.tick(changed)
            do { try await Task.sleep(for: .nanoseconds(Self.turn)) } catch { return }
        }
    }

    private func sampleAccounts(_ last: inout [String: [UInt8]]) -> Set<StreamTopic> {
        var changed: Set<StreamTopic> = []
        var present: [String: [UInt8]] = [:]
        for name in service.hub.accounts {
            guard let id = try? service.account(name, venue: nil) else { continue }
            let document = service.document(of: id)
            present[name] = document
            guard last[name] != document else { continue }
            service.hub.note(document, of: .account(name))
            changed.insert(.account(name))
        }
        last = present
        return changed
    }
}
