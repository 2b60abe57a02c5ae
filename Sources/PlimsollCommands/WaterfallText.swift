import Plimsoll
import PlimsollReports
import PlimsollMarket
import PlimsollUnits

/// What replays' waterfalls came to, as a table: a column for each replay.
struct WaterfallText {
    let runs: [ReplayRun]
    let console: Console

    /// Prints the tables of a comparison, what they rest on, and the digests.
    func printComparison() {
        let below = runs.map { Set($0.falls.map(\.change.account)).count }
        console.print(
            console.inked("The same history under \(runs.count) policies", .bold) + ": "
                + "\(NumberText.times(below.max() ?? 0, "account")) below maintenance at the most"
        )
        printTables()
        console.print()
        console.print(
            "queue and pro-rata close at the bankruptcy price, whatever the rulebook says; "
                + "fair-charge at the mark, and charges what is missing."
        )
        if runs.allSatisfy({ $0.market == nil && $0.unansweredOrders > 0 }) {
            console.print("--market executes the orders that the file does not answer.")
        }
        console.print()
        for run in runs {
            console.print("digest \(run.engine.digest.hex)  \(run.policy?.rawValue ?? "")")
        }
    }

    /// Prints a table for each settlement asset, and what the market rests on.
    func printTables() {
        for asset in Set(runs.flatMap(\.waterfall.keys)).sorted() { printTable(asset) }
        runs.first.map(printMarket)
    }

    private func printTable(_ asset: String) {
        console.print()
        var table = TextTable(
            [("waterfall", .left)]
                + (runs.count > 1
                    ? runs.map { ($0.policy?.rawValue ?? "", .right) } : [("", .right)])
                + [("", .left)]
        )
        let sums = runs.map { $0.waterfall[asset] ?? WaterfallSummary() }
        let ends = runs.map { $0.end(in: asset) }
        let digits = AssetDigits.of(asset)
        func count(_ name: String, _ value: (WaterfallSummary) -> Int) {
            table.add([.init(name)] + sums.map { .init(NumberText.count(value($0))) })
        }
        func money(_ name: String, _ values: [Money]) {
            table.add(
                [.init(name)] + values.map { .init(NumberText.money($0, digits: digits)) }
                    + [.init(asset, .faint)]
            )
        }
        count("liquidations") { $0.liquidations.count }
        count("liquidation orders") { $0.orders }
        money("  their value", sums.map(\.ordered))
        count("taken over by the funds") { $0.takeovers }
        money("  their value", sums.map(\.takenOver))
        money("  fund cash, paid in", ends.map(\.fundsPaidIn))
        money("  and fees", sums.map(\.fundFees))
        money("  paid for the bankrupt", sums.map(\.fundPaid))
        money("  realised on positions", zip(ends, sums).map { $0.fundRealized($1) })
        money("  fund cash at the end", ends.map(\.fundCash))
        money("  its positions' profit", ends.map(\.fundUnrealized))
        count("positions deleveraged") { $0.deleveraged }
        money("  their value", sums.map(\.deleveragedNotional))
        money("  lost against the mark", sums.map(\.forgone))
        count("accounts sharing a loss") { $0.payers.count }
        money("  what they paid", sums.map(\.socialised))
        money("lost by winners in all", sums.map(\.taken))
        money("paid by the house", sums.map(\.paidByHouse))
        table.add(
            [.init("accounts below zero")] + runs.map { below($0) }
        )
        table.add(
            [.init("orders not answered")]
                + runs.map { .init(NumberText.count($0.unansweredOrders)) }
        )
        table.add(
            [.init("events refused")] + runs.map { .init(NumberText.count($0.refusals.count)) }
        )
        table.add([.init("unaccounted for")] + ends.map { difference($0.difference) })
        for line in table.lines(console) { console.print(line) }
        if sums.contains(where: { $0.forgone < .zero }) {
            console.print(
                "A negative loss is a gain: a bankruptcy price is better than the mark for "
                    + "the other side while anything is left of the pool."
            )
        }
    }

    private func below(_ run: ReplayRun) -> TextTable.Cell {
        let count = run.engine.accountsBelowZero().count
        return .init(NumberText.count(count), count == 0 ? .green : .redBold)
    }

    private func difference(_ value: Money) -> TextTable.Cell {
        .init(NumberText.exact(value.description), value == .zero ? .green : .redBold)
    }

    /// What was executed, and what that rests on.
    private func printMarket(_ run: ReplayRun) {
        guard let market = run.market else { return }
        let report = market.report
        let percent = { (rate: Rate) in
            NumberText.decimal(Int128(rate.units), scale: 6, digits: 1) + " %"
        }
        console.print()
        console.print(
            console.inked("Market", .bold)
                + ": a model"
                + (runs.count > 1 ? "; figures of \(run.policy?.rawValue ?? "the first")" : "")
        )
        console.print(
            "  assumed: \(percent(market.options.assumptions.depthShare)) of the depth of a calm "
                + "hour in July 2024 (--depth), execution after "
                + "\(market.options.latency / 1_000_000) ms (--latency)"
        )
        console.print(
            "  executed: \(NumberText.times(report.filledWhole, "order")) whole, "
                + "\(NumberText.count(report.orders - report.filledWhole - report.notFilled)) in part, "
                + "\(NumberText.count(report.notFilled)) not at all"
        )
        console.print(
            "  extrapolated: \(percent(report.extrapolatedShare)) of what was executed is beyond the "
                + "distance that was observed, 0.2 % to 0.3 %"
        )
        console.print(
            "  impact: the orders alone moved a price by up to \(percent(report.largestImpact))"
        )
        for entry in market.borrowed {
            console.print(
                entry.from.map {
                    "  \(entry.symbol) has the book of \($0.rawValue), which flatters it"
                }
                    ?? "  \(entry.symbol) is not linear: nothing of it is executed"
            )
        }
        for venue in market.unanswered {
            console.print("  \(venue) has no market: nobody answers its orders")
        }
        let events = NumberText.times(market.leftOut, "event")
        console.print(
            "  left out: \(events) of the history, whole or in part, about what was closed"
        )
    }
}

extension ReplayRun {
    /// How an asset's books end.
    struct End {
        var fundsPaidIn = Money.zero
        var fundCash = Money.zero
        var fundUnrealized = Money.zero
        var difference = Money.zero

        /// What trading, funding and closing its positions brought the funds: the rest of their cash.
        func fundRealized(_ sum: WaterfallSummary) -> Money {
            fundCash - fundsPaidIn - sum.fundFees + sum.fundPaid
        }
    }

    /// How many liquidation orders still wait for an answer.
    var unansweredOrders: Int { engine.openLiquidations.reduce(0) { $0 + $1.orders.count } }

    /// How the books in `asset` end.
    func end(in asset: String) -> End {
        var end = End()
        for total in engine.totals() where engine.directory.name(total.asset) == asset {
            end.difference += total.difference
            end.fundCash += total.funds
            end.fundsPaidIn += fundsPaidIn[total.asset] ?? .zero
        }
        for account in funds {
            for pool in engine.report(account, prices: false).pools where pool.asset == asset {
                end.fundUnrealized += pool.figures?.unrealizedPnl ?? .zero
            }
        }
        return end
    }

    /// The accounts of all insurance funds.
    private var funds: [AccountID] {
        let names = engine.directory
        return names.venues.indices.flatMap { index in
            let venue = VenueID(index: Int32(index))
            let rules = engine.rulebook(of: venue)?.enforcement?.funds ?? []
            return rules.compactMap { names.account($0.name, in: venue) }
        }
    }
}
