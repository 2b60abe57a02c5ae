package import Plimsoll
import PlimsollUnits
import PlimsollWire

/// Turns the effects of a liquidation into the steps of its receipt.
package final class ReceiptBuilder {
    /// One event within the liquidation.
    package struct Scene {
        var event: Event
        var effects: [Effect]
        var line: Int
        /// With the event, and before what follows from it for this pool.
        var moment: Engine?
        var after: Engine

        package init(
            event: Event,
            effects: [Effect],
            line: Int,
            moment: Engine?,
            after: Engine
        ) {
            self.event = event
            self.effects = effects
            self.line = line
            self.moment = moment
            self.after = after
        }
    }

    /// A mark that was believed.
    struct MarkOrigin {
        var price: Price
        var time: Timestamp
        var line: Int
    }

    let index: ReceiptIndex
    package private(set) var receipt: Receipt
    let pool: PoolID
    let verifies: Bool
    var orders: [UInt64: LiquidationOrdered] = [:]
    /// What was filled of each order.
    var filled: [UInt64: Int64] = [:]
    var marks: [InstrumentID: MarkOrigin] = [:]

    package init(index: ReceiptIndex, receipt: Receipt, pool: PoolID, verifies: Bool) {
        self.index = index
        self.receipt = receipt
        self.pool = pool
        self.verifies = verifies
    }

    /// Remembers where the mark of an instrument came from.
    package func noteMark(_ event: Event, _ engine: Engine, line: Int) {
        guard case .marked(let marked) = event.body,
            marked.instrument.index < engine.directory.instruments.count,
            engine.mark(of: marked.instrument) == marked.price
        else { return }
        marks[marked.instrument] = MarkOrigin(
            price: marked.price,
            time: event.time,
            line: line
        )
    }

    /// Adds what an event did about the liquidation.
    package func add(_ scene: Scene) {
        nameOnce(scene.after)
        switch scene.event.body {
        case .liquidationFilled(let fill) where index.orders.contains(fill.order):
            addFill(fill, scene)
        case .liquidationOrderEnded(let end) where index.orders.contains(end.order):
            addOrderEnd(end, scene)
        default: break
        }
        for place in scene.effects.indices { addEffect(at: place, scene) }
    }

    private func addEffect(at place: Int, _ scene: Scene) {
        switch scene.effects[place] {
        case .marginStateChanged(let change) where change.pool == pool:
            if change.mode == .liquidating, change.fromMode != .liquidating {
                addFall(change, scene)
            }
        case .ordersToCancel(let account, let orders) where account == receipt.account:
            let names = orders.joined(separator: ", ")
            add("ordersCancelled", "what would add risk is cancelled: \(names)", scene) {
                $0.facts = [.init(name: "orders", value: .texts(orders))]
            }
        case .liquidationOrdered(let order) where order.liquidation == index.number:
            addOrder(order, scene)
        case .liquidationOrdersToCancel(let numbers):
            let own = numbers.filter { index.orders.contains($0) }.map { "\($0)" }
            guard !own.isEmpty else { return }
            add("ordersToCancel", "the line is left: cancel \(words("order", own))", scene) {
                $0.facts = [.init(name: "orders", value: .texts(own))]
            }
        case .insuranceMoved(let move) where move.liquidation == index.number:
            switch move.reason {
            case .fee: addConversion(move, scene)  // that of a fill stands with its fill
            case .takeover: addTakeover(move, scene)
            case .deficit: addFundPayment(move, scene)
            }
        case .deleveraged(let close) where close.liquidation == index.number:
            addDeleveraging(close, scene)
        case .lossSocialised(let share) where share.liquidation == index.number:
            addShare(share, at: place, scene)
        case .bankruptcyDeclared(let declared) where declared.liquidation == index.number:
            addBankruptcy(declared, at: place, scene)
        case .liquidationEnded(let ended) where ended.liquidation == index.number:
            addEnd(ended, scene)
        default: break
        }
    }

    // MARK: Parts

    /// Adds a step that concerns the liquidated account, and others as `fill` says.
    func add(
        _ type: String,
        _ title: String,
        _ scene: Scene,
        _ fill: (inout Receipt.Step) -> Void = { _ in }
    ) {
        var step = Receipt.Step(
            type: type,
            time: scene.event.at,
            line: scene.line,
            title: title,
            accounts: [receipt.account]
        )
        fill(&step)
        for account in step.accounts {
            receipt.names[account] = scene.after.directory.name(account)
        }
        if !verifies { step.checks = [] }
        receipt.steps.append(step)
    }

    private func nameOnce(_ engine: Engine) {
        guard receipt.accountName.isEmpty else { return }
        receipt.accountName = engine.directory.name(receipt.account)
        receipt.names[receipt.account] = receipt.accountName
        let report = engine.report(receipt.account, prices: false)
        if let own = report.pools.first(where: { $0.pool == pool }) {
            receipt.poolName = own.name(engine.directory)
            receipt.asset = own.asset
        }
        if let rulebook = engine.rulebook(of: engine.venue(of: receipt.account)) {
            receipt.rulebook = "\(rulebook.id)@\(rulebook.version)"
        }
    }

    private func words(_ noun: String, _ names: [String]) -> String {
        "\(noun)\(names.count == 1 ? "" : "s") \(names.joined(separator: ", "))"
    }

    /// The rules of enforcement that held before an event.
    func rules(_ scene: Scene) -> Enforcement? {
        scene.after.rulebook(of: scene.after.venue(of: receipt.account))?.enforcement
    }

    /// All orders that were planned together.
    func plan(_ scene: Scene) -> [LiquidationOrdered] {
        scene.effects.compactMap {
            guard case .liquidationOrdered(let order) = $0, order.liquidation == index.number
            else { return nil }
            return order
        }
    }

    /// Nothing else below a line was worked off in the same event, and the pool was seen before it.
    private func isAlone(_ scene: Scene) -> Bool {
        scene.moment != nil
            && scene.effects.allSatisfy { ($0.liquidation ?? index.number) == index.number }
    }

    // MARK: The line

    private func addFall(_ change: MarginStateChanged, _ scene: Scene) {
        let below = ReceiptBook(scene.moment, receipt.account, pool)
        let equalityIsBelow =
            scene.after.rulebook(of: scene.after.venue(of: receipt.account))?
            .thresholds.equalityIsBelow ?? false
        let sign = change.equity == change.maintenance ? "≤" : "<"
        let marks = marks
        add("belowLine", "below its line", scene) { step in
            step.facts = [
                .text("equity", change.equity), .text("initial", change.initial),
                .text("maintenance", change.maintenance),
            ]
            step.details.append(
                "equity \(exact(change.equity)) \(sign) maintenance \(exact(change.maintenance));"
                    + " initial margin \(exact(change.initial))"
            )
            step.checks.append(
                .init(
                    "inequality",
                    "\(exact(change.equity)) \(sign) \(exact(change.maintenance))",
                    equalityIsBelow
                        ? change.equity <= change.maintenance : change.equity < change.maintenance
                )
            )
            guard let figures = below.figures, figures.equity == change.equity,
                figures.maintenanceMargin == change.maintenance
            else {
                step.details.append("wallet and positions then cannot be seen")
                step.checks.append(
                    .init("figures", "from wallet and positions", isAlone(scene) ? false : nil)
                )
                return
            }
            step.details.append(
                "equity = wallet \(exact(figures.walletBalance)) + unrealised profit "
                    + exact(figures.unrealizedPnl)
            )
            for position in below.positions {
                step.details.append(contentsOf: ReceiptArithmetic.lines(position, marks))
                step.facts.append(contentsOf: ReceiptArithmetic.facts(position, marks))
            }
            step.checks.append(
                .init("figures", "equity and maintenance from wallet and positions", true)
            )
        }
    }

    // MARK: Fills and ends of orders

    private func addFill(_ fill: LiquidationFilled, _ scene: Scene) {
        guard let order = orders[fill.order] else { return }
        let party = scene.after.directory.name(fill.counterparty.account)
        let amount = "\(exact(fill.quantity)) of order \(fill.order) at \(exact(fill.price))"
        for case .refused(let rejection) in scene.effects {
            add("fillRefused", "a fill of \(amount) is refused", scene) { step in
                step.facts = [.text("code", rejection.code)]
                step.details = [rejection.problem]
            }
            return
        }
        guard !scene.effects.contains(.repeated) else { return }
        filled[fill.order, default: 0] += fill.quantity.units
        let sum = Quantity(unchecked: filled[fill.order] ?? 0)
        let fee = fee(in: scene)
        let rules = rules(scene)
        let payoff = scene.after.rules(of: order.instrument).payoff
        let notional = payoff.value(fill.quantity.units, at: fill.price.units).magnitude
        let account = receipt.account
        let book = ReceiptBook(scene.moment, account, pool)
        add("filled", "filled \(amount) with \(party)", scene) { step in
            step.accounts.insert(fill.counterparty.account)
            step.facts = [
                .number("order", fill.order), .text("quantity", fill.quantity),
                .text("price", fill.price), .text("fee", fee?.amount ?? .zero),
            ]
            for effect in scene.effects {
                if case .balanceChanged(let change) = effect, change.account == account,
                    change.source == .realizedPnl
                {
                    step.details.append(
                        "realised \(signed(change.change)), wallet \(exact(change.balance))"
                    )
                    step.facts.append(.text("realized", change.change))
                }
            }
            let isBetter =
                order.side == .sell ? fill.price >= order.limit : fill.price <= order.limit
            let side = order.side == .sell ? "≥" : "≤"
            step.checks = [
                .init("price", "\(exact(fill.price)) \(side) \(exact(order.limit))", isBetter),
                .init(
                    "quantity",
                    "\(exact(sum)) ≤ \(exact(order.quantity)) ordered",
                    sum <= order.quantity
                ),
            ]
            guard let rate = rules?.fee, rate > .zero else { return }
            let most = LiquidationPricing.fee(
                rate,
                of: Money(units: Int128(notional)),
                equity: Money(units: Int128.max)
            )
            let paid = fee?.amount ?? .zero
            let place = fee.map { " to \(scene.after.directory.name($0.fund))" } ?? ""
            step.details.append(
                "fee \(exact(paid))\(place): \(exact(rate)) × "
                    + "\(exact(Money(units: Int128(notional)))) = \(exact(most))"
                    + (paid < most ? ", as far as equity goes beyond what is still ordered" : "")
            )
            if let fee { step.accounts.insert(fee.fund) }
            step.checks.append(
                .init("fee", "\(exact(paid)) ≤ \(exact(most))", paid <= most)
            )
            guard paid > .zero else { return }
            let equity = book.figures?.equity
            step.checks.append(
                .init(
                    "fee and equity",
                    equity.map { "equity \(exact($0)) ≥ 0 with the fee paid" }
                        ?? "equity is not known",
                    equity.map { $0 >= .zero }
                )
            )
        }
    }

    private func fee(in scene: Scene) -> InsuranceMoved? {
        for case .insuranceMoved(let move) in scene.effects
        where move.liquidation == index.number && move.reason == .fee && move.sale == nil {
            return move
        }
        return nil
    }

    private func addOrderEnd(_ end: LiquidationOrderEnded, _ scene: Scene) {
        guard let order = orders[end.order], !scene.effects.contains(.repeated) else { return }
        for case .refused in scene.effects { return }
        let left = order.quantity.units - (filled[end.order] ?? 0)
        let rest = Quantity(unchecked: left)
        add(
            "orderEnded",
            "order \(end.order) ends \(end.reason.word): \(exact(rest)) was not filled",
            scene
        ) {
            $0.facts = [
                .number("order", end.order), .text("reason", end.reason.word),
                .text("unfilled", rest),
            ]
        }
    }

    // MARK: The end

    private func addEnd(_ ended: LiquidationEnded, _ scene: Scene) {
        receipt.outcome = ended.outcome
        let how =
            switch ended.outcome {
            case .recovered: "recovered, back at its exit level"
            case .closed: "closed, nothing is left and nothing is owed"
            case .absorbed: "absorbed, what it owed was paid by others"
            }
        let figures = ReceiptBook(scene.after, receipt.account, pool).figures
        add("ended", "over: \(how)", scene) { step in
            step.facts = [.text("outcome", ended.outcome.word)]
            guard let figures else { return }
            step.details.append(
                "equity \(exact(figures.equity)), maintenance \(exact(figures.maintenanceMargin))"
            )
            step.facts.append(.text("equity", figures.equity))
            step.facts.append(.text("maintenance", figures.maintenanceMargin))
        }
    }

    /// Adds the check of the whole history.
    package func addHistory(restored: Bool, same: Bool, digest: UInt128) {
        receipt.steps.append(
            Receipt.Step(
                type: "replayed",
                time: receipt.steps.last?.time ?? .zero,
                line: index.first,
                title: "replayed from a snapshot before line \(index.first)",
                facts: [.text("digest", digest.hex)],
                accounts: Set(receipt.names.keys),
                checks: [.init("digest", digest.hex, restored && same)]
            )
        )
    }
}

/// A number as people read it, with every digit.
func exact(_ value: some CustomStringConvertible) -> String { NumberText.exact(value.description) }

/// The same with a sign.
func signed(_ value: Money) -> String { (value > .zero ? "+" : "") + exact(value) }
