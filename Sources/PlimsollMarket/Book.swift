import Plimsoll
import PlimsollUnits

/// The book of one instrument: a shape around a middle that moves, with a hole on either side.
///
/// Impact and holes are kept as they were at `anchor`, so that what is left of them now does not
/// depend on how often somebody asks.
struct Book: Sendable {
    /// What an order gets.
    struct Fill: Hashable {
        var quantity: Quantity
        var price: Price
        /// The part of the quantity beyond the last observed distance, rounded up.
        var extrapolated: Int64
    }

    let shape: BookShape
    /// Fills are whole multiples of this.
    let step: Int64
    /// The price of the history.
    var reference: Price?
    /// How far the middle is from the reference, as a share of it in 10⁻¹⁶; above −1.
    private(set) var impact: Int128 = 0
    /// Up to these distances from the middle nothing rests.
    private var bidHole = Distance.zero
    private var askHole = Distance.zero
    private var anchor = Timestamp.zero

    init(shape: BookShape, step: Int64) {
        self.shape = shape
        self.step = max(1, step)
    }

    private static let one = PowerOfTen.sixteen
    /// The largest impact that is kept: 1,000 times the reference.
    private static let impactLimit = 1_000 * one

    /// The book as it is at `time`, refilled and come back as far as the half-lives say.
    func now(at time: Timestamp, _ assumptions: MarketModel.Assumptions) -> Book {
        guard time > anchor else { return self }
        var book = self
        let elapsed = time.nanoseconds - anchor.nanoseconds
        func left(_ value: Int128, _ halfLife: Int64) -> Int128 {
            Decay.remaining(value, after: elapsed, halfLife: halfLife)
        }
        book.anchor = time
        book.impact = left(impact, assumptions.impactHalfLife)
        let refill = assumptions.refillHalfLife
        book.bidHole = Distance(clamping: left(Int128(bidHole.units), refill))
        book.askHole = Distance(clamping: left(Int128(askHole.units), refill))
        return book
    }

    /// The reference price moved by the impact.
    var middle: Price? {
        guard let reference else { return nil }
        let units = (Int128(reference.units) * (Self.one + impact))
            .divided(by: Self.one, rounding: .halfEven)
        return try? Price(units: Int64(min(max(units, 1), Int128(Limits.price))))
    }

    /// Fills an order as far as its limit allows, and moves the book; `nil`: nothing was filled.
    ///
    /// `scale`: the share of the shape's depth that is there, 10⁻⁸.
    mutating func fill(
        _ order: LiquidationOrdered,
        scale: Int128,
        _ lastingShare: Rate
    ) -> Fill? {
        guard let middle else { return nil }
        let hole = order.side == .sell ? bidHole : askHole
        guard let furthest = distance(of: order.limit, from: middle, order.side),
            furthest > hole
        else { return nil }
        let gone = shape.depth(within: hole)
        let most = quantity(of: shape.depth(within: furthest) - gone, at: middle, scale)
        let size = min(order.quantity.units, most)
        let filled = Int128(size).divided(by: Int128(step), rounding: .down) * Int128(step)
        guard filled > 0, let quantity = try? Quantity(units: Int64(filled)) else { return nil }
        let needed = (filled * Int128(middle.units))
            .multiplied(by: PowerOfTen.eight, dividedBy: scale, rounding: .up)
        let reached = needed.flatMap { shape.distance(holding: gone + Money(units: $0)) }
        let edge = min(max(reached ?? furthest, hole), furthest)
        let spans = shape.spans(from: hole, to: edge)
        guard let price = price(of: spans, edge, middle, order) else { return nil }
        move(order.side, from: hole, to: edge, lastingShare)
        return Fill(
            quantity: quantity,
            price: price,
            extrapolated: Self.extrapolated(of: filled, in: spans)
        )
    }

    /// How far a limit is from the middle, rounded toward it; `nil`: it is on the other side.
    private func distance(of limit: Price, from middle: Price, _ side: Side) -> Distance? {
        let away =
            side == .sell
            ? Int128(middle.units) - Int128(limit.units)
            : Int128(limit.units) - Int128(middle.units)
        guard away >= 0 else { return nil }
        let units = (away * Self.one).divided(by: Int128(middle.units), rounding: .down)
        return Distance(clamping: units)
    }

    /// How much base a depth of the shape is, rounded down.
    private func quantity(of depth: Money, at middle: Price, _ scale: Int128) -> Int64 {
        let divisor = Int128(middle.units) * PowerOfTen.eight
        let units = depth.units.multiplied(by: scale, dividedBy: divisor, rounding: .down)
        return Int64(min(units ?? 0, Int128(Limits.quantity)))
    }

    /// The average price of what lies in `spans`, in the venue's favour.
    private func price(
        of spans: [BookShape.Span],
        _ edge: Distance,
        _ middle: Price,
        _ order: LiquidationOrdered
    ) -> Price? {
        let total = spans.reduce(Int128(0)) { $0 + $1.depth }
        var mean = Int128(edge.units)
        if total > 0 {
            mean = 0
            for span in spans {
                // Evenly spread, so its average lies half way.
                let ends = Int128(span.lower.units) + Int128(span.upper.units)
                mean += span.depth.multiplied(by: ends, dividedBy: 2 * total, rounding: .up) ?? 0
            }
            mean = min(mean, Int128(edge.units))
        }
        let product = Int128(middle.units) * (Self.one + (order.side == .sell ? -mean : mean))
        let units =
            order.side == .sell
            ? max(product.divided(by: Self.one, rounding: .down), Int128(order.limit.units))
            : min(product.divided(by: Self.one, rounding: .up), Int128(order.limit.units))
        return try? Price(units: Int64(units))
    }

    /// Leaves a hole, and moves the middle after the price; the hole ends at the same price as
    /// before.
    private mutating func move(
        _ side: Side,
        from hole: Distance,
        to edge: Distance,
        _ lastingShare: Rate
    ) {
        let eaten = Int128(edge.units) - Int128(hole.units)
        let shift = (eaten * Int128(lastingShare.units))
            .divided(by: PowerOfTen.eight, rounding: .down)
        let change = ((Self.one + impact) * shift).divided(by: Self.one, rounding: .down)
        let moved = Self.one + (side == .sell ? -shift : shift)
        let rest = Distance(
            clamping: ((Int128(edge.units) - shift) * Self.one).divided(by: moved, rounding: .up)
        )
        switch side {
        case .sell:
            impact -= change
            bidHole = rest
        case .buy:
            impact = min(impact + change, Self.impactLimit)
            askHole = rest
        }
    }

    /// The part of a fill beyond the last observed distance, rounded up.
    private static func extrapolated(of filled: Int128, in spans: [BookShape.Span]) -> Int64 {
        let total = spans.reduce(Int128(0)) { $0 + $1.depth }
        let beyond = spans.reduce(Int128(0)) { $0 + ($1.isExtrapolated ? $1.depth : 0) }
        guard total > 0 else { return 0 }
        return Int64(filled.multiplied(by: beyond, dividedBy: total, rounding: .up) ?? filled)
    }
}
