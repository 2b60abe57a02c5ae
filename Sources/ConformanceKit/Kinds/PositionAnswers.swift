import Plimsoll
import PlimsollUnits

extension PositionCase {
    func answer(_ key: String) throws -> Answer {
        let answer = try ownAnswer(key)
        guard inCash.contains(key), case .number(let amount) = answer, !amount.isZero else {
            return answer
        }
        // Models that convert to the account's currency do so at the mark, as the engine values coins.
        let coin = AssetPlan(
            name: PositionPlan.coin,
            index: Exact(SolvedPrice(try markPrice(nil))),
            balance: amount
        )
        return try AssetPlan.values(venue, [coin]).first.map { .number($0) } ?? .none
    }

    /// The figure in the asset that the position is settled in.
    private func ownAnswer(_ key: String) throws -> Answer {
        switch key {
        case "entry_value":
            return .number(Exact(try desk().position().cost.magnitude))
        case "notional":
            let notional = Exact(publication.notional(try desk().positionFigures().notional))
            // BitMEX: the value of a long inverse position is negative.
            let isNegative = venue == .bitmex && inputs.payoff == .inverse && inputs.isLong
            return .number(isNegative ? -notional : notional)
        case "unrealized_pnl": return .number(try unrealized(desk()))
        case "session_unrealized_pnl": return .number(try sessionUnrealized())
        case "unrealized_pnl_ratio": return .number(try unrealizedRatio())
        case "initial_rate", "maintenance_rate": return .number(try rate(key))
        case "initial_margin", "venue_initial_margin":
            return .number(try initial(fee: shownFee, key))
        case "position_margin": return .number(try initial(fee: positionFee, key))
        case "maintenance_margin":
            return .number(try maintenance(fee: shownFee, key))
        case "maintenance_margin_with_fee":
            return .number(try maintenance(fee: positionFee, key))
        case "closing_fee":
            return .number(Exact(publication.margin(try closingFee().money())))
        case "bankruptcy_price": return try bankruptcyPrice()
        case "liquidation_price": return try liquidationPrice()
        default: return try accountAnswer(key)
        }
    }

    // MARK: Profit

    private func unrealized(_ desk: Desk) throws -> Exact {
        let amount =
            inputs.givenProfit == nil
            ? try desk.positionFigures().unrealizedPnl : try desk.figures().unrealizedPnl
        return Exact(publication.unrealizedPnl(amount))
    }

    /// Profit since the last settlement: the session settles at its price, then the mark moves on.
    private func sessionUnrealized() throws -> Exact {
        var desk = try desk()
        if let settlement = inputs.settlement {
            let instrument = try desk.instrument(PositionPlan.symbol)
            try desk.send(
                .sessionSettled(
                    SessionSettled(instrument: instrument, price: settlement.price())
                )
            )
        }
        return try unrealized(desk)
    }

    /// Profit ÷ the margin that the position was opened with.
    private func unrealizedRatio() throws -> Exact {
        guard let margin = try wallet(), !margin.isZero else {
            throw noRule("unrealized_pnl_ratio", "the margin at entry is missing")
        }
        return try unrealized(desk()).divided(by: margin)
    }

    // MARK: Requirements

    /// The fee inside the initial and maintenance margins that the venue shows: Bybit's unified accounts
    /// include it, BitMEX and OKX show it apart.
    var shownFee: ClosingFee {
        venue == .bybit && bybit != .classic ? .atBankruptcy : .none
    }

    /// The fee inside what is held for a position: Bybit classic in initial, BitMEX in both.
    private var positionFee: ClosingFee {
        switch venue {
        case .bybit: bybit == .classic ? .inInitialAtBankruptcy : .atBankruptcy
        case .bitmex: .atEntry
        case .okx, .gate: .inMaintenance
        case .binance, .deribit, .kraken, .hyperliquid, .dydx, .leanBinance, .leanBybit, .vega,
            .drift, .percolator, .perpsMarket:
            .none
        }
    }

    /// The fee in the requirements of an account: OKX and Gate have it in the trigger.
    var accountFee: ClosingFee {
        venue == .okx || venue == .gate ? .inMaintenance : shownFee
    }

    /// The fee in the trigger of liquidation (OKX, Gate).
    private var triggerFee: ClosingFee {
        venue == .okx || venue == .gate ? .inMaintenance : .none
    }

    private func initial(fee: ClosingFee, _ key: String) throws -> Exact {
        Exact(publication.margin(try exactInitial(fee: fee, key)))
    }

    private func exactInitial(fee: ClosingFee, _ key: String) throws -> Money {
        let isKnown =
            inputs.leverage != nil || inputs.initialRate != nil || isFullyPaid
            || inputs.baseRate != nil && kind == "initial_margin"
            || inputs.tierMaxLeverage != nil && !isIsolated
        guard isKnown else { throw noRule(key, "neither a leverage nor an initial rate is given") }
        // The margin of an isolated position at entry does not know the mark.
        let mark = isIsolated && inputs.givenProfit != nil ? Exact(inputs.entry) : nil
        return try desk(RulesPart(fee: fee), mark: mark).positionFigures().initialMargin
    }

    private func maintenance(fee: ClosingFee, _ key: String) throws -> Exact {
        let isKnown =
            inputs.maintenanceRate != nil
            || inputs.baseRate != nil && kind == "maintenance_margin"
        guard isKnown else { throw noRule(key, "a maintenance rate is missing") }
        // Bybit's classic cross inverse positions: the value at the bankruptcy price counts.
        if venue == .bybit, bybit == .classic, !isIsolated, inputs.payoff == .inverse,
            let price = inputs.bankruptcyPrice
        {
            let part = RulesPart(fee: .none, maintenanceAtMark: true)
            let figures = try desk(part, mark: price).positionFigures()
            return Exact(publication.margin(figures.maintenanceMargin))
        }
        let figures = try desk(RulesPart(fee: fee)).positionFigures()
        return Exact(publication.margin(figures.maintenanceMargin))
    }

    /// The rate that the engine used: maintenance ÷ value.
    ///
    /// A rate that grows with size is the same for both margins, since the vector's kind says which of
    /// them it is.
    private func rate(_ key: String) throws -> Exact {
        let isOwn =
            inputs.baseRate != nil
            ? key.hasPrefix(kind.prefix { $0 != "_" })
            : key == "maintenance_rate" && inputs.maintenanceRate != nil
        guard isOwn else { throw noRule(key) }
        let mark = inputs.payoff == .linear ? inputs.index : nil
        return Exact(try desk(mark: mark).positionFigures().maintenanceRate)
    }

    // MARK: Fee to close

    /// The fee to close: at the bankruptcy price (Bybit), at entry (BitMEX).
    func closingFee() throws -> Exact {
        guard inputs.feeRate != nil else { return .zero }
        switch venue {
        case .bybit:
            guard inputs.tick == nil, isIsolated, inputs.marginWithFee == nil,
                inputs.bankruptcyPrice == nil
            else {
                guard case .number(let price) = try bankruptcyPrice() else { return .zero }
                return try feeAtMark(price)
            }
            let with = try exactInitial(fee: .inInitialAtBankruptcy, "closing_fee")
            return Exact(with - (try exactInitial(fee: .none, "closing_fee")))
        case .bitmex:
            let with = try exactInitial(fee: .atEntry, "closing_fee")
            return Exact(with - (try exactInitial(fee: .none, "closing_fee")))
        default:
            return try feeAtMark(inputs.mark ?? Exact(inputs.entry))
        }
    }

    /// The fee to close at `price`: a requirement of nothing but the fee, at that mark.
    private func feeAtMark(_ price: Exact) throws -> Exact {
        let part = RulesPart(fee: .inMaintenance, withoutMaintenance: true)
        return Exact(try desk(part, mark: price).positionFigures().maintenanceMargin)
    }

    // MARK: Solved prices

    private var tick: Price? {
        get throws { try inputs.tick?.price() }
    }

    private func requireMargin(_ key: String) throws {
        guard try wallet() != nil || inputs.marginWithFee != nil else {
            throw noRule(key, "a wallet, a leverage or an initial rate is missing")
        }
    }

    /// The price at which the margin is used up.
    ///
    /// Bybit pays the fee to close out of a cross wallet, and out of a margin that includes it: that
    /// price is where equity meets the fee alone. Otherwise it is where equity is zero.
    private func bankruptcyPrice() throws -> Answer {
        if let given = inputs.bankruptcyPrice { return .number(given) }
        try requireMargin("bankruptcy_price")
        let answer: PriceAnswer
        if venue == .bybit, !isIsolated || inputs.marginWithFee != nil {
            let part = RulesPart(fee: .inMaintenance, withoutMaintenance: true)
            let desk = try desk(part, wallet: inputs.marginWithFee)
            answer = try desk.position(prices: true).liquidationPrice
        } else {
            answer = try magnifiedDesk().position(prices: true).bankruptcyPrice
        }
        guard let price = answer.price else { return .none }
        let shown = publication.bankruptcyPrice(
            price,
            isLong: inputs.isLong,
            tick: try tick
        )
        return .number(Exact(shown))
    }

    /// The price at which liquidation starts.
    ///
    /// Bybit's classic maintenance is fixed at entry; of a cross wallet, and of a margin that includes
    /// it, the fee to close at the bankruptcy price is taken off first.
    private func liquidationPrice() throws -> Answer {
        guard venue != .bitmex else {
            throw VectorError.skipped("no verified liquidation price rule of bitmex")
        }
        guard inputs.maintenanceRate != nil else {
            throw noRule("liquidation_price", "a maintenance rate is missing")
        }
        try requireMargin("liquidation_price")
        var free: Exact?
        if venue == .bybit {
            if let margin = inputs.marginWithFee {
                free = try margin - closingFee()
            } else if !isIsolated {
                free = try wallet().map { try $0 - closingFee() }
            }
        }
        let part = RulesPart(fee: triggerFee)
        let account = try free.map { try desk(part, wallet: $0) } ?? magnifiedDesk(part)
        guard let price = try account.position(prices: true).liquidationPrice.price else {
            return .none
        }
        let shown = publication.liquidationPrice(
            price,
            isLong: inputs.isLong,
            tick: isIsolated || venue != .okx ? try tick : nil
        )
        return .number(Exact(shown))
    }

    // MARK: The account

    /// Figures of the position's account.
    private func accountAnswer(_ key: String) throws -> Answer {
        guard try wallet() != nil else { throw noRule(key, "the wallet is missing") }
        let figures = try desk(RulesPart(fee: accountFee)).figures()
        return try figures.answer(key, publication) ?? { throw noRule(key) }()
    }
}

extension MarginFigures {
    /// A figure of an account by its name in the format; `nil`: no such figure.
    func answer(_ key: String, _ publication: Publication) throws -> Answer? {
        switch key {
        case "margin_balance", "equity", "isolated_margin":
            return .number(Exact(publication.margin(equity)))
        case "available_balance":
            return .number(Exact(publication.margin(availableBalance)))
        case "excess_margin": return .number(Exact(publication.margin(freeboard)))
        case "initial_margin": return .number(Exact(publication.margin(initialMargin)))
        case "unrealized_pnl":
            return .number(Exact(publication.unrealizedPnl(unrealizedPnl)))
        case "initial_margin_ratio":
            guard equity.units > 0 else { return Answer.none }
            return .number(try Exact(initialMargin).divided(by: Exact(equity)))
        case "maintenance_margin_ratio":
            return marginRatio.map { .number(Exact($0)) } ?? Answer.none
        case "margin_ratio":
            return inverseRatio.map { .number(Exact($0)) } ?? Answer.none
        default: return nil
        }
    }
}
