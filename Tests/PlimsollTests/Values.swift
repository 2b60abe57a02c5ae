import Plimsoll
import PlimsollUnits
import Testing

/// Values written as a risk analyst writes them; a wrong literal stops the test at once.
func price(_ text: String) -> Price { value { try Price(units: Int64(units(text, 8))) } }

func quantity(_ text: String) -> Quantity { value { try Quantity(units: Int64(units(text, 8))) } }

func rate(_ text: String) -> Rate { value { try Rate(units: Int64(units(text, 8))) } }

func funding(_ text: String) -> FundingRate {
    value { try FundingRate(units: Int64(units(text, 16))) }
}

func leverage(_ times: Int64) -> Leverage { value { try Leverage(hundredths: times * 100) } }

func money(_ text: String) -> Money { Money(units: units(text, 16)) }

func units(_ text: String, _ scale: Int) -> Int128 {
    value { try DecimalText.units(text, scale: scale) }
}

private func value<Value>(_ body: () throws -> Value) -> Value {
    do {
        return try body()
    } catch {
        preconditionFailure("Invariant: the test's literals are values: \(error)")
    }
}

/// A bracket of a schedule by notional, in the words of a venue's table.
func bracket(
    from floor: String,
    rate maintenance: String,
    amount: String = "0",
    leverage times: Int64,
    initial: String? = nil,
    scale: Int = 16
) -> Bracket {
    Bracket(
        floor: units(floor, scale),
        maintenanceRate: ExactRate(rate(maintenance)),
        deduction: units(amount, 24),
        maxLeverage: leverage(times),
        initialRate: initial.map { rate($0) }
    )
}

func brackets(_ key: BracketSchedule.Key, _ rows: [Bracket]) -> MarginSchedule {
    guard let schedule = BracketSchedule(key: key, brackets: rows) else {
        preconditionFailure("Invariant: the test's floors rise from 0")
    }
    return .brackets(schedule)
}
