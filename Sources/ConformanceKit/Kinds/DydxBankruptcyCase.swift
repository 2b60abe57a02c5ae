import Plimsoll
import PlimsollUnits

/// The bankruptcy price of a part of a dYdX position, in quote quantums (10⁻⁶ USDC), as the engine
/// gives it for a mirrored account with all positions of the vector.
struct DydxBankruptcyCase: KindCase {
    private let wallet: Exact
    private let positions: [(market: String, quantity: Exact)]
    private let markets: [String: Market]
    private let target: String
    private let change: Exact

    /// One market, as the protocol configures it.
    private struct Market {
        var price: Exact
        var resolution: Int
        var rates: OpenInterestSchedule

        init(_ inputs: Inputs) throws {
            resolution = try Int(clamping: inputs.required("atomic_resolution").units(scale: 0))
            let exponent = try Int(clamping: inputs.required("exponent").units(scale: 0))
            guard resolution.magnitude <= 38, exponent.magnitude <= 38 else {
                throw VectorError.failed("a power of ten is beyond 38")
            }
            price = try inputs.required("price").shifted(by: exponent)
            rates = OpenInterestSchedule(
                initialRate: try inputs.required("initial_rate_ppm").shifted(by: -6).rate(),
                maintenanceFraction: try inputs.required("maintenance_fraction_ppm")
                    .shifted(by: -6).rate()
            )
        }
    }

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        wallet = try inputs.required("wallet_balance")
        change = try inputs.required("delta_quantity")
        target = try inputs.required("perpetual").description
        positions = try inputs.list("positions").map {
            (try $0.required("perpetual").description, try $0.required("quantity"))
        }
        var markets: [String: Market] = [:]
        for (name, entry) in try inputs.mappings("markets") { markets[name] = try Market(entry) }
        self.markets = markets
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "bankruptcy_quote" else { throw noRule(key) }
        var plan = AccountPlan(
            rulebook: Rulebook(
                id: Venue.dydx.rawValue,
                version: "conformance",
                currency: PositionPlan.cash
            ),
            assets: [PositionPlan.cash],
            wallets: []
        )
        // Positions are entered at their marks: the wallet is what is left of the quote balance.
        var cash = try wallet.shifted(by: -6)
        var part: Quantity?
        for (name, quantums) in positions {
            guard let market = markets[name] else {
                throw VectorError.failed("there is no market '\(name)'")
            }
            let step = try step(quantums, market)
            let size = try quantums.shifted(by: market.resolution + step)
            let mark = try market.price.shifted(by: -step)
            cash = try cash + size * mark
            if name == target {
                part = try change.shifted(by: market.resolution + step).quantity()
            }
            plan.positions.append(
                PositionPlan(
                    rules: rules(name, market),
                    quantity: try size.quantity(),
                    entry: try mark.solvedPrice(),
                    mark: try mark.price()
                )
            )
        }
        guard let part else { throw VectorError.failed("there is no position in '\(target)'") }
        plan.wallets = [(PositionPlan.cash, try cash.money())]
        let desk = try Desk(plan)
        let value = try desk.engine.bankruptcyValue(
            desk.account,
            try desk.instrument("MARKET\(target)"),
            change: part
        )
        return .number(try Exact(value).shifted(by: 6))
    }

    /// A power of ten that moves from price to quantity so that both fit their units.
    private func step(_ quantums: Exact, _ market: Market) throws -> Int {
        for step in (0...20).flatMap({ [$0, -$0] }) {
            let sizes = [quantums, change].map { try? $0.shifted(by: market.resolution + step) }
            guard let mark = try? market.price.shifted(by: -step), mark.scale <= 8,
                sizes.allSatisfy({ ($0?.scale ?? 99) <= 8 })
            else { continue }
            return step
        }
        throw VectorError.failed("\(quantums) quantums are beyond what the engine holds")
    }

    private func rules(_ name: String, _ market: Market) -> InstrumentRules {
        InstrumentRules(
            symbol: "MARKET\(name)",
            payoff: .linear,
            base: "MARKET\(name)",
            quote: PositionPlan.cash,
            settle: PositionPlan.cash,
            schedule: .openInterest(market.rates),
            requirementScale: 6
        )
    }
}
