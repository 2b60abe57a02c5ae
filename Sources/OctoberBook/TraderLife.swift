internal import PlimsollUnits

/// What one customer does in the window: it opens its positions, and some do one thing more.
struct TraderLife {
    private let trader: Trader
    private let market: Market
    private let makers: MarketMakers
    private var choice: SplitMix64
    private var orders = 0
    /// What it does, not in order of time.
    private(set) var events: [PlannedEvent] = []

    /// The life of `trader`; `number` names its stream of choices.
    init(_ trader: Trader, number: Int, seed: UInt64, market: Market, makers: MarketMakers) {
        self.trader = trader
        self.market = market
        self.makers = makers
        choice = SplitMix64(seed: seed, 4, number)
        let holdings = open()
        guard let first = holdings.first else { return }
        switch trader.boldness {
        case 0 where choice.chance(perMille: 350): rest(first)
        case 0 where !trader.isolated && choice.chance(perMille: 250): withdraw(after: first)
        case 1 where choice.chance(perMille: 200): trade(first)
        case 1 where trader.isolated && choice.chance(perMille: 300): addMargin(to: first)
        case 1... where !trader.isolated && choice.chance(perMille: 180): depositInCrash()
        default: break
        }
    }

    /// A position as it was opened.
    private struct Holding {
        let instrument: Int
        let buys: Bool
        let leg: Leg?
        let quantity: Quantity
        let leverage: Int
        let time: Int
    }

    // MARK: Opening

    private mutating func open() -> [Holding] {
        var holdings: [Holding] = []
        var time = trader.entry
        let margin = max(1, trader.wallet * trader.usage / 1_000 / trader.interests.count)
        for interest in trader.interests {
            let terms = Instrument.all[interest.instrument]
            var leverage = trader.leverage
            while leverage > terms.leverageMax(notional: margin * leverage) {
                leverage -= max(1, leverage / 10)
            }
            let configured = PlannedEvent.Body.configured(
                account: trader.name,
                instrument: interest.instrument,
                isolated: trader.isolated,
                leverage: leverage
            )
            events.append(PlannedEvent(time: time, body: configured))
            time = later(than: time, within: market.length / 5_000)
            // In hedge mode a third of the margin goes into the other leg.
            let shares = trader.hedge ? [650, 300] : [1_000]
            for (leg, share) in shares.enumerated() {
                let buys = interest.buys == (leg == 0)
                let price = market.paths[interest.instrument].price(at: time)
                let holding = Holding(
                    instrument: interest.instrument,
                    buys: buys,
                    leg: trader.hedge ? (buys ? .long : .short) : nil,
                    quantity: terms.quantity(worth: margin * leverage * share / 1_000, at: price),
                    leverage: leverage,
                    time: time
                )
                take(holding.quantity, of: holding, buys: buys, at: time)
                holdings.append(holding)
                time = later(than: time, within: market.length / 5_000)
            }
        }
        return holdings
    }

    /// A taker's trade with a market maker at the price of the moment.
    private mutating func take(_ quantity: Quantity, of holding: Holding, buys: Bool, at time: Int)
    {
        let mark = market.paths[holding.instrument].price(at: time)
        fill(
            quantity,
            of: holding.instrument,
            at: Instrument.all[holding.instrument].takerPrice(mark, buys: buys),
            customer: Fill.Party(account: trader.name, leg: holding.leg),
            buys: buys,
            time: time
        )
    }

    private mutating func fill(
        _ quantity: Quantity,
        of instrument: Int,
        at price: Price,
        customer: Fill.Party,
        buys: Bool,
        time: Int
    ) {
        let name = makers.names[choice.number(0...makers.names.count - 1)]
        let maker = Fill.Party(account: name, maker: !customer.maker)
        let fill = Fill(
            instrument: instrument,
            quantity: quantity,
            price: price,
            buyer: buys ? customer : maker,
            seller: buys ? maker : customer
        )
        events.append(PlannedEvent(time: time, body: .filled(fill)))
    }

    // MARK: One thing more

    /// A small order away from the market; it rests until the path reaches it or it is cancelled.
    private mutating func rest(_ holding: Holding) {
        let terms = Instrument.all[holding.instrument]
        let path = market.paths[holding.instrument]
        let time = later(than: holding.time, within: market.length / 96)
        let buys = choice.chance(perMille: 500)
        let distance = Int64(choice.number(10...60))
        let price = terms.price(path.price(at: time), movedBy: buys ? -distance : distance)
        let value = trader.wallet * holding.leverage * choice.number(10...30) / 1_000
        let reduces = !trader.hedge && buys != holding.buys && choice.chance(perMille: 500)
        let leg: Leg? = trader.hedge ? (buys ? .long : .short) : nil
        orders += 1
        let order = Order(
            name: "\(trader.name)-\(orders)",
            account: trader.name,
            instrument: holding.instrument,
            leg: leg,
            buys: buys,
            quantity: reduces
                ? terms.part(250, of: holding.quantity) : terms.quantity(worth: value, at: price),
            price: price,
            reduceOnly: reduces
        )
        events.append(PlannedEvent(time: time, body: .ordered(order)))

        let end = later(than: time, within: market.window.upperBound - 1 - time)
        let remaining = choice.chance(perMille: 250) ? terms.part(500, of: order.quantity) : nil
        let reached =
            (path.index(at: time) + 1..<max(path.index(at: time) + 1, path.index(at: end)))
            .first { buys ? path.marks[$0] <= price.units : path.marks[$0] >= price.units }
        let last = reached.map(path.time(of:)) ?? end
        let middle = time + (last - time) / 2
        if let remaining, remaining < order.quantity, middle > time, middle < last {
            events.append(
                PlannedEvent(time: middle, body: .orderReduced(order, remaining: remaining))
            )
            finish(order, quantity: remaining, filled: reached != nil, at: last)
        } else {
            finish(order, quantity: order.quantity, filled: reached != nil, at: last)
        }
    }

    private mutating func finish(_ order: Order, quantity: Quantity, filled: Bool, at time: Int) {
        if filled {
            let customer = Fill.Party(
                account: trader.name,
                leg: order.leg,
                order: order.name,
                maker: true
            )
            fill(
                quantity,
                of: order.instrument,
                at: order.price,
                customer: customer,
                buys: order.buys,
                time: time
            )
        } else if choice.chance(perMille: 700) {
            events.append(PlannedEvent(time: time, body: .orderCancelled(order)))
        }
    }

    /// A small part of the wallet leaves; one in five transfers comes back.
    private mutating func withdraw(after holding: Holding) {
        let amount = max(1, trader.wallet * choice.number(10...80) / 1_000)
        let begin = later(than: holding.time, within: market.length / 24)
        let end = later(than: begin, within: market.length / 96)
        let outcome: PlannedEvent.Withdrawal =
            choice.chance(perMille: 200) ? .reversed : .settled
        for (time, stage) in [(begin, PlannedEvent.Withdrawal.requested), (end, outcome)] {
            let body = PlannedEvent.Body.withdrawal(stage, account: trader.name, amount: amount)
            events.append(PlannedEvent(time: time, body: body))
        }
    }

    /// Adds a quarter, reduces by half, closes, or turns round.
    private mutating func trade(_ holding: Holding) {
        let terms = Instrument.all[holding.instrument]
        let time = later(than: holding.time, within: market.length / 8)
        let mayAdd = trader.usage <= 600 && !trader.hedge
        let mayTurn = !trader.isolated && !trader.hedge
        switch choice.index(weights: [mayAdd ? 300 : 0, 400, 200, mayTurn ? 100 : 0]) {
        case 0:
            let quantity = terms.part(250, of: holding.quantity)
            take(quantity, of: holding, buys: holding.buys, at: time)
        case 1:
            let quantity = terms.part(500, of: holding.quantity)
            take(quantity, of: holding, buys: !holding.buys, at: time)
        case 2:
            take(holding.quantity, of: holding, buys: !holding.buys, at: time)
        default:
            let quantity = terms.part(1_500, of: holding.quantity)
            take(quantity, of: holding, buys: !holding.buys, at: time)
        }
    }

    /// Isolated margin is added in the last minutes before the low.
    private mutating func addMargin(to holding: Holding) {
        let early = market.length / choice.number(72...288)
        let time = max(holding.time + 1, market.lowest - early)
        let body = PlannedEvent.Body.isolatedMarginMoved(
            account: trader.name,
            instrument: holding.instrument,
            leg: holding.leg,
            amount: max(1, trader.wallet * choice.number(50...150) / 1_000)
        )
        events.append(PlannedEvent(time: time, body: body))
    }

    /// Fresh money while the market falls.
    private mutating func depositInCrash() {
        let around = choice.number(-market.length / 96...market.length / 96)
        let time = min(max(trader.entry + 1, market.lowest + around), market.window.upperBound - 1)
        let amount = max(1, trader.wallet * choice.number(100...500) / 1_000)
        let body = PlannedEvent.Body.deposited(account: trader.name, amount: amount)
        events.append(PlannedEvent(time: time, body: body))
    }

    /// A moment after `time`, up to `span` milliseconds later, inside of the window.
    private mutating func later(than time: Int, within span: Int) -> Int {
        min(time + choice.number(1...max(1, span)), market.window.upperBound - 1)
    }
}
