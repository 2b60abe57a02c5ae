package import Plimsoll
import PlimsollReports
import PlimsollUnits
package import PlimsollWire

/// What `GET /v1/accounts` asks for.
package struct AccountListRequest: Hashable, Sendable {
    /// The order of the list.
    package enum Order: String, Hashable, Sendable, CaseIterable {
        /// The nearest to its line first; those without equity before all others.
        case ratio
        /// The largest equity first, in the rulebook's currency.
        case equity
        /// By name.
        case account
    }

    /// Only accounts in this band.
    package var band: Band?
    /// Only accounts with this in their names, whatever the case of its letters.
    package var search: String?
    /// The order.
    package var order = Order.ratio
    /// How many at the most.
    package var limit = 100
    /// Where the last page ended.
    package var cursor: AccountCursor?

    /// Everything, a hundred at a time.
    package init() {}

    /// The request that the parameters of a query make.
    package init(_ fields: NodeReader) throws(QueryFault) {
        self = try asked { () throws(InputFault) in try AccountListRequest(reading: fields) }
    }

    private init(reading fields: NodeReader) throws(InputFault) {
        try fields.allow(["band", "search", "sort", "limit", "cursor"])
        band = try fields.optional("band")?.enumeration(Band.words)
        search = try fields.optional("search")?.name()
        if let field = fields.optional("sort") {
            order = try field.enumeration([
                "ratio": .ratio, "equity": .equity, "account": .account,
            ])
        }
        if let field = fields.optional("limit") {
            limit = Int(try field.integer(in: 1...1_000))
        }
        guard let field = fields.optional("cursor") else { return }
        guard let cursor = AccountCursor(try field.text()), cursor.order == order else {
            throw field.fault(
                "the cursor is not one of this list in this order.",
                remedy: "Send 'nextCursor' of the last page with the same 'sort', or none."
            )
        }
        self.cursor = cursor
    }
}

extension Band {
    /// The words of queries.
    static var words: KeyValuePairs<String, Band> {
        ["safe": .safe, "watch": .watch, "call": .call, "liquidation": .liquidation]
    }
}

/// Where a page of accounts ended: the last key and account.
///
/// It stays right while the book changes: an account is on a later page if it stands behind that place
/// then, whatever has come or gone before it.
package struct AccountCursor: Hashable, Sendable {
    /// The order of the list.
    package var order: AccountListRequest.Order
    /// What the list is sorted by, the largest first; zero in a list by name.
    package var key: Int128
    /// The account.
    package var account: AccountID

    init(order: AccountListRequest.Order, key: Int128, account: AccountID) {
        self.order = order
        self.key = key
        self.account = account
    }

    /// The cursor that `text` spells; `nil` if it is none.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let order = AccountListRequest.Order(rawValue: String(parts[0])),
            let key = Int128(parts[1], radix: 36), let index = Int32(parts[2], radix: 36),
            index >= 0
        else { return nil }
        self.init(order: order, key: key, account: AccountID(index: index))
    }

    /// The cursor as text.
    package var text: String {
        "\(order.rawValue).\(String(key, radix: 36)).\(String(account.index, radix: 36))"
    }
}
