import Plimsoll
import PlimsollUnits

/// Reads what happened, by kind.
struct EventBodyReader {
    let fields: NodeReader
    let names: NameLookup
    let loadRulebook: EventReader.RulebookLoader

    func body(of kind: EventKind) throws(InputFault) -> Event.Body {
        switch kind {
        case .venueDefined, .assetDefined, .rulebookAdopted, .instrumentDefined, .accountOpened,
            .accountConfigured:
            try reference(kind)
        case .deposited, .withdrawalRequested, .withdrawalSettled, .withdrawalReversed,
            .transferred, .isolatedMarginMoved, .feeCharged, .interestAccrued, .insuranceFunded,
            .collateralConverted, .reconciled:
            try money(kind)
        case .orderPlaced, .orderReduced, .orderCancelled, .filled: try trading(kind)
        case .marked, .indexed, .openInterestReported, .fundingRateAnnounced, .fundingSettled,
            .sessionSettled, .instrumentExpired:
            try market(kind)
        case .depthObserved, .liquidationFilled, .liquidationOrderEnded: try enforcement(kind)
        case .operatorActed: .operatorActed(try operatorActed())
        case .ticked: try ticked()
        }
    }

    // MARK: - Reference data

    private func reference(_ kind: EventKind) throws(InputFault) -> Event.Body {
        switch kind {
        case .venueDefined:
            return .venueDefined(
                VenueDefined(
                    name: try fields.name("name"),
                    mode: try fields.enumeration("mode", VenueMode.words)
                )
            )
        case .assetDefined:
            return .assetDefined(
                AssetDefined(venue: try names.venue(), name: try fields.name("asset"))
            )
        case .rulebookAdopted:
            let venue = try names.venue()
            let rulebook = try fields.required("rulebook")
            return .rulebookAdopted(
                RulebookAdopted(
                    venue: venue,
                    rulebook: try loadRulebook(rulebook.node, fields.file)
                )
            )
        case .instrumentDefined:
            return .instrumentDefined(
                InstrumentDefined(venue: try names.venue(), symbol: try fields.name("symbol"))
            )
        case .accountOpened:
            return .accountOpened(
                AccountOpened(
                    venue: try names.venue(),
                    name: try fields.name("account"),
                    collateralMode: try word("mode", CollateralMode.words),
                    positionMode: try word("positionMode", PositionMode.words)
                )
            )
        default: return .accountConfigured(try accountConfigured())
        }
    }

    private func accountConfigured() throws(InputFault) -> AccountConfigured {
        let hasSymbol = fields.has("symbol")
        for key in ["marginMode", "leverage"] where !hasSymbol {
            guard let field = fields.optional(key) else { continue }
            throw field.fault(
                "the event has a '\(key)' but no 'symbol'.",
                remedy: "Add the 'symbol' whose \(key) is set."
            )
        }
        return AccountConfigured(
            account: try names.account(),
            collateralMode: try word("mode", CollateralMode.words),
            positionMode: try word("positionMode", PositionMode.words),
            instrument: hasSymbol ? try names.instrument() : nil,
            marginMode: try word("marginMode", MarginMode.words),
            leverage: try fields.optional("leverage")?.leverage()
        )
    }

    // MARK: - Money

    private func money(_ kind: EventKind) throws(InputFault) -> Event.Body {
        switch kind {
        case .transferred:
            return .transferred(
                Transferred(
                    from: try names.account("from"),
                    to: try names.account("to"),
                    asset: try names.asset(),
                    amount: try fields.money("amount")
                )
            )
        case .isolatedMarginMoved:
            return .isolatedMarginMoved(
                IsolatedMarginMoved(
                    account: try names.account(),
                    instrument: try names.instrument(),
                    leg: try word("leg", Leg.words) ?? .net,
                    amount: try fields.money("amount")
                )
            )
        case .insuranceFunded:
            return .insuranceFunded(
                InsuranceFunded(
                    asset: try names.asset(),
                    amount: try fields.money("amount"),
                    fund: try fields.optional("fund")?.name()
                )
            )
        case .collateralConverted:
            return .collateralConverted(
                CollateralConverted(
                    account: try names.account(),
                    from: try names.asset("from"),
                    sold: try fields.money("sold"),
                    to: try names.asset("to"),
                    bought: try fields.money("bought")
                )
            )
        case .reconciled: return .reconciled(try reconciled())
        default: return try wallet(kind)
        }
    }

    /// The events of one wallet: an account, an asset and an amount.
    private func wallet(_ kind: EventKind) throws(InputFault) -> Event.Body {
        let account = try names.account()
        let asset = try names.asset()
        let amount = try fields.money("amount")
        return switch kind {
        case .deposited: .deposited(Deposited(account: account, asset: asset, amount: amount))
        case .withdrawalRequested:
            .withdrawalRequested(
                WithdrawalRequested(account: account, asset: asset, amount: amount)
            )
        case .withdrawalSettled:
            .withdrawalSettled(WithdrawalSettled(account: account, asset: asset, amount: amount))
        case .withdrawalReversed:
            .withdrawalReversed(WithdrawalReversed(account: account, asset: asset, amount: amount))
        case .feeCharged: .feeCharged(FeeCharged(account: account, asset: asset, amount: amount))
        default:
            .interestAccrued(InterestAccrued(account: account, asset: asset, amount: amount))
        }
    }

    /// A report of a wallet has an `asset`, a report of a position has a `symbol`.
    private func reconciled() throws(InputFault) -> Reconciled {
        let account = try names.account()
        guard let symbol = fields.optional("symbol") else {
            let asset = try names.asset()
            let balance = try fields.money("walletBalance")
            if let key = ["leg", "quantity", "entryPrice", "isolatedMargin"].first(
                where: fields.has
            ) {
                throw try fields.required(key).fault(
                    "the event has a '\(key)' but no 'symbol'.",
                    remedy: "Report a position with 'symbol', in an event of its own."
                )
            }
            return Reconciled(account: account, report: .wallet(asset, balance))
        }
        if let key = ["asset", "walletBalance"].first(where: fields.has) {
            throw symbol.fault(
                "the event has both a 'symbol' and '\(key)'.",
                remedy: "Report the wallet and the position in an event each."
            )
        }
        return Reconciled(
            account: account,
            report: .position(
                try names.instrument(),
                try word("leg", Leg.words) ?? .net,
                try fields.quantity("quantity"),
                try fields.solvedPrice("entryPrice"),
                isolatedMargin: try fields.optional("isolatedMargin")?.money()
            )
        )
    }

    // MARK: - Trading

    private func trading(_ kind: EventKind) throws(InputFault) -> Event.Body {
        switch kind {
        case .orderPlaced:
            return .orderPlaced(
                OrderPlaced(
                    account: try names.account(),
                    order: try fields.name("order"),
                    instrument: try names.instrument(),
                    side: try fields.enumeration("side", Side.words),
                    leg: try word("leg", Leg.words) ?? .net,
                    quantity: try fields.quantity("quantity"),
                    price: try fields.price("price"),
                    reduceOnly: try fields.optional("reduceOnly")?.boolean() ?? false
                )
            )
        case .orderReduced:
            return .orderReduced(
                OrderReduced(
                    account: try names.account(),
                    order: try fields.name("order"),
                    remaining: try fields.quantity("remaining")
                )
            )
        case .orderCancelled:
            return .orderCancelled(
                OrderCancelled(account: try names.account(), order: try fields.name("order"))
            )
        default:
            return .filled(
                Filled(
                    instrument: try names.instrument(),
                    quantity: try fields.quantity("quantity"),
                    price: try fields.price("price"),
                    buyer: try party("buyer"),
                    seller: try party("seller")
                )
            )
        }
    }

    func party(_ role: String) throws(InputFault) -> Filled.Party {
        Filled.Party(
            account: try names.account(role),
            leg: try word(role + "Leg", Leg.words) ?? .net,
            fee: try fields.optional(role + "Fee")?.money() ?? .zero,
            order: try fields.optional(role + "Order")?.name()
        )
    }

    // MARK: - Market, enforcement, time

    private func market(_ kind: EventKind) throws(InputFault) -> Event.Body {
        if kind == .indexed {
            return .indexed(Indexed(asset: try names.asset(), price: try fields.price("price")))
        }
        let instrument = try names.instrument()
        return switch kind {
        case .openInterestReported:
            .openInterestReported(
                OpenInterestReported(
                    instrument: instrument,
                    notional: try fields.money("notional")
                )
            )
        case .fundingRateAnnounced:
            .fundingRateAnnounced(
                FundingRateAnnounced(instrument: instrument, rate: try fields.fundingRate("rate"))
            )
        case .fundingSettled:
            .fundingSettled(
                FundingSettled(
                    instrument: instrument,
                    rate: try fields.fundingRate("rate"),
                    price: try fields.optional("price")?.price()
                )
            )
        case .sessionSettled:
            .sessionSettled(
                SessionSettled(instrument: instrument, price: try fields.price("price"))
            )
        case .instrumentExpired:
            .instrumentExpired(
                InstrumentExpired(instrument: instrument, price: try fields.price("price"))
            )
        default: .marked(Marked(instrument: instrument, price: try fields.price("price")))
        }
    }

    private func operatorActed() throws(InputFault) -> OperatorActed {
        OperatorActed(
            action: try fields.enumeration("action", OperatorActed.Action.words),
            account: try names.account(),
            who: try fields.text("who"),
            why: try fields.text("why")
        )
    }

    private func ticked() throws(InputFault) -> Event.Body {
        try nameless()
        return .ticked
    }

    /// An event that uses no name is of all venues; one that is named must still exist.
    func nameless() throws(InputFault) {
        if fields.has("venue") { _ = try names.venue() }
    }

    private func word<Value>(
        _ key: String,
        _ words: KeyValuePairs<String, Value>
    ) throws(InputFault) -> Value? {
        try fields.optional(key)?.enumeration(words)
    }
}
