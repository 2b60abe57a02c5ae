/// A customer of the venue as the seed drew it: how rich, how bold, in what, and when.
struct Trader {
    /// The account's name.
    let name: String
    /// The first deposit, in whole USDT.
    let wallet: Int
    /// The leverage that is asked for; a large size gets less.
    let leverage: Int
    /// The class of `leverage`: 0 up to 5, 1 up to 20, 2 up to 50, 3 up to 125.
    let boldness: Int
    /// Whether its positions have margin of their own.
    let isolated: Bool
    /// Whether it holds longs and shorts side by side.
    let hedge: Bool
    /// How much of the wallet becomes initial margin, in thousandths.
    let usage: Int
    /// When the first position is opened, in milliseconds since 1970-01-01 UTC.
    let entry: Int
    /// What it trades, as numbers in `Instrument.all`, and whether it buys.
    let interests: [(instrument: Int, buys: Bool)]

    /// Out of a thousand accounts: 1 to 5 times, to 20, to 50, to 125.
    private static let boldnessWeights = [350, 400, 180, 70]
    private static let leverages = [1...5, 6...20, 21...50, 51...125]

    /// Deposits in whole USDT by rank in thousandths of all accounts.
    ///
    /// Straight lines lie between. The shape is that of a log-normal with a heavy tail: median 3,600, one in a hundred above
    /// 1.1 million.
    private static let wallets: [(rank: Int, deposit: Int)] = [
        (0, 100), (50, 220), (100, 350), (200, 700), (300, 1_250), (400, 2_150), (500, 3_600),
        (600, 6_200), (700, 11_300), (800, 23_000), (900, 64_000), (950, 160_000), (970, 300_000),
        (980, 480_000), (990, 1_100_000), (999, 5_000_000), (1_000, 10_000_000),
    ]

    /// The `number`-th customer under `seed`, active in `window`.
    init(number: Int, seed: UInt64, window: Range<Int>) {
        var choice = SplitMix64(seed: seed, 2, number)
        let digits = String(number)
        name = "acct-" + String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits
        wallet = Trader.deposit(rank: choice.number(0...999_999))
        boldness = choice.index(weights: Trader.boldnessWeights)
        leverage = choice.number(Trader.leverages[boldness])
        isolated = choice.chance(perMille: 250)
        hedge = choice.chance(perMille: 50)
        usage = choice.number(boldness == 0 ? 200...500 : isolated ? 300...700 : 300...900)
        interests = Trader.interests(&choice)

        // The bold enter late: at 100 times a position does not live for twenty hours. All are in
        // after two fifths of the window, which for the whole of it is two hours before the crash.
        let span = (window.upperBound - window.lowerBound) * 2 / 5
        let begin = boldness < 2 ? 0 : boldness == 2 ? span / 4 : span / 2
        let end = boldness == 0 ? span / 4 : boldness == 1 ? span / 2 : span
        entry = window.lowerBound + choice.number(max(1_000, begin)...end)
    }

    private static func deposit(rank: Int) -> Int {
        for (low, high) in zip(wallets, wallets.dropFirst()) where rank < high.rank * 1_000 {
            let width = (high.rank - low.rank) * 1_000
            return low.deposit + (high.deposit - low.deposit) * (rank - low.rank * 1_000) / width
        }
        return wallets[0].deposit
    }

    private static func interests(_ choice: inout SplitMix64) -> [(instrument: Int, buys: Bool)] {
        let count = 1 + choice.index(weights: [600, 280, 120])
        let first = choice.index(weights: Instrument.all.map(\.weight))
        return (0..<count).map { offset in
            ((first + offset) % Instrument.all.count, choice.chance(perMille: 575))
        }
    }
}
