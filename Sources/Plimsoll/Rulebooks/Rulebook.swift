public import PlimsollUnits

/// One venue's margin rules as data, adopted by an event; the engine never opens a file.
///
/// The fields are the dimensions of a margin engine (`docs/formats/rulebooks.md`); a new venue is a
/// new value, a new *kind* of rule is a new case of one of the enums below.
public struct Rulebook: Hashable, Sendable {
    /// The name under which files refer to it, such as `binance-usdm`.
    public var id: String
    /// The date or number of this version.
    public var version: String
    /// The asset in which figures across assets are valued, such as `USD`.
    public var currency: String
    /// The collateral modes accounts may choose; the first is the default.
    public var collateralModes: [CollateralMode]
    /// The position modes accounts may choose; the first is the default.
    public var positionModes: [PositionMode]
    /// Where the bands begin and which side of the line equality is on.
    public var thresholds: Thresholds
    /// Which marks are believed, and for how long.
    public var priceGuard: PriceGuard
    /// The ratio as the venue itself publishes it.
    public var venueRatio: VenueRatio
    /// Long and short positions of one underlying in a cross pool are netted.
    public var netting: Netting
    /// What an order costs beyond its initial margin, checked before it is accepted.
    public var orderCost: OrderCost
    /// What each asset counts as collateral in multi-asset mode; an asset that is not listed counts
    /// nothing while positive, and in full while negative.
    public var collateral: [CollateralRule]
    /// What happens to a pool below its line; `nil`: it only says so.
    public var enforcement: Enforcement?
    /// How figures are rounded when they are published as the venue would show them.
    public var publication: Publication
    /// The rules of each instrument, in the order of the file.
    public var instruments: [InstrumentRules]

    /// A rulebook of these rules.
    public init(
        id: String,
        version: String,
        currency: String,
        collateralModes: [CollateralMode] = [.singleAsset],
        positionModes: [PositionMode] = [.oneWay],
        thresholds: Thresholds = Thresholds(),
        priceGuard: PriceGuard = PriceGuard(),
        venueRatio: VenueRatio = .maintenanceToEquity,
        netting: Netting = .none,
        orderCost: OrderCost = OrderCost(),
        collateral: [CollateralRule] = [],
        enforcement: Enforcement? = nil,
        publication: Publication = Publication(),
        instruments: [InstrumentRules] = []
    ) {
        self.id = id
        self.version = version
        self.currency = currency
        self.collateralModes = collateralModes
        self.positionModes = positionModes
        self.thresholds = thresholds
        self.priceGuard = priceGuard
        self.venueRatio = venueRatio
        self.netting = netting
        self.orderCost = orderCost
        self.collateral = collateral
        self.enforcement = enforcement
        self.publication = publication
        self.instruments = instruments
    }
}

/// Whether the assets of an account back each other.
public enum CollateralMode: UInt8, BitwiseCopyable, Hashable, Sendable, CaseIterable {
    /// Each settlement asset is a pool of its own.
    case singleAsset = 0
    /// All assets back one pool, valued in the rulebook's currency after haircuts.
    case multiAsset = 1
}

/// Whether an account may be long and short in one instrument at the same time.
public enum PositionMode: UInt8, BitwiseCopyable, Hashable, Sendable, CaseIterable {
    /// One net position per instrument.
    case oneWay = 0
    /// A long and a short leg per instrument.
    case hedge = 1
}

/// Whether a position draws on the account's shared pool or on margin of its own.
public enum MarginMode: UInt8, Hashable, Sendable, CaseIterable {
    /// The pool of its settlement asset, shared with other positions.
    case cross = 0
    /// A pool of its own.
    case isolated = 1
}

/// Where the bands of `maintenance ÷ equity` begin.
public struct Thresholds: Hashable, Sendable {
    /// From here a pool is on `watch`.
    public var watch: Rate
    /// From here a pool is in `call`.
    public var call: Rate
    /// A pool whose equity equals its maintenance is below the line.
    public var equalityIsBelow: Bool
    /// A pool in liquidation is normal again once maintenance ÷ equity is at or under this.
    public var exit: Rate

    /// Thresholds; the defaults are Plimsoll's own (50 %, 80 %, 100 %).
    public init(
        watch: Rate = .half,
        call: Rate = .fourFifths,
        equalityIsBelow: Bool = false,
        exit: Rate = .one
    ) {
        self.watch = watch
        self.call = call
        self.equalityIsBelow = equalityIsBelow
        self.exit = exit
    }
}

/// Which marks are believed, and for how long.
public struct PriceGuard: Hashable, Sendable {
    /// Half width of the band around a fresh index, else the last mark; `nil`: no band.
    public var width: Rate?
    /// So many different sources, or so many successive marks, must agree to move beyond the band.
    public var confirmations: Int
    /// Within so many nanoseconds.
    public var within: Int64
    /// A price older than this many nanoseconds is stale; `nil`: prices do not age.
    public var maxAge: Int64?

    /// A guard; without arguments every positive, newer mark is believed and never ages.
    public init(
        width: Rate? = nil,
        confirmations: Int = 3,
        within: Int64 = 10_000_000_000,
        maxAge: Int64? = nil
    ) {
        self.width = width
        self.confirmations = confirmations
        self.within = within
        self.maxAge = maxAge
    }
}

/// The direction in which a venue publishes its margin ratio.
public enum VenueRatio: UInt8, Hashable, Sendable, CaseIterable {
    /// Maintenance ÷ equity: liquidation at 1 (Binance futures, Bybit, Deribit).
    case maintenanceToEquity = 0
    /// Equity ÷ maintenance, closing fee included: liquidation at 1 (OKX).
    case equityToMaintenance = 1
}

/// Whether opposite positions of one underlying share a requirement.
public enum Netting: UInt8, Hashable, Sendable, CaseIterable {
    /// Every position has its own requirement.
    case none = 0
    /// In a cross pool the larger of the long and the short side of each underlying counts (Kraken).
    case largerSide = 1
}

/// What an order costs beyond its initial margin; a source is named in each rulebook.
public struct OrderCost: Hashable, Sendable {
    /// The loss at once when the order's price is worse than the mark (Binance).
    public var openLoss: Bool
    /// The taker fee to open, on the order's value (Bybit).
    public var openingFee: Bool
    /// The taker fee to close at the order's bankruptcy price (Bybit).
    public var closingFee: Bool

    /// Order costs; none without arguments.
    public init(openLoss: Bool = false, openingFee: Bool = false, closingFee: Bool = false) {
        self.openLoss = openLoss
        self.openingFee = openingFee
        self.closingFee = closingFee
    }
}

/// What one asset counts as collateral in multi-asset mode.
///
/// A positive equity is valued at `index × (1 − bidBuffer)` and weighted by its tiers; a negative one
/// at `index × (1 + askBuffer)`, in full: debts take no haircut.
public struct CollateralRule: Hashable, Sendable {
    /// The asset.
    public var asset: String
    /// Taken off the index for what is owned.
    public var bidBuffer: Rate
    /// Added to the index for what is owed or needed.
    public var askBuffer: Rate
    /// Marginal weights of the value in the rulebook's currency; empty: everything counts in full.
    public var tiers: [CollateralTier]

    /// A collateral rule; without buffers and tiers an asset counts at its index.
    public init(
        asset: String,
        bidBuffer: Rate = .zero,
        askBuffer: Rate = .zero,
        tiers: [CollateralTier] = []
    ) {
        self.asset = asset
        self.bidBuffer = bidBuffer
        self.askBuffer = askBuffer
        self.tiers = tiers
    }
}

/// One marginal tier of collateral: the part of the value from `floor` to the next floor.
public struct CollateralTier: Hashable, Sendable {
    /// Where the tier starts: a value in the rulebook's currency.
    public var floor: Money
    /// The share of this part that counts.
    public var weight: Rate

    /// A tier from `floor` up that counts `weight` of its value.
    public init(floor: Money, weight: Rate) {
        self.floor = floor
        self.weight = weight
    }
}

/// The rules of one instrument.
public struct InstrumentRules: Hashable, Sendable {
    /// The venue's symbol.
    public var symbol: String
    /// How profit follows the price.
    public var payoff: Payoff
    /// The underlying, such as `BTC`.
    public var base: String
    /// The currency of the price.
    public var quote: String
    /// The asset in which profit and margin are paid.
    public var settle: String
    /// When it is delivered; `nil` for a perpetual.
    public var expiry: Timestamp?
    /// Initial and maintenance rates by size.
    public var schedule: MarginSchedule
    /// The price that values the initial requirement of a cross position.
    public var initialPrice: PriceBase
    /// The price that values the initial requirement of an isolated position.
    public var isolatedInitialPrice: PriceBase
    /// The price that values the maintenance requirement.
    public var maintenancePrice: PriceBase
    /// Which fee to close is part of the requirements.
    public var closingFee: ClosingFee
    /// The taker (closing) fee rate.
    public var takerFeeRate: Rate
    /// The announced funding that a position would pay is part of its maintenance (BitMEX).
    public var fundingInMaintenance: Bool
    /// The leverage of an account that has chosen none; the bracket's maximum if that is lower.
    public var defaultLeverage: Leverage
    /// A cross position's initial margin uses the bracket's maximum leverage, whatever was chosen
    /// (Bybit classic).
    public var crossAtMaximumLeverage: Bool
    /// The size step of orders; `nil`: 10⁻⁸.
    public var quantityStep: Quantity?
    /// The price step of the venue, to which published prices go; `nil`: they keep their digits.
    public var tickSize: Price?
    /// Digits behind the point at which a position's cost is kept, if the venue rounds it; its
    /// magnitude is rounded up (Bybit inverse: 8).
    public var costScale: Int?
    /// Digits behind the point to which each requirement is rounded up, if the venue does so (dYdX: 6).
    public var requirementScale: Int?
    /// The largest price and the largest size that the instrument admits.
    public var maxPrice: Price
    /// The largest magnitude of a position, order or fill.
    public var maxQuantity: Quantity

    /// The rules of `symbol`; everything that is not given is the commonest choice.
    public init(
        symbol: String,
        payoff: Payoff,
        base: String,
        quote: String,
        settle: String,
        expiry: Timestamp? = nil,
        schedule: MarginSchedule,
        initialPrice: PriceBase = .mark,
        isolatedInitialPrice: PriceBase = .mark,
        maintenancePrice: PriceBase = .mark,
        closingFee: ClosingFee = .none,
        takerFeeRate: Rate = .zero,
        fundingInMaintenance: Bool = false,
        defaultLeverage: Leverage = .twenty,
        crossAtMaximumLeverage: Bool = false,
        quantityStep: Quantity? = nil,
        tickSize: Price? = nil,
        costScale: Int? = nil,
        requirementScale: Int? = nil,
        maxPrice: Price = .max,
        maxQuantity: Quantity = .max
    ) {
        self.symbol = symbol
        self.payoff = payoff
        self.base = base
        self.quote = quote
        self.settle = settle
        self.expiry = expiry
        self.schedule = schedule
        self.initialPrice = initialPrice
        self.isolatedInitialPrice = isolatedInitialPrice
        self.maintenancePrice = maintenancePrice
        self.closingFee = closingFee
        self.takerFeeRate = takerFeeRate
        self.fundingInMaintenance = fundingInMaintenance
        self.defaultLeverage = defaultLeverage
        self.crossAtMaximumLeverage = crossAtMaximumLeverage
        self.quantityStep = quantityStep
        self.tickSize = tickSize
        self.costScale = costScale
        self.requirementScale = requirementScale
        self.maxPrice = maxPrice
        self.maxQuantity = maxQuantity
    }
}

/// How profit follows the price.
public enum Payoff: UInt8, BitwiseCopyable, Hashable, Sendable, CaseIterable {
    /// Quantity in units of the base, profit in the quote currency: `quantity × (mark − entry)`.
    case linear = 0
    /// Quantity in units of the quote currency, profit in the base: `quantity × (1/entry − 1/mark)`.
    case inverse = 1
    /// Quantity in settlement asset per point (contracts × multiplier): `quantity × (mark − entry)`.
    case quanto = 2
}

/// The price at which a requirement is valued.
public enum PriceBase: UInt8, Hashable, Sendable, CaseIterable {
    /// The mark price.
    case mark = 0
    /// The average entry price: the position's cost.
    case entry = 1
    /// The index of the underlying; the mark where there is none.
    case index = 2
}

/// Which fee to close a position is part of the requirements.
public enum ClosingFee: UInt8, Hashable, Sendable, CaseIterable {
    /// None (Binance, Deribit, Hyperliquid, dYdX).
    case none = 0
    /// `notional at mark × taker fee`, in maintenance only: part of the trigger (OKX).
    case inMaintenance = 1
    /// `value at the entry-based bankruptcy price × taker fee`, in initial only (Bybit classic).
    case inInitialAtBankruptcy = 2
    /// The same in initial and in maintenance (Bybit unified, Bybit UTA).
    case atBankruptcy = 3
    /// `cost × taker fee`, in initial and in maintenance (BitMEX).
    case atEntry = 4
}

/// How a published figure is rounded.
public struct FieldRounding: Hashable, Sendable {
    /// The mode.
    public var mode: Rounding
    /// Digits behind the point.
    public var scale: Int

    /// Rounding by `mode` to `scale` digits behind the point.
    public init(mode: Rounding, scale: Int) {
        self.mode = mode
        self.scale = scale
    }
}

/// How figures are rounded when they are shown as the venue would show them; `nil`: not at all.
///
/// The engine's own figures are exact; only publication rounds.
public struct Publication: Hashable, Sendable {
    /// Unrealised profit.
    public var unrealizedPnl: FieldRounding?
    /// Initial and maintenance margins, order margins and balances.
    public var margin: FieldRounding?
    /// The value of a position.
    public var notional: FieldRounding?
    /// Liquidation and bankruptcy prices go to the instrument's tick, toward the earlier trigger.
    public var pricesToTick: Bool
    /// So many ticks are added to the liquidation price toward the earlier trigger (OKX inverse: 1).
    public var extraTicks: Int

    /// Publication rules; without arguments nothing is rounded.
    public init(
        unrealizedPnl: FieldRounding? = nil,
        margin: FieldRounding? = nil,
        notional: FieldRounding? = nil,
        pricesToTick: Bool = false,
        extraTicks: Int = 0
    ) {
        self.unrealizedPnl = unrealizedPnl
        self.margin = margin
        self.notional = notional
        self.pricesToTick = pricesToTick
        self.extraTicks = extraTicks
    }
}
