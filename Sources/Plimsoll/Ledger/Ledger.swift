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
    /// What accounts chose, by account and instrument. Looked up only; sorted where it is written out.
    var settings: [AccountKey: Setting] = [:]
    /// Money in transit, by account and asset.
    var inTransit: [AccountKey: Int128] = [:]
    /// Open orders, by account, in order of placing.
    var orders: [Int32: [Order]] = [:]
    /// What a mark needs of each instrument, in 32 bytes: derived from `instruments`.
    var rows: [MarkRow] = []
    /// Pools that the event at hand may have moved, to be assessed after it; empty between events.
    var touched: [Int32] = []
    /// Distinguishes events for `Pool.visited`; not state.
    var stamp: UInt32 = 0

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
            let row = pools[Int(pool)]
            if row.asset == asset, row.isolated < 0 { return pool }
            pool = row.next
        }
        return nil
    }

    /// The isolated pool of `account` for `instrument` and `leg`, if there is one.
    func isolatedPool(of account: Int32, instrument: Int32, leg: Leg) -> Int32? {
        var pool = accounts[Int(account)].firstPool
        while pool >= 0 {
            let row = pools[Int(pool)]
            if row.isolated == instrument, row.isolatedLeg == leg { return pool }
            pool = row.next
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
        let row = pools[Int(pool)]
        for index in Int(row.start)..<Int(row.start + row.count)
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
            let other = pools[Int(moved)]
            for index in Int(other.start)..<Int(other.start + other.count)
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
        let row = pools[Int(pool)]
        guard row.isMultiAsset else { return pool }
        var candidate = accounts[Int(row.account)].firstPool
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

    // MARK: Fast rows

    /// Derives an instrument's row from its mark and rules.
    mutating func refreshRow(_ instrument: Int32) {
        rows[Int(instrument)] = MarkRow(instruments[Int(instrument)])
    }

    /// Notes whether an account's cross pools may use the fast path.
    mutating func refreshFastPath(ofAccount account: Int32) {
        let nets = rulebook(of: account)?.netting != Netting.none
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
    /// mark × first rate, 10⁻¹⁶.
    var markRate: Int64 = 0
    /// Quantities below this are in the first bracket and may use this row.
    var limit: Int64 = 0
    /// The first bracket's largest leverage and the leverage of those who chose none, hundredths.
    var maxLeverage: Int32 = 0
    var defaultLeverage: Int32 = 0

    init() {}

    init(_ instrument: Instrument) {
        let rules = instrument.rules
        mark = instrument.mark
        guard mark > 0, rules.payoff != .inverse, rules.maintenancePrice == .mark,
            rules.closingFee == .none, !rules.fundingInMaintenance,
            case .brackets(let schedule) = rules.schedule, schedule.key == .notional,
            let first = schedule.brackets.first, first.deduction == 0,
            first.maintenanceRate.denominator == 1
        else { return }
        let (product, overflow) = mark.multipliedReportingOverflow(
            by: first.maintenanceRate.numerator
        )
        guard !overflow else { return }
        markRate = product
        let floor = schedule.brackets.count > 1 ? schedule.brackets[1].floor : Limits.notional
        // Quantities up to the floor's are in the first bracket: floor(floor ÷ mark), inclusive
        // only if the floor is not met, so the comparison is `quantity < limit` with a ceiling.
        limit = Int64(
            min(Int128(Limits.quantity), floor.divided(by: Int128(mark), rounding: .up))
        )
        guard rules.initialPrice == .mark, rules.isolatedInitialPrice == .mark,
            first.initialRate == nil, !rules.crossAtMaximumLeverage
        else { return }
        maxLeverage = Int32(first.maxLeverage.hundredths)
        defaultLeverage = Int32(rules.defaultLeverage.hundredths)
    }
}
