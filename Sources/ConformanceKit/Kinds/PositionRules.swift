import Plimsoll
import PlimsollUnits

/// Which part of a venue's rules a figure needs.
struct RulesPart {
    /// The fee to close, as the figure counts it.
    var fee = ClosingFee.none
    /// Without maintenance, so that a liquidation price is a bankruptcy price with its fee.
    var withoutMaintenance = false
    /// Maintenance at mark, whatever the venue's habit is.
    var maintenanceAtMark = false
}

extension PositionInputs {
    /// Bybit's generation: by the name of the account model, else by what is given.
    ///
    /// Inverse contracts and prices of isolated positions follow the classic rules; a value at entry
    /// without a price is an answer of the first unified account; a mark, a leverage and a fee
    /// without a tick are an answer of the unified account since 2025.
    func bybitRules(_ kind: String, model: String?, hasQuantity: Bool) -> BybitRules {
        if let model = model?.lowercased() {
            if model.contains("classic") || model.contains("derivatives") { return .classic }
            if model.contains("unified") { return .unified }
            if model.contains("uta") { return .markBased }
        }
        if !hasQuantity { return .unified }
        let solves = kind == "liquidation_price" || kind == "bankruptcy_price"
        if payoff == .linear, !solves, mark != nil, leverage != nil, feeRate != nil, tick == nil,
            marginWithFee == nil
        {
            return .markBased
        }
        return .classic
    }

    /// The rules of the position's instrument at `venue`.
    func rules(
        _ venue: Venue,
        _ bybit: BybitRules,
        _ part: RulesPart,
        isIsolated: Bool,
        isFullyPaid: Bool = false,
        symbol: String = PositionPlan.symbol
    ) throws -> InstrumentRules {
        var rules = InstrumentRules(
            symbol: symbol,
            payoff: payoff,
            base: PositionPlan.coin,
            quote: PositionPlan.cash,
            settle: PositionPlan.settle(payoff),
            schedule: try schedule(venue, part, isFullyPaid: isFullyPaid),
            closingFee: part.fee,
            takerFeeRate: try feeRate?.rate() ?? .zero,
            costScale: venue.costScale(payoff)
        )
        switch venue {
        case .bybit where bybit != .markBased:
            set(&rules, initial: .entry, isolated: .entry, maintenance: .entry)
            rules.crossAtMaximumLeverage =
                bybit == .classic && !isIsolated && tierMaxLeverage != nil
        case .bitmex:
            let base: PriceBase = isFullyPaid ? .mark : .entry
            set(&rules, initial: base, isolated: base, maintenance: base)
        case .okx:
            set(&rules, initial: .mark, isolated: .entry, maintenance: .mark)
        case .kraken:
            set(&rules, initial: .entry, isolated: .entry, maintenance: .mark)
        case .deribit where payoff == .linear:
            set(&rules, initial: .index, isolated: .index, maintenance: .index)
        case .bybit, .deribit, .binance, .gate, .hyperliquid, .dydx, .leanBinance, .leanBybit,
            .vega, .drift, .percolator, .perpsMarket:
            break
        }
        if part.maintenanceAtMark { rules.maintenancePrice = .mark }
        return rules
    }

    private func set(
        _ rules: inout InstrumentRules,
        initial: PriceBase,
        isolated: PriceBase,
        maintenance: PriceBase
    ) {
        rules.initialPrice = initial
        rules.isolatedInitialPrice = isolated
        rules.maintenancePrice = maintenance
    }

    /// Rates: linear in size where a slope is given (Deribit), else the one bracket that is given with
    /// its amount, which is what every published formula uses.
    func schedule(
        _ venue: Venue,
        _ part: RulesPart,
        isFullyPaid: Bool
    ) throws -> MarginSchedule {
        if let baseRate {
            let slope = try Int64(clamping: (slope ?? .zero).units(scale: 16))
            let base = try baseRate.rate()
            return .affine(
                AffineSchedule(
                    initialBase: base,
                    initialSlope: slope,
                    maintenanceBase: base,
                    maintenanceSlope: slope
                )
            )
        }
        guard slope == nil else { throw VectorError.failed("a slope is given without base_rate") }
        let initial = isFullyPaid ? .one : try initialRateInUse(venue)?.rate()
        let hasMaintenance = !part.withoutMaintenance
        let bracket = Bracket(
            floor: 0,
            maintenanceRate: ExactRate(
                hasMaintenance ? try maintenanceRate?.rate() ?? .zero : .zero
            ),
            deduction: hasMaintenance ? try maintenanceAmount?.units(scale: 24) ?? 0 : 0,
            maxLeverage: try tierMaxLeverage?.leverage() ?? Exact(1_000).leverage(),
            initialRate: initial
        )
        guard let schedule = BracketSchedule(key: .notional, brackets: [bracket]) else {
            throw VectorError.failed("the bracket is not possible")
        }
        return .brackets(schedule)
    }

    /// The rates of both legs of a hedge, each in its own bracket: by size, the smaller leg's first.
    func schedule(
        with leg: PositionInputs,
        _ venue: Venue,
        _ part: RulesPart
    ) throws -> MarginSchedule {
        let sorted = try size.isAtMost(leg.size) ? [self, leg] : [leg, self]
        let schedules = try sorted.map { try $0.schedule(venue, part, isFullyPaid: false) }
        guard case .brackets(let small) = schedules[0], case .brackets(let large) = schedules[1]
        else {
            throw VectorError.failed("the legs of a hedge have no brackets")
        }
        if small == large { return .brackets(large) }
        guard sorted[0].size != sorted[1].size, var upper = large.brackets.first else {
            throw VectorError.failed("legs of one size are in different brackets")
        }
        upper.floor = try sorted[1].size.units(scale: 8)
        guard let both = BracketSchedule(key: .size, brackets: small.brackets + [upper]) else {
            throw VectorError.failed("the brackets of the legs are not possible")
        }
        return .brackets(both)
    }

    /// Whether a leverage, not a rate, makes the initial margin: where both are given, the larger
    /// requirement counts, and on Deribit always the rate.
    func usesLeverage(_ venue: Venue) throws -> Bool {
        guard let leverage else { return false }
        guard let initialRate else { return true }
        guard venue != .deribit else { return false }
        return try (leverage * initialRate).isAtMost(.one)
    }

    /// The initial rate, where it is not the reciprocal of a leverage.
    func initialRateInUse(_ venue: Venue) throws -> Exact? {
        try chosenLeverage(venue) == nil ? initialRate : nil
    }

    /// The leverage; Bybit's fees need one, so that its rate is turned into it.
    func chosenLeverage(_ venue: Venue) throws -> Exact? {
        if try usesLeverage(venue) { return leverage }
        guard venue == .bybit, let initialRate, !initialRate.isZero else { return nil }
        let leverage = try Exact.one.divided(by: initialRate, scale: 2)
        return try leverage * initialRate == .one ? leverage : nil
    }

    /// Inputs that have no part in the venue's rules are faults, not ignored.
    func check(_ venue: Venue) throws {
        let partless: [(name: String, isGiven: Bool)] = [
            ("tick_size", tick != nil && !venue.usesTick),
            ("a fee rate", feeRate != nil && !venue.usesFee),
            ("bankruptcy_price", bankruptcyPrice != nil && venue != .bybit),
            ("position_margin_with_fee", marginWithFee != nil && venue != .bybit),
            ("settlement_price", settlement != nil && venue != .deribit && venue != .bybit),
            ("index_price", index != nil && mark != nil && venue != .deribit),
            ("slope_per_unit", baseRate != nil && venue != .deribit),
        ]
        if let input = partless.first(where: \.isGiven) {
            throw VectorError.failed(
                "\(input.name) has no part in the rules of \(venue.rawValue)"
            )
        }
        guard wallet == nil || marginWithFee == nil else {
            throw VectorError.failed("both a wallet and a position margin are given")
        }
        guard baseRate == nil || (maintenanceRate ?? initialRate ?? leverage) == nil else {
            throw VectorError.failed("base_rate is given beside another rate or a leverage")
        }
    }
}
