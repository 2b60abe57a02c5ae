import PlimsollUnits

/// What the fast path needs of an instrument.
///
/// It holds for linear and quanto payoffs valued at the mark in the first bracket of a schedule by
/// notional, without fees: `quantity` below `limit`. Anything else has limit 0 and is computed exactly.
struct MarkRow: BitwiseCopyable, Hashable, Sendable {
    var mark: Int64 = 0
    /// The first bracket's maintenance rate, 10⁻⁸.
    var rate: Int64 = 0
    /// Quantities below this are in the first bracket and may use this row.
    var limit: Int64 = 0
    /// 1 ÷ the leverage of those who chose none, in 10⁻⁸, rounded down.
    var reciprocal: Int64 = 0
    /// The first bracket's largest leverage, hundredths; 0: initial margin is computed exactly.
    var maxLeverage: Int32 = 0

    init() {}

    init(_ instrument: Instrument) {
        mark = instrument.mark
        guard mark > 0, instrument.rules.isPlain,
            case .brackets(let schedule) = instrument.rules.schedule, schedule.key == .notional,
            let first = schedule.brackets.first, first.deduction == 0,
            first.maintenanceRate.denominator == 1
        else { return }
        rate = first.maintenanceRate.numerator
        let floor = schedule.brackets.count > 1 ? schedule.brackets[1].floor : Limits.notional
        // Quantities up to the floor's are in the first bracket: floor(floor ÷ mark), inclusive
        // only if the floor is not met, so the comparison is `quantity < limit` with a ceiling.
        limit = Int64(
            min(Int128(Limits.quantity), floor.divided(by: Int128(mark), rounding: .up))
        )
        guard instrument.rules.initialPrice == .mark,
            instrument.rules.isolatedInitialPrice == .mark, first.initialRate == nil,
            !instrument.rules.crossAtMaximumLeverage, first.maxLeverage.hundredths >= 100,
            instrument.rules.defaultLeverage.hundredths >= 100
        else { return }
        maxLeverage = Int32(first.maxLeverage.hundredths)
        reciprocal = reciprocal(
            of: min(maxLeverage, Int32(instrument.rules.defaultLeverage.hundredths))
        )
    }

    /// 1 ÷ leverage in 10⁻⁸, rounded down.
    ///
    /// - Precondition: `leverage` is at least 100, which is 1×.
    @inline(__always)
    func reciprocal(of leverage: Int32) -> Int64 {
        Int64(10_000_000_000 / UInt64(UInt32(bitPattern: leverage)))
    }

    /// The same for a position whose account chose `leverage`, or nothing.
    @inline(__always)
    func reciprocal(chosen leverage: Int32) -> Int64 {
        leverage == 0 ? reciprocal : reciprocal(of: min(leverage, maxLeverage))
    }
}

extension InstrumentRules {
    /// Maintenance is a share of the value at the mark and nothing else.
    var isPlain: Bool {
        payoff != .inverse && maintenancePrice == .mark && closingFee == .none
            && !fundingInMaintenance
    }
}

/// What the coarse sums need of an instrument: derived from its row.
///
/// A share of one is a fraction of 2⁶⁴, rounded down, so that a product with it is the high half of one
/// machine multiplication.
struct CoarseRow: BitwiseCopyable, Sendable {
    var mark: UInt64 = 0
    /// Sizes below this are in the first bracket, for those who chose no leverage; 0: none are.
    var limit: UInt64 = 0
    /// The first bracket's maintenance rate.
    var rate: UInt64 = 0
    /// 1 ÷ the leverage of those who chose none.
    var initial: UInt64 = 0

    init() {}

    init(_ row: MarkRow, _ terms: TradeTerms) {
        mark = UInt64(row.mark)
        let leverage = min(row.maxLeverage, terms.defaultLeverage)
        guard row.limit > 0, leverage >= 100,
            let rate = Self.share(row.rate, of: 100_000_000),
            let initial = Self.share(100, of: Int64(leverage))
        else { return }
        limit = UInt64(row.limit)
        self.rate = rate
        self.initial = initial
    }

    /// `part ÷ whole` of 2⁶⁴, rounded down, all of it being 2⁶⁴ − 1; `nil` beyond one.
    @inline(__always)
    static func share(_ part: Int64, of whole: Int64) -> UInt64? {
        guard 0 <= part, part <= whole, whole > 0 else { return nil }
        if part == whole { return UInt64.max }
        return UInt64(whole).dividingFullWidth((UInt64(part), 0)).quotient
    }
}

/// What a fill needs of an instrument, without its names and tables: copying it counts no references.
struct TradeTerms: BitwiseCopyable, Hashable, Sendable {
    var settle: Int32 = 0
    var venue: Int32 = 0
    /// The largest price and quantity that the rules allow.
    var maxPrice: Int64 = 0
    var maxQuantity: Int64 = 0
    var payoff = Payoff.linear
    var isListed = true
    /// A trade's value is quantity × price as it is: linear or quanto, and not rounded by the venue.
    var isPlain = false
    /// A requirement is valued at the index.
    var usesIndex = false
    /// A larger notional never needs less, fees included.
    var isRising = false
    /// The leverage of those who chose none, hundredths.
    var defaultLeverage: Int32 = 0
    /// Where its brackets are among the ledger's steps; none where the fast path does not hold.
    var firstStep: Int32 = 0
    var stepCount: Int32 = 0
    /// The instrument's own, for fills that do not raise it.
    var largestQuantity: Int64 = 0
    /// Where the position of `outside` was last seen, which is a party to nearly every fill of a
    /// mirror and holds every instrument.
    ///
    /// A hint: whoever follows it looks at what is there.
    var outsideRow: Int32 = -1

    /// A notional is so small that its bits tell that it is below the limit: below 2⁹³.
    @inline(__always)
    func isSmall(_ quantity: Int64, at price: Int64) -> Bool {
        quantity.magnitude.leadingZeroBitCount &+ price.leadingZeroBitCount >= 128 - 93
            && payoff != .inverse
    }

    /// Takes over an instrument's rules; the hint stays.
    mutating func refresh(from instrument: Instrument) {
        settle = instrument.settle.index
        venue = instrument.venue.index
        maxPrice = instrument.rules.maxPrice.units
        maxQuantity = instrument.rules.maxQuantity.units
        isListed = !instrument.expired
        payoff = instrument.rules.payoff
        isPlain = payoff != .inverse && instrument.rules.costScale == nil
        usesIndex = instrument.rules.usesIndex
        largestQuantity = instrument.largestQuantity
        isRising = instrument.rules.isRising
        defaultLeverage = Int32(instrument.rules.defaultLeverage.hundredths)
    }
}

/// One bracket by notional, without references.
struct BracketStep: BitwiseCopyable, Hashable, Sendable {
    /// 10⁻¹⁶.
    var floor: Int128
    /// 10⁻²⁴.
    var deduction: Int128
    /// 10⁻⁸.
    var rate: Int64
    /// Hundredths.
    var maxLeverage: Int32
    /// The same for coarse sums, where it is not too large for them.
    var coarse: Coarse?

    /// A rate as a share of one, and a deduction in the steps of coarse sums, rounded down.
    struct Coarse: BitwiseCopyable, Hashable, Sendable {
        var rate: UInt64
        var deduction: Int64
    }

    init(_ bracket: Bracket) {
        floor = bracket.floor
        deduction = bracket.deduction
        rate = bracket.maintenanceRate.numerator
        maxLeverage = Int32(bracket.maxLeverage.hundredths)
        let step = PowerOfTen.eight << CoarseSums.shift
        let coarse = deduction.divided(by: step, rounding: .down)
        if let share = CoarseRow.share(rate, of: 100_000_000),
            coarse.magnitude < CoarseSums.largest
        {
            self.coarse = Coarse(rate: share, deduction: Int64(coarse))
        }
    }

    /// All brackets of an instrument, or none if the fast path does not hold for each of them.
    static func all(of rules: InstrumentRules) -> [BracketStep] {
        guard rules.isPlain, case .brackets(let schedule) = rules.schedule,
            schedule.key == .notional
        else { return [] }
        let isFast = schedule.brackets.allSatisfy {
            $0.maintenanceRate.denominator == 1 && $0.initialRate == nil
                && $0.maxLeverage.hundredths >= 100 && $0.deduction.magnitude < 1 << 119
        }
        guard isFast else { return [] }
        return schedule.brackets.map(BracketStep.init)
    }
}
