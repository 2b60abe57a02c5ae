import Plimsoll
import PlimsollUnits

/// Vectors about an account: balances, what is available, ratios, thresholds.
///
/// A given balance is a wallet; given sums of profit and requirements are positions that have exactly
/// these (`PositionPlan.sums`); a given size or notional is a position.
struct AccountCase: KindCase {
    let venue: Venue
    let kind: String
    let publication: Publication
    /// Wallets, or the balance or equity where only that is given.
    let wallet: Exact?
    let profit: Exact?
    let initial: Exact?
    let maintenance: Exact?
    let isolatedEquity: Exact?
    let optionsValue: Exact?
    let position: PositionCase?
    let conversion: AccountConversion
    let usedMargin: (coin: Exact, price: Exact)?
    let maintenanceRate: Exact?

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        self.venue = venue
        kind = vector.kind
        inputs.note("asset", "ccy", "margin_model", "symbol")
        wallet = try [
            Self.balance(inputs, venue), inputs.number("session_rpl"),
            inputs.number("strategy_equity"),
        ].sum()
        isolatedEquity = try inputs.number("isolated_equity")
        optionsValue = try inputs.number("options_value")
        conversion = try AccountConversion(inputs)
        if let coin = try inputs.number("used_margin_coin") {
            let price = try inputs.number("mark_price") ?? inputs.required("index_price")
            usedMargin = (coin, price)
        } else {
            usedMargin = nil
        }
        let given = try inputs.number("maintenance_margin")
        var (position, held) = try Self.position(vector, venue, inputs, given)
        maintenanceRate = position == nil ? try inputs.number("maintenance_rate") : nil
        let profit = try inputs.number("unrealized_pnl")
        if profit != nil, position?.inputs.mark != nil, position?.inputs.hasEntry == true {
            throw VectorError.failed("both a mark and a profit are given")
        }
        let session = try inputs.number("futures_session_upl")
        var total = try [position?.inputs.givenProfit == nil ? profit : nil, session].sum()
        var initial = try inputs.number("initial_margin")
        if position == nil {
            // The account's positions alone: by their sizes, or by their sums.
            for (number, other) in try inputs.list("other_positions").enumerated() {
                if !other.has("quantity") {
                    other.note("symbol", "side", "contract_type", "margin_mode")
                    total = try [total, other.number("unrealized_pnl")].sum()
                    initial = try [initial, other.number("initial_margin")].sum()
                    held = try [held, other.number("maintenance_margin")].sum()
                } else if let first = position {
                    let plans = try PositionCase.other(
                        other,
                        number,
                        venue,
                        first.inputs,
                        first.bybit
                    ).plans
                    position?.others += plans
                } else {
                    position = try PositionCase(vector, venue, other)
                }
            }
        }
        self.position = position
        self.initial = initial
        maintenance = held
        publication = position?.publication ?? venue.publication(.linear)
        self.profit = total
    }

    /// The balance that the figures rest on: of a margin balance and an equity the first, but Bybit's
    /// and OKX's portfolio margin goes by equity.
    private static func balance(
        _ inputs: Inputs,
        _ venue: Venue
    ) throws -> Exact? {
        let model = try inputs.text("margin_model")?.lowercased() ?? ""
        let margin = try inputs.number("margin_balance")
        let equity = try inputs.number("equity")
        let wallet = try inputs.number("wallet_balance")
        guard wallet == nil || (margin ?? equity) == nil else {
            throw VectorError.failed("several balances are given: which of them counts is open")
        }
        if let margin, let equity {
            let isPortfolio = model.contains("portfolio") || model.contains("pm")
            return isPortfolio && (venue == .bybit || venue == .okx) ? equity : margin
        }
        return margin ?? equity ?? wallet
    }

    /// The position, where a size, a notional, or a margin with its rate and a fee is given; and the
    /// maintenance that is left to be a sum.
    private static func position(
        _ vector: Vector,
        _ venue: Venue,
        _ inputs: Inputs,
        _ maintenance: Exact?
    ) throws -> (PositionCase?, Exact?) {
        if inputs.has("quantity") || inputs.has("notional") {
            return (try PositionCase(vector, venue, inputs), maintenance)
        }
        guard let maintenance, let rate = try inputs.number("maintenance_rate"), !rate.isZero
        else { return (nil, maintenance) }
        let notional = try maintenance.divided(by: rate)
        return (try PositionCase(vector, venue, inputs, notional: notional), nil)
    }

    // MARK: The engine

    /// An engine with the account; `maintenance` replaces what is given.
    func desk(
        fee: ClosingFee,
        maintenance other: Exact? = nil,
        wallet added: Exact = .zero
    ) throws -> Desk {
        let asset = PositionPlan.settle(position?.inputs.payoff ?? .linear)
        let sums = try PositionPlan.sums(
            unrealized: profit ?? .zero,
            initial: initial ?? .zero,
            maintenance: other ?? maintenance ?? .zero,
            in: asset
        )
        let balance = try (wallet ?? .zero) + added
        if var position, other == nil {
            if position.inputs.marginMode != .isolated || !sums.isEmpty {
                position.isIsolated = false
            }
            position.others += sums
            if let isolatedEquity { position.others.append(try isolated(isolatedEquity)) }
            return try position.desk(
                RulesPart(fee: fee),
                wallet: position.isIsolated && wallet == nil ? nil : balance
            )
        }
        var plan = AccountPlan(
            rulebook: Rulebook(
                id: venue.rawValue,
                version: "conformance",
                currency: asset,
                publication: publication
            ),
            assets: [PositionPlan.coin, PositionPlan.cash],
            wallets: [(asset, try balance.money())],
            positions: sums
        )
        if let isolatedEquity { plan.positions.append(try isolated(isolatedEquity)) }
        return try Desk(plan)
    }

    /// An isolated position whose equity this is.
    private func isolated(_ equity: Exact) throws -> PositionPlan {
        let flat = AffineSchedule(
            initialBase: .zero,
            initialSlope: 0,
            maintenanceBase: .zero,
            maintenanceSlope: 0
        )
        return PositionPlan(
            rules: InstrumentRules(
                symbol: "ISOLATED",
                payoff: .linear,
                base: "ISOLATED",
                quote: PositionPlan.cash,
                settle: PositionPlan.cash,
                schedule: .affine(flat)
            ),
            quantity: try Exact.one.quantity(),
            entry: try Exact.one.solvedPrice(),
            mark: try Exact.one.price(),
            isolatedMargin: try equity.money()
        )
    }

    private var fee: ClosingFee { position?.accountFee ?? .none }

    // MARK: Figures

    func answer(_ key: String) throws -> Answer {
        if let answer = try conversion.answer(key, publication) { return answer }
        switch key {
        case "liquidation_threshold", "termination_threshold":
            return .number(try threshold(key))
        case "maintenance_margin": return .number(try maintenanceMargin())
        case "used_margin": return .number(Exact(publication.margin(try used().money())))
        case "margin_level_percent": return try marginLevel()
        case "unrealized_pnl_ratio":
            let figures = try desk(fee: .none).figures()
            return .number(
                try Exact(figures.unrealizedPnl).divided(by: Exact(figures.walletBalance))
            )
        case "equity" where optionsValue != nil:
            // Options count in the equity but not in the margin balance; the engine has none yet, so
            // that their value is money here.
            let figures = try desk(fee: .none, wallet: optionsValue ?? .zero).figures()
            return .number(Exact(publication.margin(figures.equity)))
        case "initial_margin" where initial == nil && position != nil,
            "position_margin", "entry_value", "notional", "closing_fee", "liquidation_price",
            "bankruptcy_price", "maintenance_margin_with_fee":
            guard let position else { throw noRule(key) }
            return try position.answer(key)
        default: return try accountAnswer(key)
        }
    }

    private func accountAnswer(_ key: String) throws -> Answer {
        let needsBalance = key != "initial_margin" && key != "unrealized_pnl"
        guard !needsBalance || wallet != nil else { throw noRule(key, "the balance is missing") }
        let needsInitial = ["initial_margin", "initial_margin_ratio"].contains(key)
        guard !needsInitial || initial != nil || position != nil else {
            throw noRule(key, "the initial margin is missing")
        }
        let needsMaintenance = ["margin_ratio", "maintenance_margin_ratio", "excess_margin"]
            .contains(key)
        guard !needsMaintenance || maintenance != nil || position != nil else {
            throw noRule(key, "the maintenance margin is missing")
        }
        let figures = try desk(fee: fee).figures()
        return try figures.answer(key, publication) ?? { throw noRule(key) }()
    }

    private func maintenanceMargin() throws -> Exact {
        if maintenance == nil, position == nil { return try threshold("maintenance_margin") }
        let figures = try desk(fee: position?.shownFee ?? .none).figures()
        return Exact(publication.margin(figures.maintenanceMargin))
    }
}

extension Array where Element == Exact? {
    /// The sum of what is there; `nil`: nothing is.
    fileprivate func sum() throws -> Exact? {
        let numbers = compactMap(\.self)
        guard !numbers.isEmpty else { return nil }
        return try numbers.reduce(Exact.zero) { try $0 + $1 }
    }
}
