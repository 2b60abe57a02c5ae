package import Plimsoll
import PlimsollReports
package import PlimsollUnits
package import PlimsollWire

/// One market: a row of `GET /v1/markets`.
package struct MarketItem: Hashable, Sendable {
    package var symbol: String
    package var payoff: Payoff
    package var base: String
    package var quote: String
    package var settle: String
    package var state: MarketState
    package var interest: OpenInterest
    /// How long ago the mark was made, in milliseconds of the engine's clock.
    package var age: Int64?
    /// The mark now by that of a day ago, less one; `nil` where the latter is not known.
    package var change24h: Rate?
}

/// The markets of a venue: `GET /v1/markets`.
package struct MarketList: QueryAnswer {
    /// The listed instruments, in the order of their definition.
    package let items: [MarketItem]
    /// When it was made.
    package let stamp: AnswerStamp

    /// The markets of a venue; `dayAgo` knows the mark of a day ago, which an engine does not.
    package init(
        _ engine: Engine,
        _ venue: VenueID,
        dayAgo: (InstrumentID) -> Price? = { _ in nil }
    ) {
        let interest = engine.openInterest()
        items = engine.instruments(of: venue).map { instrument in
            let rules = engine.rules(of: instrument)
            let state = engine.market(of: instrument)
            return MarketItem(
                symbol: rules.symbol,
                payoff: rules.payoff,
                base: rules.base,
                quote: rules.quote,
                settle: rules.settle,
                state: state,
                interest: interest[Int(instrument.index)],
                age: state.mark.map { _ in
                    engine.clock.milliseconds - state.markTime.milliseconds
                },
                change24h: state.mark.flatMap { mark in
                    dayAgo(instrument).flatMap { Rate(from: $0, to: mark) }
                }
            )
        }
        stamp = AnswerStamp(engine, venue)
    }

    package func write(to json: inout JSONWriter) {
        json.object { object in
            object.stamp(stamp)
            object.key("items")
            object.array { list in
                for item in items { list.market(item) }
            }
        }
    }
}

extension Rate {
    /// How much a price changed, as a fraction of the old one; `nil` beyond what a rate holds.
    init?(from old: Price, to new: Price) {
        let change = (Int128(new.units) - Int128(old.units)).multiplied(
            by: PowerOfTen.eight,
            dividedBy: Int128(old.units),
            rounding: .halfEven
        )
        guard let change, let rate = try? Rate(units: Int64(clamping: change)) else { return nil }
        self = rate
    }
}

extension JSONWriter {
    fileprivate mutating func market(_ item: MarketItem) {
        object { object in
            object.field("symbol", item.symbol)
            object.field("payoff", item.payoff.word)
            object.field("base", item.base)
            object.field("quote", item.quote)
            object.field("settle", item.settle)
            object.field("mark", decimal: item.state.mark)
            object.field(
                "markAt",
                optional: item.state.mark.map { _ in item.state.markTime.milliseconds }
            )
            object.field("age", optional: item.age)
            object.field("isStale", boolean: item.state.isStale)
            object.field("index", decimal: item.state.index)
            object.field("fundingRate", decimal: item.state.fundingRate)
            object.field("openInterest", decimal: item.interest.quantity)
            object.field("longs", number: item.interest.longs)
            object.field("shorts", number: item.interest.shorts)
            object.field("change24h", decimal: item.change24h)
        }
    }

    /// Writes what the sample of a book says of a market.
    mutating func marketGlance(_ item: MarketItem) {
        object { object in
            object.field("symbol", item.symbol)
            object.field("mark", decimal: item.state.mark)
            object.field("age", optional: item.age)
            object.field("isStale", boolean: item.state.isStale)
            object.field("openInterest", decimal: item.interest.quantity)
            object.field("change24h", decimal: item.change24h)
        }
    }
}
