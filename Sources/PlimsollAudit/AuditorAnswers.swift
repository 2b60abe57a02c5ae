import BigInt
public import Plimsoll
public import PlimsollUnits

// What the auditor answers of a book at rest.
extension Auditor {
    /// How many venues there are.
    public var venueCount: Int { venues.count }
    /// How many assets there are, of all venues.
    public var assetCount: Int { assets.count }
    /// How many instruments there are, of all venues.
    public var instrumentCount: Int { instruments.count }
    /// How many accounts there are, `outside` and those of funds included.
    public var accountCount: Int { accounts.count }

    /// An account that needs no margin: `outside`, or that of a fund.
    public func isUnmargined(_ account: AccountID) -> Bool {
        accounts[Int(account.index)].isUnmargined
    }

    /// The mark of an instrument, if it has one.
    public func mark(of instrument: InstrumentID) -> Price? {
        instruments[Int(instrument.index)].mark
    }

    /// The index price of an asset in steps of 10⁻⁸, if it has one.
    public func index(of asset: AssetID) -> Int64? {
        assets[Int(asset.index)].index.map { Int64(clamping: Self.narrow($0.floor(scale: 8))) }
    }

    /// All wallets of an account by asset, isolated margin included, in steps of 10⁻¹⁶.
    public func walletBalances(of account: AccountID) -> [AssetID: Int128] {
        var sums: [Int32: BigInt] = [:]
        for (wallet, amount) in wallets.of(account.index) {
            sums[asset(of: wallet), default: 0] += amount
        }
        var balances: [AssetID: Int128] = [:]
        for (asset, amount) in sums { balances[AssetID(index: asset)] = Self.narrow(amount) }
        return balances
    }

    /// What the figures of a pool must be; `nil` without one of its prices.
    public func figures(of pool: PoolReport, _ account: AccountID) -> AuditedFigures? {
        place(of: pool, account.index).flatMap { figures(of: $0) }
    }

    /// What effects have said of a pool's mode.
    public func publishedMode(of pool: PoolReport, _ account: AccountID) -> PoolMode {
        place(of: pool, account.index).flatMap { enforcement.modes[$0] } ?? .normal
    }

    /// The mode that a pool's figures say, given the one it is in; `nil` where rounding could decide it, or
    /// a price is missing.
    public func expectedMode(of pool: PoolReport, _ account: AccountID) -> PoolMode? {
        guard let place = place(of: pool, account.index), let figures = figures(of: place) else {
            return nil
        }
        return expectedMode(of: place, figures, after: pool.mode)
    }

    /// The thresholds that an account's pools are measured by.
    public func thresholds(of account: AccountID) -> Thresholds { thresholds(of: account.index) }
}
