@testable import Plimsoll
@testable import PlimsollMarket
import PlimsollUnits

/// Values written as a risk analyst writes them; a wrong literal stops the test at once.
func price(_ text: String) -> Price { value { try Price(units: Int64(units(text, 8))) } }

func quantity(_ text: String) -> Quantity { value { try Quantity(units: Int64(units(text, 8))) } }

func rate(_ text: String) -> Rate { value { try Rate(units: Int64(units(text, 8))) } }

func money(_ text: String) -> Money { Money(units: units(text, 16)) }

func seconds(_ count: Int64) -> Timestamp { Timestamp(nanoseconds: count * 1_000_000_000) }

private func units(_ text: String, _ scale: Int) -> Int128 {
    value { try DecimalText.units(text, scale: scale) }
}

func value<Value>(_ body: () throws -> Value) -> Value {
    do {
        return try body()
    } catch {
        preconditionFailure("Invariant: the test's literals are values: \(error)")
    }
}

/// A shape through distances in hundredths of a basis point and depths in the quote currency.
func shape(_ points: [(Int64, String)]) -> BookShape {
    let all = points.map { distance, depth in
        BookShape.Point(
            distance: Distance(basisPointHundredths: distance),
            depth: money(depth)
        )
    }
    guard let shape = BookShape(all) else {
        preconditionFailure("Invariant: the test's points rise")
    }
    return shape
}

/// A market of one instrument, X in USD, with a reference price of 100.
struct Market {
    static let instrument = InstrumentID(index: 0)
    /// 1,000 within 100 basis points, 3,000 within 200.
    static let plain = shape([(10_000, "1000"), (20_000, "3000")])

    var model: MarketModel
    private var number: UInt64 = 0

    init(
        _ shape: BookShape = Market.plain,
        step: Quantity? = nil,
        _ adjust: (inout MarketModel.Assumptions) -> Void = { _ in }
    ) {
        var assumptions = MarketModel.Assumptions()
        adjust(&assumptions)
        let rules = Market.rules(step: step)
        model = value {
            var model = try MarketModel(outside: AccountID(index: 7), assumptions: assumptions)
            try model.list(Market.instrument, rules: rules, shape: shape)
            return model
        }
        observe("100", at: seconds(1))
    }

    /// X: maintenance 5 % to 100,000, 10 % beyond.
    static func rules(payoff: Payoff = .linear, step: Quantity? = nil) -> InstrumentRules {
        func bracket(_ floor: String, _ rate: Rate, _ deduction: Int128) -> Bracket {
            Bracket(
                floor: money(floor).units,
                maintenanceRate: ExactRate(rate),
                deduction: deduction,
                maxLeverage: value { try Leverage(hundredths: 2_000) },
                initialRate: nil
            )
        }
        let steps = [
            bracket("0", rate("0.05"), 0),
            bracket("100000", rate("0.1"), 5_000 * PowerOfTen.twentyFour),
        ]
        guard let schedule = BracketSchedule(key: .notional, brackets: steps) else {
            preconditionFailure("Invariant: the test's brackets rise from 0")
        }
        var rules = InstrumentRules(
            symbol: "X",
            payoff: payoff,
            base: "X",
            quote: "USD",
            settle: "USD",
            schedule: .brackets(schedule)
        )
        rules.quantityStep = step
        return rules
    }

    mutating func observe(_ text: String, at time: Timestamp) {
        model.observe(Marked(instrument: Market.instrument, price: price(text)), at: time)
    }

    var mark: Price { model.mark(of: Market.instrument) ?? price("1") }

    /// Sends an order for X; what was filled, at which price, and whether an end followed.
    mutating func execute(
        _ side: Side,
        _ size: Quantity,
        limit: Price,
        at time: Timestamp = seconds(1),
        instrument: InstrumentID = Market.instrument
    ) -> (filled: Quantity, price: Price?, ended: Bool) {
        number += 1
        let order = LiquidationOrdered(
            liquidation: 1,
            order: number,
            account: AccountID(index: 3),
            pool: PoolID(index: 0),
            instrument: instrument,
            leg: .net,
            side: side,
            quantity: size,
            limit: limit,
            sizedBy: .exitLevel,
            held: side == .sell ? size : -size,
            mark: price("100"),
            markTime: time,
            bracket: 0,
            equity: .zero,
            maintenance: .zero,
            maintenanceAfter: .zero
        )
        var answer: (filled: Quantity, price: Price?, ended: Bool) = (.zero, nil, false)
        for body in model.execute(order, at: time) {
            switch body {
            case .liquidationFilled(let fill) where fill.order == number && answer.price == nil:
                answer.filled = fill.quantity
                answer.price = fill.price
                precondition(fill.counterparty.account == AccountID(index: 7), "another party")
            case .liquidationOrderEnded(let end)
            where end.order == number && end.reason == .unfilled && !answer.ended:
                answer.ended = true
            default:
                preconditionFailure("Invariant: an order has one fill and one end at most: \(body)")
            }
        }
        return answer
    }
}
