import Plimsoll
import PlimsollAudit
import PlimsollUnits
import TestSupport

/// A seeded history of one rulebook: a venue with all counterparties and a mirror, in one engine.
struct World {
    let sample: SampleRulebook
    var random: SplitMix64
    var engine = Engine()
    var auditor = Auditor()
    /// The auditor follows each event.
    var isAudited = true
    /// Everything that was sent, refused events included.
    var events: [Event] = []
    var clock: Int64 = 1_000_000_000
    var prices: [Int64] = []
    var numbers: UInt64 = 0
    var orderCount = 0

    /// Venues of the world.
    let venues = [VenueID(index: 0), VenueID(index: 1)]
    let accountsPerVenue = 4
    var listings: [SampleRulebook.Listing] { sample.listings }
    var assetCount: Int { sample.assets.count }

    /// A world in which assets, instruments and accounts are defined, marked and funded.
    init(_ sample: SampleRulebook, seed: UInt64) {
        self.sample = sample
        random = SplitMix64(seed: seed &* 1_000_003 &+ UInt64(sample.rawValue.utf8.count))
        for (index, mode) in [VenueMode.venue, .mirror].enumerated() {
            send(.venueDefined(VenueDefined(name: "\(mode)", mode: mode)))
            let venue = VenueID(index: Int32(index))
            for asset in sample.assets {
                send(.assetDefined(AssetDefined(venue: venue, name: asset.name)))
            }
            send(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: sample.rulebook)))
            for listing in listings {
                send(
                    .instrumentDefined(
                        InstrumentDefined(venue: venue, symbol: listing.rules.symbol)
                    )
                )
                prices.append(listing.price)
            }
            openAccounts(venue)
        }
        for index in prices.indices where !random.chance(10) { sendMark(index, prices[index]) }
        for asset in 0..<assetCount * 2 where !random.chance(10) { send(nextIndex(asset)) }
        for index in 0..<accountsPerVenue * 2 {
            send(nextDeposit(Int32(index)))
            send(nextDeposit(Int32(index)))
        }
    }

    private mutating func openAccounts(_ venue: VenueID) {
        let modes = sample.rulebook.positionModes
        let collateral = sample.rulebook.collateralModes
        for number in 0..<accountsPerVenue {
            send(
                .accountOpened(
                    AccountOpened(
                        venue: venue,
                        name: "trader-\(number)",
                        collateralMode: number == 3 ? collateral.last : collateral.first,
                        positionMode: number == 1 ? modes.last : modes.first
                    )
                )
            )
        }
    }

    /// The `number`-th account that may trade, over both venues; index 0 of each venue is `outside`.
    func account(_ number: Int32) -> AccountID {
        let perVenue = Int32(accountsPerVenue)
        return AccountID(index: number + 1 + number / perVenue)
    }

    func outside(_ venue: Int) -> AccountID {
        AccountID(index: Int32(venue * (accountsPerVenue + 1)))
    }

    /// All accounts that may trade.
    var traders: [AccountID] { (0..<Int32(accountsPerVenue * 2)).map { account($0) } }

    // MARK: Sending

    @discardableResult
    mutating func send(_ body: Event.Body, identity: Event.Identity? = nil) -> [Effect] {
        apply(Event(time: Timestamp(nanoseconds: clock), identity: identity, body: body))
    }

    @discardableResult
    mutating func apply(_ event: Event) -> [Effect] {
        events.append(event)
        var effects: [Effect] = []
        engine.applyOrRefuse(event, emitting: &effects)
        if isAudited, !effects.isRefusal { auditor.follow(event, effects: effects) }
        return effects
    }

    mutating func sendMark(_ instrument: Int, _ units: Int64) {
        guard let price = try? Price(units: units) else { return }
        prices[instrument] = units
        numbers += 1
        send(
            .marked(Marked(instrument: InstrumentID(index: Int32(instrument)), price: price)),
            identity: .feed(source: "marks", sequence: numbers)
        )
    }

    /// The next event of the workload: mostly sensible, sometimes not.
    @discardableResult
    mutating func step() -> [Effect] {
        clock += random.int(0...3_000_000_000)
        if random.chance(3), let old = events.last(where: { $0.identity != nil }) {
            return apply(repeated(old))
        }
        let body = random.chance(8) ? nextNonsense() : next()
        var identity: Event.Identity?
        if case .marked = body {
            numbers += 1
            identity = .feed(source: random.chance(80) ? "marks" : "other", sequence: numbers)
        } else if random.chance(30) {
            identity = .command(id: "c\(random.int(0...400))")
        }
        let back = random.chance(2) ? random.int(1...4_000_000_000) : 0
        let time = Timestamp(nanoseconds: clock - back)
        let at = Timestamp(nanoseconds: random.chance(2) ? clock - back : clock)
        return apply(Event(time: time, at: at, identity: identity, body: body))
    }

    /// The same event again, or another under its identity.
    private mutating func repeated(_ old: Event) -> Event {
        var event = old
        event.at = Timestamp(nanoseconds: clock)
        if random.chance(40) { event.body = .ticked }
        return event
    }
}

extension [Effect] {
    /// The event was refused.
    var isRefusal: Bool {
        contains { if case .refused = $0 { true } else { false } }
    }
}
