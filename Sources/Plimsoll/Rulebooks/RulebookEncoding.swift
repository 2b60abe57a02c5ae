import PlimsollUnits

extension Rulebook {
    /// A 128-bit digest of every rule in it: two rulebooks with one fingerprint decide alike.
    public var fingerprint: UInt128 {
        var digest = StateDigest()
        encode(into: &digest)
        return digest.value
    }

    /// Every rule in it in one byte form, which is the same for equal rulebooks: what a journal keeps.
    public var canonicalBytes: [UInt8] {
        var writer = ByteWriter()
        encode(into: &writer)
        return writer.bytes
    }

    /// The rulebook of a byte form, which has to be whole and nothing more.
    public init(canonicalBytes bytes: [UInt8]) throws(SnapshotError) {
        var reader = ByteReader(bytes)
        try self.init(from: &reader)
        guard reader.position == bytes.count else {
            throw .impossible("bytes after the rulebook", at: reader.position)
        }
    }

    func encode(into sink: inout some ByteSink) {
        sink.put(id)
        sink.put(version)
        sink.put(currency)
        sink.put(collateralModes) { $0.put($1) }
        sink.put(positionModes) { $0.put($1) }
        sink.put(thresholds.watch)
        sink.put(thresholds.call)
        sink.put(thresholds.equalityIsBelow)
        sink.put(thresholds.exit)
        sink.put(priceGuard.width) { $0.put($1) }
        sink.put(Int64(priceGuard.confirmations))
        sink.put(priceGuard.within)
        sink.put(priceGuard.maxAge) { $0.put($1) }
        sink.put(venueRatio)
        sink.put(netting)
        sink.put(orderCost.openLoss)
        sink.put(orderCost.openingFee)
        sink.put(orderCost.closingFee)
        sink.put(collateral) { $1.encode(into: &$0) }
        sink.put(enforcement) { $1.encode(into: &$0) }
        sink.put(publication.unrealizedPnl) { $1.encode(into: &$0) }
        sink.put(publication.margin) { $1.encode(into: &$0) }
        sink.put(publication.notional) { $1.encode(into: &$0) }
        sink.put(publication.pricesToTick)
        sink.put(Int64(publication.extraTicks))
        sink.put(instruments) { $1.encode(into: &$0) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: try reader.text(),
            version: try reader.text(),
            currency: try reader.text(),
            collateralModes: try reader.list { reader throws(SnapshotError) in
                try reader.value(CollateralMode.self)
            },
            positionModes: try reader.list { reader throws(SnapshotError) in
                try reader.value(PositionMode.self)
            },
            thresholds: Thresholds(
                watch: try reader.rate(),
                call: try reader.rate(),
                equalityIsBelow: try reader.flag(),
                exit: try reader.rate()
            ),
            priceGuard: PriceGuard(
                width: try reader.optional { reader throws(SnapshotError) in try reader.rate() },
                confirmations: Int(try reader.int64()),
                within: try reader.int64(),
                maxAge: try reader.optional { reader throws(SnapshotError) in
                    try reader.int64()
                }
            ),
            venueRatio: try reader.value(VenueRatio.self),
            netting: try reader.value(Netting.self),
            orderCost: OrderCost(
                openLoss: try reader.flag(),
                openingFee: try reader.flag(),
                closingFee: try reader.flag()
            ),
            collateral: try reader.list { reader throws(SnapshotError) in
                try CollateralRule(from: &reader)
            },
            enforcement: try reader.optional(Enforcement.init(from:)),
            publication: Publication(
                unrealizedPnl: try reader.optional(FieldRounding.init(from:)),
                margin: try reader.optional(FieldRounding.init(from:)),
                notional: try reader.optional(FieldRounding.init(from:)),
                pricesToTick: try reader.flag(),
                extraTicks: Int(try reader.int64())
            ),
            instruments: try reader.list { reader throws(SnapshotError) in
                try InstrumentRules(from: &reader)
            }
        )
    }
}

extension ByteReader {
    mutating func rate() throws(SnapshotError) -> Rate { Rate(unchecked: try int64()) }
    mutating func money() throws(SnapshotError) -> Money { Money(units: try int128()) }
}

extension FieldRounding {
    fileprivate func encode(into sink: inout some ByteSink) {
        sink.put(mode.rawValue)
        sink.put(Int64(scale))
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        guard let mode = Rounding(rawValue: try reader.text()) else {
            throw .impossible("rounding", at: reader.position)
        }
        self.init(mode: mode, scale: Int(try reader.int64()))
    }
}

extension CollateralRule {
    fileprivate func encode(into sink: inout some ByteSink) {
        sink.put(asset)
        sink.put(bidBuffer)
        sink.put(askBuffer)
        sink.put(tiers) { sink, tier in
            sink.put(tier.floor)
            sink.put(tier.weight)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            asset: try reader.text(),
            bidBuffer: try reader.rate(),
            askBuffer: try reader.rate(),
            tiers: try reader.list { reader throws(SnapshotError) in
                CollateralTier(floor: try reader.money(), weight: try reader.rate())
            }
        )
    }
}

extension InstrumentRules {
    func encode(into sink: inout some ByteSink) {
        sink.put(symbol)
        sink.put(payoff)
        sink.put(base)
        sink.put(quote)
        sink.put(settle)
        sink.put(expiry) { $0.put($1) }
        schedule.encode(into: &sink)
        sink.put(initialPrice)
        sink.put(isolatedInitialPrice)
        sink.put(maintenancePrice)
        sink.put(closingFee)
        sink.put(takerFeeRate)
        sink.put(fundingInMaintenance)
        sink.put(defaultLeverage)
        sink.put(crossAtMaximumLeverage)
        sink.put(quantityStep) { $0.put($1) }
        sink.put(tickSize) { $0.put($1) }
        sink.put(costScale) { $0.put(Int64($1)) }
        sink.put(requirementScale) { $0.put(Int64($1)) }
        sink.put(maxPrice)
        sink.put(maxQuantity)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            symbol: try reader.text(),
            payoff: try reader.value(Payoff.self),
            base: try reader.text(),
            quote: try reader.text(),
            settle: try reader.text(),
            expiry: try reader.optional { reader throws(SnapshotError) in
                Timestamp(nanoseconds: try reader.int64())
            },
            schedule: try MarginSchedule(from: &reader),
            initialPrice: try reader.value(PriceBase.self),
            isolatedInitialPrice: try reader.value(PriceBase.self),
            maintenancePrice: try reader.value(PriceBase.self),
            closingFee: try reader.value(ClosingFee.self),
            takerFeeRate: try reader.rate(),
            fundingInMaintenance: try reader.flag(),
            defaultLeverage: Leverage(unchecked: try reader.int64()),
            crossAtMaximumLeverage: try reader.flag(),
            quantityStep: try reader.optional { reader throws(SnapshotError) in
                Quantity(unchecked: try reader.int64())
            },
            tickSize: try reader.optional { reader throws(SnapshotError) in
                Price(unchecked: try reader.int64())
            },
            costScale: try reader.optional { reader throws(SnapshotError) in
                Int(try reader.int64())
            },
            requirementScale: try reader.optional { reader throws(SnapshotError) in
                Int(try reader.int64())
            },
            maxPrice: Price(unchecked: try reader.int64()),
            maxQuantity: Quantity(unchecked: try reader.int64())
        )
    }
}

extension MarginSchedule {
    fileprivate func encode(into sink: inout some ByteSink) {
        switch self {
        case .brackets(let schedule):
            sink.put(UInt8(0))
            sink.put(schedule.key)
            sink.put(schedule.brackets) { sink, bracket in
                sink.put(bracket.floor)
                sink.put(bracket.maintenanceRate.numerator)
                sink.put(bracket.maintenanceRate.denominator)
                sink.put(bracket.deduction)
                sink.put(bracket.maxLeverage)
                sink.put(bracket.initialRate) { $0.put($1) }
            }
        case .affine(let schedule):
            sink.put(UInt8(1))
            sink.put(schedule.initialBase)
            sink.put(schedule.initialSlope)
            sink.put(schedule.maintenanceBase)
            sink.put(schedule.maintenanceSlope)
        case .openInterest(let schedule):
            sink.put(UInt8(2))
            sink.put(schedule.initialRate)
            sink.put(schedule.maintenanceFraction)
            sink.put(schedule.lower) { $0.put($1) }
            sink.put(schedule.upper) { $0.put($1) }
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        switch try reader.byte() {
        case 0:
            let key = try reader.value(BracketSchedule.Key.self)
            let brackets = try reader.list { reader throws(SnapshotError) in
                try Bracket(from: &reader)
            }
            guard let schedule = BracketSchedule(key: key, brackets: brackets) else {
                throw .impossible("brackets", at: reader.position)
            }
            self = .brackets(schedule)
        case 1:
            self = .affine(
                AffineSchedule(
                    initialBase: try reader.rate(),
                    initialSlope: try reader.int64(),
                    maintenanceBase: try reader.rate(),
                    maintenanceSlope: try reader.int64()
                )
            )
        case 2:
            self = .openInterest(
                OpenInterestSchedule(
                    initialRate: try reader.rate(),
                    maintenanceFraction: try reader.rate(),
                    lower: try reader.optional { reader throws(SnapshotError) in
                        try reader.money()
                    },
                    upper: try reader.optional { reader throws(SnapshotError) in
                        try reader.money()
                    }
                )
            )
        default:
            throw .impossible("schedule", at: reader.position)
        }
    }
}

extension Bracket {
    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        let floor = try reader.int128()
        let numerator = try reader.int64()
        let denominator = try reader.int64()
        guard denominator > 0 else { throw .impossible("rate", at: reader.position) }
        self.init(
            floor: floor,
            maintenanceRate: ExactRate(numerator: numerator, denominator: denominator),
            deduction: try reader.int128(),
            maxLeverage: Leverage(unchecked: try reader.int64()),
            initialRate: try reader.optional { reader throws(SnapshotError) in
                try reader.rate()
            }
        )
    }
}

extension ExactRate {
    init(numerator: Int64, denominator: Int64) {
        self.numerator = numerator
        self.denominator = denominator
    }
}
