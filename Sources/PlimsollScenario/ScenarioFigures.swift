import Plimsoll
import PlimsollUnits
import PlimsollWire

/// A calculated value as scenarios write it.
enum CalculatedValue: Hashable {
    /// In steps of 10⁻¹⁶.
    case number(Int128)
    /// A word; `none` where there is no value.
    case word(String)

    init(_ money: Money) { self = .number(money.units) }
    init(_ price: SolvedPrice) { self = .number(price.units) }
    init(_ money: Money?) { self = money.map { .number($0.units) } ?? .word("none") }
    init(_ price: SolvedPrice?) { self = price.map { .number($0.units) } ?? .word("none") }
    init(_ flag: Bool) { self = .word(flag ? "yes" : "no") }

    init(_ answer: PriceAnswer) {
        switch answer {
        case .price(let price): self = .number(price.units)
        case .none(let reason): self = .word(Kebab.word(reason.rawValue))
        }
    }

    /// The text in messages.
    var text: String {
        switch self {
        case .number(let units): DecimalText.string(units, scale: 16)
        case .word(let word): word
        }
    }
}

/// `reduceOnly` as `reduce-only`.
enum Kebab {
    static func word(_ name: String) -> String {
        var word = ""
        for character in name {
            word += character.isUppercase ? "-" + character.lowercased() : String(character)
        }
        return word
    }

    /// The name of an enum's case, without what it carries.
    static func caseName(_ value: some Any) -> String {
        word(String(String(describing: value).prefix { $0 != "(" }))
    }
}

/// The figures that each scope has, by the names of scenarios.
enum Figures {
    static let margin = [
        "equity", "wallet", "unrealised", "initial", "position-initial", "orders", "maintenance",
        "available", "withdrawable", "ratio", "inverse-ratio", "freeboard",
    ]
    static let account = margin + ["band", "mode", "asset", "stale", "missing"]
    static let pool = margin + ["band", "mode", "stale"]
    static let position = [
        "quantity", "entry", "cost", "mark", "notional", "unrealised", "initial", "maintenance",
        "rate", "amount", "bracket", "leverage", "chosen", "effective-leverage", "margin-mode",
        "isolated-margin", "liquidation", "bankruptcy",
    ]
    static let collateral = ["wallet", "isolated-margin", "equity", "value"]
    static let totals = [
        "deposits", "withdrawals", "in-transit", "wallets", "unrealised", "fund", "fees", "house",
    ]

    static func value(_ name: String, of figures: MarginFigures?) -> CalculatedValue? {
        guard let figures else { return margin.contains(name) ? .word("none") : nil }
        return switch name {
        case "equity": CalculatedValue(figures.equity)
        case "wallet": CalculatedValue(figures.walletBalance)
        case "unrealised": CalculatedValue(figures.unrealizedPnl)
        case "initial": CalculatedValue(figures.initialMargin)
        case "position-initial": CalculatedValue(figures.positionInitialMargin)
        case "orders": CalculatedValue(figures.orderInitialMargin)
        case "maintenance": CalculatedValue(figures.maintenanceMargin)
        case "available": CalculatedValue(figures.availableBalance)
        case "withdrawable": CalculatedValue(figures.withdrawable)
        case "ratio": CalculatedValue(figures.marginRatio)
        case "inverse-ratio": CalculatedValue(figures.inverseRatio)
        case "freeboard": CalculatedValue(figures.freeboard)
        default: nil
        }
    }

    static func value(_ name: String, of report: AccountReport) -> CalculatedValue? {
        switch name {
        case "band": .word(Kebab.caseName(report.state))
        case "mode": .word(Kebab.caseName(report.pools.map(\.mode).max() ?? .normal))
        case "asset": .word(report.asset)
        case "stale": list(report.stale)
        case "missing": list(report.missing)
        default: value(name, of: report.figures)
        }
    }

    static func value(_ name: String, of pool: PoolReport) -> CalculatedValue? {
        switch name {
        case "band": .word(Kebab.caseName(pool.band))
        case "mode": .word(Kebab.caseName(pool.mode))
        case "stale": CalculatedValue(pool.isStale)
        default: value(name, of: pool.figures)
        }
    }

    static func value(_ name: String, of position: PositionReport) -> CalculatedValue? {
        switch name {
        case "quantity": .number(Int128(position.quantity.units) * PowerOfTen.eight)
        case "entry": CalculatedValue(position.entryPrice)
        case "cost": CalculatedValue(position.cost)
        case "mark": CalculatedValue(position.markPrice.map { SolvedPrice($0) })
        case "leverage": CalculatedValue(position.leverage.map { Money(units: $0.units16) })
        case "chosen": CalculatedValue(position.leverageIsChosen)
        case "margin-mode": .word(position.marginMode.word)
        case "isolated-margin": CalculatedValue(position.isolatedMargin)
        case "liquidation": CalculatedValue(position.liquidationPrice)
        case "bankruptcy": CalculatedValue(position.bankruptcyPrice)
        default: value(name, of: position.figures)
        }
    }

    private static func value(
        _ name: String,
        of figures: PositionMarginFigures?
    ) -> CalculatedValue? {
        guard let figures else { return .word("none") }
        return switch name {
        case "notional": CalculatedValue(figures.notional)
        case "unrealised": CalculatedValue(figures.unrealizedPnl)
        case "initial": CalculatedValue(figures.initialMargin)
        case "maintenance": CalculatedValue(figures.maintenanceMargin)
        case "rate": CalculatedValue(figures.maintenanceRate)
        case "amount": CalculatedValue(figures.maintenanceAmount)
        case "bracket":
            figures.bracket.map { .number(Int128($0 + 1) * PowerOfTen.sixteen) } ?? .word("none")
        case "effective-leverage": CalculatedValue(figures.effectiveLeverage)
        default: nil
        }
    }

    static func value(_ name: String, of report: CollateralReport) -> CalculatedValue? {
        switch name {
        case "wallet": CalculatedValue(report.walletBalance)
        case "isolated-margin": CalculatedValue(report.isolatedMargin)
        case "equity": CalculatedValue(report.equity)
        case "value": CalculatedValue(report.collateralValue)
        default: nil
        }
    }

    static func value(_ name: String, of totals: AssetTotals) -> CalculatedValue? {
        switch name {
        case "deposits": CalculatedValue(totals.deposits)
        case "withdrawals": CalculatedValue(totals.withdrawals)
        case "in-transit": CalculatedValue(totals.inTransit)
        case "wallets": CalculatedValue(totals.wallets)
        case "unrealised": CalculatedValue(totals.unrealized)
        case "fund": CalculatedValue(totals.funds)
        case "fees": CalculatedValue(totals.fees)
        case "house": CalculatedValue(totals.house)
        default: nil
        }
    }

    private static func list(_ names: [String]) -> CalculatedValue {
        .word(names.isEmpty ? "none" : names.joined(separator: ","))
    }
}

extension Leverage {
    fileprivate var units16: Int128 { Int128(hundredths) * PowerOfTen.of(14) }
}
