import Plimsoll
import PlimsollUnits

/// Vectors about one position: its profit, margins, prices, and its account's figures.
///
/// The position, its account's other positions and its wallet become events; every figure is read from
/// the engine's report and published by the rulebook's `publication`.
struct PositionCase: KindCase {
    let venue: Venue
    let kind: String
    var inputs: PositionInputs
    let bybit: BybitRules
    let publication: Publication
    var isIsolated: Bool
    /// BitMEX: an option-like contract without leverage, whose margin is its whole value.
    let isFullyPaid: Bool
    var others: [PositionPlan]
    /// The other leg of a hedge, in the same instrument.
    let leg: PositionInputs?
    /// Figures of an inverse contract that the vector has in the currency of its prices.
    let inCash: Set<String>

    /// Reads the position; `notional` is its value where the vector implies it only.
    init(
        _ vector: Vector,
        _ venue: Venue,
        _ inputs: Inputs,
        notional: Exact? = nil
    ) throws {
        self.venue = venue
        kind = vector.kind
        let model = try inputs.text("margin_model")
        let read = try PositionInputs(inputs, venue: venue, implied: notional)
        self.inputs = read
        bybit = read.bybitRules(kind, model: model, hasQuantity: inputs.has("quantity"))
        publication = venue.publication(read.payoff)
        let price = vector.units["mark_price"] ?? vector.units["entry_price"]
        inCash = Set(
            vector.expected.map(\.key).filter {
                read.payoff == .inverse && price != nil && vector.units[$0] == price
                    && !$0.hasSuffix("_price")
            }
        )
        try read.check(venue)
        isIsolated = Self.isIsolated(read, venue)
        isFullyPaid =
            venue == .bitmex && kind == "margin_balance" && read.leverage == nil
            && read.initialRate == nil
        var others: [PositionPlan] = []
        var leg: PositionInputs?
        for (number, other) in read.others.enumerated() {
            let made = try Self.other(other, number, venue, read, bybit)
            others += made.plans
            leg = made.leg ?? leg
        }
        self.others = others
        self.leg = leg
        guard others.isEmpty || !isIsolated else {
            throw VectorError.failed("other positions have no part in an isolated one")
        }
        guard read.extraMargin == nil || isIsolated else {
            throw VectorError.failed("extra_margin has no part in a cross position")
        }
        guard read.orderMargin == nil || venue == .bybit && !isIsolated else {
            throw VectorError.failed("order_margin has a part in Bybit's cross positions only")
        }
    }

    /// Without a margin mode: isolated, unless a wallet is given, or a mark (OKX values cross margin at
    /// mark) or the tier's largest leverage (Bybit's cross positions use it).
    private static func isIsolated(_ inputs: PositionInputs, _ venue: Venue) -> Bool {
        if let mode = inputs.marginMode { return mode == .isolated }
        if inputs.wallet != nil { return false }
        if venue == .okx, inputs.mark != nil { return false }
        return !(venue == .bybit && inputs.tierMaxLeverage != nil)
    }

    // MARK: The account

    /// What backs the position: the given wallet, or the margin it was opened with.
    func wallet() throws -> Exact? {
        if let wallet = inputs.wallet {
            let free = try wallet + (inputs.extraMargin ?? .zero)
            return try free - (inputs.orderMargin ?? .zero)
        }
        guard isIsolated else { return nil }
        let cost =
            inputs.payoff == .inverse
            ? try inputs.size.divided(by: Exact(inputs.entry), scale: 16)
            : try inputs.size * Exact(inputs.entry)
        let margin: Exact
        if let leverage = inputs.leverage, try inputs.usesLeverage(venue) {
            margin = try cost.divided(by: leverage)
        } else if let rate = inputs.initialRate {
            margin = try cost * rate
        } else {
            return nil
        }
        return try margin + (inputs.extraMargin ?? .zero)
    }

    /// How many times larger a position is built whose price is solved: prices do not change when size,
    /// margin and amount grow together, and a small inverse position would lose digits to its coins.
    var magnification: Int {
        let isAlone = others.isEmpty && leg == nil && inputs.givenProfit == nil
        guard inputs.payoff == .inverse, isAlone, venue.costScale(.inverse) == nil else {
            return 0
        }
        var power = 0
        while power < 8,
            let size = try? inputs.size.shifted(by: power + 1),
            (try? size.isAtMost(Exact(1_000_000_000))) == true
        {
            power += 1
        }
        return power
    }

    /// An engine with the position and its margin 10^`magnification` times as large.
    func magnifiedDesk(_ part: RulesPart = RulesPart()) throws -> Desk {
        let power = magnification
        var other = self
        other.inputs.size = try inputs.size.shifted(by: power)
        other.inputs.maintenanceAmount = try inputs.maintenanceAmount?.shifted(by: power)
        return try other.desk(part, wallet: wallet()?.shifted(by: power))
    }

    /// An engine with the account; `wallet` and `mark` replace what the vector gives.
    func desk(
        _ part: RulesPart = RulesPart(),
        wallet replaced: Exact? = nil,
        mark: Exact? = nil
    ) throws -> Desk {
        let settle = PositionPlan.settle(inputs.payoff)
        var rules = try inputs.rules(
            venue,
            bybit,
            part,
            isIsolated: isIsolated,
            isFullyPaid: isFullyPaid
        )
        if let leg { rules.schedule = try inputs.schedule(with: leg, venue, part) }
        let wallet = try replaced ?? wallet()
        let isHedge = inputs.isHedge && !isIsolated
        var plan = AccountPlan(
            rulebook: Rulebook(
                id: venue.rawValue,
                version: "conformance",
                currency: settle,
                positionModes: [isHedge ? .hedge : .oneWay],
                publication: publication
            ),
            assets: [PositionPlan.coin, PositionPlan.cash]
        )
        if let index = inputs.index {
            plan.indexes = [(PositionPlan.coin, try index.price())]
        }
        if let wallet, !isIsolated { plan.wallets = [(settle, try wallet.money())] }
        var main = PositionPlan(
            rules: rules,
            quantity: try (inputs.isLong ? inputs.size : -inputs.size).quantity(),
            entry: inputs.entry,
            mark: try markPrice(mark),
            leverage: try inputs.chosenLeverage(venue)?.leverage(),
            isolatedMargin: isIsolated ? try (wallet ?? .zero).money() : nil
        )
        var rest = others
        if let profit = inputs.givenProfit, mark == nil {
            rest += try main.replaceMark(by: profit, settle: settle)
        }
        plan.positions = try hedged([main] + rest, isHedge: isHedge)
        return try Desk(plan)
    }

    /// The mark: the given one, the index where margins follow it, else the entry price.
    func markPrice(_ other: Exact?) throws -> Price {
        if let given = other ?? inputs.mark {
            return other == nil ? try given.price() : try given.nearestPrice()
        }
        if let index = inputs.index { return try index.price() }
        return try Exact(inputs.entry).nearestPrice()
    }

    /// In hedge mode every position has a leg by its side.
    private func hedged(_ plans: [PositionPlan], isHedge: Bool) throws -> [PositionPlan] {
        guard isHedge else { return plans }
        return plans.map { plan in
            var plan = plan
            plan.leg = plan.quantity.units < 0 ? .short : .long
            return plan
        }
    }

    /// Another cross position: by its size and prices, or by its given margin and profit.
    static func other(
        _ inputs: Inputs,
        _ number: Int,
        _ venue: Venue,
        _ main: PositionInputs,
        _ bybit: BybitRules
    ) throws -> (plans: [PositionPlan], leg: PositionInputs?) {
        let settle = PositionPlan.settle(main.payoff)
        let tag = "OTHER\(number)"
        let profit = try inputs.number("unrealized_pnl")
        let maintenance = try inputs.number("maintenance_margin")
        let initial = try inputs.number("initial_margin")
        guard inputs.has("quantity") else {
            inputs.note("symbol", "side", "contract_type", "margin_mode", "position_mode")
            let sums = try PositionPlan.sums(
                unrealized: profit ?? .zero,
                initial: initial ?? .zero,
                maintenance: maintenance ?? .zero,
                in: settle,
                tag: tag
            )
            return (sums, nil)
        }
        let read = try PositionInputs(inputs, venue: venue, payoff: main.payoff)
        guard read.payoff == main.payoff, read.marginMode != .isolated else {
            throw VectorError.failed("another position does not share the wallet")
        }
        guard maintenance == nil || read.maintenanceRate == nil else {
            throw VectorError.failed("another position has a maintenance rate and a margin")
        }
        // The other leg of a hedge is in the same instrument and moves with its price.
        let isLeg =
            main.isHedge && read.isLong != main.isLong
            && (read.symbol == nil || read.symbol == main.symbol)
        guard let mark = read.mark ?? (isLeg ? main.mark ?? Exact(main.entry) : nil) else {
            throw VectorError.failed("another position has no mark price")
        }
        if isLeg, profit != nil || maintenance != nil || initial != nil {
            throw VectorError.failed("the other leg of a hedge has sums instead of a size")
        }
        var plan = PositionPlan(
            rules: try (isLeg ? main : read).rules(
                venue,
                bybit,
                RulesPart(fee: venue == .okx || venue == .gate ? .inMaintenance : .none),
                isIsolated: false,
                symbol: isLeg ? PositionPlan.symbol : tag
            ),
            quantity: try (read.isLong ? read.size : -read.size).quantity(),
            entry: read.entry,
            mark: try mark.nearestPrice(),
            leverage: try read.chosenLeverage(venue)?.leverage()
        )
        if isLeg { return ([plan], read) }
        plan.rules.base = tag
        // A given profit replaces the one from entry to mark.
        if profit != nil { plan.entry = SolvedPrice(plan.mark) }
        let sums = try PositionPlan.sums(
            unrealized: profit ?? .zero,
            initial: initial ?? .zero,
            maintenance: maintenance ?? .zero,
            in: settle,
            tag: tag
        )
        return ([plan] + sums, nil)
    }
}

extension PositionPlan {
    /// Gives the position the value that its cost and `profit` make, without a mark: one linear
    /// position of that value, and a unit that carries the profit.
    fileprivate mutating func replaceMark(
        by profit: Exact,
        settle: String
    ) throws -> [PositionPlan] {
        let isLong = quantity.units > 0
        let size = Exact(Int128(quantity.units.magnitude), scale: 8)
        let isInverse = rules.payoff == .inverse
        let cost =
            isInverse
            ? try size.divided(by: Exact(entry), scale: 16)
            : try size * Exact(entry)
        let value = isLong != isInverse ? try cost + profit : try cost - profit
        let parts = try value.split()
        rules.payoff = .linear
        rules.settle = settle
        rules.costScale = nil
        rules.initialPrice = .mark
        quantity = try (isLong ? parts.quantity : -parts.quantity).quantity()
        entry = try parts.price.solvedPrice()
        mark = try parts.price.price()
        return try PositionPlan.sums(
            unrealized: profit,
            initial: .zero,
            maintenance: .zero,
            in: settle
        )
    }
}
