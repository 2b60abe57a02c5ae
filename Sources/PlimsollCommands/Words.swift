import Plimsoll
import PlimsollUnits
import PlimsollWire

/// An instrument that the user named.
struct InstrumentChoice {
    let id: InstrumentID
    let symbol: String
}

extension Band {
    /// The band's word, in text and in JSON.
    var word: String {
        switch self {
        case .safe: "safe"
        case .watch: "watch"
        case .call: "call"
        case .liquidation: "liquidation"
        }
    }

    /// The ink of the word.
    var ink: Ink {
        switch self {
        case .safe: .green
        case .watch: .yellow
        case .call: .red
        case .liquidation: .redBold
        }
    }
}

extension PoolMode {
    /// The mode's word, in text and in JSON.
    var word: String {
        switch self {
        case .normal: "normal"
        case .reduceOnly: "reduceOnly"
        case .liquidating: "liquidating"
        }
    }
}

extension NoPrice {
    /// Why there is no price, for people.
    var words: String {
        switch self {
        case .noPosition: "no position"
        case .hedged: "hedged"
        case .overCollateralised: "none"
        case .missingPrice: "no price"
        }
    }
}

extension LoadedRulebook {
    /// `id@version`.
    var label: String { "\(rulebook.id)@\(rulebook.version)" }
}

extension UInt128 {
    /// Thirty-two hexadecimal digits.
    var hex: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }
}

extension PoolReport {
    /// What the pool is called in text: `USDT cross`, `SOLUSDT isolated`, `multi-asset`.
    func name(_ directory: Directory) -> String {
        guard let isolated else { return isMultiAsset ? "multi-asset" : "\(asset) cross" }
        let leg = leg == .net ? "" : " \(leg.word)"
        return "\(directory.name(isolated))\(leg) isolated"
    }
}

extension MarginFigures {
    /// Nothing is there and nothing is needed.
    var isNothing: Bool {
        [walletBalance, unrealizedPnl, equity, initialMargin, maintenanceMargin]
            .allSatisfy { $0 == .zero }
    }
}
