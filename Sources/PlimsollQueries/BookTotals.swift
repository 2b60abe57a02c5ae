package import Plimsoll
import PlimsollReports
package import PlimsollWire

/// The balance sheet of a venue: `GET /v1/totals`.
package struct BookTotals: QueryAnswer {
    /// The books in each asset of the venue.
    package let items: [AssetTotals]
    package let stamp: AnswerStamp
    private let directory: Directory

    /// The books of a venue, which add up to nothing.
    package init(_ engine: Engine, _ venue: VenueID) {
        items = engine.totals().filter { engine.venue(of: $0.asset) == venue }
        stamp = AnswerStamp(engine, venue)
        directory = engine.directory
    }

    package func write(to json: inout JSONWriter) {
        json.object { object in
            object.stamp(stamp)
            object.key("items")
            object.array { list in
                for total in items {
                    list.object { entry in
                        entry.field("asset", directory.name(total.asset))
                        entry.field("deposits", decimal: total.deposits)
                        entry.field("withdrawals", decimal: total.withdrawals)
                        entry.field("inTransit", decimal: total.inTransit)
                        entry.field("wallets", decimal: total.wallets)
                        entry.field("unrealized", decimal: total.unrealized)
                        entry.field("funds", decimal: total.funds)
                        entry.field("fees", decimal: total.fees)
                        entry.field("house", decimal: total.house)
                        entry.field("difference", decimal: total.difference)
                    }
                }
            }
        }
    }
}
