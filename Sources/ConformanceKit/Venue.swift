package import Plimsoll
import PlimsollUnits

/// The venues whose rules are known here.
///
/// What tells them apart is in this file, in `PositionRules` and in the comments of the kinds. Source:
/// `margin-rules` sections 2.1 to 2.6, 3.1 to 3.3, 3.6 and 4. Of the last four only what liquidation
/// does is claimed.
package enum Venue: String, Sendable, CaseIterable {
    case binance
    case bybit
    case okx
    case deribit
    case bitmex
    case kraken
    case hyperliquid
    case dydx = "dydx-v4"
    case gate
    case leanBinance = "lean-binance"
    case leanBybit = "lean-bybit"
    case vega
    case drift = "drift-v2"
    case percolator
    case perpsMarket = "perps-market"

    /// How the venue rounds what it shows.
    package func publication(_ payoff: Payoff) -> Publication {
        switch self {
        case .binance:
            // Truncated at 8 decimals.
            let field = FieldRounding(mode: .towardZero, scale: 8)
            return Publication(unrealizedPnl: field, margin: field, notional: field)
        case .bybit:
            // Prices to the tick, toward the earlier trigger; profit of inverse contracts downwards.
            return Publication(
                unrealizedPnl: payoff == .inverse
                    ? FieldRounding(mode: .down, scale: 8) : nil,
                margin: FieldRounding(mode: .halfUp, scale: 8),
                pricesToTick: true
            )
        case .okx:
            // Inverse liquidation prices are one tick early.
            return Publication(extraTicks: payoff == .inverse ? 1 : 0)
        case .deribit:
            let field = FieldRounding(mode: .halfUp, scale: 9)
            return Publication(unrealizedPnl: field, margin: field, notional: field)
        case .bitmex:
            // Integer satoshi.
            let field = FieldRounding(mode: .halfUp, scale: 8)
            return Publication(unrealizedPnl: field, margin: field, notional: field)
        case .kraken, .hyperliquid, .dydx, .gate, .leanBinance, .leanBybit, .vega, .drift,
            .percolator, .perpsMarket:
            return Publication()
        }
    }

    /// A price tick has a part in the rules.
    package var usesTick: Bool { self == .bybit || self == .okx }

    /// A fee to close has a part in the rules.
    package var usesFee: Bool {
        switch self {
        case .bybit, .okx, .bitmex, .gate: true
        case .binance, .deribit, .kraken, .hyperliquid, .dydx, .leanBinance, .leanBybit, .vega,
            .drift, .percolator, .perpsMarket:
            false
        }
    }

    /// Digits to which the cost of a position is kept: Bybit and BitMEX inverse, 10⁻⁸ of the coin.
    package func costScale(_ payoff: Payoff) -> Int? {
        payoff == .inverse && (self == .bybit || self == .bitmex) ? 8 : nil
    }
}

/// Bybit's three generations of rules (`margin-rules` 2.2).
package enum BybitRules: Sendable {
    /// Initial and maintenance at entry; the fee to close is part of the position margin only.
    case classic
    /// Initial and maintenance at entry, the fee in both.
    case unified
    /// Initial and maintenance at mark, the fee at the entry-based bankruptcy price in both.
    case markBased
}
