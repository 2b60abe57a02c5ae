import Testing
import Plimsoll
import PlimsollUnits

/// Positions that a risk analyst can check with a calculator, one for each schedule and payoff.
struct Sheet: Sendable, CustomTestStringConvertible {
    var name: String
    var sample: SampleRulebook
    var symbol: String
    var deposit: String
    var size: String
    var entry: String
    var mark: String
    var leverage: Int64 = 10
    var margin: MarginMode = .cross
    var equity: String
    var initial: String
    var maintenance: String
    /// To 8 digits; `nil`: there is none.
    var liquidation: String?
    /// To 8 digits; `nil`: there is none.
    var bankruptcy: String?

    var testDescription: String { name }

    static let all: [Sheet] = [
        Sheet(
            name: "linear long, first bracket",
            sample: .binance,
            symbol: "BTCUSDT",
            deposit: "1000",
            size: "0.1",
            entry: "50000",
            mark: "50000",
            equity: "1000",
            initial: "500",  // 5000 ÷ 10
            maintenance: "20",  // 5000 × 0.4 %
            liquidation: "40160.64257028",  // (5000 − 1000) ÷ (0.1 × 0.996)
            bankruptcy: "40000"
        ),
        Sheet(
            name: "linear short, second bracket",
            sample: .binance,
            symbol: "BTCUSDT",
            deposit: "20000",
            size: "-2",
            entry: "50000",
            mark: "51000",
            equity: "18000",  // 20000 − 2 × 1000
            initial: "10200",  // 102000 ÷ 10
            maintenance: "460",  // 102000 × 0.5 % − 50
            liquidation: "59726.36815920",  // (120000 + 50) ÷ (2 × 1.005)
            bankruptcy: "60000"
        ),
        Sheet(
            name: "linear isolated long",
            sample: .binance,
            symbol: "BTCUSDT",
            deposit: "1000",
            size: "0.1",
            entry: "50000",
            mark: "50000",
            margin: .isolated,
            equity: "1000",
            initial: "500",
            maintenance: "20",
            liquidation: "45180.72289157",  // (5000 − 500) ÷ (0.1 × 0.996)
            bankruptcy: "45000"
        ),
        Sheet(
            name: "inverse short in coin",
            sample: .coinMargined,
            symbol: "BTCUSD",
            deposit: "0.5",
            size: "-50000",
            entry: "50000",
            mark: "40000",
            equity: "0.75",  // 0.5 − 1 + 1.25
            initial: "0.125",  // 1.25 ÷ 10
            maintenance: "0.00525",  // 1.25 × 0.5 % − 0.001
            // Below 1 BTC the first bracket: 50000 × 0.996 ÷ (1 − 0.5)
            liquidation: "99600",
            bankruptcy: "100000"
        ),
        Sheet(
            name: "inverse long in coin",
            sample: .coinMargined,
            symbol: "BTCUSD",
            deposit: "0.25",
            size: "50000",
            entry: "50000",
            mark: "50000",
            equity: "0.25",
            initial: "0.1",
            maintenance: "0.004",  // 1 × 0.5 % − 0.001: the floor is inclusive
            liquidation: "40167.86570743",  // 50000 × 1.005 ÷ (1.25 + 0.001)
            bankruptcy: "40000"
        ),
        Sheet(
            name: "flat tier by size with the fee to close",
            sample: .okx,
            symbol: "BTC-USDT-SWAP",
            deposit: "10000",
            size: "1",
            entry: "50000",
            mark: "50000",
            equity: "10000",
            initial: "5000",
            maintenance: "325",  // 50000 × (0.6 % + 0.05 %)
            liquidation: "40261.70105687",  // 40000 ÷ 0.9935
            bankruptcy: "40000"
        ),
        Sheet(
            name: "rate by size, linear, at the index",
            sample: .deribit,
            symbol: "SOL_USDT-PERPETUAL",
            deposit: "10000",
            size: "1000",
            entry: "100",
            mark: "100",
            equity: "10000",
            initial: "2050",  // 100000 × (2 % + 1000 × 0.00005 %)
            maintenance: "1050",
            liquidation: "90.95502779",  // 90000 ÷ (1000 × (1 − 0.0105))
            bankruptcy: "90"
        ),
        Sheet(
            name: "rate by size, inverse",
            sample: .deribit,
            symbol: "BTC-PERPETUAL",
            deposit: "0.5",
            size: "100000",
            entry: "50000",
            mark: "50000",
            equity: "0.5",
            initial: "0.0402",  // 2 × (2 % + 2 × 0.005 %)
            maintenance: "0.0202",  // 2 × (1 % + 2 × 0.005 %)
            // v = 100000 ÷ price is the root of 0.00005 v² + 1.01 v = 2.5, which is 2.47494…
            liquidation: "40404.94988858",
            bankruptcy: "40000"  // 100000 ÷ (2 + 0.5)
        ),
        Sheet(
            name: "open-interest scaled",
            sample: .dydx,
            symbol: "BTC-USD",
            deposit: "10000",
            size: "1",
            entry: "50000",
            mark: "50000",
            equity: "10000",
            initial: "2500",  // 50000 × 5 %
            maintenance: "1500",  // of it 60 %
            // 40000 ÷ 0.97 is 41237.11340206…; the requirement, in whole millionths, is 1237.113403.
            liquidation: "41237.113403",
            bankruptcy: "40000"
        ),
        Sheet(
            name: "quanto",
            sample: .bitmex,
            symbol: "ETHUSD",
            deposit: "0.01",
            size: "0.0001",
            entry: "2000",
            mark: "2100",
            equity: "0.02",  // 0.01 + 0.0001 × 100
            initial: "0.021",  // 0.21 ÷ 10
            maintenance: "0.00105",  // 0.21 × 0.5 %
            liquidation: "1909.54773869",  // 0.19 ÷ (0.0001 × 0.995)
            bankruptcy: "1900"
        ),
        Sheet(
            name: "entry base with the fee to close",
            sample: .bitmex,
            symbol: "XBTUSD",
            deposit: "0.25",
            size: "50000",
            entry: "50000",
            mark: "55000",
            equity: "0.3409090909090909",  // 0.25 + 1 − 10/11, profit rounded down
            initial: "0.10075",  // 1 ÷ 10 + 0.075 %
            maintenance: "0.00425",  // 0.35 % + 0.075 %
            liquidation: "40136.46397752",  // 50000 ÷ (1.25 − 0.00425)
            bankruptcy: "40000"
        ),
        Sheet(
            name: "maintenance of one sixth",
            sample: .hyperliquid,
            symbol: "BTC",
            deposit: "200000",
            size: "3",
            entry: "50000",
            mark: "50000",
            leverage: 3,
            equity: "200000",
            initial: "50000",
            // 20000 × (1/14 − 1/80) = 1178.5714… and 100000 × (1/6 − 1/14) = 9523.8095…
            // 150000 ÷ 6 − 10702.3809…
            maintenance: "14297.6190476190476191",
            liquidation: nil,
            bankruptcy: nil
        ),
        Sheet(
            name: "initial rate of its own",
            sample: .kraken,
            symbol: "PF_XBTUSD",
            deposit: "10000",
            size: "-1",
            entry: "50000",
            mark: "50000",
            leverage: 50,
            equity: "10000",
            initial: "1000",  // 50000 × 2 %
            maintenance: "500",
            liquidation: "59405.94059406",  // 60000 ÷ 1.01
            bankruptcy: "60000"
        ),
        Sheet(
            name: "initial rate of its own, less leverage chosen",
            sample: .kraken,
            symbol: "PF_XBTUSD",
            deposit: "10000",
            size: "-1",
            entry: "50000",
            mark: "50000",
            equity: "10000",
            initial: "5000",  // 50000 ÷ 10, more than 2 %
            maintenance: "500",
            liquidation: "59405.94059406",
            bankruptcy: "60000"
        ),
        Sheet(
            name: "entry base with the fee at bankruptcy",
            sample: .bybit,
            symbol: "BTCUSDT",
            deposit: "2000",
            size: "0.2",
            entry: "50000",
            mark: "52000",
            equity: "2400",
            initial: "1004.95",  // 10000 ÷ 10 + 9000 × 0.055 %
            maintenance: "44.95",  // 10000 × 0.4 % + 4.95
            liquidation: "40224.75",  // (8000 + 44.95) ÷ 0.2
            bankruptcy: "40000"
        ),
    ]
}
