import PlimsollUnits

extension Reconciled {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.known(account)
        let venue = ledger.venues[Int(ledger.accounts[Int(account.index)].venue.index)]
        guard venue.mode == .mirror else { throw .notAMirror }
        guard account != venue.outside else { throw .notForOutside }
        switch report {
        case .wallet(let asset, let balance):
            try applyWallet(asset, balance, venue.outside, &ledger, &effects)
        case .position(let instrument, let leg, let quantity, let entry, let margin):
            let target = try target(instrument, leg, quantity, entry, margin, ledger)
            try checkOutside(target, venue.outside, ledger)
            apply(target, venue.outside, &ledger, &effects)
        }
    }

    private func applyWallet(
        _ asset: AssetID,
        _ balance: Money,
        _ outside: AccountID,
        _ ledger: inout Ledger,
        _ effects: inout Effects
    ) throws(Rejection) {
        try ledger.check(account, asset)
        try Ledger.checkLimit(balance.units, "the wallet")
        let now =
            ledger.crossPool(of: account.index, asset: asset.index)
            .map { ledger.pools[Int($0)].wallet } ?? 0
        let difference = balance.units - now
        try ledger.checkWallet(outside, asset, adding: -difference)
        let pool = ledger.openCrossPool(of: account.index, asset: asset.index)
        let other = ledger.openCrossPool(of: outside.index, asset: asset.index)
        ledger.credit(pool, difference, .reconciliation, &effects)
        ledger.credit(other, -difference, .reconciliation, &effects)
    }

    /// A reported position, found to be possible.
    private struct Target {
        var instrument: Int32
        var leg: Leg
        var quantity: Int64
        var cost: Int128
        var margin: Int128?
        var isIsolated: Bool
    }

    private func target(
        _ instrument: InstrumentID,
        _ leg: Leg,
        _ quantity: Quantity,
        _ entry: SolvedPrice,
        _ margin: Money?,
        _ ledger: Ledger
    ) throws(Rejection) -> Target {
        try ledger.check(account, instrument)
        try ledger.check(leg, of: account)
        guard (leg != .long || quantity.units >= 0) && (leg != .short || quantity.units <= 0) else {
            throw .legMismatch(ledger.directory.name(account))
        }
        guard entry.units > 0 else { throw .notPositive("the entry price", value: "\(entry)") }
        let row = ledger.instruments[Int(instrument.index)]
        guard quantity.units.magnitude <= UInt64(row.rules.maxQuantity.units) else {
            throw .aboveLimit(
                "the quantity",
                value: "\(quantity)",
                limit: "\(row.rules.maxQuantity)"
            )
        }
        guard let cost = Valuation.cost(quantity.units, at: entry, row.rules) else {
            throw .aboveLimit(
                "quantity × entry price",
                value: "\(quantity) × \(entry)",
                limit: Text.money(Limits.notional)
            )
        }
        if row.mark > 0 {
            try ledger.checkNotional(quantity.units, at: row.mark, instrument, "the position")
        }
        let place = ledger.location(of: account.index, instrument: instrument.index, leg: leg)
        let symbol = ledger.directory.name(instrument)
        guard place.isIsolated || margin == nil else { throw .notIsolated(symbol: symbol) }
        try Ledger.checkLimit(margin?.units ?? 0, "the isolated margin")
        return Target(
            instrument: instrument.index,
            leg: leg,
            quantity: quantity.units,
            cost: cost,
            margin: margin?.units,
            isIsolated: place.isIsolated
        )
    }

    /// What `outside` holds against all accounts stays within the limit of a quantity.
    private func checkOutside(
        _ target: Target,
        _ outside: AccountID,
        _ ledger: Ledger
    ) throws(Rejection) {
        let asset = ledger.instruments[Int(target.instrument)].settle.index
        let theirs =
            ledger.crossPool(of: outside.index, asset: asset)
            .map { ledger.holding(in: $0, target.instrument, .net).quantity } ?? 0
        let after = Int128(theirs) - Int128(target.quantity)
        guard after.magnitude * 2 <= UInt128(Limits.quantity) else {
            throw .aboveLimit(
                "the open interest",
                value: DecimalText.string(after, scale: 8),
                limit: Text.quantity(Limits.quantity / 2)
            )
        }
    }

    private func apply(
        _ target: Target,
        _ outside: AccountID,
        _ ledger: inout Ledger,
        _ effects: inout Effects
    ) {
        let asset = ledger.instruments[Int(target.instrument)].settle.index
        let pool =
            target.isIsolated
            ? ledger.openIsolatedPool(
                of: account.index,
                instrument: target.instrument,
                leg: target.leg
            )
            : ledger.openCrossPool(of: account.index, asset: asset)
        if let cross = ledger.crossPool(of: account.index, asset: asset) {
            ledger.touch(cross)  // its orders are reserved by what is held, isolated or not
        }
        let other = ledger.openCrossPool(of: outside.index, asset: asset)
        if let margin = target.margin {
            let difference = margin - ledger.pools[Int(pool)].wallet
            ledger.credit(pool, difference, .reconciliation, &effects)
            ledger.credit(other, -difference, .reconciliation, &effects)
        }
        let held = ledger.holding(in: pool, target.instrument, target.leg)
        ledger.replacePosition(
            in: pool,
            target.instrument,
            target.leg,
            (target.quantity, target.cost),
            &effects
        )
        ledger.dissolve(isolated: pool, &effects)
        let theirs = ledger.holding(in: other, target.instrument, .net)
        ledger.replacePosition(
            in: other,
            target.instrument,
            .net,
            (
                theirs.quantity - (target.quantity - held.quantity),
                theirs.cost - (target.cost - held.cost)
            ),
            &effects
        )
    }
}

extension Ledger {
    /// Quantity and cost of a position; zeros if it is not open.
    func holding(
        in pool: Int32,
        _ instrument: Int32,
        _ leg: Leg
    ) -> (quantity: Int64, cost: Int128) {
        guard let row = position(in: pool, instrument: instrument, leg: leg) else { return (0, 0) }
        return (positions.held[row].quantity, positions.cost[row])
    }

    /// Sets a position as it is reported.
    ///
    /// Cost without quantity is profit or loss already made.
    fileprivate mutating func replacePosition(
        in pool: Int32,
        _ instrument: Int32,
        _ leg: Leg,
        _ new: (quantity: Int64, cost: Int128),
        _ effects: inout Effects
    ) {
        let known = position(in: pool, instrument: instrument, leg: leg)
        if new.quantity == 0 {
            let payoff = instruments[Int(instrument)].rules.payoff
            credit(pool, Valuation.stake(new.cost, payoff), .reconciliation, &effects)
            if let known {
                setPosition(in: pool, row: known, quantity: 0, cost: 0, &effects)
            }
            return
        }
        let row = known ?? openPosition(in: pool, instrument: instrument, leg: leg)
        setPosition(in: pool, row: row, quantity: new.quantity, cost: new.cost, &effects)
    }
}
