import PlimsollUnits

/// Which end of a safe band a pool is valued at: every figure at its own end of each price, whether or
/// not one price can be at both.
enum Corner: Hashable, Sendable {
    /// Equity as low, requirements as high as they can be inside of the band.
    case worst
    /// Equity as high, requirements as low as they can be.
    case best
}

/// Safe bands: prices between which a pool stands where it stands, so that a mark inside of them costs
/// nothing.
///
/// A band is guessed from the pool's distance to its nearest thresholds and then *checked*: at its worst
/// corner and at its best the pool must stand where it stands now. Only the check has to be right; the
/// proof that it is enough is in `docs/safe-bands.md`.
extension Ledger {
    /// Notes that what a pool's band rests on has changed: it is drawn again before the next price.
    @inline(__always)
    mutating func loseBand(of pool: Int32) {
        guard !pools[Int(pool)].flags.contains(.withoutBand), !looksAtAll else { return }
        pools[Int(pool)].set(.withoutBand, true)
        withoutBand.append(pool)
    }

    /// Draws every band that was lost, at the present prices, of which that of `moved` is new.
    ///
    /// A pool that stands elsewhere by it is noted; one that waits for its turn is looked at by every price
    /// of what it holds.
    mutating func drawLostBands(at moved: Int32 = -1) {
        // Drawing a band loses none, noting a pool loses its.
        swap(&withoutBand, &examined)
        for index in examined.indices { pools[Int(examined[index])].set(.withoutBand, false) }
        for index in examined.indices {
            fetchBands(from: index)
            let pool = examined[index]
            let lead = lead(of: pool)
            guard !drawBand(of: lead) else { continue }
            guard moved >= 0, holds(lead, moved) else {
                dropBand(of: lead)
                continue
            }
            touch(lead)
            touchIfMoved(beside: lead)
        }
        examined.removeAll()
    }

    /// A pool has a position in an instrument.
    private func holds(_ lead: Int32, _ instrument: Int32) -> Bool {
        func has(_ pool: Int32) -> Bool {
            for held in positions.held[segment: pools[Int(pool)].rows]
            where held.instrument == instrument {
                return true
            }
            return false
        }
        return pools[Int(lead)].isMultiAsset ? sleeves(of: lead).contains(where: has) : has(lead)
    }

    /// Draws the band of a pool at the present prices.
    ///
    /// `false`: it stands elsewhere, or waits for a price to go on with its liquidation, and its edges are
    /// where they were.
    mutating func drawBand(of lead: Int32, at moved: Int32 = -1) -> Bool {
        let pool = Int(lead)
        guard !pools[pool].isUnmargined,
            let thresholds = terms(of: pools[pool].account)?.thresholds
        else { return true }
        guard !awaitsStep(lead) else { return false }
        if !looksAtAll {
            switch drawPlainBand(of: pool, at: moved, thresholds) {
            case .drawn: return true
            case .moved: return false
            case .unclear: break
            }
        }
        guard let figures = try? figures(ofPool: lead) else {
            dropBand(of: lead)
            return true
        }
        let standing = Standing(band: pools[pool].band, mode: pools[pool].mode)
        guard thresholds.standing(after: standing.mode, figures) == standing else { return false }
        if !looksAtAll { drawExactBand(of: lead, at: moved, figures, standing, thresholds) }
        return true
    }

    /// Brings what drawing the bands of the next examined pools takes into the cache, at every sixteenth:
    /// the processor waits for the lines of all of them at once.
    @inline(__always)
    mutating func fetchBands(from index: Int) {
        if index & 15 == 0 { fetchBands(of: index..<min(index + 16, examined.count)) }
    }

    @inline(never)
    private mutating func fetchBands(of range: Range<Int>) {
        var read: Int64 = 0
        for pool in examined[segment: range] { read &+= Int64(pools[Int(pool)].start) }
        for pool in examined[segment: range] {
            for row in pools[Int(pool)].rows.prefix(16) {
                read &+= positions.held[row].quantity &+ Int64(positions.holder[row])
            }
        }
        for pool in examined[segment: range] {
            for row in pools[Int(pool)].rows.prefix(16) {
                let holder = positions.holder[row]
                read &+= markEdges.fetch(positions.held[row].instrument, holder)
            }
        }
        // A word that is used for nothing would not be read.
        fetched &+= read
    }

    /// Puts the edges of a pool nowhere: every price of what it holds looks at it.
    private mutating func dropBand(of lead: Int32) {
        for sleeve in sleeves(of: lead) {
            for row in pools[Int(sleeve)].rows { setEdges(of: row, .nowhere) }
            if let holder = indexHolders[sleeve] {
                indexEdges.set(pools[Int(sleeve)].asset, holder, .nowhere)
            }
        }
    }

    /// The edges of a pool that draws no bands: the purse of a fund whose rule limits its fall is looked
    /// at by every mark, nobody else.
    func undrawnEdges(of pool: Int32) -> Edges {
        pools[Int(pool)].flags.contains(.watched) ? .nowhere : .everywhere
    }

    /// Puts the edges of an insurance fund's positions where its rule wants them.
    mutating func refreshUndrawnEdges(of pool: Int32) {
        for row in pools[Int(pool)].rows { setEdges(of: row, undrawnEdges(of: pool)) }
    }

    @inline(__always)
    private mutating func setEdges(of row: Int, _ edges: Edges) {
        markEdges.set(positions.held[row].instrument, positions.holder[row], edges)
    }

    /// An instrument's share of a band: by how much it moves, and all of it if its mark has just left
    /// the band before.
    @inline(__always)
    private func weight(of instrument: Int32, at moved: Int32) -> Int32 {
        instrument == moved ? Volatility.largest : markMoves.weights[Int(instrument)]
    }

    // MARK: Plain pools

    /// What the fast path can say of a pool.
    private enum PlainBand {
        case drawn
        /// It stands elsewhere than it stood.
        case moved
        /// It is computed exactly.
        case unclear
    }

    /// Draws the band of a plain pool if it stands where it stood.
    private mutating func drawPlainBand(
        of pool: Int,
        at moved: Int32,
        _ thresholds: Thresholds
    ) -> PlainBand {
        guard let sums = plainSums(pool),
            let standing = sums.standing(after: pools[pool].mode, thresholds)
        else { return .unclear }
        guard standing == Standing(band: pools[pool].band, mode: pools[pool].mode) else {
            return .moved
        }
        var weighted: Int128 = 0
        for held in positions.held[segment: pools[pool].rows] {
            let value = held.quantity.magnitude.multipliedFullWidth(
                by: rows[Int(held.instrument)].mark.magnitude
            )
            let weight = Int128(weight(of: held.instrument, at: moved))
            weighted &+= Int128((Int64(bitPattern: value.high), value.low)) &* weight
        }
        var reach = BandReach(
            standing,
            thresholds,
            equity: sums.equity,
            maintenance: sums.maintenance,
            initial: sums.initial,
            gross: sums.gross,
            weighted: weighted
        )
        for _ in 0..<BandReach.attempts {
            if placesPlainBand(of: pool, at: moved, reach, standing, thresholds) { return .drawn }
            reach.halve()
        }
        return .unclear
    }

    /// Puts the edges of a plain pool where `reach` says; whether the band holds there.
    private mutating func placesPlainBand(
        of pool: Int,
        at moved: Int32,
        _ reach: BandReach,
        _ standing: Standing,
        _ thresholds: Thresholds
    ) -> Bool {
        let start = pools[pool].wallet &+ pools[pool].stake
        var (worst, best) = (PlainSums(equity: start), PlainSums(equity: start))
        for row in pools[pool].rows {
            let held = positions.held[row]
            let instrument = Int(held.instrument)
            let edges = reach.edges(
                around: rows[instrument].mark,
                isLong: held.quantity > 0,
                weight: weight(of: held.instrument, at: moved)
            )
            setEdges(of: row, edges)
            let isLong = held.quantity > 0
            guard let high = plainRequirement(held, at: edges.upper) else { return false }
            worst.add(held.quantity, at: isLong ? edges.lower : edges.upper, high)
            // Where nothing is better, and no bracket needs less than a smaller one, it is not needed.
            if standing.isBest, terms[instrument].isRising { continue }
            guard let low = plainRequirement(held, at: edges.lower),
                terms[instrument].isRising || high.step == low.step
            else { return false }
            best.add(held.quantity, at: isLong ? edges.upper : edges.lower, low)
        }
        let mode = pools[pool].mode
        return (standing.isWorst || worst.standing(after: mode, thresholds, at: .worst) == standing)
            && (standing.isBest || best.standing(after: mode, thresholds, at: .best) == standing)
    }

    // MARK: Other pools

    /// Draws the band of a pool of any kind: by the one exact computation, at both corners.
    private mutating func drawExactBand(
        of lead: Int32,
        at moved: Int32,
        _ figures: PoolFigures,
        _ standing: Standing,
        _ thresholds: Thresholds
    ) {
        guard !hasOrders(beside: lead) else {
            dropBand(of: lead)
            return
        }
        let exposure = exposure(of: lead, at: moved)
        var reach = BandReach(
            standing,
            thresholds,
            equity: figures.equity,
            maintenance: figures.maintenance,
            initial: figures.initial &* PowerOfTen.eight,
            gross: exposure.gross,
            weighted: exposure.weighted
        )
        for _ in 0..<BandReach.attempts {
            if placesExactBand(of: lead, at: moved, reach, standing, thresholds) { return }
            reach.halve()
        }
        dropBand(of: lead)
    }

    /// Looks at the cross pool that reserves margin for orders beside an isolated position.
    mutating func touchIfMoved(beside pool: Int32) {
        let index = Int(pool)
        let (account, asset) = (pools[index].account, pools[index].asset)
        guard hasOrders(beside: pool), let cross = crossPool(of: account, asset: asset),
            pools[Int(cross)].visited != stamp, !drawBand(of: cross)
        else { return }
        touch(cross)
    }

    /// A pool is an isolated position with open orders beside it: they are reserved in the cross pool, by
    /// its mark as well, so that every mark looks at both.
    func hasOrders(beside pool: Int32) -> Bool {
        let isolated = pools[Int(pool)].isolated
        guard isolated >= 0, let open = orders[pools[Int(pool)].account] else { return false }
        return open.contains { $0.instrument == isolated }
    }

    private mutating func placesExactBand(
        of lead: Int32,
        at moved: Int32,
        _ reach: BandReach,
        _ standing: Standing,
        _ thresholds: Thresholds
    ) -> Bool {
        for sleeve in sleeves(of: lead) {
            for row in pools[Int(sleeve)].rows {
                let held = positions.held[row]
                let instrument = Int(held.instrument)
                let edges = reach.edges(
                    around: instruments[instrument].mark,
                    isLong: held.quantity > 0,
                    weight: weight(of: held.instrument, at: moved)
                )
                setEdges(of: row, edges)
            }
            guard let holder = indexHolders[sleeve] else { continue }
            let asset = pools[Int(sleeve)].asset
            let isCurrency = venues[Int(assets[Int(asset)].venue.index)].currency?.index == asset
            var edges = Edges.everywhere
            if !isCurrency, assets[Int(asset)].index > 0 {
                edges = reach.edges(
                    around: assets[Int(asset)].index,
                    isLong: (equity(ofWallet: sleeve) ?? 0) > 0,
                    weight: indexMoves.weights[Int(asset)]
                )
            } else if !isCurrency {
                edges = .nowhere
            }
            indexEdges.set(asset, holder, edges)
        }
        for corner in [Corner.worst, .best] {
            guard let figures = try? figures(ofPool: lead, supposing: Supposition(corner: corner)),
                !figures.isUnbounded,
                thresholds.standing(after: standing.mode, figures) == standing
            else { return false }
        }
        return true
    }

    /// What a pool has in prices that move, plain and weighted by how much they do, 10⁻¹⁶ of its asset
    /// or of the rulebook's currency.
    private func exposure(
        of lead: Int32,
        at moved: Int32
    ) -> (gross: Int128, weighted: Int128) {
        var (gross, weighted) = (Int128(0), Int128(0))
        func add(_ amount: Int128, _ weight: Int32) {
            gross = saturatingSum(gross, amount)
            weighted = saturatingSum(weighted, min(amount, Int128.max >> 12) * Int128(weight))
        }
        for sleeve in sleeves(of: lead) {
            let asset = pools[Int(sleeve)].asset
            let rate = pools[Int(lead)].isMultiAsset ? try? conversion(of: asset) : nil
            for row in pools[Int(sleeve)].rows {
                let amount = notional(of: row)
                add(
                    rate?.requirement(amount) ?? amount,
                    weight(of: positions.held[row].instrument, at: moved)
                )
            }
            guard let rate, !rate.isCurrency, let equity = equity(ofWallet: sleeve) else {
                continue
            }
            let value = rate.plain(equity).magnitude
            add(Int128(clamping: value), indexMoves.weights[Int(asset)])
        }
        return (gross, weighted)
    }

    // MARK: Holders of an index

    /// Puts the wallets of accounts whose assets back each other among the holders of their asset's
    /// index, and takes the others out.
    mutating func refreshIndexHolder(_ pool: Int32) {
        let asset = pools[Int(pool)].asset
        let holder = indexHolders[pool]
        guard pools[Int(pool)].isMultiAsset != (holder != nil) else { return }
        guard let holder else {
            indexHolders[pool] = indexEdges.add(pool, to: asset, .nowhere)
            return
        }
        indexHolders[pool] = nil
        if let moved = indexEdges.remove(holder, from: asset) { indexHolders[moved.pool] = holder }
    }
}

extension Standing {
    /// Nothing is better.
    @inline(__always)
    var isBest: Bool { band == .safe && mode == .normal }
    /// Nothing is worse.
    @inline(__always)
    var isWorst: Bool { band == .liquidation && mode == .liquidating }
}
