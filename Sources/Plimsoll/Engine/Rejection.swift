public import PlimsollUnits

/// Why an event was refused; it has then changed nothing.
///
/// Amounts are decimal text, names are names: a rejection can be shown as it is.
public enum Rejection: Error, Hashable, Sendable {
    // Identity and time.
    case timeWentBackwards(at: Timestamp, clock: Timestamp)
    case conflict(id: String)
    // Names.
    case badName(String)
    case nameTaken(String)
    case unknownVenue
    case unknownAsset
    case unknownInstrument
    case unknownAccount
    case unknownOrder(String)
    case orderExists(String)
    case tooMany(String, limit: Int)
    case otherVenue(String)
    // Reference data.
    case noRulebook(venue: String)
    case badRulebook(String, String)
    case noRules(symbol: String, rulebook: String)
    case assetMissing(symbol: String, asset: String)
    case rulesInUse(String)
    case modeNotOffered(String, rulebook: String)
    // Numbers.
    case notPositive(String, value: String)
    case aboveLimit(String, value: String, limit: String)
    // Requests.
    case frozen(account: String)
    case notForOutside
    case insufficientMargin(needed: String, available: String)
    case insufficientWithdrawable(requested: String, withdrawable: String)
    case insufficientTransit(requested: String, inTransit: String)
    case insufficientIsolated(requested: String, free: String)
    case reduceOnly(account: String)
    case orderDoesNotReduce(String)
    case positionsOpen(String)
    case ordersOpen(String)
    case noPosition(symbol: String)
    case notIsolated(symbol: String)
    case legMismatch(String)
    case closesMore(quantity: String, held: String)
    case notReduced(remaining: String, quantity: String)
    case notAMirror
    case sameParty
    // Market.
    case markTooOld(time: Timestamp, last: Timestamp)
    case expired(symbol: String)
    case notExpiring(symbol: String)
    case noMark(symbol: String)
    case noIndex(asset: String)
    case noReason
    case bookNotInOrder(String)
    case beyondLimitPrice(price: String, limit: String)
    case unknownFund(String)
    case withdrawalsWait(asset: String)
}

extension Rejection {
    /// A stable word for programs, as in `refused` effects and API errors.
    public var code: String {
        let text = String(describing: self)
        let name = text.prefix { $0 != "(" }
        var code = ""
        for character in name {
            if character.isUppercase {
                code += "_" + character.lowercased()
            } else {
                code.append(character)
            }
        }
        return code
    }

    /// What was refused and why, with the value and the limit; one sentence.
    public var problem: String {
        switch self {
        case .timeWentBackwards(let at, let clock):
            "the event was accepted at \(at.nanoseconds) ns, before the clock (\(clock.nanoseconds))"
        case .conflict(let id): "the id '\(id)' was used before with other content"
        case .badName(let name):
            "the name '\(name.prefix(40))' is empty, has control characters, or is longer than "
                + "\(Limits.nameLength) bytes"
        case .nameTaken(let name): "the name '\(name)' is taken"
        case .unknownVenue: "the venue is not defined"
        case .unknownAsset: "the asset is not defined"
        case .unknownInstrument: "the instrument is not defined"
        case .unknownAccount: "the account is not open"
        case .unknownOrder(let order): "there is no open order '\(order)'"
        case .orderExists(let order): "the order '\(order)' is open already"
        case .tooMany(let what, let limit): "there are \(limit) \(what) already, the limit"
        case .otherVenue(let name): "'\(name)' belongs to another venue"
        case .noRulebook(let venue): "the venue '\(venue)' has adopted no rulebook"
        case .badRulebook(let id, let why): "the rulebook '\(id)' cannot be adopted: \(why)"
        case .noRules(let symbol, let rulebook):
            "the rulebook '\(rulebook)' has no rules for '\(symbol)'"
        case .assetMissing(let symbol, let asset):
            "'\(symbol)' is settled in '\(asset)', which is not defined"
        case .rulesInUse(let what): "the new rulebook changes \(what) while positions rest on it"
        case .modeNotOffered(let mode, let rulebook):
            "the rulebook '\(rulebook)' does not offer \(mode)"
        case .notPositive(let what, let value): "\(what) is \(value), not above zero"
        case .aboveLimit(let what, let value, let limit):
            "\(what) is \(value), beyond the limit of \(limit)"
        case .frozen(let account): "the account '\(account)' is frozen"
        case .notForOutside: "the account 'outside' has no margin and makes no requests"
        case .insufficientMargin(let needed, let available):
            "needs \(needed) initial margin, \(available) is available"
        case .insufficientWithdrawable(let requested, let withdrawable):
            "\(requested) was requested, \(withdrawable) is withdrawable"
        case .insufficientTransit(let requested, let inTransit):
            "\(requested) was named, \(inTransit) is in transit"
        case .insufficientIsolated(let requested, let free):
            "\(requested) was requested, \(free) is free in the isolated position"
        case .reduceOnly(let account):
            "the account '\(account)' is reduce-only: its equity is below its initial margin"
        case .orderDoesNotReduce(let order):
            "the order '\(order)' is reduce-only and would not reduce the position"
        case .positionsOpen(let what): "\(what) cannot change while positions are open"
        case .ordersOpen(let what): "\(what) cannot change while orders are open"
        case .noPosition(let symbol): "there is no open position in '\(symbol)'"
        case .notIsolated(let symbol): "the position in '\(symbol)' is not isolated"
        case .legMismatch(let account): "the leg does not fit the position mode of '\(account)'"
        case .closesMore(let quantity, let held):
            "the fill closes \(quantity), and the leg holds \(held)"
        case .notReduced(let remaining, let quantity):
            "the order has \(quantity) open, and \(remaining) is not less"
        case .notAMirror: "reconciliation is for venues in mirror mode"
        case .sameParty: "both sides are the same account and leg"
        case .markTooOld(let time, let last):
            "the mark is of \(time.nanoseconds) ns, before its source's last (\(last.nanoseconds))"
        case .expired(let symbol): "'\(symbol)' has expired"
        case .notExpiring(let symbol): "'\(symbol)' is a perpetual and does not expire"
        case .noMark(let symbol): "'\(symbol)' has no mark price yet"
        case .noIndex(let asset): "'\(asset)' has no index price yet"
        case .noReason: "the operator or the reason is empty"
        case .bookNotInOrder(let side): "\(side) are not in order, the best price first"
        case .beyondLimitPrice(let price, let limit):
            "the fill is at \(price), worse than the order's limit of \(limit)"
        case .unknownFund(let name): "the rulebook has no insurance fund '\(name)'"
        case .withdrawalsWait(let asset):
            "an insurance fund in '\(asset)' could not pay all of a loss: withdrawals wait"
        }
    }

    /// What to do about it; one sentence.
    public var remedy: String {
        switch self {
        case .timeWentBackwards: "Leave `at` out, or send events in the order of `at`."
        case .conflict: "Use a new id for a new command."
        case .badName: "Use a short printable name."
        case .nameTaken: "Choose another name, or leave the second definition out."
        case .unknownVenue: "Send venueDefined first."
        case .unknownAsset: "Send assetDefined first."
        case .unknownInstrument: "Send instrumentDefined first."
        case .unknownAccount: "Send accountOpened first."
        case .unknownOrder: "Name an order that is open in this account."
        case .orderExists: "Use a new order id."
        case .tooMany: "Close or cancel some first, or split the book over several engines."
        case .otherVenue: "Name accounts, assets and instruments of one venue."
        case .noRulebook: "Send rulebookAdopted first."
        case .badRulebook: "Run `plimsoll rules check` on its file."
        case .noRules: "Add the symbol to the rulebook, or correct it."
        case .assetMissing: "Send assetDefined for it first."
        case .rulesInUse: "Close the positions first, or keep that rule."
        case .modeNotOffered: "Choose a mode that the rulebook lists."
        case .notPositive: "Send a value above zero."
        case .aboveLimit: "Send a smaller value, or declare a larger unit."
        case .frozen: "Wait for the operator's release."
        case .notForOutside: "Name an account of the venue."
        case .insufficientMargin: "Reduce the size, or deposit."
        case .insufficientWithdrawable: "Ask for less, or reduce positions first."
        case .insufficientTransit: "Name at most what is in transit."
        case .insufficientIsolated: "Ask for less: equity must stay at the initial margin."
        case .reduceOnly: "Place orders that reduce, or deposit."
        case .orderDoesNotReduce: "Take the opposite side, or drop reduceOnly."
        case .positionsOpen: "Close the positions first."
        case .ordersOpen: "Cancel the orders first."
        case .noPosition: "Name an instrument with an open position."
        case .notIsolated: "Only isolated positions have margin of their own."
        case .legMismatch: "Use net in one-way mode, long or short in hedge mode."
        case .closesMore: "A fill that closes a leg is at most as large as the leg."
        case .notReduced: "Name what is left of the order."
        case .notAMirror: "In venue mode, correct the events instead."
        case .sameParty: "Name two sides; a wash trade changes nothing."
        case .markTooOld: "Send marks of one source in order of time."
        case .expired: "Trade an instrument that is listed."
        case .notExpiring: "Use fundingSettled or sessionSettled."
        case .noMark: "Send a mark first."
        case .noIndex: "Send its index price first."
        case .noReason: "Say who acts, and why."
        case .bookNotInOrder: "Send each price once, bids falling, asks rising."
        case .beyondLimitPrice: "A liquidation order is filled at its limit or better."
        case .unknownFund: "Name a fund of the rulebook, or none for its first."
        case .withdrawalsWait: "Send insuranceFunded for that asset."
        }
    }
}
