import PlimsollUnits

/// One position that could not be sold at its bankruptcy price.
struct StrandedPosition: Sendable {
    var pool: Int32
    var instrument: Int32
    var leg: Leg
    /// All of it, signed, before anything was handed on.
    var whole: Int64
    /// Where its share of the pool's equity is used up.
    var price: Int64
    /// That share, 10⁻¹⁶; below zero: what it owes at the mark.
    var equity: Int128
}

extension Ledger {
    /// Hands every fresh position of a pool on: to the fund as far as it can bear, then to winners; the
    /// rest to the fund at the mark, where it costs nobody anything at once.
    mutating func takeOverAll(
        _ lead: Int32,
        _ rules: Enforcement,
        _ figures: PoolFigures,
        _ effects: inout Effects
    ) {
        for stranded in strandedPositions(lead, owned(lead, rules, figures.equity)) {
            liquidations[lead]?.instruments.insert(stranded.instrument)
            takeOver(stranded, lead, atMark: false, &effects)
            guard quantity(of: stranded) != 0 else { continue }
            deleverage(stranded, lead, rules.deleveraging, &effects)
            guard quantity(of: stranded) != 0 else { continue }
            takeOver(stranded, lead, atMark: true, &effects)
        }
    }

    /// The equity of a pool, without haircuts and buffers where it is below zero and assets are converted:
    /// others pay what is owed beyond all that the account owns, and nothing for a haircut.
    private func owned(_ lead: Int32, _ rules: Enforcement, _ equity: Int128) -> Int128 {
        guard equity < 0, pools[Int(lead)].isMultiAsset, let conversion = rules.conversion else {
            return equity
        }
        let venue = accounts[Int(pools[Int(lead)].account)].venue
        let named = Set(conversion.order.compactMap { directory.asset($0, in: venue)?.index })
        var sum: Int128 = 0
        for sleeve in sleeves(of: lead) {
            let asset = pools[Int(sleeve)].asset
            guard let own = self.equity(ofWallet: sleeve),
                let rate = try? self.conversion(of: asset)
            else { return equity }
            // A debt is paid at the index as well.
            sum += own < 0 || named.contains(asset) ? rate.plain(own) : rate.collateral(own)
        }
        return min(0, max(equity, sum))
    }

    private func strandedPositions(_ lead: Int32, _ equity: Int128) -> [StrandedPosition] {
        let rows = freshRows(of: lead)
        let prices = bankruptcyPrices(of: lead, rows, equity: equity)
        var stranded: [StrandedPosition] = []
        for pool in sleeves(of: lead) {
            for row in pools[Int(pool)].rows {
                guard let price = prices[row] else { continue }
                let held = positions.held[row]
                stranded.append(
                    StrandedPosition(
                        pool: pool,
                        instrument: held.instrument,
                        leg: positions.held[row].leg,
                        whole: held.quantity,
                        price: price,
                        equity: profit(of: held.quantity, taken: price, in: held.instrument)
                    )
                )
            }
        }
        return stranded
    }

    /// What is left of it, signed.
    func quantity(of stranded: StrandedPosition) -> Int64 {
        position(in: stranded.pool, instrument: stranded.instrument, leg: stranded.leg)
            .map { positions.held[$0].quantity } ?? 0
    }

    /// The fund takes a position over at its bankruptcy price, as much of it as it can bear; or all that
    /// is left at the mark.
    private mutating func takeOver(
        _ stranded: StrandedPosition,
        _ lead: Int32,
        atMark: Bool,
        _ effects: inout Effects
    ) {
        guard let fund = fund(of: stranded.instrument) else { return }
        let asset = terms[Int(stranded.instrument)].settle
        watch(fund.rule, fund.account, asset: asset)
        let held = quantity(of: stranded)
        let price = atMark ? instruments[Int(stranded.instrument)].mark : stranded.price
        let size =
            atMark
            ? Int64(held.magnitude)
            : fundRoom(
                fund.rule,
                fund.account,
                for: held,
                of: stranded.instrument,
                at: price
            )
        guard size > 0 else { return }
        let part = held > 0 ? size : -size
        let gain = profit(of: part, taken: price, in: stranded.instrument)
        let isDone = close(
            stranded,
            part,
            at: price,
            against: fund.account,
            leg: .net,
            &effects
        )
        guard isDone else { return }
        watch(fund.rule, fund.account, asset: asset)
        report(
            .takeover,
            by: fund.account,
            gain,
            stranded.pool,
            lead: lead,
            stranded.instrument,
            part,
            &effects
        )
    }

    /// Closes `part` of a position against another account; `false` where a limit forbids it.
    mutating func close(
        _ stranded: StrandedPosition,
        _ part: Int64,
        at price: Int64,
        against other: Int32,
        leg: Leg,
        _ effects: inout Effects
    ) -> Bool {
        var own = Trade(
            account: pools[Int(stranded.pool)].account,
            instrument: stranded.instrument,
            leg: stranded.leg,
            quantity: -part,
            price: price
        )
        own.isForced = true
        var opposite = Trade(
            account: other,
            instrument: stranded.instrument,
            leg: leg,
            quantity: part,
            price: price
        )
        do {
            try check(&own)
            try check(&opposite)
        } catch {
            return false
        }
        book(own, opposite, &effects)
        return true
    }
}
