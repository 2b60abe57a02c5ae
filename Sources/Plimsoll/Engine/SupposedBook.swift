public import PlimsollUnits

/// The pools that are below their line at some prices, added up in the rulebook's currency.
public struct BelowLine: Hashable, Sendable {
    /// How many accounts have such a pool.
    public var accounts = 0
    /// How many pools there are.
    public var pools = 0
    /// The sum of their equity.
    public var equity = Money.zero
    /// The sum of their maintenance.
    public var maintenanceMargin = Money.zero
    /// The sum of their equity below zero, as an amount above it.
    public var deficit = Money.zero
    /// How many of the pools are not in the sums, since an index is missing.
    public var unvalued = 0
}

/// A book at other prices than those that events brought: for questions, never for events.
///
/// It shares all tables with the engine that it was made of, but for what a price values directly, so that
/// making one costs a few hundred bytes for each instrument, and computing is the engine's own. As long as
/// it is there, the first change of the engine copies its tables: let it go before.
public struct SupposedBook: Sendable {
    private var ledger: Ledger

    /// The book at its present prices.
    public init(_ engine: borrowing Engine) { ledger = engine.ledger }

    /// Puts the mark of an instrument elsewhere.
    ///
    /// - Throws: `aboveLimit` where the instrument does not admit the price, or a position would be
    ///   worth more than any may be.
    public mutating func set(mark: Price, of instrument: InstrumentID) throws(Rejection) {
        try ledger.suppose(mark: mark, of: instrument)
    }

    /// Puts the index of an asset elsewhere.
    public mutating func set(index: Price, of asset: AssetID) throws(Rejection) {
        try ledger.suppose(index: index, of: asset)
    }

    /// Moves every mark of a venue, and the index of every asset that its instruments are based on, by the
    /// same fraction: −0.1 is ten per cent down.
    ///
    /// Prices that are missing stay so. A price is rounded to its step of 10⁻⁸ and never below one.
    public mutating func moveAll(of venue: VenueID, by change: Rate) throws(Rejection) {
        var bases: Set<Int32> = []
        for index in ledger.instruments.indices where ledger.instruments[index].venue == venue {
            if let base = ledger.instruments[index].base { bases.insert(base.index) }
            guard ledger.instruments[index].mark > 0 else { continue }
            try ledger.suppose(
                mark: Price(unchecked: ledger.instruments[index].mark).moved(by: change),
                of: InstrumentID(index: Int32(index))
            )
        }
        for base in bases.sorted() where ledger.assets[Int(base)].index > 0 {
            let index = Price(unchecked: ledger.assets[Int(base)].index)
            try ledger.suppose(index: index.moved(by: change), of: AssetID(index: base))
        }
    }

    /// The summary of an account at these prices; its band and mode are those that follow from them.
    public func summary(of account: AccountID) -> AccountSummary {
        ledger.summary(of: account.index, isSupposed: true)
    }

    /// All pools of a venue that are below their line at these prices, each computed exactly.
    public func below(in venue: VenueID) -> BelowLine {
        var below = BelowLine()
        var isBelow = [Bool](repeating: false, count: ledger.accounts.count)
        for pool in ledger.sweepBelow() {
            let row = ledger.pools[Int(pool.index)]
            guard ledger.accounts[Int(row.account)].venue == venue else { continue }
            below.pools += 1
            if !isBelow[Int(row.account)] {
                isBelow[Int(row.account)] = true
                below.accounts += 1
            }
            guard let own = ledger.valuedFigures(ofPool: pool.index) else {
                below.unvalued += 1
                continue
            }
            below.equity += own.equity
            below.maintenanceMargin += own.maintenance
            if own.equity < .zero { below.deficit -= own.equity }
        }
        return below
    }
}

extension Price {
    /// The price moved by a fraction, to the nearest step, at least one and at most the limit.
    public func moved(by change: Rate) -> Price {
        let factor = PowerOfTen.eight + Int128(change.units)
        let moved = (Int128(units) * factor).divided(by: PowerOfTen.eight, rounding: .halfEven)
        return Price(unchecked: Int64(Swift.min(Swift.max(1, moved), Int128(Limits.price))))
    }
}

extension Ledger {
    /// Equity and maintenance of a pool in the rulebook's currency.
    fileprivate func valuedFigures(ofPool lead: Int32) -> (equity: Money, maintenance: Money)? {
        guard let own = anyFigures(ofPool: lead) else { return nil }
        let isInCurrency = pools[Int(lead)].isMultiAsset
        let asset = pools[Int(lead)].asset
        let equity = isInCurrency ? own.equity : value(own.equity, of: asset)
        let maintenance =
            isInCurrency ? own.maintenanceMoney : value(own.maintenanceMoney, of: asset)
        guard let equity, let maintenance else { return nil }
        return (Money(units: equity), Money(units: maintenance))
    }

    /// Puts a mark elsewhere, without looking who stands where.
    mutating func suppose(mark: Price, of instrument: InstrumentID) throws(Rejection) {
        try known(instrument)
        try check(mark, of: instrument)
        let index = Int(instrument.index)
        try checkNotional(
            instruments[index].largestQuantity,
            at: mark.units,
            instrument,
            "the mark × the largest position"
        )
        instruments[index].mark = mark.units
        rows.claim()
        coarseRows.claim()
        refreshRow(instrument.index)
    }

    /// Puts an index elsewhere, without looking who stands where.
    mutating func suppose(index: Price, of asset: AssetID) throws(Rejection) {
        _ = try known(asset)
        assets[Int(asset.index)].index = index.units
    }
}
