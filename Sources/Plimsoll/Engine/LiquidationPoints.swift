public import PlimsollUnits

/// Where a position would be liquidated.
public struct LiquidationPoint: Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The leg.
    public var leg: Leg
    /// Cross or isolated: the price of a cross position is conditional on the other marks.
    public var marginMode: MarginMode
    /// Signed size.
    public var quantity: Quantity
    /// The magnitude of its value at the mark, in the settlement asset.
    public var notional: Money
    /// The mark at which its pool meets maintenance, as reports say.
    public var price: PriceAnswer
}

extension Engine {
    /// The liquidation prices of all margined positions in an instrument, by pool: each is solved exactly,
    /// all else equal.
    ///
    /// Empty where the instrument has no mark.
    public func liquidationPoints(of instrument: InstrumentID) -> [LiquidationPoint] {
        let index = Int(instrument.index)
        guard ledger.instruments.indices.contains(index), ledger.rows[index].mark > 0 else {
            return []
        }
        let (mark, payoff) = (ledger.rows[index].mark, ledger.terms[index].payoff)
        var points: [LiquidationPoint] = []
        var last: Int32 = -1
        for pool in ledger.markEdges.holders(of: instrument.index).sorted() where pool != last {
            last = pool
            let row = ledger.pools[Int(pool)]
            guard !row.isUnmargined else { continue }
            let price = PriceSolver(
                ledger: ledger,
                lead: ledger.lead(of: pool),
                instrument: instrument.index,
                line: .maintenance
            ).solve()
            for held in ledger.positions.held[segment: row.rows]
            where held.instrument == instrument.index {
                points.append(
                    LiquidationPoint(
                        account: AccountID(index: row.account),
                        leg: held.leg,
                        marginMode: row.isolated >= 0 ? .isolated : .cross,
                        quantity: Quantity(unchecked: held.quantity),
                        notional: Money(
                            units: Valuation.notional(held.quantity, at: mark, payoff)
                        ),
                        price: price
                    )
                )
            }
        }
        return points
    }
}
