import PlimsollUnits

/// All state of an engine: what the events add up to.
struct Ledger: Sendable {
    var directory = Directory()
    var clock = Timestamp.zero
    var venues: [Venue] = []
    var assets: [Asset] = []
    var instruments: [Instrument] = []
    var accounts = Column<Account>()
    var pools = Column<Pool>()
    var positions = PositionTable()
    /// What accounts chose, by account and instrument.
    ///
    /// Looked up only; sorted where it is written out.
    var settings: [AccountKey: Setting] = [:]
    /// Money in transit, by account and asset.
    var inTransit: [AccountKey: Int128] = [:]
    /// Open orders, by account, in order of placing.
    var orders: [Int32: [Order]] = [:]
    /// The visible books, by instrument.
    var depth: [Int32: Depth] = [:]
    /// Pools that are being liquidated, by lead.
    var liquidations = LiquidationTable()
    /// The number of the last liquidation and of the last order for one.
    var liquidationCount: UInt64 = 0
    var liquidationOrderCount: UInt64 = 0
    /// Pools that wait to be evaluated, the longest waiting first: no event evaluates more than the
    /// rulebooks allow.
    var waiting: [Int32] = []
    /// How many pools are evaluated after one event at the most: derived from the rulebooks.
    var evaluationLimit = Int.max
    /// Assets in which a fund could not pay all of a loss: withdrawals wait where the rulebook says so.
    var shortFunds: Set<Int32> = []
    /// How far each fund's purse has fallen, by pool, where its rule has a trigger: as seen when it acts
    /// and at every mark of what it holds.
    var fundWatch: [Int32: FundDrawdown] = [:]
    /// The pool that works on each liquidation order: derived from `liquidations`.
    var orderPools: [UInt64: Int32] = [:]
    /// What a mark needs of each instrument, in 40 bytes: derived from `instruments`.
    var rows = Column<MarkRow>()
    /// The same for coarse sums, in 32 bytes: derived.
    var coarseRows = Column<CoarseRow>()
    /// What a fill needs of each instrument: derived from `instruments`.
    var terms = Column<TradeTerms>()
    /// The brackets of all instruments, for sizes beyond the first: derived, found through `terms`.
    var steps = Column<BracketStep>()
    /// Who holds each instrument, and the marks between which nothing can happen to them: derived.
    var markEdges = EdgeTable()
    /// The same for the indexes of assets, which value the wallets of accounts whose assets back each
    /// other.
    var indexEdges = EdgeTable()
    /// The number of such a wallet among the holders of its asset's index.
    var indexHolders: [Int32: Int32] = [:]
    /// Safe bands and the fast path are left out: every price computes every pool that it values exactly,
    /// as tests do to compare.
    var looksAtAll = false
    /// How much marks and indexes move: not state.
    var markMoves = Volatility()
    var indexMoves = Volatility()
    /// Pools whose safe band is to be drawn again before the next price.
    var withoutBand = Column<Int32>()
    /// What was read ahead; of no use but to have been read.
    var fetched: Int64 = 0
    /// How often a price was outside of a safe band: not state.
    var crossings: UInt64 = 0
    /// Pools that a price at hand looks at; empty between events.
    var examined = Column<Int32>()
    /// Pools that the event at hand may have moved, to be assessed after it; empty between events.
    var touched = Column<Int32>()
    /// Distinguishes events for `Pool.visited`; not state.
    var stamp: UInt32 = 0

    /// Makes the columns this ledger's own: what every event does before it changes anything.
    mutating func claim() {
        guard !isKnownUniquelyReferenced(&owner) else { return }
        owner = Owner()
        accounts.claim()
        pools.claim()
        positions.claim()
        rows.claim()
        coarseRows.claim()
        terms.claim()
        steps.claim()
        touched.claim()
        markEdges.claim()
        indexEdges.claim()
        markMoves.claim()
        indexMoves.claim()
        withoutBand.claim()
        examined.claim()
    }

    /// A value of any type is never in registers, so a ledger with one is handed on by its address.
    ///
    /// Without it the compiler copied a ledger, 1,100 bytes, for each call of a method that does not change
    /// it: eight times for one fill. It still does if an argument of such a call reads the ledger itself:
    /// where it matters, arguments are named first.
    private let byAddress: (any Sendable)? = nil

    /// What copies of a ledger share until one of them changes.
    ///
    /// All columns are copied together, so one question answers for all of them.
    private final class Owner: Sendable {}
    private var owner = Owner()

    // MARK: Accounts, pools, positions

    /// The pools of an account, in order of creation.
    func poolIDs(of account: Int32) -> [Int32] {
        var ids: [Int32] = []
        var pool = accounts[Int(account)].firstPool
        while pool >= 0 {
            ids.append(pool)
            pool = pools[Int(pool)].next
        }
        return ids
    }

    /// The cross pool of `account` in `asset`, if there is one.
    @inline(__always)
    func crossPool(of account: Int32, asset: Int32) -> Int32? {
        var pool = accounts[Int(account)].firstPool
        while pool >= 0 {
            let index = Int(pool)
            if pools[index].asset == asset, pools[index].isolated < 0 { return pool }
            pool = pools[index].next
        }
        return nil
    }

    /// The isolated pool of `account` for `instrument` and `leg`, if there is one.
    func isolatedPool(of account: Int32, instrument: Int32, leg: Leg) -> Int32? {
        var pool = accounts[Int(account)].firstPool
        while pool >= 0 {
            let index = Int(pool)
            if pools[index].isolated == instrument, pools[index].isolatedLeg == leg { return pool }
            pool = pools[index].next
        }
        return nil
    }

    /// The cross pool of `account` in `asset`, made if there is none.
    mutating func openCrossPool(of account: Int32, asset: Int32) -> Int32 {
        crossPool(of: account, asset: asset)
            ?? appendPool(Pool(account: account, asset: asset))
    }

    /// The isolated pool of `account` for `instrument` and `leg`, made if there is none.
    mutating func openIsolatedPool(of account: Int32, instrument: Int32, leg: Leg) -> Int32 {
        if let pool = isolatedPool(of: account, instrument: instrument, leg: leg) { return pool }
        var pool = Pool(account: account, asset: instruments[Int(instrument)].settle.index)
        pool.isolated = instrument
        pool.isolatedLeg = leg
        return appendPool(pool)
    }

    private mutating func appendPool(_ new: Pool) -> Int32 {
        let index = Int32(pools.count)
        let account = accounts[Int(new.account)]
        var pool = new
        pool.set(.multiAsset, account.collateralMode == .multiAsset && new.isolated < 0)
        pool.set(.unmargined, account.isUnmargined)
        pools.append(pool)
        refreshIndexHolder(index)
        if account.lastPool >= 0 {
            pools[Int(account.lastPool)].next = index
        } else {
            accounts[Int(new.account)].firstPool = index
        }
        accounts[Int(new.account)].lastPool = index
        refreshFastPath(ofAccount: new.account)
        return index
    }

    /// The row of a position in `pool`, if it is open.
    @inline(__always)
    func position(in pool: Int32, instrument: Int32, leg: Leg) -> Int? {
        let rows = pools[Int(pool)].rows
        if pools[Int(pool)].isUnmargined {
            let hint = Int(terms[Int(instrument)].outsideRow)
            if rows.contains(hint), positions.held[hint].instrument == instrument,
                positions.held[hint].leg == leg
            {
                return hint
            }
        }
        // The search, and the assessment after it, look at all of them: better to wait for all at once.
        if rows.count > 4 { positions.held.prefetch(rows) }
        return positions.row(in: rows, instrument: instrument, leg: leg)
    }

    /// Where an account's position is, or would be opened.
    struct Location: BitwiseCopyable {
        private var poolNumber: Int32 = -1
        private var rowNumber: Int32 = -1
        var isIsolated = false

        init() {}

        /// Numbers below zero: none.
        @inline(__always)
        init(pool: Int32, row: Int32 = -1, isIsolated: Bool = false) {
            poolNumber = pool
            rowNumber = row
            self.isIsolated = isIsolated
        }

        var pool: Int32? {
            @inline(__always) get { poolNumber < 0 ? nil : poolNumber }
        }
        var row: Int? {
            @inline(__always) get { rowNumber < 0 ? nil : Int(rowNumber) }
        }
    }

    /// Where an account's position in `instrument` and `leg` is, or would be opened.
    ///
    /// An open position stays where it is; what the account chose since says where a new one goes.
    func location(of account: Int32, instrument: Int32, leg: Leg) -> Location {
        let asset = terms[Int(instrument)].settle
        var (cross, isolated) = (Int32(-1), Int32(-1))
        var pool = accounts[Int(account)].firstPool
        while pool >= 0 {
            let index = Int(pool)
            if pools[index].isolated < 0 {
                if pools[index].asset == asset { cross = pool }
            } else if pools[index].isolated == instrument, pools[index].isolatedLeg == leg {
                isolated = pool
            }
            pool = pools[index].next
        }
        if isolated >= 0, let row = position(in: isolated, instrument: instrument, leg: leg) {
            return Location(pool: isolated, row: Int32(row), isIsolated: true)
        }
        if cross >= 0, let row = position(in: cross, instrument: instrument, leg: leg) {
            return Location(pool: cross, row: Int32(row))
        }
        let isIsolated = setting(account, instrument).marginMode == .isolated
        return Location(pool: isIsolated ? isolated : cross, isIsolated: isIsolated)
    }

    /// What `account` chose for `instrument`.
    @inline(__always)
    func setting(_ account: Int32, _ instrument: Int32) -> Setting {
        guard accounts[Int(account)].hasSettings else { return Setting() }
        return settings[AccountKey(account: account, other: instrument)] ?? Setting()
    }

    /// Notes what an account chooses for an instrument.
    mutating func choose(_ setting: Setting, _ account: Int32, _ instrument: Int32) {
        accounts[Int(account)].hasSettings = true
        settings[AccountKey(account: account, other: instrument)] = setting
    }

    /// Opens a row for a position that is about to hold something.
    mutating func openPosition(in pool: Int32, instrument: Int32, leg: Leg) -> Int {
        let start = pools[Int(pool)].start
        positions.reserveRow(in: &pools[Int(pool)])
        let row = Int(pools[Int(pool)].start + pools[Int(pool)].count)
        pools[Int(pool)].count += 1
        let account = pools[Int(pool)].account
        let chosen = setting(account, instrument).leverage
        positions.held[row] = PositionTable.Held(
            instrument: instrument,
            leg: leg,
            leverage: Int32(chosen)
        )
        positions.cost[row] = 0
        let edges = undrawnEdges(of: pool)
        positions.holder[row] = markEdges.add(pool, to: instrument, edges)
        if pools[Int(pool)].isUnmargined {
            let hasMoved = pools[Int(pool)].start != start
            hintOutside(at: hasMoved ? pools[Int(pool)].rows : row..<row + 1)
        }
        return row
    }

    /// Closes the row of a position that holds nothing any more; the last row takes its place.
    mutating func closePosition(in pool: Int32, row: Int) {
        let instrument = positions.held[row].instrument
        let holder = positions.holder[row]
        if let moved = markEdges.remove(holder, from: instrument) {
            for index in pools[Int(moved.pool)].rows
            where positions.held[index].instrument == instrument
                && positions.holder[index] == moved.was
            {
                positions.holder[index] = holder
            }
        }
        let last = Int(pools[Int(pool)].start + pools[Int(pool)].count) - 1
        if row != last {
            positions.held[row] = positions.held[last]
            positions.cost[row] = positions.cost[last]
            positions.holder[row] = positions.holder[last]
            if pools[Int(pool)].isUnmargined { hintOutside(at: row..<row + 1) }
        }
        positions.held[last] = .none
        pools[Int(pool)].count -= 1
    }

    /// Notes where the positions of `outside` are now.
    private mutating func hintOutside(at rows: Range<Int>) {
        for row in rows { terms[Int(positions.held[row].instrument)].outsideRow = Int32(row) }
    }

    /// One position as the margin rules see it.
    @inline(__always)
    func view(_ row: Int, isIsolated: Bool) -> PositionView {
        PositionView(
            quantity: positions.held[row].quantity,
            cost: positions.cost[row],
            leverage: Int64(positions.held[row].leverage),
            isIsolated: isIsolated
        )
    }

    /// The first cross pool of a multi-asset account: it keeps the band and mode of all of them.
    @inline(__always)
    func lead(of pool: Int32) -> Int32 {
        guard pools[Int(pool)].isMultiAsset else { return pool }
        var candidate = accounts[Int(pools[Int(pool)].account)].firstPool
        while candidate >= 0 {
            if pools[Int(candidate)].isolated < 0 { return candidate }
            candidate = pools[Int(candidate)].next
        }
        return pool
    }

    /// The rulebook of an account's venue.
    func rulebook(of account: Int32) -> Rulebook? {
        venues[Int(accounts[Int(account)].venue.index)].rulebook
    }

    /// The scalars of the rulebook of an account's venue.
    @inline(__always)
    func terms(of account: Int32) -> VenueTerms? {
        venues[Int(accounts[Int(account)].venue.index)].terms
    }

    // MARK: Fast rows

    /// Derives the rows of an instrument, which may be new, from its mark and rules.
    mutating func refreshRow(_ instrument: Int32) {
        let index = Int(instrument)
        if index == rows.count {
            rows.append(MarkRow())
            coarseRows.append(CoarseRow())
            terms.append(TradeTerms())
            markEdges.addFeed()
            markMoves.addFeed()
            refreshSteps(instrument)
        }
        rows[index] = MarkRow(instruments[index])
        coarseRows[index] = CoarseRow(rows[index], terms[index])
    }

    /// Derives what follows from an instrument's rules alone; its rows must be there.
    mutating func refreshSteps(_ instrument: Int32) {
        let index = Int(instrument)
        terms[index].refresh(from: instruments[index])
        let added = BracketStep.all(of: instruments[index].rules)
        terms[index].firstStep = Int32(steps.count)
        terms[index].stepCount = Int32(added.count)
        for step in added { steps.append(step) }
    }

    /// Notes whether an account's cross pools may use the fast path, and whether a fund is watched.
    mutating func refreshFastPath(ofAccount account: Int32) {
        let nets = terms(of: account)?.nets != false
        let hasOrders = orders[account]?.isEmpty == false
        var pool = accounts[Int(account)].firstPool
        while pool >= 0 {
            let isUnusual = nets || hasOrders || pools[Int(pool)].isMultiAsset
            pools[Int(pool)].set(.needsExact, isUnusual)
            pool = pools[Int(pool)].next
        }
        if accounts[Int(account)].isFund { refreshWatch(ofFund: account) }
    }
}
