import BigInt
import Plimsoll
import PlimsollUnits

extension Auditor {
    /// Money that moves by a stated amount.
    mutating func followMoney(_ body: Event.Body) {
        switch body {
        case .deposited(let body):
            assets[Int(body.asset.index)].deposits += BigInt(body.amount.units)
            book(BigInt(body.amount.units), to: cross(body.account, body.asset))
        case .withdrawalRequested(let body):
            assets[Int(body.asset.index)].inTransit += BigInt(body.amount.units)
            book(-BigInt(body.amount.units), to: cross(body.account, body.asset))
        case .withdrawalSettled(let body):
            assets[Int(body.asset.index)].inTransit -= BigInt(body.amount.units)
            assets[Int(body.asset.index)].withdrawals += BigInt(body.amount.units)
        case .withdrawalReversed(let body):
            assets[Int(body.asset.index)].inTransit -= BigInt(body.amount.units)
            book(BigInt(body.amount.units), to: cross(body.account, body.asset))
        case .transferred(let body):
            book(-BigInt(body.amount.units), to: cross(body.from, body.asset))
            book(BigInt(body.amount.units), to: cross(body.to, body.asset))
        case .isolatedMarginMoved(let body):
            let slot = Slot(
                account: body.account.index,
                instrument: body.instrument.index,
                leg: body.leg
            )
            book(-BigInt(body.amount.units), to: wallet(of: slot, isIsolated: false))
            book(BigInt(body.amount.units), to: .isolated(slot))
        case .feeCharged(let body):
            assets[Int(body.asset.index)].fees += BigInt(body.amount.units)
            book(-BigInt(body.amount.units), to: cross(body.account, body.asset))
        case .interestAccrued(let body):
            assets[Int(body.asset.index)].house -= BigInt(body.amount.units)
            book(BigInt(body.amount.units), to: cross(body.account, body.asset))
        case .insuranceFunded(let body):
            assets[Int(body.asset.index)].deposits += BigInt(body.amount.units)
            if let fund = fund(named: body.fund, of: assets[Int(body.asset.index)].venue) {
                let purse = Wallet.cross(account: fund, asset: body.asset.index)
                book(BigInt(body.amount.units), to: purse)
            } else {
                assets[Int(body.asset.index)].fund += BigInt(body.amount.units)
            }
        case .collateralConverted(let body):
            let outside = outside(of: body.account)
            book(-BigInt(body.sold.units), to: cross(body.account, body.from))
            book(BigInt(body.sold.units), to: cross(outside, body.from))
            book(BigInt(body.bought.units), to: cross(body.account, body.to))
            book(-BigInt(body.bought.units), to: cross(outside, body.to))
        case .reconciled(let body): reconcile(body)
        default: break
        }
    }

    private func cross(_ account: AccountID, _ asset: AssetID) -> Wallet {
        .cross(account: account.index, asset: asset.index)
    }

    private func outside(of account: AccountID) -> AccountID {
        AccountID(index: venues[Int(accounts[Int(account.index)].venue)].outside)
    }

    // MARK: Mirrors

    /// What is reported replaces what is known; the difference goes to `outside`.
    private mutating func reconcile(_ body: Reconciled) {
        let other = outside(of: body.account)
        switch body.report {
        case .wallet(let asset, let balance):
            let mine = cross(body.account, asset)
            let difference = BigInt(balance.units) - wallets[mine, default: 0]
            book(difference, to: mine)
            book(-difference, to: cross(other, asset))
        case .position(let instrument, let leg, let quantity, let entry, let margin):
            let slot = Slot(
                account: body.account.index,
                instrument: instrument.index,
                leg: leg
            )
            let theirs = Slot(account: other.index, instrument: instrument.index, leg: .net)
            let known = holdings[slot]
            let choice = Choice(account: slot.account, instrument: slot.instrument)
            let isIsolated = known?.isIsolated ?? isolatedMode.contains(choice)
            if let margin {
                let difference = BigInt(margin.units) - wallets[.isolated(slot), default: 0]
                book(difference, to: .isolated(slot))
                book(-difference, to: wallet(of: theirs, isIsolated: false))
            }
            let rules = instruments[Int(instrument.index)].rules
            let cost = Self.cost(
                quantity: Rational(quantity.units, scale: 8),
                at: Rational(entry.units, scale: 16),
                rules
            )
            let before = known ?? Holding(quantity: 0, cost: 0, isIsolated: isIsolated)
            let opposite =
                holdings[theirs] ?? Holding(quantity: 0, cost: 0, isIsolated: false)
            replace(slot, quantity: BigInt(quantity.units), cost: cost, isIsolated)
            if quantity == .zero, isIsolated { dissolve(slot) }
            replace(
                theirs,
                quantity: opposite.quantity - (BigInt(quantity.units) - before.quantity),
                cost: opposite.cost - (cost - before.cost),
                false
            )
        }
    }

    private mutating func replace(
        _ slot: Slot,
        quantity: BigInt,
        cost: BigInt,
        _ isIsolated: Bool
    ) {
        stirred.insert(slot.account)
        guard quantity == 0 else {
            holdings[slot] = Holding(quantity: quantity, cost: cost, isIsolated: isIsolated)
            return
        }
        // Cost without quantity is profit or loss already made.
        let isInverse = instruments[Int(slot.instrument)].rules.payoff == .inverse
        book(isInverse ? cost : -cost, to: wallet(of: slot, isIsolated: isIsolated))
        holdings[slot] = nil
    }

    // MARK: Settlements

    /// `− value × rate`, rounded against whoever it is; what is left over is the house's.
    mutating func settleFunding(_ body: FundingSettled) {
        let instrument = body.instrument.index
        let rules = instruments[Int(instrument)].rules
        guard let price = body.price ?? instruments[Int(instrument)].mark else { return }
        let rate = Rational(body.rate.units, scale: 16)
        var paid: BigInt = 0
        for (slot, holding) in holdings where slot.instrument == instrument {
            let value = Self.value(holding, at: Rational(price.units, scale: 8), rules.payoff)
            let payment = (-(value * rate)).floor(scale: 16)
            paid += payment
            book(payment, to: wallet(of: slot, isIsolated: holding.isIsolated))
        }
        assets[Int(settle(of: instrument))].house -= paid
        stirHolders(of: instrument)
    }

    /// Profit moves into the wallet; the settlement price is the new entry.
    mutating func settleSession(_ body: SessionSettled) {
        let instrument = body.instrument.index
        let payoff = instruments[Int(instrument)].rules.payoff
        let price = Rational(body.price.units, scale: 8)
        for (slot, holding) in holdings where slot.instrument == instrument {
            let cost = Self.value(holding, at: price, payoff).ceiling(scale: 16)
            let profit = payoff == .inverse ? holding.cost - cost : cost - holding.cost
            book(profit, to: wallet(of: slot, isIsolated: holding.isIsolated))
            holdings[slot]?.cost = cost
        }
    }

    /// Every position closes at the delivery price; isolated margin goes home.
    mutating func expire(_ body: InstrumentExpired) {
        let instrument = body.instrument.index
        let payoff = instruments[Int(instrument)].rules.payoff
        let price = Rational(body.price.units, scale: 8)
        for (slot, holding) in holdings where slot.instrument == instrument {
            let value = Self.value(holding, at: price, payoff).ceiling(scale: 16)
            let profit = payoff == .inverse ? holding.cost - value : value - holding.cost
            book(profit, to: wallet(of: slot, isIsolated: holding.isIsolated))
            assets[Int(settle(of: instrument))].house -= payoff == .inverse ? -value : value
            holdings[slot] = nil
            if holding.isIsolated { dissolve(slot) }
        }
        for account in orders.keys {
            orders[account]?.removeAll { $0.instrument == body.instrument }
            stirred.insert(account)
        }
    }

    /// What is left of an isolated margin goes back to the cross wallet, unless it is a debt.
    mutating func dissolve(_ slot: Slot) {
        let left = wallets[.isolated(slot), default: 0]
        guard left > 0 else { return }
        book(-left, to: .isolated(slot))
        book(left, to: wallet(of: slot, isIsolated: false))
    }
}
