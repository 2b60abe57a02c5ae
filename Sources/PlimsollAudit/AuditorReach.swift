public import Plimsoll

extension Auditor {
    /// Why an event cannot be followed: it names what this auditor has not heard of, as it may where events
    /// were left out before; `nil`: it can.
    ///
    /// An auditor that follows such an event anyway may stop the process.
    public func obstacle(to event: Event, _ effects: [Effect]) -> String? {
        var names = NamedIndexes()
        names.add(event.body)
        for effect in effects { names.add(effect) }
        for (what, largest, count) in [
            ("venue", names.venue, venues.count), ("asset", names.asset, assets.count),
            ("instrument", names.instrument, instruments.count),
            ("account", names.account, accounts.count),
        ] where Int(largest) > count {
            return "\(what) number \(largest - 1) is not known"
        }
        return rulesMissing(for: event.body) ?? priceMissing(for: effects)
    }

    /// Reference data needs the rules and the settlement asset that it rests on.
    private func rulesMissing(for body: Event.Body) -> String? {
        func isDefined(_ rules: InstrumentRules, _ venue: Int32) -> Bool {
            asset(rules.settle, in: venue) != nil
        }
        switch body {
        case .instrumentDefined(let body):
            let rulebook = venues[Int(body.venue.index)].rulebook
            guard let rules = rulebook?.instruments.first(where: { $0.symbol == body.symbol })
            else {
                return "\(body.symbol) has no rules"
            }
            return isDefined(rules, body.venue.index) ? nil : "\(rules.settle) is not known"
        case .rulebookAdopted(let body):
            for rules in body.rulebook.instruments
            where !isDefined(rules, body.venue.index)
                && instruments.contains(where: {
                    $0.venue == body.venue.index && $0.symbol == rules.symbol
                })
            {
                return "\(rules.settle) is not known"
            }
            return nil
        default: return nil
        }
    }

    /// Decisions below the line are judged at marks: every open position needs one.
    private func priceMissing(for effects: [Effect]) -> String? {
        guard effects.contains(where: \.isEnforcement) else { return nil }
        let unmarked = instruments.indices.filter { instruments[$0].mark == nil }
        guard !unmarked.isEmpty else { return nil }
        for (slot, _) in holdings where unmarked.contains(Int(slot.instrument)) {
            return "\(instruments[Int(slot.instrument)].symbol) has no mark"
        }
        var names = NamedIndexes()
        for effect in effects where effect.isEnforcement {
            names.add(effect)
            guard names.instrument > 0, instruments[Int(names.instrument) - 1].mark == nil else {
                continue
            }
            return "\(instruments[Int(names.instrument) - 1].symbol) has no mark"
        }
        return nil
    }
}

extension Effect {
    fileprivate var isEnforcement: Bool {
        switch self {
        case .liquidationOrdered, .liquidationOrdersToCancel, .liquidationEnded, .insuranceMoved,
            .deleveraged, .lossSocialised, .bankruptcyDeclared:
            true
        case .balanceChanged, .positionChanged, .marginStateChanged, .ordersToCancel,
            .priceRefused, .repeated, .refused:
            false
        }
    }
}

/// The largest numbers that something names, plus one; 0: none.
///
/// A number below zero is beyond all others.
private struct NamedIndexes {
    private(set) var venue: UInt64 = 0
    private(set) var asset: UInt64 = 0
    private(set) var instrument: UInt64 = 0
    private(set) var account: UInt64 = 0

    private mutating func add(_ id: VenueID) { venue = larger(venue, id.index) }
    private mutating func add(_ id: AssetID) { asset = larger(asset, id.index) }
    private mutating func add(_ id: InstrumentID) { instrument = larger(instrument, id.index) }
    private mutating func add(_ id: AccountID) { account = larger(account, id.index) }
    private mutating func add(_ party: Filled.Party) { add(party.account) }

    private func larger(_ known: UInt64, _ index: Int32) -> UInt64 {
        max(known, UInt64(UInt32(bitPattern: index)) + 1)
    }

    mutating func add(_ body: Event.Body) {
        switch body {
        case .venueDefined, .ticked: break
        case .assetDefined(let body): add(body.venue)
        case .rulebookAdopted(let body): add(body.venue)
        case .instrumentDefined(let body): add(body.venue)
        case .accountOpened(let body): add(body.venue)
        case .accountConfigured(let body):
            add(body.account)
            if let instrument = body.instrument { add(instrument) }
        case .deposited(let body): add(body.account, body.asset)
        case .withdrawalRequested(let body): add(body.account, body.asset)
        case .withdrawalSettled(let body): add(body.account, body.asset)
        case .withdrawalReversed(let body): add(body.account, body.asset)
        case .transferred(let body):
            add(body.from, body.asset)
            add(body.to)
        case .isolatedMarginMoved(let body): add(body.account, body.instrument)
        case .feeCharged(let body): add(body.account, body.asset)
        case .interestAccrued(let body): add(body.account, body.asset)
        case .insuranceFunded(let body): add(body.asset)
        case .collateralConverted(let body):
            add(body.account, body.from)
            add(body.to)
        case .reconciled(let body):
            add(body.account)
            switch body.report {
            case .wallet(let asset, _): add(asset)
            case .position(let instrument, _, _, _, _): add(instrument)
            }
        case .orderPlaced(let body): add(body.account, body.instrument)
        case .orderReduced(let body): add(body.account)
        case .orderCancelled(let body): add(body.account)
        case .filled(let body):
            add(body.instrument)
            add(body.buyer)
            add(body.seller)
        case .marked(let body): add(body.instrument)
        case .indexed(let body): add(body.asset)
        case .openInterestReported(let body): add(body.instrument)
        case .fundingRateAnnounced(let body): add(body.instrument)
        case .fundingSettled(let body): add(body.instrument)
        case .sessionSettled(let body): add(body.instrument)
        case .instrumentExpired(let body): add(body.instrument)
        case .depthObserved(let body): add(body.instrument)
        case .liquidationFilled(let body): add(body.counterparty)
        case .liquidationOrderEnded: break
        case .operatorActed(let body): add(body.account)
        }
    }

    private mutating func add(_ account: AccountID, _ asset: AssetID) {
        add(account)
        add(asset)
    }

    private mutating func add(_ account: AccountID, _ instrument: InstrumentID) {
        add(account)
        add(instrument)
    }

    mutating func add(_ effect: Effect) {
        switch effect {
        case .balanceChanged(let change): add(change.account, change.asset)
        case .positionChanged(let change): add(change.account, change.instrument)
        case .marginStateChanged(let change): add(change.account)
        case .ordersToCancel(let account, _): add(account)
        case .liquidationOrdered(let order): add(order.account, order.instrument)
        case .liquidationEnded(let end): add(end.account)
        case .insuranceMoved(let move):
            add(move.fund, move.asset)
            if let instrument = move.instrument { add(instrument) }
            if let sale = move.sale { add(sale.account, sale.asset) }
        case .deleveraged(let close): add(close.account, close.instrument)
        case .lossSocialised(let share): add(share.account, share.asset)
        case .bankruptcyDeclared(let bankruptcy): add(bankruptcy.account)
        case .priceRefused(let refusal): add(refusal.instrument)
        case .liquidationOrdersToCancel, .repeated, .refused: break
        }
    }
}
