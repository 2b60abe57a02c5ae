import PlimsollUnits

/// Insurance funds: unmargined accounts of the venue, one for each rule of its rulebook.
extension Ledger {
    /// Opens the accounts of a rulebook's funds, and gives the first one the cash that came in before
    /// there was any.
    mutating func openFunds(of venue: VenueID) {
        guard venues[Int(venue.index)].mode == .venue,
            let funds = venues[Int(venue.index)].rulebook?.enforcement?.funds
        else { return }
        for fund in funds where directory.account(fund.name, in: venue) == nil {
            _ = directory.add(account: fund.name, in: venue)
            var account = Account(
                venue: venue,
                collateralMode: .singleAsset,
                positionMode: .oneWay
            )
            account.isFund = true
            accounts.append(account)
        }
        guard let first = funds.first, let account = directory.account(first.name, in: venue) else {
            return
        }
        for index in assets.indices where assets[index].venue == venue && assets[index].fund != 0 {
            let pool = openCrossPool(of: account.index, asset: Int32(index))
            pools[Int(pool)].wallet += assets[index].fund
            assets[index].fund = 0
        }
    }

    /// The names of a rulebook's funds are free, or are funds already.
    func checkFunds(of rulebook: Rulebook, in venue: VenueID) throws(Rejection) {
        guard venues[Int(venue.index)].mode == .venue else { return }
        for fund in rulebook.enforcement?.funds ?? [] {
            try Self.checkName(fund.name)
            if let account = directory.account(fund.name, in: venue),
                !accounts[Int(account.index)].isFund
            {
                throw .nameTaken(fund.name)
            }
        }
    }

    /// The rule and the account of the fund that stands for an instrument.
    func fund(of instrument: Int32) -> (rule: FundRule, account: Int32)? {
        let venue = instruments[Int(instrument)].venue
        let symbol = instruments[Int(instrument)].rules.symbol
        let funds = venues[Int(venue.index)].rulebook?.enforcement?.funds ?? []
        let rule = funds.first { $0.symbols.contains(symbol) } ?? funds.first { $0.symbols.isEmpty }
        guard let rule, let account = directory.account(rule.name, in: venue) else { return nil }
        return (rule, account.index)
    }

    /// The account of a fund by its name, or of the first one; `nil` where the venue has none at all.
    func fund(named name: String?, of venue: VenueID) throws(Rejection) -> Int32? {
        let funds = venues[Int(venue.index)].rulebook?.enforcement?.funds ?? []
        if let name, !funds.contains(where: { $0.name == name }) { throw .unknownFund(name) }
        guard let fund = name ?? funds.first?.name,
            let account = directory.account(fund, in: venue), accounts[Int(account.index)].isFund
        else { return nil }
        return account.index
    }

    /// How many pools are evaluated after one event: the fewest that a rulebook in force allows.
    mutating func refreshEvaluationLimit() {
        evaluationLimit =
            venues.compactMap {
                $0.mode == .venue ? $0.rulebook?.enforcement?.evaluationsPerEvent : nil
            }
            .min() ?? Int.max
    }

    /// Cash and unrealised profit of a fund in one asset; `nil` where a mark is missing.
    func fundEquity(_ account: Int32, asset: Int32) -> Int128? {
        guard let pool = crossPool(of: account, asset: asset) else { return 0 }
        return equity(ofWallet: pool)
    }

    /// Wallet and unrealised profit of one pool in its own asset; `nil` where a mark is missing.
    func equity(ofWallet pool: Int32) -> Int128? {
        var equity = pools[Int(pool)].wallet + pools[Int(pool)].stake
        for row in pools[Int(pool)].rows {
            let instrument = Int(positions.held[row].instrument)
            guard instruments[instrument].mark > 0 else { return nil }
            equity += Valuation.worth(
                positions.held[row].quantity,
                at: instruments[instrument].mark,
                terms[instrument].payoff
            )
        }
        return equity
    }

    /// How much of a position a fund may take over at `price`, in magnitude.
    ///
    /// Its holdings stay within their cap, and what it would lose against the mark within its equity.
    func fundRoom(
        _ rule: FundRule,
        _ account: Int32,
        for quantity: Int64,
        of instrument: Int32,
        at price: Int64
    ) -> Int64 {
        let size = Int64(quantity.magnitude)
        let asset = terms[Int(instrument)].settle
        guard let equity = fundEquity(account, asset: asset), !isDrawnDown(account, asset: asset)
        else { return 0 }
        var room = Int128(size)
        let loss = -profit(of: quantity, taken: price, in: instrument)
        if loss > 0 {
            guard equity > 0 else { return 0 }
            room = min(
                room,
                Int128(size).multiplied(by: equity, dividedBy: loss, rounding: .down) ?? room
            )
        }
        if let cap = rule.cap {
            let free = cap.units - fundHoldings(account, asset: asset)
            guard free > 0 else { return 0 }
            let value = max(
                1,
                Valuation.notional(
                    size,
                    at: instruments[Int(instrument)].mark,
                    terms[Int(instrument)].payoff
                )
            )
            room = min(
                room,
                Int128(size).multiplied(by: free, dividedBy: value, rounding: .down) ?? room
            )
        }
        guard room < Int128(size) else { return size }
        let step = instruments[Int(instrument)].rules.quantityStep?.units ?? 1
        return Int64(room) / step * step
    }

    /// A fund's fall has reached its trigger: it takes nothing over until it has recovered.
    private func isDrawnDown(_ account: Int32, asset: Int32) -> Bool {
        guard let pool = crossPool(of: account, asset: asset) else { return false }
        return fundWatch[pool]?.isTriggered ?? false
    }

    /// Looks at a fund's equity now, where its rule has a trigger.
    mutating func watch(_ rule: FundRule, _ account: Int32, asset: Int32) {
        guard let drawdown = rule.drawdown,
            let pool = crossPool(of: account, asset: asset)
        else { return }
        watch(pool, by: drawdown)
    }

    /// Looks at the purse of a fund that is watched: a mark has moved what it holds.
    mutating func watchPurse(_ pool: Int32) {
        guard let drawdown = drawdown(ofFund: pools[Int(pool)].account) else { return }
        watch(pool, by: drawdown)
    }

    private mutating func watch(_ pool: Int32, by drawdown: FundRule.Drawdown) {
        guard let equity = equity(ofWallet: pool) else { return }
        fundWatch[pool, default: FundDrawdown()]
            .observe(equity: Money(units: equity), at: clock, by: drawdown)
    }

    /// Notes whether the purses of a fund are watched; what was seen of one that is not is forgotten.
    mutating func refreshWatch(ofFund account: Int32) {
        let isWatched = drawdown(ofFund: account) != nil
        for pool in poolIDs(of: account) {
            pools[Int(pool)].set(.watched, isWatched)
            refreshUndrawnEdges(of: pool)
            if !isWatched { fundWatch[pool] = nil }
        }
    }

    private func drawdown(ofFund account: Int32) -> FundRule.Drawdown? {
        let name = directory.name(AccountID(index: account))
        return rulebook(of: account)?.enforcement?.funds.first { $0.name == name }?.drawdown
    }

    /// Value at the marks of all that a fund holds in one asset.
    private func fundHoldings(_ account: Int32, asset: Int32) -> Int128 {
        guard let pool = crossPool(of: account, asset: asset) else { return 0 }
        return pools[Int(pool)].rows.reduce(Int128(0)) { $0 + notional(of: $1) }
    }

    /// What a position is worth at the mark more than at `price`, to who takes it over at that price.
    func profit(of quantity: Int64, taken price: Int64, in instrument: Int32) -> Int128 {
        let payoff = terms[Int(instrument)].payoff
        return Valuation.worth(quantity, at: instruments[Int(instrument)].mark, payoff)
            - Valuation.worth(quantity, at: price, payoff)
    }

    /// Pays from a fund what a pool owes, as far as its cash goes; returns what was paid.
    mutating func payFromFund(
        _ pool: Int32,
        lead: Int32,
        _ owed: Int128,
        of instrument: Int32,
        _ effects: inout Effects
    ) -> Int128 {
        guard owed > 0, let fund = fund(of: instrument) else { return 0 }
        let asset = pools[Int(pool)].asset
        let purse = openCrossPool(of: fund.account, asset: asset)
        // What its inventory has lost is not there to be paid.
        let cash = min(pools[Int(purse)].wallet, equity(ofWallet: purse) ?? 0)
        let paid = min(owed, max(0, cash))
        if paid < owed { shortFunds.insert(asset) }
        guard paid > 0 else { return 0 }
        credit(purse, -paid, .insurance, &effects)
        credit(pool, paid, .insurance, &effects)
        watch(fund.rule, fund.account, asset: asset)
        report(.deficit, by: fund.account, -paid, pool, lead: lead, nil, 0, &effects)
        return paid
    }

    /// Says what moved to or from a fund.
    mutating func report(
        _ reason: InsuranceMoved.Reason,
        by fund: Int32,
        _ amount: Int128,
        _ pool: Int32,
        lead: Int32,
        _ instrument: Int32?,
        _ quantity: Int64,
        sale: CollateralSale? = nil,
        _ effects: inout Effects
    ) {
        let asset = pools[Int(pool)].asset
        let cash = crossPool(of: fund, asset: asset).map { pools[Int($0)].wallet } ?? 0
        effects.append(
            .insuranceMoved(
                InsuranceMoved(
                    liquidation: liquidations[lead]?.number ?? 0,
                    fund: AccountID(index: fund),
                    reason: reason,
                    asset: AssetID(index: asset),
                    amount: Money(units: amount),
                    quantity: Quantity(unchecked: quantity),
                    instrument: instrument.map { InstrumentID(index: $0) },
                    balance: Money(units: cash),
                    sale: sale
                )
            )
        )
    }
}
