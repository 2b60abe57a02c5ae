/// One perpetual of the example: its steps, and how much leverage a size may carry.
struct Instrument: Sendable {
    /// The symbol, as in the rulebook and in the names of the price files.
    let symbol: String
    /// The asset whose index goes with it.
    let asset: String
    /// The price step, in 10⁻⁸.
    let tick: Int64
    /// The quantity step, in 10⁻⁸.
    let lot: Int64
    /// How likely an account is to trade it first.
    let weight: Int
    /// The leverage that a notional of whole USDT may carry, by floor.
    ///
    /// These only size the book; the rulebook decides what a venue grants.
    let caps: [Cap]

    /// From this notional on, at most this leverage.
    struct Cap: Sendable {
        /// Whole USDT.
        let floor: Int
        /// Whole leverage.
        let leverage: Int
    }

    /// The leverage that a position of `notional` whole USDT may have.
    func leverageMax(notional: Int) -> Int {
        caps.last { $0.floor <= notional }?.leverage ?? 1
    }

    /// The three perpetuals.
    ///
    /// Caps follow the published brackets as of 2026-09-29, without the largest ones.
    static let all = [
        Instrument(
            symbol: "BTCUSDT",
            asset: "BTC",
            tick: 10_000_000,
            lot: 10_000,
            weight: 50,
            caps: caps(
                [0, 300_000, 800_000, 3_000_000, 12_000_000, 70_000_000, 100_000_000],
                [150, 100, 75, 50, 25, 20, 10]
            )
        ),
        Instrument(
            symbol: "ETHUSDT",
            asset: "ETH",
            tick: 1_000_000,
            lot: 100_000,
            weight: 30,
            caps: caps(
                [0, 300_000, 800_000, 3_000_000, 12_000_000, 50_000_000, 65_000_000],
                [150, 100, 75, 50, 25, 20, 10]
            )
        ),
        Instrument(
            symbol: "SOLUSDT",
            asset: "SOL",
            tick: 100_000,
            lot: 1_000_000,
            weight: 20,
            caps: caps(
                [0, 50_000, 400_000, 1_000_000, 4_000_000, 8_000_000],
                [100, 75, 50, 25, 20, 10]
            )
        ),
    ]

    private static func caps(_ floors: [Int], _ leverages: [Int]) -> [Cap] {
        zip(floors, leverages).map { Cap(floor: $0, leverage: $1) }
    }
}
