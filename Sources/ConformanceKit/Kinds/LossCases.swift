import Plimsoll
import PlimsollUnits

/// A mark-to-market on Vega that losers cannot pay in full, in whole units of the asset: the fund pays
/// for one loser after the other, the winners get what was collected.
struct VegaLossCase: KindCase {
    private let losers: [(party: String, loss: Int128, balance: Int128)]
    private let winners: [(party: String, win: Int128)]
    private let fund: Int128

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        losers = try inputs.list("losers").map {
            (
                try Self.party($0), try $0.required("loss").units(scale: 0),
                try $0.required("wallet_balance").units(scale: 0)
            )
        }
        winners = try inputs.list("winners").map {
            (try Self.party($0), try $0.required("win").units(scale: 0))
        }
        fund = try inputs.required("insurance_fund").units(scale: 0)
    }

    private static func party(_ inputs: Inputs) throws -> String {
        guard let party = try inputs.text("party") else {
            throw VectorError.failed("a party has no name")
        }
        return party
    }

    func answer(_ key: String) throws -> Answer {
        let own = losers.map { min($0.loss, max(0, $0.balance)) }
        let missing = zip(losers, own).map { $0.loss - $1 }
        let drawn = LossShares.inOrder(fund, caps: missing)
        let paid = zip(own, drawn).map { $0 + $1 }
        let receipts = LossShares.vegaReceipts(
            of: paid.reduce(0, +),
            by: winners.map(\.win),
            network: winners.firstIndex { $0.party == "network" }
        )
        switch key {
        case "insurance_fund_after": return .number(Exact(fund - drawn.reduce(0, +)))
        case "loser_realized_pnl":
            return .table(zip(losers, paid).map { ($0.party, Exact(-$1)) })
        case "loss_of_winner":
            return .table(zip(winners, receipts).map { ($0.party, Exact($1 - $0.win)) })
        case "receipts": return .table(zip(winners, receipts).map { ($0.party, Exact($1)) })
        default: throw noRule(key)
        }
    }
}

/// The layers that a hole goes through: profit that is not vested, the fund, and then everyone's
/// equity.
///
/// The hole is what is owed beyond the collateral. The source counts the fund as an asset until it is
/// drawn, so that drawing it opens the hole again (`margin-rules` section 7): what it publishes of the
/// haircut after a draw is not claimed, see `Runner.reasonToSkip`.
struct LayersCase: KindCase {
    private let warming: Exact
    private let fund: Exact
    private let equity: Exact
    private let hole: Exact

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        warming = try inputs.required("warming")
        fund = try inputs.required("insurance_fund")
        equity = try inputs.required("principal") + inputs.required("realized")
        hole = try equity + warming - inputs.required("collateral")
    }

    func answer(_ key: String) throws -> Answer {
        let layers = try [warming, fund, equity].map { try $0.money().units }
        let paid = LossShares.inOrder(try hole.money().units, caps: layers)
        let amounts = paid.map { Exact(Money(units: $0)) }
        switch key {
        case "burned_warming": return .number(amounts[0])
        case "warming_after": return .number(try warming - amounts[0])
        case "insurance_draw": return .number(amounts[1])
        case "insurance_fund_after": return .number(try fund - amounts[1])
        default: throw noRule(key)
        }
    }
}

/// The fund's part of a liquidation on Drift, in millionths: 95 % of the headroom, cut down.
struct DriftFundFeeCase: KindCase {
    private let fee: Rate

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        let price = try inputs.required("oracle_price").shifted(by: -6)
        let quote = try inputs.required("quote_oracle_price").shifted(by: -6)
        let size = try inputs.required("base_quantity").shifted(by: -9)
        fee = LiquidationPricing.fundFee(
            shortage: try inputs.required("margin_shortage").shifted(by: -6).money(),
            notional: try (size * price * quote).money(),
            maintenance: try inputs.required("margin_ratio").shifted(by: -4).rate(),
            liquidatorFee: try inputs.required("liquidation_fee").shifted(by: -6).rate(),
            share: try Exact(95, scale: 2).rate(),
            cap: try inputs.required("max_insurance_fee").shifted(by: -6).rate()
        )
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "fee" else { throw noRule(key) }
        return .number(Exact(try Exact(fee).units(scale: 6, rounding: .down)))
    }
}

/// How much base covers a shortage on Drift, in its steps of 10⁻⁹.
struct DriftCoverCase: KindCase {
    private let size: Quantity?

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        let price = try inputs.required("oracle_price").shifted(by: -6)
        let quote = try inputs.required("quote_oracle_price").shifted(by: -6)
        let fees = try inputs.required("liquidation_fee") + inputs.required("insurance_fee")
        // A thousandth of a coin is the unit here, so that 10⁻⁹ of a coin is a step that is held.
        size = ReductionSteps.covering(
            try inputs.required("margin_shortage").shifted(by: -6).money(),
            maintenance: try inputs.required("margin_ratio").shifted(by: -4).rate(),
            fees: try fees.shifted(by: -6).rate(),
            at: try (price * quote).shifted(by: -3).price(),
            step: try Exact(1, scale: 6).quantity(),
            rounding: .down
        )
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "base_quantity", let size else { throw noRule(key) }
        return .number(try Exact(Int128(size.units), scale: 8).shifted(by: 6))
    }
}

/// The liquidator's fee on Drift, in millionths: 0.01 bp a slot after 1,500 slots.
struct DriftTimeFeeCase: KindCase {
    private let fee: Rate

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        let elapsed = try inputs.required("current_slot") - inputs.required("last_active_slot")
        fee = LiquidationPricing.fee(
            base: try inputs.required("base_fee").shifted(by: -6).rate(),
            step: try Exact(1, scale: 6).rate(),
            elapsed: try Int64(clamping: elapsed.units(scale: 0)),
            grace: 1_500,
            cap: try inputs.required("max_fee").shifted(by: -6).rate()
        )
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "fee" else { throw noRule(key) }
        return .number(try Exact(fee).shifted(by: 6))
    }
}

/// What every unit of open interest pays of a bankruptcy on Drift: the quote, rounded up to its 6
/// digits, in the 9 digits of a funding rate.
struct DriftFundingCase: KindCase {
    private let perUnit: Money?

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        perUnit = LiquidationPricing.lossPerUnit(
            try inputs.required("loss").shifted(by: -6).money(),
            long: try inputs.required("base_long").shifted(by: -9).units(scale: 8),
            short: try inputs.required("base_short").shifted(by: -9).units(scale: 8),
            scale: 6
        )
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "delta" else { throw noRule(key) }
        return try perUnit.map { .number(try Exact($0).shifted(by: 9)) } ?? .none
    }
}
