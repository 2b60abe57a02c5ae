import PlimsollUnits

extension Deposited {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.check(account, asset)
        try Ledger.checkAmount(amount)
        try ledger.checkWallet(account, asset, adding: amount.units)
        try Ledger.checkLimit(
            ledger.assets[Int(asset.index)].deposits + amount.units,
            "all deposits"
        )
        let pool = ledger.openCrossPool(of: account.index, asset: asset.index)
        ledger.assets[Int(asset.index)].deposits += amount.units
        ledger.credit(pool, amount.units, .deposit, &effects)
    }
}

extension WithdrawalRequested {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.check(account, asset)
        try Ledger.checkAmount(amount)
        if try ledger.checkRequest(account) {
            try ledger.checkWithdrawable(account, asset, amount)
        }
        try ledger.checkWallet(account, asset, adding: -amount.units)
        let pool = ledger.openCrossPool(of: account.index, asset: asset.index)
        let key = AccountKey(account: account.index, other: asset.index)
        ledger.inTransit[key, default: 0] += amount.units
        ledger.assets[Int(asset.index)].inTransit += amount.units
        ledger.credit(pool, -amount.units, .withdrawal, &effects)
    }
}

extension Ledger {
    /// `amount` of `asset` may leave `account`: without unrealised profit, and without falling below
    /// the initial requirement.
    func checkWithdrawable(
        _ account: AccountID,
        _ asset: AssetID,
        _ amount: Money
    ) throws(Rejection) {
        if shortFunds.contains(asset.index),
            rulebook(of: account.index)?.enforcement?.gatesWithdrawals == true
        {
            throw .withdrawalsWait(asset: directory.name(asset))
        }
        let pool = crossPool(of: account.index, asset: asset.index)
        let free = try withdrawable(pool)
        guard amount.units <= free else {
            throw .insufficientWithdrawable(
                requested: "\(amount)",
                withdrawable: Text.money(free)
            )
        }
    }

    /// What may leave a cross pool, in its asset.
    func withdrawable(_ pool: Int32?) throws(Rejection) -> Int128 {
        guard let pool else { return 0 }
        let wallet = pools[Int(pool)].wallet
        guard wallet > 0 else { return 0 }
        let lead = lead(of: pool)
        let figures = try figuresForRequest(lead, Supposition(withoutProfit: true))
        guard pools[Int(pool)].isMultiAsset else {
            return max(0, min(wallet, figures.equity - figures.initial))
        }
        // Value falls with the wallet step by step, so the largest amount is found by halving.
        let asset = pools[Int(pool)].asset
        func passes(_ amount: Int128) throws(Rejection) -> Bool {
            let after = try figuresForRequest(
                lead,
                Supposition(withoutProfit: true, walletChange: (asset, -amount))
            )
            return after.equity >= after.initial
        }
        guard figures.equity >= figures.initial else { return 0 }
        return try largest(upTo: wallet, where: passes)
    }

    /// The largest amount from 0 to `limit` that passes a test which small amounts pass and large
    /// ones may not.
    func largest(
        upTo limit: Int128,
        where passes: (Int128) throws(Rejection) -> Bool
    ) throws(Rejection) -> Int128 {
        if try passes(limit) { return limit }
        var (low, high) = (Int128(0), limit)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if try passes(middle) { low = middle } else { high = middle }
        }
        return low
    }

    /// Takes `amount` out of what `account` has in transit.
    fileprivate mutating func endTransit(
        _ account: AccountID,
        _ asset: AssetID,
        _ amount: Money
    ) throws(Rejection) {
        try check(account, asset)
        try Self.checkAmount(amount)
        let key = AccountKey(account: account.index, other: asset.index)
        let underway = inTransit[key] ?? 0
        guard amount.units <= underway else {
            throw .insufficientTransit(requested: "\(amount)", inTransit: Text.money(underway))
        }
        inTransit[key] = underway == amount.units ? nil : underway - amount.units
        assets[Int(asset.index)].inTransit -= amount.units
    }
}

extension WithdrawalSettled {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        try ledger.endTransit(account, asset, amount)
        ledger.assets[Int(asset.index)].withdrawals += amount.units
    }
}

extension WithdrawalReversed {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.endTransit(account, asset, amount)
        let pool = ledger.openCrossPool(of: account.index, asset: asset.index)
        ledger.credit(pool, amount.units, .withdrawalReversal, &effects)
    }
}

extension Transferred {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.check(from, asset)
        try ledger.check(to, asset)
        try Ledger.checkAmount(amount)
        guard from != to else { throw .sameParty }
        if try ledger.checkRequest(from) {
            try ledger.checkWithdrawable(from, asset, amount)
        }
        try ledger.checkWallet(from, asset, adding: -amount.units)
        try ledger.checkWallet(to, asset, adding: amount.units)
        let giver = ledger.openCrossPool(of: from.index, asset: asset.index)
        let taker = ledger.openCrossPool(of: to.index, asset: asset.index)
        ledger.credit(giver, -amount.units, .transfer, &effects)
        ledger.credit(taker, amount.units, .transfer, &effects)
    }
}

extension IsolatedMarginMoved {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.check(account, instrument)
        try ledger.check(leg, of: account)
        guard amount.units != 0 else { throw .notPositive("the amount", value: "0") }
        try Ledger.checkLimit(amount.units, "the amount")
        let decides = try ledger.checkRequest(account)
        let symbol = ledger.directory.name(instrument)
        let place = ledger.location(of: account.index, instrument: instrument.index, leg: leg)
        guard let pool = place.pool, place.row != nil else { throw .noPosition(symbol: symbol) }
        guard place.isIsolated else { throw .notIsolated(symbol: symbol) }
        let asset = ledger.instruments[Int(instrument.index)].settle
        if decides {
            if amount.units > 0 {
                try ledger.checkWithdrawable(account, asset, amount)
            } else {
                try checkFree(pool, ledger)
            }
        }
        let cross = ledger.openCrossPool(of: account.index, asset: asset.index)
        ledger.credit(cross, -amount.units, .isolatedMargin, &effects)
        ledger.credit(pool, amount.units, .isolatedMargin, &effects)
    }

    /// What is taken out leaves the isolated position at or above its initial margin (Binance: margin
    /// may be removed while isolated wallet + unrealised ≥ initial).
    private func checkFree(_ pool: Int32, _ ledger: Ledger) throws(Rejection) {
        let figures = try ledger.figuresForRequest(pool)
        let free = max(0, min(ledger.pools[Int(pool)].wallet, figures.equity - figures.initial))
        guard -amount.units <= free else {
            throw .insufficientIsolated(requested: "\(-amount)", free: Text.money(free))
        }
    }
}

extension FeeCharged {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.check(account, asset)
        guard amount.units != 0 else { throw .notPositive("the fee", value: "0") }
        try Ledger.checkLimit(amount.units, "the fee")
        try ledger.checkWallet(account, asset, adding: -amount.units)
        let pool = ledger.openCrossPool(of: account.index, asset: asset.index)
        ledger.assets[Int(asset.index)].fees += amount.units
        ledger.credit(pool, -amount.units, .fee, &effects)
    }
}

extension InterestAccrued {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.check(account, asset)
        guard amount.units != 0 else { throw .notPositive("the interest", value: "0") }
        try Ledger.checkLimit(amount.units, "the interest")
        try ledger.checkWallet(account, asset, adding: amount.units)
        let pool = ledger.openCrossPool(of: account.index, asset: asset.index)
        ledger.assets[Int(asset.index)].house -= amount.units
        ledger.credit(pool, amount.units, .interest, &effects)
    }
}

extension InsuranceFunded {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        _ = try ledger.known(asset)
        try Ledger.checkAmount(amount)
        try Ledger.checkLimit(
            ledger.assets[Int(asset.index)].deposits + amount.units,
            "all deposits"
        )
        let account = try ledger.fund(named: fund, of: ledger.assets[Int(asset.index)].venue)
        ledger.assets[Int(asset.index)].deposits += amount.units
        ledger.shortFunds.remove(asset.index)
        guard let account else {
            ledger.assets[Int(asset.index)].fund += amount.units
            return
        }
        let purse = ledger.openCrossPool(of: account, asset: asset.index)
        ledger.credit(purse, amount.units, .insuranceFunding, &effects)
    }
}

extension CollateralConverted {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.check(account, from)
        try ledger.check(account, to)
        try Ledger.checkAmount(sold, "what is sold")
        try Ledger.checkAmount(bought, "what is bought")
        guard from != to else { throw .sameParty }
        let outside = ledger.venues[Int(ledger.accounts[Int(account.index)].venue.index)].outside
        guard account != outside else { throw .notForOutside }
        try ledger.checkWallet(account, from, adding: -sold.units)
        try ledger.checkWallet(account, to, adding: bought.units)
        try ledger.checkWallet(outside, from, adding: sold.units)
        try ledger.checkWallet(outside, to, adding: -bought.units)
        let given = ledger.openCrossPool(of: account.index, asset: from.index)
        let received = ledger.openCrossPool(of: account.index, asset: to.index)
        let outsideIn = ledger.openCrossPool(of: outside.index, asset: from.index)
        let outsideOut = ledger.openCrossPool(of: outside.index, asset: to.index)
        ledger.credit(given, -sold.units, .conversion, &effects)
        ledger.credit(outsideIn, sold.units, .conversion, &effects)
        ledger.credit(received, bought.units, .conversion, &effects)
        ledger.credit(outsideOut, -bought.units, .conversion, &effects)
    }
}
