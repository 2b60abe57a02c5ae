import Plimsoll
import PlimsollUnits

/// What a position pays at a funding settlement: `fundingSettled` at the mark, and what it changed in
/// the wallet.
struct FundingCase: KindCase {
    let desk: Desk
    let publication: Publication
    let paid: Money

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        let rate = try inputs.required("funding_rate")
        let position = try PositionInputs(inputs, venue: venue)
        guard let mark = position.mark else {
            throw VectorError.failed("the input 'mark_price' is missing")
        }
        publication = venue.publication(position.payoff)
        let settle = PositionPlan.settle(position.payoff)
        let rules = try position.rules(venue, .classic, RulesPart(), isIsolated: false)
        let plan = AccountPlan(
            rulebook: Rulebook(
                id: venue.rawValue,
                version: "conformance",
                currency: settle,
                publication: publication
            ),
            assets: [PositionPlan.coin, PositionPlan.cash],
            positions: [
                PositionPlan(
                    rules: rules,
                    quantity: try (position.isLong ? position.size : -position.size).quantity(),
                    entry: position.entry,
                    mark: try mark.price()
                )
            ]
        )
        var desk = try Desk(plan)
        let before = desk.effects.count
        let instrument = try desk.instrument(PositionPlan.symbol)
        try desk.send(
            .fundingSettled(FundingSettled(instrument: instrument, rate: rate.fundingRate()))
        )
        paid = -desk.funding(since: before)
        self.desk = desk
    }

    func answer(_ key: String) throws -> Answer {
        switch key {
        case "funding_payment": return .number(Exact(publication.margin(paid)))
        case "notional":
            let notional = try desk.positionFigures().notional
            return .number(Exact(publication.notional(notional)))
        default: throw noRule(key)
        }
    }
}

extension Desk {
    /// What funding changed in the account's wallets since the effect number `first`.
    func funding(since first: Int) -> Money {
        var sum = Money.zero
        for effect in effects[first...] {
            guard case .balanceChanged(let change) = effect, change.source == .funding,
                change.account == account
            else { continue }
            sum += change.change
        }
        return sum
    }
}
