import Plimsoll
import PlimsollUnits
import TestSupport

extension World {
    /// An event that is impossible, or close to it.
    mutating func nextNonsense() -> Event.Body {
        let account = random.chance(50) ? account(0) : AccountID(index: random32(-2...14))
        let asset = AssetID(index: random32(-2...9))
        let instrument = InstrumentID(index: random32(-2...5))
        let odd = Money(units: Int128(random.pick(extremes)))
        switch random.int(0...14) {
        case 0: return .deposited(Deposited(account: account, asset: asset, amount: odd))
        case 1:
            return .withdrawalRequested(
                WithdrawalRequested(account: account, asset: asset, amount: odd)
            )
        case 2:
            return .withdrawalSettled(
                WithdrawalSettled(account: account, asset: asset, amount: odd)
            )
        case 3:
            return .transferred(
                Transferred(from: account, to: account, asset: asset, amount: odd)
            )
        case 4:
            return .isolatedMarginMoved(
                IsolatedMarginMoved(account: account, instrument: instrument, amount: odd)
            )
        case 5: return .feeCharged(FeeCharged(account: account, asset: asset, amount: .zero))
        case 6:
            return .marked(Marked(instrument: instrument, price: random.chance(50) ? .max : tiny))
        case 7: return .venueDefined(VenueDefined(name: "venue", mode: .venue))
        case 8:
            return .assetDefined(AssetDefined(venue: VenueID(index: random32(0...3)), name: "BTC"))
        case 9:
            return .accountOpened(AccountOpened(venue: venues[0], name: "trader-0"))
        case 10:
            return .filled(
                Filled(
                    instrument: instrument,
                    quantity: random.chance(50) ? .max : .zero,
                    price: random.chance(50) ? .max : tiny,
                    buyer: Filled.Party(account: account),
                    seller: Filled.Party(account: outside(0))
                )
            )
        case 11:
            var rulebook = sample.rulebook
            switch random.int(0...2) {
            case 0: rulebook.instruments.removeLast()
            case 1: rulebook.collateralModes = []
            default: rulebook.thresholds.watch = .zero
            }
            return .rulebookAdopted(RulebookAdopted(venue: venues[0], rulebook: rulebook))
        case 12:
            return .orderCancelled(OrderCancelled(account: account, order: "no such order"))
        case 13:
            return .orderPlaced(
                OrderPlaced(
                    account: account,
                    order: "",
                    instrument: instrument,
                    side: .buy,
                    quantity: .max,
                    price: tiny
                )
            )
        default:
            return .instrumentDefined(InstrumentDefined(venue: venues[1], symbol: "NOTHING"))
        }
    }

    private var extremes: [Int128] {
        [0, -1, Limits.money, Limits.money + 1, -Limits.money, Int128(Int64.max)]
    }

    private var tiny: Price { price("0.00000001") }
}
