import PlimsollUnits

extension VenueDefined {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        try Ledger.checkName(name)
        guard ledger.directory.venue(name) == nil else { throw .nameTaken(name) }
        guard ledger.venues.count < Limits.venues else {
            throw .tooMany("venues", limit: Limits.venues)
        }
        let venue = ledger.directory.add(venue: name)
        let outside = ledger.directory.add(account: Ledger.outsideName, in: venue)
        ledger.venues.append(Venue(mode: mode, outside: outside))
        var account = Account(venue: venue, collateralMode: .singleAsset, positionMode: .oneWay)
        account.isOutside = true
        ledger.accounts.append(account)
    }
}

extension Ledger {
    /// The name of the unmargined account that each venue has for the rest of the world.
    static let outsideName = "outside"
}

extension AssetDefined {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        let row = try ledger.known(venue)
        try Ledger.checkName(name)
        guard ledger.directory.asset(name, in: venue) == nil else { throw .nameTaken(name) }
        guard ledger.assets.count < Limits.assets else {
            throw .tooMany("assets", limit: Limits.assets)
        }
        let id = ledger.directory.add(asset: name, in: venue)
        var asset = Asset(venue: venue)
        asset.collateral = row.rulebook?.collateral.first { $0.asset == name }
        ledger.assets.append(asset)
        ledger.indexEdges.addFeed()
        ledger.indexMoves.addFeed()
        if row.rulebook?.currency == name { ledger.venues[Int(venue.index)].currency = id }
        for index in ledger.instruments.indices
        where ledger.instruments[index].venue == venue
            && ledger.instruments[index].rules.base == name
        {
            ledger.instruments[index].base = id
        }
    }
}

extension RulebookAdopted {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        _ = try ledger.known(venue)
        if let fault = rulebook.structuralFault { throw .badRulebook(rulebook.id, fault) }
        try ledger.checkFunds(of: rulebook, in: venue)
        var renewed: [(index: Int, rules: InstrumentRules)] = []
        for index in ledger.instruments.indices where ledger.instruments[index].venue == venue {
            renewed.append((index, try rules(for: index, in: ledger)))
        }
        for index in ledger.accounts.indices
        where ledger.accounts[index].venue == venue && !ledger.accounts[index].isUnmargined {
            try check(ledger.accounts[index])
        }

        ledger.venues[Int(venue.index)].rulebook = rulebook
        ledger.venues[Int(venue.index)].currency = ledger.directory.asset(
            rulebook.currency,
            in: venue
        )
        for index in ledger.assets.indices where ledger.assets[index].venue == venue {
            let name = ledger.directory.assets[index]
            ledger.assets[index].collateral = rulebook.collateral.first { $0.asset == name }
        }
        for (index, rules) in renewed {
            ledger.instruments[index].rules = rules
            ledger.instruments[index].base = ledger.directory.asset(rules.base, in: venue)
            let relative = renewed.first { $0.rules.base == rules.base }
            ledger.instruments[index].group = Int32(relative?.index ?? index)
            ledger.refreshSteps(Int32(index))
            ledger.refreshRow(Int32(index))
        }
        ledger.openFunds(of: venue)
        ledger.refreshEvaluationLimit()
        for index in ledger.accounts.indices where ledger.accounts[index].venue == venue {
            ledger.refreshFastPath(ofAccount: Int32(index))
            for pool in ledger.poolIDs(of: Int32(index)) { ledger.touch(pool) }
        }
    }

    /// The new rules of an instrument that is listed already; what positions rest on stays.
    private func rules(for index: Int, in ledger: Ledger) throws(Rejection) -> InstrumentRules {
        let old = ledger.instruments[index]
        guard let new = rulebook.rules(for: old.rules.symbol) else {
            if old.expired { return old.rules }
            throw .noRules(symbol: old.rules.symbol, rulebook: rulebook.id)
        }
        let sameMoney =
            new.payoff == old.rules.payoff && new.settle == old.rules.settle
            && new.base == old.rules.base && new.costScale == old.rules.costScale
        guard sameMoney || ledger.markEdges.count(of: Int32(index)) == 0 else {
            throw .rulesInUse("payoff or settlement of '\(old.rules.symbol)'")
        }
        guard sameMoney || new.settle == old.rules.settle else {
            throw .rulesInUse("settlement of '\(old.rules.symbol)'")
        }
        return new
    }

    private func check(_ account: Account) throws(Rejection) {
        guard rulebook.collateralModes.contains(account.collateralMode) else {
            throw .rulesInUse("the collateral modes that accounts have chosen")
        }
        guard rulebook.positionModes.contains(account.positionMode) else {
            throw .rulesInUse("the position modes that accounts have chosen")
        }
    }
}

extension InstrumentDefined {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        let row = try ledger.known(venue)
        try Ledger.checkName(symbol)
        guard let rulebook = row.rulebook else {
            throw .noRulebook(venue: ledger.directory.name(venue))
        }
        guard ledger.directory.instrument(symbol, in: venue) == nil else {
            throw .nameTaken(symbol)
        }
        guard let rules = rulebook.rules(for: symbol) else {
            throw .noRules(symbol: symbol, rulebook: rulebook.id)
        }
        guard let settle = ledger.directory.asset(rules.settle, in: venue) else {
            throw .assetMissing(symbol: symbol, asset: rules.settle)
        }
        guard ledger.instruments.count < Limits.instruments else {
            throw .tooMany("instruments", limit: Limits.instruments)
        }
        let id = ledger.directory.add(instrument: symbol, in: venue)
        let relative = ledger.instruments.firstIndex {
            $0.venue == venue && $0.rules.base == rules.base
        }
        ledger.instruments.append(
            Instrument(
                venue: venue,
                rules: rules,
                settle: settle,
                base: ledger.directory.asset(rules.base, in: venue),
                group: relative.map { Int32($0) } ?? id.index
            )
        )
        ledger.refreshRow(id.index)
    }
}

extension AccountOpened {
    func apply(to ledger: inout Ledger) throws(Rejection) {
        let row = try ledger.known(venue)
        try Ledger.checkName(name)
        guard let rulebook = row.rulebook else {
            throw .noRulebook(venue: ledger.directory.name(venue))
        }
        guard ledger.directory.account(name, in: venue) == nil else { throw .nameTaken(name) }
        guard ledger.accounts.count < Limits.accounts else {
            throw .tooMany("accounts", limit: Limits.accounts)
        }
        let collateral = collateralMode ?? rulebook.collateralModes.first ?? .singleAsset
        let position = positionMode ?? rulebook.positionModes.first ?? .oneWay
        try rulebook.checkOffers(collateral)
        try rulebook.checkOffers(position)
        let id = ledger.directory.add(account: name, in: venue)
        ledger.accounts.append(
            Account(venue: venue, collateralMode: collateral, positionMode: position)
        )
        if collateral == .multiAsset {
            ledger.venues[Int(venue.index)].multiAsset.append(id.index)
        }
    }
}

extension Rulebook {
    /// The rules of `symbol`, if the rulebook has any.
    public func rules(for symbol: String) -> InstrumentRules? {
        instruments.first { $0.symbol == symbol }
    }

    func checkOffers(_ mode: CollateralMode) throws(Rejection) {
        guard !collateralModes.contains(mode) else { return }
        throw .modeNotOffered("the collateral mode \(mode)", rulebook: id)
    }

    func checkOffers(_ mode: PositionMode) throws(Rejection) {
        guard !positionModes.contains(mode) else { return }
        throw .modeNotOffered("the position mode \(mode)", rulebook: id)
    }

    /// What makes the rulebook unusable, if anything does: numbers that could overflow or divide by
    /// zero.
    ///
    /// Whether it is sensible is for `plimsoll rules check`.
    var structuralFault: String? {
        if collateralModes.isEmpty || positionModes.isEmpty { return "it offers no modes" }
        if thresholds.watch.units <= 0 || thresholds.watch > thresholds.call
            || thresholds.call > .one || thresholds.exit.units <= 0 || thresholds.exit > .one
        {
            return "its thresholds are not in order (0 < watch ≤ call ≤ 1, 0 < exit ≤ 1)"
        }
        if priceGuard.confirmations < 1 || priceGuard.within < 0
            || (priceGuard.maxAge ?? 1) <= 0 || (priceGuard.width?.units ?? 1) <= 0
            || (priceGuard.width ?? .zero) >= .one
        {
            return "its price guard is out of range"
        }
        for rule in collateral {
            if let fault = rule.structuralFault { return "collateral \(rule.asset): \(fault)" }
        }
        if let fault = enforcement?.conversion?.structuralFault { return "conversion: \(fault)" }
        var seen: Set<String> = []
        for rules in instruments {
            guard seen.insert(rules.symbol).inserted else {
                return "\(rules.symbol) is there twice"
            }
            if let fault = rules.structuralFault { return "\(rules.symbol): \(fault)" }
        }
        return nil
    }
}

extension CollateralConversion {
    fileprivate var structuralFault: String? {
        if order.isEmpty { return "it names no asset" }
        if Set(order).count < order.count { return "an asset is there twice" }
        if fee.units < 0 || fee >= .one { return "the fee is not from 0 to below 1" }
        return nil
    }
}

extension CollateralRule {
    fileprivate var structuralFault: String? {
        if bidBuffer.units < 0 || bidBuffer > .one || askBuffer.units < 0 {
            return "a buffer is out of range"
        }
        var last: Int128 = -1
        for tier in tiers {
            if tier.floor.units <= last { return "tier floors do not rise" }
            if tier.weight.units < 0 || tier.weight > .one { return "a weight is not from 0 to 1" }
            last = tier.floor.units
        }
        if let first = tiers.first, first.floor.units != 0 { return "tiers do not start at 0" }
        return nil
    }
}

extension InstrumentRules {
    fileprivate var structuralFault: String? {
        if takerFeeRate.units < 0 || takerFeeRate > .one { return "the fee rate is out of range" }
        for scale in [costScale, requirementScale].compactMap(\.self)
        where !(0...16).contains(scale) {
            return "a scale is not from 0 to 16"
        }
        switch schedule {
        case .brackets(let schedule):
            for bracket in schedule.brackets {
                let rate = bracket.maintenanceRate
                if rate.numerator < 0 || rate.denominator <= 0
                    || rate.units16 > PowerOfTen.sixteen
                {
                    return "a maintenance rate is not from 0 to 1"
                }
                if bracket.deduction.magnitude > UInt128(Limits.notional) * 100_000_000 {
                    return "a maintenance amount is out of range"
                }
                if let initial = bracket.initialRate, initial.units <= 0 || initial > .one {
                    return "an initial rate is not from 0 to 1"
                }
            }
        case .affine(let schedule):
            let slopes = [schedule.initialSlope, schedule.maintenanceSlope]
            let bases = [schedule.initialBase, schedule.maintenanceBase]
            // Slopes stay below 1 per unit, so that rate × size stays inside 128 bits.
            if slopes.contains(where: { $0 < 0 || Int128($0) > PowerOfTen.sixteen })
                || bases.contains(where: { $0.units < 0 || $0 > .one })
            {
                return "a rate or slope is out of range"
            }
        case .openInterest(let schedule):
            if schedule.initialRate.units < 0 || schedule.initialRate > .one
                || schedule.maintenanceFraction.units < 0 || schedule.maintenanceFraction > .one
            {
                return "a rate or fraction is not from 0 to 1"
            }
        }
        return nil
    }
}
