import Plimsoll
import PlimsollUnits

/// OKX's older rule for swaps: from tier 3 on cut to the cap of tier 1, below it closed in full.
struct CutCase: KindCase {
    private let held: Quantity
    private let floor: Quantity
    private let cap: Quantity

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        held = try inputs.required("quantity").quantity()
        floor = try inputs.required("full_cut_floor").quantity()
        cap = try inputs.required("first_tier_cap").quantity()
        // Contracts are counted alike for both.
        inputs.note("contract_type")
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "close_quantity" else { throw noRule(key) }
        return .number(Exact(ReductionSteps.cut(held, toCap: cap, from: floor)))
    }
}

/// How Vega's network sells what it took over, in whole units.
struct SliceCase: KindCase {
    private let held: Quantity
    private let visible: Quantity
    private let rule: DisposalSlice
    private let steps: Int

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        held = try inputs.required("quantity").quantity()
        visible = try inputs.required("available_volume").quantity()
        rule = DisposalSlice(
            fraction: try inputs.required("disposal_fraction").rate(),
            whole: try inputs.required("full_disposal_size").quantity(),
            share: try inputs.required("max_fraction_consumed").rate(),
            lot: try Exact.one.quantity()
        )
        let count = try inputs.number("steps")?.units(scale: 0) ?? 1
        guard (0...10_000).contains(count) else {
            throw VectorError.failed("\(count) steps are too many")
        }
        steps = Int(count)
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "sizes" else { throw noRule(key) }
        let sizes = ReductionSteps.slices(of: held, rule, visible: visible, steps: steps)
        return .list(sizes.map { Exact($0) })
    }
}

/// The liquidation price of a Vega position without orders.
///
/// Maintenance is size × mark × (linear slippage + quadratic slippage × size + risk factor), which is
/// the engine's schedule with a rate that is affine in size; the collateral is a multiple of it.
struct VegaPriceCase: KindCase {
    private let mark: Exact
    private let size: Exact
    private let rate: Exact
    private let slope: Exact
    private let factor: Exact?

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        mark = try inputs.required("mark_price")
        let quantity = try inputs.required("quantity")
        size = try quantity.divided(by: inputs.required("position_factor"), scale: 8)
        let risks = (
            long: try inputs.required("risk_factor_long"),
            short: try inputs.required("risk_factor_short")
        )
        let risk = quantity.isNegative ? risks.short : risks.long
        rate = try inputs.required("linear_slippage") + risk
        slope = try inputs.required("quadratic_slippage")
        factor = try inputs.number("collateral_factor")
    }

    func answer(_ key: String) throws -> Answer {
        let times: Exact
        switch key {
        case "price_when_collateral_is_maintenance": times = .one
        case "liquidation_price":
            guard let factor else { throw noRule(key, "'collateral_factor' is missing") }
            times = factor
        default: throw noRule(key)
        }
        let maintenance = Exact(try desk(.zero).figures().maintenanceMargin)
        let position = try desk(maintenance * times).position(prices: true)
        return position.liquidationPrice.price.map { .number(Exact($0)) } ?? .none
    }

    private func desk(_ collateral: Exact) throws -> Desk {
        let rules = InstrumentRules(
            symbol: PositionPlan.symbol,
            payoff: .linear,
            base: PositionPlan.coin,
            quote: PositionPlan.cash,
            settle: PositionPlan.cash,
            schedule: .affine(
                AffineSchedule(
                    initialBase: .zero,
                    initialSlope: 0,
                    maintenanceBase: try rate.rate(),
                    maintenanceSlope: try Int64(clamping: slope.units(scale: 16))
                )
            )
        )
        return try Desk(
            AccountPlan(
                rulebook: Rulebook(
                    id: Venue.vega.rawValue,
                    version: "conformance",
                    currency: PositionPlan.cash
                ),
                assets: [PositionPlan.cash],
                wallets: [(PositionPlan.cash, try collateral.money())],
                positions: [
                    PositionPlan(
                        rules: rules,
                        quantity: try size.quantity(),
                        entry: try mark.solvedPrice(),
                        mark: try mark.price()
                    )
                ]
            )
        )
    }
}
