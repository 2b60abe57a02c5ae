import Plimsoll
import PlimsollUnits

/// A dYdX subaccount of a vector with all its positions, and the part of one that is to be closed.
struct DydxAccount {
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

    init(_ inputs: Inputs) throws {
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

    /// The symbol of the market whose position is closed.
    var symbol: String { "MARKET\(target)" }

    /// The position that is closed, in base quantums.
    func held() throws -> Exact {
        guard let held = positions.first(where: { $0.market == target })?.quantity else {
            throw VectorError.failed("there is no position in '\(target)'")
        }
        return held
    }

    /// Its mark in quote quantums per base quantum.
    func markInQuantums() throws -> Exact {
        let market = try market(target)
        return try market.price.shifted(by: market.resolution + 6)
    }

    /// The signed part of the position that is closed, as the engine counts it.
    func part() throws -> Quantity {
        let market = try market(target)
        let step = try step(held(), market)
        return try change.shifted(by: market.resolution + step).quantity()
    }

    /// An engine with all positions.
    ///
    /// They are entered at their marks: the wallet is what is left of the quote balance.
    func desk() throws -> Desk {
        var plan = AccountPlan(
            rulebook: Rulebook(
                id: Venue.dydx.rawValue,
                version: "conformance",
                currency: PositionPlan.cash
            ),
            assets: [PositionPlan.cash],
            wallets: []
        )
        var cash = try wallet.shifted(by: -6)
        for (name, quantums) in positions {
            let market = try market(name)
            let step = try step(quantums, market)
            let size = try quantums.shifted(by: market.resolution + step)
            let mark = try market.price.shifted(by: -step)
            cash = try cash + size * mark
            plan.positions.append(
                PositionPlan(
                    rules: rules(name, market),
                    quantity: try size.quantity(),
                    entry: try mark.solvedPrice(),
                    mark: try mark.price()
                )
            )
        }
        plan.wallets = [(PositionPlan.cash, try cash.money())]
        return try Desk(plan)
    }

    private func market(_ name: String) throws -> Market {
        guard let market = markets[name] else {
            throw VectorError.failed("there is no market '\(name)'")
        }
        return market
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
