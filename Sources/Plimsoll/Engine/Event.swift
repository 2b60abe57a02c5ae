public import PlimsollUnits

/// One thing that happened or was asked for; the only way the engine's state changes.
///
/// `docs/formats/events.md` has the JSON form. Facts (fills, funding, settlements) are refused only as
/// impossible data; requests (withdrawals, orders, moves of margin, leverage) for margin too.
public struct Event: Hashable, Sendable {
    /// When the source says that it happened; orders events within a source and ages marks.
    public var time: Timestamp
    /// When the writer accepted it: the engine's only clock.
    ///
    /// It never goes back.
    public var at: Timestamp
    /// The feed it came from and its number there, or the id of a command; `nil`: it may be repeated.
    public var identity: Identity?
    /// What happened.
    public var body: Body

    /// An event; `at` is the source's own time where the writer has not stamped it.
    public init(time: Timestamp, at: Timestamp? = nil, identity: Identity? = nil, body: Body) {
        self.time = time
        self.at = at ?? time
        self.identity = identity
        self.body = body
    }

    /// What makes an event recognisable when it is sent again.
    public enum Identity: Hashable, Sendable {
        /// The `sequence`-th event of a feed; numbers of one source rise.
        case feed(source: String, sequence: UInt64)
        /// A command's own id.
        case command(id: String)
    }

    /// What happened, by kind.
    public enum Body: Hashable, Sendable {
        // Reference data.
        case venueDefined(VenueDefined)
        case assetDefined(AssetDefined)
        indirect case rulebookAdopted(RulebookAdopted)
        case instrumentDefined(InstrumentDefined)
        case accountOpened(AccountOpened)
        case accountConfigured(AccountConfigured)
        // Money.
        case deposited(Deposited)
        case withdrawalRequested(WithdrawalRequested)
        case withdrawalSettled(WithdrawalSettled)
        case withdrawalReversed(WithdrawalReversed)
        case transferred(Transferred)
        case isolatedMarginMoved(IsolatedMarginMoved)
        case feeCharged(FeeCharged)
        case interestAccrued(InterestAccrued)
        case insuranceFunded(InsuranceFunded)
        case collateralConverted(CollateralConverted)
        case reconciled(Reconciled)
        // Trading.
        case orderPlaced(OrderPlaced)
        case orderReduced(OrderReduced)
        case orderCancelled(OrderCancelled)
        case filled(Filled)
        // Market.
        case marked(Marked)
        case indexed(Indexed)
        case openInterestReported(OpenInterestReported)
        case fundingRateAnnounced(FundingRateAnnounced)
        case fundingSettled(FundingSettled)
        case sessionSettled(SessionSettled)
        case instrumentExpired(InstrumentExpired)
        case depthObserved(DepthObserved)
        // Enforcement and time.
        case liquidationFilled(LiquidationFilled)
        case liquidationOrderEnded(LiquidationOrderEnded)
        case operatorActed(OperatorActed)
        case ticked
    }
}

/// Which of an account's legs in an instrument is meant.
public enum Leg: UInt8, BitwiseCopyable, Hashable, Sendable, CaseIterable {
    /// The one net position of an account in one-way mode.
    case net = 0
    /// The long leg of an account in hedge mode.
    case long = 1
    /// The short leg of an account in hedge mode.
    case short = 2
}

/// The side of an order.
public enum Side: UInt8, Hashable, Sendable, CaseIterable {
    /// Adds to a long, reduces a short.
    case buy = 0
    /// Adds to a short, reduces a long.
    case sell = 1
}

/// A venue begins; its account `outside` is opened with it.
public struct VenueDefined: Hashable, Sendable {
    /// The venue's name, unique in the engine.
    public var name: String
    /// Who is inside.
    public var mode: VenueMode
    /// A venue of this name and mode.
    public init(name: String, mode: VenueMode) {
        self.name = name
        self.mode = mode
    }
}

/// Who is inside a venue.
public enum VenueMode: UInt8, Hashable, Sendable, CaseIterable {
    /// All counterparties: the engine is the system of record and checks requests.
    case venue = 0
    /// Only our own accounts: everything is a fact, the other side of each fill is `outside`.
    case mirror = 1
}

/// An asset that wallets of a venue may hold.
public struct AssetDefined: Hashable, Sendable {
    /// The venue.
    public var venue: VenueID
    /// The asset's name, unique in its venue.
    public var name: String
    /// An asset of this name.
    public init(venue: VenueID, name: String) {
        self.venue = venue
        self.name = name
    }
}

/// From now on the venue's figures follow this rulebook.
public struct RulebookAdopted: Hashable, Sendable {
    /// The venue.
    public var venue: VenueID
    /// The whole rulebook: the engine never opens a file.
    public var rulebook: Rulebook
    /// The adoption of `rulebook` by `venue`.
    public init(venue: VenueID, rulebook: Rulebook) {
        self.venue = venue
        self.rulebook = rulebook
    }
}

/// An instrument of the venue's rulebook may be traded; its assets must have been defined.
public struct InstrumentDefined: Hashable, Sendable {
    /// The venue.
    public var venue: VenueID
    /// The symbol, for which the adopted rulebook must have rules.
    public var symbol: String
    /// An instrument by the rulebook's rules for `symbol`.
    public init(venue: VenueID, symbol: String) {
        self.venue = venue
        self.symbol = symbol
    }
}

/// An account begins, with the venue's default modes unless others are chosen.
public struct AccountOpened: Hashable, Sendable {
    /// The venue.
    public var venue: VenueID
    /// The account's name, unique in its venue.
    public var name: String
    /// The collateral mode; `nil`: the rulebook's first.
    public var collateralMode: CollateralMode?
    /// The position mode; `nil`: the rulebook's first.
    public var positionMode: PositionMode?
    /// An account of this name.
    public init(
        venue: VenueID,
        name: String,
        collateralMode: CollateralMode? = nil,
        positionMode: PositionMode? = nil
    ) {
        self.venue = venue
        self.name = name
        self.collateralMode = collateralMode
        self.positionMode = positionMode
    }
}

/// A request to change modes or the leverage of one instrument.
public struct AccountConfigured: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The collateral mode to change to.
    public var collateralMode: CollateralMode?
    /// The position mode to change to.
    public var positionMode: PositionMode?
    /// The instrument whose margin mode or leverage is set.
    public var instrument: InstrumentID?
    /// The margin mode of `instrument`.
    public var marginMode: MarginMode?
    /// The leverage of `instrument`.
    public var leverage: Leverage?
    /// A change of what is not `nil`.
    public init(
        account: AccountID,
        collateralMode: CollateralMode? = nil,
        positionMode: PositionMode? = nil,
        instrument: InstrumentID? = nil,
        marginMode: MarginMode? = nil,
        leverage: Leverage? = nil
    ) {
        self.account = account
        self.collateralMode = collateralMode
        self.positionMode = positionMode
        self.instrument = instrument
        self.marginMode = marginMode
        self.leverage = leverage
    }
}

/// Money came in from outside the venue.
public struct Deposited: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The asset.
    public var asset: AssetID
    /// How much, above zero.
    public var amount: Money
    /// A deposit.
    public init(account: AccountID, asset: AssetID, amount: Money) {
        self.account = account
        self.asset = asset
        self.amount = amount
    }
}

/// A request to take money out; it leaves the wallet now and the venue when it is settled.
public struct WithdrawalRequested: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The asset.
    public var asset: AssetID
    /// How much, above zero.
    public var amount: Money
    /// A request to withdraw.
    public init(account: AccountID, asset: AssetID, amount: Money) {
        self.account = account
        self.asset = asset
        self.amount = amount
    }
}

/// Requested money has left the venue.
public struct WithdrawalSettled: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The asset.
    public var asset: AssetID
    /// How much, above zero and at most what the account has in transit.
    public var amount: Money
    /// The settlement of a withdrawal.
    public init(account: AccountID, asset: AssetID, amount: Money) {
        self.account = account
        self.asset = asset
        self.amount = amount
    }
}

/// Requested money could not be sent and is back in the wallet.
public struct WithdrawalReversed: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The asset.
    public var asset: AssetID
    /// How much, above zero and at most what the account has in transit.
    public var amount: Money
    /// The reversal of a withdrawal.
    public init(account: AccountID, asset: AssetID, amount: Money) {
        self.account = account
        self.asset = asset
        self.amount = amount
    }
}

/// A request to move money between two accounts of one venue.
public struct Transferred: Hashable, Sendable {
    /// The account that gives.
    public var from: AccountID
    /// The account that receives.
    public var to: AccountID
    /// The asset.
    public var asset: AssetID
    /// How much, above zero.
    public var amount: Money
    /// A transfer.
    public init(from: AccountID, to: AccountID, asset: AssetID, amount: Money) {
        self.from = from
        self.to = to
        self.asset = asset
        self.amount = amount
    }
}

/// A request to move margin between the cross wallet and an isolated position.
public struct IsolatedMarginMoved: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The instrument of the isolated position.
    public var instrument: InstrumentID
    /// The leg, in hedge mode.
    public var leg: Leg
    /// Positive: into the position; negative: out of it.
    public var amount: Money
    /// A move of margin.
    public init(account: AccountID, instrument: InstrumentID, leg: Leg = .net, amount: Money) {
        self.account = account
        self.instrument = instrument
        self.leg = leg
        self.amount = amount
    }
}

/// A fee that is not part of a fill.
public struct FeeCharged: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The asset.
    public var asset: AssetID
    /// Positive: paid by the account; negative: a rebate.
    public var amount: Money
    /// A fee.
    public init(account: AccountID, asset: AssetID, amount: Money) {
        self.account = account
        self.asset = asset
        self.amount = amount
    }
}

/// Interest on a balance or a debt; the house account is the other side.
public struct InterestAccrued: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The asset.
    public var asset: AssetID
    /// Positive: received by the account; negative: paid by it.
    public var amount: Money
    /// Interest.
    public init(account: AccountID, asset: AssetID, amount: Money) {
        self.account = account
        self.asset = asset
        self.amount = amount
    }
}

/// Money came in from outside for an insurance fund of the venue.
public struct InsuranceFunded: Hashable, Sendable {
    /// The asset.
    public var asset: AssetID
    /// How much, above zero.
    public var amount: Money
    /// The fund; `nil`: the rulebook's first.
    public var fund: String?
    /// A payment into an insurance fund.
    public init(asset: AssetID, amount: Money, fund: String? = nil) {
        self.asset = asset
        self.amount = amount
        self.fund = fund
    }
}

/// Collateral of an account was exchanged; `outside` is the other side.
public struct CollateralConverted: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The asset that was given.
    public var from: AssetID
    /// How much was given, above zero.
    public var sold: Money
    /// The asset that was received.
    public var to: AssetID
    /// How much was received, above zero.
    public var bought: Money
    /// An exchange of collateral.
    public init(account: AccountID, from: AssetID, sold: Money, to: AssetID, bought: Money) {
        self.account = account
        self.from = from
        self.sold = sold
        self.to = to
        self.bought = bought
    }
}

/// A mirror's account as its venue reports it; the difference is booked to `outside`.
public struct Reconciled: Hashable, Sendable {
    /// What the venue reports.
    public enum Report: Hashable, Sendable {
        /// The cross wallet in an asset.
        case wallet(AssetID, Money)
        /// A position: signed quantity, average entry price, and for an isolated one its margin
        /// without profit.
        case position(InstrumentID, Leg, Quantity, SolvedPrice, isolatedMargin: Money?)
    }
    /// The account.
    public var account: AccountID
    /// What the venue reports.
    public var report: Report
    /// A report about an account.
    public init(account: AccountID, report: Report) {
        self.account = account
        self.report = report
    }
}

/// A request to rest an order; margin for its worst case is reserved.
public struct OrderPlaced: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The order's id, unique among the account's open orders.
    public var order: String
    /// The instrument.
    public var instrument: InstrumentID
    /// The side.
    public var side: Side
    /// The leg, in hedge mode.
    public var leg: Leg
    /// The size, above zero.
    public var quantity: Quantity
    /// The limit price.
    public var price: Price
    /// It may only make a position smaller, and reserves nothing.
    public var reduceOnly: Bool
    /// An order.
    public init(
        account: AccountID,
        order: String,
        instrument: InstrumentID,
        side: Side,
        leg: Leg = .net,
        quantity: Quantity,
        price: Price,
        reduceOnly: Bool = false
    ) {
        self.account = account
        self.order = order
        self.instrument = instrument
        self.side = side
        self.leg = leg
        self.quantity = quantity
        self.price = price
        self.reduceOnly = reduceOnly
    }
}

/// A resting order became smaller without a fill.
public struct OrderReduced: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The order.
    public var order: String
    /// What is left of it, above zero and below what rested.
    public var remaining: Quantity
    /// A smaller order.
    public init(account: AccountID, order: String, remaining: Quantity) {
        self.account = account
        self.order = order
        self.remaining = remaining
    }
}

/// A resting order is gone.
public struct OrderCancelled: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The order.
    public var order: String
    /// A cancelled order.
    public init(account: AccountID, order: String) {
        self.account = account
        self.order = order
    }
}

/// A trade; both sides are named, `outside` where the other side is not an account of the venue.
public struct Filled: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// The size, above zero.
    public var quantity: Quantity
    /// The price.
    public var price: Price
    /// Who bought.
    public var buyer: Party
    /// Who sold.
    public var seller: Party
    /// A trade between `buyer` and `seller`.
    public init(
        instrument: InstrumentID,
        quantity: Quantity,
        price: Price,
        buyer: Party,
        seller: Party
    ) {
        self.instrument = instrument
        self.quantity = quantity
        self.price = price
        self.buyer = buyer
        self.seller = seller
    }

    /// One side of a trade.
    public struct Party: Hashable, Sendable {
        /// The account.
        public var account: AccountID
        /// Its leg, in hedge mode.
        public var leg: Leg
        /// Its fee in the settlement asset: positive is paid, negative is a rebate.
        public var fee: Money
        /// The resting order that was filled, if any.
        public var order: String?
        /// A side of a trade.
        public init(
            account: AccountID,
            leg: Leg = .net,
            fee: Money = .zero,
            order: String? = nil
        ) {
            self.account = account
            self.leg = leg
            self.fee = fee
            self.order = order
        }
    }
}

/// The mark price of an instrument, from one source.
public struct Marked: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// The price.
    public var price: Price
    /// A mark.
    public init(instrument: InstrumentID, price: Price) {
        self.instrument = instrument
        self.price = price
    }
}

/// The index price of an asset in the rulebook's currency.
public struct Indexed: Hashable, Sendable {
    /// The asset.
    public var asset: AssetID
    /// The price.
    public var price: Price
    /// An index price.
    public init(asset: AssetID, price: Price) {
        self.asset = asset
        self.price = price
    }
}

/// The open interest of an instrument, as notional in its quote currency.
public struct OpenInterestReported: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// The notional; not negative.
    public var notional: Money
    /// A report of open interest.
    public init(instrument: InstrumentID, notional: Money) {
        self.instrument = instrument
        self.notional = notional
    }
}

/// The rate that will be paid at the next funding, if nothing changes.
public struct FundingRateAnnounced: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// The rate; positive: longs pay shorts.
    public var rate: FundingRate
    /// An announced rate.
    public init(instrument: InstrumentID, rate: FundingRate) {
        self.instrument = instrument
        self.rate = rate
    }
}

/// Funding is paid between all holders of an instrument, at the given price, else the mark.
public struct FundingSettled: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// The rate; positive: longs pay shorts.
    public var rate: FundingRate
    /// The price that values the positions; `nil`: the mark.
    public var price: Price?
    /// A payment of funding.
    public init(instrument: InstrumentID, rate: FundingRate, price: Price? = nil) {
        self.instrument = instrument
        self.rate = rate
        self.price = price
    }
}

/// Unrealised profit up to the settlement price moves into the wallets; positions stay open.
public struct SessionSettled: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// The settlement price: the new entry price of every position.
    public var price: Price
    /// A session settlement.
    public init(instrument: InstrumentID, price: Price) {
        self.instrument = instrument
        self.price = price
    }
}

/// A dated instrument is delivered: every position closes at the delivery price.
public struct InstrumentExpired: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// The delivery price.
    public var price: Price
    /// An expiry.
    public init(instrument: InstrumentID, price: Price) {
        self.instrument = instrument
        self.price = price
    }
}

/// A person intervened; who and why are part of the journal.
public struct OperatorActed: Hashable, Sendable {
    /// What was done.
    public enum Action: UInt8, Hashable, Sendable, CaseIterable {
        /// The account's requests are refused from now on.
        case freeze = 0
        /// They are heard again.
        case release = 1
    }
    /// What was done.
    public var action: Action
    /// The account.
    public var account: AccountID
    /// Who did it, not empty.
    public var who: String
    /// Why, not empty.
    public var why: String
    /// An intervention.
    public init(action: Action, account: AccountID, who: String, why: String) {
        self.action = action
        self.account = account
        self.who = who
        self.why = why
    }
}
