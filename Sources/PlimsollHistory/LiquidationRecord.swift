package import Plimsoll
package import PlimsollUnits

/// A liquidation as far as it has come.
package struct LiquidationRecord: Hashable, Sendable {
    /// Its number.
    package var number: UInt64
    /// The account.
    package var account: AccountID
    /// The account's name.
    package var accountName: String
    /// What its pool is called.
    package var pool: String
    /// The symbol that was ordered, taken over or deleveraged first.
    package var symbol: String?
    /// When the first effect named it.
    package var startedAt: Timestamp
    /// When it ended; `nil`: it is under way.
    package var endedAt: Timestamp?
    /// How it ended.
    package var outcome: LiquidationEnded.Outcome?
    /// How many orders went out.
    package var orders = 0
    /// What of `symbol` was closed: filled, taken over and deleveraged, in units of 10⁻⁸.
    package var closed: Int128 = 0
    /// The asset of `loss`; `nil` without one.
    package var asset: String?
    /// What the pool owed beyond what it had.
    ///
    /// Of an account whose assets back each other: in the asset that was owed first; the effects name all.
    package var loss = Money.zero
    /// Of the loss, what insurance funds paid.
    package var paidByFund = Money.zero
    /// The event that had the first effect that named it.
    package var firstSequence: UInt64
    /// The event that changed it last.
    package var lastSequence: UInt64
    /// The instrument of `symbol`.
    var instrument: Int32?
    /// Orders that are out.
    var working: [WorkingOrder] = []

    /// An order that is out, and what is left of it in units of 10⁻⁸.
    struct WorkingOrder: Hashable, Sendable {
        var number: UInt64
        var instrument: Int32
        var left: Int64
    }

    /// The closed quantity as decimal text.
    package var quantity: String { DecimalText.string(closed, scale: 8) }
}
