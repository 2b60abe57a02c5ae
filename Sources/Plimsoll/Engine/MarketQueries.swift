public import PlimsollUnits

/// The sum of quantities of one instrument, in steps of 10⁻⁸: it may be beyond what one account holds.
public struct TotalQuantity: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Steps of 10⁻⁸.
    public var units: Int128

    /// A sum of `units` steps of 10⁻⁸.
    public init(units: Int128) { self.units = units }

    /// Nothing.
    public static let zero = TotalQuantity(units: 0)

    /// Decimal text, exactly.
    public var description: String { DecimalText.string(units, scale: 8) }

    /// In ascending order.
    public static func < (lhs: TotalQuantity, rhs: TotalQuantity) -> Bool { lhs.units < rhs.units }
}

/// The market of an instrument as the engine sees it.
public struct MarketState: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// The last mark that was believed; `nil`: there is none yet.
    public var mark: Price?
    /// When it was made.
    public var markTime: Timestamp
    /// A price that values it is older than the rulebook allows.
    public var isStale: Bool
    /// The index of the underlying in the quote currency.
    public var index: Price?
    /// The announced funding rate.
    public var fundingRate: FundingRate
    /// It has not expired.
    public var isListed: Bool
}

/// Who holds an instrument, all venue accounts and `outside` included.
public struct OpenInterest: Hashable, Sendable {
    /// The sum of all longs, which is that of all shorts.
    public var quantity = TotalQuantity.zero
    /// How many margined positions are long.
    public var longs = 0
    /// How many margined positions are short.
    public var shorts = 0
}

/// One open position, at its mark.
public struct PositionGlance: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// The leg.
    public var leg: Leg
    /// Signed size.
    public var quantity: Quantity
    /// The magnitude of its value at the mark, in the settlement asset; `nil` without a mark.
    public var notional: Money?
}

extension Engine {
    /// The market of an instrument.
    public func market(of instrument: InstrumentID) -> MarketState {
        let row = ledger.instruments[Int(instrument.index)]
        return MarketState(
            instrument: instrument,
            mark: row.mark > 0 ? Price(unchecked: row.mark) : nil,
            markTime: row.markTime,
            isStale: ledger.isStale(instrument.index),
            index: ledger.indexPrice(of: row).map { Price(unchecked: $0) },
            fundingRate: FundingRate(unchecked: row.fundingRate),
            isListed: !row.expired
        )
    }

    /// The venue of an instrument.
    public func venue(of instrument: InstrumentID) -> VenueID {
        ledger.instruments[Int(instrument.index)].venue
    }

    /// The venue of an asset.
    public func venue(of asset: AssetID) -> VenueID { ledger.assets[Int(asset.index)].venue }

    /// The asset that an instrument is settled in.
    public func settlement(of instrument: InstrumentID) -> AssetID {
        ledger.instruments[Int(instrument.index)].settle
    }

    /// An index price that values collateral is older than the rulebook allows.
    public func isStale(_ asset: AssetID) -> Bool { ledger.isStaleIndex(asset.index) }

    /// The open interest of every instrument, by index: a walk over all positions.
    public func openInterest() -> [OpenInterest] {
        var found = [OpenInterest](repeating: OpenInterest(), count: ledger.instruments.count)
        for pool in ledger.pools where pool.count > 0 {
            let isCounted = !pool.isUnmargined
            for held in ledger.positions.held[segment: pool.rows] {
                let index = Int(held.instrument)
                if held.quantity > 0 {
                    found[index].quantity.units += Int128(held.quantity)
                    if isCounted { found[index].longs += 1 }
                } else if isCounted {
                    found[index].shorts += 1
                }
            }
        }
        return found
    }

    /// The open positions of an account, pool by pool, without a report.
    public func positions(of account: AccountID, _ body: (PositionGlance) -> Void) {
        var pool = ledger.accounts[Int(account.index)].firstPool
        while pool >= 0 {
            for held in ledger.positions.held[segment: ledger.pools[Int(pool)].rows] {
                let mark = ledger.rows[Int(held.instrument)].mark
                let payoff = ledger.terms[Int(held.instrument)].payoff
                body(
                    PositionGlance(
                        instrument: InstrumentID(index: held.instrument),
                        leg: held.leg,
                        quantity: Quantity(unchecked: held.quantity),
                        notional: mark > 0
                            ? Money(units: Valuation.notional(held.quantity, at: mark, payoff))
                            : nil
                    )
                )
            }
            pool = ledger.pools[Int(pool)].next
        }
    }
}
