import PlimsollUnits

extension Ledger {
    /// The limits of liquidation orders for positions that are reduced together.
    func liquidationLimits(
        of lead: Int32,
        _ rows: [Int],
        _ rules: Enforcement,
        _ figures: PoolFigures
    ) -> [Int: Int64] {
        var limits = bankruptcyPrices(of: lead, rows, equity: figures.equity)
        guard case .fillable(let adjustment, let spread) = rules.limitPrice else { return limits }
        for row in rows {
            guard let bankruptcy = limits[row] else { continue }
            let isLong = positions.held[row].quantity > 0
            let fillable = FillablePrice(
                equity: Money(units: figures.equity),
                maintenance: Money(units: figures.maintenanceMoney),
                value: Money(units: notional(of: row)),
                positionMaintenance: Money(
                    units: ownMaintenance(of: row).divided(by: PowerOfTen.eight, rounding: .down)
                ),
                mark: Price(unchecked: instruments[Int(positions.held[row].instrument)].mark),
                side: isLong ? .sell : .buy,
                adjustment: adjustment,
                spread: spread
            )
            let price = onTick(fillable.limit, row)
            // Never beyond the bankruptcy price.
            limits[row] = isLong ? max(bankruptcy, price) : min(bankruptcy, price)
        }
        return limits
    }

    /// The price of each position at which its share of `equity` is used up; the shares go by the
    /// maintenance that each ties up, so that all of them together can cost all of it and no more.
    ///
    /// Rounded in favour of the pool, to the instrument's tick where it has one, so a fund that takes
    /// over at it never pays for rounding. Source: dYdX v4, `x/clob/keeper/liquidations.go`
    /// (`margin-rules` 3.2).
    func bankruptcyPrices(of lead: Int32, _ rows: [Int], equity: Int128) -> [Int: Int64] {
        let needs = rows.map {
            max(1, counted(ownMaintenance(of: $0), of: positions.held[$0].instrument, in: lead))
        }
        let total = needs.reduce(Int128(0), saturatingSum)
        var prices: [Int: Int64] = [:]
        for (row, need) in zip(rows, needs) {
            let instrument = instruments[Int(positions.held[row].instrument)]
            let quantity = Quantity(unchecked: positions.held[row].quantity)
            // The two maintenances are of one scale, and only their quotient counts.
            let share = LiquidationPricing.share(
                of: Money(units: equity),
                freeing: Money(units: need),
                from: Money(units: total)
            ).units
            let worth = Valuation.value(
                quantity.units,
                at: instrument.mark,
                instrument.rules.payoff
            )
            let price = LiquidationPricing.bankruptcyPrice(
                closing: quantity,
                value: Money(units: worth).magnitude,
                share: Money(units: settled(share, of: positions.held[row].instrument, in: lead)),
                instrument.rules.payoff
            )
            // Where no price brings in enough, the nearest to it that there is.
            let nearest: Price =
                quantity.units > 0 ? instrument.rules.maxPrice : Price(unchecked: 1)
            prices[row] = onTick(price ?? nearest, row)
        }
        return prices
    }

    /// An amount of what an instrument settles in, as it counts against a pool's equity: in multi-asset
    /// mode in the rulebook's currency, at ask, rounded up.
    func counted(_ amount: Int128, of instrument: Int32, in lead: Int32) -> Int128 {
        guard pools[Int(lead)].isMultiAsset,
            let rate = try? conversion(of: terms[Int(instrument)].settle)
        else { return amount }
        return rate.requirement(amount)
    }

    /// A part of a pool's equity as an amount of what an instrument settles in: what may be lost, or
    /// below zero what has to be gained; rounded down.
    ///
    /// In multi-asset mode a loss counts at ask at the most. A gain counts at ask while it pays what is
    /// owed in that asset; beyond, at the index where it may be converted, else at bid. Weights by tiers
    /// are not looked at, so that what they take off is left to be owed.
    private func settled(_ share: Int128, of instrument: Int32, in lead: Int32) -> Int128 {
        let asset = terms[Int(instrument)].settle
        guard pools[Int(lead)].isMultiAsset, let rate = try? conversion(of: asset) else {
            return share
        }
        func amount(_ value: Int128, at price: Int128, _ rounding: Rounding) -> Int128 {
            value.multiplied(by: PowerOfTen.sixteen, dividedBy: price, rounding: rounding)
                ?? Limits.money
        }
        guard share < 0 else { return amount(share, at: rate.ask, .down) }
        let equity = crossPool(of: pools[Int(lead)].account, asset: asset)
            .flatMap { self.equity(ofWallet: $0) }
        let debt = max(0, -(equity ?? 0))
        let paying = rate.requirement(debt)
        let rules = rulebook(of: pools[Int(lead)].account)?.enforcement
        let isSold = rules?.conversion?.order.contains(directory.assets[Int(asset)]) == true
        let bid = isSold ? Int128(rate.index) * PowerOfTen.eight : rate.bid
        guard -share > paying, bid > 0 else { return -amount(-share, at: rate.ask, .up) }
        return -debt - amount(-share - paying, at: bid, .up)
    }

    /// The maintenance of one position alone, 10⁻²⁴.
    func ownMaintenance(of row: Int) -> Int128 {
        let held = positions.held[row]
        guard let prices = try? prices(of: held.instrument, held.quantity) else { return 1 }
        var nothing = NoTerms()
        return instruments[Int(held.instrument)].margin
            .figures(view(row, isIsolated: false), prices, into: &nothing).maintenance
    }

    /// A limit on its instrument's tick, in favour of the pool, within what a price may be.
    private func onTick(_ price: Price, _ row: Int) -> Int64 {
        let rules = instruments[Int(positions.held[row].instrument)].rules
        let tick = Int128(rules.tickSize?.units ?? 1)
        let rounding: Rounding = positions.held[row].quantity > 0 ? .up : .down
        let rounded = Int128(price.units).divided(by: tick, rounding: rounding) * tick
        return Int64(min(max(rounded, 1), Int128(rules.maxPrice.units)))
    }
}
