package import Plimsoll
import PlimsollReports
import PlimsollUnits
package import PlimsollWire

/// A page of a venue's accounts: `GET /v1/accounts`.
package struct AccountList: QueryAnswer {
    /// One account of the list.
    package struct Item: Hashable, Sendable {
        package var name: String
        package var asset: String
        package var summary: AccountSummary
    }

    /// The accounts, in order.
    package let items: [Item]
    /// Where the next page goes on; `nil` at the end.
    package let next: AccountCursor?
    /// When it was computed.
    package let stamp: AnswerStamp

    /// The accounts of a venue that a request asks for: one walk over all of them.
    package init(_ engine: Engine, _ venue: VenueID, _ request: AccountListRequest) {
        let directory = engine.directory
        let search = AccountSearch(request.search)
        let names = directory.accounts
        let order = AccountOrder(names: names, byName: request.order == .account)
        let cursor = request.cursor.flatMap { cursor in
            names.indices.contains(Int(cursor.account.index))
                ? AccountOrder.Place(key: cursor.key, account: cursor.account) : nil
        }
        // One more than the page has tells whether another follows.
        var found = TopList<AccountOrder.Place>(request.limit + 1, by: order.precedes)
        func see(_ account: AccountID, _ key: Int128) {
            let place = AccountOrder.Place(key: key, account: account)
            if let cursor, !order.precedes(cursor, place) { return }
            found.see(place)
        }
        if request.order == .account {
            engine.accounts(of: venue) { account in
                if let band = request.band, engine.band(of: account) != band { return }
                guard search.finds(names[Int(account.index)]) else { return }
                see(account, 0)
            }
        } else {
            engine.summaries(of: venue) { summary in
                if let band = request.band, summary.band != band { return }
                guard search.finds(names[Int(summary.account.index)]) else { return }
                see(summary.account, summary.key(request.order, engine))
            }
        }
        let places = found.inOrder
        items = places.prefix(request.limit).map { place in
            let summary = engine.summary(of: place.account)
            return Item(
                name: directory.name(place.account),
                asset: engine.name(of: summary.asset, in: venue),
                summary: summary
            )
        }
        next =
            places.count > request.limit
            ? AccountCursor(
                order: request.order,
                key: places[request.limit - 1].key,
                account: places[request.limit - 1].account
            ) : nil
        stamp = AnswerStamp(engine, venue)
    }

    package func write(to json: inout JSONWriter) {
        json.object { object in
            object.key("items")
            object.array { list in
                for item in items { list.item(item) }
            }
            object.field("nextCursor", decimal: next?.text)
            object.stamp(stamp)
        }
    }
}

extension AccountSummary {
    /// What a list is sorted by, the largest first.
    ///
    /// Without equity there is no ratio: whoever owes or needs something then comes before all others, who
    /// has nothing and needs nothing stands at zero. What cannot be computed comes last.
    func key(_ order: AccountListRequest.Order, _ engine: Engine) -> Int128 {
        guard let figures else { return .min }
        switch order {
        case .account: return 0
        case .equity: return engine.value(figures.equity, of: asset)?.units ?? .min
        case .ratio:
            if let ratio = figures.marginRatio { return ratio.units }
            return figures.equity < .zero || figures.maintenanceMargin > .zero ? .max : 0
        }
    }
}

/// The order of a list of accounts.
private struct AccountOrder {
    struct Place {
        var key: Int128
        var account: AccountID
    }

    let names: [String]
    let byName: Bool

    func precedes(_ one: Place, _ other: Place) -> Bool {
        if byName { return names[Int(one.account.index)] < names[Int(other.account.index)] }
        if one.key != other.key { return one.key > other.key }
        return one.account < other.account
    }
}

/// A part of a name, compared without regard to the case of ASCII letters.
struct AccountSearch {
    private let wanted: [UInt8]

    init(_ text: String?) { wanted = (text ?? "").utf8.map(Self.lowered) }

    func finds(_ name: String) -> Bool {
        if wanted.isEmpty { return true }
        var name = name
        return name.withUTF8 { bytes in
            guard bytes.count >= wanted.count else { return false }
            return (0...bytes.count - wanted.count).contains { start in
                wanted.indices.allSatisfy { Self.lowered(bytes[start + $0]) == wanted[$0] }
            }
        }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension JSONWriter {
    fileprivate mutating func item(_ item: AccountList.Item) {
        let summary = item.summary
        object { object in
            object.field("account", item.name)
            object.summary(summary)
            object.field("asset", item.asset)
            object.field("positions", number: summary.positions)
            object.field("isStale", boolean: summary.isStale)
        }
    }

    /// Writes where an account stands, and its figures.
    mutating func summary(_ summary: AccountSummary) {
        field("band", summary.band.word)
        field("mode", summary.mode.word)
        field("equity", decimal: summary.figures?.equity)
        field("maintenanceMargin", decimal: summary.figures?.maintenanceMargin)
        field("marginRatio", decimal: summary.figures?.marginRatio)
        field("freeboard", decimal: summary.figures?.freeboard)
    }
}
