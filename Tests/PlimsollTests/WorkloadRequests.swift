import Plimsoll
import PlimsollUnits
import TestSupport

/// Money and settings.
extension World {
    mutating func nextDeposit(_ number: Int32) -> Event.Body {
        let asset = asset(Int(number) / accountsPerVenue)
        return .deposited(
            Deposited(
                account: account(number),
                asset: AssetID(index: Int32(asset)),
                amount: amount(asset)
            )
        )
    }

    mutating func nextWithdrawal() -> Event.Body {
        let venue = venue()
        let index = asset(venue)
        let account = trader(venue)
        let id = AssetID(index: Int32(index))
        let transit = engine.totals()[index].inTransit
        switch random.int(0...3) {
        case 0...1:
            return .withdrawalRequested(
                WithdrawalRequested(account: account, asset: id, amount: small(index))
            )
        case 2:
            return .withdrawalSettled(
                WithdrawalSettled(
                    account: account,
                    asset: id,
                    amount: Money(units: max(1, transit.units / 3))
                )
            )
        default:
            return .withdrawalReversed(
                WithdrawalReversed(
                    account: account,
                    asset: id,
                    amount: Money(units: max(1, transit.units / 5))
                )
            )
        }
    }

    mutating func nextTransfer() -> Event.Body {
        let venue = venue()
        let index = asset(venue)
        return .transferred(
            Transferred(
                from: trader(venue),
                to: trader(venue),
                asset: AssetID(index: Int32(index)),
                amount: small(index)
            )
        )
    }

    mutating func nextIsolatedMove() -> Event.Body {
        let venue = venue()
        let account = trader(venue)
        let isolated = engine.report(account, prices: false).positions.first {
            $0.marginMode == .isolated
        }
        let index = isolated.map { Int($0.instrument.index) } ?? instrument(venue)
        let amount = small(assetOfSettlement(index))
        return .isolatedMarginMoved(
            IsolatedMarginMoved(
                account: account,
                instrument: InstrumentID(index: Int32(index)),
                leg: isolated?.leg ?? .net,
                amount: random.chance(60) ? amount : -amount
            )
        )
    }

    mutating func nextBooking() -> Event.Body {
        let venue = venue()
        let index = asset(venue)
        let id = AssetID(index: Int32(index))
        let account = random.chance(90) ? trader(venue) : outside(venue)
        let amount = random.chance(60) ? small(index) : -small(index)
        switch random.int(0...3) {
        case 0: return .feeCharged(FeeCharged(account: account, asset: id, amount: amount))
        case 1:
            return .interestAccrued(InterestAccrued(account: account, asset: id, amount: amount))
        case 2: return .insuranceFunded(InsuranceFunded(asset: id, amount: amount))
        default:
            let other = asset(venue)
            return .collateralConverted(
                CollateralConverted(
                    account: account,
                    from: id,
                    sold: small(index),
                    to: AssetID(index: Int32(other)),
                    bought: small(other)
                )
            )
        }
    }

    mutating func nextConfiguration() -> Event.Body {
        let venue = venue()
        let account = trader(venue)
        var body = AccountConfigured(account: account)
        body.instrument = InstrumentID(index: Int32(instrument(venue)))
        switch random.int(0...9) {
        case 0...4: body.leverage = leverage(random.int(1...140))
        case 5...7: body.marginMode = random.chance(70) ? .isolated : .cross
        case 8: body.collateralMode = random.chance(50) ? .multiAsset : .singleAsset
        default: body.positionMode = random.chance(30) ? .hedge : .oneWay
        }
        return .accountConfigured(body)
    }

    mutating func nextReconciliation() -> Event.Body {
        let venue = random.chance(90) ? 1 : 0
        let account = trader(venue)
        guard random.chance(60) else {
            let index = asset(venue)
            return .reconciled(
                Reconciled(
                    account: account,
                    report: .wallet(AssetID(index: Int32(index)), amount(index))
                )
            )
        }
        let index = instrument(venue)
        let side: Side = random.chance(50) ? .buy : .sell
        let leg = leg(account, side)
        let size = random.chance(20) ? Quantity.zero : size(index)
        let isShort = leg == .net ? side == .sell : leg == .short
        let entry = SolvedPrice(
            units: Int128(near(index, 20).units) * PowerOfTen.eight
                + Int128(random.int(0...99_999_999))
        )
        return .reconciled(
            Reconciled(
                account: account,
                report: .position(
                    InstrumentID(index: Int32(index)),
                    leg,
                    isShort ? -size : size,
                    entry,
                    isolatedMargin: random.chance(20) ? small(assetOfSettlement(index)) : nil
                )
            )
        )
    }

    mutating func nextOperator() -> Event.Body {
        .operatorActed(
            OperatorActed(
                action: random.chance(25) ? .freeze : .release,
                account: trader(venue()),
                who: "desk",
                why: random.chance(90) ? "review" : ""
            )
        )
    }
}
