import PlimsollUnits

extension Marked {
    /// Applies a mark whose source and claimed time are those of `event`.
    func apply(
        to ledger: inout Ledger,
        _ event: Event,
        emitting effects: inout Effects
    ) throws(Rejection) {
        try ledger.checkListed(instrument)
        try ledger.check(price, of: instrument)
        // No copy of the row: one would share its list of sources, which would then be copied too.
        let index = Int(instrument.index)
        let source = event.identity?.source ?? ""
        let known = ledger.instruments[index].sources.firstIndex { $0.name == source }
        if let known, event.time < ledger.instruments[index].sources[known].last {
            throw .markTooOld(
                time: event.time,
                last: ledger.instruments[index].sources[known].last
            )
        }
        guard
            known != nil
                || ledger.instruments[index].sources.count < Limits.sourcesPerInstrument
        else {
            throw .tooMany("sources of marks", limit: Limits.sourcesPerInstrument)
        }
        let largest = ledger.instruments[index].largestQuantity
        try ledger.checkNotional(
            largest,
            at: price.units,
            instrument,
            "the mark × the largest position"
        )
        if let known {
            ledger.instruments[index].sources[known].last = event.time
        } else {
            ledger.instruments[index].sources.append(
                Instrument.MarkSource(name: source, last: event.time)
            )
        }
        guard ledger.accepts(self, &effects) else { return }
        let old = ledger.instruments[index].mark
        ledger.markMoves.note(instrument.index, from: old, to: price.units)
        ledger.instruments[index].mark = price.units
        // A source whose clock runs ahead makes nothing fresh beyond now.
        ledger.instruments[index].markTime = max(
            ledger.instruments[index].markTime,
            min(event.time, event.at)
        )
        ledger.refreshRow(instrument.index)
        ledger.touchCrossed(at: price.units, of: instrument.index)
        if old == 0 { ledger.touchOrders(in: instrument.index) }
    }
}

extension Ledger {
    /// Notes every pool that holds an instrument and stands elsewhere at its new mark; only those whose
    /// safe band the mark has left are looked at.
    mutating func touchCrossed(at price: Int64, of instrument: Int32) {
        guard !looksAtAll else { return touchHolders(of: instrument) }
        drawLostBands(at: instrument)
        markEdges.collect(outside: price, of: instrument, into: &examined)
        touchExamined(at: instrument)
    }

    /// The same at the new index of an asset, for wallets that back others.
    mutating func touchCrossed(atIndex price: Int64, of asset: Int32) {
        guard !looksAtAll else {
            for pool in indexEdges.holders(of: asset) { touchIfMoved(pool) }
            return
        }
        drawLostBands()
        indexEdges.collect(outside: price, of: asset, into: &examined)
        touchExamined()
    }

    private mutating func touchExamined(at moved: Int32 = -1) {
        crossings &+= UInt64(examined.count)
        for index in examined.indices {
            fetchBands(from: index)
            touchIfMoved(examined[index], at: moved)
        }
        examined.removeAll()
    }

    /// Notes every pool that holds an instrument and stands elsewhere, after a change that safe bands do
    /// not allow for.
    mutating func touchHolders(of instrument: Int32) {
        for pool in markEdges.holders(of: instrument) { touchIfMoved(pool) }
    }

    /// Draws a pool's safe band again, and notes the pool if it cannot be, since it stands elsewhere; the
    /// purse of a fund is looked at, where its rule limits its fall.
    private mutating func touchIfMoved(_ pool: Int32, at moved: Int32 = -1) {
        let index = Int(pool)
        if pools[index].isUnmargined {
            if pools[index].flags.contains(.watched) { watchPurse(pool) }
            return
        }
        let lead = lead(of: pool)
        if pools[Int(lead)].visited != stamp, !drawBand(of: lead, at: moved) { touch(lead) }
        touchIfMoved(beside: pool)
    }

    /// Whether a mark is believed: inside the band around a fresh index, else the last mark, or
    /// confirmed by enough others.
    ///
    /// One that is not waits, and says so.
    mutating func accepts(_ marked: Marked, _ effects: inout Effects) -> Bool {
        let index = Int(marked.instrument.index)
        guard let guardRules = venues[Int(instruments[index].venue.index)].terms?.priceGuard,
            let width = guardRules.width,
            let reference = reference(for: index, guardRules)
        else { return true }
        let price = marked.price.units
        if Self.isWithin(price, of: reference, width) {
            if !instruments[index].pending.isEmpty {
                instruments[index].pending.removeAll(keepingCapacity: true)
            }
            return true
        }
        let earliest = clock.nanoseconds - guardRules.within
        var pending = instruments[index].pending.filter {
            $0.at.nanoseconds >= earliest && Self.isWithin(price, of: $0.price, width)
        }
        pending.append(Instrument.PendingMark(price: price, at: clock))
        let agreeing = pending.count
        if agreeing >= guardRules.confirmations {
            instruments[index].pending.removeAll(keepingCapacity: true)
            return true
        }
        instruments[index].pending = pending
        effects.append(
            .priceRefused(
                PriceRefused(
                    instrument: marked.instrument,
                    price: marked.price,
                    reference: Price(unchecked: reference),
                    reason: .outsideBand,
                    agreeing: agreeing
                )
            )
        )
        return false
    }

    /// A fresh index of the underlying, else the last mark, else nothing.
    private func reference(for instrument: Int, _ rules: PriceGuard) -> Int64? {
        if let base = instruments[instrument].base,
            let index = indexPrice(of: instruments[instrument])
        {
            let age = clock.nanoseconds - assets[Int(base.index)].indexTime.nanoseconds
            if age <= rules.maxAge ?? rules.within { return index }
        }
        let mark = instruments[instrument].mark
        return mark > 0 ? mark : nil
    }

    private static func isWithin(_ price: Int64, of reference: Int64, _ width: Rate) -> Bool {
        let distance = Int128(price) - Int128(reference)
        return distance.magnitude * 100_000_000
            <= UInt128(reference.magnitude) * UInt128(width.units.magnitude)
    }
}

extension Event.Identity {
    /// The feed's name, for events of a feed.
    var source: String? {
        switch self {
        case .feed(let source, _): source
        case .command: nil
        }
    }
}

extension Indexed {
    func apply(to ledger: inout Ledger, _ event: Event) throws(Rejection) {
        let row = try ledger.known(asset)
        guard row.index == 0 || event.time >= row.indexTime else {
            throw .markTooOld(time: event.time, last: row.indexTime)
        }
        ledger.indexMoves.note(asset.index, from: row.index, to: price.units)
        ledger.assets[Int(asset.index)].index = price.units
        ledger.assets[Int(asset.index)].indexTime = event.time
        ledger.touchCrossed(atIndex: price.units, of: asset.index)
        let name = ledger.directory.assets[Int(asset.index)]
        for index in ledger.instruments.indices
        where ledger.instruments[index].venue == row.venue
            && ledger.instruments[index].rules.usesIndex
            && (ledger.instruments[index].base == asset
                || ledger.instruments[index].rules.quote == name)
        {
            ledger.touchHolders(of: Int32(index))
        }
    }
}

extension InstrumentRules {
    /// A requirement is valued at the index.
    var usesIndex: Bool {
        initialPrice == .index || maintenancePrice == .index || isolatedInitialPrice == .index
    }
}

extension OpenInterestReported {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        try ledger.checkListed(instrument)
        guard notional.units >= 0 else {
            throw .notPositive("the open interest", value: "\(notional)")
        }
        ledger.instruments[Int(instrument.index)].openInterest = notional.units
        guard case .openInterest = ledger.instruments[Int(instrument.index)].rules.schedule else {
            return
        }
        ledger.touchHolders(of: instrument.index)
        ledger.touchOrders(in: instrument.index)
    }
}

extension FundingRateAnnounced {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        try ledger.checkListed(instrument)
        ledger.instruments[Int(instrument.index)].fundingRate = rate.units
        if ledger.instruments[Int(instrument.index)].rules.fundingInMaintenance {
            ledger.touchHolders(of: instrument.index)
        }
    }
}

extension FundingSettled {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.checkListed(instrument)
        if let price { try ledger.check(price, of: instrument) }
        let row = ledger.instruments[Int(instrument.index)]
        let at = price?.units ?? row.mark
        guard at > 0 else { throw .noMark(symbol: ledger.directory.name(instrument)) }
        try ledger.checkNotional(row.largestQuantity, at: at, instrument, "the largest position")

        var sum: Int128 = 0
        ledger.forEachHolding(of: instrument.index) { ledger, pool, position in
            let payment = FundingPayment.amount(
                quantity: ledger.positions.held[position].quantity,
                price: at,
                rate: rate.units,
                row.rules.payoff
            )
            sum += payment
            ledger.credit(pool, payment, .funding, &effects)
        }
        // Payers paid a fraction more, receivers got a fraction less: the rest is the house's.
        ledger.assets[Int(row.settle.index)].house -= sum
    }
}

/// What one position receives at a funding settlement; negative: pays.
enum FundingPayment {
    /// `− quantity × price × rate`, rounded down, which is against the account; for inverse payoffs
    /// `− quantity ÷ price × rate`.
    ///
    /// Positive rates: longs pay (all venues of `margin-rules`).
    static func amount(
        quantity: Int64,
        price: Int64,
        rate: Int64,
        _ payoff: Payoff
    ) -> Int128 {
        let product = -Int128(quantity) * Int128(rate)  // 10⁻²⁴
        let amount =
            payoff == .inverse
            ? product.divided(by: Int128(price), rounding: .down)
            : product.multiplied(
                by: Int128(price),
                dividedBy: PowerOfTen.sixteen,
                rounding: .down
            )
        guard let amount else {
            preconditionFailure("Invariant: the notional of a position is within its limit")
        }
        return amount
    }
}

extension Ledger {
    /// Calls `body` with the pool and the row of every position in an instrument, by account, then
    /// pool, then leg.
    mutating func forEachHolding(
        of instrument: Int32,
        _ body: (inout Ledger, Int32, Int) -> Void
    ) {
        let ordered = Set(markEdges.holders(of: instrument)).sorted {
            (pools[Int($0)].account, $0) < (pools[Int($1)].account, $1)
        }
        for pool in ordered {
            for leg in Leg.allCases {
                if let row = position(in: pool, instrument: instrument, leg: leg) {
                    body(&self, pool, row)
                }
            }
        }
    }
}

extension SessionSettled {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.checkListed(instrument)
        try ledger.check(price, of: instrument)
        let row = ledger.instruments[Int(instrument.index)]
        try ledger.checkNotional(
            row.largestQuantity,
            at: price.units,
            instrument,
            "the largest position"
        )
        ledger.forEachHolding(of: instrument.index) { ledger, pool, position in
            let quantity = ledger.positions.held[position].quantity
            // The new cost is the value at the settlement price, rounded against the account; what
            // the wallet gains, wallet ± cost loses, so nothing is left over.
            let cost = Valuation.value(quantity, at: price.units, row.rules.payoff)
            let change = ledger.positions.cost[position] - cost
            ledger.credit(
                pool,
                row.rules.payoff == .inverse ? change : -change,
                .settlement,
                &effects
            )
            ledger.setPosition(
                in: pool,
                row: position,
                quantity: quantity,
                cost: cost,
                &effects
            )
        }
    }
}

extension InstrumentExpired {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.checkListed(instrument)
        try ledger.check(price, of: instrument)
        let row = ledger.instruments[Int(instrument.index)]
        guard row.rules.expiry != nil else {
            throw .notExpiring(symbol: ledger.directory.name(instrument))
        }
        try ledger.checkNotional(
            row.largestQuantity,
            at: price.units,
            instrument,
            "the largest position"
        )
        var booked: Int128 = 0
        ledger.forEachHolding(of: instrument.index) { ledger, pool, position in
            let quantity = ledger.positions.held[position].quantity
            let cost = ledger.positions.cost[position]
            let profit =
                Valuation.stake(cost, row.rules.payoff)
                + Valuation.worth(quantity, at: price.units, row.rules.payoff)
            booked += profit - Valuation.stake(cost, row.rules.payoff)
            ledger.credit(pool, profit, .settlement, &effects)
            ledger.setPosition(in: pool, row: position, quantity: 0, cost: 0, &effects)
            ledger.dissolve(isolated: pool, &effects)
        }
        // The values of all positions cancel, but for what rounding took.
        ledger.assets[Int(row.settle.index)].house -= booked
        ledger.cancelOrders(in: instrument, &effects)
        ledger.instruments[Int(instrument.index)].expired = true
        ledger.terms[Int(instrument.index)].isListed = false
    }
}

extension Ledger {
    /// Removes every open order in an instrument and reports them for cancellation.
    fileprivate mutating func cancelOrders(
        in instrument: InstrumentID,
        _ effects: inout Effects
    ) {
        for account in orders.keys.sorted() {
            let gone = (orders[account] ?? []).filter { $0.instrument == instrument.index }
            guard !gone.isEmpty else { continue }
            orders[account]?.removeAll { $0.instrument == instrument.index }
            if orders[account]?.isEmpty == true { orders[account] = nil }
            effects.append(
                .ordersToCancel(account: AccountID(index: account), orders: gone.map(\.id))
            )
            ordersChanged(of: AccountID(index: account), instrument)
        }
    }
}

extension OperatorActed {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        try ledger.known(account)
        guard !ledger.accounts[Int(account.index)].isOutside else { throw .notForOutside }
        guard !who.isEmpty, !why.isEmpty else { throw .noReason }
        ledger.accounts[Int(account.index)].isFrozen = action == .freeze
    }
}
