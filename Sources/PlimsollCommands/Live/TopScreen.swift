import Glibc
import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// One screen of `top`: what is there, in lines that fit.
struct TopScreen {
    let console: Console
    let server: String
    /// Why the last look failed; what is shown is older.
    var problem: String?
    private var sample: TopSample?
    private var history = RatioHistory()

    /// Lines beside those of accounts: two above, a header, one below.
    private static let others = 4
    private static let nameWidth = 16

    init(console: Console, server: String) {
        self.console = console
        self.server = server
    }

    /// How many accounts a screen has room for.
    func room(_ size: TerminalSize) -> Int { max(1, size.rows - Self.others) }

    /// Takes what a server says now.
    mutating func update(_ sample: TopSample) {
        self.sample = sample
        history.note(sample.accounts["items"].items, at: RatioHistory.now())
    }

    /// The lines, none wider than the screen.
    func lines(_ size: TerminalSize, _ choice: TopChoice, isPaused: Bool = false) -> [String] {
        guard let sample else { return [problem ?? ""] }
        var lines = [summary(sample.status, size), bands(sample, size)]
        lines += table(sample.accounts["items"].items, size)
        while lines.count < size.rows - 1, isatty(STDOUT_FILENO) == 1 { lines.append("") }
        lines.append(footer(choice, isPaused, size))
        return lines
    }

    // MARK: Above

    private func summary(_ status: Document, _ size: TerminalSize) -> String {
        let venue = status["venue"].text ?? "no venue yet"
        let parts = [
            "venue \(venue)", "event \(count(status["seq"]))",
            "lag \(count(status["replica"]["lag"]))",
            status["asOf"].moment.map { "\(Moment.text($0))" } ?? "",
        ]
        let line = Line("PLIMSOLL", .bold) + Line("  " + parts.joined(separator: "  "))
        return line.text(console, width: size.columns)
    }

    private func bands(_ sample: TopSample, _ size: TerminalSize) -> String {
        if let problem { return Line(problem, .redBold).text(console, width: size.columns) }
        var line = Line("")
        for (name, value) in sample.status["bands"].fields {
            let isThere = (value.integer ?? 0) > 0
            line = line + Line("\(name) \(count(value))  ", isThere ? Band(word: name)?.ink : nil)
        }
        let stale = sample.accounts["stale"].items.compactMap(\.text)
        line =
            line
            + (stale.isEmpty
                ? Line("prices fresh", .faint)
                : Line("stale: \(stale.joined(separator: ", "))", .yellow))
        return line.text(console, width: size.columns)
    }

    // MARK: Accounts

    private func table(_ items: [Document], _ size: TerminalSize) -> [String] {
        let bar = max(0, min(40, size.columns - 73))
        var lines = [
            Line(
                padded("ACCOUNT", Self.nameWidth) + right("EQUITY", 14) + right("MAINT", 14)
                    + right("RATIO", 10) + right("FREEBOARD", 14) + right("Δ5m", 8),
                .faint
            ).text(console, width: size.columns)
        ]
        for item in items.prefix(room(size)) {
            lines.append(row(item, bar).text(console, width: size.columns))
        }
        if items.isEmpty { lines.append("No account is there.") }
        return lines
    }

    private func row(_ item: Document, _ bar: Int) -> Line {
        let name = item["account"].text ?? ""
        let band = Band(word: item["band"].text) ?? .safe
        let ratio = item["marginRatio"].solved
        let change = history.change(of: name).map { Self.points($0) } ?? ""
        var line = Line(
            padded(Excerpt.clipped(name, to: Self.nameWidth - 1), Self.nameWidth),
            .bold
        )
        line =
            line
            + Line(right(amount(item, "equity"), 14) + right(amount(item, "maintenanceMargin"), 14))
        line = line + Line(right(ratio.map { NumberText.percent($0) } ?? "–", 10), band.ink)
        line = line + Line(right(amount(item, "freeboard"), 14) + right(change, 8))
        if bar > 1 {
            let full = SolvedPrice(units: band == .liquidation ? PowerOfTen.sixteen : 0)
            line = line + Line("  " + Self.bar(ratio ?? full, bar - 1), band.ink)
        }
        return line
    }

    /// An amount in as many digits as fit: coins are small, and money of millions needs no cents.
    private func amount(_ item: Document, _ key: String) -> String {
        guard let money = item[key].money else { return "–" }
        let digits = AssetDigits.of(item["asset"].text ?? "")
        let text = NumberText.money(money, digits: digits)
        return text.count <= 13 ? text : NumberText.money(money, digits: 0)
    }

    /// `+31.0`: percentage points.
    private static func points(_ change: Int128) -> String {
        NumberText.decimal(change, scale: 14, digits: 1, signed: true)
    }

    /// A bar of blocks and eighths; full at the line.
    private static func bar(_ ratio: SolvedPrice, _ width: Int) -> String {
        let one = PowerOfTen.sixteen
        let units = min(max(ratio.units, 0), one)
        let eighths = Int(units * Int128(width * 8) / one)
        let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        return String(repeating: "█", count: eighths / 8) + rest
    }

    // MARK: Below

    private func footer(
        _ choice: TopChoice,
        _ isPaused: Bool,
        _ size: TerminalSize
    ) -> String {
        let shown = "by \(choice.order.rawValue), \(choice.band?.word ?? "all bands")"
        let page = choice.pages.isEmpty ? "" : ", page \(choice.pages.count + 1)"
        let state = isPaused ? "PAUSED  " : ""
        let keys = "[s]ort [f]ilter [+-] page [space] pause [q]uit"
        return Line("\(state)\(shown)\(page)  \(keys)", isPaused ? .yellow : .faint)
            .text(console, width: size.columns)
    }

    private func count(_ value: Document) -> String {
        value.integer.map { NumberText.count($0) } ?? "–"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}

/// Text in several inks that is cut off at a width.
private struct Line {
    private var parts: [(text: String, ink: Ink?)]

    init(_ text: String, _ ink: Ink? = nil) { parts = [(text, ink)] }

    static func + (one: Line, other: Line) -> Line {
        var line = one
        line.parts += other.parts
        return line
    }

    /// The text, without blanks at its end.
    func text(_ console: Console, width: Int) -> String {
        var room = width
        var result = ""
        for (text, ink) in parts where room > 0 {
            let shown = String(text.prefix(room))
            room -= shown.count
            result += shown.isEmpty ? "" : console.inked(shown, ink)
        }
        while result.last == " " { result.removeLast() }
        return result
    }
}

/// What the ratios of accounts were in the last five minutes, as far as they were on a screen.
private struct RatioHistory {
    private static let span = 300.0
    private var ratios: [String: [(time: Double, ratio: Int128)]] = [:]
    private var last: [String: Int128] = [:]

    /// Notes the ratios of a screen; accounts that have not been on one for five minutes are forgotten.
    mutating func note(_ items: [Document], at time: Double) {
        for item in items {
            guard let name = item["account"].text, let ratio = item["marginRatio"].solved else {
                continue
            }
            ratios[name, default: []].append((time, ratio.units))
            last[name] = ratio.units
        }
        for (name, seen) in ratios {
            let kept = seen.drop { $0.time < time - Self.span }
            if kept.isEmpty {
                ratios[name] = nil
                last[name] = nil
            } else if kept.count < seen.count {
                ratios[name] = Array(kept)
            }
        }
    }

    /// By how much a ratio has changed; `nil`: it was seen once only.
    func change(of name: String) -> Int128? {
        guard let seen = ratios[name], seen.count > 1, let first = seen.first, let now = last[name]
        else { return nil }
        return now - first.ratio
    }

    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec)
    }
}
