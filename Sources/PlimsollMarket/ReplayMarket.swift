public import Plimsoll
public import PlimsollUnits

/// A matching engine for replays: it executes liquidation orders on a `MarketModel`, lets their
/// impact reach the marks, and takes back what the history says of positions that are gone.
///
/// The history knows nothing of these liquidations, so three things differ from it. Its marks are
/// reference prices, which the impact of orders moves. Orders that the venue cancels are gone. A
/// trade of somebody whose position was closed for him, or closed against him, only happens if it
/// reduces what is left; otherwise it would open what was just closed. All that is left out is
/// counted.
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
    /// How many events of the history did not happen.
    public private(set) var leftOut = 0
    /// Symbols without a book of their own, and whose is taken; `nil`: nothing of it is executed.
    public private(set) var borrowed: [(symbol: String, from: CalmBooks.Symbol?)] = []

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
        if ready.isEmpty { execute(until: last, engine) }
        if !ready.isEmpty {
            return Event(time: max(now, engine.clock), body: ready.removeFirst())
        }
        guard engine.waitingPools > 0, tick(engine) <= last else { return nil }
        return Event(time: tick(engine), body: .ticked)
    }

    /// Executes the order whose turn it is, if its time has come before the next tick's.
    private mutating func execute(until last: Timestamp, _ engine: Engine) {
        guard let next = sent.first, next.time <= last,
            engine.waitingPools == 0 || next.time <= tick(engine)
        else { return }
        sent.removeFirst()
        now = max(next.time, engine.clock)
        ready = model?.execute(next.order, at: now) ?? []
        let instrument = next.order.instrument
        if let mark = model?.mark(of: instrument), mark != engine.mark(of: instrument) {
            ready.append(.marked(Marked(instrument: instrument, price: mark)))
        }
    }

    /// When pools that wait are evaluated next, if nothing else happens.
    private func tick(_ engine: Engine) -> Timestamp {
        Timestamp(nanoseconds: engine.clock.nanoseconds + options.latency)
    }

    // MARK: What becomes of the history

    /// An event of the history as it happens here; `nil`: it does not.
    public mutating func adapted(_ event: Event, _ engine: Engine) -> Event? {
        guard happens(event.body, engine) else {
            leftOut += 1
            return nil
        }
        guard case .marked(var mark) = event.body else { return event }
        model?.observe(mark, at: event.at)
        if let price = model?.mark(of: mark.instrument) { mark.price = price }
        var moved = event
        moved.body = .marked(mark)
        return moved
    }

    private mutating func happens(_ body: Event.Body, _ engine: Engine) -> Bool {
        switch body {
        case .filled(let fill): happens(fill, engine)
        case .orderPlaced(let order): happens(order)
        case .orderReduced(let order): !isGone(order.account, order.order)
        case .orderCancelled(let order): !isGone(order.account, order.order)
        default: true
        }
    }

    private func happens(_ fill: Filled, _ engine: Engine) -> Bool {
        happens(fill, fill.buyer, fill.quantity.units, engine)
            && happens(fill, fill.seller, -fill.quantity.units, engine)
    }

    /// Whether a side of a trade may happen: its order is still there, and where enforcement changed
    /// the position, the trade reduces it.
    private func happens(
        _ fill: Filled,
        _ party: Filled.Party,
        _ signed: Int64,
        _ engine: Engine
    ) -> Bool {
        if let order = party.order, isGone(party.account, order) { return false }
        let place = Place(account: party.account, instrument: fill.instrument, leg: party.leg)
        guard changed.contains(place) else { return true }
        let held = engine.report(party.account, prices: false).positions
            .first { $0.instrument == place.instrument && $0.leg == place.leg }?.quantity.units
        guard let held else { return false }
        return (held > 0) != (signed > 0) && signed.magnitude <= held.magnitude
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
    public mutating func note(_ effects: [Effect], of event: Event, _ engine: Engine) {
        if case .refused = effects.first { return }
        switch event.body {
        case .venueDefined(let body): open(body, engine)
        case .instrumentDefined(let body): list(body, engine)
        default: break
        }
        for effect in effects {
            switch effect {
            case .liquidationOrdered(let order):
                let time = engine.clock.nanoseconds + options.latency
                sent.append((Timestamp(nanoseconds: time), order))
            case .liquidationOrdersToCancel(let numbers): cancel(numbers)
            case .ordersToCancel(let account, let orders):
                for order in orders {
                    gone.insert(OrderName(account: account, order: order))
                    say(.orderCancelled(OrderCancelled(account: account, order: order)), engine)
                }
            case .positionChanged(let change) where !isOwn(change, of: event.body):
                let place = Place(
                    account: change.account,
                    instrument: change.instrument,
                    leg: change.leg
                )
                if change.account != model?.outside { changed.insert(place) }
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

    /// A position changed because its own account traded, or because its instrument ended.
    private func isOwn(_ change: PositionChanged, of body: Event.Body) -> Bool {
        switch body {
        case .filled(let fill):
            change.account == fill.buyer.account || change.account == fill.seller.account
        case .instrumentExpired, .sessionSettled, .reconciled: true
        default: false
        }
    }

    /// The first venue that orders liquidations is the one that is modelled.
    private mutating func open(_ body: VenueDefined, _ engine: Engine) {
        guard venue == nil, body.mode == .venue, let id = engine.directory.venue(body.name) else {
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
