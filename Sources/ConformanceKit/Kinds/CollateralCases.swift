import Plimsoll
import PlimsollUnits

/// One asset of a multi-asset account.
struct AssetPlan {
    var name: String
    var index: Exact
    var balance: Exact
    var bidBuffer = Exact.zero
    var askBuffer = Exact.zero
    var tiers: [CollateralTier] = []

    /// An engine with an account of these assets, valued in USD.
    static func desk(
        _ venue: Venue,
        _ assets: [AssetPlan],
        publication: Publication = Publication(),
        positions: [PositionPlan] = [],
        listed: [(rules: InstrumentRules, mark: Price, leverage: Leverage?)] = []
    ) throws -> Desk {
        let currency = assets.contains { $0.name == "USD" } ? "USD value" : "USD"
        let plan = AccountPlan(
            rulebook: Rulebook(
                id: venue.rawValue,
                version: "conformance",
                currency: currency,
                collateralModes: [.multiAsset],
                collateral: try assets.map {
                    CollateralRule(
                        asset: $0.name,
                        bidBuffer: try $0.bidBuffer.rate(),
                        askBuffer: try $0.askBuffer.rate(),
                        tiers: $0.tiers
                    )
                },
                publication: publication
            ),
            assets: [currency] + assets.map(\.name),
            indexes: try assets.map { ($0.name, try $0.index.price()) },
            wallets: try assets.map { ($0.name, try $0.balance.money()) },
            positions: positions,
            listed: listed
        )
        return try Desk(plan)
    }

    /// What each of `assets` counts as collateral, in the order of `assets`.
    static func values(_ venue: Venue, _ assets: [AssetPlan]) throws -> [Exact] {
        let reports = try desk(venue, assets).report(prices: false).collateral
        return try assets.map { asset in
            guard
                let value = reports.first(where: { $0.asset == asset.name })?.collateralValue
            else { throw VectorError.failed("the engine does not value '\(asset.name)'") }
            return Exact(value)
        }
    }
}

/// What assets count as collateral after discounts (OKX: marginal tiers of the value).
struct CollateralDiscountCase: KindCase {
    let venue: Venue
    let assets: [AssetPlan]
    let isList: Bool

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        self.venue = venue
        let index = try inputs.number("index_price") ?? .one
        isList = inputs.has("assets")
        guard isList else {
            inputs.note("asset", "ccy")
            var asset = AssetPlan(
                name: PositionPlan.coin,
                index: index,
                balance: try inputs.required("equity")
            )
            asset.tiers = try Self.tiers(inputs)
            assets = [asset]
            return
        }
        assets = try inputs.list("assets").map { entry in
            guard let name = try entry.text("asset") else {
                throw VectorError.failed("the input 'assets[].asset' is missing")
            }
            var asset = AssetPlan(
                name: name,
                index: try entry.number("index_price") ?? index,
                balance: try entry.required("equity")
            )
            asset.tiers = try Self.tiers(entry)
            return asset
        }
    }

    /// Marginal tiers by their caps, or one rate for everything.
    private static func tiers(_ inputs: Inputs) throws -> [CollateralTier] {
        if let rate = try inputs.number("discount_rate") {
            guard !inputs.has("tiers") else {
                throw VectorError.failed("both a discount rate and tiers are given")
            }
            return [CollateralTier(floor: .zero, weight: try rate.rate())]
        }
        var floor: Exact? = .zero
        var tiers: [CollateralTier] = []
        for tier in try inputs.list("tiers") {
            guard let start = floor else {
                throw VectorError.failed("a tier without a cap is not the last")
            }
            tiers.append(
                CollateralTier(
                    floor: try start.money(),
                    weight: try tier.required("discount_rate").rate()
                )
            )
            floor = try tier.number("cap")
        }
        guard !tiers.isEmpty else { throw VectorError.failed("neither tiers nor a rate is given") }
        // Beyond the last cap nothing counts.
        if let floor { tiers.append(CollateralTier(floor: try floor.money(), weight: .zero)) }
        return tiers
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "discounted_equity" else { throw noRule(key) }
        let values = try AssetPlan.values(venue, assets)
        return isList ? .list(values) : values.first.map { .number($0) } ?? .none
    }
}

/// Rates and equity of a multi-asset account (Binance): owned assets at bid, owed ones at ask.
struct MultiAssetCase: KindCase {
    let venue: Venue
    let assets: [AssetPlan]
    let hasEquity: Bool

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        self.venue = venue
        hasEquity = vector.kind == "multi_asset_equity"
        let hasEquity = hasEquity
        assets = try inputs.list("assets").map { entry in
            guard let name = try entry.text("asset") else {
                throw VectorError.failed("the input 'assets[].asset' is missing")
            }
            return AssetPlan(
                name: name,
                index: try entry.required("index_price"),
                balance: hasEquity ? try entry.required("equity") : .one,
                bidBuffer: try entry.number("bid_buffer") ?? .zero,
                askBuffer: try entry.number("ask_buffer") ?? .zero
            )
        }
    }

    /// The value of one unit that is owned, or that is owed.
    private func rates(of balance: Exact) throws -> [(key: String, value: Exact)] {
        let units = assets.map { asset in
            var asset = asset
            asset.balance = balance
            return asset
        }
        let values = try AssetPlan.values(venue, units)
        return zip(assets, values).map { ($0.name, $1.magnitude) }
    }

    func answer(_ key: String) throws -> Answer {
        switch key {
        case "bid_rate": return .table(try rates(of: .one))
        case "ask_rate": return .table(try rates(of: -.one))
        case "equity" where hasEquity:
            let publication = venue.publication(.linear)
            let figures = try AssetPlan.desk(venue, assets).figures()
            return .number(Exact(publication.margin(figures.equity)))
        default: throw noRule(key)
        }
    }
}

/// What a multi-asset account may use for orders in each asset (Binance): the largest order of an
/// instrument at price 1 and 1× that passes the engine's check.
struct MultiAssetAvailableCase: KindCase {
    let venue: Venue
    let available: Exact
    let initial: Exact
    let rates: [(key: String, value: Exact)]

    init(_ vector: Vector, _ venue: Venue, _ inputs: Inputs) throws {
        self.venue = venue
        let total = try inputs.number("account_available_balance")
        let equity = try inputs.number("equity")
        guard (total == nil) != (equity == nil) else {
            throw VectorError.failed("an equity or an available balance of the account is needed")
        }
        let own = try inputs.number("initial_margin")
        let account = try inputs.number("account_initial_margin")
        guard own == nil || account == nil else {
            throw VectorError.failed("two initial margins are given")
        }
        guard total == nil || (own ?? account) == nil else {
            throw VectorError.failed("an initial margin has no part in what is available already")
        }
        available = total ?? equity ?? .zero
        initial = own ?? account ?? .zero
        rates = try inputs.table("ask_rate")
    }

    func answer(_ key: String) throws -> Answer {
        guard key == "available_balance" else { throw noRule(key) }
        return .table(try rates.map { ($0.key, try largest($0.key, $0.value)) })
    }

    private func largest(_ name: String, _ rate: Exact) throws -> Exact {
        let bracket = Bracket(
            floor: 0,
            maintenanceRate: ExactRate(.zero),
            maxLeverage: try Exact.one.leverage()
        )
        guard let schedule = BracketSchedule(key: .notional, brackets: [bracket]) else {
            throw noRule(name)
        }
        let money = "account \(name)"
        let rules = InstrumentRules(
            symbol: PositionPlan.symbol,
            payoff: .linear,
            base: PositionPlan.coin,
            quote: name,
            settle: name,
            schedule: .brackets(schedule)
        )
        let one = try Exact.one.price()
        let desk = try AssetPlan.desk(
            venue,
            [
                AssetPlan(name: money, index: .one, balance: available),
                AssetPlan(name: name, index: rate, balance: .zero),
            ],
            positions: try PositionPlan.sums(
                unrealized: .zero,
                initial: initial,
                maintenance: .zero,
                in: money
            ),
            listed: [(rules, one, try Exact.one.leverage())]
        )
        let order = OrderPlaced(
            account: desk.account,
            order: "order",
            instrument: try desk.instrument(PositionPlan.symbol),
            side: .buy,
            quantity: try Exact.one.quantity(),
            price: one
        )
        do throws(Rejection) {
            let check = try desk.engine.check(order)
            return Exact(Int128(check.largestQuantity.units), scale: 8)
        } catch {
            throw VectorError.failed("the engine refuses: \(error.problem)")
        }
    }
}
