import PlimsollUnits

/// All state of an engine: what the events add up to.
struct Ledger: Sendable {
    var directory = Directory()
    var clock = Timestamp.zero
    var venues: [Venue] = []
    var assets: [Asset] = []
    var instruments: [Instrument] = []
    var accounts: [Account] = []
    var pools: [Pool] = []
    var positions = PositionTable()
    /// What accounts chose, by account and instrument.
    ///
    /// Looked up only; sorted where it is written out.
    var settings: [AccountKey: Setting] = [:]
    /// Money in transit, by account and asset.
    var inTransit: [AccountKey: Int128] = [:]
    /// Open orders, by account, in order of placing.
    var orders: [Int32: [Order]] = [:]
    /// What a mark needs of each instrument, in 40 bytes: derived from `instruments`.
    var rows: [MarkRow] = []
    /// What a fill needs of each instrument: derived from `instruments`.
    var terms: [TradeTerms] = []
    /// The brackets of all instruments, for sizes beyond the first: derived, found through `terms`.
    var steps: [BracketStep] = []
    /// Pools that the event at hand may have moved, to be assessed after it; empty between events.
    var touched: [Int32] = []
    /// Distinguishes events for `Pool.visited`; not state.
    var stamp: UInt32 = 0
    /// Brings tables into the cache ahead of the events that need them; not state.
    var fetcher = Fetcher()

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
    @inline(__always)
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
        pool.isMultiAsset = account.collateralMode == .multiAsset && new.isolated < 0
        pool.isOutside = account.isOutside
        pools.append(pool)
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
        let start = Int(pools[Int(pool)].start)
        let count = Int(pools[Int(pool)].count)
        if pools[Int(pool)].isOutside {
            let hint = Int(terms[Int(instrument)].outsideRow)
            if hint >= start, hint < start + count, positions.instrument[hint] == instrument,
                positions.detail[hint].leg == leg
            {
                return hint
            }
        }
        for index in start..<start + count
        where positions.instrument[index] == instrument && positions.detail[index].leg == leg {
            return index
        }
        return nil
    }

    /// Where an account's position in `instrument` and `leg` is, or would be opened.
    func location(
        of account: Int32,
        instrument: Int32,
        leg: Leg
    ) -> (pool: Int32?, row: Int?, isIsolated: Bool) {
        if let pool = isolatedPool(of: account, instrument: instrument, leg: leg),
            let row = position(in: pool, instrument: instrument, leg: leg)
        {
            return (pool, row, true)
        }
        let asset = instruments[Int(instrument)].settle.index
        if let pool = crossPool(of: account, asset: asset),
            let row = position(in: pool, instrument: instrument, leg: leg)
        {
            return (pool, row, false)
        }
        let isIsolated = setting(account, instrument).marginMode == .isolated
        let pool =
            isIsolated
            ? isolatedPool(of: account, instrument: instrument, leg: leg)
            : crossPool(of: account, asset: asset)
        return (pool, nil, isIsolated)
    }

    /// What `account` chose for `instrument`.
    func setting(_ account: Int32, _ instrument: Int32) -> Setting {
        settings[AccountKey(account: account, other: instrument)] ?? Setting()
    }

    /// Opens a row for a position that is about to hold something.
    mutating func openPosition(in pool: Int32, instrument: Int32, leg: Leg) -> Int {
        positions.reserveRow(in: &pools[Int(pool)])
        let row = Int(pools[Int(pool)].start + pools[Int(pool)].count)
        pools[Int(pool)].count += 1
        positions.quantity[row] = 0
        positions.instrument[row] = instrument
        let chosen = setting(pools[Int(pool)].account, instrument).leverage
        positions.detail[row] = PositionTable.Detail(
            leverage: Int32(chosen),
            holder: Int32(instruments[Int(instrument)].holders.count),
            leg: leg
        )
        instruments[Int(instrument)].holders.append(pool)
        if pools[Int(pool)].isOutside { terms[Int(instrument)].outsideRow = Int32(row) }
        return row
    }

    /// Closes the row of a position that holds nothing any more; the last row takes its place.
    mutating func closePosition(in pool: Int32, row: Int) {
        let instrument = Int(positions.instrument[row])
        let slot = positions.detail[row].holder
        let lastSlot = Int32(instruments[instrument].holders.count - 1)
        if slot != lastSlot {
            let moved = instruments[instrument].holders[Int(lastSlot)]
            instruments[instrument].holders[Int(slot)] = moved
            let start = Int(pools[Int(moved)].start)
            for index in start..<start + Int(pools[Int(moved)].count)
            where positions.instrument[index] == Int32(instrument)
                && positions.detail[index].holder == lastSlot
            {
                positions.detail[index].holder = slot
            }
        }
        instruments[instrument].holders.removeLast()
        let last = Int(pools[Int(pool)].start + pools[Int(pool)].count) - 1
        if row != last {
            positions.quantity[row] = positions.quantity[last]
            positions.instrument[row] = positions.instrument[last]
            positions.detail[row] = positions.detail[last]
        }
        positions.instrument[last] = -1
        positions.quantity[last] = 0
        pools[Int(pool)].count -= 1
    }

    /// One position as the margin rules see it.
    @inline(__always)
    func view(_ row: Int, isIsolated: Bool) -> PositionView {
        let detail = positions.detail[row]
        return PositionView(
            quantity: positions.quantity[row],
            cost: detail.cost,
            leverage: Int64(detail.leverage),
            isIsolated: isIsolated
        )
    }

    /// The first cross pool of a multi-asset account: it keeps the band and mode of all of them.
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
            terms.append(TradeTerms())
            refreshSteps(instrument)
        }
        rows[index] = MarkRow(instruments[index])
    }

    /// Derives what follows from an instrument's rules alone; its rows must be there.
    mutating func refreshSteps(_ instrument: Int32) {
        let index = Int(instrument)
        terms[index].refresh(from: instruments[index])
        let added = BracketStep.all(of: instruments[index].rules)
        terms[index].firstStep = Int32(steps.count)
        terms[index].stepCount = Int32(added.count)
        steps += added
    }

    /// Notes whether an account's cross pools may use the fast path.
    mutating func refreshFastPath(ofAccount account: Int32) {
        let nets = terms(of: account)?.nets != false
        let hasOrders = orders[account]?.isEmpty == false
        var pool = accounts[Int(account)].firstPool
        while pool >= 0 {
            pools[Int(pool)].needsExact =
                nets || hasOrders || pools[Int(pool)].isMultiAsset
            pool = pools[Int(pool)].next
        }
    }
}

/// What the fast path needs of an instrument.
///
/// It holds for linear and quanto payoffs valued at the mark in the first bracket of a schedule by
/// notional, without fees: `quantity` below `limit`. Anything else has limit 0 and is computed exactly.
struct MarkRow: Hashable, Sendable {
    var mark: Int64 = 0
    /// The first bracket's maintenance rate, 10⁻⁸.
    var rate: Int64 = 0
    /// Quantities below this are in the first bracket and may use this row.
    var limit: Int64 = 0
    /// 1 ÷ the leverage of those who chose none, in 10⁻⁸, rounded down.
    var reciprocal: Int64 = 0
    /// The first bracket's largest leverage, hundredths; 0: initial margin is computed exactly.
    var maxLeverage: Int32 = 0

    init() {}

    init(_ instrument: Instrument) {
        mark = instrument.mark
        guard mark > 0, instrument.rules.isPlain,
            case .brackets(let schedule) = instrument.rules.schedule, schedule.key == .notional,
            let first = schedule.brackets.first, first.deduction == 0,
            first.maintenanceRate.denominator == 1
        else { return }
        rate = first.maintenanceRate.numerator
        let floor = schedule.brackets.count > 1 ? schedule.brackets[1].floor : Limits.notional
        // Quantities up to the floor's are in the first bracket: floor(floor ÷ mark), inclusive
        // only if the floor is not met, so the comparison is `quantity < limit` with a ceiling.
        limit = Int64(
            min(Int128(Limits.quantity), floor.divided(by: Int128(mark), rounding: .up))
        )
        guard instrument.rules.initialPrice == .mark,
            instrument.rules.isolatedInitialPrice == .mark, first.initialRate == nil,
            !instrument.rules.crossAtMaximumLeverage, first.maxLeverage.hundredths >= 100,
            instrument.rules.defaultLeverage.hundredths >= 100
        else { return }
        maxLeverage = Int32(first.maxLeverage.hundredths)
        reciprocal = reciprocal(
            of: min(maxLeverage, Int32(instrument.rules.defaultLeverage.hundredths))
        )
    }

    /// 1 ÷ leverage in 10⁻⁸, rounded down.
    ///
    /// - Precondition: `leverage` is at least 100, which is 1×.
    @inline(__always)
    func reciprocal(of leverage: Int32) -> Int64 {
        Int64(10_000_000_000 / UInt64(UInt32(bitPattern: leverage)))
    }

    /// The same for a position whose account chose `leverage`, or nothing.
    @inline(__always)
    func reciprocal(chosen leverage: Int32) -> Int64 {
        leverage == 0 ? reciprocal : reciprocal(of: min(leverage, maxLeverage))
    }
}

extension InstrumentRules {
    /// Maintenance is a share of the value at the mark and nothing else.
    var isPlain: Bool {
        payoff != .inverse && maintenancePrice == .mark && closingFee == .none
            && !fundingInMaintenance
    }
}

/// What a fill needs of an instrument, without its names and tables: copying it counts no references.
struct TradeTerms: Hashable, Sendable {
    var settle: Int32 = 0
    var payoff = Payoff.linear
    /// A trade's value is quantity × price as it is: linear or quanto, and not rounded by the venue.
    var isPlain = false
    /// A requirement is valued at the index.
    var usesIndex = false
    /// The leverage of those who chose none, hundredths.
    var defaultLeverage: Int32 = 0
    /// Where its brackets are among the ledger's steps; none where the fast path does not hold.
    var firstStep: Int32 = 0
    var stepCount: Int32 = 0
    /// Where the position of `outside` was last seen, which is a party to nearly every fill of a
    /// mirror and holds every instrument.
    ///
    /// A hint: whoever follows it looks at what is there.
    var outsideRow: Int32 = -1

    /// Takes over an instrument's rules; the hint stays.
    mutating func refresh(from instrument: Instrument) {
        settle = instrument.settle.index
        payoff = instrument.rules.payoff
        isPlain = payoff != .inverse && instrument.rules.costScale == nil
        usesIndex = instrument.rules.usesIndex
        defaultLeverage = Int32(instrument.rules.defaultLeverage.hundredths)
    }
}

/// One bracket by notional, without references.
struct BracketStep: Hashable, Sendable {
    /// 10⁻¹⁶.
    var floor: Int128
    /// 10⁻²⁴.
    var deduction: Int128
    /// 10⁻⁸.
    var rate: Int64
    /// Hundredths.
    var maxLeverage: Int32

    /// All brackets of an instrument, or none if the fast path does not hold for each of them.
    static func all(of rules: InstrumentRules) -> [BracketStep] {
        guard rules.isPlain, case .brackets(let schedule) = rules.schedule,
            schedule.key == .notional
        else { return [] }
        let isFast = schedule.brackets.allSatisfy {
            $0.maintenanceRate.denominator == 1 && $0.initialRate == nil
                && $0.maxLeverage.hundredths >= 100 && $0.deduction.magnitude < 1 << 119
        }
        guard isFast else { return [] }
        return schedule.brackets.map {
            BracketStep(
                floor: $0.floor,
                deduction: $0.deduction,
                rate: $0.maintenanceRate.numerator,
                maxLeverage: Int32($0.maxLeverage.hundredths)
            )
        }
    }
}
