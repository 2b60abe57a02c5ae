public import Plimsoll
public import PlimsollUnits

/// A matching engine for replays: it executes liquidation orders on a `MarketModel`, lets their
/// impact reach the marks, and takes back what the history says of positions that are gone.
///
/// The history knows nothing of these liquidations, so four things differ from it. Its marks are
/// reference prices, which the impact of orders moves. What it answers to liquidation orders did not
/// happen. Orders that the venue cancels are gone. Somebody whose position was closed for him, or
/// closed against him, trades no more than what reduces the rest; for what is left of such a trade
/// `outside` takes his place. All events that did not happen as they are written are counted.
public struct ReplayMarket: Sendable {
    /// What is assumed, and how fast orders are executed.
    public struct Options: Hashable, Sendable {
        /// What the model assumes.
        public var assumptions: MarketModel.Assumptions
        /// An order is executed so many nanoseconds after it was sent (100 ms).
        public var latency: Int64
        /// What happens after the history's last event is followed so many nanoseconds (10 min).
        public var aftermath: Int64

        /// The model's assumptions, with a fiftieth of a calm hour's depth.
        ///
        /// What is left of a book in a crash is in no data here. Of 10 October 2025 it was reported
        /// that 98 % of the displayed depth was gone (binance.com/square/post/30999940221097, read
        /// 2026-11).
        public init() {
            assumptions = MarketModel.Assumptions()
            assumptions.depthShare = Rate.fiftieth
            latency = 100_000_000
            aftermath = 600_000_000_000
        }
    }

    /// What is assumed.
    public let options: Options
    /// How many events of the history did not happen, or not as they are written.
    public private(set) var leftOut = 0
    /// Symbols without a book of their own, and whose is taken; `nil`: nothing of it is executed.
    public private(set) var borrowed: [(symbol: String, from: CalmBooks.Symbol?)] = []

    /// Venues whose orders nobody answers: one is modelled.
    public private(set) var unanswered: [String] = []

    private var venue: VenueID?
    private var model: MarketModel?
    /// When `ready` is said.
    private var now = Timestamp.zero
    /// Orders in the order of sending, each with its time of execution.
    private var sent: [(time: Timestamp, order: LiquidationOrdered)] = []
    /// What has to be said next.
    private var ready: [Event.Body] = []
    /// Orders of accounts that the venue has cancelled.
    private var gone: Set<OrderName> = []
    /// The positions that liquidation orders are for.
    private var places: [UInt64: Place] = [:]
    /// Positions that enforcement changed.
    private var changed: Set<Place> = []

    private struct OrderName: Hashable {
        var account: AccountID
        var order: String
    }

    private struct Place: Hashable {
        var account: AccountID
        var instrument: InstrumentID
        var leg: Leg

        init(account: AccountID, instrument: InstrumentID, leg: Leg) {
            self.account = account
            self.instrument = instrument
            self.leg = leg
        }

        init(_ order: LiquidationOrdered) {
            self.init(account: order.account, instrument: order.instrument, leg: order.leg)
        }

        init(_ change: PositionChanged) {
            self.init(account: change.account, instrument: change.instrument, leg: change.leg)
        }
    }

    /// A market that waits for the history to begin; a share out of its range is a fault.
    public init(_ options: Options = Options()) throws(MarketFault) {
        _ = try MarketModel(outside: AccountID(index: 0), assumptions: options.assumptions)
        self.options = options
    }

    /// What it did so far.
    public var report: MarketReport { model?.report ?? MarketReport() }

    // MARK: What the matching engine says

    /// The next event that the history does not have, no later than `last`; `nil`: there is none.
    public mutating func next(until last: Timestamp, _ engine: Engine) -> Event? {
        while true {
            if ready.isEmpty { execute(until: last, engine) }
            if ready.isEmpty { break }
            let body = ready.removeFirst()
            if isHeard(body, engine) { return Event(time: max(now, engine.clock), body: body) }
        }
        guard engine.waitingPools > 0, tick(engine) <= last else { return nil }
        return Event(time: tick(engine), body: .ticked)
    }

    /// Of an order that the engine has ended nothing is to be said any more.
    private func isHeard(_ body: Event.Body, _ engine: Engine) -> Bool {
        switch body {
        case .liquidationFilled(let fill): isOpen(fill.order, engine)
        case .liquidationOrderEnded(let end): isOpen(end.order, engine)
        default: true
        }
    }

    private func isOpen(_ order: UInt64, _ engine: Engine) -> Bool {
        engine.openLiquidations.contains { $0.orders.contains(order) }
    }

    /// Executes the order whose turn it is, if its time has come before the next tick's.
    private mutating func execute(until last: Timestamp, _ engine: Engine) {
        guard let next = sent.first, next.time <= last,
            engine.waitingPools == 0 || next.time <= tick(engine)
        else { return }
        sent.removeFirst()
        now = max(next.time, engine.clock)
        var order = next.order
        guard isOpen(order.order, engine) else { return }
        // Its owner may have closed a part of the position since: the order is reduce-only.
        let held = held(Place(order), engine)
        let left = order.side == .sell ? held : -held
        order.quantity = min(order.quantity, (try? Quantity(units: max(0, left))) ?? .zero)
        guard order.quantity > .zero else {
            ready = [.liquidationOrderEnded(.init(order: order.order, reason: .cancelled))]
            return
        }
        ready = model?.execute(order, at: now) ?? []
        if order.quantity < next.order.quantity, ready.count == 1,
            case .liquidationFilled = ready[0]
        {
            ready.append(.liquidationOrderEnded(.init(order: order.order, reason: .cancelled)))
        }
        let mark = model?.mark(of: order.instrument)
        if let mark, mark != engine.mark(of: order.instrument) {
            ready.append(.marked(Marked(instrument: order.instrument, price: mark)))
        }
    }

    /// When pools that wait are evaluated next, if nothing else happens.
    private func tick(_ engine: Engine) -> Timestamp {
        Timestamp(nanoseconds: engine.clock.nanoseconds + options.latency)
    }

    private func held(_ place: Place, _ engine: Engine) -> Int64 {
        engine.report(place.account, prices: false).positions
            .first { $0.instrument == place.instrument && $0.leg == place.leg }?.quantity.units ?? 0
    }

    // MARK: What becomes of the history

    /// An event of the history as it happens here: nothing, itself, or what is left of it.
    public mutating func adapted(_ event: Event, _ engine: Engine) -> [Event] {
        var adapted = event
        switch event.body {
        case .marked(var mark):
            model?.observe(mark, at: event.at)
            if let price = model?.mark(of: mark.instrument) { mark.price = price }
            adapted.body = .marked(mark)
        case .filled(let fill):
            guard let parts = parts(of: fill, engine) else { break }
            leftOut += 1
            return parts.enumerated().map { index, part in
                let identity = index == 0 ? event.identity : nil
                return Event(
                    time: event.time,
                    at: event.at,
                    identity: identity,
                    body: .filled(part)
                )
            }
        default:
            guard !happens(event.body) else { break }
            leftOut += 1
            return []
        }
        return [adapted]
    }

    private mutating func happens(_ body: Event.Body) -> Bool {
        switch body {
        case .orderPlaced(let order): happens(order)
        case .orderReduced(let order): !isGone(order.account, order.order)
        case .orderCancelled(let order): !isGone(order.account, order.order)
        case .liquidationFilled, .liquidationOrderEnded: false
        default: true
        }
    }

    /// What is left of a trade of which a side may not do all; `nil`: both may.
    private func parts(of fill: Filled, _ engine: Engine) -> [Filled]? {
        let size = fill.quantity.units
        let bought = allowed(fill.buyer, of: fill, size, engine)
        let sold = allowed(fill.seller, of: fill, -size, engine)
        guard bought < size || sold < size else { return nil }
        guard let outside = model?.outside else { return [] }
        let stranger = Filled.Party(account: outside)
        let common = min(bought, sold)
        return [
            part(of: fill, common, fill.buyer, fill.seller),
            part(of: fill, bought - common, fill.buyer, stranger),
            part(of: fill, sold - common, stranger, fill.seller),
        ].compactMap(\.self)
    }

    private func part(
        of fill: Filled,
        _ size: Int64,
        _ buyer: Filled.Party,
        _ seller: Filled.Party
    ) -> Filled? {
        guard size > 0, let quantity = try? Quantity(units: size) else { return nil }
        var part = fill
        part.quantity = quantity
        part.buyer = buyer
        part.seller = seller
        part.buyer.fee = share(buyer.fee, size, of: fill)
        part.seller.fee = share(seller.fee, size, of: fill)
        return part
    }

    private func share(_ fee: Money, _ size: Int64, of fill: Filled) -> Money {
        let units = fee.units.multiplied(
            by: Int128(size),
            dividedBy: Int128(fill.quantity.units),
            rounding: .halfEven
        )
        return Money(units: units ?? fee.units)
    }

    /// How much of a trade one side may do: nothing by an order that is gone, and where enforcement
    /// changed the position no more than what reduces it.
    private func allowed(
        _ party: Filled.Party,
        of fill: Filled,
        _ signed: Int64,
        _ engine: Engine
    ) -> Int64 {
        if let order = party.order, isGone(party.account, order) { return 0 }
        let size = Int64(signed.magnitude)
        let place = Place(account: party.account, instrument: fill.instrument, leg: party.leg)
        guard changed.contains(place) else { return size }
        let held = held(place, engine)
        return (held > 0) == (signed > 0) ? 0 : min(size, Int64(held.magnitude))
    }

    /// An order that would only add to what was closed is not placed; what follows it is not either.
    private mutating func happens(_ order: OrderPlaced) -> Bool {
        let place = Place(account: order.account, instrument: order.instrument, leg: order.leg)
        guard changed.contains(place), !order.reduceOnly else { return true }
        gone.insert(OrderName(account: order.account, order: order.order))
        return false
    }

    private func isGone(_ account: AccountID, _ order: String) -> Bool {
        gone.contains(OrderName(account: account, order: order))
    }

    // MARK: What the engine says

    /// Takes note of what an event did.
    ///
    /// A takeover and a deleveraging follow the two positions that they changed.
    public mutating func note(_ effects: [Effect], of event: Event, _ engine: Engine) {
        if case .refused = effects.first { return }
        switch event.body {
        case .venueDefined(let body): open(body, engine)
        case .instrumentDefined(let body): list(body, engine)
        default: break
        }
        if case .liquidationFilled(let fill) = event.body, let place = places[fill.order] {
            changed.insert(place)
        }
        var positions: [Place] = []
        for effect in effects {
            switch effect {
            case .liquidationOrdered(let order) where engine.venue(of: order.account) == venue:
                let time = engine.clock.nanoseconds + options.latency
                sent.append((Timestamp(nanoseconds: time), order))
                places[order.order] = Place(order)
            case .liquidationOrdersToCancel(let numbers): cancel(numbers)
            case .ordersToCancel(let account, let orders):
                for order in orders {
                    gone.insert(OrderName(account: account, order: order))
                    say(.orderCancelled(OrderCancelled(account: account, order: order)), engine)
                }
            case .positionChanged(let change): positions.append(Place(change))
            case .deleveraged: changed.formUnion(positions.suffix(2))
            case .insuranceMoved(let move) where move.reason == .takeover:
                changed.formUnion(positions.suffix(2))
            default: break
            }
        }
    }

    private mutating func say(_ body: Event.Body, _ engine: Engine) {
        now = max(now, engine.clock)
        ready.append(body)
    }

    /// Cancels orders that have not been executed; those that have are answered already.
    private mutating func cancel(_ numbers: [UInt64]) {
        for entry in sent where numbers.contains(entry.order.order) {
            let end = LiquidationOrderEnded(order: entry.order.order, reason: .cancelled)
            ready.append(.liquidationOrderEnded(end))
        }
        sent.removeAll { numbers.contains($0.order.order) }
    }

    /// The first venue that orders liquidations is the one that is modelled.
    private mutating func open(_ body: VenueDefined, _ engine: Engine) {
        guard body.mode == .venue, let id = engine.directory.venue(body.name) else { return }
        guard venue == nil else {
            unanswered.append(body.name)
            return
        }
        venue = id
        model = try? MarketModel(
            outside: engine.outside(of: id),
            assumptions: options.assumptions
        )
    }

    private mutating func list(_ body: InstrumentDefined, _ engine: Engine) {
        guard body.venue == venue,
            let instrument = engine.directory.instrument(body.symbol, in: body.venue)
        else { return }
        let (shape, from) = CalmBooks.shape(of: body.symbol)
        do {
            try model?.list(instrument, rules: engine.rules(of: instrument), shape: shape)
            if let from { borrowed.append((body.symbol, from)) }
        } catch {
            borrowed.append((body.symbol, nil))
        }
    }
}
