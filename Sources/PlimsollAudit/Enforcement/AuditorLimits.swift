import BigInt
import Plimsoll
import PlimsollUnits

/// The price at which a position's share of its pool's equity is used up.
struct BankruptcyPoint: Sendable {
    /// Exactly; `nil` where no price brings in enough.
    var exact: Rational?
    /// On the tick, in favour of the pool, within what a price may be; steps of 10⁻⁸.
    var units: BigInt
    /// One tick, steps of 10⁻⁸.
    var tick: BigInt
    var isLong: Bool

    /// Whether a price costs the pool more than the share; where even the last price there is does
    /// so, that one may be taken.
    func isUnsafe(_ price: BigInt) -> Bool { isLong ? price < units : price > units }

    /// Whether a price is kinder to the pool than rounding to the tick can make it.
    func isTooKind(_ price: BigInt) -> Bool {
        isLong ? price > units + tick : price < units - tick
    }
}

extension Auditor {
    /// Positions that may be liquidated: those with a fresh mark.
    func freshHoldings(behind pool: Pool) -> [Slot: Holding] {
        holdings(behind: pool).filter { slot, _ in
            instruments[Int(slot.instrument)].mark != nil && !isStale(slot.instrument)
        }
    }

    /// Where each of some positions uses up its share of `equity`; shares go by the maintenance that
    /// each ties up alone.
    func bankruptcyPoints(of held: [Slot: Holding], equity: Rational) -> [Slot: BankruptcyPoint] {
        var needs: [Slot: Rational] = [:]
        var total = Rational.zero
        for (slot, holding) in held {
            let need = max(Bound.fine, ownMaintenance(slot, holding))
            needs[slot] = need
            total += need
        }
        var points: [Slot: BankruptcyPoint] = [:]
        for (slot, holding) in held {
            guard let need = needs[slot] else { continue }
            let share = Rational((equity * need / total).floor(scale: 16), scale: 16)
            points[slot] = point(slot, holding.quantity, share)
        }
        return points
    }

    /// Maintenance of one position as if it stood alone in a cross pool.
    func ownMaintenance(_ slot: Slot, _ holding: Holding) -> Rational {
        var alone = holding
        alone.isIsolated = false
        return position(slot, alone)?.maintenance.exact ?? .zero
    }

    /// The price at which closing all of a position costs `share` against the mark.
    private func point(_ slot: Slot, _ quantity: BigInt, _ share: Rational) -> BankruptcyPoint {
        let rules = instruments[Int(slot.instrument)].rules
        let isLong = quantity > 0
        let size = Rational(BigInt(quantity.magnitude), scale: 8)
        let mark = price(of: slot.instrument)
        let exact: Rational?
        if rules.payoff == .inverse {
            // A long gives coin back: more coin is a lower price.
            let value = worthUnits(quantity, at: mark, in: slot.instrument).magnitude
            let worth = Rational(BigInt(value), scale: 16)
            let coin = isLong ? worth + share : worth - share
            exact = coin > .zero ? size / coin : nil
        } else {
            exact = isLong ? mark - share / size : mark + share / size
        }
        let tick = BigInt(rules.tickSize?.units ?? 1)
        return BankruptcyPoint(
            exact: exact,
            units: onTick(exact, tick, isLong, rules),
            tick: tick,
            isLong: isLong
        )
    }

    /// A price in steps of 10⁻⁸ on its tick: up for a sale, down for a purchase, within what a price
    /// may be.
    ///
    /// Without a price that brings in enough, a long has none below the largest; a short of an inverse
    /// contract is bought back at any.
    private func onTick(
        _ exact: Rational?,
        _ tick: BigInt,
        _ isLong: Bool,
        _ rules: InstrumentRules
    ) -> BigInt {
        let largest = BigInt(rules.maxPrice.units)
        guard let exact else { return largest / tick * tick }
        let whole = isLong ? exact.ceiling(scale: 8) : exact.floor(scale: 8)
        let steps = Rational(max(1, whole), tick)
        let units = (isLong ? steps.ceiling(scale: 0) : steps.floor(scale: 0)) * tick
        return min(max(1, units), largest)
    }

    // MARK: Limits of orders

    /// All orders that are out together, filled at their limits, leave the pool at zero or above; and
    /// no limit is kinder than its rounding.
    mutating func auditLimits(
        _ batch: [LiquidationOrdered],
        _ pool: Pool,
        _ rules: Enforcement,
        _ figures: AuditedFigures
    ) {
        // Equity of several assets is of another currency than a position's value.
        guard case .wallet = pool else { return }
        var held: [Slot: Holding] = [:]
        for order in batch { held[slot(of: order)] = holdings[slot(of: order)] }
        let equity = Rational(figures.equity.exact.floor(scale: 16), scale: 16)
        var cost = Rational.zero
        for order in batch {
            let slot = slot(of: order)
            guard let holding = held[slot] else { continue }
            let limit = Rational(order.limit.units, scale: 8)
            let whole = holding.quantity
            cost +=
                worth(whole, at: price(of: slot.instrument), in: slot.instrument)
                - worth(whole, at: limit, in: slot.instrument)
        }
        let points = bankruptcyPoints(of: held, equity: equity)
        let isClamped = points.contains { isLast($0.value, $0.key) }
        if cost > equity, !isClamped {
            let first = batch.first
            find(
                .limitUnsafe,
                pool.account,
                first?.instrument.index,
                expected: "at most \(equity) at the limits",
                found: cost
            )
        }
        // A position that a cap left out has a share too, and nobody says which one that was.
        let isWhole = !isCapped(rules, held.keys) || freshHoldings(behind: pool).count == 1
        guard isWhole else { return }
        for order in batch {
            guard let point = points[slot(of: order)] else { continue }
            audit(order, against: limit(order, point, rules, figures))
        }
    }

    private mutating func audit(_ order: LiquidationOrdered, against point: BankruptcyPoint) {
        let limit = BigInt(order.limit.units)
        let breach: AuditFinding.Breach
        if point.isUnsafe(limit) {
            breach = .limitUnsafe
        } else if point.isTooKind(limit) {
            breach = .limitTooKind
        } else {
            return
        }
        find(
            breach,
            order.account.index,
            order.instrument.index,
            expected: point.units,
            found: limit
        )
    }

    /// The limit of the rulebook: the bankruptcy price, or nearer by how far the pool is below.
    private func limit(
        _ order: LiquidationOrdered,
        _ point: BankruptcyPoint,
        _ rules: Enforcement,
        _ figures: AuditedFigures
    ) -> BankruptcyPoint {
        guard case .fillable(let adjustment, let spread) = rules.limitPrice,
            let holding = holdings[slot(of: order)]
        else { return point }
        let slot = slot(of: order)
        let mark = price(of: slot.instrument)
        let maintenance = figures.maintenance.exact
        let shortage =
            maintenance.isZero ? .one : (maintenance - figures.equity.exact) / maintenance
        let depth = min(.one, max(.zero, Rational(adjustment.units, scale: 8) * shortage))
        let value = worth(holding.quantity, at: mark, in: slot.instrument).magnitude
        let need = ownMaintenance(slot, holding) / value
        let distance = mark * depth * Rational(spread.units, scale: 8) * need
        var nearer = point
        nearer.exact = point.isLong ? mark - distance : mark + distance
        nearer.units = onTick(
            nearer.exact,
            point.tick,
            point.isLong,
            instruments[Int(slot.instrument)].rules
        )
        return nearer.isUnsafe(point.units) ? nearer : point
    }

    /// There is no price beyond it.
    private func isLast(_ point: BankruptcyPoint, _ slot: Slot) -> Bool {
        let largest = BigInt(instruments[Int(slot.instrument)].rules.maxPrice.units)
        return point.exact == nil || point.units <= point.tick || point.units + point.tick > largest
    }

    /// A cap may have left out or cut an order.
    func isCapped(_ rules: Enforcement, _ slots: some Sequence<Slot>) -> Bool {
        rules.notionalPerSecond != nil
            || (rules.depthShare != nil && !enforcement.depth.isEmpty)
    }
}
