public import PlimsollUnits

/// What a venue does with a pool below its line: cancel, reduce, take over, deleverage, socialise.
///
/// A rulebook without it orders nothing: pools below their line only say so. Each choice names the
/// venue that makes it; `margin-rules` section 6 has the sources.
public struct Enforcement: Hashable, Sendable {
    /// How much of a position one liquidation order closes.
    public var sizing: ReductionSizing
    /// Which positions of a pool are reduced, and in which order.
    public var sharing: ReductionSharing
    /// The limit of a liquidation order.
    public var limitPrice: LiquidationLimit
    /// At most this share of the visible depth at the limit or better is ordered.
    ///
    /// `nil`: depth does not count. An instrument whose depth was never reported is not capped.
    public var depthShare: Rate?
    /// At most this much notional a second is ordered for one pool; `nil`: no limit.
    public var notionalPerSecond: Money?
    /// What a liquidation costs, of the notional filled; it goes to the fund, and only what equity
    /// above zero can pay.
    public var fee: Rate
    /// How many pools are evaluated after one event at the most.
    public var evaluationsPerEvent: Int
    /// The insurance funds; the first holds every instrument that no other one names.
    public var funds: [FundRule]
    /// How opposite positions are closed when the fund cannot take a position over.
    public var deleveraging: Deleveraging
    /// Who pays what is left then.
    public var socialisation: Socialisation
    /// Withdrawals wait while a fund of the account's instruments owes or is used up.
    public var gatesWithdrawals: Bool
    /// How a multi-asset account's debt in one asset is paid with what it owns in others.
    ///
    /// `nil`: not at all, it waits.
    public var conversion: CollateralConversion?

    /// An enforcement of these rules.
    public init(
        sizing: ReductionSizing = .exitLevel,
        sharing: ReductionSharing = .reliefPerCost,
        limitPrice: LiquidationLimit = .bankruptcy,
        depthShare: Rate? = nil,
        notionalPerSecond: Money? = nil,
        fee: Rate = .zero,
        evaluationsPerEvent: Int = 250,
        funds: [FundRule] = [FundRule(name: "fund")],
        deleveraging: Deleveraging = Deleveraging(),
        socialisation: Socialisation = .winners,
        gatesWithdrawals: Bool = false,
        conversion: CollateralConversion? = nil
    ) {
        self.sizing = sizing
        self.sharing = sharing
        self.limitPrice = limitPrice
        self.depthShare = depthShare
        self.notionalPerSecond = notionalPerSecond
        self.fee = fee
        self.evaluationsPerEvent = evaluationsPerEvent
        self.funds = funds
        self.deleveraging = deleveraging
        self.socialisation = socialisation
        self.gatesWithdrawals = gatesWithdrawals
        self.conversion = conversion
    }
}

/// Which assets a venue sells to pay what a multi-asset account below its line owes, and for what.
///
/// Source: Aevo, a declared order of assets and a conversion by itself once a balance is below zero
/// (`margin-rules` 3.6).
public struct CollateralConversion: Hashable, Sendable {
    /// The assets that are sold, the first first, each once; what is not named is never sold.
    public var order: [String]
    /// What a conversion costs, of what comes in; from 0 to below 1.
    ///
    /// It goes to the fund, and only what equity above zero can pay.
    public var fee: Rate

    /// A conversion in this order.
    public init(order: [String], fee: Rate = .zero) {
        self.order = order
        self.fee = fee
    }
}

/// How much of a position one liquidation order closes.
public enum ReductionSizing: UInt8, Hashable, Sendable, CaseIterable {
    /// The least that brings the pool back to its exit level (Binance).
    case exitLevel = 0
    /// Down into the next lower bracket, again and again (Bybit, OKX, BitMEX).
    case bracketStep = 1
    /// All of it (dYdX, Hyperliquid below its size limit).
    case whole = 2
}

/// Which positions of a pool are reduced, and in which order.
public enum ReductionSharing: UInt8, Hashable, Sendable, CaseIterable {
    /// One after the other, the largest freed requirement per notional first.
    case reliefPerCost = 0
    /// All at the same time, each by the share that its maintenance has in the pool's (dYdX).
    case maintenanceShare = 1
    /// All at the same time, each in full.
    case allAtOnce = 2
}

/// The limit of a liquidation order.
public enum LiquidationLimit: Hashable, Sendable {
    /// Where the position's share of the pool's equity is used up.
    case bankruptcy
    /// Further away the further the account is below maintenance, never beyond the bankruptcy price:
    /// mark × (1 − clamp(adjustment × (1 − equity ÷ maintenance)) × spread × maintenance rate) (dYdX).
    case fillable(adjustment: Rate, spread: Rate)
}

/// One insurance fund: an unmargined account of the venue that takes positions over and unwinds them.
public struct FundRule: Hashable, Sendable {
    /// The name of its account, `fund` or `fund:…`.
    public var name: String
    /// The instruments that it stands for; none: all that no other fund names.
    public var symbols: [String]
    /// The largest notional of all that it may hold, in its settlement asset; `nil`: as much as its
    /// cash can bear.
    public var cap: Money?
    /// The drawdown beyond which it takes nothing over; `nil`: until it is empty.
    public var drawdown: Drawdown?

    /// A fund of this name.
    public init(
        name: String,
        symbols: [String] = [],
        cap: Money? = nil,
        drawdown: Drawdown? = nil
    ) {
        self.name = name
        self.symbols = symbols
        self.cap = cap
        self.drawdown = drawdown
    }

    /// A fall of the fund's equity from its highest within a window.
    public struct Drawdown: Hashable, Sendable {
        /// Begins at a fall of this share of the highest (Bybit, OKX: 30 %).
        public var start: Rate
        /// Ends when the fall is less than this share (Bybit: 25 %).
        public var stop: Rate
        /// The window, nanoseconds (8 h).
        public var window: Int64

        /// A trigger at `start`, off at `stop`.
        public init(start: Rate, stop: Rate, window: Int64) {
            self.start = start
            self.stop = stop
            self.window = window
        }
    }
}

/// How opposite positions are closed when the fund cannot take a position over.
public struct Deleveraging: Hashable, Sendable {
    /// Who comes first.
    public var rank: DeleveragingRank
    /// At which price.
    public var price: DeleveragingPrice
    /// How the burden is shared.
    public var policy: DeleveragingPolicy

    /// A deleveraging of these rules.
    public init(
        rank: DeleveragingRank = .profitTimesMarginRatio,
        price: DeleveragingPrice = .bankruptcy,
        policy: DeleveragingPolicy = .queue
    ) {
        self.rank = rank
        self.price = price
        self.policy = policy
    }
}

/// The score by which winners are ranked; the highest is closed first.
public enum DeleveragingRank: UInt8, Hashable, Sendable, CaseIterable {
    /// max(0, profit) ÷ max(1, wallet) × maintenance ÷ equity (Binance).
    case profitTimesMarginRatio = 0
    /// Profit % × effective leverage, which is value ÷ (value − bankruptcy value); a loss is divided by
    /// it (BitMEX).
    case profitTimesLeverage = 1
    /// Profit ratio ÷ margin ratio if in profit, profit ratio × margin ratio if not (OKX, isolated).
    case profitOverMarginRatio = 2
    /// (mark ÷ entry) × (notional ÷ account value); shorts entry ÷ mark (Hyperliquid).
    case markOverEntryTimesLeverage = 3
    /// None: in order of accounts from a start that the event's number gives (dYdX).
    case unranked = 4
}

/// The price at which opposite positions are closed.
public enum DeleveragingPrice: UInt8, Hashable, Sendable, CaseIterable {
    /// The bankruptcy price of the one that is closed (Binance, BitMEX, dYdX).
    case bankruptcy = 0
    /// The mark: the loss is socialised (OKX).
    case mark = 1
}

/// How the burden of a deleveraging is shared.
public enum DeleveragingPolicy: UInt8, Hashable, Sendable, CaseIterable {
    /// By rank, each in full before the next.
    case queue = 0
    /// All winners, by their share of the open interest on their side.
    case proRata = 1
    /// All winners by their share at the mark; the deficit is charged to them so that the largest
    /// charge per profit is as small as it can be.
    case fairCharge = 2
}

/// Who pays for a loss that neither the account nor a fund can bear.
public enum Socialisation: UInt8, Hashable, Sendable, CaseIterable {
    /// Those with unrealised profit in the settlement asset, by their share of it (Deribit, Vega).
    case winners = 0
    /// Every position in the instruments that were liquidated, by its value at the mark: its size, in
    /// one instrument (Drift's funding index).
    case openInterest = 1
}
