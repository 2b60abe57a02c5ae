import Plimsoll
import PlimsollUnits

extension VenueDefined {
    init(from reader: inout WireReader) throws(WireError) {
        var name: String = ""
        var mode: VenueMode?
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try reader.text(field, "VenueDefined")
            case 2: mode = try reader.value(field, "VenueDefined")
            default: throw reader.unknown(field, "VenueDefined")
            }
        }
        guard let mode else { throw reader.missing("mode", "VenueDefined") }
        self.init(name: name, mode: mode)
    }
}

extension AssetDefined {
    init(from reader: inout WireReader) throws(WireError) {
        var venue: Int32?
        var name: String = ""
        while let field = try reader.next() {
            switch field.number {
            case 1: venue = try reader.index(field, "AssetDefined")
            case 2: name = try reader.text(field, "AssetDefined")
            default: throw reader.unknown(field, "AssetDefined")
            }
        }
        guard let venue else { throw reader.missing("venue", "AssetDefined") }
        self.init(venue: VenueID(index: venue), name: name)
    }
}

extension InstrumentDefined {
    init(from reader: inout WireReader) throws(WireError) {
        var venue: Int32?
        var symbol: String = ""
        while let field = try reader.next() {
            switch field.number {
            case 1: venue = try reader.index(field, "InstrumentDefined")
            case 2: symbol = try reader.text(field, "InstrumentDefined")
            default: throw reader.unknown(field, "InstrumentDefined")
            }
        }
        guard let venue else { throw reader.missing("venue", "InstrumentDefined") }
        self.init(venue: VenueID(index: venue), symbol: symbol)
    }
}

extension AccountOpened {
    init(from reader: inout WireReader) throws(WireError) {
        var venue: Int32?
        var name: String = ""
        var collateralMode: CollateralMode?
        var positionMode: PositionMode?
        while let field = try reader.next() {
            switch field.number {
            case 1: venue = try reader.index(field, "AccountOpened")
            case 2: name = try reader.text(field, "AccountOpened")
            case 3: collateralMode = try reader.value(field, "AccountOpened")
            case 4: positionMode = try reader.value(field, "AccountOpened")
            default: throw reader.unknown(field, "AccountOpened")
            }
        }
        guard let venue else { throw reader.missing("venue", "AccountOpened") }
        self.init(
            venue: VenueID(index: venue),
            name: name,
            collateralMode: collateralMode,
            positionMode: positionMode
        )
    }
}

extension RulebookAdopted {
    init(from reader: inout WireReader) throws(WireError) {
        var venue: Int32?
        var bytes: [UInt8] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: venue = try reader.index(field, "RulebookAdopted")
            case 2: bytes = try reader.bytes(field, "RulebookAdopted")
            default: throw reader.unknown(field, "RulebookAdopted")
            }
        }
        guard let venue else { throw reader.missing("venue", "RulebookAdopted") }
        guard let rulebook = try? Rulebook(canonicalBytes: bytes) else {
            throw reader.impossible("rulebook", "RulebookAdopted")
        }
        self.init(venue: VenueID(index: venue), rulebook: rulebook)
    }
}

extension AccountConfigured {
    init(from reader: inout WireReader) throws(WireError) {
        var account: Int32?
        var body = AccountConfigured(account: AccountID(index: 0))
        while let field = try reader.next() {
            switch field.number {
            case 1: account = try reader.index(field, "AccountConfigured")
            case 2: body.collateralMode = try reader.value(field, "AccountConfigured")
            case 3: body.positionMode = try reader.value(field, "AccountConfigured")
            case 4:
                body.instrument = InstrumentID(index: try reader.index(field, "AccountConfigured"))
            case 5: body.marginMode = try reader.value(field, "AccountConfigured")
            case 6:
                let hundredths = try reader.unsigned(field, "AccountConfigured")
                guard let leverage = try? Leverage(hundredths: Int64(clamping: hundredths)) else {
                    throw reader.impossible("leverage", "AccountConfigured")
                }
                body.leverage = leverage
            default: throw reader.unknown(field, "AccountConfigured")
            }
        }
        guard let account else { throw reader.missing("account", "AccountConfigured") }
        body.account = AccountID(index: account)
        self = body
    }
}
