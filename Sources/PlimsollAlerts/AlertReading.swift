import PlimsollUnits

/// When a sample was taken.
package struct AlertMoment: Hashable, Sendable {
    /// Milliseconds UTC, for people.
    package var time: Int64
    /// Milliseconds of a clock that only goes forward, for rules that wait or look back.
    package var steady: Int64
    /// How many events the book had seen.
    package var sequence: UInt64

    package init(time: Int64, steady: Int64, sequence: UInt64) {
        (self.time, self.steady, self.sequence) = (time, steady, sequence)
    }
}

/// What a sample says of an account, in steps of 10⁻¹⁶ of the rulebook's currency.
package struct AccountReading: Hashable, Sendable {
    package var equity: Int128
    package var maintenance: Int128

    package init(equity: Int128, maintenance: Int128) {
        (self.equity, self.maintenance) = (equity, maintenance)
    }

    var freeboard: Int128 { equity - maintenance }
    /// It has a requirement, or owes something.
    var isLoaded: Bool { maintenance > 0 || equity < 0 }

    /// Whether maintenance is above a share of equity, exactly; there must be equity.
    func isAbove(_ ratio: Int128) -> Bool {
        guard ratio > 0 else { return maintenance > 0 }
        let need = maintenance.multipliedFullWidth(by: Level.one)
        let limit = ratio.multipliedFullWidth(by: equity)
        return need.high == limit.high ? need.low > limit.low : need.high > limit.high
    }

    /// Maintenance by equity with eight digits, rounded down, as text; there must be equity.
    var ratioText: String {
        let product = maintenance.magnitude.multipliedFullWidth(by: 100_000_000)
        // Beyond what the type holds, equity is next to nothing: as much as it holds is said.
        guard product.high < equity.magnitude else {
            return DecimalText.string(.max, scale: 8)
        }
        let quotient = equity.magnitude.dividingFullWidth(product).quotient
        return DecimalText.string(Int128(clamping: quotient), scale: 8)
    }
}

/// Where a value stands by a rule.
///
/// Between the two, nothing fires and nothing ends: so a value that trembles at its threshold is told once.
enum Place: Hashable {
    /// Beyond the threshold.
    case beyond(value: String?)
    /// Beyond the threshold less the margin only.
    case between
    /// Back.
    case back
}

extension AlertRule.Condition {
    /// Where an account stands; `nil`: the rule is not about accounts.
    func place(of account: AccountReading, highest: () -> Int128) -> Place? {
        switch self {
        case .ratio(let above, let margin, _):
            guard account.equity > 0 else {
                return account.isLoaded ? .beyond(value: nil) : .back
            }
            if account.isAbove(above) { return .beyond(value: account.ratioText) }
            return account.isAbove(above - margin) ? .between : .back
        case .freeboard(let below, let margin, _):
            guard account.isLoaded else { return .back }
            if account.freeboard < below { return .beyond(value: account.freeboard.levelText) }
            return account.freeboard < below + margin ? .between : .back
        case .depletion(let fall, let least, _):
            return fall.place(of: account.equity, highest: highest(), least: least)
        case .staleMark, .fundDrawdown, .verification, .node: return nil
        }
    }
}

extension AlertRule.Fall {
    /// Where a level stands that was once as high as `highest`.
    func place(of level: Int128, highest: Int128, least: Int128) -> Place {
        guard highest > 0, highest >= least else { return .back }
        // Both have 16 digits behind the point: the share is taken of millionths, so that the product fits.
        let unit: Int128 = 10_000_000_000
        let (lost, height) = ((highest - level) / unit, highest / unit)
        guard height > 0 else { return .back }
        if lost * Level.one >= share * height {
            return .beyond(value: (lost * 10_000 / height * (Level.one / 10_000)).levelText)
        }
        return lost * Level.one > (share - margin) * height ? .between : .back
    }
}
