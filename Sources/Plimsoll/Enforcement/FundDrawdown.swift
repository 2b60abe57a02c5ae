public import PlimsollUnits

/// The largest of some values within a moving window of time.
///
/// Values that a later one reaches or exceeds can never be the largest again and are dropped, so what
/// is kept falls from the oldest to the newest. Two plain arrays, so that it can be encoded as it is.
/// Invariant: as many times as values; times do not fall, values fall strictly.
///
/// The largest is exact while at most `capacity` values that fall in a row lie in the window. Where
/// there are more, neighbours are joined in pairs, the larger value until the later time: the largest
/// is then held longer than it should be, never given up too early.
public struct WindowMaximum: Hashable, Sendable {
    /// How many values are kept at the most.
    public static let capacity = 4_096

    /// When each value was seen, nanoseconds.
    public private(set) var times: [Int64]
    /// The values.
    public private(set) var values: [Int128]

    /// A window that nothing was seen in.
    public init() {
        times = []
        values = []
    }

    /// A window as it was; `nil` where the arrays do not hold the invariant.
    public init?(times: [Int64], values: [Int128]) {
        guard times.count == values.count, times.count <= Self.capacity,
            zip(times, times.dropFirst()).allSatisfy({ $0 <= $1 }),
            zip(values, values.dropFirst()).allSatisfy({ $0 > $1 })
        else { return nil }
        self.times = times
        self.values = values
    }

    /// The largest value in the window at the last observation; `nil` before the first.
    public var largest: Int128? { values.first }

    /// Sees `value` at a time that is not before the last one; what is older than `window` goes.
    ///
    /// A value exactly `window` old still counts.
    public mutating func observe(_ value: Int128, at time: Int64, window: Int64) {
        let time = max(time, times.last ?? time)
        let (bound, overflow) = time.subtractingReportingOverflow(window)
        let oldest = overflow ? Int64.min : bound
        let expired = times.firstIndex { $0 >= oldest } ?? times.count
        times.removeFirst(expired)
        values.removeFirst(expired)
        while let last = values.last, last <= value {
            times.removeLast()
            values.removeLast()
        }
        if values.count == Self.capacity { joinNeighbours() }
        times.append(time)
        values.append(value)
    }

    private mutating func joinNeighbours() {
        let pairs = stride(from: 0, to: values.count, by: 2)
        times = pairs.map { times[min($0 + 1, times.count - 1)] }
        values = pairs.map { values[$0] }
    }
}

/// How far an insurance fund has fallen from its highest within a window, and whether that is too far.
///
/// Opposite positions are closed from a fall of `start` of the fund's highest balance on, until it is
/// less than `stop`, and always while the balance is not above zero. Source: Bybit,
/// docs/v5/market/adl-alert (072c197d); OKX, help on ADL, 30 % of the 8-hour peak (`margin-rules` 2.2,
/// 2.3). Worked: a fund of 1,000,000 whose profit on a symbol went from 0 to −350,000 has fallen by 35
/// %: what lies beyond 30 %, 50,000, is deleveraged.
public struct FundDrawdown: Hashable, Sendable {
    /// The fund's profit on what is watched: one symbol, or all it holds.
    public private(set) var profit: WindowMaximum
    /// The fund's balance.
    public private(set) var balance: WindowMaximum
    /// The fall was too far, and is not small enough again.
    public private(set) var isTriggered: Bool

    /// A fund that was not watched yet.
    public init() { self.init(profit: WindowMaximum(), balance: WindowMaximum()) }

    /// A fund as it was watched.
    public init(profit: WindowMaximum, balance: WindowMaximum, isTriggered: Bool = false) {
        self.profit = profit
        self.balance = balance
        self.isTriggered = isTriggered
    }

    /// Sees the fund's profit and balance at a time that is not before the last one.
    @discardableResult
    public mutating func observe(
        profit: Money,
        balance: Money,
        at time: Timestamp,
        by rule: FundRule.Drawdown
    ) -> FundFall {
        let time = time.nanoseconds
        self.profit.observe(profit.units, at: time, window: rule.window)
        self.balance.observe(balance.units, at: time, window: rule.window)
        let fall = FundFall(
            amount: Money(units: (self.profit.largest ?? profit.units) - profit.units),
            balance: balance,
            highest: Money(units: self.balance.largest ?? balance.units)
        )
        isTriggered = fall.reaches(rule.start) || (isTriggered && fall.reaches(rule.stop))
        return fall
    }

    /// Sees the equity of a fund of which only that is known: it is its profit and its balance.
    @discardableResult
    public mutating func observe(
        equity: Money,
        at time: Timestamp,
        by rule: FundRule.Drawdown
    ) -> FundFall {
        observe(profit: equity, balance: equity, at: time, by: rule)
    }
}

/// A fund's fall at one moment.
public struct FundFall: Hashable, Sendable {
    /// How far its profit is below its highest in the window; not negative.
    public let amount: Money
    /// Its balance.
    public let balance: Money
    /// Its highest balance in the window.
    public let highest: Money

    /// − amount ÷ highest balance, in steps of 10⁻⁸, away from zero; `nil` where there is no highest
    /// balance above zero.
    public var ratio: Rate? {
        guard highest.units > 0,
            let units = amount.units.multiplied(
                by: PowerOfTen.eight,
                dividedBy: highest.units,
                rounding: .up
            )
        else { return nil }
        return Rate(unchecked: -Int64(clamping: units))
    }

    /// Whether the fall is at least this share of the highest balance, or nothing is left.
    public func reaches(_ share: Rate) -> Bool {
        guard balance.units > 0 else { return true }
        let bound = WideProduct(UInt128(highest.units), UInt128(max(0, share.units)))
        return bound <= WideProduct(amount.units.magnitude, UInt128(PowerOfTen.eight))
    }

    /// How much of the fall lies beyond this share of the highest balance: the loss that goes to
    /// opposite positions.
    ///
    /// The share is rounded down, so the fund never keeps a unit too much. Without a balance above zero
    /// in the window it is all of the fall.
    public func excess(over share: Rate) -> Money {
        let kept =
            max(0, highest.units).multiplied(
                by: Int128(max(0, share.units)),
                dividedBy: PowerOfTen.eight,
                rounding: .down
            ) ?? Int128.max
        return Money(units: max(0, amount.units - kept))
    }

    /// A fall of `amount`.
    init(amount: Money, balance: Money, highest: Money) {
        self.amount = amount
        self.balance = balance
        self.highest = highest
    }
}

/// When a debt that nobody has paid is passed on to opposite positions.
public enum DeleveragingTrigger {
    /// Whether a debt is large enough; one of exactly the smallest is.
    ///
    /// Source: rtavarezz/perps-market 22c58c52, src/adl.rs (a public test).
    public static func isDue(_ debt: Money, smallest: Money) -> Bool {
        debt.units > 0 && debt >= smallest
    }
}
