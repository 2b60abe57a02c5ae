import Plimsoll
import PlimsollUnits

extension OrderPlaced {
    init(from reader: inout WireReader) throws(WireError) {
        var account: Int32?
        var order: String = ""
        var instrument: Int32?
        var side: Side?
        var leg: Leg?
        var quantity: Quantity = .zero
        var price: Price?
        var reduceOnly: Bool = false
        while let field = try reader.next() {
            switch field.number {
            case 1: account = try reader.index(field, "OrderPlaced")
            case 2: order = try reader.text(field, "OrderPlaced")
            case 3: instrument = try reader.index(field, "OrderPlaced")
            case 4: side = try reader.value(field, "OrderPlaced")
            case 5: leg = try reader.value(field, "OrderPlaced")
            case 6: quantity = try reader.quantity(field, "OrderPlaced")
            case 7: price = try reader.price(field, "OrderPlaced")
            case 8: reduceOnly = try reader.flag(field, "OrderPlaced")
            default: throw reader.unknown(field, "OrderPlaced")
            }
        }
        guard let account else { throw reader.missing("account", "OrderPlaced") }
        guard let instrument else { throw reader.missing("instrument", "OrderPlaced") }
        guard let side else { throw reader.missing("side", "OrderPlaced") }
        guard let leg else { throw reader.missing("leg", "OrderPlaced") }
        guard let price else { throw reader.missing("price", "OrderPlaced") }
        self.init(
            account: AccountID(index: account),
            order: order,
            instrument: InstrumentID(index: instrument),
            side: side,
            leg: leg,
            quantity: quantity,
            price: price,
            reduceOnly: reduceOnly
        )
    }
}

extension OrderReduced {
    init(from reader: inout WireReader) throws(WireError) {
        var account: Int32?
        var order: String = ""
        var remaining: Quantity = .zero
        while let field = try reader.next() {
            switch field.number {
            case 1: account = try reader.index(field, "OrderReduced")
            case 2: order = try reader.text(field, "OrderReduced")
            case 3: remaining = try reader.quantity(field, "OrderReduced")
            default: throw reader.unknown(field, "OrderReduced")
            }
        }
        guard let account else { throw reader.missing("account", "OrderReduced") }
        self.init(account: AccountID(index: account), order: order, remaining: remaining)
    }
}

extension OrderCancelled {
    init(from reader: inout WireReader) throws(WireError) {
        var account: Int32?
        var order: String = ""
        while let field = try reader.next() {
            switch field.number {
            case 1: account = try reader.index(field, "OrderCancelled")
            case 2: order = try reader.text(field, "OrderCancelled")
            default: throw reader.unknown(field, "OrderCancelled")
            }
        }
        guard let account else { throw reader.missing("account", "OrderCancelled") }
        self.init(account: AccountID(index: account), order: order)
    }
}

extension Filled {
    init(from reader: inout WireReader) throws(WireError) {
        var instrument: Int32?
        var quantity: Quantity = .zero
        var price: Price?
        var buyer: Party?
        var seller: Party?
        while let field = try reader.next() {
            switch field.number {
            case 1: instrument = try reader.index(field, "Filled")
            case 2: quantity = try reader.quantity(field, "Filled")
            case 3: price = try reader.price(field, "Filled")
            case 4: buyer = try reader.message(field, "Filled", Party.init(from:))
            case 5: seller = try reader.message(field, "Filled", Party.init(from:))
            default: throw reader.unknown(field, "Filled")
            }
        }
        guard let instrument else { throw reader.missing("instrument", "Filled") }
        guard let price else { throw reader.missing("price", "Filled") }
        guard let buyer else { throw reader.missing("buyer", "Filled") }
        guard let seller else { throw reader.missing("seller", "Filled") }
        self.init(
            instrument: InstrumentID(index: instrument),
            quantity: quantity,
            price: price,
            buyer: buyer,
            seller: seller
        )
    }
}

extension Filled.Party {
    init(from reader: inout WireReader) throws(WireError) {
        var account: Int32?
        var leg: Leg?
        var fee: Money = .zero
        var order: String?
        while let field = try reader.next() {
            switch field.number {
            case 1: account = try reader.index(field, "Party")
            case 2: leg = try reader.value(field, "Party")
            case 3: fee = try reader.money(field, "Party")
            case 4: order = try reader.text(field, "Party")
            default: throw reader.unknown(field, "Party")
            }
        }
        guard let account else { throw reader.missing("account", "Party") }
        guard let leg else { throw reader.missing("leg", "Party") }
        self.init(account: AccountID(index: account), leg: leg, fee: fee, order: order)
    }
}
