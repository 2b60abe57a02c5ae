import Plimsoll
import PlimsollUnits

/// What a vector says about an account in two currencies, and what follows from it.
struct AccountConversion {
    /// Account totals in USD by the name of the figure in the asset.
    private let totals: [String: Exact]
    /// Figures of the same names in the asset.
    private let figures: [String: Exact]
    /// USD per unit.
    private let index: Exact?
    /// Assets with their equity and its value after the haircut.
    private let assets: [(name: String, equity: Exact, discounted: Exact)]

    init(_ inputs: Inputs) throws {
        var totals: [String: Exact] = [:]
        var figures: [String: Exact] = [:]
        for name in ["margin_balance", "initial_margin", "maintenance_margin"] {
            totals[name] = try inputs.number("account_" + name)
            figures[name] = try inputs.number(name)
        }
        self.totals = totals
        self.figures = figures
        index = try inputs.number("currency_index")
        assets = try inputs.list("assets").map { asset in
            guard let name = try asset.text("asset") else {
                throw VectorError.failed("the input 'assets[].asset' is missing")
            }
            return (
                name, try asset.required("equity"), try asset.required("discounted_equity")
            )
        }
    }

    /// The figure that the vector names `key`, if it is about two currencies.
    func answer(_ key: String, _ publication: Publication) throws -> Answer? {
        switch key {
        case "currency_index_from_balance": return .number(try impliedIndex("margin_balance"))
        case "currency_index_from_margin": return .number(try impliedIndex("initial_margin"))
        case "haircut": return .table(try assets.map { ($0.name, try haircut($0)) })
        case "available_balance" where index != nil:
            let balance = try converted("margin_balance")
            let initial = try converted("initial_margin")
            let plan = AccountPlan(
                rulebook: Rulebook(id: "account", version: "1", currency: PositionPlan.cash),
                assets: [PositionPlan.cash],
                wallets: [(PositionPlan.cash, try balance.money())],
                positions: try PositionPlan.sums(
                    unrealized: .zero,
                    initial: initial,
                    maintenance: .zero,
                    in: PositionPlan.cash
                )
            )
            let figures = try Desk(plan).figures()
            return .number(Exact(publication.margin(figures.availableBalance)))
        default:
            guard index != nil, totals[key] != nil else { return nil }
            return .number(Exact(publication.margin(try converted(key).money())))
        }
    }

    /// A total in USD as the amount of the asset that is worth it: the engine values an inverse
    /// position of that many USD at the index.
    private func converted(_ key: String) throws -> Exact {
        guard let index, let total = totals[key] else {
            throw VectorError.failed("the input 'account_\(key)' is missing")
        }
        guard !total.isZero else { return .zero }
        // Totals may have more digits than a quantity: tenfold sizes have tenfold values.
        let power = max(0, total.scale - 8)
        let rules = InstrumentRules(
            symbol: PositionPlan.symbol,
            payoff: .inverse,
            base: PositionPlan.coin,
            quote: PositionPlan.cash,
            settle: PositionPlan.coin,
            schedule: .affine(
                AffineSchedule(
                    initialBase: .zero,
                    initialSlope: 0,
                    maintenanceBase: .zero,
                    maintenanceSlope: 0
                )
            )
        )
        let plan = AccountPlan(
            rulebook: Rulebook(id: "index", version: "1", currency: PositionPlan.cash),
            assets: [PositionPlan.coin, PositionPlan.cash],
            positions: [
                PositionPlan(
                    rules: rules,
                    quantity: try total.shifted(by: power).quantity(),
                    entry: try index.solvedPrice(),
                    mark: try index.price()
                )
            ]
        )
        let notional = try Desk(plan).positionFigures().notional
        return try Exact(notional).shifted(by: -power)
    }

    /// USD per unit that the same figure in two currencies implies.
    ///
    /// The quotient is sent to the engine as the index of the asset; it counts only if the engine then
    /// values the figure at the given total, but for the last digit of a price.
    private func impliedIndex(_ name: String) throws -> Exact {
        guard let own = figures[name], let total = totals[name] else {
            throw VectorError.failed("'\(name)' is not given in both currencies")
        }
        let index = try total.divided(by: own, scale: 8)
        let value = try value(of: own, index: index, discount: .zero)
        let limit = try own.magnitude * Exact(1, scale: 8)
        guard try (value - total).magnitude.isAtMost(limit) else {
            throw VectorError.failed("the engine values \(own) at \(value), not at \(total)")
        }
        return index
    }

    /// The haircut that an equity and its discounted value imply, checked by the engine in the same way.
    private func haircut(
        _ asset: (name: String, equity: Exact, discounted: Exact)
    ) throws -> Exact {
        let share = try asset.discounted.divided(by: asset.equity, scale: 8)
        let haircut = try Exact.one - share
        let value = try value(of: asset.equity, index: .one, discount: haircut)
        let limit = try asset.equity.magnitude * Exact(1, scale: 8)
        guard try (value - asset.discounted).magnitude.isAtMost(limit) else {
            throw VectorError.failed("the engine discounts \(asset.equity) to \(value)")
        }
        return haircut
    }

    /// What an amount of an asset counts as collateral.
    private func value(of amount: Exact, index: Exact, discount: Exact) throws -> Exact {
        let plan = AccountPlan(
            rulebook: Rulebook(
                id: "collateral",
                version: "1",
                currency: PositionPlan.cash,
                collateralModes: [.multiAsset],
                collateral: [
                    CollateralRule(asset: PositionPlan.coin, bidBuffer: try discount.rate())
                ]
            ),
            assets: [PositionPlan.cash, PositionPlan.coin],
            indexes: [(PositionPlan.coin, try index.price())],
            wallets: [(PositionPlan.coin, try amount.money())]
        )
        let coin = try Desk(plan).report(prices: false).collateral.first {
            $0.asset == PositionPlan.coin
        }
        guard let value = coin?.collateralValue else {
            throw VectorError.failed("the engine does not value the collateral")
        }
        return Exact(value)
    }
}
