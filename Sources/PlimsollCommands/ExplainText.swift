import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// An explanation as text, for people.
struct ExplainText {
    let explanation: Explanation
    let loaded: LoadedAccount
    let symbol: String?
    let console: Console

    private var directory: Directory { loaded.engine.directory }

    /// Prints the pools, then each solved price.
    func print() {
        let name = directory.name(explanation.account.account)
        console.print("\(name) · \(loaded.rulebook.label)")
        for part in explanation.pools where concerns(part) { print(part) }
        for solution in explanation.solutions { print(solution) }
    }

    /// With a symbol, only the pools that it draws on.
    private func concerns(_ part: Explanation.PoolPart) -> Bool {
        let isNothing = part.pool.figures.map { AccountView.Figures($0).isNothing } ?? false
        guard !part.terms.isEmpty, !isNothing else { return false }
        guard let symbol else { return true }
        return explanation.account.positions.contains {
            $0.symbol == symbol && $0.pool == part.pool.pool
        }
    }

    // MARK: Pools

    private func print(_ part: Explanation.PoolPart) {
        console.print()
        console.print(
            console.inked(part.pool.name(directory), .bold) + "  "
                + console.inked(part.pool.band.word, part.pool.band.ink)
        )
        guard let figures = part.pool.figures else {
            console.print("  a price is missing, so there are no figures.")
            return
        }
        var table = TextTable([
            ("", .left), ("", .right), ("", .left), ("", .left), ("", .left),
        ])
        let sums: [(Set<Term.Figure>, String, Money)] = [
            ([.wallet], "wallet", figures.walletBalance),
            ([.unrealizedPnl], "unrealised profit", figures.unrealizedPnl),
            ([.collateral, .equity], "equity", figures.equity),
            ([.initialMargin], "initial margin of positions", figures.positionInitialMargin),
            ([.orderInitialMargin], "initial margin of orders", figures.orderInitialMargin),
            ([.maintenanceMargin], "maintenance margin", figures.maintenanceMargin),
            ([.available], "available", figures.availableBalance),
        ]
        for (kinds, title, sum) in sums {
            let terms = part.terms.filter { kinds.contains($0.figure) }
            if terms.isEmpty, sum == .zero { continue }
            for term in terms { table.add(row(term)) }
            let formula =
                title == "equity" && terms.isEmpty
                ? "wallet + unrealised profit" : title == "available" ? "equity − initial" : ""
            table.add([
                .init("  = \(title)", .bold), .init(NumberText.exact(sum.description), .bold),
                .init(""), .init(formula, .faint),
            ])
        }
        for line in table.lines(console, header: false) { console.print(line) }
        if let ratio = figures.marginRatio {
            console.print(
                "  ratio \(NumberText.percent(ratio)) = maintenance ÷ equity; freeboard "
                    + "\(NumberText.exact(figures.freeboard.description)) = equity − maintenance"
            )
        }
    }

    private func row(_ term: Term) -> [TextTable.Cell] {
        [
            .init("  \(term.title)"), .init(NumberText.exact(term.value)), .init(""),
            .init(term.filled, .faint),
        ]
    }

    // MARK: Solutions

    private func print(_ solution: Explanation.Solution) {
        console.print()
        let leg = solution.leg == .net ? "" : " \(solution.leg.word)"
        let what = solution.figure == .liquidationPrice ? "liquidation price" : "bankruptcy price"
        guard let price = solution.answer.price else {
            console.print(
                "\(what) of \(solution.symbol)\(leg): " + console.inked("none", .bold)
                    + ", \(reason(solution.answer))"
            )
            return
        }
        let bracket =
            solution.bracket.isEmpty
            ? "" : " — solved in \(NumberText.groupedRuns(solution.bracket))"
        console.print(
            "\(what) of \(solution.symbol)\(leg) "
                + console.inked(NumberText.price(price, digits: 8), .bold) + bracket
        )
        if solution.figure == .liquidationPrice { printEquation(solution) }
        for check in solution.checks {
            let sign = check.isBelow ? "<" : "≥"
            let what = solution.figure == .liquidationPrice ? "pool maintenance" : "zero"
            let amount =
                solution.figure == .liquidationPrice
                ? " \(NumberText.exact(check.requirement.description))" : ""
            console.print(
                "  check at \(NumberText.exact(check.price.description)): pool equity "
                    + "\(NumberText.exact(check.equity.description)) \(sign) \(what)\(amount) "
                    + (check.isBelow ? "below the line" : "✓")
            )
        }
    }

    private func reason(_ answer: PriceAnswer) -> String {
        guard case .none(let reason) = answer else { return "" }
        return switch reason {
        case .noPosition: "there is no position."
        case .hedged: "the legs cancel: no price of it moves the pool to its line."
        case .overCollateralised: "no price that it can have moves the pool to its line."
        case .missingPrice: "a price that it needs is missing."
        }
    }

    /// The equation of the price: solved in one line where it is a straight one, else as terms.
    private func printEquation(_ solution: Explanation.Solution) {
        if let equation = LinearEquation(solution) {
            for line in equation.table().lines(console, header: false) { console.print(line) }
            console.print("  \(equation.division)")
            return
        }
        console.print("  the pool just below that price; what moves with it is marked")
        var table = TextTable([("", .left), ("", .right), ("", .left), ("", .left)])
        for term in solution.terms
        where [.wallet, .unrealizedPnl, .collateral, .maintenanceMargin].contains(term.figure) {
            let sign = term.figure == .maintenanceMargin ? NumberText.minus : "+"
            let moves = term.subject == solution.symbol ? " *" : ""
            table.add([
                .init("  \(sign) \(term.title)\(moves)"),
                .init(NumberText.exact(term.value)), .init(""), .init(term.filled, .faint),
            ])
        }
        for line in table.lines(console, header: false) { console.print(line) }
    }
}
