import PlimsollUnits

/// How far the prices of a pool may move before it could stand elsewhere: a guess that is checked.
///
/// Shares of the price in 2⁻³², for a feed of weight 1.
struct BandReach {
    /// Against the pool.
    private var worse: UInt64
    /// In favour of it.
    private var better: UInt64

    /// How often a band that does not hold is halved before it is given up.
    static let attempts = 8
    /// On the side where no threshold is near, a band reaches so much further: a price that returns
    /// costs nothing then.
    private static let width: UInt64 = 4
    /// No band reaches further than this beyond a price, and half of it below: 100 % and 50 %.
    private static let limit: UInt64 = 1 << 32

    /// The reach of a pool that stands at `standing`, by its distance to the thresholds beside it.
    ///
    /// Equity, gross and weighted exposure in 10⁻¹⁶, requirements in 10⁻²⁴.
    init(
        _ standing: Standing,
        _ thresholds: Thresholds,
        equity: Int128,
        maintenance: Int128,
        initial: Int128,
        gross: Int128,
        weighted: Int128
    ) {
        let scale = BandScale(equity: equity, maintenance, initial, gross: gross)
        var (down, up) = (UInt64.max, UInt64.max)
        switch standing.band {
        case .safe: down = scale.reach(toRatio: thresholds.watch)
        case .watch:
            down = scale.reach(toRatio: thresholds.call)
            up = scale.reach(toRatio: thresholds.watch)
        case .call:
            down = scale.reach(toRatio: .one)
            up = scale.reach(toRatio: thresholds.call)
        case .liquidation: up = scale.reach(toRatio: .one)
        }
        switch standing.mode {
        case .normal: down = min(down, scale.reachToInitial)
        case .reduceOnly: up = min(up, scale.reachToInitial)
        case .liquidating:
            if standing.band != .liquidation {
                up = min(up, scale.reach(toRatio: thresholds.exit))
            }
        }
        // One sixteenth stays for what a straight line leaves out.
        down = min(down - down >> 4, Self.limit << 4)
        up = min(up - up >> 4, Self.limit << 4)
        down = min(down, up * Self.width)
        up = min(up, down * Self.width)
        // The average weight of what the pool holds.
        let average = gross > 0 ? max(1, weighted / gross) : 1
        let share = UInt64(truncatingIfNeeded: average)
        worse = (down << 12) / share
        better = (up << 12) / share
    }

    /// Tries half of it.
    mutating func halve() {
        worse >>= 1
        better >>= 1
    }

    /// The edges around a price whose feed has this weight.
    @inline(__always)
    func edges(around price: Int64, isLong: Bool, weight: Int32) -> Edges {
        let (below, above) = isLong ? (worse, better) : (better, worse)
        let weight = UInt64(UInt32(bitPattern: weight))
        let down = min((below * weight) >> 12, Self.limit >> 1)
        let up = min((above * weight) >> 12, Self.limit)
        let (falls, rises) = (Self.share(down, of: price), Self.share(up, of: price))
        return Edges(
            lower: max(1, price - falls),
            upper: rises > Limits.price - price ? Limits.price : price + rises
        )
    }

    /// `price × share ÷ 2³²`, rounded down; the share is at most 1.
    @inline(__always)
    private static func share(_ share: UInt64, of price: Int64) -> Int64 {
        let product = price.magnitude.multipliedFullWidth(by: share)
        return Int64(bitPattern: product.high << 32 | product.low >> 32)
    }
}

/// A pool's figures at one scale, each below 2³², to reckon distances with.
private struct BandScale {
    private let equity: Int64
    private let maintenance: Int64
    private let initial: Int64
    private let gross: Int64

    /// Equity and exposure in 10⁻¹⁶, requirements in 10⁻²⁴.
    init(equity: Int128, _ maintenance: Int128, _ initial: Int128, gross: Int128) {
        let limit = Int128.max / PowerOfTen.eight
        let equity = min(max(equity, -limit), limit) &* PowerOfTen.eight
        let gross = min(gross, limit) &* PowerOfTen.eight
        let largest = equity.magnitude | maintenance.magnitude | initial.magnitude | gross.magnitude
        let shift = max(0, 96 - largest.leadingZeroBitCount)
        self.equity = Int64(truncatingIfNeeded: equity >> shift)
        self.maintenance = Int64(truncatingIfNeeded: maintenance >> shift)
        self.initial = Int64(truncatingIfNeeded: initial >> shift)
        self.gross = Int64(truncatingIfNeeded: gross >> shift)
    }

    /// The share of all prices, in 2⁻³², whose loss brings maintenance ÷ equity to a ratio.
    ///
    /// Equity falls by the gross exposure times that share, while maintenance may rise by four times its
    /// own: the band reaches so much further on the other side.
    func reach(toRatio ratio: Rate) -> UInt64 {
        let one = Int64(100_000_000)
        let distance = equity &* ratio.units &- maintenance &* one
        let speed = (gross >> 2) &* ratio.units &+ max(0, maintenance) &* one
        return Self.quotient(distance.magnitude, UInt64(max(0, speed)), shifted: 30)
    }

    /// The same until equity is at the initial requirement.
    var reachToInitial: UInt64 {
        let distance = equity &- initial
        let speed = (gross >> 2) &+ max(0, initial)
        return Self.quotient(distance.magnitude, UInt64(speed), shifted: 30)
    }

    /// `dividend × 2^shift ÷ divisor`, at most 2⁴⁰.
    private static func quotient(_ dividend: UInt64, _ divisor: UInt64, shifted: UInt64) -> UInt64 {
        let limit = UInt64(1) << 40
        let product = (high: dividend >> (64 - shifted), low: dividend << shifted)
        guard product.high < divisor else { return limit }
        return min(limit, divisor.dividingFullWidth(product).quotient)
    }
}
