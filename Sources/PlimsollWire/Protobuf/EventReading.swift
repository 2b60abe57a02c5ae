import Plimsoll
import PlimsollUnits

extension Event {
    /// Reads a message of `plimsoll/v1/events.proto`.
    init(from reader: inout WireReader) throws(WireError) {
        var (time, at) = (Int64(0), Int64(0))
        var identity: Identity?
        var body: Body?
        while let field = try reader.next() {
            switch field.number {
            case 1: time = try reader.fixed(field, "Event")
            case 2: at = try reader.fixed(field, "Event")
            case 3: identity = try reader.message(field, "Event", Identity.init(feed:))
            case 4: identity = .command(id: try reader.text(field, "Event"))
            default: body = try Body(field, from: &reader)
            }
        }
        guard let body else { throw reader.missing("body", "Event") }
        self.init(
            time: Timestamp(nanoseconds: time),
            at: Timestamp(nanoseconds: at),
            identity: identity,
            body: body
        )
    }
}

extension Event.Identity {
    fileprivate init(feed reader: inout WireReader) throws(WireError) {
        var source = ""
        var sequence: UInt64 = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: source = try reader.text(field, "Feed")
            case 2: sequence = try reader.unsigned(field, "Feed")
            default: throw reader.unknown(field, "Feed")
            }
        }
        self = .feed(source: source, sequence: sequence)
    }
}

extension Event.Body {
    @inline(__always)
    fileprivate init(_ field: WireReader.Field, from reader: inout WireReader) throws(WireError) {
        switch field.number {
        case 30: self = .filled(try reader.message(field, "Event", Filled.init(from:)))
        case 31:
            let price = try reader.message(field, "Event", InstrumentPrice.init(from:))
            self = .marked(Marked(instrument: price.instrument, price: price.price))
        case 10...15: self = try Self.reference(field, from: &reader)
        case 16...26: self = try Self.money(field, from: &reader)
        default: self = try Self.other(field, from: &reader)
        }
    }

    private static func reference(
        _ field: WireReader.Field,
        from reader: inout WireReader
    ) throws(WireError) -> Self {
        switch field.number {
        case 10: .venueDefined(try reader.message(field, "Event", VenueDefined.init(from:)))
        case 11: .assetDefined(try reader.message(field, "Event", AssetDefined.init(from:)))
        case 12: .rulebookAdopted(try reader.message(field, "Event", RulebookAdopted.init(from:)))
        case 13:
            .instrumentDefined(try reader.message(field, "Event", InstrumentDefined.init(from:)))
        case 14: .accountOpened(try reader.message(field, "Event", AccountOpened.init(from:)))
        default:
            .accountConfigured(try reader.message(field, "Event", AccountConfigured.init(from:)))
        }
    }

    private static func money(
        _ field: WireReader.Field,
        from reader: inout WireReader
    ) throws(WireError) -> Self {
        switch field.number {
        case 20: return .transferred(try reader.message(field, "Event", Transferred.init(from:)))
        case 21:
            return .isolatedMarginMoved(
                try reader.message(field, "Event", IsolatedMarginMoved.init(from:))
            )
        case 24:
            return .insuranceFunded(try reader.message(field, "Event", InsuranceFunded.init(from:)))
        case 25:
            return .collateralConverted(
                try reader.message(field, "Event", CollateralConverted.init(from:))
            )
        case 26: return .reconciled(try reader.message(field, "Event", Reconciled.init(from:)))
        default: break
        }
        let move = try reader.message(field, "Event", Movement.init(from:))
        let (account, asset, amount) = (move.account, move.asset, move.amount)
        switch field.number {
        case 16: return .deposited(Deposited(account: account, asset: asset, amount: amount))
        case 17:
            return .withdrawalRequested(
                WithdrawalRequested(account: account, asset: asset, amount: amount)
            )
        case 18:
            return .withdrawalSettled(
                WithdrawalSettled(account: account, asset: asset, amount: amount)
            )
        case 19:
            return .withdrawalReversed(
                WithdrawalReversed(account: account, asset: asset, amount: amount)
            )
        case 22: return .feeCharged(FeeCharged(account: account, asset: asset, amount: amount))
        default:
            return .interestAccrued(
                InterestAccrued(account: account, asset: asset, amount: amount)
            )
        }
    }

    private static func other(
        _ field: WireReader.Field,
        from reader: inout WireReader
    ) throws(WireError) -> Self {
        func read<Value>(
            _ read: (inout WireReader) throws(WireError) -> Value
        ) throws(WireError) -> Value {
            try reader.message(field, "Event", read)
        }
        switch field.number {
        case 27: return .orderPlaced(try read(OrderPlaced.init(from:)))
        case 28: return .orderReduced(try read(OrderReduced.init(from:)))
        case 29: return .orderCancelled(try read(OrderCancelled.init(from:)))
        case 32: return .indexed(try read(Indexed.init(from:)))
        case 33: return .openInterestReported(try read(OpenInterestReported.init(from:)))
        case 34: return .fundingRateAnnounced(try read(FundingRateAnnounced.init(from:)))
        case 35: return .fundingSettled(try read(FundingSettled.init(from:)))
        case 36:
            let price = try read(InstrumentPrice.init(from:))
            return .sessionSettled(
                SessionSettled(instrument: price.instrument, price: price.price)
            )
        case 37:
            let price = try read(InstrumentPrice.init(from:))
            return .instrumentExpired(
                InstrumentExpired(instrument: price.instrument, price: price.price)
            )
        case 38: return .depthObserved(try read(DepthObserved.init(from:)))
        case 39: return .liquidationFilled(try read(LiquidationFilled.init(from:)))
        case 40: return .liquidationOrderEnded(try read(LiquidationOrderEnded.init(from:)))
        case 41: return .operatorActed(try read(OperatorActed.init(from:)))
        case 42:
            try read { reader throws(WireError) in
                if let field = try reader.next() { throw reader.unknown(field, "Ticked") }
            }
            return .ticked
        default: throw reader.unknown(field, "Event")
        }
    }
}
