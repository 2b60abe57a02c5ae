public import Plimsoll
import PlimsollUnits

extension JSONWriter {
    /// Writes an event as one object, as event files have it; the inverse of `EventReader`.
    ///
    /// A rulebook is written as its id. `venue` is written if the directory has more than one.
    ///
    /// - Precondition: the ids of `event` are in `directory`.
    public mutating func event(_ event: Event, directory: Directory) {
        self.event(event, directory: directory) { value, rulebook in value.string(rulebook.id) }
    }

    /// Writes an event as one object, with the rulebook that it adopts as `rulebook` writes it.
    ///
    /// - Precondition: the ids of `event` are in `directory`.
    package mutating func event(
        _ event: Event,
        directory: Directory,
        rulebook: (inout JSONWriter, Rulebook) -> Void
    ) {
        object { object in
            object.field("type", event.body.kind.rawValue)
            object.field("time", moment: event.time)
            object.field("at", moment: event.at)
            switch event.identity {
            case .feed(let source, let sequence):
                object.field("source", source)
                object.field("sequence", number: sequence)
            case .command(let id): object.field("id", id)
            case nil: break
            }
            let body = EventBodyWriter(directory: directory)
            if directory.venues.count > 1, let venue = body.venue(of: event.body) {
                object.field("venue", directory.name(venue))
            }
            if case .rulebookAdopted(let adopted) = event.body {
                object.key("rulebook")
                rulebook(&object, adopted.rulebook)
            } else {
                body.write(event.body, to: &object)
            }
        }
    }

    /// Writes a key with a moment: milliseconds, with a fraction where it has one.
    private mutating func field(_ key: String, moment: Timestamp) {
        self.key(key)
        number(DecimalText.string(Int128(moment.nanoseconds), scale: 6))
    }
}

extension Event {
    /// The event as a line of an event file, without the newline.
    public func line(directory: Directory) -> String {
        var writer = JSONWriter()
        writer.event(self, directory: directory)
        return writer.text
    }
}

extension Event.Body {
    /// The name of the event in files.
    package var kind: EventKind {
        switch self {
        case .venueDefined: .venueDefined
        case .assetDefined: .assetDefined
        case .rulebookAdopted: .rulebookAdopted
        case .instrumentDefined: .instrumentDefined
        case .accountOpened: .accountOpened
        case .accountConfigured: .accountConfigured
        case .deposited: .deposited
        case .withdrawalRequested: .withdrawalRequested
        case .withdrawalSettled: .withdrawalSettled
        case .withdrawalReversed: .withdrawalReversed
        case .transferred: .transferred
        case .isolatedMarginMoved: .isolatedMarginMoved
        case .feeCharged: .feeCharged
        case .interestAccrued: .interestAccrued
        case .insuranceFunded: .insuranceFunded
        case .collateralConverted: .collateralConverted
        case .reconciled: .reconciled
        case .orderPlaced: .orderPlaced
        case .orderReduced: .orderReduced
        case .orderCancelled: .orderCancelled
        case .filled: .filled
        case .marked: .marked
        case .indexed: .indexed
        case .openInterestReported: .openInterestReported
        case .fundingRateAnnounced: .fundingRateAnnounced
        case .fundingSettled: .fundingSettled
        case .sessionSettled: .sessionSettled
        case .instrumentExpired: .instrumentExpired
        case .depthObserved: .depthObserved
        case .liquidationFilled: .liquidationFilled
        case .liquidationOrderEnded: .liquidationOrderEnded
        case .operatorActed: .operatorActed
        case .ticked: .ticked
        }
    }
}

/// Writes the fields of one kind of event.
private struct EventBodyWriter {
    let directory: Directory

    func write(_ body: Event.Body, to object: inout JSONWriter) {
        switch body {
        case .venueDefined(let event):
            object.field("name", event.name)
            object.field("mode", event.mode.word)
        case .assetDefined(let event): object.field("asset", event.name)
        case .rulebookAdopted: preconditionFailure("Invariant: its rules are written by others.")
        case .instrumentDefined(let event): object.field("symbol", event.symbol)
        case .accountOpened(let event):
            object.field("account", event.name)
            object.field("mode", ifPresent: event.collateralMode?.word)
            object.field("positionMode", ifPresent: event.positionMode?.word)
        case .accountConfigured(let event): write(event, to: &object)
        case .deposited(let event):
            wallet(event.account, event.asset, event.amount, to: &object)
        case .withdrawalRequested(let event):
            wallet(event.account, event.asset, event.amount, to: &object)
        case .withdrawalSettled(let event):
            wallet(event.account, event.asset, event.amount, to: &object)
        case .withdrawalReversed(let event):
            wallet(event.account, event.asset, event.amount, to: &object)
        case .transferred(let event):
            object.field("from", directory.name(event.from))
            object.field("to", directory.name(event.to))
            object.field("asset", directory.name(event.asset))
            object.field("amount", event.amount.description)
        case .isolatedMarginMoved(let event):
            object.field("account", directory.name(event.account))
            object.field("symbol", directory.name(event.instrument))
            object.field("leg", ifPresent: event.leg == .net ? nil : event.leg.word)
            object.field("amount", event.amount.description)
        case .feeCharged(let event):
            wallet(event.account, event.asset, event.amount, to: &object)
        case .interestAccrued(let event):
            wallet(event.account, event.asset, event.amount, to: &object)
        case .insuranceFunded(let event):
            object.field("asset", directory.name(event.asset))
            object.field("amount", event.amount.description)
            object.field("fund", ifPresent: event.fund)
        case .collateralConverted(let event):
            object.field("account", directory.name(event.account))
            object.field("from", directory.name(event.from))
            object.field("sold", event.sold.description)
            object.field("to", directory.name(event.to))
            object.field("bought", event.bought.description)
        case .reconciled(let event): write(event, to: &object)
        case .orderPlaced(let event): write(event, to: &object)
        case .orderReduced(let event):
            object.field("account", directory.name(event.account))
            object.field("order", event.order)
            object.field("remaining", event.remaining.description)
        case .orderCancelled(let event):
            object.field("account", directory.name(event.account))
            object.field("order", event.order)
        case .filled(let event): write(event, to: &object)
        case .marked(let event): priced(event.instrument, event.price, to: &object)
        case .indexed(let event):
            object.field("asset", directory.name(event.asset))
            object.field("price", event.price.description)
        case .openInterestReported(let event):
            object.field("symbol", directory.name(event.instrument))
            object.field("notional", event.notional.description)
        case .fundingRateAnnounced(let event):
            object.field("symbol", directory.name(event.instrument))
            object.field("rate", event.rate.description)
        case .fundingSettled(let event):
            object.field("symbol", directory.name(event.instrument))
            object.field("rate", event.rate.description)
            object.field("price", ifPresent: event.price?.description)
        case .sessionSettled(let event): priced(event.instrument, event.price, to: &object)
        case .instrumentExpired(let event): priced(event.instrument, event.price, to: &object)
        case .depthObserved(let event): write(event, to: &object)
        case .liquidationFilled(let event):
            object.field("order", number: event.order)
            object.field("quantity", event.quantity.description)
            object.field("price", event.price.description)
            write(event.counterparty, as: "counterparty", to: &object)
        case .liquidationOrderEnded(let event):
            object.field("order", number: event.order)
            object.field("reason", event.reason.word)
        case .operatorActed(let event):
            object.field("action", event.action.word)
            object.field("account", directory.name(event.account))
            object.field("who", event.who)
            object.field("why", event.why)
        case .ticked: break
        }
    }

    private func wallet(
        _ account: AccountID,
        _ asset: AssetID,
        _ amount: Money,
        to object: inout JSONWriter
    ) {
        object.field("account", directory.name(account))
        object.field("asset", directory.name(asset))
        object.field("amount", amount.description)
    }

    private func priced(_ instrument: InstrumentID, _ price: Price, to object: inout JSONWriter) {
        object.field("symbol", directory.name(instrument))
        object.field("price", price.description)
    }

    private func write(_ event: AccountConfigured, to object: inout JSONWriter) {
        object.field("account", directory.name(event.account))
        object.field("mode", ifPresent: event.collateralMode?.word)
        object.field("positionMode", ifPresent: event.positionMode?.word)
        object.field("symbol", ifPresent: event.instrument.map { directory.name($0) })
        object.field("marginMode", ifPresent: event.marginMode?.word)
        object.field("leverage", ifPresent: event.leverage?.description)
    }

    private func write(_ event: Reconciled, to object: inout JSONWriter) {
        object.field("account", directory.name(event.account))
        switch event.report {
        case .wallet(let asset, let balance):
            object.field("asset", directory.name(asset))
            object.field("walletBalance", balance.description)
        case .position(let instrument, let leg, let quantity, let entry, let margin):
            object.field("symbol", directory.name(instrument))
            object.field("leg", ifPresent: leg == .net ? nil : leg.word)
            object.field("quantity", quantity.description)
            object.field("entryPrice", entry.description)
            object.field("isolatedMargin", ifPresent: margin?.description)
        }
    }

    private func write(_ event: OrderPlaced, to object: inout JSONWriter) {
        object.field("account", directory.name(event.account))
        object.field("order", event.order)
        object.field("symbol", directory.name(event.instrument))
        object.field("side", event.side.word)
        object.field("leg", ifPresent: event.leg == .net ? nil : event.leg.word)
        object.field("quantity", event.quantity.description)
        object.field("price", event.price.description)
        if event.reduceOnly { object.field("reduceOnly", boolean: true) }
    }

    private func write(_ event: Filled, to object: inout JSONWriter) {
        object.field("symbol", directory.name(event.instrument))
        object.field("quantity", event.quantity.description)
        object.field("price", event.price.description)
        for (role, party) in [("buyer", event.buyer), ("seller", event.seller)] {
            write(party, as: role, to: &object)
        }
    }

    private func write(_ party: Filled.Party, as role: String, to object: inout JSONWriter) {
        object.field(role, directory.name(party.account))
        if party.fee != .zero { object.field(role + "Fee", party.fee.description) }
        object.field(role + "Leg", ifPresent: party.leg == .net ? nil : party.leg.word)
        object.field(role + "Order", ifPresent: party.order)
    }

    private func write(_ event: DepthObserved, to object: inout JSONWriter) {
        object.field("symbol", directory.name(event.instrument))
        for (side, levels) in [("bids", event.bids), ("asks", event.asks)] {
            object.key(side)
            object.array { list in
                for level in levels {
                    list.array { pair in
                        pair.string(level.price.description)
                        pair.string(level.quantity.description)
                    }
                }
            }
        }
    }
}

// MARK: - Venues

extension EventBodyWriter {
    /// The venue whose names the event uses; `nil` if it uses none.
    func venue(of body: Event.Body) -> VenueID? {
        switch body {
        case .venueDefined, .liquidationOrderEnded, .ticked: nil
        case .assetDefined(let event): event.venue
        case .rulebookAdopted(let event): event.venue
        case .instrumentDefined(let event): event.venue
        case .accountOpened(let event): event.venue
        case .accountConfigured(let event): venue(of: event.account)
        case .deposited(let event): venue(of: event.account)
        case .withdrawalRequested(let event): venue(of: event.account)
        case .withdrawalSettled(let event): venue(of: event.account)
        case .withdrawalReversed(let event): venue(of: event.account)
        case .transferred(let event): venue(of: event.from)
        case .isolatedMarginMoved(let event): venue(of: event.account)
        case .feeCharged(let event): venue(of: event.account)
        case .interestAccrued(let event): venue(of: event.account)
        case .insuranceFunded(let event): venue(of: event.asset)
        case .collateralConverted(let event): venue(of: event.account)
        case .reconciled(let event): venue(of: event.account)
        case .orderPlaced(let event): venue(of: event.account)
        case .orderReduced(let event): venue(of: event.account)
        case .orderCancelled(let event): venue(of: event.account)
        case .filled(let event): venue(of: event.instrument)
        case .marked(let event): venue(of: event.instrument)
        case .indexed(let event): venue(of: event.asset)
        case .openInterestReported(let event): venue(of: event.instrument)
        case .fundingRateAnnounced(let event): venue(of: event.instrument)
        case .fundingSettled(let event): venue(of: event.instrument)
        case .sessionSettled(let event): venue(of: event.instrument)
        case .instrumentExpired(let event): venue(of: event.instrument)
        case .depthObserved(let event): venue(of: event.instrument)
        case .liquidationFilled(let event): venue(of: event.counterparty.account)
        case .operatorActed(let event): venue(of: event.account)
        }
    }

    // The directory looks names up by venue, so the venue is the one that gives the id back.

    private func venue(of id: AccountID) -> VenueID? {
        let name = directory.name(id)
        return venues.first { directory.account(name, in: $0) == id }
    }

    private func venue(of id: AssetID) -> VenueID? {
        let name = directory.name(id)
        return venues.first { directory.asset(name, in: $0) == id }
    }

    private func venue(of id: InstrumentID) -> VenueID? {
        let name = directory.name(id)
        return venues.first { directory.instrument(name, in: $0) == id }
    }

    private var venues: some Sequence<VenueID> {
        directory.venues.indices.lazy.map { VenueID(index: Int32($0)) }
    }
}
