/// Everything that accounts do in the window, in order of time.
struct BookPlan {
    /// What happens before the first trade: accounts are opened and funded.
    let opening: [PlannedEvent]
    /// What happens then.
    let course: [PlannedEvent]
    /// Whole USDT in the insurance fund.
    let insurance: Int

    /// The plan of `options` in `market`.
    init(_ options: Options, market: Market) {
        let makers = MarketMakers(accounts: options.accounts)
        let start = options.window.lowerBound
        insurance = options.accounts * 10_000
        var course = makers.openingTrades(market, seed: options.seed)
        var opening: [PlannedEvent.Body] = []
        for number in 1...options.accounts - makers.names.count {
            let trader = Trader(number: number, seed: options.seed, window: options.window)
            opening.append(.opened(account: trader.name, hedge: trader.hedge))
            opening.append(.deposited(account: trader.name, amount: trader.wallet))
            let life = TraderLife(
                trader,
                number: number,
                seed: options.seed,
                market: market,
                makers: makers
            )
            course += life.events
        }
        for (instrument, settlements) in market.funding.enumerated() {
            course += settlements.map { settlement in
                PlannedEvent(
                    time: settlement.time,
                    body: .fundingSettled(instrument: instrument, rate: settlement.rate)
                )
            }
        }
        self.course = BookPlan.ordered(course)
        for (name, amount) in zip(makers.names, makers.deposits(for: self.course)) {
            opening.append(.opened(account: name, hedge: false))
            opening.append(.deposited(account: name, amount: amount))
            for instrument in Instrument.all.indices {
                opening.append(
                    .configured(
                        account: name,
                        instrument: instrument,
                        isolated: false,
                        leverage: MarketMakers.leverage
                    )
                )
            }
        }
        self.opening = opening.map { PlannedEvent(time: start, body: $0) }
    }

    /// By time; what has the same time stays in the order in which it was planned.
    private static func ordered(_ events: [PlannedEvent]) -> [PlannedEvent] {
        events.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
    }
}
