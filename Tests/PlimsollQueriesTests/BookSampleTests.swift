import Plimsoll
import PlimsollQueries
import PlimsollReports
import PlimsollUnits
import PlimsollWire
import TestSupport
import Testing

/// A sample of a book, against the reports of all its accounts.
@Suite struct `The sample of a book` {
    @Test(arguments: Seeds.of(3))
    func `adds up what the reports say`(seed: UInt64) throws {
        let book = try SampleBook(seed: seed)
        let engine = book.engine
        let sample = BookSample(engine, book.venue, sampledAt: engine.clock)
        let reports = book.traders.map { engine.report($0, prices: false) }
        #expect(sample.accounts == reports.count)
        for band in Band.allCases {
            #expect(sample.bands[Int(band.rawValue)] == reports.count { $0.state == band })
        }
        let valued = reports.compactMap { report -> (Money, Money)? in
            let asset = engine.directory.asset(report.asset, in: book.venue)
            guard let figures = report.figures,
                let equity = engine.value(figures.equity, of: asset),
                let maintenance = engine.value(figures.maintenanceMargin, of: asset)
            else { return nil }
            return (equity, maintenance)
        }
        #expect(sample.unvalued == reports.count - valued.count)
        #expect(sample.equity == valued.reduce(.zero) { $0 + $1.0 })
        #expect(sample.maintenanceMargin == valued.reduce(.zero) { $0 + $1.1 })
        #expect(sample.fleet.counts.joined().reduce(0, +) == valued.count)
        let liquidating = reports.count { $0.pools.contains { $0.mode == .liquidating } }
        #expect(sample.liquidating == liquidating)
        #expect(BandCounts(engine, book.venue).counts == sample.bands)
        #expect(sample.asset == "USDT")
    }

    /// A dollar coin without a price in dollars: nothing adds up, and everybody is watched.
    @Test
    func `shows each account to those who watch, also where it cannot be added to the others`()
        throws
    {
        var engine = Engine()
        var effects = Effects()
        let venue = VenueID(index: 0)
        func send(_ body: Event.Body) throws {
            try engine.apply(Event(time: .zero, body: body), emitting: &effects)
        }
        try send(.venueDefined(VenueDefined(name: "v", mode: .venue)))
        let rulebook = Rulebook(id: "r", version: "1", currency: "USD", instruments: [])
        try send(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: rulebook)))
        for name in ["USDT", "USDC"] {
            try send(.assetDefined(AssetDefined(venue: venue, name: name)))
        }
        try send(.accountOpened(AccountOpened(venue: venue, name: "a")))
        let account = try #require(engine.directory.account("a", in: venue))
        let amount = Money(units: 70_000_000_000_000_000)
        try send(.deposited(Deposited(account: account, asset: AssetID(index: 0), amount: amount)))
        var seen: [Money] = []
        let sample = BookSample(
            engine,
            venue,
            sampledAt: .zero,
            look: { _, equity, _ in seen.append(equity) }
        )
        #expect(sample.unvalued == 1 && sample.equity == .zero)
        #expect(seen == [amount])
    }

    @Test(arguments: Seeds.of(2))
    func `lists the worst first`(seed: UInt64) throws {
        let book = try SampleBook(seed: seed &+ 100, accounts: 60)
        let sample = BookSample(book.engine, book.venue, sampledAt: .zero)
        #expect(sample.worst.count == book.traders.count)
        let keys = sample.worst.map { listed -> Int128 in
            let report = book.engine.report(listed.summary.account, prices: false)
            guard let figures = report.figures else { return .min }
            if let ratio = figures.marginRatio { return ratio.units }
            return figures.equity < .zero || figures.maintenanceMargin > .zero ? .max : 0
        }
        #expect(keys == keys.sorted(by: >))
    }

    @Test(arguments: Seeds.of(2))
    func `knows the largest positions of each side`(seed: UInt64) throws {
        let book = try SampleBook(seed: seed &+ 200)
        let engine = book.engine
        let sample = BookSample(engine, book.venue, sampledAt: .zero)
        let interest = engine.openInterest()
        for (index, symbol) in SampleBook.symbols.enumerated() {
            for sign: Int64 in [1, -1] {
                let sizes = book.traders.flatMap { engine.report($0, prices: false).positions }
                    .filter { $0.symbol == symbol && $0.quantity.units.signum() == sign }
                    .map { $0.quantity.units * sign }.sorted(by: >)
                let found = sample.concentration.filter {
                    $0.instrument.index == Int32(index) && $0.quantity.units.signum() == sign
                }
                #expect(found.map { $0.quantity.units * sign } == Array(sizes.prefix(3)))
                for position in found {
                    let whole = interest[index].quantity.units
                    let size = Int128(position.quantity.units * sign)
                    #expect(Int128(position.share.units) == size * PowerOfTen.eight / whole)
                }
            }
        }
    }

    /// The books that these tests go by have everything that can be different.
    @Test func `meets every kind of account`() throws {
        var bands: Set<Band> = []
        var (stale, missing, isolated, hedged, multiAsset, liquidating) = (0, 0, 0, 0, 0, 0)
        for seed in 1...3 as ClosedRange<UInt64> {
            var book = try SampleBook(seed: seed)
            for report in book.traders.map({ book.engine.report($0, prices: false) }) {
                bands.insert(report.state)
                stale += report.stale.isEmpty ? 0 : 1
                missing += report.figures == nil ? 1 : 0
                isolated += report.positions.contains { $0.marginMode == .isolated } ? 1 : 0
                hedged += report.positions.contains { $0.leg == .short } ? 1 : 0
                multiAsset += report.pools.contains(where: \.isMultiAsset) ? 1 : 0
                liquidating += report.pools.contains { $0.mode == .liquidating } ? 1 : 0
            }
            for _ in 0..<200 {
                try book.step()
                bands.formUnion(book.traders.map { book.engine.band(of: $0) })
            }
        }
        #expect(bands == Set(Band.allCases))
        #expect([stale, missing, isolated, hedged, multiAsset, liquidating].allSatisfy { $0 > 0 })
    }

    @Test func `counts an account where its ratio and its equity are`() throws {
        var fleet = FleetGrid(asset: "USDT")
        #expect(fleet.equityEdges.prefix(5).map(\.description) == ["0", "10", "20", "50", "100"])
        func count(_ equity: String, _ maintenance: String) throws {
            let figures = AccountSummary.Figures(
                equity: try money(equity),
                initialMargin: .zero,
                maintenanceMargin: try money(maintenance)
            )
            fleet.count(equity: figures.equity, figures)
        }
        try count("100", "2")  // a ratio of 0.02 exactly: the second column
        try count("99.99", "1.99")
        try count("-5", "0")
        try count("0", "0")
        try count("1000000000000", "2000000000000")
        #expect(fleet.counts[4][1] == 1)
        #expect(fleet.counts[3][0] == 1)
        #expect(fleet.counts[0][60] == 1)
        #expect(fleet.counts[0][0] == 1)
        #expect(fleet.counts[24][60] == 1)
        #expect(fleet.counts.joined().reduce(0, +) == 5)
    }

    @Test func `moves a few of its table at a time, and each says when it was computed`() throws {
        var book = try SampleBook(seed: 9)
        var table = MoveTable()
        table.refresh(book.engine, book.venue, count: 5)
        #expect(table.moves.map(\.change) == MoveTable.changes)
        #expect(Set(table.moves.map(\.sequence)) == [book.engine.sequence])
        let first = book.engine.sequence
        for _ in 0..<3 { try book.step() }
        table.refresh(book.engine, book.venue, count: 5)
        #expect(table.moves.prefix(5).allSatisfy { $0.sequence == book.engine.sequence })
        #expect(table.moves.dropFirst(5).allSatisfy { $0.sequence == first })
        for move in table.moves.prefix(5) {
            #expect(move == BookMove(book.engine, book.venue, by: move.change))
        }
        // A fall of 30 % leaves somebody below the line, no move nobody who is not there now.
        #expect(try #require(table.moves.first?.below).accounts > 0)
        let now = BookMove(book.engine, book.venue, by: .zero)
        let below = book.traders.count { book.engine.report($0).state == .liquidation }
        #expect(now.below?.accounts == below)
    }

    @Test func `has the fields of the API`() throws {
        let book = try SampleBook(seed: 3)
        var table = MoveTable()
        table.refresh(book.engine, book.venue, count: 1)
        let sample = try Read(
            BookSample(
                book.engine,
                book.venue,
                sampledAt: Timestamp(nanoseconds: 1_760_131_200_012_000_000),
                moves: table.moves,
                dayAgo: { $0.index == 0 ? try? price("60000") : nil }
            )
        )
        for key in [
            "seq", "asOf", "sampledAt", "asset", "rulebook", "stale", "accounts", "bands", "equity",
            "maintenanceMargin", "freeboard", "fleet", "worst", "moves", "concentration", "funds",
            "liquidating", "markets",
        ] { #expect(sample[key] != nil, "\(key) is missing") }
        #expect(sample["sampledAt"]?.text == "1760131200012")
        #expect(sample["bands"]?.keys == ["safe", "watch", "call", "liquidation"])
        #expect(
            sample["fleet"]?["ratioEdges"]?.items.prefix(3).map(\.text) == ["0", "0.02", "0.04"]
        )
        #expect(
            sample["fleet"]?["counts"]?.items.count == sample["fleet"]?["equityEdges"]?.items.count
        )
        #expect(
            sample["worst"]?.items.first?.keys == [
                "account", "band", "mode", "equity", "maintenanceMargin", "marginRatio",
                "freeboard", "largest", "isStale",
            ]
        )
        #expect(
            sample["moves"]?.items.first?.keys == [
                "change", "seq", "below", "equityBelow", "maintenanceBelow", "deficit",
            ]
        )
        #expect(sample["moves"]?.items.first?["change"]?.text == "-0.3")
        #expect(
            sample["concentration"]?.items.first?.keys == [
                "account", "symbol", "side", "notional", "share",
            ]
        )
        #expect(sample["funds"]?.items.first?["asset"]?.text == "USDT")
        let market = try #require(sample["markets"]?.items.first)
        #expect(
            market.keys == ["symbol", "mark", "age", "isStale", "openInterest", "change24h"]
        )
        #expect(market["change24h"]?.isNull == false)
        #expect(sample["markets"]?.items.last?["mark"]?.isNull == true)
    }
}

/// The markets of a venue, its books and its rules.
@Suite struct `Lists of a venue` {
    @Test func `markets have their prices, ages and holders`() throws {
        var book = try SampleBook(seed: 5)
        try book.mark(0)
        for _ in 0..<200
        where book.engine.market(of: try book.instrument("BTCUSDT")).isStale == false {
            try book.step()
        }
        let list = try Read(MarketList(book.engine, book.venue))
        #expect(list["items"]?.items.count == 4)
        let market = try #require(list["items"]?.items.first)
        #expect(
            market.keys == [
                "symbol", "payoff", "base", "quote", "settle", "mark", "markAt", "age", "isStale",
                "index", "fundingRate", "openInterest", "longs", "shorts", "change24h",
            ]
        )
        #expect(market["symbol"]?.text == "BTCUSDT")
        #expect(market["payoff"]?.text == "linear")
        #expect(market["index"]?.isNull == false)
        #expect(market["change24h"]?.isNull == true)
        let asOf = try #require(Int64(list["asOf"]?.text ?? ""))
        let (at, age) = (
            market["markAt"]?.text.flatMap(Int64.init), market["age"]?.text.flatMap(Int64.init)
        )
        #expect(asOf - (try #require(at)) == age)
        let positions = book.traders.flatMap { book.engine.report($0, prices: false).positions }
        let longs = positions.count { $0.symbol == "BTCUSDT" && $0.quantity.units > 0 }
        #expect(market["longs"]?.text == "\(longs)")
    }

    @Test func `books add up to nothing`() throws {
        let book = try SampleBook(seed: 6)
        let totals = try Read(BookTotals(book.engine, book.venue))
        #expect(totals["items"]?.items.map { $0["asset"]?.text } == ["USDT", "BTC"])
        for item in totals["items"]?.items ?? [] { #expect(item["difference"]?.text == "0") }
        #expect(totals["items"]?.items.first?.keys.count == 10)
    }

    @Test func `rulebooks are listed and shown`() throws {
        let book = try SampleBook(seed: 6, steps: 0)
        let list = try Read(RulebookList(book.engine))
        #expect(list["items"]?.items.map { $0["id"]?.text } == ["demo"])
        #expect(list["items"]?.items.first?["venue"]?.text == "demo")
        let rules = try Read(RulebookAnswer(book.engine, id: "demo"))
        #expect(rules["hash"] == list["items"]?.items.first?["hash"])
        #expect(rules["instruments"]?.keys == ["BTCUSDT", "ETHUSDT", "XRPUSDT", "BTCUSD"])
        #expect(rules["sample"] == nil)
        #expect(throws: QueryFault.self) { try RulebookAnswer(book.engine, id: "demos") }
    }
}
