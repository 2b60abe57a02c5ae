import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// An account as text, for people: from a report of an engine here, or from what a server says.
struct CalcText {
    let view: AccountView
    let title: String
    let console: Console
    private var joint: [String] = []

    init(report: AccountReport, loaded: LoadedAccount, console: Console) {
        let directory = loaded.engine.directory
        view = AccountView(report, directory)
        self.console = console
        title = [directory.name(report.account), loaded.rulebook.label].joined(separator: " · ")
        joint = report.pools.compactMap { pool in
            JointMove(pool, of: report, in: loaded)?.sentence(pool.name(directory))
        }
    }

    init(_ view: AccountView, title: String, console: Console) {
        self.view = view
        self.title = title
        self.console = console
    }

    /// Prints the summary, the positions, and the pools where there are several.
    func print() {
        console.print(title)
        printSummary()
        if !view.positions.isEmpty { printPositions(behindBlank: true) }
        for sentence in joint { console.print(sentence) }
        if pools.count > 1 {
            console.print()
            for line in poolTable().lines(console) { console.print(line) }
        }
        if view.collateral.count > 1 {
            console.print()
            for line in collateralTable().lines(console) { console.print(line) }
        }
        for symbol in view.stale {
            console.print("\(symbol): the mark is older than the rulebook allows.")
        }
        for name in view.missing {
            console.print("\(name): there is no price; figures that need it are missing.")
        }
    }

    /// Prints the table of positions.
    func printPositions(behindBlank: Bool = false) {
        if behindBlank { console.print() }
        for line in positionTable().lines(console) { console.print(line) }
    }

    // MARK: Summary

    private func printSummary() {
        guard let figures = view.figures else {
            console.print(
                console.inked("no account figures in \(view.asset)", .bold)
                    + ": assets without an index price cannot be added up; the pools follow."
            )
            return
        }
        let digits = AssetDigits.of(view.asset)
        var parts = [
            part("EQUITY", figures.equity, digits), part("INITIAL", figures.initialMargin, digits),
            part("MAINT", figures.maintenanceMargin, digits),
            part("AVAILABLE", figures.availableBalance, digits),
        ]
        parts.append("RATIO " + (figures.marginRatio.map { NumberText.percent($0) } ?? "–"))
        console.print(
            parts.joined(separator: "   ") + "  "
                + console.inked(view.state.word, view.state.ink)
                + "  " + console.inked(view.asset, .faint)
        )
    }

    private func part(_ name: String, _ money: Money, _ digits: Int) -> String {
        "\(name) " + console.inked(NumberText.money(money, digits: digits), .bold)
    }

    // MARK: Positions

    private func positionTable() -> TextTable {
        var table = TextTable([
            ("symbol", .left), ("side", .left), ("", .left), ("size", .right), ("entry", .right),
            ("mark", .right), ("notional", .right), ("uPnL", .right), ("maint", .right),
            ("liq price", .right), ("distance", .right), ("", .left),
        ])
        let distances = view.positions.map { distance($0) }
        let nearest = distances.compactMap { $0?.magnitude }.min()
        for (position, distance) in zip(view.positions, distances) {
            let digits = AssetDigits.of(position.asset)
            let priceDigits = position.markPrice?.shownDigits ?? 2
            let isNearest = distance != nil && distance?.magnitude == nearest
            table.add([
                .init(position.symbol, .bold),
                .init(position.quantity < .zero ? "short" : "long"),
                .init(position.isIsolated ? "iso" : "cross"),
                .init(size(position.quantity)),
                .init(NumberText.price(position.entryPrice, digits: priceDigits)),
                .init(mark(position, priceDigits)),
                .init(position.notional.map { NumberText.money($0, digits: digits) } ?? "–"),
                .init(
                    position.unrealizedPnl.map {
                        NumberText.money($0, digits: digits, signed: true)
                    } ?? "–"
                ),
                .init(
                    position.maintenanceMargin.map { NumberText.money($0, digits: digits) } ?? "–"
                ),
                .init(liquidation(position, priceDigits)),
                .init(distance.map { NumberText.change($0) } ?? ""),
                .init(isNearest && view.positions.count > 1 ? "← nearest" : "", .yellow),
            ])
        }
        return table
    }

    private func size(_ quantity: Quantity) -> String {
        let magnitude = quantity < .zero ? -quantity : quantity
        return NumberText.exact(magnitude.description)
    }

    private func mark(_ position: AccountView.Position, _ digits: Int) -> String {
        guard let mark = position.markPrice else { return "–" }
        return NumberText.price(SolvedPrice(mark), digits: digits)
            + (view.stale.contains(position.symbol) ? " stale" : "")
    }

    private func liquidation(_ position: AccountView.Position, _ digits: Int) -> String {
        switch position.liquidationPrice {
        case .price(let price): NumberText.price(price, digits: digits)
        case .none(let reason): reason.words
        }
    }

    /// How far the liquidation price is from the mark, as a share of the mark in 10⁻¹⁶.
    private func distance(_ position: AccountView.Position) -> Int128? {
        guard let mark = position.markPrice, let price = position.liquidationPrice.price else {
            return nil
        }
        let center = SolvedPrice(mark).units
        return (price.units - center).multiplied(
            by: PowerOfTen.sixteen,
            dividedBy: center,
            rounding: .halfEven
        )
    }

    // MARK: Pools and collateral

    /// Pools with anything in them.
    private var pools: [AccountView.Pool] {
        view.pools.filter { !($0.figures?.isNothing ?? false) }
    }

    private func poolTable() -> TextTable {
        var table = TextTable([
            ("pool", .left), ("equity", .right), ("initial", .right), ("maint", .right),
            ("available", .right), ("freeboard", .right), ("ratio", .right), ("band", .left),
            ("", .left),
        ])
        for pool in pools {
            let digits = AssetDigits.of(pool.asset)
            let name = TextTable.Cell(pool.name, .bold)
            guard let figures = pool.figures else {
                table.add([name, .init("no figures: a price is missing")])
                continue
            }
            let amounts = [
                figures.equity, figures.initialMargin, figures.maintenanceMargin,
                figures.availableBalance, figures.freeboard,
            ]
            table.add(
                [name] + amounts.map { .init(NumberText.money($0, digits: digits)) } + [
                    .init(figures.marginRatio.map { NumberText.percent($0) } ?? "–"),
                    .init(pool.band.word, pool.band.ink),
                    .init(pool.mode == .normal ? "" : pool.mode.words),
                ]
            )
        }
        return table
    }

    private func collateralTable() -> TextTable {
        var table = TextTable([
            ("asset", .left), ("wallet", .right), ("of it isolated", .right), ("equity", .right),
            ("counts", .right),
        ])
        for asset in view.collateral {
            let digits = AssetDigits.of(asset.asset)
            table.add([
                .init(asset.asset, .bold),
                .init(NumberText.money(asset.walletBalance, digits: digits)),
                .init(
                    asset.isolatedMargin == .zero
                        ? "" : NumberText.money(asset.isolatedMargin, digits: digits)
                ),
                .init(asset.equity.map { NumberText.money($0, digits: digits) } ?? "–"),
                .init(asset.collateralValue.map { NumberText.money($0) } ?? ""),
            ])
        }
        return table
    }
}

extension PoolMode {
    /// The mode's words, for people.
    var words: String {
        switch self {
        case .normal: "normal"
        case .reduceOnly: "reduce-only"
        case .liquidating: "below maintenance"
        }
    }
}
