import Plimsoll
import PlimsollUnits

extension LiquidationFilled {
    init(from reader: inout WireReader) throws(WireError) {
        var order: UInt64 = 0
        var quantity: Quantity = .zero
        var price: Price?
        var counterparty: Filled.Party?
        while let field = try reader.next() {
            switch field.number {
            case 1: order = try reader.unsigned(field, "LiquidationFilled")
            case 2: quantity = try reader.quantity(field, "LiquidationFilled")
            case 3: price = try reader.price(field, "LiquidationFilled")
            case 4:
                counterparty = try reader.message(
                    field,
                    "LiquidationFilled",
                    Filled.Party.init(from:)
                )
            default: throw reader.unknown(field, "LiquidationFilled")
            }
        }
        guard let price else { throw reader.missing("price", "LiquidationFilled") }
        guard let counterparty else { throw reader.missing("counterparty", "LiquidationFilled") }
        self.init(order: order, quantity: quantity, price: price, counterparty: counterparty)
    }
}

extension LiquidationOrderEnded {
    init(from reader: inout WireReader) throws(WireError) {
        var order: UInt64 = 0
        var reason: Reason?
        while let field = try reader.next() {
            switch field.number {
            case 1: order = try reader.unsigned(field, "LiquidationOrderEnded")
            case 2: reason = try reader.value(field, "LiquidationOrderEnded")
            default: throw reader.unknown(field, "LiquidationOrderEnded")
            }
        }
        guard let reason else { throw reader.missing("reason", "LiquidationOrderEnded") }
        self.init(order: order, reason: reason)
    }
}

extension OperatorActed {
    init(from reader: inout WireReader) throws(WireError) {
        var action: Action?
        var account: Int32?
        var who: String = ""
        var why: String = ""
        while let field = try reader.next() {
            switch field.number {
            case 1: action = try reader.value(field, "OperatorActed")
            case 2: account = try reader.index(field, "OperatorActed")
            case 3: who = try reader.text(field, "OperatorActed")
            case 4: why = try reader.text(field, "OperatorActed")
            default: throw reader.unknown(field, "OperatorActed")
            }
        }
        guard let action else { throw reader.missing("action", "OperatorActed") }
        guard let account else { throw reader.missing("account", "OperatorActed") }
        self.init(action: action, account: AccountID(index: account), who: who, why: why)
    }
}
