public import PlimsollUnits

/// What the engine decided or changed because of one event.
public enum Effect: Hashable, Sendable {
    /// A wallet changed, and by which named source.
    case balanceChanged(BalanceChanged)
    /// A position changed.
    case positionChanged(PositionChanged)
    /// A pool entered another band or mode.
    case marginStateChanged(MarginStateChanged)
    /// Orders that must be cancelled at the venue.
    case ordersToCancel(account: AccountID, orders: [String])
    /// An order that the matching engine is to execute for a pool below its line.
    indirect case liquidationOrdered(LiquidationOrdered)
    /// Liquidation orders that the matching engine is to cancel, by number.
    case liquidationOrdersToCancel([UInt64])
    /// A liquidation is over.
    case liquidationEnded(LiquidationEnded)
    /// Money or a position moved to or from an insurance fund.
    indirect case insuranceMoved(InsuranceMoved)
    /// An opposite position was closed against one of a bankrupt pool.
    case deleveraged(Deleveraged)
    /// An account pays a part of a loss of another.
    case lossSocialised(LossSocialised)
    /// A pool owed more than it had.
    case bankruptcyDeclared(BankruptcyDeclared)
    /// A price was not believed.
    case priceRefused(PriceRefused)
    /// The event was known already and changed nothing.
    case repeated
    /// The event was refused and changed nothing.
    case refused(Rejection)
}

/// A change of one wallet.
public struct BalanceChanged: Hashable, Sendable {
    /// Where money came from or went to.
    public enum Source: UInt8, Hashable, Sendable, CaseIterable {
        case deposit = 0
        case withdrawal = 1
        case withdrawalReversal = 2
        case transfer = 3
        case isolatedMargin = 4
        case realizedPnl = 5
        case fee = 6
        case funding = 7
        case interest = 8
        case conversion = 9
        case reconciliation = 10
        case settlement = 11
        /// A liquidation fee, to an insurance fund.
        case liquidationFee = 12
        /// What a bankrupt pool owed, paid by an insurance fund.
        case insurance = 13
        /// What a bankrupt pool owed, paid by others.
        case socialisedLoss = 14
        /// Cash of an insurance fund that came from outside.
        case insuranceFunding = 15
    }
    /// The account.
    public var account: AccountID
    /// The pool whose wallet changed.
    public var pool: PoolID
    /// The asset.
    public var asset: AssetID
    /// The change, signed.
    public var change: Money
    /// The wallet afterwards.
    public var balance: Money
    /// Where it came from or went to.
    public var source: Source
}

/// A position after a change.
public struct PositionChanged: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The instrument.
    public var instrument: InstrumentID
    /// The leg.
    public var leg: Leg
    /// The quantity now; 0: closed.
    public var quantity: Quantity
    /// The signed cost now.
    public var cost: Money
}

/// A pool that entered another band or mode, with the figures that decided it.
public struct MarginStateChanged: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The pool; in multi-asset mode the account's lead.
    public var pool: PoolID
    /// The isolated position it is, if it is one.
    public var isolated: InstrumentID?
    /// The band before.
    public var fromBand: Band
    /// The band now.
    public var band: Band
    /// The mode before.
    public var fromMode: PoolMode
    /// The mode now.
    public var mode: PoolMode
    /// Equity.
    public var equity: Money
    /// Initial margin, orders included.
    public var initial: Money
    /// Maintenance margin, rounded up.
    public var maintenance: Money
    /// A price that the figures rest on is stale.
    public var isStale: Bool
}

/// A price that was not believed.
public struct PriceRefused: Hashable, Sendable {
    /// Why a price is held back.
    public enum Reason: UInt8, Hashable, Sendable, CaseIterable {
        /// Outside the band around the reference; it waits for others to agree.
        case outsideBand = 0
    }
    /// The instrument.
    public var instrument: InstrumentID
    /// The price.
    public var price: Price
    /// The price it was measured against.
    public var reference: Price
    /// Why.
    public var reason: Reason
    /// How many agree with it, itself included.
    public var agreeing: Int
}

extension MarginStateChanged {
    /// Why, in one sentence with the figures that decided it.
    public var reason: String {
        let stale = isStale ? " (a price is stale)" : ""
        switch mode {
        case .liquidating where fromMode == .liquidating:
            return "in liquidation until the exit level: equity \(equity), "
                + "maintenance \(maintenance)\(stale)"
        case .liquidating:
            return "equity \(equity) is below maintenance \(maintenance)\(stale)"
        case .reduceOnly where band == .liquidation:
            return "equity \(equity) is below maintenance \(maintenance) at a stale price: "
                + "the pool waits for a fresh one"
        case .reduceOnly:
            return "equity \(equity) is below initial margin \(initial), "
                + "maintenance is \(maintenance)\(stale)"
        case .normal:
            return "equity \(equity), initial margin \(initial), maintenance \(maintenance)\(stale)"
        }
    }
}
