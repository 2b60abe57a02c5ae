import Plimsoll
import PlimsollUnits
import PlimsollWire

/// Effects as words, in the order in which scenarios write them.
enum EffectWords {
    static let kinds = [
        "balance", "position", "standing", "cancel", "liquidation", "insurance", "deleveraged",
        "socialised", "bankruptcy", "price-held", "repeated",
    ]

    /// A number without superfluous digits; any other word as it is.
    static func canonical(_ word: String) -> String {
        guard let units = try? DecimalText.units(word, scale: 16) else { return word }
        return DecimalText.string(units, scale: 16)
    }

    /// The words of an effect.
    static func words(_ effect: Effect, in engine: Engine) -> [String] {
        let names = engine.directory
        switch effect {
        case .balanceChanged(let change):
            return ["balance", names.name(change.account)]
                + pool(change.pool, of: change.account, in: engine) + [
                    Kebab.caseName(change.source), change.change.description,
                    names.name(change.asset), "leaving", change.balance.description,
                ]
        case .positionChanged(let change):
            return [
                "position", names.name(change.account), names.name(change.instrument),
                change.leg.word, change.quantity.description, "cost", change.cost.description,
            ]
        case .marginStateChanged(let change):
            let pool = change.isolated.map { ["isolated", names.name($0)] } ?? ["cross"]
            return ["standing", names.name(change.account)] + pool + [
                Kebab.caseName(change.band), Kebab.caseName(change.mode), "from",
                Kebab.caseName(change.fromBand), Kebab.caseName(change.fromMode),
            ] + (change.isStale ? ["stale"] : [])
        case .ordersToCancel(let account, let orders):
            return ["cancel", names.name(account)] + orders
        case .liquidationOrdered, .liquidationOrdersToCancel, .liquidationEnded, .insuranceMoved,
            .deleveraged, .lossSocialised, .bankruptcyDeclared:
            return enforcementWords(effect, in: engine)
        case .priceRefused(let held):
            return [
                "price-held", names.name(held.instrument), held.price.description, "reference",
                held.reference.description, "agreeing", String(held.agreeing),
            ]
        case .repeated: return ["repeated"]
        case .refused(let rejection): return ["refused", rejection.code]
        }
    }

    /// `cross`, or `isolated` and the symbol.
    private static func pool(
        _ pool: PoolID,
        of account: AccountID,
        in engine: Engine
    ) -> [String] {
        let report = engine.report(account, prices: false)
        let isolated = report.pools.first { $0.pool == pool }?.isolated
        return isolated.map { ["isolated", engine.directory.name($0)] } ?? ["cross"]
    }

    /// What happens below the line.
    private static func enforcementWords(_ effect: Effect, in engine: Engine) -> [String] {
        let names = engine.directory
        switch effect {
        case .liquidationOrdered(let order):
            return ["liquidation", "order", String(order.order), names.name(order.account)]
                + pool(order.pool, of: order.account, in: engine) + [
                    order.leg.word, order.side == .buy ? "buys" : "sells",
                    order.quantity.description, names.name(order.instrument), "limit",
                    order.limit.description, "by", order.sizedBy.word, "held",
                    order.held.description, "mark", order.mark.description, "bracket",
                    String(order.bracket + 1), "equity", order.equity.description, "maintenance",
                    order.maintenance.description, "leaving", order.maintenanceAfter.description,
                    "liquidation", String(order.liquidation),
                ]
        case .liquidationOrdersToCancel(let orders):
            return ["liquidation", "cancel"] + orders.map(String.init)
        case .liquidationEnded(let end):
            return ["liquidation", "end", names.name(end.account)]
                + pool(end.pool, of: end.account, in: engine)
                + [end.outcome.word, "liquidation", String(end.liquidation)]
        case .insuranceMoved(let move):
            let taken = move.instrument.map {
                ["taking", move.quantity.description, names.name($0)]
            }
            let sale = move.sale.map {
                [
                    "selling", $0.sold.description, names.name($0.asset), "at",
                    $0.price.description, "for", $0.bought.description, names.name(move.asset),
                    "at", $0.boughtPrice.description, "of", names.name($0.account),
                ]
            }
            return [
                "insurance", names.name(move.fund), move.reason.word, move.amount.description,
                names.name(move.asset), "leaving", move.balance.description,
            ] + (taken ?? []) + (sale ?? []) + ["liquidation", String(move.liquidation)]
        case .deleveraged(let close):
            return [
                "deleveraged", names.name(close.account), names.name(close.instrument),
                close.leg.word, close.change.description, "at", close.price.description, "mark",
                close.mark.description, "rank", String(close.rank), "score",
                close.score.description, "liquidation", String(close.liquidation),
            ]
        case .lossSocialised(let share):
            return ["socialised", names.name(share.account)]
                + pool(share.pool, of: share.account, in: engine) + [
                    share.amount.description, names.name(share.asset), "basis",
                    share.basis.description, "of", share.loss.description, "liquidation",
                    String(share.liquidation),
                ]
        case .bankruptcyDeclared(let bankruptcy):
            return ["bankruptcy", names.name(bankruptcy.account)]
                + pool(bankruptcy.pool, of: bankruptcy.account, in: engine) + [
                    bankruptcy.deficit.description, "fund", bankruptcy.paidByFund.description,
                    "socialised", bankruptcy.socialised.description,
                ]
                + (bankruptcy.paidByHouse == .zero
                    ? [] : ["house", bankruptcy.paidByHouse.description])
                + ["liquidation", String(bankruptcy.liquidation)]
        default: return []
        }
    }
}
