import PlimsollUnits

/// Questions that several events ask before they change anything.
extension Ledger {
    func known(_ id: VenueID) throws(Rejection) -> Venue {
        guard venues.indices.contains(Int(id.index)) else { throw .unknownVenue }
        return venues[Int(id.index)]
    }

    func known(_ id: AssetID) throws(Rejection) -> Asset {
        guard assets.indices.contains(Int(id.index)) else { throw .unknownAsset }
        return assets[Int(id.index)]
    }

    @inline(__always)
    func known(_ id: InstrumentID) throws(Rejection) {
        guard instruments.indices.contains(Int(id.index)) else { throw .unknownInstrument }
    }

    @inline(__always)
    func known(_ id: AccountID) throws(Rejection) {
        guard accounts.indices.contains(Int(id.index)) else { throw .unknownAccount }
    }

    /// `name` can be a name.
    static func checkName(_ name: String) throws(Rejection) {
        let bytes = name.utf8
        guard !bytes.isEmpty, bytes.count <= Limits.nameLength,
            !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else { throw .badName(name) }
    }

    /// An account and an asset of one venue.
    func check(_ account: AccountID, _ asset: AssetID) throws(Rejection) {
        try known(account)
        let venue = try known(asset).venue
        guard accounts[Int(account.index)].venue == venue else {
            throw .otherVenue(directory.name(asset))
        }
    }

    /// An account and an instrument of one venue; the instrument is listed.
    @inline(__always)
    func check(_ account: AccountID, _ instrument: InstrumentID) throws(Rejection) {
        try known(account)
        try checkListed(instrument)
        try checkVenue(account, instrument)
    }

    /// An account and an instrument, both known, are of one venue.
    @inline(__always)
    func checkVenue(_ account: AccountID, _ instrument: InstrumentID) throws(Rejection) {
        guard accounts[Int(account.index)].venue.index == terms[Int(instrument.index)].venue else {
            throw .otherVenue(directory.name(instrument))
        }
    }

    /// An instrument that is defined and has not expired.
    @inline(__always)
    func checkListed(_ instrument: InstrumentID) throws(Rejection) {
        try known(instrument)
        guard terms[Int(instrument.index)].isListed else {
            throw .expired(symbol: directory.name(instrument))
        }
    }

    /// An amount above zero and within the limit.
    static func checkAmount(_ amount: Money, _ what: String = "the amount") throws(Rejection) {
        guard amount.units > 0 else {
            throw .notPositive(what, value: amount.description)
        }
        try checkLimit(amount.units, what)
    }

    /// An amount whose magnitude is within the limit.
    @inline(__always)
    static func checkLimit(_ units: Int128, _ what: String) throws(Rejection) {
        // Nearly all are within ±2⁹⁶, which their upper half tells.
        let high = Int64(truncatingIfNeeded: units &>> 64)
        if _fastPath(high < 1 << 32 && high >= -(1 << 32)) { return }
        guard units.magnitude <= UInt128(Limits.money) else {
            throw .aboveLimit(
                what,
                value: Text.money(units),
                limit: Text.money(Limits.money)
            )
        }
    }

    /// The wallet of `account` in `asset` stays within the limit after a change by `amount`.
    func checkWallet(
        _ account: AccountID,
        _ asset: AssetID,
        adding amount: Int128
    ) throws(Rejection) {
        let pool = crossPool(of: account.index, asset: asset.index)
        let wallet = pool.map { pools[Int($0)].wallet } ?? 0
        try Self.checkLimit(wallet + amount, "the wallet")
    }

    /// Requests of `account` are heard, and whether margin decides about them.
    func checkRequest(_ account: AccountID) throws(Rejection) -> Bool {
        let row = accounts[Int(account.index)]
        guard !row.isUnmargined else { throw .notForOutside }
        guard venues[Int(row.venue.index)].mode == .venue else { return false }
        guard !row.isFrozen else { throw .frozen(account: directory.name(account)) }
        return true
    }

    /// The leg fits the position mode of `account`.
    @inline(__always)
    func check(_ leg: Leg, of account: AccountID) throws(Rejection) {
        let row = accounts[Int(account.index)]
        guard (row.positionMode == .hedge) == (leg != .net) else {
            throw .legMismatch(directory.name(account))
        }
    }

    /// `price × quantity` (or `quantity ÷ price`) is within the limit of a notional.
    @inline(__always)
    func checkNotional(
        _ quantity: Int64,
        at price: Int64,
        _ instrument: InstrumentID,
        _ what: String
    ) throws(Rejection) {
        if terms[Int(instrument.index)].isSmall(quantity, at: price) { return }
        try checkWideNotional(quantity, at: price, instrument, what)
    }

    private func checkWideNotional(
        _ quantity: Int64,
        at price: Int64,
        _ instrument: InstrumentID,
        _ what: String
    ) throws(Rejection) {
        let payoff = terms[Int(instrument.index)].payoff
        let notional = Valuation.notional(quantity, at: price, payoff)
        guard notional <= Limits.notional else {
            throw .aboveLimit(
                what,
                value: Text.money(notional),
                limit: Text.money(Limits.notional)
            )
        }
    }

    /// The price is within what the instrument declares.
    @inline(__always)
    func check(_ price: Price, of instrument: InstrumentID) throws(Rejection) {
        let limit = terms[Int(instrument.index)].maxPrice
        guard price.units <= limit else {
            throw .aboveLimit("the price", value: "\(price)", limit: "\(Price(unchecked: limit))")
        }
    }

    /// The quantity is above zero and within what the instrument declares.
    @inline(__always)
    func check(_ quantity: Quantity, of instrument: InstrumentID) throws(Rejection) {
        guard quantity.units > 0 else {
            throw .notPositive("the quantity", value: "\(quantity)")
        }
        let limit = terms[Int(instrument.index)].maxQuantity
        guard quantity.units <= limit else {
            throw .aboveLimit("the quantity", value: "\(quantity)", limit: Text.quantity(limit))
        }
    }

    /// A missing price, as the refusal of a request that needs it.
    func rejection(_ missing: MissingPrice) -> Rejection {
        switch missing {
        case .mark(let instrument):
            .noMark(symbol: directory.instruments[Int(instrument)])
        case .index(let asset): .noIndex(asset: directory.assets[Int(asset)])
        }
    }

    /// The figures of a pool, for a request that cannot be decided without them.
    func figuresForRequest(
        _ pool: Int32,
        _ supposing: Supposition = .none
    ) throws(Rejection) -> PoolFigures {
        do {
            return try figures(ofPool: pool, supposing: supposing)
        } catch {
            throw rejection(error)
        }
    }
}
