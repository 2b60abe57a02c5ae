import Plimsoll
import PlimsollUnits
import PlimsollWire

// Orders: why this size, and why this limit.
extension ReceiptBuilder {
    func addOrder(_ order: LiquidationOrdered, _ scene: Scene) {
        orders[order.order] = order
        let instrument = scene.after.rules(of: order.instrument)
        let rules = rules(scene)
        let book = ReceiptBook(scene.moment, receipt.account, pool)
        let plan = plan(scene)
        let verb = order.side == .sell ? "sell" : "buy back"
        let side = order.side == .sell ? "or more" : "or less"
        add(
            "ordered",
            "order \(order.order): \(verb) \(exact(order.quantity)) \(instrument.symbol) at "
                + "\(exact(order.limit)) \(side)",
            scene
        ) { step in
            step.facts = facts(of: order, instrument.symbol)
            step.details = sizeLines(order, plan, rules, scene)
            let wantsExit = plan.allSatisfy { $0.sizedBy != .depth && $0.sizedBy != .rate }
            if order.sizedBy == .exitLevel, wantsExit, let rules {
                let sum = afterwards(order, plan, rules, scene)
                step.checks.append(
                    .init(
                        "size",
                        "maintenance \(exact(order.maintenanceAfter)) ≤ \(exact(sum.most))",
                        order.maintenanceAfter <= sum.most
                    )
                )
            } else {
                step.checks.append(
                    .init(
                        "size",
                        "\(exact(order.quantity)) ≤ \(exact(magnitude(order.held))) held",
                        order.quantity <= magnitude(order.held)
                    )
                )
            }
            guard
                let position = book.fresh.first(where: {
                    $0.instrument == order.instrument && $0.leg == order.leg
                }), position.quantity == order.held, position.markPrice == order.mark
            else {
                step.details.append("limit \(exact(order.limit))")
                step.checks.append(.init("limit", "the positions then are not known", nil))
                return
            }
            addLimit(order, position, plan, book, rules, instrument, &step)
        }
    }

    private func facts(of order: LiquidationOrdered, _ symbol: String) -> [Receipt.Fact] {
        [
            .number("order", order.order), .text("symbol", symbol), .text("leg", order.leg.word),
            .text("side", order.side.word), .text("quantity", order.quantity),
            .text("limit", order.limit), .text("sizedBy", order.sizedBy.word),
            .text("held", order.held), .text("mark", order.mark),
            .number("markTime", order.markTime.nanoseconds / 1_000_000),
            .number("bracket", order.bracket + 1), .text("equity", order.equity),
            .text("maintenance", order.maintenance),
            .text("maintenanceAfter", order.maintenanceAfter),
        ]
    }

    private func magnitude(_ quantity: Quantity) -> Quantity {
        Quantity(unchecked: Int64(quantity.units.magnitude))
    }

    // MARK: Size

    /// Equity after the fees of a plan, and the most maintenance that it carries at the exit level.
    private func afterwards(
        _ order: LiquidationOrdered,
        _ plan: [LiquidationOrdered],
        _ rules: Enforcement,
        _ scene: Scene
    ) -> (fee: Money, equity: Money, exit: Rate, most: Money) {
        var fee = Money.zero
        for other in plan {
            let payoff = scene.after.rules(of: other.instrument).payoff
            let value = payoff.value(other.quantity.units, at: other.mark.units)
            fee += LiquidationPricing.fee(
                rules.fee,
                of: Money(units: value),
                equity: Money(units: Int128.max)
            )
        }
        let exit =
            scene.after.rulebook(of: scene.after.venue(of: receipt.account))?.thresholds.exit
            ?? .one
        let equity = order.equity - fee
        let most = equity.units.multiplied(
            by: Int128(exit.units),
            dividedBy: PowerOfTen.eight,
            rounding: .up
        )
        return (fee, equity, exit, Money(units: most ?? 0))
    }

    private func sizeLines(
        _ order: LiquidationOrdered,
        _ plan: [LiquidationOrdered],
        _ rules: Enforcement?,
        _ scene: Scene
    ) -> [String] {
        let held = magnitude(order.held)
        let kept = Quantity(unchecked: held.units - order.quantity.units)
        let why =
            switch order.sizedBy {
            case .exitLevel: "the least that brings the pool to its exit level"
            case .bracketStep: "down into the next lower bracket"
            case .whole: "the whole position"
            case .depth: "as much as its share of the visible depth"
            case .rate: "as much as one second allows"
            }
        var lines = [
            "size: \(why); held \(exact(held)), kept \(exact(kept))",
            "  at the mark \(exact(order.mark)), made \(Moment.text(order.markTime)): "
                + "maintenance \(exact(order.maintenance)) before, "
                + "\(exact(order.maintenanceAfter)) after",
        ]
        guard order.sizedBy == .exitLevel, let rules else { return lines }
        let sum = afterwards(order, plan, rules, scene)
        let fee =
            sum.fee == .zero
            ? exact(order.equity)
            : "(\(exact(order.equity)) \(NumberText.minus) fee \(exact(sum.fee)))"
        lines.append(
            "  \(exact(order.maintenanceAfter)) ≤ equity \(fee) × exit level \(exact(sum.exit)) = "
                + exact(sum.most)
        )
        return lines
    }

    // MARK: Limit

    private func addLimit(
        _ order: LiquidationOrdered,
        _ position: PositionReport,
        _ plan: [LiquidationOrdered],
        _ book: ReceiptBook,
        _ rules: Enforcement?,
        _ instrument: InstrumentRules,
        _ step: inout Receipt.Step
    ) {
        let sets = sharers(plan, book)
        let found = sets.first { positions in
            isLimit(order, position, positions, rules, instrument)
        }
        let limits = ReceiptLimits(equity: order.equity, positions: found ?? sets[0])
        let share = limits.share(of: position)
        if limits.positions.count > 1 {
            let total = limits.positions.reduce(Money.zero) {
                $0 + ($1.figures?.maintenanceMargin ?? .zero)
            }
            step.details.append(
                "limit: share of equity \(exact(order.equity)) × "
                    + "\(exact(position.figures?.maintenanceMargin ?? .zero)) ÷ \(exact(total)) = "
                    + exact(share)
            )
        } else {
            step.details.append("limit: all of its equity, \(exact(share)), may be used up")
        }
        let bankruptcy = limits.limits(of: position, instrument)?.0 ?? order.limit
        let rounding = order.side == .sell ? "up" : "down"
        let tick = instrument.tickSize.map { " to the tick \(exact($0))" } ?? ""
        step.details.append(
            "  \(ReceiptArithmetic.bankruptcy(position, share: share, instrument.payoff)) = "
                + "\(exact(bankruptcy)), rounded \(rounding)\(tick)"
        )
        if let rules, case .fillable(let adjustment, let spread) = rules.limitPrice {
            step.details.append(
                "  fillable: mark × (1 ∓ \(exact(adjustment)) × (1 \(NumberText.minus) "
                    + "\(exact(order.equity)) ÷ \(exact(order.maintenance))) × \(exact(spread)) × "
                    + "\(exact(position.figures?.maintenanceRate ?? SolvedPrice(units: 0)))) = "
                    + "\(exact(order.limit)), never beyond \(exact(bankruptcy))"
            )
        }
        step.checks.append(.init("limit", exact(order.limit), found != nil))
    }

    /// The sets of positions that may share the equity: those that were ordered, and these with others
    /// of which nothing could be ordered because of depth or rate.
    private func sharers(_ plan: [LiquidationOrdered], _ book: ReceiptBook) -> [[PositionReport]] {
        let ordered = book.fresh.filter { position in
            plan.contains { $0.instrument == position.instrument && $0.leg == position.leg }
        }
        let others = book.fresh.filter { position in
            !ordered.contains { $0.instrument == position.instrument && $0.leg == position.leg }
        }
        guard others.count <= 8 else { return [ordered, book.fresh] }
        return (0..<(1 << others.count)).map { chosen in
            ordered + others.indices.filter { chosen & (1 << $0) != 0 }.map { others[$0] }
        }
    }

    private func isLimit(
        _ order: LiquidationOrdered,
        _ position: PositionReport,
        _ sharers: [PositionReport],
        _ rules: Enforcement?,
        _ instrument: InstrumentRules
    ) -> Bool {
        let limits = ReceiptLimits(equity: order.equity, positions: sharers)
        guard let (low, high) = limits.limits(of: position, instrument) else { return false }
        guard case .fillable(let adjustment, let spread) = rules?.limitPrice,
            let figures = position.figures
        else { return (low...high).contains(order.limit) }
        // The engine rounds the position's own maintenance down, what it publishes is rounded up.
        return ([0, 1] as [Int128]).contains { less in
            let price = FillablePrice(
                equity: order.equity,
                maintenance: order.maintenance,
                value: figures.notional,
                positionMaintenance: Money(units: figures.maintenanceMargin.units - less),
                mark: order.mark,
                side: order.side,
                adjustment: adjustment,
                spread: spread
            ).limit
            let isLong = order.side == .sell
            let offered = ReceiptLimits.onTick(price, isLong, instrument)
            let bounds =
                isLong
                ? (max(low, offered), max(high, offered))
                : (min(low, offered), min(high, offered))
            return (bounds.0...bounds.1).contains(order.limit)
        }
    }
}
