import Plimsoll
import PlimsollUnits

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
