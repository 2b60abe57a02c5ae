import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// What a replay found, as text for people.
struct ReplayText {
    let run: ReplayRun
    let console: Console
    let all: Bool

    private var engine: Engine { run.engine }

    /// Prints falls, refusals, the books and the digest, which is the last line.
    func print(account: AccountID?) {
        printFalls()
        printWaterfall()
        printRefusals()
        printTotals()
        printBands()
        if let account {
            console.print()
            let rulebook = engine.rulebook(of: engine.venue(of: account))
            CalcText(
                AccountView(engine.report(account), engine.directory),
                title: engine.directory.name(account)
                    + (rulebook.map { " · \($0.id)@\($0.version)" } ?? "")
                    + " · \(Moment.text(engine.clock))",
                console: console
            ).print()
        }
        console.print()
        console.print("digest \(engine.digest.hex)")
    }

    /// The first fall of each pool, in order of time, and how often it fell again.
    private func printFalls() {
        guard !run.falls.isEmpty else {
            console.print("Nobody fell below maintenance.")
            return
        }
        let pools = run.fallenPools()
        let accounts = Set(run.falls.map(\.change.account)).count
        console.print(
            console.inked("Below maintenance", .bold)
                + ": \(NumberText.times(accounts, "account")), "
                + "\(NumberText.times(pools.count, "pool")), "
                + "\(NumberText.times(run.falls.count, "time"))"
        )
        var table = TextTable([
            ("first at (UTC)", .left), ("account", .left), ("pool", .left), ("equity", .right),
            ("maint", .right), ("moved by", .left), ("times", .right),
        ])
        let shown = all ? pools : Array(pools.prefix(20))
        for (fall, times) in shown {
            let digits = AssetDigits.of(fall.asset)
            table.add([
                .init(Moment.text(fall.time)),
                .init(engine.directory.name(fall.change.account), .bold),
                .init(fall.change.poolName(engine.directory, asset: fall.asset)),
                .init(NumberText.money(fall.change.equity, digits: digits)),
                .init(NumberText.money(fall.change.maintenance, digits: digits)),
                .init(fall.cause.words), .init(NumberText.count(times)),
            ])
        }
        for line in table.lines(console) { console.print(line) }
        let rest = pools.count - shown.count
        if rest > 0 {
            console.print(
                "… and \(NumberText.times(rest, "pool")) more; --all lists them, "
                    + "--json has every time."
            )
        }
    }

    /// What was done about pools below their lines, and who answers what is still open.
    private func printWaterfall() {
        guard !run.waterfall.isEmpty || run.market != nil else { return }
        WaterfallText(runs: [run], console: console).printTables()
        guard run.unansweredOrders > 0, run.market == nil else { return }
        console.print("--market executes the orders that the file does not answer.")
    }

    private func printRefusals() {
        guard run.refusals.count > 0 else { return }
        console.print()
        console.print(
            console.inked("Refused", .bold) + ": \(NumberText.times(run.refusals.count, "event"))"
        )
        for kind in run.refusals.kinds.sorted(by: { $0.count > $1.count }) {
            console.print(
                "  \(NumberText.count(kind.count)) × \(kind.code), "
                    + "the first \(run.place(kind.firstLine)): \(kind.problem)"
            )
        }
    }

    private func printTotals() {
        let totals = engine.totals().filter {
            [$0.deposits, $0.withdrawals, $0.wallets, $0.unrealized, $0.funds, $0.fees, $0.house]
                .contains { $0 != .zero }
        }
        guard !totals.isEmpty else { return }
        console.print()
        var table = TextTable(
            [("books", .left)] + totals.map { (engine.directory.name($0.asset), .right) }
        )
        let rows: [(String, KeyPath<AssetTotals, Money>)] = [
            ("deposits", \.deposits), ("withdrawals", \.withdrawals), ("wallets", \.wallets),
            ("unrealized", \.unrealized), ("insurance funds", \.funds), ("fees", \.fees),
            ("house", \.house), ("difference", \.difference),
        ]
        for (name, path) in rows {
            table.add(
                [.init(name)]
                    + totals.map { total in
                        let value = total[keyPath: path]
                        let digits = AssetDigits.of(engine.directory.name(total.asset))
                        guard path != \AssetTotals.difference else {
                            return .init(
                                NumberText.exact(value.description),
                                value == .zero ? .green : .redBold
                            )
                        }
                        return .init(NumberText.money(value, digits: digits))
                    }
            )
        }
        for line in table.lines(console) { console.print(line) }
    }

    private func printBands() {
        console.print()
        let bands = run.bands().map { band, count in
            console.inked(band.word, band.ink) + " \(NumberText.count(count))"
        }
        console.print(
            "\(NumberText.times(run.accounts.count, "account")): " + bands.joined(separator: "  ")
        )
        let below = engine.accountsBelowZero().count
        console.print("\(NumberText.times(below, "account")) below zero")
        if run.repeated > 0 { console.print("\(NumberText.times(run.repeated, "event")) repeated") }
        if run.pricesRefused > 0 {
            console.print("\(NumberText.times(run.pricesRefused, "price")) outside the band")
        }
        console.print("\(NumberText.times(run.events, "event")) until \(Moment.text(engine.clock))")
    }
}

extension ReplayRun.Cause {
    /// What moved the pool: `BTCUSDT marked 101,516.5`.
    var words: String {
        let price = price.map { " \(NumberText.exact($0.description))" } ?? ""
        let verb: String
        switch event {
        case .marked: verb = "marked"
        case .indexed: verb = "indexed"
        case .filled: verb = "filled at"
        case .fundingSettled: verb = "funding at"
        case .sessionSettled: verb = "settled at"
        case .instrumentExpired: verb = "expired at"
        default: verb = event.rawValue
        }
        return (symbol.map { "\($0) " } ?? "") + verb + price
    }
}
