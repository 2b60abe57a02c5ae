package import Plimsoll
import PlimsollReports
package import PlimsollUnits
package import PlimsollWire

/// Where a whole venue stands: `GET /v1/book`, from one sweep over its accounts.
package struct BookSample: QueryAnswer {
    /// How many accounts are listed as the worst.
    package static let worstLimit = 200

    /// An account that is listed.
    package struct Listed: Hashable, Sendable {
        package var name: String
        package var summary: AccountSummary
        /// The symbol of its largest position.
        package var largest: String?
    }

    /// When it was computed, by the engine's clock.
    package let stamp: AnswerStamp
    /// When it was computed, by the clock of the process.
    package let sampledAt: Timestamp
    /// The rulebook's currency, in which sums are.
    package let asset: String
    /// How many margined accounts there are.
    package private(set) var accounts = 0
    /// How many of them are in no sum, since a price is missing.
    package private(set) var unvalued = 0
    /// How many are in each band, by its number.
    package private(set) var bands = [Int](repeating: 0, count: Band.allCases.count)
    /// How many have a pool that is liquidating.
    package private(set) var liquidating = 0
    /// The sum of all equity.
    package private(set) var equity = Money.zero
    /// The sum of all maintenance.
    package private(set) var maintenanceMargin = Money.zero
    /// Who stands where.
    package private(set) var fleet: FleetGrid
    /// Those nearest to their line, the nearest first.
    package private(set) var worst: [Listed] = []
    /// What would be if the market moved, as computed last.
    package let moves: [BookMove]
    /// The largest positions.
    package private(set) var concentration: [ConcentratedPosition] = []
    /// The cash of the insurance funds, by asset.
    package private(set) var funds: [(asset: String, balance: Money)] = []
    /// The markets.
    package let markets: [MarketItem]

    /// A sample of a venue.
    ///
    /// - Parameters:
    ///   - engine: the engine that holds the book.
    ///   - venue: the venue.
    ///   - sampledAt: the time of the process.
    ///   - moves: what `MoveTable` computed, at this event or before.
    ///   - dayAgo: the mark of an instrument a day ago, where it is known.
    ///   - look: sees each account that can be valued, with its equity and maintenance in the sums' asset, or in its own
    ///     where there is no price between the two.
    package init(
        _ engine: Engine,
        _ venue: VenueID,
        sampledAt: Timestamp,
        moves: [BookMove] = [],
        dayAgo: (InstrumentID) -> Price? = { _ in nil },
        look: (AccountSummary, _ equity: Money, _ maintenance: Money) -> Void = { _, _, _ in }
    ) {
        self.sampledAt = sampledAt
        self.moves = moves
        let directory = engine.directory
        asset = engine.name(of: nil, in: venue)
        fleet = FleetGrid(asset: asset)
        let markets = MarketList(engine, venue, dayAgo: dayAgo)
        self.markets = markets.items
        stamp = markets.stamp
        sweep(engine, venue, look)
        funds = engine.totals().filter { engine.venue(of: $0.asset) == venue }.map {
            (directory.name($0.asset), $0.funds)
        }
    }

    /// The sum of equity less that of maintenance.
    package var freeboard: Money { equity - maintenanceMargin }

    private mutating func sweep(
        _ engine: Engine,
        _ venue: VenueID,
        _ look: (AccountSummary, Money, Money) -> Void
    ) {
        typealias Place = (key: Int128, summary: AccountSummary)
        var worst = TopList<Place>(Self.worstLimit) { one, other in
            one.key != other.key
                ? one.key > other.key : one.summary.account < other.summary.account
        }
        let directory = engine.directory
        var concentration = Concentration(instruments: directory.instruments.count)
        engine.summaries(of: venue) { summary in
            add(summary, engine, look)
            worst.see((summary.key(.ratio, engine), summary))
            engine.positions(of: summary.account) { concentration.see($0, of: summary.account) }
        }
        self.worst = worst.inOrder.map {
            Listed(
                name: directory.name($0.summary.account),
                summary: $0.summary,
                largest: $0.summary.largest.map { directory.name($0) }
            )
        }
        self.concentration = concentration.positions(engine, engine.openInterest())
    }

    private mutating func add(
        _ summary: AccountSummary,
        _ engine: Engine,
        _ look: (AccountSummary, Money, Money) -> Void
    ) {
        accounts += 1
        bands[Int(summary.band.rawValue)] += 1
        if summary.mode == .liquidating { liquidating += 1 }
        guard let figures = summary.figures else {
            unvalued += 1
            return
        }
        guard let equity = engine.value(figures.equity, of: summary.asset),
            let maintenance = engine.value(figures.maintenanceMargin, of: summary.asset)
        else {
            // It cannot be added to the others, but is watched all the same.
            unvalued += 1
            look(summary, figures.equity, figures.maintenanceMargin)
            return
        }
        self.equity += equity
        maintenanceMargin += maintenance
        fleet.count(equity: equity, figures)
        look(summary, equity, maintenance)
    }
}

// MARK: - JSON

extension BookSample {
    package func write(to json: inout JSONWriter) {
        json.object { object in
            object.stamp(stamp)
            object.field("sampledAt", number: sampledAt.milliseconds)
            object.field("asset", asset)
            object.field("accounts", number: accounts)
            object.field("unvalued", number: unvalued)
            object.key("bands")
            object.bands(bands)
            object.field("equity", decimal: equity)
            object.field("maintenanceMargin", decimal: maintenanceMargin)
            object.field("freeboard", decimal: freeboard)
            object.key("fleet")
            object.fleet(fleet)
            object.key("worst")
            object.array { list in
                for account in worst { write(account, to: &list) }
            }
            object.key("moves")
            object.array { list in
                for move in moves { list.move(move) }
            }
            object.key("concentration")
            object.array { list in
                for position in concentration { write(position, to: &list) }
            }
            object.key("funds")
            object.array { list in
                for fund in funds {
                    list.object { entry in
                        entry.field("asset", fund.asset)
                        entry.field("balance", decimal: fund.balance)
                    }
                }
            }
            object.field("liquidating", number: liquidating)
            object.key("markets")
            object.array { list in
                for market in markets { list.marketGlance(market) }
            }
        }
    }

    private func write(_ account: Listed, to list: inout JSONWriter) {
        list.object { object in
            object.field("account", account.name)
            object.summary(account.summary)
            object.field("largest", decimal: account.largest)
            object.field("isStale", boolean: account.summary.isStale)
        }
    }

    private func write(_ position: ConcentratedPosition, to list: inout JSONWriter) {
        list.object { object in
            object.field("account", position.account)
            object.field("symbol", position.symbol)
            object.field("side", position.quantity.units < 0 ? "short" : "long")
            object.field("notional", decimal: position.notional)
            object.field("share", decimal: position.share)
        }
    }
}

extension JSONWriter {
    /// Writes how many accounts are in each band.
    mutating func bands(_ counts: [Int]) {
        object { object in
            for band in Band.allCases {
                object.field(band.word, number: counts[Int(band.rawValue)])
            }
        }
    }

    fileprivate mutating func move(_ move: BookMove) {
        object { object in
            object.field("change", decimal: move.change)
            object.field("seq", number: move.sequence)
            object.field("below", optional: move.below?.accounts)
            object.field("equityBelow", decimal: move.below?.equity)
            object.field("maintenanceBelow", decimal: move.below?.maintenanceMargin)
            object.field("deficit", decimal: move.below?.deficit)
        }
    }
}
