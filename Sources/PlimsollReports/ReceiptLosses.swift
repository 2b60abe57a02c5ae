import Plimsoll
import PlimsollUnits
import PlimsollWire

// Takeover, deleveraging, and who paid.
extension ReceiptBuilder {
    // MARK: Takeover

    func addTakeover(_ move: InsuranceMoved, _ scene: Scene) {
        guard let instrument = move.instrument, let mark = scene.after.mark(of: instrument) else {
            return
        }
        let rules = scene.after.rules(of: instrument)
        let fund = scene.after.directory.name(move.fund)
        let stranded = bankruptcy(of: instrument, move.quantity, scene)
        let known = [mark] + (stranded.map { [$0.price.0, $0.price.1] } ?? [])
        let price = known.first {
            rules.payoff.profit(move.quantity.units, mark: mark, from: $0) == move.amount
        }
        let side = move.quantity.units > 0 ? "long" : "short"
        let size = Quantity(unchecked: Int64(move.quantity.units.magnitude))
        let shown = price ?? derived(move, mark, rules)
        let at = shown.map { " at \(exact($0))" } ?? ""
        add(
            "takeover",
            "\(fund) takes over \(side) \(exact(size)) \(rules.symbol)\(at)",
            scene
        ) { step in
            step.accounts.insert(move.fund)
            step.facts = [
                .text("fund", fund), .text("symbol", rules.symbol),
                .text("quantity", move.quantity), .text("mark", mark),
                .text("profit", move.amount), .text("fundBalance", move.balance),
            ]
            if let shown { step.facts.append(.text("price", shown)) }
            if price == mark {
                step.details.append("at the mark: neither the fund's rule nor winners took it")
            } else if let stranded {
                step.details += stranded.words
                if stranded.held != move.quantity {
                    let whole = Int64(stranded.held.units.magnitude)
                    step.details.append(
                        "  of \(exact(Quantity(unchecked: whole))): its cash and its rules bear no more"
                    )
                }
            }
            let worth = move.amount < .zero ? "loss" : "profit"
            step.details.append(
                "\(worth) of the fund at the mark \(exact(mark)): \(signed(move.amount)); "
                    + "its cash is \(exact(move.balance))"
            )
            step.checks.append(
                .init(
                    "price",
                    shown.map { exact($0) } ?? "unknown",
                    stranded == nil && price == nil ? nil : price != nil
                )
            )
        }
    }

    /// The price that follows from the profit, where the payoff is a straight line.
    private func derived(
        _ move: InsuranceMoved,
        _ mark: Price,
        _ rules: InstrumentRules
    ) -> Price? {
        guard rules.payoff != .inverse, move.quantity.units != 0 else { return nil }
        let value = rules.payoff.value(move.quantity.units, at: mark.units) - move.amount.units
        let price = value.divided(by: Int128(move.quantity.units), rounding: .halfUp)
        return Int64(exactly: price).flatMap { try? Price(units: $0) }
    }

    private struct Bankruptcy {
        var price: (Price, Price)
        /// The position, before any of it was taken.
        var held: Quantity
        var words: [String]
    }

    /// Where the position's share of its pool's equity is used up, as it was before anything was done.
    private func bankruptcy(
        of instrument: InstrumentID,
        _ quantity: Quantity,
        _ scene: Scene
    ) -> Bankruptcy? {
        // A conversion in the same event has changed the equity that the price shares out.
        guard !hasConversion(scene) else { return nil }
        let book = ReceiptBook(scene.moment, receipt.account, pool)
        guard let figures = book.figures,
            let position = book.fresh.first(where: {
                $0.instrument == instrument && ($0.quantity.units > 0) == (quantity.units > 0)
            })
        else { return nil }
        let rules = scene.after.rules(of: instrument)
        let limits = ReceiptLimits(equity: figures.equity, positions: book.fresh)
        guard let price = limits.limits(of: position, rules) else { return nil }
        let share = limits.share(of: position)
        let what = book.fresh.count > 1 ? "its share \(exact(share)) of equity" : "the equity"
        return Bankruptcy(
            price: price,
            held: position.quantity,
            words: [
                "where \(what) \(exact(figures.equity)) is used up:",
                "  \(ReceiptArithmetic.bankruptcy(position, share: share, rules.payoff)) = "
                    + exact(price.0),
            ]
        )
    }

    // MARK: Deleveraging

    func addDeleveraging(_ close: Deleveraged, _ scene: Scene) {
        let symbol = scene.after.directory.name(close.instrument)
        let name = scene.after.directory.name(close.account)
        let payoff = scene.after.rules(of: close.instrument).payoff
        let size = Quantity(unchecked: Int64(close.change.units.magnitude))
        let verb = close.change.units > 0 ? "buys back" : "sells"
        let rules = rules(scene)
        let stranded = bankruptcy(of: close.instrument, close.change, scene)
        add(
            "deleveraged",
            "\(name) is deleveraged: \(verb) \(exact(size)) \(symbol) at \(exact(close.price))",
            scene
        ) { step in
            step.accounts.insert(close.account)
            step.facts = [
                .text("account", name), .text("symbol", symbol), .text("leg", close.leg.word),
                .text("change", close.change), .text("price", close.price),
                .text("mark", close.mark), .number("rank", close.rank),
                .text("score", close.score),
            ]
            let rank = close.rank > 0 ? "rank \(close.rank), " : ""
            step.details.append("\(rank)score \(exact(close.score))")
            if let score = score(of: close, rules, scene) {
                step.details.append("  = \(score.words)")
                step.checks.append(.init("score", exact(score.value), score.value == close.score))
            }
            let cost = payoff.profit(close.change.units, mark: close.mark, from: close.price)
            step.details.append(
                "against the mark \(exact(close.mark)): \(difference(close, payoff)) = "
                    + signed(cost)
            )
            let isAtMark =
                rules?.deleveraging.price == .mark
                || rules?.deleveraging.policy == .fairCharge
            if isAtMark {
                step.checks.append(
                    .init("price", "at the mark \(exact(close.mark))", close.price == close.mark)
                )
            } else {
                if let stranded { step.details += stranded.words }
                step.checks.append(
                    .init(
                        "price",
                        "the bankruptcy price \(exact(close.price))",
                        stranded.map { ($0.price.0...$0.price.1).contains(close.price) }
                    )
                )
            }
        }
    }

    /// What a change is worth at the mark less what it was done at.
    private func difference(_ close: Deleveraged, _ payoff: Payoff) -> String {
        let (change, mark, price) = (exact(close.change), exact(close.mark), exact(close.price))
        return payoff == .inverse
            ? "\(change) × (1 ÷ \(price) \(NumberText.minus) 1 ÷ \(mark))"
            : "\(change) × (\(mark) \(NumberText.minus) \(price))"
    }

    /// The score by its formula; `nil` where another position of the pool was closed just before, after
    /// which the queue was another one.
    private func score(
        of close: Deleveraged,
        _ rules: Enforcement?,
        _ scene: Scene
    ) -> (value: Rate, words: String)? {
        guard let rank = rules?.deleveraging.rank, rank != .unranked, let moment = scene.moment,
            !scene.closedAnother(before: close)
        else { return nil }
        // Who is closed by buying was short: what is closed with it was long.
        let queue = moment.deleveragingQueue(
            of: close.instrument,
            against: close.change.units > 0 ? .buy : .sell
        )
        guard let place = queue.first(where: { $0.account == close.account && $0.leg == close.leg })
        else { return nil }
        let factors = place.factors
        let (profit, wallet) = (exact(factors.profit), exact(factors.wallet))
        let (need, equity) = (exact(factors.maintenance), exact(factors.equity))
        let words =
            switch rank {
            case .profitTimesMarginRatio:
                "profit \(profit) ÷ wallet \(wallet) × maintenance \(need) ÷ equity \(equity)"
            case .profitTimesLeverage:
                "profit \(profit) ÷ cost \(exact(factors.cost)) × value \(exact(factors.value))"
                    + " ÷ equity \(equity)"
            case .profitOverMarginRatio:
                "profit \(profit) ÷ wallet \(wallet) ÷ (equity \(equity) ÷ maintenance \(need))"
            case .markOverEntryTimesLeverage:
                "cost \(exact(factors.cost)) and value \(exact(factors.value)), the larger ÷ the "
                    + "smaller, × value ÷ equity \(equity)"
            case .unranked: ""
            }
        return (factors.score(rank), words)
    }

    // MARK: Who paid

    func addFundPayment(_ move: InsuranceMoved, _ scene: Scene) {
        let fund = scene.after.directory.name(move.fund)
        add("fundPaid", "\(fund) pays \(exact(-move.amount)) of what is owed", scene) { step in
            step.accounts.insert(move.fund)
            step.facts = [
                .text("fund", fund), .text("amount", -move.amount),
                .text("fundBalance", move.balance),
            ]
            step.details = ["its cash is \(exact(move.balance))"]
        }
    }

    /// Payers of one loss, in the order in which they paid.
    struct LossGroup {
        var shares: [(place: Int, share: LossSocialised)] = []
        /// What was paid of the same loss by the fund just before, as a charge counts it in.
        var paidByFund = Money.zero
        /// The declaration that follows, if one does: the shares are of a bankrupt pool's debt.
        var declared: BankruptcyDeclared?

        /// What the shares were computed of.
        var loss: Money {
            guard let first = shares.first else { return .zero }
            return declared == nil ? first.share.loss - paidByFund : first.share.loss
        }
    }

    /// The group of payers that the effect at `place` belongs to, or stands behind.
    private func group(around place: Int, _ scene: Scene) -> LossGroup {
        var groups: [LossGroup] = []
        var current = LossGroup()
        for index in scene.effects.indices {
            switch scene.effects[index] {
            case .lossSocialised(let share) where share.liquidation == self.index.number:
                // A charge and a debt may follow each other: each share names its own loss.
                if let first = current.shares.first, first.share.loss != share.loss {
                    groups.append(current)
                    current = LossGroup()
                }
                current.shares.append((index, share))
            case .insuranceMoved(let move)
            where move.liquidation == self.index.number && move.reason == .deficit:
                if !current.shares.isEmpty {
                    groups.append(current)
                    current = LossGroup()
                }
                current.paidByFund -= move.amount
            case .bankruptcyDeclared(let declared)
            where declared.liquidation == self.index.number:
                // A charge before it, of another loss, is no part of what is declared.
                let loss = declared.deficit - declared.paidByFund
                if let first = current.shares.first, first.share.loss != loss {
                    groups.append(current)
                    current = LossGroup()
                }
                current.declared = declared
                groups.append(current)
                if index == place { return current }
                current = LossGroup()
            case .deleveraged(let close) where close.liquidation == self.index.number:
                if !current.shares.isEmpty { groups.append(current) }
                current = LossGroup()
            default: break
            }
        }
        groups.append(current)
        return groups.first { $0.shares.contains { $0.place == place } } ?? LossGroup()
    }

    func addShare(_ share: LossSocialised, at place: Int, _ scene: Scene) {
        let name = scene.after.directory.name(share.account)
        let group = group(around: place, scene)
        let bySize = group.declared != nil && rules(scene)?.socialisation == .openInterest
        let total = group.shares.reduce(Money.zero) { $0 + $1.share.basis }
        let caps = caps(of: group, scene)
        add("lossSocialised", "\(name) pays \(exact(share.amount)) of the loss", scene) { step in
            step.accounts.insert(share.account)
            step.facts = [
                .text("account", name), .text("amount", share.amount),
                .text("loss", group.loss), .text("basis", share.basis),
                .text("bases", total),
            ]
            let what = bySize ? "position value" : "unrealised profit"
            step.details.append(
                "loss \(exact(group.loss)) × \(what) \(exact(share.basis)) ÷ \(exact(total)) of all "
                    + "who pay"
            )
            let own = group.shares.firstIndex { $0.place == place }
            guard let caps, let own else {
                step.checks.append(.init("share", "what each could pay is not known", nil))
                return
            }
            let most = caps.reduce(Int128(0), +)
            let amounts = LossShares.shares(
                of: min(group.loss.units, most),
                by: group.shares.map(\.share.basis.units),
                caps: caps
            )
            if Money(units: caps[own]) == share.amount {
                step.details.append(
                    "  no more than \(exact(Money(units: caps[own]))), all that it may be asked for"
                )
            }
            step.checks.append(
                .init(
                    "share",
                    exact(Money(units: amounts[own])),
                    amounts[own] == share.amount.units
                )
            )
        }
    }

    /// What each payer could pay at the most; `nil` where that cannot be seen.
    private func caps(of group: LossGroup, _ scene: Scene) -> [Int128]? {
        guard group.declared != nil else { return group.shares.map(\.share.basis.units) }
        let bySize = rules(scene)?.socialisation == .openInterest
        var caps: [Int128] = []
        for (place, share) in group.shares {
            guard let equity = equity(of: share, before: place, scene) else { return nil }
            caps.append(bySize ? equity.units : min(share.basis.units, equity.units))
        }
        return caps
    }

    /// The payer's equity before it paid: that after the event, without what changed its wallet from
    /// then on; `nil` where a position changed too.
    private func equity(
        of share: LossSocialised,
        before place: Int,
        _ scene: Scene
    ) -> Money? {
        let report = scene.after.report(share.account, prices: false)
        guard let own = report.pools.first(where: { $0.pool == share.pool }), !own.isMultiAsset,
            var equity = own.figures?.equity
        else { return nil }
        // The payment is the last change of the payer's wallet before its effect.
        equity += share.amount
        for effect in scene.effects[(place + 1)...] {
            switch effect {
            case .balanceChanged(let change) where change.pool == share.pool:
                equity -= change.change
            case .positionChanged(let change) where change.account == share.account: return nil
            default: break
            }
        }
        return equity
    }

    func addBankruptcy(_ declared: BankruptcyDeclared, at place: Int, _ scene: Scene) {
        let group = group(around: place, scene)
        let paid = group.shares.reduce(Money.zero) { $0 + $1.share.amount }
        let sum = declared.paidByFund + declared.socialised + declared.paidByHouse
        let name = receipt.accountName
        add("bankrupt", "\(name) owes \(exact(declared.deficit)) and has nothing", scene) { step in
            step.facts = [
                .text("deficit", declared.deficit), .text("paidByFund", declared.paidByFund),
                .text("socialised", declared.socialised),
                .text("paidByHouse", declared.paidByHouse),
            ]
            step.details = [
                "\(exact(declared.deficit)) = fund \(exact(declared.paidByFund)) + others "
                    + "\(exact(declared.socialised)) + house \(exact(declared.paidByHouse))"
            ]
            step.checks = [
                .init(
                    "deficit",
                    "\(exact(sum)) = \(exact(declared.deficit))",
                    sum == declared.deficit
                ),
                .init(
                    "socialised",
                    "\(exact(paid)) = the sum of the shares",
                    paid == declared.socialised
                ),
                .init(
                    "fund",
                    "\(exact(group.paidByFund)) = what the fund paid",
                    group.paidByFund == declared.paidByFund
                ),
            ]
        }
    }
}

extension ReceiptBuilder.Scene {
    /// Whether another position of the same pool was closed before this one in the same event.
    fileprivate func closedAnother(before close: Deleveraged) -> Bool {
        for case .deleveraged(let earlier) in effects where earlier.liquidation == close.liquidation
        {
            if earlier.instrument != close.instrument
                || (earlier.change.units > 0) != (close.change.units > 0)
            {
                return true
            }
            if earlier == close { return false }
        }
        return false
    }
}
