public import PlimsollUnits

/// Why a position has no liquidation or bankruptcy price.
public enum NoPrice: String, Hashable, Sendable, CaseIterable {
    /// There is no position.
    case noPosition
    /// The legs cancel: no price moves the pool to its line.
    case hedged
    /// No price that the instrument admits moves the pool to its line.
    case overCollateralised
    /// A price is missing, so nothing can be solved.
    case missingPrice
}

/// A solved price, or why there is none.
public enum PriceAnswer: Hashable, Sendable {
    /// The price.
    case price(SolvedPrice)
    /// There is none.
    case none(NoPrice)

    /// The price, if there is one.
    public var price: SolvedPrice? {
        switch self {
        case .price(let price): price
        case .none: nil
        }
    }
}

/// Which line a price is solved for.
enum Line: Sendable {
    /// Equity meets maintenance, by the rulebook's side of equality.
    case maintenance
    /// Equity meets zero.
    case bankruptcy
}

/// Solves for the mark of one instrument at which a pool meets a line, all else equal.
///
/// The pool's own exact computation is asked at trial prices, so the answer cannot disagree with it.
/// Between neighbouring break points (prices at which a leg changes its bracket) excess is monotone in
/// the price: linear for linear payoffs, linear in 1 ÷ price for inverse ones. So the first pair of
/// neighbours on different sides of the line holds the nearest root on that side of the mark; halving
/// finds the step of 10⁻⁸ at which the answer turns, and a straight line inside it the rest.
struct PriceSolver {
    let ledger: Ledger
    let lead: Int32
    let instrument: Int32
    let line: Line
    private let thresholds: Thresholds
    private let rest: PlainRest?

    init(ledger: Ledger, lead: Int32, instrument: Int32, line: Line) {
        self.ledger = ledger
        self.lead = lead
        self.instrument = instrument
        self.line = line
        thresholds = ledger.terms(of: ledger.pools[Int(lead)].account)?.thresholds ?? Thresholds()
        rest = PlainRest(ledger, lead, without: instrument)
    }

    /// The root nearest to the mark.
    func solve() -> PriceAnswer {
        let legs = ledger.legs(of: lead, instrument: instrument)
        guard !legs.isEmpty else { return .none(.noPosition) }
        let mark = ledger.instruments[Int(instrument)].mark
        guard mark > 0, excess(at: mark) != nil else { return .none(.missingPrice) }
        let points = breakPoints(legs)
        let above = root(from: mark, through: points.lazy.filter { $0 > mark })
        let below = root(from: mark, through: points.reversed().lazy.filter { $0 < mark })
        let center = SolvedPrice(Price(unchecked: mark)).units
        let found = [below, above].compactMap(\.self)
            .min { ($0 - center).magnitude < ($1 - center).magnitude }
        if let found { return .price(SolvedPrice(units: found)) }
        let net = legs.reduce(Int128(0)) { $0 + Int128($1) }
        return .none(net == 0 && legs.count > 1 ? .hedged : .overCollateralised)
    }

    /// Equity less requirement at `price`, in 10⁻²⁴, and whether that is below the line.
    func excess(at price: Int64) -> (units: Int128, isBelow: Bool)? {
        guard let figures = figures(at: price) else { return nil }
        switch line {
        case .bankruptcy:
            return (figures.equityFine, figures.equity < 0)
        case .maintenance:
            let (units, overflow) = figures.equityFine.subtractingReportingOverflow(
                figures.maintenance
            )
            return (overflow ? Int128.min : units, thresholds.isBelow(figures))
        }
    }

    private func figures(at price: Int64) -> PoolFigures? {
        if let figures = rest?.figures(at: price, in: ledger) { return figures }
        return try? ledger.figures(
            ofPool: lead,
            supposing: Supposition(trial: (instrument, price))
        )
    }

    /// Prices at which the pool's excess may change its slope, with the ends of what is searched; one may be
    /// there twice.
    private func breakPoints(_ legs: [Int64]) -> [Int64] {
        let rules = ledger.instruments[Int(instrument)].rules
        let largest = legs.map { Int128($0.magnitude) }.max() ?? 1
        // Beyond these a position is worth more than any pool may hold.
        var low: Int128 = 1
        var high = Int128(min(Limits.price, rules.maxPrice.units))
        if rules.payoff == .inverse {
            low = max(low, (largest * PowerOfTen.sixteen) / Limits.money)
        } else {
            high = min(high, Limits.money / largest)
        }
        var points = [Int64(low), Int64(max(low, high))]
        for edge in bracketEdges(legs, rules) + vertices(legs, rules) + kinks(legs, rules) {
            for point in edge - 1...edge + 1 where point > low && point < high {
                points.append(Int64(point))
            }
        }
        points.sort()
        return points
    }

    /// Prices at which a leg's notional meets the floor of a bracket.
    private func bracketEdges(_ legs: [Int64], _ rules: InstrumentRules) -> [Int128] {
        guard case .brackets(let schedule) = rules.schedule, schedule.key == .notional else {
            return []
        }
        return legs.flatMap { leg in
            schedule.brackets.dropFirst().map { bracket in
                let size = Int128(leg.magnitude)
                return rules.payoff == .inverse
                    ? (size * PowerOfTen.sixteen) / bracket.floor : bracket.floor / size
            }
        }
    }

    /// The price at which the excess of inverse legs turns where their rates rise with their value in coin.
    ///
    /// With x = 1 ÷ price, net and gross sizes and the sum of squared sizes it is −net × x − base × gross × x − slope × squares ×
    /// x², and a constant: its vertex is at x = (−net − base × gross) ÷ (2 × slope × squares), one for all legs together.
    private func vertices(_ legs: [Int64], _ rules: InstrumentRules) -> [Int128] {
        guard rules.payoff == .inverse, case .affine(let schedule) = rules.schedule,
            schedule.maintenanceSlope > 0
        else { return [] }
        var (rise, squares): (Int128, Int128) = (0, 0)
        for leg in legs {
            let size = Int128(leg.magnitude)
            rise -= Int128(leg) * PowerOfTen.eight + size * Int128(schedule.maintenanceBase.units)
            squares += size * size
        }
        guard rise > 0 else { return [] }
        // Price = 2 × slope × squares ÷ rise, with the scales of 10⁻⁸ each.
        return [
            squares.multiplied(
                by: 2 * Int128(schedule.maintenanceSlope),
                dividedBy: rise * PowerOfTen.eight,
                rounding: .halfEven
            )
        ].compactMap(\.self)
    }

    /// Prices at which the equity of a multi-asset pool in the settlement asset is zero or meets a
    /// tier of collateral: there its value changes slope.
    private func kinks(_ legs: [Int64], _ rules: InstrumentRules) -> [Int128] {
        guard ledger.pools[Int(lead)].isMultiAsset else { return [] }
        let settle = ledger.instruments[Int(instrument)].settle.index
        let net = legs.reduce(Int128(0)) { $0 + Int128($1) }
        guard net != 0, let rate = try? ledger.conversion(of: settle),
            let pool = ledger.crossPool(
                of: ledger.pools[Int(lead)].account,
                asset: settle
            )
        else { return [] }
        var rest = ledger.pools[Int(pool)].wallet + ledger.pools[Int(pool)].stake
        let row = ledger.pools[Int(pool)]
        for index in Int(row.start)..<Int(row.start + row.count)
        where ledger.positions.held[index].instrument != instrument {
            let other = ledger.instruments[Int(ledger.positions.held[index].instrument)]
            guard other.mark > 0 else { return [] }
            let quantity = ledger.positions.held[index].quantity
            rest += Valuation.worth(quantity, at: other.mark, other.rules.payoff)
        }
        let floors = [0] + (rate.rule?.tiers.map(\.floor.units) ?? [])
        return floors.compactMap { floor in
            guard
                let amount = floor.multiplied(
                    by: PowerOfTen.sixteen,
                    dividedBy: max(1, rate.bid),
                    rounding: .halfEven
                )
            else { return nil }
            // Worth of the legs there: net × price (linear), − net ÷ price (inverse).
            let worth = amount - rest
            if rules.payoff != .inverse { return worth / net }
            return worth == 0
                ? nil : -(net * PowerOfTen.sixteen).divided(by: worth, rounding: .halfEven)
        }
    }

    /// The first root on the way from the mark through `points`, in 10⁻¹⁶.
    private func root(from mark: Int64, through points: some Sequence<Int64>) -> Int128? {
        var last = mark
        guard var state = excess(at: mark)?.isBelow else { return nil }
        for point in points {
            guard let next = excess(at: point)?.isBelow else { return nil }
            if next != state { return turn(between: last, and: point) }
            (last, state) = (point, next)
        }
        return nil
    }

    /// Where the answer turns between two prices with different answers.
    private func turn(between first: Int64, and second: Int64) -> Int128? {
        var (low, high) = (min(first, second), max(first, second))
        guard let answer = excess(at: low)?.isBelow else { return nil }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            guard let isBelow = excess(at: middle)?.isBelow else { return nil }
            if isBelow == answer { low = middle } else { high = middle }
        }
        guard let from = excess(at: low)?.units, let to = excess(at: high)?.units else {
            return nil
        }
        let base = Int128(low) * PowerOfTen.eight
        let rise = to.subtractingReportingOverflow(from)
        guard !rise.overflow, rise.partialValue != 0 else { return base }
        let fraction = (-from).multiplied(
            by: rise.partialValue > 0 ? PowerOfTen.eight : -PowerOfTen.eight,
            dividedBy: Int128(clamping: rise.partialValue.magnitude),
            rounding: .halfEven
        )
        return base + min(max(fraction ?? 0, 0), PowerOfTen.eight)
    }
}

extension Ledger {
    /// The signed quantities of a pool's legs in one instrument.
    func legs(of lead: Int32, instrument: Int32) -> [Int64] {
        var legs: [Int64] = []
        for pool in sleeves(of: lead) {
            let row = pools[Int(pool)]
            for index in Int(row.start)..<Int(row.start + row.count)
            where positions.held[index].instrument == instrument {
                legs.append(positions.held[index].quantity)
            }
        }
        return legs
    }

    /// The wallets that are valued together with `lead`: itself, or all cross pools of the account.
    func sleeves(of lead: Int32) -> [Int32] {
        guard pools[Int(lead)].isMultiAsset else { return [lead] }
        return poolIDs(of: pools[Int(lead)].account).filter { pools[Int($0)].isolated < 0 }
    }
}
