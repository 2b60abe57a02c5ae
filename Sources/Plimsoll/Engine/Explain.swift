public import PlimsollUnits

/// How a figure came about, as data: every term, and for a solved price the equation it solves.
public struct Explanation: Hashable, Sendable {
    /// Figures of one pool: wallet, profit, requirements, in the order of the computation.
    public struct PoolPart: Hashable, Sendable {
        /// The pool.
        public var pool: PoolReport
        /// Its terms.
        public var terms: [Term]
    }

    /// The solution of one price.
    public struct Solution: Hashable, Sendable {
        /// `liquidationPrice` or `bankruptcyPrice`.
        public var figure: Term.Figure
        /// The position it is the price of.
        public var symbol: String
        /// Its leg.
        public var leg: Leg
        /// The price, or why there is none.
        public var answer: PriceAnswer
        /// The bracket in which it was solved, in words; empty without brackets.
        public var bracket: String
        /// What goes into the equation and does not move with this price.
        public var terms: [Term]
        /// The answer put back: the exact figures at the nearest prices of 10⁻⁸ on either side.
        public var checks: [Check]
    }

    /// The pool at one price.
    public struct Check: Hashable, Sendable {
        /// The price.
        public var price: Price
        /// The pool's equity there.
        public var equity: Money
        /// The pool's maintenance there, or zero for bankruptcy.
        public var requirement: Money
        /// That is below the line.
        public var isBelow: Bool
    }

    /// The account.
    public var account: AccountReport
    /// Its pools.
    public var pools: [PoolPart]
    /// Its solved prices.
    public var solutions: [Solution]
}

extension Engine {
    /// Opens every figure of an account into its terms; `symbol` limits the solved prices to one.
    public func explain(_ account: AccountID, symbol: String? = nil) -> Explanation {
        let report = report(account)
        let pools = report.pools.map { pool in
            var sink = TermList()
            _ = try? ledger.figures(ofPool: pool.pool.index, into: &sink)
            return Explanation.PoolPart(pool: pool, terms: sink.terms)
        }
        var solutions: [Explanation.Solution] = []
        for position in report.positions where symbol == nil || position.symbol == symbol {
            for line in [Line.maintenance, .bankruptcy] {
                solutions.append(solution(position, line))
            }
        }
        return Explanation(account: report, pools: pools, solutions: solutions)
    }

    private func solution(_ position: PositionReport, _ line: Line) -> Explanation.Solution {
        let answer =
            line == .maintenance ? position.liquidationPrice : position.bankruptcyPrice
        let solver = PriceSolver(
            ledger: ledger,
            lead: position.pool.index,
            instrument: position.instrument.index,
            line: line
        )
        var solution = Explanation.Solution(
            figure: line == .maintenance ? .liquidationPrice : .bankruptcyPrice,
            symbol: position.symbol,
            leg: position.leg,
            answer: answer,
            bracket: "",
            terms: [],
            checks: []
        )
        guard let price = answer.price else { return solution }
        let floor = price.units.divided(by: PowerOfTen.eight, rounding: .down)
        let ceiling = price.units.divided(by: PowerOfTen.eight, rounding: .up)
        let steps = floor == ceiling ? [floor - 1, floor, floor + 1] : [floor, ceiling]
        for step in steps where step > 0 && step <= Int128(Limits.price) {
            if let check = check(Int64(step), solver) { solution.checks.append(check) }
        }
        var sink = TermList()
        let trial = (position.instrument.index, Int64(min(max(1, floor), Int128(Limits.price))))
        _ = try? ledger.figures(
            ofPool: position.pool.index,
            supposing: Supposition(trial: trial),
            into: &sink
        )
        solution.terms = sink.terms
        solution.bracket =
            sink.terms.first {
                $0.subject == position.symbol && $0.figure == .maintenanceMargin
                    && $0.label.hasPrefix("bracket")
            }?.label ?? ""
        return solution
    }

    private func check(_ price: Int64, _ solver: PriceSolver) -> Explanation.Check? {
        let supposing = Supposition(trial: (solver.instrument, price))
        guard let figures = try? ledger.figures(ofPool: solver.lead, supposing: supposing),
            let excess = solver.excess(at: price)
        else { return nil }
        return Explanation.Check(
            price: Price(unchecked: price),
            equity: Money(units: figures.equity),
            requirement: Money(
                units: solver.line == .maintenance ? figures.maintenanceMoney : 0
            ),
            isBelow: excess.isBelow
        )
    }
}

/// An account's pool at one price of one instrument.
public struct LadderRung: Hashable, Sendable {
    /// The price.
    public var price: Price
    /// Equity of the pool.
    public var equity: Money
    /// Initial margin of the pool, orders included.
    public var initialMargin: Money
    /// Maintenance margin of the pool.
    public var maintenanceMargin: Money
    /// The band it would be in.
    public var band: Band
    /// Maintenance ÷ equity; `nil` with equity at or below zero.
    public var marginRatio: SolvedPrice?
    /// The bracket that holds the position there, from 0; `nil` without brackets.
    public var bracket: Int?
}

extension Engine {
    /// The pool of `account` that holds `instrument`, over a range of its prices.
    public func ladder(
        _ account: AccountID,
        _ instrument: InstrumentID,
        leg: Leg = .net,
        prices: [Price]
    ) throws(Rejection) -> [LadderRung] {
        let place = ledger.location(of: account.index, instrument: instrument.index, leg: leg)
        guard let pool = place.pool, let row = place.row else {
            throw .noPosition(symbol: directory.name(instrument))
        }
        let lead = ledger.lead(of: pool)
        let thresholds = ledger.rulebook(of: account.index)?.thresholds ?? Thresholds()
        let margin = ledger.instruments[Int(instrument.index)].margin
        let view = ledger.view(row, isIsolated: place.isIsolated)
        var rungs: [LadderRung] = []
        for price in prices {
            let trial = Supposition(trial: (instrument.index, price.units))
            try ledger.checkNotional(view.quantity, at: price.units, instrument, "the position")
            let figures = try ledger.figuresForRequest(lead, trial)
            var nothing = NoTerms()
            var bracket: Int?
            if let prices = try? ledger.prices(of: instrument.index, view.quantity, trial),
                case .brackets = margin.rules.schedule
            {
                bracket = margin.figures(view, prices, into: &nothing).bracket
            }
            let shown = MarginFigures(figures, withoutProfit: figures)
            rungs.append(
                LadderRung(
                    price: price,
                    equity: shown.equity,
                    initialMargin: shown.initialMargin,
                    maintenanceMargin: shown.maintenanceMargin,
                    band: thresholds.band(of: figures),
                    marginRatio: shown.marginRatio,
                    bracket: bracket
                )
            )
        }
        return rungs
    }
}

/// Whether an order would be accepted, and what would be.
public struct OrderCheck: Hashable, Sendable {
    /// It would be accepted.
    public var passes: Bool
    /// Why not.
    public var rejection: Rejection?
    /// All that it needs: additional initial margin and costs, in `asset`.
    public var required: Money
    /// Of it, additional initial margin of the worst case.
    public var initialMargin: Money
    /// Of it, the loss at once when its price is worse than the mark.
    public var openLoss: Money
    /// Of it, fees to open and to close.
    public var fees: Money
    /// What the account has available, in `asset`.
    public var available: Money
    /// The settlement asset, or the rulebook's currency in multi-asset mode.
    public var asset: String
    /// The largest quantity that would be accepted at the same price.
    public var largestQuantity: Quantity
    /// A price that this rests on is stale.
    public var isStale: Bool
}

extension Engine {
    /// Checks an order before it is placed; throws only for what no size could mend.
    public func check(_ placed: OrderPlaced) throws(Rejection) -> OrderCheck {
        let account = placed.account
        try ledger.check(account, placed.instrument)
        try ledger.check(placed.leg, of: account)
        try ledger.check(placed.quantity, of: placed.instrument)
        try ledger.check(placed.price, of: placed.instrument)
        try ledger.checkNotional(
            placed.quantity.units,
            at: placed.price.units,
            placed.instrument,
            "the order"
        )
        let order = Order(
            id: placed.order,
            instrument: placed.instrument.index,
            side: placed.side,
            leg: placed.leg,
            quantity: placed.quantity.units,
            price: placed.price.units,
            reduceOnly: placed.reduceOnly
        )
        let figures = try ledger.preTrade(order, of: account)
        var rejection: Rejection?
        do throws(Rejection) {
            try ledger.checkWorstCase(order, of: account)
            try ledger.checkOrder(order, of: account)
        } catch {
            rejection = error
        }
        let settle = ledger.instruments[Int(placed.instrument.index)].settle
        let isMulti = ledger.accounts[Int(account.index)].collateralMode == .multiAsset
        return OrderCheck(
            passes: rejection == nil,
            rejection: rejection,
            required: Money(units: figures.required),
            initialMargin: Money(units: figures.initial),
            openLoss: Money(units: figures.openLoss),
            fees: Money(units: figures.fees),
            available: Money(units: figures.available),
            asset: isMulti
                ? ledger.rulebook(of: account.index)?.currency ?? "" : directory.name(settle),
            largestQuantity: try ledger.largestPassing(order, of: account),
            isStale: figures.isStale
        )
    }
}
