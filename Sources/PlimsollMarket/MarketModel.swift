public import Plimsoll
public import PlimsollUnits

/// Why a market cannot be modelled.
public enum MarketFault: Error, Hashable, Sendable {
    /// Only linear instruments are modelled: the depth of a book is base times price.
    case notLinear(String)
    /// A share is outside its range.
    case outOfRange(String)
}

/// A market for replays: it fills liquidation orders from books that thin out, move away and
/// recover.
///
/// The reference price of an instrument is what `observe` says: the history. The middle of the book
/// is the reference moved by `impact`, which is zero until an order is filled. An order eats the
/// book from the best price outward. What it ate stays a hole that refills with a half-life, and
/// the middle moves by a share of the distance that was eaten and comes back with a longer
/// half-life. `mark(of:)` is the middle; whoever sends it as the next mark lets a cascade run.
///
/// Real are the reference prices and, near the middle, the depths of `CalmBooks`; everything in
/// `Assumptions` is assumed. There is no floating point, and the same calls give the same answers
/// everywhere.
public struct MarketModel: Sendable {
    /// What no data here can tell; each of these is an assumption.
    public struct Assumptions: Hashable, Sendable {
        /// The middle moves by this share of the distance that an order ate, 0 to 1.
        public var lastingShare = Rate.half
        /// Half of a hole is filled again after this many nanoseconds (10 s).
        public var refillHalfLife: Int64 = 10_000_000_000
        /// Half of the middle's move is gone after this many nanoseconds (5 min): the history
        /// already holds what the real liquidations did to the price.
        public var impactHalfLife: Int64 = 300_000_000_000
        /// This share of the shape's depth is there, above 0 and at most 1; a crash has less than a
        /// calm hour.
        public var depthShare = Rate.one
        /// Each order meets a depth that is up to this share larger or smaller, 0 to below 1.
        public var variation = Rate.zero
        /// Begins the draws of `variation`.
        public var seed: UInt64 = 1

        /// The assumptions that are used where nothing else is said.
        public init() {}
    }

    /// What is assumed.
    public let assumptions: Assumptions
    /// The other side of every fill.
    public let outside: AccountID
    /// What was done so far.
    public private(set) var report = MarketReport()

    private var books: [InstrumentID: Book] = [:]
    private var clock = Timestamp.zero
    private var random: SplitMix64

    /// A market whose fills are against `outside`, the venue's account for the rest of the world.
    public init(
        outside: AccountID,
        assumptions: Assumptions = Assumptions()
    ) throws(MarketFault) {
        guard (.zero...Rate.one).contains(assumptions.lastingShare) else {
            throw .outOfRange("lastingShare")
        }
        guard assumptions.depthShare > .zero, assumptions.depthShare <= .one else {
            throw .outOfRange("depthShare")
        }
        guard (.zero..<Rate.one).contains(assumptions.variation) else {
            throw .outOfRange("variation")
        }
        self.outside = outside
        self.assumptions = assumptions
        random = SplitMix64(seed: assumptions.seed)
    }

    /// Gives an instrument a book; without one nothing of it is filled.
    public mutating func list(
        _ instrument: InstrumentID,
        rules: InstrumentRules,
        shape: BookShape
    ) throws(MarketFault) {
        guard rules.payoff == .linear else { throw .notLinear(rules.symbol) }
        books[instrument] = Book(shape: shape, step: rules.quantityStep?.units ?? 1)
    }

    /// Takes the reference price from the history, at a time that does not go back.
    public mutating func observe(_ marked: Marked, at time: Timestamp) {
        clock = max(clock, time)
        books[marked.instrument]?.reference = marked.price
    }

    /// The middle of the book now: the reference price and the present impact; `nil` before a
    /// price.
    public func mark(of instrument: InstrumentID) -> Price? {
        books[instrument]?.now(at: clock, assumptions).middle
    }

    /// How far orders hold the middle away from its reference now; negative: below.
    ///
    /// Toward zero to 10⁻⁸, and at most ten times.
    public func impact(of instrument: InstrumentID) -> Rate {
        guard let book = books[instrument] else { return .zero }
        let units = book.now(at: clock, assumptions).impact
            .divided(by: PowerOfTen.eight, rounding: .towardZero)
        let limit = Int128(Limits.rate)
        return (try? Rate(units: Int64(min(max(units, -limit), limit)))) ?? .zero
    }

    /// Fills an order, immediate or cancel, and returns what the matching engine has to say about
    /// it.
    ///
    /// The levels that it eats are one fill at their average price, rounded to 10⁻⁸ in the venue's
    /// favour and never beyond the limit; what is left ends as unfilled. A larger order never gets
    /// a better average, but for that rounding.
    public mutating func execute(
        _ order: LiquidationOrdered,
        at time: Timestamp
    ) -> [Event.Body] {
        clock = max(clock, time)
        let scale = depthScale()
        var events: [Event.Body] = []
        var filled: Int64 = 0
        var extrapolated: Int64 = 0
        if var book = books[order.instrument]?.now(at: clock, assumptions),
            let fill = book.fill(order, scale: scale, assumptions.lastingShare)
        {
            books[order.instrument] = book
            (filled, extrapolated) = (fill.quantity.units, fill.extrapolated)
            let body = LiquidationFilled(
                order: order.order,
                quantity: fill.quantity,
                price: fill.price,
                counterparty: Filled.Party(account: outside)
            )
            events.append(.liquidationFilled(body))
        }
        if filled < order.quantity.units {
            let end = LiquidationOrderEnded(order: order.order, reason: .unfilled)
            events.append(.liquidationOrderEnded(end))
        }
        note(order, filled, extrapolated)
        return events
    }

    /// The share of the shape's depth that the next order meets, 10⁻⁸.
    private mutating func depthScale() -> Int128 {
        let width = UInt64(assumptions.variation.units) * 2 + 1
        let draw = Int128(random.next(below: width)) - Int128(assumptions.variation.units)
        let scale = Int128(assumptions.depthShare.units) * (PowerOfTen.eight + draw)
        return max(1, scale.divided(by: PowerOfTen.eight, rounding: .down))
    }

    private mutating func note(
        _ order: LiquidationOrdered,
        _ filled: Int64,
        _ extrapolated: Int64
    ) {
        let mark = Int128(order.mark.units)
        report.orders += 1
        if filled == order.quantity.units { report.filledWhole += 1 }
        if filled == 0 { report.notFilled += 1 }
        report.ordered += Money(units: Int128(order.quantity.units) * mark)
        report.filled += Money(units: Int128(filled) * mark)
        report.unfilled += Money(units: Int128(order.quantity.units - filled) * mark)
        report.extrapolated += Money(units: Int128(extrapolated) * mark)
        let impact = impact(of: order.instrument)
        let size = impact.units < 0 ? (try? Rate(units: -impact.units)) ?? .zero : impact
        report.largestImpact = max(report.largestImpact, size)
    }
}
