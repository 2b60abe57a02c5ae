import PlimsollUnits

/// How one asset is sold for another that is owed, at the ratio of their index prices.
///
/// Amounts are in 10⁻¹⁶ of their asset. Each is rounded in favour of the house: what is sold up, what
/// comes in down, the fee up, so the account never pays more than one unit for rounding. Worked: BTC at
/// 50,000 for USDT at 1 and a fee of 4 %: a debt of 96 needs 96 ÷ 0.96 = 100 USDT, for which 0.002 BTC
/// are sold; 4 are the fee.
struct CollateralExchange: Sendable {
    /// Index of the asset that is sold, 10⁻⁸, above zero.
    let soldIndex: Int64
    /// Index of the asset that is owed, 10⁻⁸, above zero.
    let owedIndex: Int64
    /// The fee, of what comes in; from 0 to below 1.
    let fee: Rate

    /// One sale.
    struct Amounts: Hashable, Sendable {
        /// What leaves the wallet of the asset that is sold.
        var sold: Int128
        /// What comes in for it, before the fee.
        var bought: Int128
        /// The fee, of what came in.
        var fee: Int128

        /// No sale.
        static let nothing = Amounts(sold: 0, bought: 0, fee: 0)

        /// What is left to pay the debt.
        var paid: Int128 { bought - fee }
    }

    /// The least sale that pays `debt` and the fee, or that of all of `owned`; both are above zero.
    ///
    /// The fee is the largest, up to the rate's, after which the account `bears` it. `nil` where `owned`
    /// does not bring in one unit.
    func sale(
        paying debt: Int128,
        from owned: Int128,
        where bears: (Amounts) -> Bool
    ) -> Amounts? {
        let most = proceeds(of: owned)
        guard most > 0 else { return nil }
        let whole = debt.multiplied(
            by: PowerOfTen.eight,
            dividedBy: PowerOfTen.eight - Int128(fee.units),
            rounding: .up
        )
        let value = Money(units: min(whole ?? most, most))
        let wanted = LiquidationPricing.fee(fee, of: value, equity: value).units
        func sale(_ fee: Int128) -> Amounts { self.sale(of: debt + fee, most, owned, fee: fee) }
        if bears(sale(wanted)) { return sale(wanted) }
        var (low, high) = (Int128(0), wanted)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if bears(sale(middle)) { low = middle } else { high = middle }
        }
        return sale(low)
    }

    /// What `amount` of the asset that is sold brings in, rounded down.
    func proceeds(of amount: Int128) -> Int128 {
        amount.multiplied(
            by: Int128(soldIndex),
            dividedBy: Int128(owedIndex),
            rounding: .down
        ) ?? Int128.max
    }

    /// The sale that brings in `amount`, or that of all of `owned`, which brings in `most`.
    private func sale(of amount: Int128, _ most: Int128, _ owned: Int128, fee: Int128) -> Amounts {
        guard amount <= most else { return Amounts(sold: owned, bought: most, fee: fee) }
        // `amount` is no more than all of `owned` brings in, so this is no more than `owned`.
        let sold = amount.multiplied(
            by: Int128(owedIndex),
            dividedBy: Int128(soldIndex),
            rounding: .up
        )
        return Amounts(sold: sold ?? owned, bought: amount, fee: fee)
    }
}
