import BigInt
public import Plimsoll
import PlimsollUnits

/// An exact figure, and how far rounding may take the engine's from it, on either side.
public struct Bound: Hashable, Sendable {
    /// What the rules say, without rounding.
    public var exact = Rational.zero
    /// The engine may be lower by so much.
    public var below = Rational.zero
    /// The engine may be higher by so much.
    public var above = Rational.zero

    /// One step of 10⁻¹⁶.
    static let step = Rational(1, scale: 16)
    /// One step of 10⁻²⁴.
    static let fine = Rational(1, scale: 24)

    /// Whether `units` of 10⁻¹⁶ is what it may be.
    public func admits(_ units: Int128) -> Bool {
        let value = Rational(units, scale: 16)
        return exact - below <= value && value <= exact + above
    }

    static func + (lhs: Bound, rhs: Bound) -> Bound {
        Bound(
            exact: lhs.exact + rhs.exact,
            below: lhs.below + rhs.below,
            above: lhs.above + rhs.above
        )
    }

    static func - (lhs: Bound, rhs: Bound) -> Bound {
        Bound(
            exact: lhs.exact - rhs.exact,
            below: lhs.below + rhs.above,
            above: lhs.above + rhs.below
        )
    }

    static func += (lhs: inout Bound, rhs: Bound) { lhs = lhs + rhs }

    /// At least zero.
    var floored: Bound { Bound(exact: max(.zero, exact), below: below, above: above) }

    /// The larger of two.
    static func larger(_ lhs: Bound, _ rhs: Bound) -> Bound {
        Bound(
            exact: max(lhs.exact, rhs.exact),
            below: max(lhs.below, rhs.below),
            above: max(lhs.above, rhs.above)
        )
    }

    /// Multiplied by an exact rate, then rounded by at most a step.
    func times(_ rate: Rational, stepBelow: Bool) -> Bound {
        Bound(
            exact: exact * rate,
            below: below * rate + (stepBelow ? Self.step : .zero),
            above: above * rate + (stepBelow ? .zero : Self.step)
        )
    }
}

/// The figures of one pool, in its asset or in the rulebook's currency.
public struct AuditedFigures: Sendable {
    /// The wallet.
    public var wallet = Bound()
    /// Profit of the open positions.
    public var unrealized = Bound()
    /// Wallet and profit, after haircuts in multi-asset mode.
    public var equity = Bound()
    /// The same with profit left out, and losses kept.
    public var prudentEquity = Bound()
    /// Initial margin of positions.
    public var positionInitial = Bound()
    /// Initial margin of open orders.
    public var orderInitial = Bound()
    /// Maintenance margin.
    public var maintenance = Bound()

    /// What may back new positions.
    public var available: Bound { (equity - positionInitial - orderInitial).floored }
    /// What may leave.
    public var withdrawable: Bound { (prudentEquity - positionInitial - orderInitial).floored }

    /// The band; `nil` where rounding could decide it.
    public func band(_ thresholds: Thresholds) -> Band? {
        let slack = equity.below + equity.above + maintenance.below + maintenance.above
        func compare(_ line: Rational) -> Int? {
            let difference = maintenance.exact - line
            if slack.isZero { return difference.isZero ? 0 : (difference < .zero ? -1 : 1) }
            return difference.magnitude <= slack ? nil : (difference < .zero ? -1 : 1)
        }
        guard let line = compare(equity.exact) else { return nil }
        let hasMaintenance = maintenance.exact > .zero
        if line > 0 || (line == 0 && thresholds.equalityIsBelow && hasMaintenance) {
            return .liquidation
        }
        if equity.exact <= .zero { return .safe }
        for (rate, band) in [(thresholds.call, Band.call), (thresholds.watch, .watch)] {
            guard let side = compare(equity.exact * Rational(rate.units, scale: 8)) else {
                return nil
            }
            if side >= 0, hasMaintenance { return band }
        }
        return .safe
    }
}
