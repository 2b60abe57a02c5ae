import PlimsollUnits

extension AccountConfigured {
    func apply(to ledger: inout Ledger, emitting effects: inout Effects) throws(Rejection) {
        try ledger.known(account)
        let decides = try ledger.checkRequest(account)
        if let instrument { try ledger.check(account, instrument) }
        try checkModes(ledger)
        if let instrument, let leverage {
            try check(leverage, for: instrument, in: ledger, decides: decides)
        }
        if let instrument, let marginMode { try check(marginMode, for: instrument, in: ledger) }

        if let collateralMode { change(to: collateralMode, in: &ledger) }
        if let positionMode { ledger.accounts[Int(account.index)].positionMode = positionMode }
        if let instrument { change(instrument, in: &ledger) }
        for pool in ledger.poolIDs(of: account.index) { ledger.touch(pool) }
    }

    private func checkModes(_ ledger: Ledger) throws(Rejection) {
        guard let rulebook = ledger.rulebook(of: account.index) else { return }
        let row = ledger.accounts[Int(account.index)]
        let hasPositions = ledger.poolIDs(of: account.index).contains {
            ledger.pools[Int($0)].count > 0
        }
        let hasOrders = ledger.orders[account.index]?.isEmpty == false
        if let collateralMode, collateralMode != row.collateralMode {
            try rulebook.checkOffers(collateralMode)
            guard !hasPositions else { throw .positionsOpen("the collateral mode") }
            guard !hasOrders else { throw .ordersOpen("the collateral mode") }
            if collateralMode == .multiAsset { try checkNothingIsolated(rulebook, ledger) }
        }
        if let positionMode, positionMode != row.positionMode {
            try rulebook.checkOffers(positionMode)
            guard !hasPositions else { throw .positionsOpen("the position mode") }
            guard !hasOrders else { throw .ordersOpen("the position mode") }
        }
    }

    /// In multi-asset mode all margin is shared, so no instrument may stay isolated.
    private func checkNothingIsolated(
        _ rulebook: Rulebook,
        _ ledger: Ledger
    ) throws(Rejection) {
        for index in ledger.instruments.indices
        where ledger.setting(account.index, Int32(index)).marginMode == .isolated {
            if marginMode == .cross, instrument?.index == Int32(index) { continue }
            throw .modeNotOffered("isolated margin in multi-asset mode", rulebook: rulebook.id)
        }
    }

    private func check(
        _ mode: MarginMode,
        for instrument: InstrumentID,
        in ledger: Ledger
    ) throws(Rejection) {
        let symbol = ledger.directory.name(instrument)
        guard mode != ledger.setting(account.index, instrument.index).marginMode else { return }
        if mode == .isolated,
            (collateralMode ?? ledger.accounts[Int(account.index)].collateralMode) == .multiAsset
        {
            throw .modeNotOffered(
                "isolated margin in multi-asset mode",
                rulebook: ledger.rulebook(of: account.index)?.id ?? ""
            )
        }
        for leg in Leg.allCases {
            let place = ledger.location(
                of: account.index,
                instrument: instrument.index,
                leg: leg
            )
            guard place.row == nil else { throw .positionsOpen("the margin mode of '\(symbol)'") }
        }
        let orders = ledger.orders[account.index] ?? []
        guard !orders.contains(where: { $0.instrument == instrument.index }) else {
            throw .ordersOpen("the margin mode of '\(symbol)'")
        }
    }

    /// A lower leverage needs more initial margin: a venue refuses it beyond what is available.
    private func check(
        _ leverage: Leverage,
        for instrument: InstrumentID,
        in ledger: Ledger,
        decides: Bool
    ) throws(Rejection) {
        guard decides else { return }
        let supposing = Supposition(leverage: (instrument.index, leverage.hundredths))
        for pool in ledger.poolIDs(of: account.index) where ledger.lead(of: pool) == pool {
            let before = try ledger.figuresForRequest(pool)
            let after = try ledger.figuresForRequest(pool, supposing)
            guard after.initial > before.initial, after.equity < after.initial else { continue }
            throw .insufficientMargin(
                needed: Text.money(after.initial - before.initial),
                available: Text.money(max(0, before.equity - before.initial))
            )
        }
    }

    private func change(to mode: CollateralMode, in ledger: inout Ledger) {
        let venue = Int(ledger.accounts[Int(account.index)].venue.index)
        ledger.accounts[Int(account.index)].collateralMode = mode
        ledger.venues[venue].multiAsset.removeAll { $0 == account.index }
        if mode == .multiAsset { ledger.venues[venue].multiAsset.append(account.index) }
        for pool in ledger.poolIDs(of: account.index) where ledger.pools[Int(pool)].isolated < 0 {
            ledger.pools[Int(pool)].set(.multiAsset, mode == .multiAsset)
            ledger.refreshIndexHolder(pool)
        }
        ledger.refreshFastPath(ofAccount: account.index)
    }

    private func change(_ instrument: InstrumentID, in ledger: inout Ledger) {
        var setting = ledger.setting(account.index, instrument.index)
        if let marginMode { setting.marginMode = marginMode }
        if let leverage { setting.leverage = leverage.hundredths }
        ledger.choose(setting, account.index, instrument.index)
        guard let leverage else { return }
        for leg in Leg.allCases {
            let place = ledger.location(
                of: account.index,
                instrument: instrument.index,
                leg: leg
            )
            guard let row = place.row else { continue }
            ledger.positions.held[row].leverage = Int32(leverage.hundredths)
        }
    }
}
