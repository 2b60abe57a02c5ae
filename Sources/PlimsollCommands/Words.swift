import Plimsoll
import PlimsollUnits
import PlimsollWire

/// An instrument that the user named.
struct InstrumentChoice {
    let id: InstrumentID
    let symbol: String
}

extension Band {
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
