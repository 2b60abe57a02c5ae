import PlimsollUnits

extension Enforcement {
    func encode(into sink: inout some ByteSink) {
        sink.put(sizing)
        sink.put(sharing)
        limitPrice.encode(into: &sink)
        sink.put(depthShare) { $0.put($1) }
        sink.put(notionalPerSecond) { $0.put($1) }
        sink.put(fee)
        sink.put(Int64(evaluationsPerEvent))
        sink.put(funds) { $1.encode(into: &$0) }
        sink.put(deleveraging.rank)
        sink.put(deleveraging.price)
        sink.put(deleveraging.policy)
        sink.put(socialisation)
        sink.put(gatesWithdrawals)
        sink.put(conversion) { sink, conversion in
            sink.put(conversion.order) { $0.put($1) }
            sink.put(conversion.fee)
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            sizing: try reader.value(ReductionSizing.self),
            sharing: try reader.value(ReductionSharing.self),
            limitPrice: try LiquidationLimit(from: &reader),
            depthShare: try reader.optional { reader throws(SnapshotError) in try reader.rate() },
            notionalPerSecond: try reader.optional { reader throws(SnapshotError) in
                try reader.money()
            },
            fee: try reader.rate(),
            evaluationsPerEvent: Int(try reader.int64()),
            funds: try reader.list(FundRule.init(from:)),
            deleveraging: Deleveraging(
                rank: try reader.value(DeleveragingRank.self),
                price: try reader.value(DeleveragingPrice.self),
                policy: try reader.value(DeleveragingPolicy.self)
            ),
            socialisation: try reader.value(Socialisation.self),
            gatesWithdrawals: try reader.flag(),
            conversion: try reader.optional { reader throws(SnapshotError) in
                CollateralConversion(
                    order: try reader.list { reader throws(SnapshotError) in try reader.text() },
                    fee: try reader.rate()
                )
            }
        )
    }
}

extension LiquidationLimit {
    fileprivate func encode(into sink: inout some ByteSink) {
        switch self {
        case .bankruptcy:
            sink.put(UInt8(0))
        case .fillable(let adjustment, let spread):
            sink.put(UInt8(1))
            sink.put(adjustment)
            sink.put(spread)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        switch try reader.byte() {
        case 0: self = .bankruptcy
        case 1: self = .fillable(adjustment: try reader.rate(), spread: try reader.rate())
        default: throw .impossible("liquidation limit", at: reader.position)
        }
    }
}

extension FundRule {
    fileprivate func encode(into sink: inout some ByteSink) {
        sink.put(name)
        sink.put(symbols) { $0.put($1) }
        sink.put(cap) { $0.put($1) }
        sink.put(drawdown) { sink, drawdown in
            sink.put(drawdown.start)
            sink.put(drawdown.stop)
            sink.put(drawdown.window)
        }
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            name: try reader.text(),
            symbols: try reader.list { reader throws(SnapshotError) in try reader.text() },
            cap: try reader.optional { reader throws(SnapshotError) in try reader.money() },
            drawdown: try reader.optional { reader throws(SnapshotError) in
                Drawdown(
                    start: try reader.rate(),
                    stop: try reader.rate(),
                    window: try reader.int64()
                )
            }
        )
    }
}
