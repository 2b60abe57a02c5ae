/// Names the accounts of events that come soon, so that the engine finds their rows in the cache.
///
/// For whoever has many events at hand: a journal that is replayed, a group that is written. Changes no answer.
public struct Lookahead: Sendable {
    private var next: [AccountID] = []
    /// How many events are named at a time, and how many lie between them and the one that is applied, as `expect` asks.
    private static let step = 8
    private static let ahead = 24

    /// One that has named nothing.
    public init() {}

    /// To be called before each event of `events` is applied, in order, with its place.
    public mutating func pass(_ place: Int, of events: [Event], in engine: inout Engine) {
        guard place % Self.step == 0 else { return }
        let first = place == 0 ? 0 : place + Self.ahead
        for start in stride(from: first, through: place + Self.ahead, by: Self.step) {
            next.removeAll(keepingCapacity: true)
            // By place: a loop over the events themselves would copy each.
            for index in (start..<start + Self.step).clamped(to: events.indices) {
                guard let (buyer, seller) = events[index].body.traders else { continue }
                next.append(buyer)
                next.append(seller)
            }
            engine.expect(next)
        }
    }
}

extension Event.Body {
    /// Whose trade it is.
    fileprivate var traders: (buyer: AccountID, seller: AccountID)? {
        guard case .filled(let fill) = self else { return nil }
        return (fill.buyer.account, fill.seller.account)
    }
}
