package import Plimsoll
import PlimsollUnits
package import PlimsollWire

/// What an effect's numbers are called: an engine, or what was taken of one.
package protocol EffectNaming {
    /// The names of accounts, assets and instruments.
    var directory: Directory { get }
    /// Where a pool is.
    borrowing func place(of pool: PoolID) -> PoolPlace?
}

extension Engine: EffectNaming {}

/// What some effects need of an engine to be written, so that it need not be held meanwhile.
package struct EffectNames: EffectNaming {
    package let directory: Directory
    private var places: [PoolID: PoolPlace] = [:]

    /// The names of a directory, and no pools.
    package init(_ directory: Directory) { self.directory = directory }

    /// Takes what an effect needs.
    package mutating func take(_ effect: Effect, from engine: borrowing Engine) {
        guard let pool = effect.pool, places[pool] == nil else { return }
        places[pool] = engine.place(of: pool)
    }

    package func place(of pool: PoolID) -> PoolPlace? { places[pool] }
}

extension Effect {
    /// The pool that is named when it is written.
    fileprivate var pool: PoolID? {
        switch self {
        case .balanceChanged(let effect): effect.pool
        case .marginStateChanged(let effect): effect.pool
        case .liquidationOrdered(let effect): effect.pool
        case .liquidationEnded(let effect): effect.pool
        case .lossSocialised(let effect): effect.pool
        case .bankruptcyDeclared(let effect): effect.pool
        case .positionChanged, .ordersToCancel, .priceRefused, .repeated, .refused,
            .liquidationOrdersToCancel, .insuranceMoved, .deleveraged:
            nil
        }
    }
}

/// Writes effects as JSON with the names of an engine; decimals are texts.
///
/// What it writes of an effect depends on nothing but the effect and the engine after it.
package struct EffectWriter: Sendable {
    /// A writer.
    package init() {}

    /// Writes the fields of an effect into an object, its `type` first.
    package mutating func write(
        _ effect: Effect,
        of engine: borrowing some EffectNaming,
        to object: inout JSONWriter
    ) {
        switch effect {
        case .balanceChanged(let change): write(change, of: engine, to: &object)
        case .positionChanged(let change): write(change, engine.directory, to: &object)
        case .marginStateChanged(let change): write(change, of: engine, to: &object)
        case .ordersToCancel(let account, let orders):
            object.field("type", "ordersToCancel")
            object.field("account", engine.directory.name(account))
            object.field("orders", texts: orders)
        case .priceRefused(let refusal):
            object.field("type", "priceRefused")
            object.field("symbol", engine.directory.name(refusal.instrument))
            object.field("price", decimal: refusal.price)
            object.field("reference", decimal: refusal.reference)
            object.field("agreeing", number: refusal.agreeing)
        case .repeated:
            object.field("type", "repeated")
        case .refused(let rejection):
            object.field("type", "refused")
            object.field("code", rejection.code)
            object.field("problem", rejection.problem)
            object.field("remedy", rejection.remedy)
        case .liquidationOrdered(let order): write(order, of: engine, to: &object)
        case .liquidationOrdersToCancel(let orders):
            object.field("type", "liquidationOrdersToCancel")
            object.key("orders")
            object.array { list in
                for order in orders { list.number(order) }
            }
        case .liquidationEnded(let end):
            object.field("type", "liquidationEnded")
            object.field("liquidation", number: end.liquidation)
            write(end.account, end.pool, of: engine, to: &object)
            object.field("outcome", end.outcome.word)
        case .insuranceMoved(let move): write(move, engine.directory, to: &object)
        case .deleveraged(let close): write(close, engine.directory, to: &object)
        case .lossSocialised(let share):
            object.field("type", "lossSocialised")
            object.field("liquidation", number: share.liquidation)
            write(share.account, share.pool, of: engine, to: &object)
            object.field("asset", engine.directory.name(share.asset))
            object.field("amount", decimal: share.amount)
            object.field("basis", decimal: share.basis)
            object.field("loss", decimal: share.loss)
        case .bankruptcyDeclared(let bankruptcy):
            object.field("type", "bankruptcyDeclared")
            object.field("liquidation", number: bankruptcy.liquidation)
            write(bankruptcy.account, bankruptcy.pool, of: engine, to: &object)
            object.field("deficit", decimal: bankruptcy.deficit)
            object.field("paidByFund", decimal: bankruptcy.paidByFund)
            object.field("socialised", decimal: bankruptcy.socialised)
            object.field("paidByHouse", decimal: bankruptcy.paidByHouse)
        }
    }

    private func write(
        _ change: BalanceChanged,
        of engine: borrowing some EffectNaming,
        to object: inout JSONWriter
    ) {
        object.field("type", "balanceChanged")
        write(change.account, change.pool, of: engine, to: &object)
        object.field("asset", engine.directory.name(change.asset))
        object.field("change", decimal: change.change)
        object.field("balance", decimal: change.balance)
        object.field("source", change.source.word)
    }

    private func write(
        _ change: PositionChanged,
        _ directory: Directory,
        to object: inout JSONWriter
    ) {
        object.field("type", "positionChanged")
        object.field("account", directory.name(change.account))
        object.field("symbol", directory.name(change.instrument))
        object.field("leg", change.leg.word)
        object.field("quantity", decimal: change.quantity)
        object.field("cost", decimal: change.cost)
    }

    private func write(
        _ change: MarginStateChanged,
        of engine: borrowing some EffectNaming,
        to object: inout JSONWriter
    ) {
        object.field("type", "marginStateChanged")
        write(change.account, change.pool, of: engine, to: &object)
        object.field("fromBand", change.fromBand.word)
        object.field("band", change.band.word)
        object.field("fromMode", change.fromMode.word)
        object.field("mode", change.mode.word)
        object.field("equity", decimal: change.equity)
        object.field("initialMargin", decimal: change.initial)
        object.field("maintenanceMargin", decimal: change.maintenance)
        object.field("isStale", boolean: change.isStale)
        object.field("reason", change.reason)
    }

    private func write(
        _ order: LiquidationOrdered,
        of engine: borrowing some EffectNaming,
        to object: inout JSONWriter
    ) {
        object.field("type", "liquidationOrdered")
        object.field("liquidation", number: order.liquidation)
        object.field("order", number: order.order)
        write(order.account, order.pool, of: engine, to: &object)
        object.field("symbol", engine.directory.name(order.instrument))
        object.field("leg", order.leg.word)
        object.field("side", order.side.word)
        object.field("quantity", decimal: order.quantity)
        object.field("limit", decimal: order.limit)
        object.field("sizedBy", order.sizedBy.word)
        object.field("held", decimal: order.held)
        object.field("mark", decimal: order.mark)
        object.field("markTime", number: order.markTime.nanoseconds / 1_000_000)
        object.field("bracket", number: order.bracket + 1)
        object.field("equity", decimal: order.equity)
        object.field("maintenance", decimal: order.maintenance)
        object.field("maintenanceAfter", decimal: order.maintenanceAfter)
    }

    private func write(
        _ move: InsuranceMoved,
        _ directory: Directory,
        to object: inout JSONWriter
    ) {
        object.field("type", "insuranceMoved")
        object.field("liquidation", number: move.liquidation)
        object.field("fund", directory.name(move.fund))
        object.field("reason", move.reason.word)
        object.field("asset", directory.name(move.asset))
        object.field("amount", decimal: move.amount)
        object.field("balance", decimal: move.balance)
        if let instrument = move.instrument {
            object.field("symbol", directory.name(instrument))
            object.field("quantity", decimal: move.quantity)
        }
        if let sale = move.sale {
            object.field("account", directory.name(sale.account))
            object.field("sold", decimal: sale.sold)
            object.field("soldAsset", directory.name(sale.asset))
            object.field("soldPrice", decimal: sale.price)
            object.field("bought", decimal: sale.bought)
            object.field("boughtPrice", decimal: sale.boughtPrice)
        }
    }

    private func write(
        _ close: Deleveraged,
        _ directory: Directory,
        to object: inout JSONWriter
    ) {
        object.field("type", "deleveraged")
        object.field("liquidation", number: close.liquidation)
        object.field("account", directory.name(close.account))
        object.field("symbol", directory.name(close.instrument))
        object.field("leg", close.leg.word)
        object.field("change", decimal: close.change)
        object.field("price", decimal: close.price)
        object.field("mark", decimal: close.mark)
        object.field("rank", number: close.rank)
        object.field("score", decimal: close.score)
    }

    private func write(
        _ account: AccountID,
        _ pool: PoolID,
        of engine: borrowing some EffectNaming,
        to object: inout JSONWriter
    ) {
        object.field("account", engine.directory.name(account))
        object.field("pool", engine.place(of: pool)?.name(engine.directory) ?? "")
    }
}
