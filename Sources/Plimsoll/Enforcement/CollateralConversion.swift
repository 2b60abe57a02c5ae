import PlimsollUnits

/// What a multi-asset account below its line owes in one asset is paid with what it owns in others.
///
/// It is done while no liquidation order is out, since their limits share out the equity that there was
/// when they were sent. `outside` is the other side of each sale, as of a conversion that is reported.
extension Ledger {
    /// Pays what the wallets of a pool owe, each by selling the assets of the rulebook's order; whether
    /// anything was sold.
    ///
    /// Without fresh index prices nothing is sold at them: a debt waits for its own, and the assets that
    /// come later in the order wait for those of an earlier one.
    mutating func convertCollateral(
        _ lead: Int32,
        _ rules: Enforcement,
        _ effects: inout Effects
    ) -> Bool {
        guard pools[Int(lead)].isMultiAsset, let rule = rules.conversion else { return false }
        let before = effects.count
        let account = pools[Int(lead)].account
        let venue = accounts[Int(account)].venue
        let order = rule.order.compactMap { directory.asset($0, in: venue) }
            .compactMap { crossPool(of: account, asset: $0.index) }
        for owed in sleeves(of: lead) {
            for sold in order {
                guard debt(of: owed) > 0, hasFreshIndex(pools[Int(owed)].asset) else { break }
                guard holding(of: sold) > 0 else { continue }
                guard hasFreshIndex(pools[Int(sold)].asset) else { break }
                sell(sold, for: owed, lead, rule, &effects)
            }
        }
        return effects.count > before
    }

    /// A wallet holds too little to buy one unit of anything that its account owes, where the rulebook
    /// converts: nobody waits for it.
    func isDust(_ pool: Int32, for owed: [Int32], _ rules: Enforcement) -> Bool {
        guard rules.conversion != nil else { return false }
        return owed.allSatisfy {
            exchange(of: pool, for: $0, fee: .zero)?.proceeds(of: pools[Int(pool)].wallet) == 0
        }
    }

    // MARK: What is owed and owned

    /// What a wallet is below zero, as far as the profit of its own asset's positions does not cover it.
    private func debt(of pool: Int32) -> Int128 {
        guard let equity = equity(ofWallet: pool) else { return 0 }
        return max(0, min(-pools[Int(pool)].wallet, -equity))
    }

    /// What a wallet has and its own asset's positions have not lost.
    ///
    /// Between this and `debt` a sale lowers nobody's equity: what is sold counts no more than its index
    /// (bid, haircuts), and what is owed no less than it (ask).
    private func holding(of pool: Int32) -> Int128 {
        guard let equity = equity(ofWallet: pool) else { return 0 }
        return max(0, min(pools[Int(pool)].wallet, equity))
    }

    /// An asset's index price is known and not older than the rulebook allows; the currency has none.
    private func hasFreshIndex(_ asset: Int32) -> Bool {
        guard let rate = try? conversion(of: asset) else { return false }
        return rate.isCurrency || !isStaleIndex(asset)
    }

    // MARK: One sale

    private func exchange(of sold: Int32, for owed: Int32, fee: Rate) -> CollateralExchange? {
        guard let give = try? conversion(of: pools[Int(sold)].asset),
            let take = try? conversion(of: pools[Int(owed)].asset)
        else { return nil }
        return CollateralExchange(soldIndex: give.index, owedIndex: take.index, fee: fee)
    }

    private mutating func sell(
        _ sold: Int32,
        for owed: Int32,
        _ lead: Int32,
        _ rule: CollateralConversion,
        _ effects: inout Effects
    ) {
        let fund = conversionFund(of: pools[Int(lead)].account)
        guard let exchange = exchange(of: sold, for: owed, fee: fund == nil ? .zero : rule.fee),
            let equity = equityAfterSale(of: sold, for: owed, lead),
            let sale = exchange.sale(
                paying: debt(of: owed),
                from: holding(of: sold),
                where: { equity($0) >= 0 }
            ), isWithinLimits(sale, of: sold, for: owed, fund)
        else { return }
        // Not for a unit of rounding is anybody made bankrupt.
        guard equity(.nothing) < 0 || equity(sale) >= 0 else { return }
        let venue = accounts[Int(pools[Int(lead)].account)].venue
        let outside = venues[Int(venue.index)].outside.index
        let outsideIn = openCrossPool(of: outside, asset: pools[Int(sold)].asset)
        let outsideOut = openCrossPool(of: outside, asset: pools[Int(owed)].asset)
        credit(sold, -sale.sold, .conversion, &effects)
        credit(outsideIn, sale.sold, .conversion, &effects)
        credit(owed, sale.bought, .conversion, &effects)
        credit(outsideOut, -sale.bought, .conversion, &effects)
        guard let fund else { return }
        let purse = openCrossPool(of: fund, asset: pools[Int(owed)].asset)
        credit(owed, -sale.fee, .liquidationFee, &effects)
        credit(purse, sale.fee, .liquidationFee, &effects)
        let reported = CollateralSale(
            account: AccountID(index: pools[Int(lead)].account),
            asset: AssetID(index: pools[Int(sold)].asset),
            sold: Money(units: sale.sold),
            price: Price(unchecked: exchange.soldIndex),
            bought: Money(units: sale.bought),
            boughtPrice: Price(unchecked: exchange.owedIndex)
        )
        report(.fee, by: fund, sale.fee, owed, lead: lead, nil, 0, sale: reported, &effects)
    }

    /// The equity of a pool as its figures would have it after a sale: an unpaid debt counts at its ask,
    /// what is owned after its haircut.
    private func equityAfterSale(
        of sold: Int32,
        for owed: Int32,
        _ lead: Int32
    ) -> ((CollateralExchange.Amounts) -> Int128)? {
        guard let figures = try? figures(ofPool: lead),
            let give = try? conversion(of: pools[Int(sold)].asset),
            let take = try? conversion(of: pools[Int(owed)].asset),
            let given = equity(ofWallet: sold), let taken = equity(ofWallet: owed)
        else { return nil }
        let others = figures.equity - give.collateral(given) - take.collateral(taken)
        return { sale in
            others + give.collateral(given - sale.sold) + take.collateral(taken + sale.paid)
        }
    }

    /// The fund that the fees of conversions go to: the one that stands for every instrument that no
    /// other names.
    private func conversionFund(of account: Int32) -> Int32? {
        let venue = accounts[Int(account)].venue
        let funds = venues[Int(venue.index)].rulebook?.enforcement?.funds ?? []
        guard let rule = funds.first(where: { $0.symbols.isEmpty }) ?? funds.first else {
            return nil
        }
        return directory.account(rule.name, in: venue)?.index
    }

    /// No wallet leaves its limit by a sale.
    private func isWithinLimits(
        _ sale: CollateralExchange.Amounts,
        of sold: Int32,
        for owed: Int32,
        _ fund: Int32?
    ) -> Bool {
        let outside = venues[Int(accounts[Int(pools[Int(owed)].account)].venue.index)].outside
        let (given, taken) = (
            AssetID(index: pools[Int(sold)].asset), AssetID(index: pools[Int(owed)].asset)
        )
        do {
            try checkWallet(outside, given, adding: sale.sold)
            try checkWallet(outside, taken, adding: -sale.bought)
            if let fund { try checkWallet(AccountID(index: fund), taken, adding: sale.fee) }
        } catch {
            return false
        }
        return true
    }
}
