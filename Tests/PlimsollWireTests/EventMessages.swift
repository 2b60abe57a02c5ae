import Plimsoll
import PlimsollProto
import PlimsollUnits
import SwiftProtobuf

/// Events as the generated messages of `plimsoll/v1/events.proto`, written by hand: the library's own bytes of
/// them are what ours are compared with.
extension Plimsoll_V1_Event {
    init(_ event: Event) {
        self.init()
        time = event.time.nanoseconds
        at = event.at.nanoseconds
        switch event.identity {
        case .none: break
        case .feed(let source, let sequence):
            feed = .with {
                $0.source = source
                $0.sequence = sequence
            }
        case .command(let id): command = id
        }
        body = Self.body(event.body)
    }

    private static func number(_ index: Int32) -> UInt32 { UInt32(index) + 1 }

    private static func wide(_ units: Int128) -> Plimsoll_V1_Int128 {
        .with {
            $0.low = UInt64(truncatingIfNeeded: units)
            $0.high = Int64(truncatingIfNeeded: units >> 64)
        }
    }

    private static func movement(
        _ account: AccountID,
        _ asset: AssetID,
        _ amount: Money
    ) -> Plimsoll_V1_Movement {
        .with {
            $0.account = number(account.index)
            $0.asset = number(asset.index)
            $0.amount = wide(amount.units)
        }
    }

    private static func price(
        _ instrument: InstrumentID,
        _ price: Price
    ) -> Plimsoll_V1_InstrumentPrice {
        .with {
            $0.instrument = number(instrument.index)
            $0.price = price.units
        }
    }

    private static func party(_ party: Filled.Party) -> Plimsoll_V1_Party {
        .with {
            $0.account = number(party.account.index)
            $0.leg = leg(party.leg)
            if party.fee != .zero { $0.fee = wide(party.fee.units) }
            if let order = party.order { $0.order = order }
        }
    }

    private static func leg(_ leg: Leg) -> Plimsoll_V1_Leg {
        switch leg {
        case .net: .net
        case .long: .long
        case .short: .short
        }
    }

    private static func mode(_ mode: CollateralMode?) -> Plimsoll_V1_CollateralMode {
        switch mode {
        case nil: .unspecified
        case .singleAsset: .singleAsset
        case .multiAsset: .multiAsset
        }
    }

    private static func mode(_ mode: PositionMode?) -> Plimsoll_V1_PositionMode {
        switch mode {
        case nil: .unspecified
        case .oneWay: .oneWay
        case .hedge: .hedge
        }
    }

    private static func level(_ level: DepthObserved.Level) -> Plimsoll_V1_DepthObserved.Level {
        .with {
            $0.price = level.price.units
            $0.quantity = level.quantity.units
        }
    }

    private static func report(
        _ report: Reconciled.Report
    ) -> Plimsoll_V1_Reconciled.OneOf_Report {
        switch report {
        case .wallet(let asset, let balance):
            .wallet(
                .with {
                    $0.asset = number(asset.index)
                    $0.balance = wide(balance.units)
                }
            )
        case .position(let instrument, let side, let quantity, let entry, let margin):
            .position(
                .with {
                    $0.instrument = number(instrument.index)
                    $0.leg = leg(side)
                    $0.quantity = quantity.units
                    $0.entry = wide(entry.units)
                    if let margin { $0.isolatedMargin = wide(margin.units) }
                }
            )
        }
    }

    private static func body(_ body: Event.Body) -> OneOf_Body {
        switch body {
        case .venueDefined(let body):
            .venueDefined(
                .with {
                    $0.name = body.name
                    $0.mode = body.mode == .venue ? .venue : .mirror
                }
            )
        case .assetDefined(let body):
            .assetDefined(
                .with {
                    $0.venue = number(body.venue.index)
                    $0.name = body.name
                }
            )
        case .rulebookAdopted(let body):
            .rulebookAdopted(
                .with {
                    $0.venue = number(body.venue.index)
                    $0.rulebook.append(contentsOf: body.rulebook.canonicalBytes)
                }
            )
        case .instrumentDefined(let body):
            .instrumentDefined(
                .with {
                    $0.venue = number(body.venue.index)
                    $0.symbol = body.symbol
                }
            )
        case .accountOpened(let body):
            .accountOpened(
                .with {
                    $0.venue = number(body.venue.index)
                    $0.name = body.name
                    $0.collateralMode = mode(body.collateralMode)
                    $0.positionMode = mode(body.positionMode)
                }
            )
        case .accountConfigured(let body):
            .accountConfigured(
                .with {
                    $0.account = number(body.account.index)
                    $0.collateralMode = mode(body.collateralMode)
                    $0.positionMode = mode(body.positionMode)
                    if let instrument = body.instrument {
                        $0.instrument = number(instrument.index)
                    }
                    switch body.marginMode {
                    case nil: break
                    case .cross: $0.marginMode = .cross
                    case .isolated: $0.marginMode = .isolated
                    }
                    $0.leverage = UInt64(body.leverage?.hundredths ?? 0)
                }
            )
        case .deposited(let body): .deposited(movement(body.account, body.asset, body.amount))
        case .withdrawalRequested(let body):
            .withdrawalRequested(movement(body.account, body.asset, body.amount))
        case .withdrawalSettled(let body):
            .withdrawalSettled(movement(body.account, body.asset, body.amount))
        case .withdrawalReversed(let body):
            .withdrawalReversed(movement(body.account, body.asset, body.amount))
        case .transferred(let body):
            .transferred(
                .with {
                    $0.from = number(body.from.index)
                    $0.to = number(body.to.index)
                    $0.asset = number(body.asset.index)
                    $0.amount = wide(body.amount.units)
                }
            )
        case .isolatedMarginMoved(let body):
            .isolatedMarginMoved(
                .with {
                    $0.account = number(body.account.index)
                    $0.instrument = number(body.instrument.index)
                    $0.leg = leg(body.leg)
                    $0.amount = wide(body.amount.units)
                }
            )
        case .feeCharged(let body): .feeCharged(movement(body.account, body.asset, body.amount))
        case .interestAccrued(let body):
            .interestAccrued(movement(body.account, body.asset, body.amount))
        case .insuranceFunded(let body):
            .insuranceFunded(
                .with {
                    $0.asset = number(body.asset.index)
                    $0.amount = wide(body.amount.units)
                    if let fund = body.fund { $0.fund = fund }
                }
            )
        case .collateralConverted(let body):
            .collateralConverted(
                .with {
                    $0.account = number(body.account.index)
                    $0.from = number(body.from.index)
                    $0.sold = wide(body.sold.units)
                    $0.to = number(body.to.index)
                    $0.bought = wide(body.bought.units)
                }
            )
        case .reconciled(let body):
            .reconciled(
                .with {
                    $0.account = number(body.account.index)
                    $0.report = report(body.report)
                }
            )
        case .orderPlaced(let body):
            .orderPlaced(
                .with {
                    $0.account = number(body.account.index)
                    $0.order = body.order
                    $0.instrument = number(body.instrument.index)
                    $0.side = body.side == .buy ? .buy : .sell
                    $0.leg = leg(body.leg)
                    $0.quantity = body.quantity.units
                    $0.price = body.price.units
                    $0.reduceOnly = body.reduceOnly
                }
            )
        case .orderReduced(let body):
            .orderReduced(
                .with {
                    $0.account = number(body.account.index)
                    $0.order = body.order
                    $0.remaining = body.remaining.units
                }
            )
        case .orderCancelled(let body):
            .orderCancelled(
                .with {
                    $0.account = number(body.account.index)
                    $0.order = body.order
                }
            )
        case .filled(let body):
            .filled(
                .with {
                    $0.instrument = number(body.instrument.index)
                    $0.quantity = body.quantity.units
                    $0.price = body.price.units
                    $0.buyer = party(body.buyer)
                    $0.seller = party(body.seller)
                }
            )
        case .marked(let body): .marked(price(body.instrument, body.price))
        case .indexed(let body):
            .indexed(
                .with {
                    $0.asset = number(body.asset.index)
                    $0.price = body.price.units
                }
            )
        case .openInterestReported(let body):
            .openInterestReported(
                .with {
                    $0.instrument = number(body.instrument.index)
                    $0.notional = wide(body.notional.units)
                }
            )
        case .fundingRateAnnounced(let body):
            .fundingRateAnnounced(
                .with {
                    $0.instrument = number(body.instrument.index)
                    $0.rate = body.rate.units
                }
            )
        case .fundingSettled(let body):
            .fundingSettled(
                .with {
                    $0.instrument = number(body.instrument.index)
                    $0.rate = body.rate.units
                    $0.price = body.price?.units ?? 0
                }
            )
        case .sessionSettled(let body): .sessionSettled(price(body.instrument, body.price))
        case .instrumentExpired(let body): .instrumentExpired(price(body.instrument, body.price))
        case .depthObserved(let body):
            .depthObserved(
                .with {
                    $0.instrument = number(body.instrument.index)
                    $0.bids = body.bids.map(level)
                    $0.asks = body.asks.map(level)
                }
            )
        case .liquidationFilled(let body):
            .liquidationFilled(
                .with {
                    $0.order = body.order
                    $0.quantity = body.quantity.units
                    $0.price = body.price.units
                    $0.counterparty = party(body.counterparty)
                }
            )
        case .liquidationOrderEnded(let body):
            .liquidationOrderEnded(
                .with {
                    $0.order = body.order
                    switch body.reason {
                    case .unfilled: $0.reason = .unfilled
                    case .rejected: $0.reason = .rejected
                    case .cancelled: $0.reason = .cancelled
                    }
                }
            )
        case .operatorActed(let body):
            .operatorActed(
                .with {
                    $0.action = body.action == .freeze ? .freeze : .release
                    $0.account = number(body.account.index)
                    $0.who = body.who
                    $0.why = body.why
                }
            )
        case .ticked: .ticked(.init())
        }
    }
}
