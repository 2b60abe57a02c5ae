public import PlimsollUnits

extension Engine {
    /// The rulebook that a venue has adopted.
    public func rulebook(of venue: VenueID) -> Rulebook? {
        ledger.venues.indices.contains(Int(venue.index))
            ? ledger.venues[Int(venue.index)].rulebook : nil
    }

    /// Whether all counterparties of a venue are inside, or it mirrors another.
    public func mode(of venue: VenueID) -> VenueMode { ledger.venues[Int(venue.index)].mode }

    /// The venue of an account.
    public func venue(of account: AccountID) -> VenueID {
        ledger.accounts[Int(account.index)].venue
    }

    /// Whether an account has one net position or two legs in an instrument.
    public func positionMode(of account: AccountID) -> PositionMode {
        ledger.accounts[Int(account.index)].positionMode
    }

    /// The account that stands for the rest of the world.
    public func outside(of venue: VenueID) -> AccountID {
        ledger.venues[Int(venue.index)].outside
    }

    /// The rules of an instrument.
    public func rules(of instrument: InstrumentID) -> InstrumentRules {
        ledger.instruments[Int(instrument.index)].rules
    }

    /// The last mark of an instrument that was believed.
    public func mark(of instrument: InstrumentID) -> Price? {
        let mark = ledger.instruments[Int(instrument.index)].mark
        return mark > 0 ? Price(unchecked: mark) : nil
    }

    /// The last index price of an asset.
    public func index(of asset: AssetID) -> Price? {
        let index = ledger.assets[Int(asset.index)].index
        return index > 0 ? Price(unchecked: index) : nil
    }

    /// The band and mode of every pool of an account, without computing anything.
    public func standing(of account: AccountID) -> [(pool: PoolID, band: Band, mode: PoolMode)] {
        ledger.poolIDs(of: account.index).filter { ledger.lead(of: $0) == $0 }.map {
            (PoolID(index: $0), ledger.pools[Int($0)].band, ledger.pools[Int($0)].mode)
        }
    }

    /// The worst band of an account's pools after the last event, without computing anything.
    public borrowing func band(of account: AccountID) -> Band {
        var worst = Band.safe
        var pool = ledger.accounts[Int(account.index)].firstPool
        while pool >= 0 {
            worst = max(worst, ledger.pools[Int(pool)].band)
            pool = ledger.pools[Int(pool)].next
        }
        return worst
    }

    /// All figures of an account; `prices: false` leaves the solved prices out.
    public func report(_ account: AccountID, prices: Bool = true) -> AccountReport {
        AccountReporter(ledger: ledger, account: account.index, solves: prices).report()
    }

    /// The reports of many accounts, in their order, by as many threads as are to share the work.
    public func reports(
        _ accounts: [AccountID],
        prices: Bool = true,
        threads: Int
    ) -> [AccountReport] {
        inParts(accounts.count, threads: threads) { range in
            accounts[range].map { report($0, prices: prices) }
        }
    }

    /// The venue's books in every asset.
    public func totals() -> [AssetTotals] {
        var wallets = [Int128](repeating: 0, count: ledger.assets.count)
        var unrealized = wallets
        var funds = ledger.assets.map(\.fund)
        for pool in ledger.pools {
            if ledger.accounts[Int(pool.account)].isFund {
                funds[Int(pool.asset)] += pool.wallet
            } else {
                wallets[Int(pool.asset)] += pool.wallet
            }
            unrealized[Int(pool.asset)] += pool.stake
        }
        return ledger.assets.indices.map { index in
            let asset = ledger.assets[index]
            return AssetTotals(
                asset: AssetID(index: Int32(index)),
                deposits: Money(units: asset.deposits),
                withdrawals: Money(units: asset.withdrawals + asset.inTransit),
                inTransit: Money(units: asset.inTransit),
                wallets: Money(units: wallets[index]),
                unrealized: Money(units: unrealized[index]),
                funds: Money(units: funds[index]),
                fees: Money(units: asset.fees),
                house: Money(units: asset.house)
            )
        }
    }

    /// Accounts with a pool whose equity is below zero.
    public func accountsBelowZero() -> [AccountID] {
        var found: [AccountID] = []
        for (index, account) in ledger.accounts.enumerated() where !account.isUnmargined {
            let isBelow = ledger.poolIDs(of: Int32(index)).contains {
                guard ledger.lead(of: $0) == $0,
                    let figures = try? ledger.figures(ofPool: $0)
                else { return false }
                return figures.equity < 0
            }
            if isBelow { found.append(AccountID(index: Int32(index))) }
        }
        return found
    }

    /// Every pool below its line at the present marks, by a full exact sweep: the oracle of the bands.
    ///
    /// The answer does not depend on how many threads share the work.
    public func sweepBelow(threads: Int = 1) -> [PoolID] { ledger.sweepBelow(threads: threads) }

    /// What is wrong with the books: money not conserved, or open interest not balanced.
    ///
    /// Empty, always.
    public func brokenInvariants() -> [String] {
        var broken: [String] = []
        for total in totals() where total.difference.units != 0 {
            broken.append("\(directory.name(total.asset)): \(total.difference) is unaccounted for")
        }
        var net = [Int128](repeating: 0, count: ledger.instruments.count)
        for pool in ledger.pools {
            var stake: Int128 = 0
            for row in Int(pool.start)..<Int(pool.start + pool.count) {
                let instrument = Int(ledger.positions.held[row].instrument)
                net[instrument] += Int128(ledger.positions.held[row].quantity)
                stake += Valuation.stake(
                    ledger.positions.cost[row],
                    ledger.instruments[instrument].rules.payoff
                )
                if ledger.positions.held[row].quantity == 0 {
                    broken.append("an empty position is open")
                }
            }
            if stake != pool.stake { broken.append("a pool's folded cost is off") }
        }
        for (index, quantity) in net.enumerated() where quantity != 0 {
            broken.append("\(directory.instruments[index]): long and short differ by \(quantity)")
        }
        return broken
    }
}

/// Gathers the figures of one account.
struct AccountReporter {
    let ledger: Ledger
    let account: Int32
    let solves: Bool

    func report() -> AccountReport {
        let leads = ledger.poolIDs(of: account).filter { ledger.lead(of: $0) == $0 }
        let pools = leads.map { poolReport($0) }
        let positions = leads.flatMap { lead in
            ledger.sleeves(of: lead).flatMap { positionReports($0, lead: lead) }
        }
        let total = total(pools)
        return AccountReport(
            account: AccountID(index: account),
            asset: total.asset,
            figures: total.figures,
            state: pools.map(\.band).max() ?? .safe,
            collateral: collateral(),
            pools: pools,
            positions: positions,
            stale: stale(),
            missing: missing()
        )
    }

    // MARK: Pools

    private func poolReport(_ lead: Int32) -> PoolReport {
        let pool = ledger.pools[Int(lead)]
        let figures = try? ledger.figures(ofPool: lead)
        let withoutProfit = try? ledger.figures(
            ofPool: lead,
            supposing: Supposition(withoutProfit: true)
        )
        var margin: MarginFigures?
        if let figures, let withoutProfit {
            margin = MarginFigures(figures, withoutProfit: withoutProfit)
        }
        return PoolReport(
            pool: PoolID(index: lead),
            asset: pool.isMultiAsset
                ? ledger.rulebook(of: account)?.currency ?? ""
                : ledger.directory.assets[Int(pool.asset)],
            isolated: pool.isolated >= 0 ? InstrumentID(index: pool.isolated) : nil,
            leg: pool.isolatedLeg,
            isMultiAsset: pool.isMultiAsset,
            figures: margin,
            band: pool.band,
            mode: pool.mode,
            isStale: figures?.isStale ?? false
        )
    }

    /// Account figures: the sum where all pools share an asset, else valued at the indexes.
    private func total(_ pools: [PoolReport]) -> (asset: String, figures: MarginFigures?) {
        let relevant = pools.filter { $0.figures.map { $0 != MarginFigures() } ?? true }
        let assets = Set(relevant.map(\.asset))
        let currency = ledger.rulebook(of: account)?.currency ?? ""
        let asset = assets.count > 1 ? currency : relevant.first?.asset ?? pools.first?.asset
        var total = MarginFigures()
        for pool in relevant {
            guard let figures = pool.figures else { return (asset ?? currency, nil) }
            if pool.asset == asset {
                total.add(figures, isIsolated: pool.isolated != nil) { $0 }
            } else {
                let index = ledger.pools[Int(pool.pool.index)].asset
                guard let rate = try? ledger.conversion(of: index) else { return (currency, nil) }
                total.add(figures, isIsolated: pool.isolated != nil) { rate.plain($0) }
            }
        }
        return (asset ?? currency, total)
    }

    private func collateral() -> [CollateralReport] {
        var reports: [CollateralReport] = []
        for pool in ledger.poolIDs(of: account) {
            let row = ledger.pools[Int(pool)]
            let name = ledger.directory.assets[Int(row.asset)]
            let equity = equity(of: pool)
            let isolated = row.isolated >= 0 ? row.wallet : 0
            if let known = reports.firstIndex(where: { $0.asset == name }) {
                reports[known].walletBalance.units += row.wallet
                reports[known].isolatedMargin.units += isolated
                if let sum = reports[known].equity, let equity {
                    reports[known].equity = Money(units: sum.units + equity)
                } else {
                    reports[known].equity = nil
                }
            } else {
                reports.append(
                    CollateralReport(
                        asset: name,
                        walletBalance: Money(units: row.wallet),
                        isolatedMargin: Money(units: isolated),
                        equity: equity.map { Money(units: $0) },
                        collateralValue: nil
                    )
                )
            }
            if row.isMultiAsset, let equity, let rate = try? ledger.conversion(of: row.asset) {
                let value = Money(units: rate.collateral(equity))
                reports[reports.count - 1].collateralValue = value
                if let known = reports.firstIndex(where: { $0.asset == name }) {
                    reports[known].collateralValue = value
                }
            }
        }
        return reports
    }

    /// Wallet and profit of one wallet, in its asset.
    private func equity(of pool: Int32) -> Int128? {
        let row = ledger.pools[Int(pool)]
        var equity = row.wallet + row.stake
        for index in Int(row.start)..<Int(row.start + row.count) {
            let instrument = ledger.instruments[Int(ledger.positions.held[index].instrument)]
            guard instrument.mark > 0 else { return nil }
            equity += Valuation.worth(
                ledger.positions.held[index].quantity,
                at: instrument.mark,
                instrument.rules.payoff
            )
        }
        return equity
    }

    // MARK: Positions

    private func positionReports(_ pool: Int32, lead: Int32) -> [PositionReport] {
        let row = ledger.pools[Int(pool)]
        return (Int(row.start)..<Int(row.start + row.count)).map { index in
            positionReport(index, pool: pool, lead: lead)
        }
    }

    private func positionReport(_ index: Int, pool: Int32, lead: Int32) -> PositionReport {
        let instrument = ledger.positions.held[index].instrument
        let rules = ledger.instruments[Int(instrument)].rules
        let isIsolated = ledger.pools[Int(pool)].isolated >= 0
        let view = ledger.view(index, isIsolated: isIsolated)
        let prices = try? ledger.prices(of: instrument, view.quantity)
        var nothing = NoTerms()
        let figures = prices.map {
            PositionMargin(rules: rules).figures(view, $0, into: &nothing)
        }
        let chosen = view.leverage > 0 ? view.leverage : figures?.leverage ?? 0
        return PositionReport(
            instrument: InstrumentID(index: instrument),
            symbol: rules.symbol,
            asset: rules.settle,
            leg: ledger.positions.held[index].leg,
            pool: PoolID(index: lead),
            marginMode: isIsolated ? .isolated : .cross,
            quantity: Quantity(unchecked: view.quantity),
            cost: Money(units: view.cost),
            entryPrice: Valuation.entryPrice(view.quantity, view.cost, rules.payoff),
            markPrice: prices.map { Price(unchecked: $0.mark) },
            leverage: chosen > 0 ? Leverage(unchecked: chosen) : nil,
            leverageIsChosen: view.leverage > 0,
            isolatedMargin: isIsolated
                ? Money(units: ledger.pools[Int(pool)].wallet) : nil,
            figures: figures.map { marginFigures($0, view, rules, lead: lead) },
            liquidationPrice: solve(.maintenance, lead, instrument),
            bankruptcyPrice: solve(.bankruptcy, lead, instrument)
        )
    }

    private func solve(_ line: Line, _ lead: Int32, _ instrument: Int32) -> PriceAnswer {
        guard solves else { return .none(.missingPrice) }
        return PriceSolver(ledger: ledger, lead: lead, instrument: instrument, line: line).solve()
    }

    private func marginFigures(
        _ figures: PositionFigures,
        _ view: PositionView,
        _ rules: InstrumentRules,
        lead: Int32
    ) -> PositionMarginFigures {
        let bracket = PositionMargin(rules: rules).heldBracket(figures)
        let equity = (try? ledger.figures(ofPool: lead))?.equity ?? 0
        let maintenance = figures.maintenance.divided(by: PowerOfTen.eight, rounding: .up)
        let rate =
            bracket?.maintenanceRate.units16
            ?? maintenance.multiplied(
                by: PowerOfTen.sixteen,
                dividedBy: max(1, figures.notional),
                rounding: .halfEven
            ) ?? 0
        return PositionMarginFigures(
            notional: Money(units: figures.notional),
            unrealizedPnl: Money(units: figures.unrealized),
            initialMargin: Money(units: figures.initial),
            maintenanceMargin: Money(units: maintenance),
            maintenanceRate: SolvedPrice(units: rate),
            maintenanceAmount: Money(
                units: (bracket?.deduction ?? 0).divided(
                    by: PowerOfTen.eight,
                    rounding: .halfEven
                )
            ),
            bracket: bracket == nil ? nil : figures.bracket,
            effectiveLeverage: equity > 0
                ? figures.notional.multiplied(
                    by: PowerOfTen.sixteen,
                    dividedBy: equity,
                    rounding: .up
                ).map { SolvedPrice(units: $0) } : nil
        )
    }

    // MARK: Prices

    private var heldInstruments: [Int32] {
        var held: Set<Int32> = []
        for pool in ledger.poolIDs(of: account) {
            let row = ledger.pools[Int(pool)]
            for index in Int(row.start)..<Int(row.start + row.count) {
                held.insert(ledger.positions.held[index].instrument)
            }
        }
        return held.sorted()
    }

    private func stale() -> [String] {
        let marks = heldInstruments.filter { ledger.isStale($0) }
            .map { ledger.directory.instruments[Int($0)] }
        var indexes: [String] = []
        for pool in ledger.poolIDs(of: account) where ledger.pools[Int(pool)].isMultiAsset {
            let asset = ledger.pools[Int(pool)].asset
            guard ledger.isStaleIndex(asset) else { continue }
            indexes.append(ledger.directory.assets[Int(asset)])
        }
        return marks + indexes
    }

    private func missing() -> [String] {
        var names: [String] = []
        for pool in ledger.poolIDs(of: account) where ledger.lead(of: pool) == pool {
            do throws(MissingPrice) {
                _ = try ledger.figures(ofPool: pool)
            } catch {
                switch error {
                case .mark(let instrument):
                    names.append(ledger.directory.instruments[Int(instrument)])
                case .index(let asset): names.append(ledger.directory.assets[Int(asset)])
                }
            }
        }
        return names
    }
}

extension PositionMargin {
    /// The bracket that figures were computed in, if the schedule has brackets.
    func heldBracket(_ figures: PositionFigures) -> Bracket? {
        guard case .brackets(let schedule) = rules.schedule else { return nil }
        return schedule.brackets[figures.bracket]
    }
}

extension Valuation {
    /// The average entry price: cost ÷ quantity in 10⁻¹⁶; for inverse payoffs quantity ÷ cost, to
    /// 10⁻⁸, since the cost itself was rounded.
    static func entryPrice(_ quantity: Int64, _ cost: Int128, _ payoff: Payoff) -> SolvedPrice {
        let size = Int128(quantity.magnitude)
        let amount = cost < 0 ? -cost : cost
        guard size > 0, amount > 0 else { return SolvedPrice(units: 0) }
        if payoff == .inverse {
            let price = size.multiplied(
                by: PowerOfTen.sixteen,
                dividedBy: amount,
                rounding: .halfEven
            )
            return SolvedPrice(units: (price ?? 0) * PowerOfTen.eight)
        }
        let price = amount.multiplied(
            by: PowerOfTen.eight,
            dividedBy: size,
            rounding: .halfEven
        )
        return SolvedPrice(units: price ?? 0)
    }
}

extension MarginFigures {
    init(_ figures: PoolFigures, withoutProfit: PoolFigures) {
        walletBalance = Money(units: figures.wallet)
        unrealizedPnl = Money(units: figures.unrealized)
        equity = Money(units: figures.equity)
        positionInitialMargin = Money(units: figures.positionInitial)
        orderInitialMargin = Money(units: figures.orderInitial)
        maintenanceMargin = Money(units: figures.maintenanceMoney)
        availableBalance = Money(units: max(0, figures.equity - figures.initial))
        withdrawable = Money(units: max(0, withoutProfit.equity - withoutProfit.initial))
    }

    /// Adds a pool's figures, converted; an isolated pool's free margin backs nothing else.
    mutating func add(
        _ other: MarginFigures,
        isIsolated: Bool,
        _ convert: (Int128) -> Int128
    ) {
        walletBalance.units += convert(other.walletBalance.units)
        unrealizedPnl.units += convert(other.unrealizedPnl.units)
        equity.units += convert(other.equity.units)
        positionInitialMargin.units += convert(other.positionInitialMargin.units)
        orderInitialMargin.units += convert(other.orderInitialMargin.units)
        maintenanceMargin.units += convert(other.maintenanceMargin.units)
        guard !isIsolated else { return }
        availableBalance.units += convert(other.availableBalance.units)
        withdrawable.units += convert(other.withdrawable.units)
    }
}
