public import PlimsollUnits

/// The figures of an account at the present marks: what the engine answers when it is asked.
///
/// Account figures include isolated positions. Where its pools are of several assets they are valued
/// in the rulebook's currency by the indexes, and are `nil` where an index is missing.
public struct AccountReport: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The asset of the account figures: the one its pools share, or the rulebook's currency.
    public var asset: String
    /// Wallet, profit, requirements of the whole account; `nil` if they cannot be valued.
    public var figures: MarginFigures?
    /// The band of its worst pool.
    public var state: Band
    /// Every wallet of the account, by asset, isolated margin included.
    public var collateral: [CollateralReport]
    /// Its margin pools.
    public var pools: [PoolReport]
    /// Its open positions.
    public var positions: [PositionReport]
    /// Symbols and assets whose prices are older than the rulebook allows.
    public var stale: [String]
    /// Prices without which some figures are missing: symbols of marks, names of indexes.
    public var missing: [String]
}

/// Wallet, profit and requirements of a pool or an account, in one asset.
public struct MarginFigures: Hashable, Sendable {
    /// Deposits, realised profit, fees and funding.
    public var walletBalance = Money.zero
    /// Profit of the open positions at their marks.
    public var unrealizedPnl = Money.zero
    /// What backs the requirement; after haircuts in multi-asset mode.
    public var equity = Money.zero
    /// Initial margin of positions.
    public var positionInitialMargin = Money.zero
    /// Initial margin of the worst case of open orders.
    public var orderInitialMargin = Money.zero
    /// Maintenance margin, with whatever the rulebook puts into the trigger, rounded up.
    public var maintenanceMargin = Money.zero
    /// What may back new positions.
    public var availableBalance = Money.zero
    /// What may leave: without unrealised profit.
    public var withdrawable = Money.zero

    /// Positions and orders.
    public var initialMargin: Money { positionInitialMargin + orderInitialMargin }
    /// Equity − maintenance: how far above the line.
    public var freeboard: Money { equity - maintenanceMargin }
    /// Maintenance ÷ equity in 10⁻¹⁶, rounded up; `nil` with equity at or below zero.
    public var marginRatio: SolvedPrice? { Self.ratio(maintenanceMargin, to: equity) }
    /// Equity ÷ maintenance in 10⁻¹⁶, rounded down; `nil` without maintenance.
    public var inverseRatio: SolvedPrice? {
        guard maintenanceMargin.units > 0 else { return nil }
        return equity.units.multiplied(
            by: PowerOfTen.sixteen,
            dividedBy: maintenanceMargin.units,
            rounding: .down
        ).map { SolvedPrice(units: $0) }
    }
}

/// One asset of an account.
public struct CollateralReport: Hashable, Sendable {
    /// The asset.
    public var asset: String
    /// All its wallets, isolated margin included.
    public var walletBalance: Money
    /// Of it, margin of isolated positions.
    public var isolatedMargin: Money
    /// Wallet + unrealised profit of the positions settled in it; `nil` if a mark is missing.
    public var equity: Money?
    /// What the cross part counts as collateral in the rulebook's currency; `nil` outside
    /// multi-asset mode.
    public var collateralValue: Money?
}

/// One margin pool.
public struct PoolReport: Hashable, Sendable {
    /// The pool; in multi-asset mode the account's lead.
    public var pool: PoolID
    /// The asset of its figures: its settlement asset, or the rulebook's currency.
    public var asset: String
    /// The isolated position it is, if it is one.
    public var isolated: InstrumentID?
    /// The leg of the isolated position.
    public var leg: Leg
    /// Its assets back each other.
    public var isMultiAsset: Bool
    /// Its figures; `nil` if a price is missing.
    public var figures: MarginFigures?
    /// How near it is to its line.
    public var band: Band
    /// What may be done with it.
    public var mode: PoolMode
    /// A price that it rests on is stale.
    public var isStale: Bool
}

/// One open position.
public struct PositionReport: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// Its symbol.
    public var symbol: String
    /// The asset in which it is settled: that of its figures, whatever its pool is valued in.
    public var asset: String
    /// The leg.
    public var leg: Leg
    /// The pool it draws on; in multi-asset mode the account's lead.
    public var pool: PoolID
    /// Cross or isolated.
    public var marginMode: MarginMode
    /// Signed size.
    public var quantity: Quantity
    /// Signed cost.
    public var cost: Money
    /// The average entry price.
    public var entryPrice: SolvedPrice
    /// The mark; `nil`: there is none, and so no figures that need it.
    public var markPrice: Price?
    /// The chosen leverage, or the one that stands in for it; `nil` where the rule uses none.
    public var leverage: Leverage?
    /// The account chose the leverage; otherwise it is a default.
    public var leverageIsChosen: Bool
    /// Margin of its own, without profit; `nil` for a cross position.
    public var isolatedMargin: Money?
    /// The figures at the mark.
    public var figures: PositionMarginFigures?
    /// The mark at which its pool meets maintenance.
    public var liquidationPrice: PriceAnswer
    /// The mark at which its pool's equity is zero.
    public var bankruptcyPrice: PriceAnswer
}

/// The figures of one position at its mark, in the settlement asset.
public struct PositionMarginFigures: Hashable, Sendable {
    /// The magnitude of its value.
    public var notional: Money
    /// Its profit.
    public var unrealizedPnl: Money
    /// Its initial margin.
    public var initialMargin: Money
    /// Its maintenance margin, rounded up.
    public var maintenanceMargin: Money
    /// The maintenance rate in 10⁻¹⁶.
    public var maintenanceRate: SolvedPrice
    /// What is subtracted from notional × rate.
    public var maintenanceAmount: Money
    /// The bracket that holds it, from 0; `nil` without brackets.
    public var bracket: Int?
    /// Notional ÷ equity of its pool in 10⁻¹⁶; `nil` with equity at or below zero.
    public var effectiveLeverage: SolvedPrice?
}

/// The venue's books in one asset: what came in is what is there, to the unit.
public struct AssetTotals: Hashable, Sendable {
    /// The asset.
    public var asset: AssetID
    /// All that came in, insurance funding included.
    public var deposits: Money
    /// All that was requested to leave and not reversed; `inTransit` is part of it.
    public var withdrawals: Money
    /// Of the withdrawals, what has not been settled yet.
    public var inTransit: Money
    /// Wallets of all accounts, `outside` included.
    public var wallets: Money
    /// Unrealised profit of all positions: −Σ cost (inverse: +Σ cost), exactly and without a mark.
    public var unrealized: Money
    /// The insurance fund's cash.
    public var funds: Money
    /// Fees less rebates.
    public var fees: Money
    /// The house account: interest and what rounding left.
    public var house: Money

    /// deposits − withdrawals less the sum of the others: zero, always.
    public var difference: Money {
        deposits - withdrawals - wallets - unrealized - funds - fees - house
    }
}
