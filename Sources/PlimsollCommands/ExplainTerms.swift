import Plimsoll
import PlimsollReports
import PlimsollUnits

extension Term {
    /// What the term is, with what it belongs to.
    var title: String {
        (subject.isEmpty ? "" : "\(subject) ") + NumberText.groupedRuns(label)
    }

    /// The formula with its numbers put in; names that occur in it are replaced.
    var filled: String {
        guard !formula.isEmpty else {
            return operands.map { "\($0.name) \(NumberText.exact($0.value))" }
                .joined(separator: ", ")
        }
        var rest = operands
        var text = ""
        var name = ""
        for character in formula + " " {
            if character.isLetter {
                name.append(character)
                continue
            }
            if let value = operand(name) {
                rest.removeAll { $0.name == name }
                let shown = NumberText.exact(value)
                let before = text.last { $0 != " " }
                let isFirst = before == nil || before == "(" || before == "|"
                text +=
                    shown.hasPrefix(NumberText.minus) && !isFirst ? "(\(shown))" : shown
            } else {
                text += name
            }
            name = ""
            text.append(character)
        }
        text.removeLast()
        let others = rest.map { "\($0.name) \(NumberText.exact($0.value))" }
        return others.isEmpty ? text : "\(text), with \(others.joined(separator: ", "))"
    }

    /// The value of an operand.
    func operand(_ name: String) -> String? { operands.first { $0.name == name }?.value }
}

/// The equation of a liquidation price that is a straight line in the price: one leg with a linear
/// payoff, whose only requirement is `notional × rate − amount`.
///
/// `cash + other profit − other maintenance + amount − cost = price × (size × rate − quantity)`.
struct LinearEquation {
    private let symbol: String
    private let cash: [Term]
    private let profits: [Term]
    private let requirements: [Term]
    private let quantity: Int128
    private let cost: Int128
    private let rate: Int128
    private let amount: Int128
    private let sum: Int128
    private let divisor: Int128

    /// The equation of `solution`, or `nil` if its price follows another one.
    init?(_ solution: Explanation.Solution) {
        symbol = solution.symbol
        let own = solution.terms.filter { $0.subject == solution.symbol }
        let profit = own.filter { $0.figure == .unrealizedPnl }
        let requirement = own.filter { $0.figure == .maintenanceMargin }
        guard profit.count == 1, requirement.count == 1,
            profit[0].formula == "quantity × mark − cost",
            requirement[0].formula == "notional × rate − amount",
            !solution.terms.contains(where: { $0.figure == .collateral || $0.figure == .equity }),
            let quantity = Self.fine(profit[0].operand("quantity")),
            let cost = Self.fine(profit[0].operand("cost")),
            let rate = Self.fine(requirement[0].operand("rate")),
            let amount = Self.fine(requirement[0].operand("amount"))
        else { return nil }
        let others = solution.terms.filter { $0.subject != solution.symbol }
        cash = others.filter { $0.figure == .wallet }
        profits = others.filter { $0.figure == .unrealizedPnl }
        requirements = others.filter { $0.figure == .maintenanceMargin }
        (self.quantity, self.cost, self.rate, self.amount) = (quantity, cost, rate, amount)
        var sum: Int128 = amount - cost
        for (terms, sign) in [(cash, 1), (profits, 1), (requirements, -1)] as [([Term], Int128)] {
            for term in terms {
                guard let value = Self.fine(term.value) else { return nil }
                sum += sign * value
            }
        }
        self.sum = sum
        let size = quantity < 0 ? -quantity : quantity
        guard
            let part = size.multiplied(by: rate, dividedBy: PowerOfTen.twentyFour, rounding: .up)
        else { return nil }
        divisor = part - quantity
        guard divisor != 0 else { return nil }
    }

    /// Decimal text in 10⁻²⁴, far below the ends of 128 bits.
    private static func fine(_ text: String?) -> Int128? {
        guard let text, let units = try? DecimalText.units(text, scale: 24),
            units.magnitude < UInt128(Int128.max) / 64
        else { return nil }
        return units
    }

    private func text(_ units: Int128) -> String {
        NumberText.exact(DecimalText.string(units, scale: 24))
    }

    /// The sum that is divided, term by term.
    func table() -> TextTable {
        var table = TextTable([("", .left), ("", .right), ("", .left), ("", .left)])
        func add(_ title: String, _ value: String, _ how: String) {
            table.add([.init("  \(title)"), .init(value), .init(""), .init(how, .faint)])
        }
        for term in cash { add("cash in the pool", NumberText.exact(term.value), term.title) }
        for term in profits {
            add(
                "+ profit of another position",
                NumberText.exact(term.value),
                "\(term.subject) \(term.filled)"
            )
        }
        for term in requirements {
            add(
                "\(NumberText.minus) maintenance of another",
                NumberText.exact(term.value),
                "\(term.subject) \(term.filled)"
            )
        }
        if amount != 0 { add("+ amount of this bracket", text(amount), "") }
        add(
            "\(NumberText.minus) cost",
            text(cost),
            "\(symbol) \(text(quantity)) at the entry price"
        )
        return table
    }

    /// `= −76,200.025, divided by −1.5 × (1 − 0.005) = −1.4925`.
    var division: String {
        let size = text(quantity < 0 ? -quantity : quantity)
        let sign = quantity < 0 ? "" : NumberText.minus
        let factor = quantity < 0 ? "(1 + \(text(rate)))" : "(1 \(NumberText.minus) \(text(rate)))"
        return "= \(text(sum)), divided by \(sign)\(size) × \(factor) = \(text(divisor))"
    }
}
