import Plimsoll
import PlimsollUnits
import PlimsollWire

// What was done about pools below their lines, as JSON. Decimals are texts.
extension JSONWriter {
    /// Writes what a replay saw of enforcement, in order.
    mutating func actions(_ run: ReplayRun) {
        var writer = EffectWriter(engine: run.engine)
        array { array in
            for action in run.actions { writer.write(action, to: &array) }
        }
    }
}

/// Writes effects of enforcement with the names of an engine.
private struct EffectWriter {
    let engine: Engine
    /// The names of pools, which are looked up once each.
    private var poolNames: [PoolID: String] = [:]

    init(engine: Engine) { self.engine = engine }

    mutating func write(_ action: ReplayRun.Action, to array: inout JSONWriter) {
        array.object { object in
            write(action.effect, to: &object)
            object.field("time", number: action.time.nanoseconds / 1_000_000)
            if let line = action.line { object.field("line", number: line) }
        }
    }

    private mutating func write(_ effect: Effect, to object: inout JSONWriter) {
        switch effect {
        case .liquidationOrdered(let order): write(order, to: &object)
        case .liquidationOrdersToCancel(let orders):
            object.field("type", "liquidationOrdersToCancel")
            object.key("orders")
            object.array { list in
                for order in orders { list.number(order) }
            }
        case .liquidationEnded(let end):
            object.field("type", "liquidationEnded")
            object.field("liquidation", number: end.liquidation)
            write(end.account, end.pool, to: &object)
            object.field("outcome", end.outcome.word)
        case .insuranceMoved(let move): write(move, to: &object)
        case .deleveraged(let close): write(close, to: &object)
        case .lossSocialised(let share):
            object.field("type", "lossSocialised")
            object.field("liquidation", number: share.liquidation)
            write(share.account, share.pool, to: &object)
            object.field("asset", engine.directory.name(share.asset))
            object.field("amount", decimal: share.amount)
            object.field("basis", decimal: share.basis)
            object.field("loss", decimal: share.loss)
        case .bankruptcyDeclared(let bankruptcy):
            object.field("type", "bankruptcyDeclared")
            object.field("liquidation", number: bankruptcy.liquidation)
            write(bankruptcy.account, bankruptcy.pool, to: &object)
            object.field("deficit", decimal: bankruptcy.deficit)
            object.field("paidByFund", decimal: bankruptcy.paidByFund)
            object.field("socialised", decimal: bankruptcy.socialised)
            object.field("paidByHouse", decimal: bankruptcy.paidByHouse)
        case .balanceChanged, .positionChanged, .marginStateChanged, .ordersToCancel,
            .priceRefused, .repeated, .refused:
            preconditionFailure("Invariant: an action is an effect of enforcement")
        }
    }

    private mutating func write(_ order: LiquidationOrdered, to object: inout JSONWriter) {
        object.field("type", "liquidationOrdered")
        object.field("liquidation", number: order.liquidation)
        object.field("order", number: order.order)
        write(order.account, order.pool, to: &object)
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

    private func write(_ move: InsuranceMoved, to object: inout JSONWriter) {
        object.field("type", "insuranceMoved")
        object.field("liquidation", number: move.liquidation)
        object.field("fund", engine.directory.name(move.fund))
        object.field("reason", move.reason.word)
        object.field("asset", engine.directory.name(move.asset))
        object.field("amount", decimal: move.amount)
        object.field("balance", decimal: move.balance)
        if let instrument = move.instrument {
            object.field("symbol", engine.directory.name(instrument))
            object.field("quantity", decimal: move.quantity)
        }
        if let sale = move.sale {
            object.field("account", engine.directory.name(sale.account))
            object.field("sold", decimal: sale.sold)
            object.field("soldAsset", engine.directory.name(sale.asset))
            object.field("soldPrice", decimal: sale.price)
            object.field("bought", decimal: sale.bought)
            object.field("boughtPrice", decimal: sale.boughtPrice)
        }
    }

    private func write(_ close: Deleveraged, to object: inout JSONWriter) {
        object.field("type", "deleveraged")
        object.field("liquidation", number: close.liquidation)
        object.field("account", engine.directory.name(close.account))
        object.field("symbol", engine.directory.name(close.instrument))
        object.field("leg", close.leg.word)
        object.field("change", decimal: close.change)
        object.field("price", decimal: close.price)
        object.field("mark", decimal: close.mark)
        object.field("rank", number: close.rank)
        object.field("score", decimal: close.score)
    }

    private mutating func write(
        _ account: AccountID,
        _ pool: PoolID,
        to object: inout JSONWriter
    ) {
        object.field("account", engine.directory.name(account))
        object.field("pool", name(of: pool, account))
    }

    private mutating func name(of pool: PoolID, _ account: AccountID) -> String {
        if let known = poolNames[pool] { return known }
        let pools = engine.report(account, prices: false).pools
        let name = pools.first { $0.pool == pool }?.name(engine.directory) ?? ""
        poolNames[pool] = name
        return name
    }
}
