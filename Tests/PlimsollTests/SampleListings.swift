import Plimsoll
import PlimsollUnits

extension SampleRulebook {
    static let binanceBrackets = brackets(
        .notional,
        [
            bracket(from: "0", rate: "0.004", leverage: 125),
            bracket(from: "50000", rate: "0.005", amount: "50", leverage: 100),
            bracket(from: "250000", rate: "0.01", amount: "1300", leverage: 50),
            bracket(from: "1000000", rate: "0.025", amount: "16300", leverage: 20),
        ]
    )

    static let binanceListings = [
        Listing(
            rules: InstrumentRules(
                symbol: "BTCUSDT",
                payoff: .linear,
                base: "BTC",
                quote: "USDT",
                settle: "USDT",
                schedule: binanceBrackets,
                quantityStep: quantity("0.001")
            ),
            price: 6_000_000_000_000,
            sizes: 100_000...300_000_000
        ),
        Listing(
            rules: InstrumentRules(
                symbol: "SOLUSDT",
                payoff: .linear,
                base: "SOL",
                quote: "USDT",
                settle: "USDT",
                expiry: Timestamp(nanoseconds: 1_000_000_000_000),
                schedule: brackets(
                    .notional,
                    [
                        bracket(from: "0", rate: "0.01", leverage: 50),
                        bracket(from: "10000", rate: "0.025", amount: "150", leverage: 20),
                        bracket(from: "60000", rate: "0.05", amount: "1650", leverage: 10),
                    ]
                ),
                takerFeeRate: rate("0.0005")
            ),
            price: 14_833_000_000,
            sizes: 10_000_000...80_000_000_000
        ),
    ]

    static let coinBrackets = brackets(
        .notional,
        [
            bracket(from: "0", rate: "0.004", leverage: 125),
            bracket(from: "1", rate: "0.005", amount: "0.001", leverage: 100),
            bracket(from: "3", rate: "0.02", amount: "0.046", leverage: 25),
        ]
    )

    static let coinListing = Listing(
        rules: InstrumentRules(
            symbol: "BTCUSD",
            payoff: .inverse,
            base: "BTC",
            quote: "USD",
            settle: "BTC",
            schedule: coinBrackets,
            quantityStep: quantity("1")
        ),
        price: 6_000_000_000_000,
        sizes: 10_000_000_000...30_000_000_000_000
    )

    static let datedCoinListing = Listing(
        rules: InstrumentRules(
            symbol: "BTCUSD_DATED",
            payoff: .inverse,
            base: "BTC",
            quote: "USD",
            settle: "BTC",
            expiry: Timestamp(nanoseconds: 1_000_000_000_000),
            schedule: coinBrackets
        ),
        price: 6_100_000_000_000,
        sizes: 10_000_000_000...30_000_000_000_000
    )

    static let okxListings = [
        Listing(
            rules: InstrumentRules(
                symbol: "BTC-USDT-SWAP",
                payoff: .linear,
                base: "BTC",
                quote: "USDT",
                settle: "USDT",
                schedule: sizeTiers,
                isolatedInitialPrice: .entry,
                closingFee: .inMaintenance,
                takerFeeRate: rate("0.0005")
            ),
            price: 6_000_000_000_000,
            sizes: 1_000_000...400_000_000
        ),
        Listing(
            rules: InstrumentRules(
                symbol: "BTC-USD-SWAP",
                payoff: .inverse,
                base: "BTC",
                quote: "USD",
                settle: "BTC",
                schedule: brackets(
                    .size,
                    [
                        bracket(from: "0", rate: "0.004", leverage: 100, scale: 8),
                        bracket(from: "50000", rate: "0.008", leverage: 50, scale: 8),
                    ]
                ),
                isolatedInitialPrice: .entry,
                closingFee: .inMaintenance,
                takerFeeRate: rate("0.0005"),
                quantityStep: quantity("100")
            ),
            price: 6_000_000_000_000,
            sizes: 10_000_000_000...20_000_000_000_000
        ),
    ]

    static let sizeTiers = brackets(
        .size,
        [
            bracket(from: "0", rate: "0.004", leverage: 100, scale: 8),
            bracket(from: "1", rate: "0.006", leverage: 75, scale: 8),
            bracket(from: "3", rate: "0.015", leverage: 30, scale: 8),
        ]
    )

    static func affine(initialSlope: Int64, maintenanceSlope: Int64) -> MarginSchedule {
        .affine(
            AffineSchedule(
                initialBase: rate("0.02"),
                initialSlope: initialSlope,
                maintenanceBase: rate("0.01"),
                maintenanceSlope: maintenanceSlope
            )
        )
    }

    static let deribitListings = [
        Listing(
            rules: InstrumentRules(
                symbol: "BTC-PERPETUAL",
                payoff: .inverse,
                base: "BTC",
                quote: "USD",
                settle: "BTC",
                schedule: affine(initialSlope: 500_000_000_000, maintenanceSlope: 500_000_000_000),
                quantityStep: quantity("10")
            ),
            price: 6_000_000_000_000,
            sizes: 10_000_000_000...30_000_000_000_000
        ),
        Listing(
            rules: InstrumentRules(
                symbol: "SOL_USDT-PERPETUAL",
                payoff: .linear,
                base: "SOL",
                quote: "USDT",
                settle: "USDT",
                schedule: affine(initialSlope: 5_000_000_000, maintenanceSlope: 5_000_000_000),
                initialPrice: .index,
                maintenancePrice: .index
            ),
            price: 14_833_000_000,
            sizes: 10_000_000...80_000_000_000
        ),
    ]

    static let dydxListing = Listing(
        rules: InstrumentRules(
            symbol: "BTC-USD",
            payoff: .linear,
            base: "BTC",
            quote: "USDT",
            settle: "USDT",
            schedule: .openInterest(
                OpenInterestSchedule(
                    initialRate: rate("0.05"),
                    maintenanceFraction: rate("0.6"),
                    lower: money("100000"),
                    upper: money("900000")
                )
            ),
            requirementScale: 6
        ),
        price: 6_000_000_000_000,
        sizes: 100_000...300_000_000
    )

    static let bitmexListings = [
        Listing(
            rules: InstrumentRules(
                symbol: "XBTUSD",
                payoff: .inverse,
                base: "BTC",
                quote: "USD",
                settle: "BTC",
                schedule: brackets(
                    .notional,
                    [
                        bracket(from: "0", rate: "0.0035", leverage: 100),
                        bracket(from: "2", rate: "0.007", leverage: 50),
                    ]
                ),
                initialPrice: .entry,
                isolatedInitialPrice: .entry,
                maintenancePrice: .entry,
                closingFee: .atEntry,
                takerFeeRate: rate("0.00075"),
                fundingInMaintenance: true,
                quantityStep: quantity("100")
            ),
            price: 6_000_000_000_000,
            sizes: 10_000_000_000...20_000_000_000_000
        ),
        Listing(
            rules: InstrumentRules(
                symbol: "ETHUSD",
                payoff: .quanto,
                base: "ETH",
                quote: "USD",
                settle: "BTC",
                schedule: brackets(
                    .notional,
                    [
                        bracket(from: "0", rate: "0.005", leverage: 50),
                        bracket(from: "1.5", rate: "0.01", leverage: 30),
                    ]
                ),
                fundingInMaintenance: true
            ),
            price: 250_000_000_000,
            sizes: 100...90_000
        ),
    ]

    static let hyperliquidListing = Listing(
        rules: InstrumentRules(
            symbol: "BTC",
            payoff: .linear,
            base: "BTC",
            quote: "USDT",
            settle: "USDT",
            schedule: brackets(.notional, hyperliquidBrackets),
            isolatedInitialPrice: .mark
        ),
        price: 6_000_000_000_000,
        sizes: 100_000...300_000_000
    )

    /// Half the initial rate at the largest leverage, as an exact quotient: 3× is 1/6.
    static let hyperliquidBrackets: [Bracket] = {
        let floors = ["0", "20000", "100000"].map { units($0, 16) }
        let leverages = [leverage(40), leverage(7), leverage(3)]
        let rates = leverages.map { ExactRate(oneOver: 2, times: $0) }
        let amounts = BracketSchedule.continuousDeductions(floors: floors, rates: rates)
        return floors.indices.map {
            Bracket(
                floor: floors[$0],
                maintenanceRate: rates[$0],
                deduction: amounts[$0],
                maxLeverage: leverages[$0]
            )
        }
    }()

    static let krakenListings = [
        ("PF_XBTUSD", nil), ("FF_XBTUSD", Int64(1_000_000_000_000)),
    ]
    .map { symbol, expiry in
        Listing(
            rules: InstrumentRules(
                symbol: symbol,
                payoff: .linear,
                base: "BTC",
                quote: "USDT",
                settle: "USDT",
                expiry: expiry.map { Timestamp(nanoseconds: $0) },
                schedule: brackets(
                    .size,
                    [
                        bracket(
                            from: "0",
                            rate: "0.01",
                            leverage: 50,
                            initial: "0.02",
                            scale: 8
                        ),
                        bracket(
                            from: "2",
                            rate: "0.025",
                            leverage: 20,
                            initial: "0.05",
                            scale: 8
                        ),
                    ]
                )
            ),
            price: 6_000_000_000_000,
            sizes: 100_000...300_000_000
        )
    }

    static let bybitListings = [
        Listing(
            rules: InstrumentRules(
                symbol: "BTCUSDT",
                payoff: .linear,
                base: "BTC",
                quote: "USDT",
                settle: "USDT",
                schedule: binanceBrackets,
                initialPrice: .entry,
                isolatedInitialPrice: .entry,
                maintenancePrice: .entry,
                closingFee: .atBankruptcy,
                takerFeeRate: rate("0.00055"),
                defaultLeverage: leverage(10)
            ),
            price: 6_000_000_000_000,
            sizes: 100_000...300_000_000
        ),
        Listing(
            rules: InstrumentRules(
                symbol: "BTCUSD",
                payoff: .inverse,
                base: "BTC",
                quote: "USD",
                settle: "BTC",
                schedule: coinBrackets,
                initialPrice: .entry,
                isolatedInitialPrice: .entry,
                maintenancePrice: .mark,
                closingFee: .inInitialAtBankruptcy,
                takerFeeRate: rate("0.00055"),
                crossAtMaximumLeverage: true,
                quantityStep: quantity("1"),
                costScale: 8
            ),
            price: 6_000_000_000_000,
            sizes: 10_000_000_000...30_000_000_000_000
        ),
    ]
}
