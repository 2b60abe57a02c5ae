public import PlimsollUnits

/// An order that the venue's matching engine is to execute, immediate or cancel, for a pool below its
/// line, with everything that led to it: its account can work it out alone.
public struct LiquidationOrdered: Hashable, Sendable {
    /// The liquidation: one for each time that a pool falls below its line.
    public var liquidation: UInt64
    /// The order's number, unique in the engine.
    public var order: UInt64
    /// The account.
    public var account: AccountID
    /// The pool.
    public var pool: PoolID
    /// The instrument.
    public var instrument: InstrumentID
    /// The leg that it reduces.
    public var leg: Leg
    /// What it does: a long is sold, a short is bought back.
    public var side: Side
    /// How much.
    public var quantity: Quantity
    /// The worst price that it may be filled at.
    public var limit: Price
    /// Which rule made it this large.
    public var sizedBy: Sizing
    /// The position before.
    public var held: Quantity
    /// The mark that decided.
    public var mark: Price
    /// When that mark was made.
    public var markTime: Timestamp
    /// The bracket that holds the position, from 0.
    public var bracket: Int
    /// The pool's equity.
    public var equity: Money
    /// The pool's maintenance, rounded up.
    public var maintenance: Money
    /// The pool's maintenance if all of the order were filled at the mark.
    public var maintenanceAfter: Money

    /// What decided the size of a liquidation order.
    public enum Sizing: UInt8, Hashable, Sendable, CaseIterable {
        /// The least that brings the pool back to its exit level.
        case exitLevel = 0
        /// The next lower bracket.
        case bracketStep = 1
        /// The whole position.
        case whole = 2
        /// The visible depth.
        case depth = 3
        /// The limit per second.
        case rate = 4
    }
}

/// A liquidation is over.
public struct LiquidationEnded: Hashable, Sendable {
    /// How a liquidation ended.
    public enum Outcome: UInt8, Hashable, Sendable, CaseIterable {
        /// The pool is back at its exit level.
        case recovered = 0
        /// Nothing is left of its positions, and nothing is owed: in multi-asset mode a wallet may still
        /// be below zero that another asset backs.
        case closed = 1
        /// Nothing is left of its positions; what it owed was paid by the fund or by others.
        case absorbed = 2
    }
    /// The liquidation.
    public var liquidation: UInt64
    /// The account.
    public var account: AccountID
    /// The pool.
    public var pool: PoolID
    /// How.
    public var outcome: Outcome
}

/// Money or a position moved to or from an insurance fund.
public struct InsuranceMoved: Hashable, Sendable {
    /// Why it moved.
    public enum Reason: UInt8, Hashable, Sendable, CaseIterable {
        /// A liquidation fee, or that of a conversion, which may be nothing.
        case fee = 0
        /// A position was taken over at its bankruptcy price.
        case takeover = 1
        /// The fund paid what a bankrupt pool owed.
        case deficit = 2
    }
    /// The liquidation.
    public var liquidation: UInt64
    /// The fund's account.
    public var fund: AccountID
    /// Why.
    public var reason: Reason
    /// The asset.
    public var asset: AssetID
    /// Cash that the fund received, negative: paid.
    ///
    /// Of a takeover: its profit at the mark.
    public var amount: Money
    /// The position that was taken over, zero otherwise.
    public var quantity: Quantity
    /// The instrument of that position.
    public var instrument: InstrumentID?
    /// The fund's cash in this asset afterwards.
    public var balance: Money
    /// What was converted, where the fee is that of a conversion; it was sold for `asset`.
    public var sale: CollateralSale?
}

/// Collateral of a multi-asset account below its line that was sold to pay what it owes in another
/// asset, at the ratio of the two index prices.
public struct CollateralSale: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The asset that was sold.
    public var asset: AssetID
    /// How much of it left the account's wallet, above zero.
    public var sold: Money
    /// Its index price.
    public var price: Price
    /// What came in, before the fee, above zero; in the asset that was owed.
    public var bought: Money
    /// The index price of the asset that was owed.
    public var boughtPrice: Price
}

/// An opposite position was closed against one of a bankrupt pool.
public struct Deleveraged: Hashable, Sendable {
    /// The liquidation.
    public var liquidation: UInt64
    /// The account that was closed.
    public var account: AccountID
    /// The instrument.
    public var instrument: InstrumentID
    /// The leg that was reduced.
    public var leg: Leg
    /// The signed change of its position.
    public var change: Quantity
    /// The price.
    public var price: Price
    /// The mark then.
    public var mark: Price
    /// Its place in the queue, from 1; 0 where the policy has no queue.
    public var rank: Int
    /// Its score, 10⁻⁸, at most 10¹⁰.
    public var score: Rate
}

/// A part of a loss that neither its account nor a fund could bear.
public struct LossSocialised: Hashable, Sendable {
    /// The liquidation.
    public var liquidation: UInt64
    /// The account that pays.
    public var account: AccountID
    /// The pool that pays.
    public var pool: PoolID
    /// The asset.
    public var asset: AssetID
    /// What it pays, above zero.
    public var amount: Money
    /// Its share was measured by this: its unrealised profit, or the value of its positions.
    public var basis: Money
    /// The whole loss that is shared out.
    public var loss: Money
}

/// A pool without positions whose wallet is below zero: what it owes is paid by others, and it has
/// nothing.
public struct BankruptcyDeclared: Hashable, Sendable {
    /// The liquidation.
    public var liquidation: UInt64
    /// The account.
    public var account: AccountID
    /// The pool.
    public var pool: PoolID
    /// What was owed, above zero.
    public var deficit: Money
    /// Of this, what the fund paid.
    public var paidByFund: Money
    /// Of this, what others paid.
    public var socialised: Money
    /// Of this, what the venue's own house paid, since nobody else was left who could.
    public var paidByHouse: Money
}
