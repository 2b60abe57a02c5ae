package import Plimsoll
package import PlimsollUnits

/// An account's figures at one moment.
package struct AccountSample: Hashable, Sendable {
    /// The account.
    package var account: AccountID
    /// The engine's clock.
    package var time: Timestamp
    /// How many events the engine had seen.
    package var sequence: UInt64
    /// Equity.
    package var equity: Money
    /// Maintenance margin.
    package var maintenance: Money
    /// Maintenance ÷ equity; `nil` with equity at or below zero.
    package var ratio: SolvedPrice?
    /// Deposits, realised profit, fees and funding.
    package var wallet: Money

    /// A sample of these figures.
    package init(
        account: AccountID,
        time: Timestamp,
        sequence: UInt64,
        equity: Money,
        maintenance: Money,
        ratio: SolvedPrice?,
        wallet: Money
    ) {
        self.account = account
        self.time = time
        self.sequence = sequence
        self.equity = equity
        self.maintenance = maintenance
        self.ratio = ratio
        self.wallet = wallet
    }

    /// A sample of a report; `nil` where its figures cannot be computed.
    package init?(_ report: AccountReport, time: Timestamp, sequence: UInt64) {
        guard let figures = report.figures else { return nil }
        self.init(
            account: report.account,
            time: time,
            sequence: sequence,
            equity: figures.equity,
            maintenance: figures.maintenanceMargin,
            ratio: figures.marginRatio,
            wallet: figures.walletBalance
        )
    }
}

extension [AccountSample] {
    /// At most `points` of them, the first and the last included: of each stretch in between the one of the
    /// lowest and the one of the highest equity, so that no peak is lost.
    func thinned(to points: Int) -> [AccountSample] {
        guard count > points, points >= 2, let first, let last else { return self }
        let stretches = (points - 2) / 2
        let inner = 1..<count - 1
        var kept = [first]
        for stretch in 0..<stretches {
            let from = inner.lowerBound + inner.count * stretch / stretches
            let to = inner.lowerBound + inner.count * (stretch + 1) / stretches
            guard from < to else { continue }
            var (low, high) = (from, from)
            for index in from..<to {
                if self[index].equity < self[low].equity { low = index }
                if self[index].equity >= self[high].equity { high = index }
            }
            kept.append(self[Swift.min(low, high)])
            if low != high { kept.append(self[Swift.max(low, high)]) }
        }
        kept.append(last)
        return kept
    }
}
