/// One thing that is not as the rules say.
public struct AuditFinding: Hashable, Sendable {
    /// Which rule.
    public var breach: Breach
    /// Whom it is about, if anyone, by number.
    public var account: Int32?
    /// The instrument, if it is about one, by number.
    public var instrument: Int32?
    /// What the rules say.
    public var expected: String
    /// What was published.
    public var found: String

    /// The rules of enforcement that the auditor holds the engine to.
    public enum Breach: String, Hashable, Sendable, CaseIterable {
        // Books.
        case balance = "a published balance is not the wallet"
        case position = "a published position is not the one that is held"
        case conservation = "money is not conserved"
        case openInterest = "open interest long is not short"
        case unknownPlace = "an effect names what does not exist"
        // Standing.
        case standingFigures = "the figures of a change of standing are off"
        case standing = "a pool's mode is not what its figures say"
        // Orders.
        case orderWithoutLiquidation = "an order for a pool that is not below its line"
        case orderWhileOthersWork = "an order while others are out"
        case orderInsteadOfHandOver = "an order where the position is to be handed on"
        case orderAtStaleMark = "an order without a fresh mark"
        case orderEnlarges = "an order does not reduce its position"
        case orderFigures = "the figures of an order are off"
        case orderStep = "an order is not of whole steps"
        case orderSelection = "another position comes before the ordered one"
        case orderDoesNotRestore = "an order does not restore the exit level"
        case orderNotLeast = "a smaller order would restore the exit level"
        case orderBracket = "an order does not reach the next bracket with the least"
        case orderSizing = "an order is sized by another rule"
        case orderNotWhole = "an order is not of the whole position"
        case orderBeyondDepth = "an order is not cut to the visible depth"
        case orderBeyondRate = "an order is not cut to the limit per second"
        case limitUnsafe = "a limit is beyond the bankruptcy price"
        case limitTooKind = "a limit is kinder than the rules allow"
        case liquidatedTwice = "a pool is liquidated twice at once"
        // Fills.
        case fillBeyondOrder = "a fill is beyond its order"
        case feeAboveRate = "a fee is above its rate"
        case feeBelowRule = "a fee is below what the pool could pay"
        case feeBankrupts = "a fee takes what a limit was built on"
        // Takeover.
        case takeoverFund = "a fund takes what is not its own"
        case takeoverPrice = "a takeover is at another price"
        case takeoverSize = "a fund takes another part than it can bear"
        case takeoverTooEarly = "a fund takes at the mark before the winners"
        case fundBelowZero = "a fund pays more than it has"
        // Deleveraging.
        case deleveragedPrice = "deleveraging is at another price"
        case deleveragedWinner = "who is deleveraged is no winner"
        case deleveragedRank = "a better winner is skipped"
        case deleveragedScore = "a published score is off"
        case deleveragedSize = "another part of a winner is closed"
        // Losses.
        case lossSum = "the shares of a loss do not add up"
        case lossShare = "a share of a loss is not proportional"
        case lossBasis = "the basis of a share is off"
        case lossPayer = "who pays for a loss does not have to"
        case deficit = "a declared deficit is not what is owed"
        case houseTooEarly = "the house pays before others"
        case fundTooLate = "others pay before the fund"
        case belowZero = "a pool ends below zero"
        case end = "a liquidation ends otherwise"
    }
}

extension AuditFinding: CustomStringConvertible {
    /// In one line.
    public var description: String {
        var place = ""
        if let account { place += " account \(account)" }
        if let instrument { place += " instrument \(instrument)" }
        return "\(breach.rawValue):\(place): expected \(expected), found \(found)"
    }
}
