import PlimsollUnits

/// The canonical form of what enforcement remembers.
extension Ledger {
    func encodeEnforcement(into sink: inout some ByteSink) {
        sink.put(liquidationCount)
        sink.put(liquidationOrderCount)
        sink.put(depth.sorted { $0.key < $1.key }) { sink, entry in
            sink.put(entry.key)
            sink.put(entry.value.bids) { $1.encode(into: &$0) }
            sink.put(entry.value.asks) { $1.encode(into: &$0) }
        }
        sink.put(liquidations.inOrder) { sink, entry in
            sink.put(entry.lead)
            entry.liquidation.encode(into: &sink)
        }
        sink.put(waiting) { $0.put($1) }
        sink.put(shortFunds.sorted()) { $0.put($1) }
        sink.put(fundWatch.sorted { $0.key < $1.key }) { sink, entry in
            sink.put(entry.key)
            entry.value.encode(into: &sink)
        }
    }

    mutating func readEnforcement(_ reader: inout ByteReader) throws(SnapshotError) {
        liquidationCount = try reader.word()
        liquidationOrderCount = try reader.word()
        for _ in 0..<(try reader.count(ofSize: 24)) {
            let instrument = try reader.int32()
            guard instruments.indices.contains(Int(instrument)) else {
                throw .impossible("depth", at: reader.position)
            }
            depth[instrument] = Depth(
                bids: try reader.list(ofSize: 16, Depth.Level.init(from:)),
                asks: try reader.list(ofSize: 16, Depth.Level.init(from:))
            )
        }
        for _ in 0..<(try reader.count(ofSize: 40)) {
            let lead = try reader.int32()
            guard pools.indices.contains(Int(lead)) else {
                throw .impossible("liquidation", at: reader.position)
            }
            let liquidation = try Liquidation(from: &reader)
            for order in liquidation.orders { orderPools[order.number] = lead }
            liquidations[lead] = liquidation
        }
        waiting = try reader.list(ofSize: 8) { reader throws(SnapshotError) in try reader.int32() }
        for pool in waiting {
            guard pools.indices.contains(Int(pool)) else {
                throw .impossible("waiting pool", at: reader.position)
            }
            pools[Int(pool)].set(.waiting, true)
        }
        shortFunds = Set(
            try reader.list(ofSize: 8) { reader throws(SnapshotError) in try reader.int32() }
        )
        for _ in 0..<(try reader.count(ofSize: 25)) {
            let pool = try reader.int32()
            fundWatch[pool] = try FundDrawdown(from: &reader)
        }
        refreshEvaluationLimit()
    }
}

extension FundDrawdown {
    fileprivate func encode(into sink: inout some ByteSink) {
        profit.encode(into: &sink)
        balance.encode(into: &sink)
        sink.put(isTriggered)
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            profit: try WindowMaximum(from: &reader),
            balance: try WindowMaximum(from: &reader),
            isTriggered: try reader.flag()
        )
    }
}

extension WindowMaximum {
    fileprivate func encode(into sink: inout some ByteSink) {
        sink.put(times) { $0.put($1) }
        sink.put(values) { $0.put($1) }
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        let times = try reader.list(ofSize: 8) { reader throws(SnapshotError) in
            try reader.int64()
        }
        let values = try reader.list(ofSize: 16) { reader throws(SnapshotError) in
            try reader.int128()
        }
        guard let window = WindowMaximum(times: times, values: values) else {
            throw .impossible("fund history", at: reader.position)
        }
        self = window
    }
}

extension Depth.Level {
    fileprivate func encode(into sink: inout some ByteSink) {
        sink.put(price)
        sink.put(quantity)
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(price: try reader.int64(), quantity: try reader.int64())
    }
}

extension Liquidation {
    fileprivate func encode(into sink: inout some ByteSink) {
        sink.put(number)
        sink.put(orders) { sink, order in
            sink.put(order.number)
            sink.put(order.instrument)
            sink.put(order.leg)
            sink.put(order.quantity)
            sink.put(order.limit)
        }
        sink.put(second)
        sink.put(spent)
        sink.put(isExhausted)
        sink.put(instruments.sorted()) { $0.put($1) }
        sink.put(closed.sorted { $0.key < $1.key }) { sink, entry in
            sink.put(entry.key)
            sink.put(entry.value.profit)
            sink.put(entry.value.value)
        }
        sink.put(isCancelling)
    }

    fileprivate init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(number: try reader.word())
        orders = try reader.list(ofSize: 33) { reader throws(SnapshotError) in
            LiquidationOrder(
                number: try reader.word(),
                instrument: try reader.int32(),
                leg: try reader.value(Leg.self),
                quantity: try reader.int64(),
                limit: try reader.int64()
            )
        }
        second = try reader.int64()
        spent = try reader.int128()
        isExhausted = try reader.flag()
        instruments = Set(
            try reader.list(ofSize: 8) { reader throws(SnapshotError) in try reader.int32() }
        )
        for _ in 0..<(try reader.count(ofSize: 40)) {
            let pool = try reader.int32()
            closed[pool] = Closed(profit: try reader.int128(), value: try reader.int128())
        }
        isCancelling = try reader.flag()
    }
}
