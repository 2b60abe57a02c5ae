import Plimsoll
import PlimsollUnits

/// Events as messages of `plimsoll/v1/events.proto`.
extension Event {
    @inline(__always)
    func encode(into writer: inout WireWriter) {
        writer.put(1, fixed: time.nanoseconds)
        writer.put(2, fixed: at.nanoseconds)
        switch identity {
        case .none: break
        case .feed(let source, let sequence):
            writer.put(3) { writer in
                writer.put(1, source)
                writer.put(2, varint: sequence)
            }
        case .command(let id): writer.put(4, present: id)
        }
        body.encode(into: &writer)
    }
}

extension Event.Body {
    /// No `default`: a new event must come here.
    @inline(__always)
    fileprivate func encode(into writer: inout WireWriter) {
        switch self {
        case .venueDefined(let body): writer.put(10, body.encode(into:))
        case .assetDefined(let body): writer.put(11, body.encode(into:))
        case .rulebookAdopted(let body): writer.put(12, body.encode(into:))
        case .instrumentDefined(let body): writer.put(13, body.encode(into:))
        case .accountOpened(let body): writer.put(14, body.encode(into:))
        case .accountConfigured(let body): writer.put(15, body.encode(into:))
        case .deposited(let body): writer.put(16, body.account, body.asset, body.amount)
        case .withdrawalRequested(let body): writer.put(17, body.account, body.asset, body.amount)
        case .withdrawalSettled(let body): writer.put(18, body.account, body.asset, body.amount)
        case .withdrawalReversed(let body): writer.put(19, body.account, body.asset, body.amount)
        case .transferred(let body): writer.put(20, body.encode(into:))
        case .isolatedMarginMoved(let body): writer.put(21, body.encode(into:))
        case .feeCharged(let body): writer.put(22, body.account, body.asset, body.amount)
        case .interestAccrued(let body): writer.put(23, body.account, body.asset, body.amount)
        case .insuranceFunded(let body): writer.put(24, body.encode(into:))
        case .collateralConverted(let body): writer.put(25, body.encode(into:))
        case .reconciled(let body): writer.put(26, body.encode(into:))
        case .orderPlaced(let body): writer.put(27, body.encode(into:))
        case .orderReduced(let body): writer.put(28, body.encode(into:))
        case .orderCancelled(let body): writer.put(29, body.encode(into:))
        case .filled(let body): writer.put(30) { body.encode(into: &$0) }
        case .marked(let body): writer.put(31, body.instrument, body.price)
        case .indexed(let body): writer.put(32, body.encode(into:))
        case .openInterestReported(let body): writer.put(33, body.encode(into:))
        case .fundingRateAnnounced(let body): writer.put(34, body.encode(into:))
        case .fundingSettled(let body): writer.put(35, body.encode(into:))
        case .sessionSettled(let body): writer.put(36, body.instrument, body.price)
        case .instrumentExpired(let body): writer.put(37, body.instrument, body.price)
        case .depthObserved(let body): writer.put(38, body.encode(into:))
        case .liquidationFilled(let body): writer.put(39, body.encode(into:))
        case .liquidationOrderEnded(let body): writer.put(40, body.encode(into:))
        case .operatorActed(let body): writer.put(41, body.encode(into:))
        case .ticked: writer.put(42) { _ in }
        }
    }
}

extension WireWriter {
    /// A `Movement`.
    fileprivate mutating func put(
        _ field: UInt32,
        _ account: AccountID,
        _ asset: AssetID,
        _ amount: Money
    ) {
        put(field) { writer in
            writer.put(1, id: account.index)
            writer.put(2, id: asset.index)
            writer.put(3, wide: amount.units)
        }
    }

    /// An `InstrumentPrice`.
    @inline(__always)
    fileprivate mutating func put(_ field: UInt32, _ instrument: InstrumentID, _ price: Price) {
        put(field) { writer in
            writer.put(1, id: instrument.index)
            writer.put(2, fixed: price.units)
        }
    }
}

// MARK: Reference data

extension VenueDefined {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, name)
        writer.put(2, mode)
    }
}

extension AssetDefined {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: venue.index)
        writer.put(2, name)
    }
}

extension RulebookAdopted {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: venue.index)
        writer.put(2, rulebook.canonicalBytes)
    }
}

extension InstrumentDefined {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: venue.index)
        writer.put(2, symbol)
    }
}

extension AccountOpened {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: venue.index)
        writer.put(2, name)
        writer.put(3, collateralMode)
        writer.put(4, positionMode)
    }
}

extension AccountConfigured {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: account.index)
        writer.put(2, collateralMode)
        writer.put(3, positionMode)
        if let instrument { writer.put(4, id: instrument.index) }
        writer.put(5, marginMode)
        writer.put(6, varint: UInt64(leverage?.hundredths ?? 0))
    }
}

// MARK: Money

extension Transferred {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: from.index)
        writer.put(2, id: to.index)
        writer.put(3, id: asset.index)
        writer.put(4, wide: amount.units)
    }
}

extension IsolatedMarginMoved {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: account.index)
        writer.put(2, id: instrument.index)
        writer.put(3, leg)
        writer.put(4, wide: amount.units)
    }
}

extension InsuranceFunded {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: asset.index)
        writer.put(2, wide: amount.units)
        if let fund { writer.put(3, present: fund) }
    }
}

extension CollateralConverted {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: account.index)
        writer.put(2, id: from.index)
        writer.put(3, wide: sold.units)
        writer.put(4, id: to.index)
        writer.put(5, wide: bought.units)
    }
}

extension Reconciled {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: account.index)
        switch report {
        case .wallet(let asset, let balance):
            writer.put(2) { writer in
                writer.put(1, id: asset.index)
                writer.put(2, wide: balance.units)
            }
        case .position(let instrument, let leg, let quantity, let entry, let margin):
            writer.put(3) { writer in
                writer.put(1, id: instrument.index)
                writer.put(2, leg)
                writer.put(3, fixed: quantity.units)
                writer.put(4, wide: entry.units)
                if let margin { writer.put(5, wide: margin.units) }
            }
        }
    }
}

// MARK: Trading

extension OrderPlaced {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: account.index)
        writer.put(2, order)
        writer.put(3, id: instrument.index)
        writer.put(4, side)
        writer.put(5, leg)
        writer.put(6, fixed: quantity.units)
        writer.put(7, fixed: price.units)
        writer.put(8, reduceOnly)
    }
}

extension OrderReduced {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: account.index)
        writer.put(2, order)
        writer.put(3, fixed: remaining.units)
    }
}

extension OrderCancelled {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: account.index)
        writer.put(2, order)
    }
}

extension Filled {
    @inline(__always)
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: instrument.index)
        writer.put(2, fixed: quantity.units)
        writer.put(3, fixed: price.units)
        writer.put(4) { buyer.encode(into: &$0) }
        writer.put(5) { seller.encode(into: &$0) }
    }
}

extension Filled.Party {
    @inline(__always)
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: account.index)
        writer.put(2, leg)
        if fee != .zero { writer.put(3, wide: fee.units) }
        if let order { writer.put(4, present: order) }
    }
}

// MARK: Market

extension Indexed {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: asset.index)
        writer.put(2, fixed: price.units)
    }
}

extension OpenInterestReported {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: instrument.index)
        writer.put(2, wide: notional.units)
    }
}

extension FundingRateAnnounced {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: instrument.index)
        writer.put(2, fixed: rate.units)
    }
}

extension FundingSettled {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: instrument.index)
        writer.put(2, fixed: rate.units)
        writer.put(3, fixed: price?.units ?? 0)
    }
}

extension DepthObserved {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, id: instrument.index)
        for level in bids { writer.put(2, level.encode(into:)) }
        for level in asks { writer.put(3, level.encode(into:)) }
    }
}

extension DepthObserved.Level {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, fixed: price.units)
        writer.put(2, fixed: quantity.units)
    }
}

// MARK: Enforcement

extension LiquidationFilled {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, varint: order)
        writer.put(2, fixed: quantity.units)
        writer.put(3, fixed: price.units)
        writer.put(4) { counterparty.encode(into: &$0) }
    }
}

extension LiquidationOrderEnded {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, varint: order)
        writer.put(2, reason)
    }
}

extension OperatorActed {
    fileprivate func encode(into writer: inout WireWriter) {
        writer.put(1, action)
        writer.put(2, id: account.index)
        writer.put(3, who)
        writer.put(4, why)
    }
}
