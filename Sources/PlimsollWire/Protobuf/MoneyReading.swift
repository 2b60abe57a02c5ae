import Plimsoll
import PlimsollUnits

extension Transferred {
    init(from reader: inout WireReader) throws(WireError) {
        var from: Int32?
        var to: Int32?
        var asset: Int32?
        var amount: Money?
        while let field = try reader.next() {
            switch field.number {
            case 1: from = try reader.index(field, "Transferred")
            case 2: to = try reader.index(field, "Transferred")
            case 3: asset = try reader.index(field, "Transferred")
            case 4: amount = try reader.money(field, "Transferred")
            default: throw reader.unknown(field, "Transferred")
            }
        }
        guard let from else { throw reader.missing("from", "Transferred") }
        guard let to else { throw reader.missing("to", "Transferred") }
        guard let asset else { throw reader.missing("asset", "Transferred") }
        guard let amount else { throw reader.missing("amount", "Transferred") }
        self.init(
            from: AccountID(index: from),
            to: AccountID(index: to),
            asset: AssetID(index: asset),
            amount: amount
        )
    }
}

extension IsolatedMarginMoved {
    init(from reader: inout WireReader) throws(WireError) {
        var account: Int32?
        var instrument: Int32?
        var leg: Leg?
        var amount: Money?
        while let field = try reader.next() {
            switch field.number {
            case 1: account = try reader.index(field, "IsolatedMarginMoved")
            case 2: instrument = try reader.index(field, "IsolatedMarginMoved")
            case 3: leg = try reader.value(field, "IsolatedMarginMoved")
            case 4: amount = try reader.money(field, "IsolatedMarginMoved")
            default: throw reader.unknown(field, "IsolatedMarginMoved")
            }
        }
        guard let account else { throw reader.missing("account", "IsolatedMarginMoved") }
        guard let instrument else { throw reader.missing("instrument", "IsolatedMarginMoved") }
        guard let leg else { throw reader.missing("leg", "IsolatedMarginMoved") }
        guard let amount else { throw reader.missing("amount", "IsolatedMarginMoved") }
        self.init(
            account: AccountID(index: account),
            instrument: InstrumentID(index: instrument),
            leg: leg,
            amount: amount
        )
    }
}

extension InsuranceFunded {
    init(from reader: inout WireReader) throws(WireError) {
        var asset: Int32?
        var amount: Money?
        var fund: String?
        while let field = try reader.next() {
            switch field.number {
            case 1: asset = try reader.index(field, "InsuranceFunded")
            case 2: amount = try reader.money(field, "InsuranceFunded")
            case 3: fund = try reader.text(field, "InsuranceFunded")
            default: throw reader.unknown(field, "InsuranceFunded")
            }
        }
        guard let asset else { throw reader.missing("asset", "InsuranceFunded") }
        guard let amount else { throw reader.missing("amount", "InsuranceFunded") }
        self.init(asset: AssetID(index: asset), amount: amount, fund: fund)
    }
}

extension CollateralConverted {
    init(from reader: inout WireReader) throws(WireError) {
        var account: Int32?
        var from: Int32?
        var sold: Money?
        var to: Int32?
        var bought: Money?
        while let field = try reader.next() {
            switch field.number {
            case 1: account = try reader.index(field, "CollateralConverted")
            case 2: from = try reader.index(field, "CollateralConverted")
            case 3: sold = try reader.money(field, "CollateralConverted")
            case 4: to = try reader.index(field, "CollateralConverted")
            case 5: bought = try reader.money(field, "CollateralConverted")
            default: throw reader.unknown(field, "CollateralConverted")
            }
        }
        guard let account else { throw reader.missing("account", "CollateralConverted") }
        guard let from else { throw reader.missing("from", "CollateralConverted") }
        guard let sold else { throw reader.missing("sold", "CollateralConverted") }
        guard let to else { throw reader.missing("to", "CollateralConverted") }
        guard let bought else { throw reader.missing("bought", "CollateralConverted") }
        self.init(
            account: AccountID(index: account),
            from: AssetID(index: from),
            sold: sold,
            to: AssetID(index: to),
            bought: bought
        )
    }
}

extension Reconciled {
    init(from reader: inout WireReader) throws(WireError) {
        var account: Int32?
        var report: Report?
        while let field = try reader.next() {
            switch field.number {
            case 1: account = try reader.index(field, "Reconciled")
            case 2: report = try reader.message(field, "Reconciled", Report.init(wallet:))
            case 3: report = try reader.message(field, "Reconciled", Report.init(position:))
            default: throw reader.unknown(field, "Reconciled")
            }
        }
        guard let account else { throw reader.missing("account", "Reconciled") }
        guard let report else { throw reader.missing("report", "Reconciled") }
        self.init(account: AccountID(index: account), report: report)
    }
}

extension Reconciled.Report {
    fileprivate init(wallet reader: inout WireReader) throws(WireError) {
        var asset: Int32?
        var balance: Money?
        while let field = try reader.next() {
            switch field.number {
            case 1: asset = try reader.index(field, "Reconciled.Wallet")
            case 2: balance = try reader.money(field, "Reconciled.Wallet")
            default: throw reader.unknown(field, "Reconciled.Wallet")
            }
        }
        guard let asset else { throw reader.missing("asset", "Reconciled.Wallet") }
        guard let balance else { throw reader.missing("balance", "Reconciled.Wallet") }
        self = .wallet(AssetID(index: asset), balance)
    }

    fileprivate init(position reader: inout WireReader) throws(WireError) {
        var instrument: Int32?
        var leg: Leg?
        var quantity = Quantity.zero
        var entry: Money?
        var margin: Money?
        while let field = try reader.next() {
            switch field.number {
            case 1: instrument = try reader.index(field, "Reconciled.Position")
            case 2: leg = try reader.value(field, "Reconciled.Position")
            case 3: quantity = try reader.quantity(field, "Reconciled.Position")
            case 4: entry = try reader.money(field, "Reconciled.Position")
            case 5: margin = try reader.money(field, "Reconciled.Position")
            default: throw reader.unknown(field, "Reconciled.Position")
            }
        }
        guard let instrument else { throw reader.missing("instrument", "Reconciled.Position") }
        guard let leg else { throw reader.missing("leg", "Reconciled.Position") }
        guard let entry else { throw reader.missing("entry", "Reconciled.Position") }
        self = .position(
            InstrumentID(index: instrument),
            leg,
            quantity,
            SolvedPrice(units: entry.units),
            isolatedMargin: margin
        )
    }
}

/// What several money events have in common.
struct Movement {
    var account: AccountID
    var asset: AssetID
    var amount: Money
}

extension Movement {
    init(from reader: inout WireReader) throws(WireError) {
        var account: Int32?
        var asset: Int32?
        var amount: Money?
        while let field = try reader.next() {
            switch field.number {
            case 1: account = try reader.index(field, "Movement")
            case 2: asset = try reader.index(field, "Movement")
            case 3: amount = try reader.money(field, "Movement")
            default: throw reader.unknown(field, "Movement")
            }
        }
        guard let account else { throw reader.missing("account", "Movement") }
        guard let asset else { throw reader.missing("asset", "Movement") }
        guard let amount else { throw reader.missing("amount", "Movement") }
        self.init(
            account: AccountID(index: account),
            asset: AssetID(index: asset),
            amount: amount
        )
    }
}
