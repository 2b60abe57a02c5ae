import Plimsoll
import PlimsollUnits

/// The bankruptcy price of a part of a dYdX position, in quote quantums (10⁻⁶ USDC), as the engine
/// gives it for a mirrored account with all positions of the vector.
struct DydxBankruptcyCase: KindCase {
    private let account: DydxAccount

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        account = try DydxAccount(inputs)
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "bankruptcy_quote" else { throw noRule(key) }
        let desk = try account.desk()
        let value = try desk.engine.bankruptcyValue(
            desk.account,
            try desk.instrument(account.symbol),
            change: account.part()
        )
        return .number(try Exact(value).shifted(by: 6))
    }
}

/// The fillable price of a whole dYdX position in quote quantums per base quantum, as a fraction in
/// lowest terms: equity and maintenance are the engine's, the price is `FillablePrice`.
struct DydxFillableCase: KindCase {
    private let account: DydxAccount
    private let adjustment: Rate
    private let spread: Rate

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        account = try DydxAccount(inputs)
        adjustment = try inputs.required("bankruptcy_adjustment_ppm").shifted(by: -6).rate()
        spread = try inputs.required("spread_to_maintenance_ppm").shifted(by: -6).rate()
    }

    func answer(_ key: String) throws -> Answer {
        let terms = try fraction()
        switch key {
        case "price_numerator": return .number(Exact(terms.numerator))
        case "price_denominator": return .number(Exact(terms.denominator))
        default: throw noRule(key)
        }
    }

    private func fraction() throws -> (numerator: Int128, denominator: Int128) {
        let desk = try account.desk()
        let (figures, own) = (try desk.figures(), try desk.positionFigures(account.symbol))
        let isLong = try !account.held().isNegative
        let price = FillablePrice(
            equity: figures.equity,
            maintenance: figures.maintenanceMargin,
            value: own.notional.magnitude,
            positionMaintenance: own.maintenanceMargin,
            mark: try account.markInQuantums().price(),
            side: isLong ? .sell : .buy,
            adjustment: adjustment,
            spread: spread
        )
        guard let terms = price.fraction else {
            throw VectorError.failed("the fraction is beyond 128 bits")
        }
        // From steps of 10⁻⁸.
        let (bottom, overflow) = terms.denominator.multipliedReportingOverflow(
            by: PowerOfTen.eight
        )
        guard !overflow else { throw VectorError.failed("the fraction is beyond 128 bits") }
        let divisor = Self.commonDivisor(terms.numerator, bottom)
        return (terms.numerator / divisor, bottom / divisor)
    }

    private static func commonDivisor(_ one: Int128, _ other: Int128) -> Int128 {
        other == 0 ? max(1, Int128(one.magnitude)) : commonDivisor(other, one % other)
    }
}

/// Whether the insurance fund of dYdX can bear a change, in quote quantums.
struct FundChangeCase: KindCase {
    private let balance: Money
    private let change: Money

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        balance = try inputs.required("insurance_fund_balance").shifted(by: -6).money()
        change = try inputs.required("insurance_fund_delta").shifted(by: -6).money()
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "valid" else { throw noRule(key) }
        return .flag(LiquidationPricing.fundBears(change, balance: balance))
    }
}
