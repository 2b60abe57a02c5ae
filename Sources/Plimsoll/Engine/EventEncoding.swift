import PlimsollUnits

extension Event.Body {
    /// The canonical bytes of what happened: what two commands of one id are compared by.
    func encode(into sink: inout some ByteSink) {
        switch self {
        case .venueDefined(let body):
            sink.put(UInt8(0))
            sink.put(body.name)
            sink.put(body.mode)
        case .assetDefined(let body):
            sink.put(UInt8(1))
            sink.put(body.venue)
            sink.put(body.name)
        case .rulebookAdopted(let body):
            sink.put(UInt8(2))
            sink.put(body.venue)
            body.rulebook.encode(into: &sink)
        case .instrumentDefined(let body):
            sink.put(UInt8(3))
            sink.put(body.venue)
            sink.put(body.symbol)
        case .accountOpened(let body):
            sink.put(UInt8(4))
            sink.put(body.venue)
            sink.put(body.name)
            sink.put(body.collateralMode) { $0.put($1) }
            sink.put(body.positionMode) { $0.put($1) }
        case .accountConfigured(let body):
            sink.put(UInt8(5))
            sink.put(body.account)
            sink.put(body.collateralMode) { $0.put($1) }
            sink.put(body.positionMode) { $0.put($1) }
            sink.put(body.instrument) { $0.put($1) }
            sink.put(body.marginMode) { $0.put($1) }
            sink.put(body.leverage) { $0.put($1) }
        case .deposited(let body):
            sink.putMovement(6, body.account, body.asset, body.amount)
        case .withdrawalRequested(let body):
            sink.putMovement(7, body.account, body.asset, body.amount)
        case .withdrawalSettled(let body):
            sink.putMovement(8, body.account, body.asset, body.amount)
        case .withdrawalReversed(let body):
            sink.putMovement(9, body.account, body.asset, body.amount)
        case .transferred(let body):
            sink.putMovement(10, body.from, body.asset, body.amount)
            sink.put(body.to)
        case .isolatedMarginMoved(let body):
            sink.put(UInt8(11))
            sink.put(body.account)
            sink.put(body.instrument)
            sink.put(body.leg)
            sink.put(body.amount)
        case .feeCharged(let body):
            sink.putMovement(12, body.account, body.asset, body.amount)
        case .interestAccrued(let body):
            sink.putMovement(13, body.account, body.asset, body.amount)
        case .insuranceFunded(let body):
            sink.put(UInt8(14))
            sink.put(body.asset)
            sink.put(body.amount)
            sink.put(body.fund) { $0.put($1) }
        case .collateralConverted(let body):
            sink.putMovement(15, body.account, body.from, body.sold)
            sink.put(body.to)
            sink.put(body.bought)
        case .reconciled(let body):
            switch body.report {
            case .wallet(let asset, let balance):
                sink.putMovement(16, body.account, asset, balance)
            case .position(let instrument, let leg, let quantity, let entry, let margin):
                sink.put(UInt8(30))
                sink.put(body.account)
                sink.put(instrument)
                sink.put(leg)
                sink.put(quantity)
                sink.put(entry.units)
                sink.put(margin) { $0.put($1) }
            }
        case .orderPlaced(let body):
            sink.put(UInt8(17))
            sink.put(body.account)
            sink.put(body.order)
            sink.put(body.instrument)
            sink.put(body.side)
            sink.put(body.leg)
            sink.put(body.quantity)
            sink.put(body.price)
            sink.put(body.reduceOnly)
        case .orderReduced(let body):
            sink.put(UInt8(18))
            sink.put(body.account)
            sink.put(body.order)
            sink.put(body.remaining)
        case .orderCancelled(let body):
            sink.put(UInt8(19))
            sink.put(body.account)
            sink.put(body.order)
        case .filled(let body):
            sink.putTrade(20, body.instrument, body.price)
            sink.put(body.quantity)
            sink.put(body.buyer)
            sink.put(body.seller)
        case .marked(let body):
            sink.putTrade(21, body.instrument, body.price)
        case .indexed(let body):
            sink.put(UInt8(22))
            sink.put(body.asset)
            sink.put(body.price)
        case .openInterestReported(let body):
            sink.put(UInt8(23))
            sink.put(body.instrument)
            sink.put(body.notional)
        case .fundingRateAnnounced(let body):
            sink.put(UInt8(24))
            sink.put(body.instrument)
            sink.put(body.rate)
        case .fundingSettled(let body):
            sink.put(UInt8(25))
            sink.put(body.instrument)
            sink.put(body.rate)
            sink.put(body.price) { $0.put($1) }
        case .sessionSettled(let body):
            sink.putTrade(26, body.instrument, body.price)
        case .instrumentExpired(let body):
            sink.putTrade(27, body.instrument, body.price)
        case .operatorActed(let body):
            sink.put(UInt8(28))
            sink.put(body.action)
            sink.put(body.account)
            sink.put(body.who)
            sink.put(body.why)
        case .ticked:
            sink.put(UInt8(29))
        case .depthObserved(let body):
            sink.put(UInt8(31))
            sink.put(body.instrument)
            sink.put(body.bids) { $0.put($1) }
            sink.put(body.asks) { $0.put($1) }
        case .liquidationFilled(let body):
            sink.put(UInt8(32))
            sink.put(body.order)
            sink.put(body.quantity)
            sink.put(body.price)
            sink.put(body.counterparty)
        case .liquidationOrderEnded(let body):
            sink.put(UInt8(33))
            sink.put(body.order)
            sink.put(body.reason)
        }
    }
}

extension ByteSink {
    fileprivate mutating func putMovement(
        _ kind: UInt8,
        _ account: AccountID,
        _ asset: AssetID,
        _ amount: Money
    ) {
        put(kind)
        put(account)
        put(asset)
        put(amount)
    }

    fileprivate mutating func putTrade(
        _ kind: UInt8,
        _ instrument: InstrumentID,
        _ price: Price
    ) {
        put(kind)
        put(instrument)
        put(price)
    }

    fileprivate mutating func put(_ level: DepthObserved.Level) {
        put(level.price)
        put(level.quantity)
    }

    fileprivate mutating func put(_ party: Filled.Party) {
        put(party.account)
        put(party.leg)
        put(party.fee)
        put(party.order) { $0.put($1) }
    }
}

extension StateDigest {
    /// One word of four small numbers.
    ///
    /// An effect keeps to whole words, since words that are not at a multiple of eight bytes cost
    /// twice; instruments and assets fit 16 bits by their limits.
    @inline(__always)
    fileprivate mutating func put(_ kind: UInt8, _ detail: UInt8, _ thing: Int32, _ account: Int32)
    {
        let small = UInt32(kind) | UInt32(detail) << 8 | UInt32(truncatingIfNeeded: thing) << 16
        absorb(UInt64(small) | UInt64(UInt32(bitPattern: account)) << 32)
    }
}

extension Effect {
    /// The running digest over effects with this one; the two frequent kinds are taken in by `Effects`.
    func absorbed(into digest: StateDigest) -> StateDigest {
        var sink = digest
        switch self {
        case .balanceChanged, .positionChanged:
            var effects = Effects()
            effects.append(self)
            effects.absorb(from: 0, into: &sink)
        case .marginStateChanged(let change):
            let standing = change.band.rawValue << 4 | change.mode.rawValue
            sink.put(2, standing, change.isStale ? 1 : 0, change.account.index)
            sink.put(change.pool)
            sink.put(change.equity)
            sink.put(change.initial)
            sink.put(change.maintenance)
        case .ordersToCancel(let account, let orders):
            sink.put(3, 0, 0, account.index)
            sink.put(orders) { $0.put($1) }
        case .liquidationOrdered(let order):
            sink.put(7, order.side.rawValue, order.instrument.index, order.account.index)
            sink.put(order.liquidation)
            sink.put(order.order)
            sink.put(order.pool)
            sink.put(UInt64(order.leg.rawValue) | UInt64(order.sizedBy.rawValue) << 8)
            sink.put(order.quantity)
            sink.put(order.limit)
            sink.put(order.held)
            sink.put(order.mark)
            sink.put(order.markTime)
            sink.put(UInt64(order.bracket))
            sink.put(order.equity)
            sink.put(order.maintenance)
            sink.put(order.maintenanceAfter)
        case .liquidationOrdersToCancel(let orders):
            sink.put(8, 0, 0, 0)
            sink.put(orders) { $0.put($1) }
        case .liquidationEnded(let end):
            sink.put(9, end.outcome.rawValue, 0, end.account.index)
            sink.put(end.liquidation)
            sink.put(end.pool)
        case .insuranceMoved(let move):
            let detail = move.reason.rawValue | (move.sale == nil ? 0 : 0x80)  // a sale follows
            sink.put(10, detail, move.asset.index, move.fund.index)
            sink.put(move.liquidation)
            sink.put(move.amount)
            sink.put(move.quantity)
            sink.put(move.instrument?.index ?? -1)
            sink.put(move.balance)
            if let sale = move.sale {
                sink.put(sale.account)
                sink.put(sale.asset)
                sink.put(sale.sold)
                sink.put(sale.price)
                sink.put(sale.bought)
                sink.put(sale.boughtPrice)
            }
        case .deleveraged(let close):
            sink.put(11, close.leg.rawValue, close.instrument.index, close.account.index)
            sink.put(close.liquidation)
            sink.put(close.change)
            sink.put(close.price)
            sink.put(close.mark)
            sink.put(UInt64(close.rank))
            sink.put(close.score)
        case .lossSocialised(let share):
            sink.put(12, 0, share.asset.index, share.account.index)
            sink.put(share.liquidation)
            sink.put(share.pool)
            sink.put(share.amount)
            sink.put(share.basis)
            sink.put(share.loss)
        case .bankruptcyDeclared(let bankruptcy):
            sink.put(13, 0, 0, bankruptcy.account.index)
            sink.put(bankruptcy.liquidation)
            sink.put(bankruptcy.pool)
            sink.put(bankruptcy.deficit)
            sink.put(bankruptcy.paidByFund)
            sink.put(bankruptcy.socialised)
            sink.put(bankruptcy.paidByHouse)
        case .priceRefused(let refusal):
            sink.put(4, refusal.reason.rawValue, refusal.instrument.index, 0)
            sink.put(refusal.price)
            sink.put(refusal.reference)
            sink.put(UInt64(refusal.agreeing))
        case .repeated:
            sink.put(5, 0, 0, 0)
        case .refused(let rejection):
            sink.put(6, 0, 0, 0)
            sink.put(rejection.code)
            sink.put(rejection.problem)
        }
        return sink
    }
}
