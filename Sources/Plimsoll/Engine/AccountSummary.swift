public import PlimsollUnits

/// What lists and samples show of an account: the numbers of its report, without the report.
public struct AccountSummary: Hashable, Sendable {
    /// What an account has and needs, in one asset.
    public struct Figures: Hashable, Sendable {
        /// What backs the requirement.
        public var equity: Money
        /// Positions and orders.
        public var initialMargin: Money
        /// Maintenance, rounded up.
        public var maintenanceMargin: Money

        /// Figures in one asset; nothing by default.
        public init(
            equity: Money = .zero,
            initialMargin: Money = .zero,
            maintenanceMargin: Money = .zero
        ) {
            self.equity = equity
            self.initialMargin = initialMargin
            self.maintenanceMargin = maintenanceMargin
        }

        /// Equity − maintenance.
        public var freeboard: Money { equity - maintenanceMargin }
        /// Maintenance ÷ equity in 10⁻¹⁶, rounded up; `nil` with equity at or below zero.
        public var marginRatio: SolvedPrice? {
            MarginFigures.ratio(maintenanceMargin, to: equity)
        }
    }

    /// The account.
    public var account: AccountID
    /// The asset of the figures: the one its pools share, or that of the rulebook's currency; `nil`
    /// where the currency is no asset of the venue.
    public var asset: AssetID?
    /// The whole account; `nil` if a price is missing.
    public var figures: Figures?
    /// The worst band of its pools.
    public var band = Band.safe
    /// The worst mode of its pools.
    public var mode = PoolMode.normal
    /// How many positions are open.
    public var positions = 0
    /// The instrument of its largest position, valued at the marks and indexes; `nil` without one.
    public var largest: InstrumentID?
    /// A price that one of its pools rests on is stale.
    public var isStale = false
}

extension Engine {
    /// What lists and samples show of an account: as its report says, without making one.
    public func summary(of account: AccountID) -> AccountSummary {
        ledger.summary(of: account.index)
    }

    /// The summaries of all margined accounts of a venue, in the order of opening.
    public func summaries(of venue: VenueID, _ body: (AccountSummary) -> Void) {
        ledger.eachAccount(of: venue) { body(ledger.summary(of: $0)) }
    }

    /// All margined accounts of a venue, in the order of opening.
    public func accounts(of venue: VenueID, _ body: (AccountID) -> Void) {
        ledger.eachAccount(of: venue) { body(AccountID(index: $0)) }
    }

    /// An amount of an asset at its index, in the currency of the venue's book, rounded down; `nil` stands for the
    /// currency, and without an index there is no answer.
    ///
    /// The currency of a book is the venue's only asset, or that of its rulebook.
    public func value(_ amount: Money, of asset: AssetID?) -> Money? {
        guard let asset else { return amount }
        return ledger.value(amount.units, of: asset.index).map { Money(units: $0) }
    }

    /// The name of the asset that figures are in; `nil` stands for the currency of the book.
    public func name(of asset: AssetID?, in venue: VenueID) -> String {
        if let asset = asset ?? ledger.onlyAsset(of: venue) { return ledger.directory.name(asset) }
        return rulebook(of: venue)?.currency ?? ""
    }
}

extension MarginFigures {
    /// Maintenance ÷ equity in 10⁻¹⁶, rounded up; `nil` with equity at or below zero.
    static func ratio(_ maintenance: Money, to equity: Money) -> SolvedPrice? {
        guard equity.units > 0 else { return nil }
        return maintenance.units.multiplied(
            by: PowerOfTen.sixteen,
            dividedBy: equity.units,
            rounding: .up
        ).map { SolvedPrice(units: $0) }
    }
}

extension Ledger {
    /// Every account of a venue that is margined.
    func eachAccount(of venue: VenueID, _ body: (Int32) -> Void) {
        for index in accounts.indices
        where accounts[index].venue == venue && !accounts[index].isUnmargined {
            body(Int32(index))
        }
    }

    /// The figures of a pool, by the fast path where it holds: the same numbers.
    func anyFigures(ofPool lead: Int32) -> PoolFigures? {
        plainFigures(Int(lead)) ?? (try? figures(ofPool: lead))
    }

    /// The asset of a venue that has but one.
    func onlyAsset(of venue: VenueID) -> AssetID? {
        var found: AssetID?
        for index in assets.indices where assets[index].venue == venue {
            guard found == nil else { return nil }
            found = AssetID(index: Int32(index))
        }
        return found
    }

    /// An amount at the index of its asset, in the currency of the book.
    func value(_ amount: Int128, of asset: Int32) -> Int128? {
        let venue = assets[Int(asset)].venue
        if venues[Int(venue.index)].currency?.index == asset { return amount }
        if onlyAsset(of: venue)?.index == asset { return amount }
        return (try? conversion(of: asset))?.plain(amount)
    }

    /// The summary of an account.
    ///
    /// `isSupposed`: its prices are not those that events brought, so bands and modes are those that
    /// follow from its figures.
    func summary(of account: Int32, isSupposed: Bool = false) -> AccountSummary {
        let currency = venues[Int(accounts[Int(account)].venue.index)].currency?.index ?? -1
        var summary = AccountSummary(account: AccountID(index: account))
        var sum = SummaryOfPools(currency: currency)
        var largest = LargestPosition()
        var pool = accounts[Int(account)].firstPool
        while pool >= 0 {
            let index = Int(pool)
            summary.positions += Int(pools[index].count)
            for held in positions.held[segment: pools[index].rows] { largest.see(held, in: self) }
            if lead(of: pool) == pool {
                let figures = anyFigures(ofPool: pool)
                let standing = standing(of: pool, isSupposed ? figures : nil)
                summary.band = max(summary.band, standing.band)
                summary.mode = max(summary.mode, standing.mode)
                summary.isStale = summary.isStale || figures?.isStale == true
                sum.add(figures, in: pools[index].isMultiAsset ? currency : pools[index].asset)
            }
            pool = pools[index].next
        }
        if sum.isMixed { sum.figures = valuedFigures(of: account, currency) }
        summary.figures = sum.figures
        summary.asset = sum.asset < 0 ? nil : AssetID(index: sum.asset)
        summary.largest = largest.instrument < 0 ? nil : InstrumentID(index: largest.instrument)
        return summary
    }

    /// Where a pool stands, or would stand with figures that are supposed.
    private func standing(of lead: Int32, _ supposed: PoolFigures?) -> Standing {
        let pool = pools[Int(lead)]
        guard let supposed, !pool.isUnmargined, let thresholds = terms(of: pool.account)?.thresholds
        else { return Standing(band: pool.band, mode: pool.mode) }
        return thresholds.standing(after: pool.mode, supposed)
    }

    /// The figures of an account whose pools are of several assets, in the rulebook's currency.
    private func valuedFigures(of account: Int32, _ currency: Int32) -> AccountSummary.Figures? {
        var sum = AccountSummary.Figures()
        var pool = accounts[Int(account)].firstPool
        while pool >= 0 {
            let index = Int(pool)
            if lead(of: pool) == pool {
                guard let own = anyFigures(ofPool: pool) else { return nil }
                let isInCurrency = pools[index].isMultiAsset || pools[index].asset == currency
                if isInCurrency {
                    sum.add(own) { $0 }
                } else if !own.isNothing {
                    guard let rate = try? conversion(of: pools[index].asset) else { return nil }
                    sum.add(own) { rate.plain($0) }
                }
            }
            pool = pools[index].next
        }
        return sum
    }
}

extension PoolFigures {
    /// Nothing is in the pool and nothing is needed.
    fileprivate var isNothing: Bool {
        wallet == 0 && unrealized == 0 && equity == 0 && positionInitial == 0 && orderInitial == 0
            && maintenanceMoney == 0
    }
}

extension AccountSummary.Figures {
    fileprivate mutating func add(_ figures: PoolFigures, _ convert: (Int128) -> Int128) {
        equity.units += convert(figures.equity)
        initialMargin.units += convert(figures.positionInitial) + convert(figures.orderInitial)
        maintenanceMargin.units += convert(figures.maintenanceMoney)
    }
}

/// The sum of an account's pools as long as they are of one asset; empty pools have none.
private struct SummaryOfPools {
    let currency: Int32
    var figures: AccountSummary.Figures? = AccountSummary.Figures()
    private var first: Int32?
    private var only: Int32?
    private(set) var isMixed = false

    init(currency: Int32) { self.currency = currency }

    var asset: Int32 { isMixed ? currency : only ?? first ?? currency }

    mutating func add(_ own: PoolFigures?, in asset: Int32) {
        if first == nil { first = asset }
        if let own, own.isNothing { return }
        if let only, only != asset { isMixed = true }
        if only == nil { only = asset }
        guard let own else {
            figures = nil
            return
        }
        figures?.add(own) { $0 }
    }
}

/// The largest of some positions at their marks, across assets by their indexes.
private struct LargestPosition {
    var instrument: Int32 = -1
    private var value: Int128 = -1
    private var asset: Int32 = -1

    init() {}

    mutating func see(_ held: PositionTable.Held, in ledger: Ledger) {
        let index = Int(held.instrument)
        let mark = ledger.rows[index].mark
        guard mark > 0 else { return }
        let payoff = ledger.terms[index].payoff
        let settle = ledger.terms[index].settle
        let notional = Valuation.notional(held.quantity, at: mark, payoff)
        if asset < 0 || asset == settle {
            guard notional > value else { return }
        } else {
            guard let own = ledger.value(notional, of: settle),
                let best = ledger.value(value, of: asset), own > best
            else { return }
        }
        (instrument, value, asset) = (held.instrument, notional, settle)
    }
}
