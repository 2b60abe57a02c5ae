import PlimsollUnits

/// Where the terms of a computation go: nowhere on the hot path, into a list when it is explained.
protocol TermSink {
    /// Takes in a term; the closure is run only by a sink that keeps it.
    mutating func add(_ term: () -> Term)
}

/// A sink that keeps nothing.
struct NoTerms: TermSink {
    @inline(__always)
    mutating func add(_ term: () -> Term) {}
}

/// A sink that keeps every term, in the order of the computation.
struct TermList: TermSink {
    var terms: [Term] = []

    mutating func add(_ term: () -> Term) { terms.append(term()) }
}

/// One line of an explanation: an amount, how it came about, and which figure it is part of.
public struct Term: Hashable, Sendable {
    /// The figure that a term is part of.
    public enum Figure: String, Hashable, Sendable, CaseIterable {
        case wallet
        case unrealizedPnl
        case collateral
        case equity
        case initialMargin
        case orderInitialMargin
        case maintenanceMargin
        case available
        case liquidationPrice
        case bankruptcyPrice
    }

    /// The figure.
    public var figure: Figure
    /// What the term is, in a few words of the field.
    public var label: String
    /// The symbol or asset it belongs to; empty for a sum.
    public var subject: String
    /// The numbers that were put in, in order: name and decimal text.
    public var operands: [Operand]
    /// How the operands make the value, such as `notional × rate − amount`.
    public var formula: String
    /// The value, as decimal text.
    public var value: String

    /// A number that was put into a formula.
    public struct Operand: Hashable, Sendable {
        /// Its name in the formula.
        public var name: String
        /// Its value, as decimal text.
        public var value: String

        /// A named number.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A line of an explanation.
    public init(
        _ figure: Figure,
        _ label: String,
        subject: String = "",
        operands: [Operand] = [],
        formula: String = "",
        value: String
    ) {
        self.figure = figure
        self.label = label
        self.subject = subject
        self.operands = operands
        self.formula = formula
        self.value = value
    }
}

/// Decimal text of the scales that terms use.
enum Text {
    static func money(_ units: Int128) -> String { DecimalText.string(units, scale: 16) }
    static func fine(_ units: Int128) -> String { DecimalText.string(units, scale: 24) }
    static func price(_ units: Int64) -> String { DecimalText.string(Int128(units), scale: 8) }
    static func quantity(_ units: Int64) -> String { DecimalText.string(Int128(units), scale: 8) }
    static func leverage(_ hundredths: Int64) -> String {
        DecimalText.string(Int128(hundredths), scale: 2)
    }
}

extension Term {
    static func unrealized(
        _ position: PositionView,
        mark: Int64,
        _ rules: InstrumentRules,
        total: Int128
    ) -> Term {
        Term(
            .unrealizedPnl,
            "unrealised profit",
            subject: rules.symbol,
            operands: [
                Operand("quantity", Text.quantity(position.quantity)),
                Operand("mark", Text.price(mark)),
                Operand("cost", Text.money(position.cost)),
            ],
            formula: rules.payoff == .inverse
                ? "cost − quantity ÷ mark" : "quantity × mark − cost",
            value: Text.money(total)
        )
    }

    static func bracketMaintenance(
        _ rules: InstrumentRules,
        _ notional: Int128,
        _ index: Int,
        _ schedule: BracketSchedule,
        _ product: Int128
    ) -> Term {
        let bracket = schedule.brackets[index]
        let scale = schedule.key == .notional ? 16 : 8
        let next = index + 1 < schedule.brackets.count ? schedule.brackets[index + 1].floor : nil
        let cap = next.map { DecimalText.string($0, scale: scale) } ?? "∞"
        return Term(
            .maintenanceMargin,
            "bracket \(index + 1) (\(DecimalText.string(bracket.floor, scale: scale))–\(cap))",
            subject: rules.symbol,
            operands: [
                Operand("notional", Text.money(notional)),
                Operand("rate", Text.money(bracket.maintenanceRate.units16)),
                Operand("amount", Text.fine(bracket.deduction)),
            ],
            formula: "notional × rate − amount",
            value: Text.fine(product - bracket.deduction)
        )
    }

    static func rateMargin(
        _ rules: InstrumentRules,
        _ notional: Int128,
        rate24: Int128,
        _ margin: Int128,
        in figure: Figure
    ) -> Term {
        Term(
            figure,
            "rate by size",
            subject: rules.symbol,
            operands: [
                Operand("notional", Text.money(notional)), Operand("rate", Text.fine(rate24)),
            ],
            formula: "notional × rate",
            value: Text.fine(margin)
        )
    }

    static func fractionOfInitial(
        _ rules: InstrumentRules,
        _ initial: Int128,
        _ fraction: Rate,
        _ margin: Int128
    ) -> Term {
        Term(
            .maintenanceMargin,
            "fraction of the base initial margin",
            subject: rules.symbol,
            operands: [
                Operand("baseInitial", Text.fine(initial)),
                Operand("fraction", fraction.description),
            ],
            formula: "baseInitial × fraction",
            value: Text.fine(margin)
        )
    }

    static func leveragedInitial(
        _ rules: InstrumentRules,
        _ notional: Int128,
        _ leverage: Int64,
        _ margin: Int128
    ) -> Term {
        Term(
            .initialMargin,
            "notional by leverage",
            subject: rules.symbol,
            operands: [
                Operand("notional", Text.money(notional)),
                Operand("leverage", Text.leverage(leverage)),
            ],
            formula: "notional ÷ leverage",
            value: Text.money(margin)
        )
    }

    static func closingFee(_ rules: InstrumentRules, _ fee24: Int128, in figure: Figure) -> Term {
        Term(
            figure,
            "fee to close",
            subject: rules.symbol,
            operands: [Operand("feeRate", rules.takerFeeRate.description)],
            formula: rules.closingFee == .inMaintenance
                ? "notional × feeRate"
                : rules.closingFee == .atEntry
                    ? "cost × feeRate" : "value at the bankruptcy price × feeRate",
            value: Text.fine(fee24)
        )
    }

    static func fundingDue(_ rules: InstrumentRules, _ rate: Int64, _ funding: Int128) -> Term {
        Term(
            .maintenanceMargin,
            "funding due",
            subject: rules.symbol,
            operands: [Operand("fundingRate", DecimalText.string(Int128(rate), scale: 16))],
            formula: "notional × |fundingRate|",
            value: Text.fine(funding)
        )
    }
}
