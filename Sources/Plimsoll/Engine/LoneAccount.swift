public import PlimsollUnits

/// One account in an engine of its own: for experiments that must not touch the book.
///
/// It has the prices, the rules, the settings, the orders and the positions of the account, and `outside`
/// as a counterparty; nobody else is there and nobody acts below the line, so a question costs what one
/// account and the list of instruments cost, however large the book is.
public struct LoneAccount: Sendable {
    /// The engine with that account alone; its pools have other numbers than in the book.
    public private(set) var engine: Engine
    /// The account in it.
    public let account: AccountID

    /// A copy of one account.
    public init(_ engine: borrowing Engine, _ account: AccountID) {
        self.account = AccountID(index: Int32(engine.ledger.venues.count))
        self.engine = Engine()
        self.engine.sequence = engine.sequence
        self.engine.ledger = engine.ledger.alone(account.index)
    }

    /// Where the rest of the world is.
    public var outside: AccountID { engine.outside(of: engine.venue(of: account)) }

    /// Puts the mark of an instrument elsewhere, and the account where it then stands.
    ///
    /// - Throws: `aboveLimit` where the instrument does not admit the price.
    public mutating func set(mark: Price, of instrument: InstrumentID) throws(Rejection) {
        try suppose { ledger throws(Rejection) in
            try ledger.suppose(mark: mark, of: instrument)
        }
    }

    /// Puts the index of an asset elsewhere, and the account where it then stands.
    public mutating func set(index: Price, of asset: AssetID) throws(Rejection) {
        try suppose { ledger throws(Rejection) in
            try ledger.suppose(index: index, of: asset)
        }
    }

    /// Applies an event of the account, now.
    public mutating func apply(_ body: Event.Body) throws(Rejection) {
        var effects = Effects()
        try engine.apply(Event(time: engine.clock, body: body), emitting: &effects)
    }

    private mutating func suppose(
        _ change: (inout Ledger) throws(Rejection) -> Void
    ) throws(Rejection) {
        engine.ledger.claim()
        try change(&engine.ledger)
        engine.ledger.assessAgain(account.index)
    }
}

extension Ledger {
    /// Looks at every pool of an account again.
    fileprivate mutating func assessAgain(_ account: Int32) {
        var effects = Effects()
        stamp &+= 1
        for pool in poolIDs(of: account) { touch(lead(of: pool)) }
        assessTouched(&effects)
    }

    /// A ledger with one account, and the `outside` of each venue.
    fileprivate func alone(_ account: Int32) -> Ledger {
        var lone = Ledger()
        lone.clock = clock
        lone.directory = directory.withoutAccounts
        lone.venues = venues
        lone.assets = assets
        lone.instruments = instruments
        lone.looksAtAll = looksAtAll
        // Tables of instruments: small, and its own from here on.
        (lone.rows, lone.coarseRows, lone.terms, lone.steps) = (rows, coarseRows, terms, steps)
        lone.rows.claim()
        lone.coarseRows.claim()
        lone.terms.claim()
        lone.steps.claim()
        for index in instruments.indices {
            lone.markEdges.addFeed()
            lone.markMoves.addFeed()
            lone.instruments[index].largestQuantity = 0
            lone.terms[index].largestQuantity = 0
        }
        for _ in assets {
            lone.indexEdges.addFeed()
            lone.indexMoves.addFeed()
        }
        for index in venues.indices {
            lone.seclude(venue: index, outside: accounts[Int(venues[index].outside.index)])
        }
        copy(account, to: &lone)
        return lone
    }

    /// A venue of which only `outside` is there, and which does nothing below the line.
    private mutating func seclude(venue index: Int, outside: Account) {
        let venue = VenueID(index: Int32(index))
        venues[index].outside = directory.add(account: Self.outsideName, in: venue)
        venues[index].multiAsset = []
        venues[index].rulebook?.enforcement = nil
        accounts.append(outside.withoutPools)
    }

    /// Opens an account in another ledger with all that it has here.
    private func copy(_ account: Int32, to lone: inout Ledger) {
        let row = accounts[Int(account)]
        let name = directory.accounts[Int(account)]
        let copy = lone.directory.add(account: name, in: row.venue).index
        lone.accounts.append(row.withoutPools)
        if row.collateralMode == .multiAsset {
            lone.venues[Int(row.venue.index)].multiAsset = [copy]
        }
        if row.hasSettings {
            for index in instruments.indices {
                let key = AccountKey(account: account, other: Int32(index))
                if let setting = settings[key] { lone.choose(setting, copy, Int32(index)) }
            }
        }
        for index in assets.indices {
            let key = AccountKey(account: account, other: Int32(index))
            lone.inTransit[AccountKey(account: copy, other: Int32(index))] = inTransit[key]
        }
        lone.orders[copy] = orders[account]
        for pool in poolIDs(of: account) { self.copy(pool: pool, to: &lone, copy) }
        lone.refreshFastPath(ofAccount: copy)
        for pool in lone.pools.indices { lone.loseBand(of: Int32(pool)) }
    }

    private func copy(pool: Int32, to lone: inout Ledger, _ account: Int32) {
        let own = pools[Int(pool)]
        let copy =
            own.isolated >= 0
            ? lone.openIsolatedPool(
                of: account,
                instrument: own.isolated,
                leg: own.isolatedLeg
            ) : lone.openCrossPool(of: account, asset: own.asset)
        for row in own.rows {
            let held = positions.held[row]
            let place = lone.openPosition(in: copy, instrument: held.instrument, leg: held.leg)
            lone.positions.held[place].quantity = held.quantity
            lone.positions.held[place].leverage = held.leverage
            lone.positions.cost[place] = positions.cost[row]
            let size = Int64(held.quantity.magnitude)
            let index = Int(held.instrument)
            lone.terms[index].largestQuantity = max(lone.terms[index].largestQuantity, size)
            lone.instruments[index].largestQuantity = lone.terms[index].largestQuantity
        }
        lone.pools[Int(copy)].wallet = own.wallet
        lone.pools[Int(copy)].stake = own.stake
        lone.pools[Int(copy)].band = own.band
        lone.pools[Int(copy)].mode = own.mode
    }
}

extension Account {
    /// The account before it had any pool.
    fileprivate var withoutPools: Account {
        var account = self
        (account.firstPool, account.lastPool) = (-1, -1)
        return account
    }
}
