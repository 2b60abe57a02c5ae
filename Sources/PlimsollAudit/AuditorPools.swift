import BigInt
public import Plimsoll
import PlimsollUnits

extension Auditor {
    /// The figures of an isolated position's pool; `nil` without its price.
    public func isolated(
        _ account: AccountID,
        _ instrument: InstrumentID,
        _ leg: Leg
    ) -> AuditedFigures? {
        let slot = Slot(account: account.index, instrument: instrument.index, leg: leg)
        var figures = AuditedFigures()
        figures.wallet.exact = Rational(wallets[.isolated(slot), default: 0], scale: 16)
        if let holding = holdings[slot], holding.isIsolated {
            guard let own = position(slot, holding) else { return nil }
            figures.unrealized = own.unrealized
            figures.positionInitial = own.initial
            figures.maintenance = own.maintenance
            figures.maintenance.above += Bound.step
        }
        return finished(figures)
    }

    /// The figures of a cross pool in one asset; `nil` without one of its prices.
    public func cross(_ account: AccountID, _ asset: String) -> AuditedFigures? {
        let venue = accounts[Int(account.index)].venue
        guard let asset = self.asset(asset, in: venue) else { return nil }
        return sleeve(account.index, asset).map(finished)
    }

    /// The figures of all assets of a multi-asset account, in the rulebook's currency.
    public func multiAsset(_ account: AccountID) -> AuditedFigures? {
        let book = accounts[Int(account.index)]
        guard let rulebook = venues[Int(book.venue)].rulebook else { return nil }
        var total = AuditedFigures()
        for (number, asset) in assets.enumerated() where asset.venue == book.venue {
            guard let own = sleeve(account.index, Int32(number)) else { return nil }
            let isEmpty =
                own.wallet.exact.isZero && own.unrealized.exact.isZero
                && own.positionInitial.exact.isZero && own.orderInitial.exact.isZero
                && own.maintenance.exact.isZero
            if isEmpty { continue }
            let isCurrency = asset.name == rulebook.currency
            guard let index = isCurrency ? Rational.one : asset.index else { return nil }
            let rule = rulebook.collateral.first { $0.asset == asset.name }
            let conversion = Exchange(index: index, rule: rule, isCurrency: isCurrency)
            total.wallet += own.wallet.times(index, stepBelow: true)
            total.unrealized += own.unrealized.times(index, stepBelow: true)
            let equity = own.wallet + own.unrealized
            let losses = Bound(
                exact: min(.zero, own.unrealized.exact),
                below: own.unrealized.below,
                above: own.unrealized.above
            )
            total.equity += conversion.collateral(equity)
            total.prudentEquity += conversion.collateral(own.wallet + losses)
            total.positionInitial += own.positionInitial.times(conversion.ask, stepBelow: false)
            total.orderInitial += own.orderInitial.times(conversion.ask, stepBelow: false)
            total.maintenance += own.maintenance.times(conversion.ask, stepBelow: false)
        }
        return total
    }

    private func finished(_ figures: AuditedFigures) -> AuditedFigures {
        var figures = figures
        figures.equity = figures.wallet + figures.unrealized
        let losses = Bound(
            exact: min(.zero, figures.unrealized.exact),
            below: figures.unrealized.below,
            above: figures.unrealized.above
        )
        figures.prudentEquity = figures.wallet + losses
        return figures
    }

    // MARK: One wallet

    /// Wallet, profit and requirements of the cross positions that are settled in one asset.
    private func sleeve(_ account: Int32, _ asset: Int32) -> AuditedFigures? {
        var figures = AuditedFigures()
        let wallet = Wallet.cross(account: account, asset: asset)
        figures.wallet.exact = Rational(wallets[wallet, default: 0], scale: 16)
        let rulebook = venues[Int(accounts[Int(account)].venue)].rulebook
        var sides: [String: [Bool: (initial: Bound, maintenance: Bound)]] = [:]
        for (slot, holding) in holdings.of(account)
        where !holding.isIsolated && settle(of: slot.instrument) == asset {
            guard let own = position(slot, holding) else { return nil }
            figures.unrealized += own.unrealized
            guard rulebook?.netting == .largerSide else {
                figures.positionInitial += own.initial
                figures.maintenance += own.maintenance
                continue
            }
            let base = instruments[Int(slot.instrument)].rules.base
            var side = sides[base]?[holding.quantity > 0] ?? (Bound(), Bound())
            side.initial += own.initial
            side.maintenance += own.maintenance
            sides[base, default: [:]][holding.quantity > 0] = side
        }
        for side in sides.values {
            let (long, short) = (
                side[true] ?? (Bound(), Bound()), side[false] ?? (Bound(), Bound())
            )
            figures.positionInitial += Bound.larger(long.initial, short.initial)
            figures.maintenance += Bound.larger(long.maintenance, short.maintenance)
        }
        figures.maintenance.above += Bound.step
        guard let orders = orderInitial(account, asset) else { return nil }
        figures.orderInitial = orders
        return figures
    }

    // MARK: One position

    /// Profit and requirements of one position.
    func position(
        _ slot: Slot,
        _ holding: Holding
    ) -> (unrealized: Bound, initial: Bound, maintenance: Bound)? {
        let book = instruments[Int(slot.instrument)]
        guard let mark = mark(of: slot.instrument, isLong: holding.quantity > 0) else { return nil }
        let rules = book.rules
        let isInverse = rules.payoff == .inverse
        let schedule = Schedule(rules: rules, openInterest: book.openInterest)
        let size = Rational(BigInt(holding.quantity.magnitude), scale: 8)
        let cost = Rational(holding.cost, scale: 16)
        let price = Rational(mark.units, scale: 8)
        let index = indexPrice(of: book) ?? price
        func notional(_ base: PriceBase) -> Rational {
            switch base {
            case .mark: Self.value(holding, at: price, rules.payoff).magnitude
            case .index: Self.value(holding, at: index, rules.payoff).magnitude
            case .entry: cost.magnitude
            }
        }
        let value = Self.value(holding, at: price, rules.payoff)
        let unrealized = Bound(
            exact: isInverse ? cost - value : value - cost,
            below: isInverse ? Bound.step : .zero
        )

        let chosen = leverages[Choice(account: slot.account, instrument: slot.instrument)]
        let base = notional(holding.isIsolated ? rules.isolatedInitialPrice : rules.initialPrice)
        let leverage = schedule.leverage(
            notional: base,
            size: size,
            chosen: chosen,
            isIsolated: holding.isIsolated
        )
        let fee = schedule.closingFee(
            notional: notional(.mark),
            cost: cost,
            isLong: holding.quantity > 0,
            isIsolated: holding.isIsolated,
            leverage: leverage
        )
        let initial =
            schedule.initial(
                notional: base,
                size: size,
                chosen: chosen,
                isIsolated: holding.isIsolated
            ) + fee.initial
        // Rounded up once, the fee once; an inverse value was rounded before it is divided.
        let share = leverage.map { Rational.one / $0 } ?? .one
        let initialSlack =
            Bound.step + (fee.initial.isZero ? .zero : Bound.step + Bound.step)
            + (isInverse ? Bound.step * (share + .one + schedule.steepness(base)) : .zero)

        let due =
            rules.fundingInMaintenance
            ? max(.zero, (holding.quantity > 0 ? book.fundingRate : -book.fundingRate))
            : .zero
        let maintenance =
            schedule.maintenance(notional: notional(rules.maintenancePrice), size: size)
            + fee.maintenance + notional(.mark) * due
        let maintenanceSlack =
            isInverse
            ? Bound.step * (Rational(2) + schedule.steepness(notional(rules.maintenancePrice)))
            : Bound.fine * Rational(1_000_000)
        return (
            unrealized, Bound(exact: initial, above: initialSlack),
            Bound(exact: maintenance, above: maintenanceSlack)
        )
    }

    /// The index of the underlying in the quote currency, to 8 digits; a quote currency without an
    /// index is at par, unless it is an underlying itself.
    private func indexPrice(of book: InstrumentBook) -> Rational? {
        func index(_ name: String) -> Rational? {
            asset(name, in: book.venue).flatMap { assets[Int($0)].index }
        }
        guard let own = index(book.rules.base) else { return nil }
        guard let rulebook = venues[Int(book.venue)].rulebook,
            book.rules.quote != rulebook.currency
        else { return own }
        guard let quote = index(book.rules.quote) else {
            return rulebook.instruments.contains { $0.base == book.rules.quote } ? nil : own
        }
        let exact = own / quote
        let (low, high) = (exact.floor(scale: 8), exact.ceiling(scale: 8))
        let (under, over) = (exact - Rational(low, scale: 8), Rational(high, scale: 8) - exact)
        let isLow = under == over ? low % 2 == 0 : under < over
        return Rational(isLow ? low : high, scale: 8)
    }

    // MARK: Orders

    /// Per symbol and leg: initial of the larger of |N + B| and |N − S|, less that of |N|.
    private func orderInitial(_ account: Int32, _ asset: Int32) -> Bound? {
        let gone = enforcement.cancelling[account] ?? []
        let resting = (orders[account] ?? []).filter {
            settle(of: $0.instrument.index) == asset && !gone.contains($0.order)
        }
        var total = Bound()
        var seen: Set<Slot> = []
        for order in resting {
            let slot = Slot(account: account, instrument: order.instrument.index, leg: order.leg)
            guard seen.insert(slot).inserted else { continue }
            let group = resting.filter { $0.instrument == order.instrument && $0.leg == order.leg }
            guard let own = reserved(slot, group) else { return nil }
            total += own
        }
        return total
    }

    private func reserved(_ slot: Slot, _ resting: [OrderPlaced]) -> Bound? {
        let book = instruments[Int(slot.instrument)]
        guard let mark = book.mark else { return nil }
        let rules = book.rules
        let choice = Choice(account: slot.account, instrument: slot.instrument)
        let isIsolated = holdings[slot]?.isIsolated ?? isolatedMode.contains(choice)
        var held = Rational.zero
        var signed = Rational.zero
        if let holding = holdings[slot] {
            held = Rational(holding.quantity, scale: 8)
            signed = Self.value(holding, at: Rational(mark.units, scale: 8), rules.payoff)
        }
        var (buys, sells) = ((Rational.zero, Rational.zero), (Rational.zero, Rational.zero))
        for order in resting where !order.reduceOnly {
            let quantity = Rational(order.quantity.units, scale: 8)
            let price = Rational(order.price.units, scale: 8)
            let value = rules.payoff == .inverse ? quantity / price : quantity * price
            if order.side == .buy, slot.leg != .short {
                buys = (buys.0 + value, buys.1 + quantity)
            } else if order.side == .sell, slot.leg != .long {
                sells = (sells.0 + value, sells.1 + quantity)
            }
        }
        let (long, short) = ((signed + buys.0).magnitude, (signed - sells.0).magnitude)
        let worst = max(long, short)
        guard worst > signed.magnitude else { return Bound() }
        let size = long >= short ? (held + buys.1).magnitude : (held - sells.1).magnitude
        let schedule = Schedule(rules: rules, openInterest: book.openInterest)
        func initial(_ notional: Rational, _ size: Rational) -> Rational {
            schedule.initial(
                notional: notional,
                size: size,
                chosen: leverages[choice],
                isIsolated: isIsolated
            )
        }
        let exact = initial(worst, size) - initial(signed.magnitude, held.magnitude)
        // Two requirements, each rounded up, and for inverse payoffs the values before them.
        let count = Rational(rules.payoff == .inverse ? 3 + 3 * resting.count : 1)
        let share = max(
            .one,
            schedule.leverage(
                notional: worst,
                size: size,
                chosen: leverages[choice],
                isIsolated: isIsolated
            )
            .map { Rational.one / $0 } ?? .one
        )
        let slack = Bound.step * count * share
        return Bound(exact: max(.zero, exact), below: slack, above: slack)
    }
}

/// How one asset counts in the rulebook's currency.
struct Exchange {
    let index: Rational
    let rule: CollateralRule?
    let isCurrency: Bool

    var bid: Rational { index * (.one - Rational(rule?.bidBuffer.units ?? 0, scale: 8)) }
    var ask: Rational { index * (.one + Rational(rule?.askBuffer.units ?? 0, scale: 8)) }

    /// What is owned at bid, weighted by marginal tiers; what is owed at ask, in full.
    func collateral(_ equity: Bound) -> Bound {
        let tiers = rule?.tiers ?? []
        // One step for the value and one for each tier.
        let steps = Bound.step * Rational(tiers.count + 1)
        let below = equity.below * ask + steps
        let above = equity.above * ask
        func bound(_ exact: Rational) -> Bound { Bound(exact: exact, below: below, above: above) }
        if equity.exact < .zero { return bound(equity.exact * ask) }
        guard rule != nil else { return bound(isCurrency ? equity.exact : .zero) }
        let value = equity.exact * bid
        guard !tiers.isEmpty else { return bound(value) }
        var counted = Rational.zero
        for (number, tier) in tiers.enumerated() {
            let floor = Rational(tier.floor.units, scale: 16)
            let next = number + 1 < tiers.count ? tiers[number + 1].floor : nil
            let top = next.map { min(value, Rational($0.units, scale: 16)) } ?? value
            guard top > floor else { break }
            counted += (top - floor) * Rational(tier.weight.units, scale: 8)
        }
        return bound(counted)
    }
}
