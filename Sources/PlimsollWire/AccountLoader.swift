import Plimsoll
import PlimsollUnits

/// Brings an account of a file into an engine, through events alone.
struct AccountLoader {
    let draft: AccountDraft
    let rulebook: LoadedRulebook
    var engine = Engine()
    private var effects: [Effect] = []
    var notes: [String] = []
    private let venue = VenueID(index: 0)

    init(draft: AccountDraft, rulebook: LoadedRulebook) {
        self.draft = draft
        self.rulebook = rulebook
    }

    /// The account, or the first event that the engine refused.
    mutating func load() throws(InputFault) -> LoadedAccount {
        try defineVenue()
        let account = try openAccount()
        try market()
        let isolated = try positions(account)
        try wallets(account, isolated)
        try orders(account)
        noteDefaults(account)
        return LoadedAccount(
            file: draft.document.file,
            engine: engine,
            venue: venue,
            account: account,
            rulebook: rulebook,
            isHedge: isHedge,
            notes: notes + rulebookNotes()
        )
    }

    private mutating func apply(_ body: Event.Body, _ place: NodeReader) throws(InputFault) {
        do throws(Rejection) {
            try engine.apply(Event(time: .zero, body: body), emitting: &effects)
        } catch {
            throw place.fault("\(error.problem).", remedy: error.remedy)
        }
    }

    // MARK: Names and market

    /// Symbols of the file, in its order, each once.
    var symbols: [String] {
        var known: Set<String> = []
        let all =
            draft.positions.map(\.symbol) + draft.orders.map(\.symbol) + draft.marks.map(\.name)
        return all.filter { known.insert($0).inserted }
    }

    func rules(of symbol: String) -> InstrumentRules? {
        rulebook.rulebook.instruments.first { $0.symbol == symbol }
    }

    private mutating func defineVenue() throws(InputFault) {
        let place = draft.document
        try apply(.venueDefined(VenueDefined(name: "file", mode: .mirror)), place)
        var known: Set<String> = []
        let used = symbols.compactMap { rules(of: $0) }
        let assets =
            draft.collateral.map(\.name) + used.flatMap { [$0.settle, $0.base] }
            + [rulebook.rulebook.currency] + draft.indexes.map(\.name)
        for asset in assets where known.insert(asset).inserted {
            try apply(.assetDefined(AssetDefined(venue: venue, name: asset)), place)
        }
        try apply(
            .rulebookAdopted(RulebookAdopted(venue: venue, rulebook: rulebook.rulebook)),
            place.optional("rulebook") ?? place
        )
        for symbol in symbols {
            try apply(.instrumentDefined(InstrumentDefined(venue: venue, symbol: symbol)), place)
        }
    }

    private mutating func openAccount() throws(InputFault) -> AccountID {
        let fields = draft.account
        let opened = AccountOpened(
            venue: venue,
            name: draft.id,
            collateralMode: draft.mode,
            positionMode: draft.positionMode
        )
        let book = rulebook.rulebook
        let offersMode = draft.mode.map { book.collateralModes.contains($0) } ?? true
        let place = offersMode ? fields.optional("positionMode") : fields.optional("mode")
        let isUnoffered =
            !offersMode || !(draft.positionMode.map { book.positionModes.contains($0) } ?? true)
        try apply(
            .accountOpened(opened),
            isUnoffered ? place ?? fields : fields.optional("id") ?? fields
        )
        guard let account = engine.directory.account(draft.id, in: venue) else {
            preconditionFailure("Invariant: an account that was opened has a name")
        }
        for setting in draft.settings {
            guard let instrument = engine.directory.instrument(setting.symbol, in: venue),
                setting.leverage != nil || setting.marginMode != nil
            else { continue }
            try apply(
                .accountConfigured(
                    AccountConfigured(
                        account: account,
                        instrument: instrument,
                        marginMode: setting.marginMode,
                        leverage: setting.leverage
                    )
                ),
                setting.place
            )
        }
        return account
    }

    /// Marks come before indexes: what the file says is not measured against the file itself.
    private mutating func market() throws(InputFault) {
        for mark in draft.marks {
            guard let instrument = engine.directory.instrument(mark.name, in: venue) else {
                continue
            }
            try apply(.marked(Marked(instrument: instrument, price: mark.value)), mark.place)
        }
        for index in draft.indexes {
            guard let asset = engine.directory.asset(index.name, in: venue) else { continue }
            try apply(.indexed(Indexed(asset: asset, price: index.value)), index.place)
        }
    }

    // MARK: Positions, wallets, orders

    /// Reports the positions; gives the isolated margins by settlement asset, in order.
    private mutating func positions(
        _ account: AccountID
    ) throws(InputFault) -> [(asset: String, margin: Money)] {
        var margins: [(asset: String, margin: Money)] = []
        for row in draft.positions {
            guard let instrument = engine.directory.instrument(row.symbol, in: venue) else {
                continue
            }
            let leg = leg(row, of: account)
            let setting = draft.settings.first {
                $0.symbol == row.symbol && $0.marginMode == .isolated
            }
            func report(_ margin: Money?) -> Event.Body {
                .reconciled(
                    Reconciled(
                        account: account,
                        report: .position(
                            instrument,
                            leg,
                            row.quantity,
                            row.entryPrice,
                            isolatedMargin: margin
                        )
                    )
                )
            }
            try apply(report(row.isolatedMargin), row.place)
            guard setting != nil else { continue }
            var margin = row.isolatedMargin
            if margin == nil {
                let derived = try isolatedMargin(of: row, leg, account)
                try apply(report(derived), row.place)
                margin = derived
            }
            margins.append((engine.rules(of: instrument).settle, margin ?? .zero))
        }
        return margins
    }

    private var isHedge: Bool {
        (draft.positionMode ?? rulebook.rulebook.positionModes.first ?? .oneWay) == .hedge
    }

    private func leg(_ row: AccountDraft.Position, of account: AccountID) -> Leg {
        guard isHedge else { return .net }
        return row.quantity < .zero ? .short : .long
    }

    /// |quantity| × entry ÷ leverage, for inverse payoffs |quantity| ÷ entry ÷ leverage, rounded up.
    private mutating func isolatedMargin(
        of row: AccountDraft.Position,
        _ leg: Leg,
        _ account: AccountID
    ) throws(InputFault) -> Money {
        let report = engine.report(account, prices: false).positions.first {
            $0.symbol == row.symbol && $0.leg == leg
        }
        guard let leverage = report?.leverage else {
            throw row.place.fault(
                "the isolatedMargin is missing, and '\(row.symbol)' has no leverage to derive it from.",
                remedy: "Add 'isolatedMargin', or a 'leverage'."
            )
        }
        let size = Int128(row.quantity.units.magnitude)
        let hundredths = Int128(leverage.hundredths)
        let isInverse = rules(of: row.symbol)?.payoff == .inverse
        let units =
            isInverse
            ? size.multiplied(
                by: PowerOfTen.of(26),
                dividedBy: row.entryPrice.units * hundredths,
                rounding: .up
            )
            : size.multiplied(
                by: row.entryPrice.units,
                dividedBy: PowerOfTen.of(6) * hundredths,
                rounding: .up
            )
        guard let units, units <= Limits.money else {
            throw row.place.fault(
                "the isolated margin that follows from the entry price is beyond every limit.",
                remedy: "Check the quantity and the entry price."
            )
        }
        let margin = Money(units: units)
        notes.append(
            "\(row.symbol): isolatedMargin is not given; \(margin) is the cost at entry by the "
                + "leverage of \(leverage)."
        )
        return margin
    }

    private mutating func wallets(
        _ account: AccountID,
        _ margins: [(asset: String, margin: Money)]
    ) throws(InputFault) {
        var assets = draft.collateral.map { ($0.name, $0.value, $0.place) }
        for (asset, _) in margins where !assets.contains(where: { $0.0 == asset }) {
            assets.append((asset, .zero, draft.account.optional("collateral") ?? draft.account))
        }
        for (name, amount, place) in assets {
            guard let asset = engine.directory.asset(name, in: venue) else { continue }
            var wallet = amount
            for (settle, margin) in margins where settle == name { wallet -= margin }
            if wallet < .zero, amount >= .zero {
                notes.append(
                    "\(name): the isolated margins are \(wallet.magnitude) more than the wallet; "
                        + "the cross wallet is in debt."
                )
            }
            try apply(
                .reconciled(Reconciled(account: account, report: .wallet(asset, wallet))),
                place
            )
        }
    }

    private mutating func orders(_ account: AccountID) throws(InputFault) {
        for (index, row) in draft.orders.enumerated() {
            guard let instrument = engine.directory.instrument(row.symbol, in: venue) else {
                continue
            }
            let opensLong = (row.side == .buy) != row.reduceOnly
            let leg: Leg = isHedge ? (opensLong ? .long : .short) : .net
            try apply(
                .orderPlaced(
                    OrderPlaced(
                        account: account,
                        order: "order-\(index + 1)",
                        instrument: instrument,
                        side: row.side,
                        leg: leg,
                        quantity: row.quantity,
                        price: row.price,
                        reduceOnly: row.reduceOnly
                    )
                ),
                row.place
            )
        }
    }
}
