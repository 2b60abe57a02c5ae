import Plimsoll
import PlimsollUnits
import PlimsollWire

extension Payoff {
    /// The signed value of a position at a price, inverse values rounded up.
    func value(_ quantity: Int64, at price: Int64) -> Int128 {
        guard self == .inverse else { return Int128(quantity) * Int128(price) }
        return (Int128(quantity) * PowerOfTen.sixteen)
            .divided(by: Int128(price), rounding: .up)
    }

    /// What a position is worth at `mark` more than at `price`.
    func profit(_ quantity: Int64, mark: Price, from price: Price) -> Money {
        let (now, then) = (value(quantity, at: mark.units), value(quantity, at: price.units))
        return Money(units: self == .inverse ? then - now : now - then)
    }
}

/// A pool as an engine shows it.
struct ReceiptBook {
    var figures: MarginFigures?
    /// Its positions with figures.
    var positions: [PositionReport] = []
    /// Those whose mark is fresh.
    var fresh: [PositionReport] = []

    init(_ engine: Engine?, _ account: AccountID, _ pool: PoolID) {
        guard let engine else { return }
        let report = engine.report(account, prices: false)
        figures = report.pools.first { $0.pool == pool }?.figures
        positions = report.positions.filter { $0.pool == pool && $0.figures != nil }
        fresh = positions.filter { !report.stale.contains($0.symbol) }
    }
}

/// Recomputed limits: where a position's share of its pool's equity is used up.
struct ReceiptLimits {
    let equity: Money
    /// Positions that share it.
    let positions: [PositionReport]

    private func need(_ position: PositionReport) -> Int128 {
        max(1, position.figures?.maintenanceMargin.units ?? 1)
    }

    /// The share of a position, as far as published maintenance tells.
    func share(of position: PositionReport) -> Money {
        let total = positions.reduce(Int128(0)) { $0 + need($1) }
        return LiquidationPricing.share(
            of: equity,
            freeing: Money(units: need(position)),
            from: Money(units: total)
        )
    }

    /// The nearest and the farthest limit that the published maintenances allow; they are the same but
    /// where a maintenance has more digits than are published.
    func limits(
        of position: PositionReport,
        _ rules: InstrumentRules
    ) -> (Price, Price)? {
        let own = need(position)
        let others = positions.reduce(Int128(0)) { $0 + need($1) } - own
        let many = Int128(positions.count - 1)
        let shares: [(Int128, Int128)] = [
            (own, own + others), (max(1, own - 1), max(1, own - 1) + others),
            (own, own + max(0, others - many)),
        ]
        let prices = shares.compactMap { part, total in
            limit(
                position,
                rules,
                LiquidationPricing.share(
                    of: equity,
                    freeing: Money(units: part),
                    from: Money(units: total)
                )
            )
        }
        guard let low = prices.min(), let high = prices.max() else { return nil }
        return (low, high)
    }

    /// `(value − share) ÷ quantity` of a long, on the tick.
    private func limit(
        _ position: PositionReport,
        _ rules: InstrumentRules,
        _ share: Money
    ) -> Price? {
        guard let mark = position.markPrice else { return nil }
        let value = rules.payoff.value(position.quantity.units, at: mark.units)
        let isLong = position.quantity.units > 0
        let price = LiquidationPricing.bankruptcyPrice(
            closing: position.quantity,
            value: Money(units: value).magnitude,
            share: share,
            rules.payoff
        )
        return Self.onTick(
            price ?? (isLong ? rules.maxPrice : Price(unchecked: 1)),
            isLong,
            rules
        )
    }

    /// A limit on the tick, in favour of the pool.
    static func onTick(_ price: Price, _ isLong: Bool, _ rules: InstrumentRules) -> Price {
        let tick = Int128(rules.tickSize?.units ?? 1)
        let rounded =
            Int128(price.units).divided(by: tick, rounding: isLong ? .up : .down) * tick
        return Price(unchecked: Int64(min(max(rounded, 1), Int128(rules.maxPrice.units))))
    }
}

/// Formulas with their numbers put in.
enum ReceiptArithmetic {
    /// A position with its mark and the requirement of it.
    static func lines(
        _ position: PositionReport,
        _ marks: [InstrumentID: ReceiptBuilder.MarkOrigin]
    ) -> [String] {
        guard let figures = position.figures, let mark = position.markPrice else { return [] }
        let side = position.quantity.units > 0 ? "long" : "short"
        let size = exact(Quantity(unchecked: Int64(position.quantity.units.magnitude)))
        var made = ""
        if let origin = marks[position.instrument], origin.price == mark {
            made = ", made \(Moment.text(origin.time)), line \(origin.line)"
        }
        var lines = ["\(position.symbol) \(side) \(size) at the mark \(exact(mark))\(made)"]
        let rate = figures.maintenanceRate
        let exactly = figures.notional.units.multiplied(
            by: rate.units,
            dividedBy: PowerOfTen.sixteen,
            rounding: .up
        ).map { Money(units: $0) - figures.maintenanceAmount }
        let bracket = figures.bracket.map { "bracket \($0 + 1): " } ?? ""
        let amount =
            figures.maintenanceAmount == .zero
            ? "" : " \(NumberText.minus) \(exact(figures.maintenanceAmount))"
        lines.append(
            exactly == figures.maintenanceMargin
                ? "  \(bracket)maintenance \(exact(figures.notional)) × \(exact(rate))\(amount) = "
                    + exact(figures.maintenanceMargin)
                : "  \(bracket)maintenance \(exact(figures.maintenanceMargin)) on "
                    + exact(figures.notional)
        )
        return lines
    }

    /// The same for programs; names begin with the symbol.
    static func facts(
        _ position: PositionReport,
        _ marks: [InstrumentID: ReceiptBuilder.MarkOrigin]
    ) -> [Receipt.Fact] {
        guard let figures = position.figures, let mark = position.markPrice else { return [] }
        let leg = position.leg == .net ? "" : ".\(position.leg.word)"
        let name = position.symbol + leg
        var facts: [Receipt.Fact] = [
            .text("\(name).quantity", position.quantity), .text("\(name).mark", mark),
            .text("\(name).maintenance", figures.maintenanceMargin),
        ]
        if let bracket = figures.bracket { facts.append(.number("\(name).bracket", bracket + 1)) }
        if let origin = marks[position.instrument], origin.price == mark {
            facts.append(.number("\(name).markTime", origin.time.nanoseconds / 1_000_000))
        }
        return facts
    }

    /// `(4,010 − 8) ÷ 0.1`, or for inverse payoffs `100 ÷ (0.002 + 0.0001)`.
    static func bankruptcy(
        _ position: PositionReport,
        share: Money,
        _ payoff: Payoff
    ) -> String {
        guard let mark = position.markPrice else { return "" }
        let isLong = position.quantity.units > 0
        let value = Money(units: payoff.value(position.quantity.units, at: mark.units)).magnitude
        let size = exact(Quantity(unchecked: Int64(position.quantity.units.magnitude)))
        let adds = isLong == (payoff == .inverse) ? share : -share
        let sign = adds < .zero ? NumberText.minus : "+"
        let sum = "(\(exact(value)) \(sign) \(exact(adds.magnitude)))"
        return payoff == .inverse ? "\(size) ÷ \(sum)" : "\(sum) ÷ \(size)"
    }
}
