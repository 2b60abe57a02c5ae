import PlimsollUnits

/// The depth of real books of a calm hour, by symbol.
///
/// What is real: the numbers of BTCUSDT and ETHUSDT. They are notional in whole USDT within a
/// distance of the middle, on one side: the mean of both sides, since three minutes' lean says
/// nothing about a crash. The source is Binance USDⓈ-M on 2024-07-18 from 23:57:02 to 24:00:00 UTC,
/// as published in the public repository `nkaz001/hftbacktest` at commit `5f3ec40b2afb`
/// (`examples/usdm/btcusdt_20240718.gz`, git blob `605904362997`, and `ethusdt_20240718.gz`, git
/// blob `1ff337357798`). These are facts; no code was taken. The repository states no licence for
/// its data; the data are public publications of the exchange, whose terms of use apply.
///
/// How: books of the 100 best levels were rebuilt every two seconds, 89 of them. A distance that
/// all of them reach on both sides has the median of the 89 depths. Beyond, the increments of the
/// one full book of 1,000 levels at the beginning are added. `CalibrationTests` does it again from
/// the books.
///
/// What is assumed: that a book of a crash has the same shape (it is thinner: see
/// `MarketModel.Assumptions.depthShare`), that depth in USDT is the same at other prices and in
/// other years, that beyond the last distance (0.20 % and 0.30 %) it goes on as in the last piece,
/// and that a symbol without a book here has the depth of ETHUSDT, which is the nearer by notional
/// for all that trade less than both. That flatters them: their books are thinner.
public enum CalmBooks {
    /// A symbol whose book was observed.
    public enum Symbol: String, Hashable, Sendable, CaseIterable {
        /// Bitcoin.
        case bitcoin = "BTCUSDT"
        /// Ether.
        case ether = "ETHUSDT"

        /// Whole USDT within each of the first of `distances`.
        public var depths: [Int64] {
            switch self {
            case .bitcoin:
                [
                    1_003_982, 1_065_114, 1_159_216, 1_685_252, 2_459_789, 4_563_833,
                    7_777_144, 11_488_164, 17_069_767, 27_009_119, 32_263_873,
                ]
            case .ether:
                [
                    246_882, 289_470, 400_007, 626_563, 812_938, 1_677_309,
                    3_434_162, 5_617_418, 7_982_588, 13_320_314, 16_649_894, 24_076_824,
                ]
            }
        }

        /// The shape of its book.
        public var shape: BookShape {
            let points = zip(CalmBooks.distances, depths).map { distance, depth in
                BookShape.Point(
                    distance: Distance(basisPointHundredths: distance),
                    depth: Money(units: Int128(depth) * PowerOfTen.sixteen)
                )
            }
            guard let shape = BookShape(points) else {
                preconditionFailure("Invariant: the depths of \(rawValue) rise")
            }
            return shape
        }
    }

    /// The distances, in hundredths of a basis point.
    public static let distances: [Int64] = [
        10, 50, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000,
    ]

    /// The shape for `symbol`, and whose it is where it is borrowed.
    public static func shape(of symbol: String) -> (shape: BookShape, borrowedFrom: Symbol?) {
        guard let own = Symbol(rawValue: symbol) else { return (Symbol.ether.shape, .ether) }
        return (own.shape, nil)
    }
}
