import PlimsollUnits

/// A pool of plain positions without those in one instrument: with it the pool's equity and maintenance at a
/// price of that instrument are a product or two away.
///
/// The numbers are those of the one exact computation: nothing of a plain position is rounded or divided,
/// so sums may be taken in any order. What is not plain has none, and is computed position by position.
struct PlainRest {
    /// Wallet, costs and the worth of the other positions, 10⁻¹⁶.
    private var equity: Int128
    /// Maintenance of the other positions, 10⁻²⁴.
    private var maintenance: Int128 = 0
    /// The legs in the instrument: one, or two of a hedge.
    private var legs: (Int64, Int64) = (0, 0)
    private let instrument: Int

    /// `nil` where a position is not plain, or where what its sums need is beyond the usual range.
    init?(_ ledger: Ledger, _ lead: Int32, without instrument: Int32) {
        let pool = ledger.pools[Int(lead)]
        guard !ledger.looksAtAll, !pool.isMultiAsset,
            pool.isolated >= 0 || ledger.terms(of: pool.account)?.nets == false
        else { return nil }
        self.instrument = Int(instrument)
        equity = pool.wallet + pool.stake
        for held in ledger.positions.held[segment: pool.rows] {
            guard ledger.terms[Int(held.instrument)].stepCount > 0 else { return nil }
            if held.instrument == instrument {
                guard legs.1 == 0 else { return nil }
                legs = legs.0 == 0 ? (held.quantity, 0) : (legs.0, held.quantity)
                continue
            }
            let mark = ledger.rows[Int(held.instrument)].mark
            guard mark > 0,
                let needed = Self.maintenance(held.quantity, at: mark, ledger, held.instrument)
            else { return nil }
            equity += Int128(held.quantity.multipliedFullWidth(by: mark))
            let (sum, overflow) = maintenance.addingReportingOverflow(needed)
            guard !overflow else { return nil }
            maintenance = sum
        }
    }

    /// Equity and maintenance with the instrument at a price; `nil` beyond the usual range.
    func figures(at price: Int64, in ledger: Ledger) -> PoolFigures? {
        guard price > 0 else { return nil }
        var figures = PoolFigures()
        figures.equity = equity
        figures.maintenance = maintenance
        guard add(legs.0, at: price, to: &figures, ledger),
            legs.1 == 0 || add(legs.1, at: price, to: &figures, ledger)
        else { return nil }
        return figures
    }

    private func add(
        _ quantity: Int64,
        at price: Int64,
        to figures: inout PoolFigures,
        _ ledger: Ledger
    ) -> Bool {
        guard let needed = Self.maintenance(quantity, at: price, ledger, Int32(instrument)) else {
            return false
        }
        let (sum, overflow) = figures.maintenance.addingReportingOverflow(needed)
        figures.equity += Int128(quantity.multipliedFullWidth(by: price))
        figures.maintenance = sum
        return !overflow
    }

    /// Maintenance of a plain position, 10⁻²⁴.
    private static func maintenance(
        _ quantity: Int64,
        at price: Int64,
        _ ledger: Ledger,
        _ instrument: Int32
    ) -> Int128? {
        let value = Int128(quantity.multipliedFullWidth(by: price))
        let notional = value < 0 ? 0 - value : value
        guard let step = ledger.step(of: Int(instrument), holding: notional) else { return nil }
        let (product, overflow) = notional.multipliedReportingOverflow(
            by: Int128(ledger.steps[step].rate)
        )
        return overflow ? nil : product - ledger.steps[step].deduction
    }
}
