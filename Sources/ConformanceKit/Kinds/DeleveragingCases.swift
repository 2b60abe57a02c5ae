import Plimsoll
import PlimsollUnits

extension Exact {
    /// A rate, as a fraction of one.
    init(_ rate: Rate) { self.init(Int128(rate.units), scale: 8) }

    /// A quantity.
    init(_ quantity: Quantity) { self.init(Int128(quantity.units), scale: 8) }
}

/// Binance's ranking score: max(0, profit) ÷ max(1, wallet) × margin ratio.
struct MarginRatioRankCase: KindCase {
    private var factors: DeleveragingFactors

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        // Only the ratio of maintenance to equity has a part, so equity is 1.
        factors = DeleveragingFactors(
            profit: try inputs.required("unrealized_pnl").money(),
            cost: .zero,
            value: .zero,
            wallet: try inputs.required("wallet_balance").money(),
            maintenance: try inputs.required("margin_ratio").money(),
            equity: try Exact.one.money()
        )
    }

    func answer(_ key: String) throws -> Answer {
        var factors = factors
        switch key {
        case "leverage_pnl": break
        case "pnl_percent": factors.maintenance = factors.equity
        default: throw noRule(key)
        }
        return .number(Exact(factors.score(.profitTimesMarginRatio)))
    }
}

/// Profit on collateral × chosen leverage, and sizes whose value at the mark is the debt.
///
/// The score is the engine's `profitTimesLeverage` with the collateral for the cost and the chosen
/// leverage for value ÷ equity; only positions in profit are ranked. Closing a size worth the debt
/// does not realise that much profit (`margin-rules` section 7): the size is published all the same.
struct LeverageRankCase: KindCase {
    private struct Position {
        var id: Exact
        var size: Exact
        var profit: Money
        var factors: DeleveragingFactors
    }

    private let positions: [Position]
    private let mark: Exact
    private let debt: Exact?
    private let count: Int

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        let mark = try inputs.required("mark_price")
        let found: [Position] = try inputs.list("positions").map { entry in
            let quantity = try entry.required("quantity")
            let profit = try (quantity * (mark - entry.required("entry_price"))).money()
            return Position(
                id: try entry.required("id"),
                size: quantity.magnitude,
                profit: profit,
                factors: DeleveragingFactors(
                    profit: profit,
                    cost: try entry.required("collateral").money(),
                    value: try entry.required("leverage").money(),
                    wallet: .zero,
                    maintenance: .zero,
                    equity: try Exact.one.money()
                )
            )
        }
        let ranked = found.filter { $0.profit.units > 0 }.enumerated().sorted { one, other in
            let first = one.element.factors.exactScore(.profitTimesLeverage)
            let second = other.element.factors.exactScore(.profitTimesLeverage)
            return first == second ? one.offset < other.offset : second < first
        }
        positions = ranked.map(\.element)
        self.mark = mark
        debt = try inputs.number("bad_debt")
        let most = try inputs.number("max_accounts")?.units(scale: 0)
        count = most.map { Int(clamping: max(0, $0)) } ?? positions.count
    }

    func answer(_ key: String) throws -> Answer {
        switch key {
        case "order": return .list(positions.map(\.id))
        case "sizes":
            guard let debt else { throw noRule(key, "'bad_debt' is missing") }
            let closed = Array(positions.prefix(count))
            let parts = LossShares.inOrder(
                try debt.money().units,
                caps: closed.map(\.profit.units)
            )
            let sizes = try zip(closed, parts).filter { $0.1 > 0 }.map { position, part in
                let size = try Self.size(worth: Money(units: part), at: mark)
                let isAll = try position.size.isAtMost(size)
                return [("id", position.id), ("quantity", isAll ? position.size : size)]
            }
            return .rows(sizes)
        default: throw noRule(key)
        }
    }

    /// The size of this value; powers of ten move from the price to the quantity so that it has as
    /// many digits as they allow.
    private static func size(worth value: Money, at mark: Exact) throws -> Exact {
        for power in (0...8).reversed() {
            guard let price = try? mark.shifted(by: -power).price(),
                let size = ReductionSteps.quantity(
                    worth: value,
                    at: price,
                    .linear,
                    rounding: .halfEven
                )
            else { continue }
            return try Exact(size).shifted(by: -power)
        }
        throw VectorError.failed("the size of \(Exact(value)) at \(mark) is beyond a quantity")
    }
}

/// BitMEX's queue: by score, each in full before the next; and the lights of the queue.
struct QueueFillCase: KindCase {
    private struct Account {
        var name: Exact
        var size: Money
        var score: Exact
    }

    private let accounts: [Account]
    private let wanted: Exact

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        wanted = try inputs.required("liquidated_quantity")
        // At which price has no part in who is closed.
        inputs.note("bankruptcy_price")
        let found = try inputs.list("accounts").map {
            Account(
                name: try $0.required("account"),
                size: try $0.required("quantity").magnitude.money(),
                score: try $0.required("score")
            )
        }
        let scores = try found.map { try $0.score.money() }
        accounts = found.indices.sorted { one, other in
            (scores[other], one) < (scores[one], other)
        }.map { found[$0] }
    }

    func answer(_ key: String) throws -> Answer {
        let sizes = accounts.map(\.size.units)
        let fills = LossShares.inOrder(try wanted.magnitude.money().units, caps: sizes)
        switch key {
        case "fills": return .table(table(fills))
        case "remaining": return .table(table(zip(sizes, fills).map { $0 - $1 }))
        case "order_percentile":
            let percentiles = DeleveragingQueue.percentiles(of: sizes)
            return .rows(
                try zip(accounts, percentiles).map { account, rate in
                    [
                        ("account", account.name),
                        ("percentile", try Exact(rate).shifted(by: 2)),
                    ]
                }
            )
        default: throw noRule(key)
        }
    }

    private func table(_ amounts: [Int128]) -> [(key: String, value: Exact)] {
        zip(accounts, amounts).map {
            ($0.name.description, Exact(Money(units: $1)))
        }
    }
}

/// Whether an uncovered debt is large enough to be passed on.
struct DebtTriggerCase: KindCase {
    private let debt: Money
    private let smallest: Money

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        debt = try inputs.required("uncovered").money()
        smallest = try inputs.required("min_trigger").money()
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "trigger" else { throw noRule(key) }
        return .flag(DeleveragingTrigger.isDue(debt, smallest: smallest))
    }
}

/// Bybit's trigger: the fund is seen at its highest, then as it is now.
struct DrawdownCase: KindCase {
    private let fund: FundDrawdown
    private let fall: FundFall
    private let start: Rate

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        start = try (-inputs.required("insurance_pnl_ratio")).rate()
        // Where it stops has no part in where it starts.
        let rule = FundRule.Drawdown(start: start, stop: start, window: 8 * 3_600_000_000_000)
        var fund = FundDrawdown()
        fund.observe(
            profit: try inputs.required("symbol_pnl_8h_max").money(),
            balance: try inputs.required("insurance_fund_8h_max").money(),
            at: .zero,
            by: rule
        )
        fall = fund.observe(
            profit: try inputs.required("symbol_pnl_now").money(),
            balance: try inputs.required("insurance_fund").money(),
            at: Timestamp(nanoseconds: rule.window),
            by: rule
        )
        self.fund = fund
    }

    func answer(_ key: String) throws -> Answer {
        switch key {
        case "adl_triggered": .flag(fund.isTriggered)
        case "pnl_ratio": fall.ratio.map { .number(Exact($0)) } ?? .none
        case "adl_amount": .number(Exact(fall.excess(over: start)))
        default: throw noRule(key)
        }
    }
}
