import Plimsoll
import PlimsollUnits

// MARK: Trading

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

// MARK: Market

/// What several prices of an instrument have in common.
struct InstrumentPrice {
    var instrument: InstrumentID
    var price: Price
}

extension InstrumentPrice {
    init(from reader: inout WireReader) throws(WireError) {
        var instrument: Int32?
        var price: Price?
        while let field = try reader.next() {
            switch field.number {
            case 1: instrument = try reader.index(field, "InstrumentPrice")
            case 2: price = try reader.price(field, "InstrumentPrice")
            default: throw reader.unknown(field, "InstrumentPrice")
            }
        }
        guard let instrument else { throw reader.missing("instrument", "InstrumentPrice") }
        guard let price else { throw reader.missing("price", "InstrumentPrice") }
        self.init(instrument: InstrumentID(index: instrument), price: price)
    }
}

extension Indexed {
    init(from reader: inout WireReader) throws(WireError) {
        var asset: Int32?
        var price: Price?
        while let field = try reader.next() {
            switch field.number {
            case 1: asset = try reader.index(field, "Indexed")
            case 2: price = try reader.price(field, "Indexed")
            default: throw reader.unknown(field, "Indexed")
            }
        }
        guard let asset else { throw reader.missing("asset", "Indexed") }
        guard let price else { throw reader.missing("price", "Indexed") }
        self.init(asset: AssetID(index: asset), price: price)
    }
}

extension OpenInterestReported {
    init(from reader: inout WireReader) throws(WireError) {
        var instrument: Int32?
        var notional: Money?
        while let field = try reader.next() {
            switch field.number {
            case 1: instrument = try reader.index(field, "OpenInterestReported")
            case 2: notional = try reader.money(field, "OpenInterestReported")
            default: throw reader.unknown(field, "OpenInterestReported")
            }
        }
        guard let instrument else { throw reader.missing("instrument", "OpenInterestReported") }
        guard let notional else { throw reader.missing("notional", "OpenInterestReported") }
        self.init(instrument: InstrumentID(index: instrument), notional: notional)
    }
}

extension FundingRateAnnounced {
    init(from reader: inout WireReader) throws(WireError) {
        var instrument: Int32?
        var rate: FundingRate = .zero
        while let field = try reader.next() {
            switch field.number {
            case 1: instrument = try reader.index(field, "FundingRateAnnounced")
            case 2: rate = try reader.fundingRate(field, "FundingRateAnnounced")
            default: throw reader.unknown(field, "FundingRateAnnounced")
            }
        }
        guard let instrument else { throw reader.missing("instrument", "FundingRateAnnounced") }
        self.init(instrument: InstrumentID(index: instrument), rate: rate)
    }
}

extension FundingSettled {
    init(from reader: inout WireReader) throws(WireError) {
        var instrument: Int32?
        var rate: FundingRate = .zero
        var price: Price?
        while let field = try reader.next() {
            switch field.number {
            case 1: instrument = try reader.index(field, "FundingSettled")
            case 2: rate = try reader.fundingRate(field, "FundingSettled")
            case 3: price = try reader.price(field, "FundingSettled")
            default: throw reader.unknown(field, "FundingSettled")
            }
        }
        guard let instrument else { throw reader.missing("instrument", "FundingSettled") }
        self.init(instrument: InstrumentID(index: instrument), rate: rate, price: price)
    }
}

extension DepthObserved {
    init(from reader: inout WireReader) throws(WireError) {
        var instrument: Int32?
        var (bids, asks): ([Level], [Level]) = ([], [])
        while let field = try reader.next() {
            switch field.number {
            case 1: instrument = try reader.index(field, "DepthObserved")
            case 2: bids.append(try reader.message(field, "DepthObserved", Level.init(from:)))
            case 3: asks.append(try reader.message(field, "DepthObserved", Level.init(from:)))
            default: throw reader.unknown(field, "DepthObserved")
            }
        }
        guard let instrument else { throw reader.missing("instrument", "DepthObserved") }
        self.init(instrument: InstrumentID(index: instrument), bids: bids, asks: asks)
    }
}

extension DepthObserved.Level {
    fileprivate init(from reader: inout WireReader) throws(WireError) {
        var price: Price?
        var quantity: Quantity = .zero
        while let field = try reader.next() {
            switch field.number {
            case 1: price = try reader.price(field, "DepthObserved.Level")
            case 2: quantity = try reader.quantity(field, "DepthObserved.Level")
            default: throw reader.unknown(field, "DepthObserved.Level")
            }
        }
        guard let price else { throw reader.missing("price", "DepthObserved.Level") }
        self.init(price: price, quantity: quantity)
    }
}

// MARK: Enforcement

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
