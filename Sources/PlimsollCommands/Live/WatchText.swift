import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// Messages of a stream as lines for people.
struct WatchText {
    let console: Console

    /// The lines of a message.
    func lines(_ message: StreamMessage) -> [String] {
        guard let node = try? JSONText.parse(message.data, file: "stream") else { return [] }
        let data = Document(node)
        switch message.event {
        case "snapshot":
            return data["topics"].fields.flatMap { name, value in
                name == "alerts"
                    ? value["items"].items.map(alert)
                    : sample(String(name.prefix { $0 != ":" }), value)
            }
        case "effects", "liquidation":
            return data["effects"].items.map { effect(data, $0) }
        case "gap":
            return [
                console.inked("gap", .yellow)
                    + "  events \(data["from"].text ?? "?") to \(data["to"].text ?? "?") are no "
                    + "longer kept by the server; the present state follows"
            ]
        case "closing":
            return [
                console.inked("closing", .yellow) + "  "
                    + (data["reason"].text == "slow"
                        ? "this reader was too slow" : "the server ends")
            ]
        case "alert":
            return [alert(data)]
        default: return sample(message.event, data)
        }
    }

    /// `21:17:42.318  812  alice  USDT cross  watch → call  equity 8.79  maint 7.04`.
    private func effect(_ data: Document, _ effect: Document) -> String {
        let place = data["seq"].text.map { "\($0)  " } ?? ""
        let line = EffectText.words(effect)
        let band = Band(word: effect["band"].text)
        return moment(data) + place
            + console.inked(line, band.flatMap { $0 > .safe ? $0.ink : nil })
    }

    /// An alert, such as `21:17:42.318  warning  fired  The ratio of a-17 is 0.91`.
    private func alert(_ data: Document) -> String {
        let isActive = data["state"].text == "active"
        let time = (isActive ? data["firedAt"] : data["endedAt"]).moment
        let ink: Ink? = isActive ? (data["severity"].text == "critical" ? .redBold : .yellow) : nil
        let words = [
            time.map(Self.timeOfDay), data["severity"].text, isActive ? "fired" : "ended",
            data["text"].text,
        ]
        return console.inked(words.compactMap { $0 }.joined(separator: "  "), ink)
    }

    /// The time of the day, which is all that a line of a stream needs.
    private func moment(_ data: Document) -> String {
        guard let time = data["time"].moment ?? data["asOf"].moment else { return "" }
        return "\(Self.timeOfDay(time))  "
    }

    private static func timeOfDay(_ time: Timestamp) -> String {
        String(Moment.text(time).dropFirst("2025-10-10T".count).dropLast())
    }

    /// A sample of a topic.
    private func sample(_ topic: String, _ data: Document) -> [String] {
        switch topic {
        case "book":
            return [
                moment(data)
                    + "book  \(count(data["seq"]))  \(BandCounts.text(data["bands"], console))  "
                    + "equity \(money(data["equity"], data))  maint \(money(data["maintenanceMargin"], data))"
            ]
        case "markets":
            return data["items"].items.map { market in
                let stale = market["isStale"].isTrue ? console.inked("  stale", .yellow) : ""
                return moment(data)
                    + "\(market["symbol"].text ?? "?")  \(exact(market["mark"]))\(stale)"
            }
        case "status":
            return [
                moment(data)
                    + "status  \(count(data["seq"]))  inbox \(count(data["inbox"]["events"]))  "
                    + "lag \(count(data["replica"]["lag"]))  streams \(count(data["streams"]))"
            ]
        case "account": return account(data).map { [$0] } ?? []
        default: return []
        }
    }

    private func account(_ data: Document) -> String? {
        guard let view = AccountView(data) else { return nil }
        let name = console.inked(data["account"].text ?? "", .bold)
        guard let figures = view.figures else { return "\(moment(data))\(name)  no figures" }
        let digits = AssetDigits.of(view.asset)
        return moment(data)
            + "\(name)  equity \(NumberText.money(figures.equity, digits: digits))  "
            + "maint \(NumberText.money(figures.maintenanceMargin, digits: digits))  "
            + "ratio \(figures.marginRatio.map { NumberText.percent($0) } ?? "–")  "
            + console.inked(view.state.word, view.state.ink)
    }

    private func count(_ value: Document) -> String {
        value.integer.map { NumberText.count($0) } ?? "–"
    }

    private func exact(_ value: Document) -> String {
        value.text.map { NumberText.exact($0) } ?? "–"
    }

    private func money(_ value: Document, _ data: Document) -> String {
        let digits = AssetDigits.of(data["asset"].text ?? "")
        return value.money.map { NumberText.money($0, digits: digits) } ?? "–"
    }
}
