public import PlimsollUnits

extension Engine {
    /// What a liquidation of `quantity` of a position may cost at the most before the pool's other
    /// positions pay for it, in the settlement asset; negative where it must bring money in.
    ///
    /// `− Δvalue − floor(equity × |Δmaintenance| ÷ maintenance)`: the pool's equity is shared out over
    /// its positions by the maintenance that each one ties up, and what is rounded is rounded so that
    /// the insurance fund never pays for it. `quantity` is the signed change of the position. Values
    /// and the share are in whole steps of the instrument's `requirementScale` where it has one.
    ///
    /// Source: dYdX v4, `x/clob/keeper/liquidations.go`, bankruptcy price in quote quantums
    /// (`margin-rules` 3.2). Throws where the account has no such position, where `quantity` would
    /// enlarge or turn it, and where a price is missing.
    public func bankruptcyValue(
        _ account: AccountID,
        _ instrument: InstrumentID,
        leg: Leg = .net,
        change quantity: Quantity
    ) throws(Rejection) -> Money {
        try ledger.check(account, instrument)
        let symbol = directory.name(instrument)
        let place = ledger.location(of: account.index, instrument: instrument.index, leg: leg)
        guard let pool = place.pool, let row = place.row else { throw .noPosition(symbol: symbol) }
        let held = ledger.view(row, isIsolated: place.isIsolated)
        guard quantity.units != 0, (quantity.units > 0) != (held.quantity > 0),
            quantity.units.magnitude <= held.quantity.magnitude
        else {
            throw .closesMore(quantity: "\(quantity)", held: Text.quantity(held.quantity))
        }
        let figures = try ledger.figuresForRequest(ledger.lead(of: pool))
        var after = held
        after.quantity += quantity.units
        let before = try requirement(of: held, instrument)
        let rest = try requirement(of: after, instrument)
        let freed = before.maintenance - rest.maintenance
        let share =
            figures.maintenance > 0
            ? figures.equity.multiplied(
                by: freed,
                dividedBy: figures.maintenance,
                rounding: .down
            ) ?? 0 : 0
        let scale = rules(of: instrument).requirementScale ?? 16
        let shared = Valuation.rounded(share, scale: scale, .down)
        return Money(units: before.value - rest.value - shared)
    }

    /// The signed value of a position, in whole steps of the venue's scale, and its maintenance in
    /// 10⁻²⁴.
    private func requirement(
        of position: PositionView,
        _ instrument: InstrumentID
    ) throws(Rejection) -> (value: Int128, maintenance: Int128) {
        let rules = rules(of: instrument)
        let prices: PositionPrices
        do throws(MissingPrice) {
            prices = try ledger.prices(of: instrument.index, position.quantity)
        } catch {
            throw ledger.rejection(error)
        }
        var nothing = NoTerms()
        let figures = PositionMargin(rules: rules).figures(position, prices, into: &nothing)
        let worth = Valuation.worth(position.quantity, at: prices.mark, rules.payoff)
        let scale = rules.requirementScale ?? 16
        return (Valuation.rounded(worth, scale: scale, .towardZero), figures.maintenance)
    }
}
