import Plimsoll
import PlimsollReports
import PlimsollWire

/// What an effect says in few words, for people; `--ndjson` has all of it.
enum EffectText {
    /// The words about an effect.
    static func words(_ effect: Document) -> String {
        switch effect["type"].text {
        case "marginStateChanged": standing(effect)
        case "liquidationOrdered":
            "\(text(effect, "account"))  liquidation \(text(effect, "liquidation"))  "
                + "\(text(effect, "side")) \(text(effect, "quantity")) \(text(effect, "symbol")), "
                + "limit \(number(effect, "limit"))"
        case "liquidationEnded":
            "\(text(effect, "account"))  liquidation \(text(effect, "liquidation"))  "
                + text(effect, "outcome")
        case "balanceChanged":
            "\(text(effect, "account"))  \(text(effect, "source"))  \(number(effect, "change")) "
                + "\(text(effect, "asset"))"
        default: FieldText.line(effect, without: ["isStale"])
        }
    }

    /// `a-17  USDT cross  call → liquidation, liquidating  equity 8.87  maint 8.92`.
    private static func standing(_ effect: Document) -> String {
        let (from, to) = (text(effect, "fromBand"), text(effect, "band"))
        var change = from == to ? to : "\(from) → \(to)"
        let mode = PoolMode.allCases.first { $0.word == effect["mode"].text } ?? .normal
        if effect["mode"].text != effect["fromMode"].text { change += ", \(mode.words)" }
        return "\(text(effect, "account"))  \(text(effect, "pool"))  \(change)  "
            + "equity \(number(effect, "equity"))  maint \(number(effect, "maintenanceMargin"))"
    }

    private static func text(_ effect: Document, _ key: String) -> String {
        effect[key].text ?? "–"
    }

    private static func number(_ effect: Document, _ key: String) -> String {
        effect[key].money.map { NumberText.money($0) } ?? "–"
    }
}
