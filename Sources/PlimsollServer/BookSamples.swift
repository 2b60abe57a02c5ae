import Plimsoll
import PlimsollAlerts
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

    /// How long samples take, on the replica.
    let durations = Histogram([
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
        250_000_000, 500_000_000, 1_000_000_000,
    ])
    private let marks: MarkRing
    private let moves = Mutex(MoveTable())
    private let last = Mutex<Sample?>(nil)

    /// Samples that take the marks of a day ago from a ring.
    init(_ marks: MarkRing) { self.marks = marks }

    /// The last sample.
    var latest: Sample? { last.withLock { $0 } }

    /// Takes a sample; `nil`: there is no venue yet.
    ///
    /// It is judged by the rules of alerts. `count` moves of "if the market moves" are computed anew: they take long, and each says for which event it holds.
    func take(of node: MarginNode, count: Int, watch: AlertWatch) -> Sample? {
        let start = MarginNode.steadyClock
        // What a replica that has stopped knows is not the present: nothing may end or fire by it.
        guard node.replica.failure == nil else { return nil }
        let sample = watch.sample { machine in
            node.replica.read { engine in self.sample(engine, count, watch, &machine) }
        }
        durations.note(MarginNode.steadyClock - start)
        if let sample { last.withLock { $0 = sample } }
        return sample
    }

    private func sample(
        _ engine: Engine,
        _ count: Int,
        _ watch: AlertWatch,
        _ machine: inout AlertMachine
    ) -> Sample? {
        let venue = VenueID(index: 0)
        guard let rulebook = engine.rulebook(of: venue), !rulebook.id.isEmpty else { return nil }
        let table = moves.withLock { moves in
            moves.refresh(engine, venue, count: count)
            return moves.moves
        }
        let now = Timestamp(nanoseconds: MarginNode.wallClock)
        let directory = engine.directory
        let dayAgo = { [marks] in marks.dayAgo($0, engine.clock) }
        watch.begin(&machine, at: engine.sequence)
        let book = BookSample(
            engine,
            venue,
            sampledAt: now,
            moves: table,
            dayAgo: dayAgo,
            look: { summary, equity, maintenance in
                let reading = AccountReading(equity: equity.units, maintenance: maintenance.units)
                machine.see(Int(summary.account.index), reading) { directory.name(summary.account) }
            }
        )
        for market in book.markets where market.state.mark != nil {
            let marked = market.state.markTime.milliseconds
            let age = watch.age(markedAt: marked, clock: engine.clock.milliseconds)
            machine.see(symbol: market.symbol, age: age)
        }
        for fund in book.funds { machine.see(fund: fund.asset, cash: fund.balance.units) }
        return Sample(
            book: book.json,
            markets: MarketList(engine, venue, dayAgo: dayAgo).json,
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
}
