package import Plimsoll
package import PlimsollUnits

/// One position of an account that is to be built.
package struct PositionPlan: Sendable {
    /// The rules of its instrument.
    package var rules: InstrumentRules
    /// Its leg, in hedge mode.
    package var leg = Leg.net
    /// Signed size.
    package var quantity: Quantity
    /// Average entry price.
    package var entry: SolvedPrice
    /// The mark.
    package var mark: Price
    /// The chosen leverage.
    package var leverage: Leverage?
    /// Margin of its own; `nil`: cross.
    package var isolatedMargin: Money?
}

extension PositionPlan {
    /// The symbol of the position that a vector is about.
    package static let symbol = "POSITION"
    /// The underlying of every instrument, and what inverse contracts are settled in.
    package static let coin = "COIN"
    /// The currency of every price, and what linear contracts are settled in.
    package static let cash = "CASH"

    /// What contracts of this payoff are settled in.
    package static func settle(_ payoff: Payoff) -> String { payoff == .inverse ? coin : cash }

    /// Positions that have these figures and no others, cross, settled in `asset`: what is given of an
    /// account as a sum.
    ///
    /// A requirement is 100 % of the cost of one unit whose entry price it is; the profit that its
    /// mark (a price of 8 digits) leaves is taken off the unit that carries the profit.
    package static func sums(
        unrealized: Exact,
        initial: Exact,
        maintenance: Exact,
        in asset: String,
        tag: String = "SUM"
    ) throws -> [PositionPlan] {
        var plans: [PositionPlan] = []
        var profit = unrealized
        for (name, amount, isInitial) in [
            ("INITIAL", initial, true), ("MAINTENANCE", maintenance, false),
        ] where !amount.isZero {
            guard !amount.isNegative else {
                throw VectorError.failed("a requirement of \(amount) is negative")
            }
            let rules = InstrumentRules(
                symbol: "\(tag)-\(name)",
                payoff: .linear,
                base: "\(tag)-\(name)",
                quote: asset,
                settle: asset,
                schedule: .affine(
                    AffineSchedule(
                        initialBase: isInitial ? .one : .zero,
                        initialSlope: 0,
                        maintenanceBase: isInitial ? .zero : .one,
                        maintenanceSlope: 0
                    )
                ),
                initialPrice: .entry,
                maintenancePrice: .entry
            )
            let mark = Exact(
                max(1, try amount.units(scale: 8, rounding: .down)),
                scale: 8
            )
            profit = try profit - (mark - amount)
            plans.append(try unit(rules, entry: amount, mark: mark))
        }
        if !profit.isZero {
            let rules = InstrumentRules(
                symbol: "\(tag)-PROFIT",
                payoff: .linear,
                base: "\(tag)-PROFIT",
                quote: asset,
                settle: asset,
                schedule: .affine(
                    AffineSchedule(
                        initialBase: .zero,
                        initialSlope: 0,
                        maintenanceBase: .zero,
                        maintenanceSlope: 0
                    )
                )
            )
            var mark = Exact(10)
            while try mark.isAtMost(profit.magnitude) { mark = try mark.shifted(by: 1) }
            plans.append(try unit(rules, entry: mark - profit, mark: mark))
        }
        return plans
    }

    private static func unit(
        _ rules: InstrumentRules,
        entry: Exact,
        mark: Exact
    ) throws -> PositionPlan {
        PositionPlan(
            rules: rules,
            quantity: try Exact.one.quantity(),
            entry: SolvedPrice(units: try entry.units(scale: 16)),
            mark: try mark.price()
        )
    }
}

/// An account that is to be built.
package struct AccountPlan: Sendable {
    /// The rules; its instruments are those of the positions.
    package var rulebook: Rulebook
    /// All assets.
    package var assets: [String]
    /// Index prices.
    package var indexes: [(asset: String, price: Price)] = []
    /// Cross wallets.
    package var wallets: [(asset: String, balance: Money)] = []
    /// Positions.
    package var positions: [PositionPlan] = []
    /// Instruments without a position, and their marks.
    package var listed: [(rules: InstrumentRules, mark: Price, leverage: Leverage?)] = []
}

/// An engine with one mirrored venue and one account, built by events only.
package struct Desk {
    /// The engine.
    package private(set) var engine = Engine()
    /// The account.
    package private(set) var account = AccountID(index: 0)
    /// Everything the engine reported so far.
    package private(set) var effects: [Effect] = []
    private var venue = VenueID(index: 0)

    /// Sends the events that make the account of `plan`.
    package init(_ plan: AccountPlan) throws {
        var rulebook = plan.rulebook
        for rules in plan.positions.map(\.rules) + plan.listed.map(\.rules)
        where rulebook.rules(for: rules.symbol) == nil {
            rulebook.instruments.append(rules)
        }
        try send(.venueDefined(VenueDefined(name: "venue", mode: .mirror)))
        venue = try known(engine.directory.venue("venue"))
        for asset in plan.assets {
            try send(.assetDefined(AssetDefined(venue: venue, name: asset)))
        }
        try send(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: rulebook)))
        for rules in rulebook.instruments {
            try send(
                .instrumentDefined(InstrumentDefined(venue: venue, symbol: rules.symbol))
            )
        }
        try send(.accountOpened(AccountOpened(venue: venue, name: "account")))
        account = try known(engine.directory.account("account", in: venue))
        for index in plan.indexes {
            let asset = try asset(index.asset)
            try send(.indexed(Indexed(asset: asset, price: index.price)))
        }
        for listed in plan.listed {
            try list(listed.rules.symbol, listed.mark, listed.leverage, nil)
        }
        for wallet in plan.wallets {
            let asset = try asset(wallet.asset)
            try send(
                .reconciled(Reconciled(account: account, report: .wallet(asset, wallet.balance)))
            )
        }
        for position in plan.positions { try open(position) }
    }

    private mutating func list(
        _ symbol: String,
        _ mark: Price,
        _ leverage: Leverage?,
        _ mode: MarginMode?
    ) throws {
        let instrument = try instrument(symbol)
        if leverage != nil || mode != nil {
            try send(
                .accountConfigured(
                    AccountConfigured(
                        account: account,
                        instrument: instrument,
                        marginMode: mode,
                        leverage: leverage
                    )
                )
            )
        }
        try send(.marked(Marked(instrument: instrument, price: mark)))
    }

    private mutating func open(_ position: PositionPlan) throws {
        let instrument = try instrument(position.rules.symbol)
        let isOpen = report(prices: false).positions.contains { $0.instrument == instrument }
        if !isOpen {
            try list(
                position.rules.symbol,
                position.mark,
                position.leverage,
                position.isolatedMargin == nil ? nil : .isolated
            )
        }
        try send(
            .reconciled(
                Reconciled(
                    account: account,
                    report: .position(
                        instrument,
                        position.leg,
                        position.quantity,
                        position.entry,
                        isolatedMargin: position.isolatedMargin
                    )
                )
            )
        )
    }

    /// Sends one event; a refusal is a failure of the vector.
    package mutating func send(_ body: Event.Body) throws {
        do throws(Rejection) {
            try engine.apply(Event(time: .zero, body: body), emitting: &effects)
        } catch {
            throw VectorError.failed("the engine refuses: \(error.problem)")
        }
    }

    /// All figures of the account.
    package func report(prices: Bool = true) -> AccountReport {
        engine.report(account, prices: prices)
    }

    /// The account's figures, which must be known.
    package func figures() throws -> MarginFigures {
        guard let figures = report(prices: false).figures else {
            throw VectorError.failed("the engine lacks a price for the account's figures")
        }
        return figures
    }

    /// The position that a vector is about, or another.
    package func position(
        _ symbol: String = PositionPlan.symbol,
        prices: Bool = false
    ) throws -> PositionReport {
        let positions = report(prices: prices).positions
        guard let position = positions.first(where: { $0.symbol == symbol }) else {
            throw VectorError.failed("the position is empty")
        }
        return position
    }

    /// Its figures.
    package func positionFigures(
        _ symbol: String = PositionPlan.symbol
    ) throws -> PositionMarginFigures {
        guard let figures = try position(symbol).figures else {
            throw VectorError.failed("the engine lacks a price for the position's figures")
        }
        return figures
    }

    /// The asset of this name.
    package func asset(_ name: String) throws -> AssetID {
        try known(engine.directory.asset(name, in: venue))
    }

    /// The instrument of this symbol.
    package func instrument(_ symbol: String) throws -> InstrumentID {
        try known(engine.directory.instrument(symbol, in: venue))
    }

    private func known<ID>(_ id: ID?) throws -> ID {
        guard let id else { throw VectorError.failed("a name is not defined") }
        return id
    }
}
