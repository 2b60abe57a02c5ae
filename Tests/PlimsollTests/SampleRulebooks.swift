import Plimsoll
import PlimsollUnits

/// Rulebooks of every kind of schedule, small enough to read.
enum SampleRulebook: String, CaseIterable, Sendable {
    case binance, coinMargined, okx, deribit, dydx, bitmex, hyperliquid, kraken, multiAsset, bybit
    case guarded

    /// An instrument as a world trades it.
    struct Listing: Sendable {
        var rules: InstrumentRules
        /// About what it costs, in steps of 10⁻⁸.
        var price: Int64
        /// Usual sizes, in steps of 10⁻⁸.
        var sizes: ClosedRange<Int64>
    }

    var listings: [Listing] {
        switch self {
        case .binance, .guarded: Self.binanceListings
        case .multiAsset: Self.binanceListings + [Self.coinListing]
        case .coinMargined: [Self.coinListing, Self.datedCoinListing]
        case .okx: Self.okxListings
        case .deribit: Self.deribitListings
        case .dydx: [Self.dydxListing]
        case .bitmex: Self.bitmexListings
        case .hyperliquid: [Self.hyperliquidListing]
        case .kraken: Self.krakenListings
        case .bybit: Self.bybitListings
        }
    }

    var rulebook: Rulebook {
        Rulebook(
            id: rawValue,
            version: "1",
            currency: self == .multiAsset ? "USD" : listings[0].rules.settle,
            collateralModes: self == .multiAsset ? [.multiAsset, .singleAsset] : [.singleAsset],
            positionModes: self == .kraken || self == .hyperliquid
                ? [.oneWay] : [.oneWay, .hedge],
            thresholds: Thresholds(
                equalityIsBelow: self == .okx,
                exit: self == .deribit ? rate("0.9") : .one
            ),
            priceGuard: self == .guarded
                ? PriceGuard(
                    width: rate("0.05"),
                    confirmations: 2,
                    within: 20_000_000_000,
                    maxAge: 15_000_000_000
                ) : PriceGuard(),
            netting: self == .kraken ? .largerSide : .none,
            orderCost: OrderCost(
                openLoss: self == .binance,
                openingFee: self == .bybit,
                closingFee: self == .bybit
            ),
            collateral: self == .multiAsset ? Self.collateral : [],
            instruments: listings.map(\.rules)
        )
    }

    /// Assets of a venue with this rulebook, and usual deposits in steps of 10⁻¹⁶.
    var assets: [(name: String, deposits: ClosedRange<Int64>)] {
        // Deposits in steps of 10⁻⁸.
        let dollars: ClosedRange<Int64> = 100_000_000...5_000_000_000_000
        let coins: ClosedRange<Int64> = 1_000_000...300_000_000
        return switch self {
        case .binance, .guarded, .hyperliquid, .dydx, .kraken: [("USDT", dollars), ("BTC", coins)]
        case .coinMargined, .bitmex, .deribit: [("BTC", coins), ("USDT", dollars)]
        case .okx, .bybit: [("USDT", dollars), ("BTC", coins)]
        case .multiAsset: [("USD", dollars), ("USDT", dollars), ("BTC", coins), ("JUNK", dollars)]
        }
    }

    private static let collateral = [
        CollateralRule(asset: "USDT", bidBuffer: rate("0.001"), askBuffer: rate("0.001")),
        CollateralRule(
            asset: "BTC",
            bidBuffer: rate("0.05"),
            askBuffer: rate("0.05"),
            tiers: [
                CollateralTier(floor: .zero, weight: rate("0.95")),
                CollateralTier(floor: money("30000"), weight: rate("0.5")),
                CollateralTier(floor: money("90000"), weight: rate("0")),
            ]
        ),
        CollateralRule(asset: "USD"),
    ]
}
