import PlimsollUnits

/// One position as the margin rules see it.
struct PositionView: Sendable {
    var quantity: Int64
    /// Signed cost, 10⁻¹⁶.
    var cost: Int128
    /// Hundredths; 0: not chosen.
    var leverage: Int64
    var isIsolated: Bool

    init(quantity: Int64, cost: Int128, leverage: Int64, isIsolated: Bool) {
        self.quantity = quantity
        self.cost = cost
        self.leverage = leverage
        self.isIsolated = isIsolated
    }
}

/// The prices that value one position.
struct PositionPrices: Sendable {
    var mark: Int64
    /// The index of the underlying; the mark where there is none.
    var index: Int64
    /// The announced funding rate, 10⁻¹⁶.
    var fundingRate: Int64
    /// Open interest in the quote currency, 10⁻¹⁶.
    var openInterest: Int128?
}

/// The figures of one position; amounts in 10⁻¹⁶, maintenance in 10⁻²⁴ of the settlement asset.
struct PositionFigures: Sendable {
    var notional: Int128 = 0
    var unrealized: Int128 = 0
    var initial: Int128 = 0
    var maintenance: Int128 = 0
    /// The bracket that holds it, 0 where the schedule has none.
    var bracket = 0
    /// The leverage that its initial margin uses, in hundredths; 0 where the rule uses none.
    var leverage: Int64 = 0
    /// Of initial, what its own pool need not hold: see `PositionMargin.isPaidByCross`.
    var paidByCross: Int128 = 0
}

/// Initial and maintenance margin of one position: the one exact computation.
///
/// Everything that publishes, checks, solves or explains a requirement comes through here.
/// Sources: `margin-rules` sections 1, 2 and 5, by the dimension named at each step.
struct PositionMargin: Hashable, Sendable {
    private let shared: SharedRules

    init(rules: InstrumentRules) { shared = SharedRules(rules) }

    /// The rules, read where they are: a copy would count the references of its names and tables.
    var rules: InstrumentRules {
        @inline(__always) _read { yield shared.rules }
    }

    /// One copy of an instrument's rules for everything that reckons by them.
    private final class SharedRules: Hashable, Sendable {
        let rules: InstrumentRules

        init(_ rules: InstrumentRules) { self.rules = rules }

        static func == (lhs: SharedRules, rhs: SharedRules) -> Bool { lhs.rules == rhs.rules }

        func hash(into hasher: inout Hasher) { hasher.combine(rules) }
    }

    /// The figures of `position` at `prices`, with their terms put into `sink`.
    func figures<Sink: TermSink>(
        _ position: PositionView,
        _ prices: PositionPrices,
        into sink: inout Sink
    ) -> PositionFigures {
        var figures = PositionFigures()
        figures.notional = Valuation.notional(position.quantity, at: prices.mark, rules.payoff)
        figures.unrealized =
            Valuation.stake(position.cost, rules.payoff)
            + Valuation.worth(position.quantity, at: prices.mark, rules.payoff)
        sink.add {
            .unrealized(position, mark: prices.mark, rules, total: figures.unrealized)
        }

        let size = Int64(position.quantity.magnitude)
        let base = valued(position, prices, by: rules.maintenancePrice)
        figures.bracket = bracket(notional: base, size: size)
        figures.maintenance = maintenance(base, size, prices, figures.bracket, into: &sink)

        let initialBase = valued(
            position,
            prices,
            by: position.isIsolated ? rules.isolatedInitialPrice : rules.initialPrice
        )
        figures.leverage = leverage(
            chosen: position.leverage,
            notional: initialBase,
            size: size,
            isIsolated: position.isIsolated
        )
        figures.initial = initial(
            notional: initialBase,
            size: size,
            leverage: figures.leverage,
            prices,
            into: &sink
        )

        let fee = closingFee(position, prices, leverage: figures.leverage)
        if fee.inInitial != 0 {
            figures.initial += fee.inInitial
            if position.isIsolated, isPaidByCross { figures.paidByCross = fee.inInitial }
            sink.add { .closingFee(rules, fee.inInitial * PowerOfTen.eight, in: .initialMargin) }
        }
        if fee.inMaintenance24 != 0 {
            figures.maintenance = saturatingSum(figures.maintenance, fee.inMaintenance24)
            sink.add { .closingFee(rules, fee.inMaintenance24, in: .maintenanceMargin) }
        }
        let funding = dueFunding(position, prices)
        if funding != 0 {
            figures.maintenance = saturatingSum(figures.maintenance, funding)
            sink.add { .fundingDue(rules, prices.fundingRate, funding) }
        }
        return figures
    }

    /// `im.price`, `mm.price`: the magnitude of the position's value at the price the rule names.
    func valued(
        _ position: PositionView,
        _ prices: PositionPrices,
        by base: PriceBase
    ) -> Int128 {
        switch base {
        case .mark: Valuation.notional(position.quantity, at: prices.mark, rules.payoff)
        case .index: Valuation.notional(position.quantity, at: prices.index, rules.payoff)
        case .entry: position.cost < 0 ? -position.cost : position.cost
        }
    }

    /// `mm.tierKey`: the bracket by notional or by size.
    func bracket(notional: Int128, size: Int64) -> Int {
        guard case .brackets(let schedule) = rules.schedule else { return 0 }
        return schedule.index(of: schedule.key == .notional ? notional : Int128(size))
    }

    // MARK: Maintenance

    /// `mm.schedule`: maintenance without fees, in 10⁻²⁴.
    private func maintenance<Sink: TermSink>(
        _ notional: Int128,
        _ size: Int64,
        _ prices: PositionPrices,
        _ bracket: Int,
        into sink: inout Sink
    ) -> Int128 {
        switch rules.schedule {
        case .brackets(let schedule):
            let held = schedule.brackets[bracket]
            let product = held.maintenanceRate.of(notional)
            sink.add { .bracketMaintenance(rules, notional, bracket, schedule, product) }
            return product - held.deduction
        case .affine(let schedule):
            let rate = affineRate(
                schedule.maintenanceBase,
                schedule.maintenanceSlope,
                notional: notional,
                size: size
            )
            let margin = product24(notional, rate24: rate)
            sink.add { .rateMargin(rules, notional, rate24: rate, margin, in: .maintenanceMargin) }
            return margin
        case .openInterest(let schedule):
            let initial = scaledUp(notional * Int128(schedule.initialRate.units))
            let margin = scaledUp(
                initial.divided(by: PowerOfTen.eight, rounding: .up)
                    * Int128(schedule.maintenanceFraction.units)
            )
            sink.add { .fractionOfInitial(rules, initial, schedule.maintenanceFraction, margin) }
            return margin
        }
    }

    // MARK: Initial

    /// `im.leverage`: the chosen leverage, at most the bracket's; the default where none was chosen.
    func leverage(chosen: Int64, notional: Int128, size: Int64, isIsolated: Bool) -> Int64 {
        guard case .brackets(let schedule) = rules.schedule else { return 0 }
        let held = schedule.brackets[bracket(notional: notional, size: size)]
        let limit = held.maxLeverage.hundredths
        if rules.crossAtMaximumLeverage, !isIsolated { return limit }
        // A venue that names initial rates needs no leverage to be chosen.
        let unchosen = held.initialRate == nil ? rules.defaultLeverage.hundredths : limit
        return min(chosen > 0 ? chosen : unchosen, limit)
    }

    /// Initial margin of `notional` and `size` at `leverage`, rounded up, in 10⁻¹⁶.
    func initial<Sink: TermSink>(
        notional: Int128,
        size: Int64,
        leverage: Int64,
        _ prices: PositionPrices,
        into sink: inout Sink
    ) -> Int128 {
        switch rules.schedule {
        case .brackets(let schedule):
            let held = schedule.brackets[bracket(notional: notional, size: size)]
            // The bracket's own rate, unless a lower leverage than its largest was chosen.
            if let rate = held.initialRate, leverage >= held.maxLeverage.hundredths {
                let margin = notional * Int128(rate.units)
                sink.add {
                    .rateMargin(
                        rules,
                        notional,
                        rate24: Int128(rate.units) * PowerOfTen.sixteen,
                        margin,
                        in: .initialMargin
                    )
                }
                return margin.divided(by: PowerOfTen.eight, rounding: .up)
            }
            let margin = (notional * 100).divided(by: Int128(leverage), rounding: .up)
            sink.add { .leveragedInitial(rules, notional, leverage, margin) }
            return margin
        case .affine(let schedule):
            let rate = affineRate(
                schedule.initialBase,
                schedule.initialSlope,
                notional: notional,
                size: size
            )
            let margin = product24(notional, rate24: rate)
            sink.add { .rateMargin(rules, notional, rate24: rate, margin, in: .initialMargin) }
            return margin.divided(by: PowerOfTen.eight, rounding: .up)
        case .openInterest(let schedule):
            let rate = openInterestRate(schedule, prices.openInterest)
            let margin = scaledUp(notional * rate)
            sink.add {
                .rateMargin(
                    rules,
                    notional,
                    rate24: rate * PowerOfTen.sixteen,
                    margin,
                    in: .initialMargin
                )
            }
            return margin.divided(by: PowerOfTen.eight, rounding: .up)
        }
    }

    /// Initial margin of an amount at the leverage that its own bracket admits.
    func initial(
        notional: Int128,
        size: Int64,
        chosen: Int64,
        isIsolated: Bool,
        _ prices: PositionPrices
    ) -> Int128 {
        var nothing = NoTerms()
        return initial(
            notional: notional,
            size: size,
            leverage: leverage(
                chosen: chosen,
                notional: notional,
                size: size,
                isIsolated: isIsolated
            ),
            prices,
            into: &nothing
        )
    }

    /// What a position needs at its own cost, whatever the rule's price: initial margin, and the
    /// closing fee that is part of it.
    func initialAtEntry(_ position: PositionView, _ prices: PositionPrices) -> Int128 {
        let notional = position.cost < 0 ? -position.cost : position.cost
        let size = Int64(position.quantity.magnitude)
        let leverage = leverage(
            chosen: position.leverage,
            notional: notional,
            size: size,
            isIsolated: position.isIsolated
        )
        var nothing = NoTerms()
        let initial = initial(
            notional: notional,
            size: size,
            leverage: leverage,
            prices,
            into: &nothing
        )
        // A fee that is part of maintenance only rests on the mark, which there may be none of yet.
        if isPaidByCross || rules.closingFee == .inMaintenance { return initial }
        return initial + closingFee(position, prices, leverage: leverage).inInitial
    }

    /// The fee to close an isolated position stays in the cross wallet: Bybit classic shows it in the
    /// position's margin, but its liquidation and bankruptcy prices come about without it.
    private var isPaidByCross: Bool { rules.closingFee == .inInitialAtBankruptcy }

    // MARK: Fees and funding

    /// `fee.inIM`, `fee.inMM`, `fee.inTrigger`: the fee to close, by the venue's own habit.
    func closingFee(
        _ position: PositionView,
        _ prices: PositionPrices,
        leverage: Int64
    ) -> (inInitial: Int128, inMaintenance24: Int128) {
        let rate = Int128(rules.takerFeeRate.units)
        switch rules.closingFee {
        case .none:
            return (0, 0)
        case .inMaintenance:
            return (
                0, Valuation.notional(position.quantity, at: prices.mark, rules.payoff) * rate
            )
        case .inInitialAtBankruptcy, .atBankruptcy:
            let value = bankruptcyValue(position, leverage: leverage)
            let initial = (value * rate).divided(by: PowerOfTen.eight, rounding: .up)
            return (initial, rules.closingFee == .atBankruptcy ? value * rate : 0)
        case .atEntry:
            let value = position.cost < 0 ? -position.cost : position.cost
            let initial = (value * rate).divided(by: PowerOfTen.eight, rounding: .up)
            return (initial, value * rate)
        }
    }

    /// The position's value at its entry-based bankruptcy price (Bybit): linear
    /// `cost × (1 ∓ 1/leverage)`, inverse `cost × (1 ± 1/leverage)` for long and short, rounded up.
    func bankruptcyValue(_ position: PositionView, leverage: Int64) -> Int128 {
        guard leverage > 0 else { return 0 }
        let cost = position.cost < 0 ? -position.cost : position.cost
        let isLong = position.quantity > 0
        let above = (rules.payoff == .inverse) == isLong
        let factor = above ? leverage + 100 : max(0, leverage - 100)
        return Valuation.rounded(
            (cost * Int128(factor)).divided(by: Int128(leverage), rounding: .up),
            scale: 16,
            .up
        )
    }

    /// `funding.inMM`: the announced funding if the position would pay it, in 10⁻²⁴ (BitMEX).
    private func dueFunding(_ position: PositionView, _ prices: PositionPrices) -> Int128 {
        guard rules.fundingInMaintenance, position.quantity != 0 else { return 0 }
        let rate = position.quantity > 0 ? prices.fundingRate : -prices.fundingRate
        guard rate > 0 else { return 0 }
        let notional = Valuation.notional(position.quantity, at: prices.mark, rules.payoff)
        return notional.multiplied(
            by: Int128(rate),
            dividedBy: PowerOfTen.eight,
            rounding: .up
        ) ?? Int128.max
    }

    // MARK: Rates

    /// `base + slope × size in base units`, in 10⁻²⁴.
    private func affineRate(
        _ base: Rate,
        _ slope: Int64,
        notional: Int128,
        size: Int64
    ) -> Int128 {
        // The base units of an inverse position are its value in coin.
        let added =
            rules.payoff == .inverse
            ? notional.multiplied(
                by: Int128(slope),
                dividedBy: PowerOfTen.eight,
                rounding: .up
            ) ?? Limits.money : Int128(slope) * Int128(size)
        return Int128(base.units) * PowerOfTen.sixteen + added
    }

    /// `money × rate` with the rate in 10⁻²⁴, as 10⁻²⁴, rounded up.
    private func product24(_ money: Int128, rate24: Int128) -> Int128 {
        money.multiplied(by: rate24, dividedBy: PowerOfTen.sixteen, rounding: .up) ?? Int128.max
    }

    /// An amount in 10⁻²⁴ rounded up to the venue's own scale, if it has one.
    private func scaledUp(_ amount24: Int128) -> Int128 {
        guard let scale = rules.requirementScale else { return amount24 }
        let step = PowerOfTen.of(24 - scale)
        return amount24.divided(by: step, rounding: .up) * step
    }

    /// dYdX: `base + (1 − base) × clamp((interest − lower) ÷ (upper − lower))`, cut to parts per
    /// million; in 10⁻⁸.
    private func openInterestRate(
        _ schedule: OpenInterestSchedule,
        _ openInterest: Int128?
    ) -> Int128 {
        let base = Int128(schedule.initialRate.units)
        guard let lower = schedule.lower?.units, let upper = schedule.upper?.units,
            let openInterest
        else { return base }
        guard openInterest < upper else { return max(base, PowerOfTen.eight) }
        guard openInterest > lower else { return base }
        let added = Valuation.proportion(
            (PowerOfTen.eight - base) / 100,
            openInterest - lower,
            of: upper - lower,
            .down
        )
        return base + added * 100
    }
}
