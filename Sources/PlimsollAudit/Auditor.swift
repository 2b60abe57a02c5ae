import BigInt
public import Plimsoll
import PlimsollUnits

/// The slow, obvious second computation: it follows the same events with plain dictionaries and exact
/// quotients, and says what every figure must be.
///
/// It decides nothing: whether an event was applied or refused it is told. Amounts are whole steps of
/// 10⁻¹⁶ where money is booked, and exact quotients everywhere else.
public struct Auditor: Sendable {
    /// A venue as the auditor knows it.
    struct VenueBook: Sendable {
        var rulebook: Rulebook?
        var outside: Int32
        var isMirror = false
    }

    /// An asset and the venue's own books in it, in steps of 10⁻¹⁶.
    struct AssetBook: Sendable {
        var venue: Int32
        var name: String
        var index: Rational?
        var deposits: BigInt = 0
        var withdrawals: BigInt = 0
        var inTransit: BigInt = 0
        var fees: BigInt = 0
        var house: BigInt = 0
        var fund: BigInt = 0
    }

    /// An instrument.
    struct InstrumentBook: Sendable {
        var venue: Int32
        var symbol: String
        var rules: InstrumentRules
        var mark: Price?
        var openInterest: Rational?
        var fundingRate = Rational.zero
    }

    /// An account.
    struct AccountBook: Sendable {
        var venue: Int32
        var name = "outside"
        var isMultiAsset: Bool
        var isOutside = false
        var isFund = false

        /// It needs no margin.
        var isUnmargined: Bool { isOutside || isFund }
    }

    /// Whose wallet: the cross wallet in an asset, or the margin of one isolated position.
    enum Wallet: Hashable, Sendable {
        case cross(account: Int32, asset: Int32)
        case isolated(Slot)
    }

    /// Where a position is.
    struct Slot: Hashable, Sendable {
        var account: Int32
        var instrument: Int32
        var leg: Leg
    }

    /// A position: how much, for how much, in steps of 10⁻⁸ and 10⁻¹⁶.
    struct Holding: Hashable, Sendable {
        var quantity: BigInt
        var cost: BigInt
        var isIsolated: Bool
    }

    /// What an account chose for an instrument.
    struct Choice: Hashable, Sendable {
        var account: Int32
        var instrument: Int32
    }

    var venues: [VenueBook] = []
    var assets: [AssetBook] = []
    var instruments: [InstrumentBook] = []
    var accounts: [AccountBook] = []
    /// The accounts of funds.
    var funds: [Int32] = []
    var wallets = ByAccount<Wallet, BigInt>()
    var holdings = ByAccount<Slot, Holding>()
    var leverages: [Choice: Int64] = [:]
    var isolatedMode: Set<Choice> = []
    var orders: [Int32: [OrderPlaced]] = [:]
    var enforcement = EnforcementBook()
    /// Stale marks are taken at the edge of their band that favours their holder.
    var isFavourable = false
    /// After each event all books are added up, and whoever a price touches is stirred, which takes as long
    /// as there are accounts.
    ///
    /// Without it an event takes as long as what it changes, and books and accounts are to be asked about.
    public var isThorough = true
    /// Accounts that the events since the last question may have moved.
    ///
    /// It saves asking again, and decides nothing.
    public internal(set) var stirred: Set<Int32> = []

    /// An auditor who has seen nothing.
    public init() {}

    /// Forgets which accounts were stirred.
    public mutating func settle() { stirred.removeAll() }

    /// Follows one event that the engine applied, with the effects that it had.
    public mutating func follow(_ event: Event, effects: [Effect]) {
        guard !effects.contains(.repeated) else { return }
        enforcement.clock = event.at.nanoseconds
        followBody(event, effects)
        followEffects(effects, of: event)
    }

    private mutating func followBody(_ event: Event, _ effects: [Effect]) {
        switch event.body {
        case .venueDefined(let body):
            venues.append(
                VenueBook(
                    rulebook: nil,
                    outside: Int32(accounts.count),
                    isMirror: body.mode == .mirror
                )
            )
            accounts.append(
                AccountBook(
                    venue: Int32(venues.count - 1),
                    isMultiAsset: false,
                    isOutside: true
                )
            )
        case .assetDefined(let body):
            assets.append(AssetBook(venue: body.venue.index, name: body.name))
        case .rulebookAdopted(let body): adopt(body)
        case .instrumentDefined(let body): define(body)
        case .accountOpened(let body): open(body)
        case .accountConfigured(let body): configure(body)
        case .orderPlaced(let body):
            enforcement.cancelling[body.account.index]?.remove(body.order)
            orders[body.account.index, default: []].append(body)
            stirred.insert(body.account.index)
        case .orderReduced(let body):
            change(order: body.order, of: body.account) { $0.quantity = body.remaining }
        case .orderCancelled(let body):
            enforcement.cancelling[body.account.index]?.remove(body.order)
            orders[body.account.index]?.removeAll { $0.order == body.order }
            stirred.insert(body.account.index)
        case .filled(let body): fill(body)
        case .marked(let body):
            guard !effects.contains(where: \.isPriceRefused) else { return }
            instruments[Int(body.instrument.index)].mark = body.price
            noteMark(of: body.instrument.index, event)
            stirHolders(of: body.instrument.index)
        case .indexed(let body):
            noteIndex(of: body.asset.index, event)
            assets[Int(body.asset.index)].index = Rational(body.price.units, scale: 8)
            stirVenue(assets[Int(body.asset.index)].venue)
        case .openInterestReported(let body):
            instruments[Int(body.instrument.index)].openInterest =
                Rational(body.notional.units, scale: 16)
            stirHolders(of: body.instrument.index)
        case .fundingRateAnnounced(let body):
            instruments[Int(body.instrument.index)].fundingRate =
                Rational(body.rate.units, scale: 16)
            stirHolders(of: body.instrument.index)
        case .fundingSettled(let body): settleFunding(body)
        case .sessionSettled(let body): settleSession(body)
        case .instrumentExpired(let body): expire(body)
        case .deposited, .withdrawalRequested, .withdrawalSettled, .withdrawalReversed,
            .transferred, .isolatedMarginMoved, .feeCharged, .interestAccrued, .insuranceFunded,
            .collateralConverted, .reconciled:
            followMoney(event.body)
        case .depthObserved(let body): enforcement.depth[body.instrument.index] = body
        case .liquidationFilled(let body): fill(body, effects)
        case .liquidationOrderEnded(let body): end(body)
        case .operatorActed, .ticked: break
        }
    }

    // MARK: Reference data

    private mutating func adopt(_ body: RulebookAdopted) {
        venues[Int(body.venue.index)].rulebook = body.rulebook
        for index in instruments.indices where instruments[index].venue == body.venue.index {
            let symbol = instruments[index].symbol
            guard let rules = body.rulebook.instruments.first(where: { $0.symbol == symbol })
            else { continue }
            instruments[index].rules = rules
        }
        openFunds(of: body.venue.index)
        stirVenue(body.venue.index)
    }

    private mutating func define(_ body: InstrumentDefined) {
        let rulebook = venues[Int(body.venue.index)].rulebook
        guard let rules = rulebook?.instruments.first(where: { $0.symbol == body.symbol }) else {
            preconditionFailure("Invariant: an instrument has rules")
        }
        instruments.append(
            InstrumentBook(venue: body.venue.index, symbol: body.symbol, rules: rules)
        )
    }

    private mutating func open(_ body: AccountOpened) {
        let first = venues[Int(body.venue.index)].rulebook?.collateralModes.first
        accounts.append(
            AccountBook(
                venue: body.venue.index,
                name: body.name,
                isMultiAsset: (body.collateralMode ?? first) == .multiAsset
            )
        )
    }

    private mutating func configure(_ body: AccountConfigured) {
        let account = body.account.index
        if let mode = body.collateralMode {
            accounts[Int(account)].isMultiAsset = mode == .multiAsset
        }
        if let instrument = body.instrument {
            let choice = Choice(account: account, instrument: instrument.index)
            if let leverage = body.leverage { leverages[choice] = leverage.hundredths }
            switch body.marginMode {
            case .isolated: isolatedMode.insert(choice)
            case .cross: isolatedMode.remove(choice)
            case nil: break
            }
        }
        stirred.insert(account)
    }

    // MARK: Small tools

    mutating func book(_ amount: BigInt, to wallet: Wallet) {
        wallets[wallet, default: 0] += amount
        stirred.insert(wallet.owner)
    }

    mutating func stirHolders(of instrument: Int32) {
        guard isThorough else { return }
        for (slot, _) in holdings where slot.instrument == instrument {
            stirred.insert(slot.account)
        }
        for (account, resting) in orders
        where resting.contains(where: { $0.instrument.index == instrument }) {
            stirred.insert(account)
        }
    }

    mutating func stirVenue(_ venue: Int32) {
        guard isThorough else { return }
        for index in accounts.indices where accounts[index].venue == venue {
            stirred.insert(Int32(index))
        }
    }

    /// Changes an open order.
    mutating func change(
        order: String,
        of account: AccountID,
        _ body: (inout OrderPlaced) -> Void
    ) {
        stirred.insert(account.index)
        guard let index = orders[account.index]?.firstIndex(where: { $0.order == order }),
            var resting = orders[account.index]?[index]
        else { return }
        body(&resting)
        orders[account.index]?[index] = resting
    }

    /// The asset of `name` in a venue.
    func asset(_ name: String, in venue: Int32) -> Int32? {
        assets.firstIndex { $0.venue == venue && $0.name == name }.map { Int32($0) }
    }

    /// The asset in which an instrument is settled.
    func settle(of instrument: Int32) -> Int32 {
        let book = instruments[Int(instrument)]
        guard let asset = asset(book.rules.settle, in: book.venue) else {
            preconditionFailure("Invariant: the settlement asset of \(book.symbol) is defined")
        }
        return asset
    }

    /// The wallet that a position draws on.
    func wallet(of slot: Slot, isIsolated: Bool) -> Wallet {
        isIsolated
            ? .isolated(slot) : .cross(account: slot.account, asset: settle(of: slot.instrument))
    }
}

extension Effect {
    fileprivate var isPriceRefused: Bool {
        if case .priceRefused = self { true } else { false }
    }
}
