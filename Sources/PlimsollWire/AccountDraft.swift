import Plimsoll
import PlimsollUnits

/// What an account file says, read value by value; what it means together is checked afterwards.
struct AccountDraft: Sendable {
    /// A named amount or price with its place.
    struct Entry<Value: Sendable>: Sendable {
        var name: String
        var value: Value
        var place: NodeReader
    }

    /// One row of `positions`.
    struct Position: Sendable {
        var place: NodeReader
        var symbol: String
        var quantity: Quantity
        var entryPrice: SolvedPrice
        var isolatedMargin: Money?
    }

    /// One row of `orders`.
    struct Order: Sendable {
        var place: NodeReader
        var symbol: String
        var side: Side
        var quantity: Quantity
        var price: Price
        var reduceOnly: Bool
    }

    /// What a row says about its symbol: the engine has one leverage and one margin mode for each.
    struct Setting: Sendable {
        var symbol: String
        var leverage: Leverage?
        var marginMode: MarginMode?
        /// A position without a margin mode is cross; an order may leave it open.
        var isPosition: Bool
        var place: NodeReader
    }

    let document: NodeReader
    var account: NodeReader
    var id = "account"
    var mode: CollateralMode?
    var positionMode: PositionMode?
    var collateral: [Entry<Money>] = []
    var positions: [Position] = []
    var orders: [Order] = []
    var settings: [Setting] = []
    var marks: [Entry<Price>] = []
    var indexes: [Entry<Price>] = []

    init(_ document: NodeReader, faults: inout InputFaults) {
        self.document = document
        account = document
        let known = ["rulebook", "account", "marks", "indexes"]
        faults.add(document.unknownFields(allowed: known))
        marks = Self.entries(document, "marks", &faults) { (field) throws(InputFault) in
            try field.price()
        }
        indexes = Self.entries(document, "indexes", &faults) { (field) throws(InputFault) in
            try field.price()
        }
        guard let account = faults.attempt(try document.mapping("account")) else { return }
        self.account = account
        let unknown = account.unknownFields(allowed: [
            "id", "mode", "positionMode", "collateral", "positions", "orders",
        ])
        faults.add(unknown)
        if let field = account.optional("id"), let name = faults.attempt(try field.name()) {
            id = name
        }
        if let field = account.optional("mode") {
            mode = faults.attempt(try field.enumeration(CollateralMode.words))
        }
        if let field = account.optional("positionMode") {
            positionMode = faults.attempt(try field.enumeration(PositionMode.words))
        }
        // Behind a misspelt name nothing is said to be missing.
        if account.has("collateral")
            || (unknown.isEmpty && faults.attempt(try account.required("collateral")) != nil)
        {
            collateral = Self.entries(account, "collateral", &faults) {
                (field) throws(InputFault) in try field.money()
            }
        }
        for row in faults.attempt(try account.list("positions")) ?? [] {
            readPosition(row, &faults)
        }
        for row in faults.attempt(try account.list("orders")) ?? [] { readOrder(row, &faults) }
    }

    private static func entries<Value: Sendable>(
        _ parent: NodeReader,
        _ key: String,
        _ faults: inout InputFaults,
        _ read: (NodeReader) throws(InputFault) -> Value
    ) -> [Entry<Value>] {
        guard let field = parent.optional(key), let fields = faults.attempt(try field.fields())
        else { return [] }
        var entries: [Entry<Value>] = []
        for (name, place) in fields {
            if let value = faults.attempt(try read(place)) {
                entries.append(Entry(name: name, value: value, place: place))
            }
        }
        return entries
    }

    private mutating func readPosition(_ row: NodeReader, _ faults: inout InputFaults) {
        let known = [
            "symbol", "quantity", "entryPrice", "leverage", "marginMode", "isolatedMargin",
        ]
        guard isRow(row, of: known, &faults) else { return }
        let setting = setting(row, isPosition: true, &faults)
        let quantity = faults.attempt(try row.quantity("quantity"))
        if quantity == .zero, let field = row.optional("quantity") {
            faults.add(
                field.fault(
                    "the quantity is zero, which is no position.",
                    remedy: "Remove the row, or give a size: positive is long, negative is short."
                )
            )
        }
        let entry = faults.attempt(try row.solvedPrice("entryPrice"))
        var margin: Money?
        if let field = row.optional("isolatedMargin") {
            margin = faults.attempt(try field.money())
            if setting?.marginMode != .isolated {
                faults.add(
                    field.fault(
                        "the row has an isolatedMargin, but its marginMode is not isolated.",
                        remedy: "Add 'marginMode: isolated', or remove isolatedMargin."
                    )
                )
            }
        }
        guard let setting, let quantity, let entry else { return }
        settings.append(setting)
        positions.append(
            Position(
                place: row,
                symbol: setting.symbol,
                quantity: quantity,
                entryPrice: entry,
                isolatedMargin: margin
            )
        )
    }

    private mutating func readOrder(_ row: NodeReader, _ faults: inout InputFaults) {
        let known = [
            "symbol", "side", "quantity", "price", "leverage", "reduceOnly", "marginMode",
        ]
        guard isRow(row, of: known, &faults) else { return }
        let setting = setting(row, isPosition: false, &faults)
        let side = faults.attempt(try row.enumeration("side", Side.words))
        let quantity = faults.attempt(try row.positiveQuantity("quantity"))
        let price = faults.attempt(try row.price("price"))
        var reduceOnly: Bool? = false
        if let field = row.optional("reduceOnly") {
            reduceOnly = faults.attempt(try field.boolean())
        }
        guard let setting, let side, let quantity, let price, let reduceOnly else { return }
        settings.append(setting)
        orders.append(
            Order(
                place: row,
                symbol: setting.symbol,
                side: side,
                quantity: quantity,
                price: price,
                reduceOnly: reduceOnly
            )
        )
    }

    /// A mapping with known fields; behind a misspelt name nothing is said to be missing.
    private func isRow(
        _ row: NodeReader,
        of known: [String],
        _ faults: inout InputFaults
    ) -> Bool {
        guard faults.attempt(try row.fields()) != nil else { return false }
        let unknown = row.unknownFields(allowed: known)
        faults.add(unknown)
        return unknown.isEmpty
    }

    private func setting(
        _ row: NodeReader,
        isPosition: Bool,
        _ faults: inout InputFaults
    ) -> Setting? {
        var isWhole = true
        var leverage: Leverage?
        if let field = row.optional("leverage") {
            leverage = faults.attempt(try field.leverage())
            isWhole = leverage != nil
        }
        var marginMode: MarginMode?
        if let field = row.optional("marginMode") {
            marginMode = faults.attempt(try field.enumeration(MarginMode.words))
            isWhole = isWhole && marginMode != nil
        }
        guard let symbol = faults.attempt(try row.name("symbol")), isWhole else { return nil }
        return Setting(
            symbol: symbol,
            leverage: leverage,
            marginMode: marginMode,
            isPosition: isPosition,
            place: row
        )
    }
}

extension InputFaults {
    mutating func add(_ faults: [InputFault]) {
        for fault in faults { add(fault) }
    }
}
