import Plimsoll
import PlimsollNode
import PlimsollQueries
import PlimsollUnits
import Synchronization

/// Takes samples of the first venue's book from the replica.
final class BookSamples: Sendable {
    /// One sample, as the documents of the stream's topics.
    struct Sample: Sendable {
        var book: [UInt8]
        var markets: [UInt8]
        /// How many accounts are in each band, by its number.
        var bands: [Int]
        var stale: [String]
        /// The currency of the sums.
        var asset: String
        var equity: Money
        var maintenanceMargin: Money
        var funds: [(asset: String, balance: Money)]
        /// How old marks are, in milliseconds.
        var ages: [(symbol: String, milliseconds: Int64)]
    }

    private let moves = Mutex(MoveTable())
    private let last = Mutex<Sample?>(nil)

    /// The last sample.
    var latest: Sample? { last.withLock { $0 } }

    /// Takes a sample; `nil`: there is no venue yet.
    ///
    /// `count` moves of "if the market moves" are computed anew: they take long, and each says for which event it holds.
    func take(of node: MarginNode, count: Int) -> Sample? {
        let venue = VenueID(index: 0)
        let sample = node.replica.read { engine -> Sample? in
            guard let rulebook = engine.rulebook(of: venue), !rulebook.id.isEmpty else {
                return nil
            }
            let table = moves.withLock { moves in
                moves.refresh(engine, venue, count: count)
                return moves.moves
            }
            let now = Timestamp(nanoseconds: MarginNode.wallClock)
            let book = BookSample(engine, venue, sampledAt: now, moves: table)
            return Sample(
                book: book.json,
                markets: MarketList(engine, venue).json,
                bands: book.bands,
                stale: book.stamp.stale,
                asset: book.asset,
                equity: book.equity,
                maintenanceMargin: book.maintenanceMargin,
                funds: book.funds,
                ages: book.markets.compactMap { market in
                    market.age.map { (symbol: market.symbol, milliseconds: $0) }
                }
            )
        }
        if let sample { last.withLock { $0 = sample } }
        return sample
    }
}
