package import Plimsoll
import PlimsollWire

extension Band {
    /// The band's word, in text and in JSON.
    package var word: String {
        switch self {
        case .safe: "safe"
        case .watch: "watch"
        case .call: "call"
        case .liquidation: "liquidation"
        }
    }
}

extension PoolMode {
    /// The mode's word, in text and in JSON.
    package var word: String {
        switch self {
        case .normal: "normal"
        case .reduceOnly: "reduceOnly"
        case .liquidating: "liquidating"
        }
    }
}

extension PoolReport {
    /// What the pool is called in text: `USDT cross`, `SOLUSDT isolated`, `multi-asset`.
    package func name(_ directory: Directory) -> String {
        guard let isolated else { return isMultiAsset ? "multi-asset" : "\(asset) cross" }
        return PoolPlace.name(directory.name(isolated), leg)
    }
}

extension PoolPlace {
    /// What the pool is called in text, as its report says.
    package func name(_ directory: Directory) -> String {
        guard let isolated else {
            return isMultiAsset ? "multi-asset" : "\(directory.name(asset)) cross"
        }
        return Self.name(directory.name(isolated), leg)
    }

    fileprivate static func name(_ symbol: String, _ leg: Leg) -> String {
        "\(symbol)\(leg == .net ? "" : " \(leg.word)") isolated"
    }
}

extension UInt128 {
    /// Thirty-two hexadecimal digits.
    package var hex: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }
}

extension BalanceChanged.Source {
    /// The source's word.
    package var word: String {
        switch self {
        case .deposit: "deposit"
        case .withdrawal: "withdrawal"
        case .withdrawalReversal: "withdrawalReversal"
        case .transfer: "transfer"
        case .isolatedMargin: "isolatedMargin"
        case .realizedPnl: "realizedPnl"
        case .fee: "fee"
        case .funding: "funding"
        case .interest: "interest"
        case .conversion: "conversion"
        case .reconciliation: "reconciliation"
        case .settlement: "settlement"
        case .liquidationFee: "liquidationFee"
        case .insurance: "insurance"
        case .socialisedLoss: "socialisedLoss"
        case .insuranceFunding: "insuranceFunding"
        }
    }
}
