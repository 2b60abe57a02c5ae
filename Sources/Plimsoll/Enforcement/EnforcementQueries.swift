public import PlimsollUnits

/// One account's place among those who would be deleveraged.
public struct DeleveragingPlace: Hashable, Sendable {
    /// From 1: the first is closed first.
    public var rank: Int
    /// The account.
    public var account: AccountID
    /// The leg.
    public var leg: Leg
    /// The position, signed.
    public var quantity: Quantity
    /// How much of it may be closed: what hedges another position may not.
    public var eligible: Quantity
    /// The score by the rulebook's formula, 10⁻⁸.
    public var score: Rate
    /// What the score is made of.
    public var factors: DeleveragingFactors
}

/// A liquidation that is under way.
public struct OpenLiquidation: Hashable, Sendable {
    /// Its number.
    public var liquidation: UInt64
    /// The account.
    public var account: AccountID
    /// The pool.
    public var pool: PoolID
    /// Its orders that wait for fills or their end, by number.
    public var orders: [UInt64]
}

extension Engine {
    /// Everybody who would be deleveraged if a position on `side` (`buy`: a long) of `instrument` had to
    /// be closed now, the first first, by the rulebook's rank; costs a sort of its holders.
    ///
    /// Empty where the venue's rulebook has no enforcement, or the instrument no mark.
    public func deleveragingQueue(
        of instrument: InstrumentID,
        against side: Side
    ) -> [DeleveragingPlace] {
        deleveragingQueue(of: instrument, against: side, first: Int.max).places
    }

    /// The first of those, and how many there are in all.
    public func deleveragingQueue(
        of instrument: InstrumentID,
        against side: Side,
        first limit: Int
    ) -> (places: [DeleveragingPlace], count: Int) {
        let index = Int(instrument.index)
        guard ledger.instruments.indices.contains(index), ledger.instruments[index].mark > 0 else {
            return ([], 0)
        }
        let venue = Int(ledger.instruments[index].venue.index)
        guard let rank = ledger.venues[venue].rulebook?.enforcement?.deleveraging.rank else {
            return ([], 0)
        }
        let queue = ledger.deleveragingQueue(
            against: side == .buy ? 1 : -1,
            of: instrument.index,
            besides: -1,
            rank
        )
        let places = queue.prefix(max(0, limit)).enumerated().map { place, opposite in
            DeleveragingPlace(
                rank: place + 1,
                account: AccountID(index: opposite.account),
                leg: opposite.leg,
                quantity: Quantity(unchecked: opposite.quantity),
                eligible: Quantity(unchecked: opposite.eligible),
                score: opposite.factors.score(rank),
                factors: opposite.factors
            )
        }
        return (places, queue.count)
    }

    /// Every liquidation that is under way, by number.
    public var openLiquidations: [OpenLiquidation] {
        ledger.liquidations.inOrder.map { lead, liquidation in
            OpenLiquidation(
                liquidation: liquidation.number,
                account: AccountID(index: ledger.pools[Int(lead)].account),
                pool: PoolID(index: lead),
                orders: liquidation.orders.map(\.number)
            )
        }
        .sorted { $0.liquidation < $1.liquidation }
    }

    /// How many pools wait to be evaluated: what one event left over.
    public var waitingPools: Int { ledger.waiting.count }

    /// Nothing is under way below the line: no liquidation, and nobody waits.
    public var isQuiet: Bool { ledger.liquidations.isEmpty && ledger.waiting.isEmpty }
}
