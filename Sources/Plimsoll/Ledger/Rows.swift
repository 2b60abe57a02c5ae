import PlimsollUnits

/// A venue.
struct Venue: Hashable, Sendable {
    var mode: VenueMode
    /// The unmargined account that stands for the rest of the world.
    var outside: AccountID
    var rulebook: Rulebook? {
        didSet { terms = rulebook.map(VenueTerms.init) }
    }
    /// What every event needs of the rulebook, without its names and tables.
    ///
    /// Derived.
    private(set) var terms: VenueTerms?
    /// The asset named as the rulebook's currency, whose index is 1.
    var currency: AssetID?
    /// Accounts whose assets back each other: an index price touches all of them.
    ///
    /// Derived.
    var multiAsset: [Int32] = []

    init(mode: VenueMode, outside: AccountID, rulebook: Rulebook? = nil) {
        self.mode = mode
        self.outside = outside
        self.rulebook = rulebook
        terms = rulebook.map(VenueTerms.init)
    }
}

/// The scalars of a rulebook: copying them counts no references, which copying a rulebook does.
struct VenueTerms: Hashable, Sendable {
    let thresholds: Thresholds
    let priceGuard: PriceGuard
    let nets: Bool
    /// It says what happens to pools below their line.
    let enforces: Bool

    init(_ rulebook: Rulebook) {
        enforces = rulebook.enforcement != nil
        thresholds = rulebook.thresholds
        priceGuard = rulebook.priceGuard
        nets = rulebook.netting != .none
    }
}

/// An asset of a venue and the venue's own books in it.
///
/// deposits − withdrawals = Σ wallets + Σ unrealised + fund + fees + house + in transit, always.
struct Asset: Hashable, Sendable {
    var venue: VenueID
    var deposits: Int128 = 0
    /// Settled withdrawals.
    var withdrawals: Int128 = 0
    /// Requested and not yet settled or reversed.
    var inTransit: Int128 = 0
    var fees: Int128 = 0
    var house: Int128 = 0
    var fund: Int128 = 0
    var index: Int64 = 0  // 0: none yet
    var indexTime = Timestamp.zero
    var collateral: CollateralRule?
}

/// An instrument: its rules, its market and who holds it.
struct Instrument: Hashable, Sendable {
    var venue: VenueID
    /// What its positions need, by its rules.
    private(set) var margin: PositionMargin
    var settle: AssetID
    /// The asset whose index values it where the rules say so.
    var base: AssetID?
    /// Instruments of one underlying share a group, for netting: the first of them.
    var group: Int32
    var mark: Int64 = 0  // 0: none yet
    var markTime = Timestamp.zero
    var pending: [PendingMark] = []
    /// When each source last sent a mark.
    var sources: [MarkSource] = []
    var openInterest: Int128?
    var fundingRate: Int64 = 0
    var expired = false
    /// The largest magnitude any account has held: what a new mark may be multiplied with.
    var largestQuantity: Int64 = 0

    init(
        venue: VenueID,
        rules: InstrumentRules,
        settle: AssetID,
        base: AssetID? = nil,
        group: Int32
    ) {
        self.venue = venue
        margin = PositionMargin(rules: rules)
        self.settle = settle
        self.base = base
        self.group = group
    }

    var rules: InstrumentRules {
        @inline(__always) _read { yield margin.rules }
        set { margin = PositionMargin(rules: newValue) }
    }

    /// A source of marks and the time of its last one.
    struct MarkSource: Hashable, Sendable {
        var name: String
        var last: Timestamp
    }

    /// A mark beyond the band that waits for others to agree.
    struct PendingMark: Hashable, Sendable {
        var price: Int64
        var at: Timestamp
    }
}

/// An account.
struct Account: BitwiseCopyable, Hashable, Sendable {
    var venue: VenueID
    var collateralMode: CollateralMode
    var positionMode: PositionMode
    var isOutside = false
    /// An insurance fund.
    var isFund = false
    var isFrozen = false
    /// It chose a margin mode or a leverage for some instrument.
    ///
    /// Derived.
    var hasSettings = false
    /// The first of its pools, -1 for none; the rest follow through `Pool.next`.
    var firstPool: Int32 = -1
    var lastPool: Int32 = -1

    /// Nobody margins it.
    var isUnmargined: Bool { isOutside || isFund }
}

/// One wallet with its positions: a settlement asset of an account, or one isolated position.
///
/// In multi-asset mode the cross pools of an account back each other: they are valued together and
/// their band and mode are kept at the first of them, the account's *lead*.
///
/// 64 bytes, one line of the cache.
struct Pool: BitwiseCopyable, Hashable, Sendable {
    var wallet: Int128 = 0
    /// What the positions' costs add to equity: −Σ cost (linear, quanto) + Σ cost (inverse).
    var stake: Int128 = 0
    var account: Int32
    /// The segment of its positions in the position table.
    var start: Int32 = 0
    var count: Int32 = 0
    /// The account's next pool, -1 at the end.
    var next: Int32 = -1
    /// The instrument of an isolated position, -1 for a cross pool.
    var isolated: Int32 = -1
    /// Stamp of the last event after which it was evaluated, so that no pool is evaluated twice.
    var visited: UInt32 = 0
    private var assetNumber: UInt16
    /// Bits: the segment's room is 2^(this − 1) rows, none at 0.
    private var room: UInt8 = 0
    var isolatedLeg = Leg.net
    var band = Band.safe
    var mode = PoolMode.normal
    var flags: Flags = []

    struct Flags: BitwiseCopyable, Hashable, OptionSet, Sendable {
        let rawValue: UInt8
        static let multiAsset = Flags(rawValue: 1)
        /// The venue nets opposite sides, or the account has orders: no fast path.
        static let needsExact = Flags(rawValue: 2)
        /// It belongs to `outside` or an insurance fund, which nobody margins.
        static let unmargined = Flags(rawValue: 4)
        /// It is among those that wait to be evaluated.
        static let waiting = Flags(rawValue: 8)
        /// It belongs to an insurance fund whose rule limits how far it may fall.
        static let watched = Flags(rawValue: 16)
        /// Its safe band is to be drawn again before the next price.
        static let withoutBand = Flags(rawValue: 32)
    }

    init(account: Int32, asset: Int32) {
        self.account = account
        assetNumber = UInt16(asset)
    }

    /// At most `Limits.assets`.
    var asset: Int32 { Int32(assetNumber) }

    /// How many rows its segment has room for: 0 or a power of two.
    var capacity: Int32 {
        get { room == 0 ? 0 : 1 << Int32(room - 1) }
        set { room = newValue == 0 ? 0 : UInt8(newValue.trailingZeroBitCount + 1) }
    }

    /// The rows of its positions.
    var rows: Range<Int> { Int(start)..<Int(start) + Int(count) }

    var isMultiAsset: Bool { flags.contains(.multiAsset) }
    var needsExact: Bool { flags.contains(.needsExact) }
    var isUnmargined: Bool { flags.contains(.unmargined) }

    /// Sets or clears one flag.
    mutating func set(_ flag: Flags, _ isSet: Bool) {
        if isSet { flags.insert(flag) } else { flags.remove(flag) }
    }
}

/// How near a pool is to its line, by maintenance ÷ equity: what is shown and alerted.
public enum Band: UInt8, BitwiseCopyable, Hashable, Sendable, CaseIterable, Comparable {
    /// Below the first threshold.
    case safe = 0
    /// From the rulebook's `watch` threshold on.
    case watch = 1
    /// From the rulebook's `call` threshold on.
    case call = 2
    /// At or beyond the line.
    case liquidation = 3

    /// In ascending order.
    public static func < (lhs: Band, rhs: Band) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// What may be done with a pool.
public enum PoolMode: UInt8, BitwiseCopyable, Hashable, Sendable, CaseIterable, Comparable {
    /// Anything.
    case normal = 0
    /// Equity is below the initial requirement: only orders that reduce.
    case reduceOnly = 1
    /// Equity fell below maintenance; until it is back at the exit level.
    case liquidating = 2

    /// In ascending order.
    public static func < (lhs: PoolMode, rhs: PoolMode) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// What an account chose for one instrument.
struct Setting: Hashable, Sendable {
    var marginMode = MarginMode.cross
    /// Hundredths; 0: not chosen.
    var leverage: Int64 = 0
}

/// The key of a setting or of money in transit: an account with an instrument or asset.
struct AccountKey: Hashable, Comparable, Sendable {
    var account: Int32
    var other: Int32

    static func < (lhs: AccountKey, rhs: AccountKey) -> Bool {
        (lhs.account, lhs.other) < (rhs.account, rhs.other)
    }
}

/// An open order.
struct Order: Hashable, Sendable {
    var id: String
    var instrument: Int32
    var side: Side
    var leg: Leg
    var quantity: Int64
    var price: Int64
    var reduceOnly: Bool
    /// A liquidation asked for its end: it reserves nothing, and may still be filled until it is gone.
    var isCancelling = false
}
