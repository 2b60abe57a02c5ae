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

/// What a sample says of an account, in steps of 10⁻¹⁶ of the rulebook's currency, or of the account's asset where that has no
/// price in the currency.
package struct AccountReading: Hashable, Sendable {
    package let equity: Int128
    package let maintenance: Int128

    /// Both in coarse steps, rounded down.
    let coarseEquity: Int64
    private let coarseMaintenance: Int64

    package init(equity: Int128, maintenance: Int128) {
        (self.equity, self.maintenance) = (equity, maintenance)
        (coarseEquity, coarseMaintenance) = (Coarse.steps(equity), Coarse.steps(maintenance))
    }

    var freeboard: Int128 { equity - maintenance }
    /// It has a requirement, or owes something.
    var isLoaded: Bool { maintenance > 0 || equity < 0 }

    /// Whether maintenance is above a share of equity, exactly; there must be equity.
    func isAbove(_ ratio: Int128) -> Bool {
        guard ratio > 0 else { return maintenance > 0 }
        // Nearly all are so far below that coarse numbers prove it, without products of 256 bits.
        if coarseMaintenance < .max,
            (Int128(coarseMaintenance) + 1) * Level.one <= ratio * Int128(coarseEquity)
        {
            return false
        }
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

/// Levels in steps of 2³³ × 10⁻¹⁶, a little less than a millionth: of 64 bits, so that products fit.
enum Coarse {
    /// A level, rounded down.
    static func steps(_ level: Int128) -> Int64 { Int64(clamping: level >> 33) }
}

/// Where a value stands by a rule.
///
/// Between the two, nothing fires and nothing ends: so a value that trembles at its threshold is told once.
enum Stand: Hashable {
    /// Beyond the threshold.
    case beyond
    /// Beyond the threshold less the margin only.
    case between
    /// Back.
    case back
}

/// What a rule asks of each account, as plain numbers: a hundred thousand are asked a few times a second.
enum AccountCheck: Sendable {
    case ratio(above: Int128, back: Int128)
    case freeboard(below: Int128, back: Int128)
    case fall(share: Int128, back: Int128, least: Int128)

    /// The check of a condition; `nil`: it is not about accounts.
    init?(_ condition: AlertRule.Condition) {
        switch condition {
        case .ratio(let above, let margin, _): self = .ratio(above: above, back: above - margin)
        case .freeboard(let below, let margin, _):
            self = .freeboard(below: below, back: below + margin)
        case .depletion(let fall, let least, _):
            self = .fall(share: fall.share, back: fall.share - fall.margin, least: least)
        case .staleMark, .fundDrawdown, .verification, .node: return nil
        }
    }

    /// Where an account stands whose equity was once as high as `highest`.
    func stand(_ account: AccountReading, highest: Int64) -> Stand {
        switch self {
        case .ratio(let above, let back):
            guard account.equity > 0 else { return account.isLoaded ? .beyond : .back }
            if account.isAbove(above) { return .beyond }
            return account.isAbove(back) ? .between : .back
        case .freeboard(let below, let back):
            guard account.isLoaded else { return .back }
            if account.freeboard < below { return .beyond }
            return account.freeboard < back ? .between : .back
        case .fall(let share, let back, let least):
            guard highest >= Coarse.steps(least) else { return .back }
            return Fallen(from: highest, to: account.coarseEquity).stand(share, back)
        }
    }

    /// What is told of an account that is beyond; `nil`: nothing that has a number.
    func value(of account: AccountReading, highest: Int64) -> String? {
        switch self {
        case .ratio: account.equity > 0 ? account.ratioText : nil
        case .freeboard: account.freeboard.levelText
        case .fall: Fallen(from: highest, to: account.coarseEquity).text
        }
    }
}

/// A level that was once higher, in coarse steps.
struct Fallen {
    private let lost: Int128
    private let height: Int128

    init(from highest: Int64, to level: Int64) {
        (lost, height) = (Int128(highest) - Int128(level), Int128(highest))
    }

    /// Where it stands, met to one step: both ends were rounded.
    func stand(_ share: Int128, _ back: Int128) -> Stand {
        guard height > 0, lost > 0 else { return .back }
        if (lost + 1) * Level.one >= share * height { return .beyond }
        return (lost - 1) * Level.one > back * height ? .between : .back
    }

    /// The share that is gone, with four digits.
    var text: String { (lost * 10_000 / max(1, height) * (Level.one / 10_000)).levelText }
}
