/// How much each feed moves, beside the others: what bands are shared out by.
///
/// Bands that are shared out badly cost time, never an answer, so this is an estimate in whole numbers:
/// neither encoded nor in a digest.
struct Volatility: Sendable {
    /// The share of each feed, between `smallest` and `largest`.
    private(set) var weights = Column<Int32>()
    private var moves = Column<Moves>()
    /// How many prices all feeds had.
    private var count: UInt64 = 0

    /// A feed that moves little keeps a share: it may wake up, and all its holders with it.
    static let smallest: Int32 = 32
    static let largest: Int32 = 1_024
    /// After so many prices a move counts about a third.
    private static let memory = 7
    /// Weights are renewed after so many prices.
    private static let period: UInt64 = 32

    private struct Moves: BitwiseCopyable {
        /// Sum of squared relative moves in steps of 2⁻²⁰, the older the less.
        var squares: UInt64 = 0
        var last: UInt64 = 0

        /// Forgets what is older than `count` allows.
        mutating func fade(to count: UInt64) {
            let elapsed = count - last
            last = count
            if elapsed >> Volatility.memory == 0 {
                squares -= (squares >> Volatility.memory) * elapsed
            } else {
                squares >>= min(63, elapsed >> Volatility.memory)
            }
        }
    }

    mutating func claim() {
        weights.claim()
        moves.claim()
    }

    mutating func addFeed() {
        weights.append(Self.smallest)
        moves.append(Moves())
    }

    /// Takes note of a feed's new price; `old` is 0 where there was none.
    mutating func note(_ feed: Int32, from old: Int64, to new: Int64) {
        guard old > 0 else { return }
        count += 1
        let distance = (new - old).magnitude
        // Beyond 1/16 a move counts as 1/16: one jump is not a habit.
        let step =
            distance >= old.magnitude >> 4
            ? 1 << 16 : old.magnitude.dividingFullWidth((distance >> 44, distance << 20)).quotient
        moves[Int(feed)].fade(to: count)
        moves[Int(feed)].squares += step * step
        if count % Self.period == 0 { renewWeights() }
    }

    private mutating func renewWeights() {
        var most: UInt64 = 0
        for feed in moves.indices {
            moves[feed].fade(to: count)
            most = max(most, moves[feed].squares)
        }
        let root = Self.root(of: most)
        guard root > 0 else { return }
        for feed in weights.indices {
            let share = Self.root(of: moves[feed].squares) * UInt64(Self.largest) / root
            weights[feed] = max(Self.smallest, min(Self.largest, Int32(share)))
        }
    }

    /// The whole part of a square root.
    static func root(of square: UInt64) -> UInt64 {
        guard square > 1 else { return square }
        var root = UInt64(1) << ((65 - square.leadingZeroBitCount) / 2)
        while true {
            let next = (root + square / root) >> 1
            if next >= root { return root }
            root = next
        }
    }
}
