import PlimsollUnits

/// The figures of one margin pool: of its settlement asset, or of the rulebook's currency in
/// multi-asset mode.
///
/// Amounts in 10⁻¹⁶, maintenance in 10⁻²⁴.
struct PoolFigures: Equatable, Sendable {
    var wallet: Int128 = 0
    var unrealized: Int128 = 0
    /// What backs the requirement: wallet + unrealised, after haircuts in multi-asset mode.
    var equity: Int128 = 0
    var positionInitial: Int128 = 0
    var orderInitial: Int128 = 0
    var maintenance: Int128 = 0
    /// A price that it rests on is older than the rulebook allows.
    var isStale = false
    /// At a corner of a safe band: how far a figure can go inside of it is not known.
    var isUnbounded = false

    /// Positions and orders.
    var initial: Int128 { positionInitial + orderInitial }

    /// Maintenance in 10⁻¹⁶, rounded up.
    var maintenanceMoney: Int128 {
        maintenance.divided(by: PowerOfTen.eight, rounding: .up)
    }

    /// Equity in 10⁻²⁴; it ends at the largest number instead of trapping.
    var equityFine: Int128 {
        let (product, overflow) = equity.multipliedReportingOverflow(by: PowerOfTen.eight)
        return overflow ? (equity < 0 ? Int128.min : Int128.max) : product
    }
}

/// A price without which a pool has no figures.
enum MissingPrice: Error, Hashable, Sendable {
    case mark(Int32)
    case index(Int32)
}

/// What is different from the present state while a pool is valued.
struct Supposition: Sendable {
    /// One instrument at another mark.
    var trial: (instrument: Int32, price: Int64)?
    /// Unrealised profit does not count, losses do.
    var withoutProfit = false
    /// A wallet that holds more or less.
    var walletChange: (asset: Int32, amount: Int128)?
    /// One more open order.
    var order: Order?
    /// Another leverage for one instrument.
    var leverage: (instrument: Int32, hundredths: Int64)?
    /// Positions, by row, that are reduced to these quantities at the mark.
    var kept: [Int: Int64] = [:]
    /// Stale prices are taken at the edge of their band that favours the pool.
    var favourable = false
    /// Each figure is taken at the end of its safe band where it is worst, or best.
    var corner: Corner?

    /// The present state.
    static let none = Supposition()
}

extension Ledger {
    /// The figures of the pool whose lead is `lead`, as things are or as supposed.
    func figures<Sink: TermSink>(
        ofPool lead: Int32,
        supposing: Supposition = .none,
        into sink: inout Sink
    ) throws(MissingPrice) -> PoolFigures {
        let first = pools[Int(lead)]
        guard first.isMultiAsset else {
            var figures = try sleeve(lead, supposing, into: &sink)
            figures.equity =
                figures.wallet
                + (supposing.withoutProfit ? min(0, figures.unrealized) : figures.unrealized)
            return figures
        }
        var total = PoolFigures()
        var pool = accounts[Int(first.account)].firstPool
        while pool >= 0 {
            if pools[Int(pool)].isolated < 0 {
                let own = try sleeve(pool, supposing, into: &sink)
                try add(own, of: pool, to: &total, supposing, into: &sink)
            }
            pool = pools[Int(pool)].next
        }
        return total
    }

    /// The same without explanation.
    func figures(
        ofPool lead: Int32,
        supposing: Supposition = .none
    ) throws(MissingPrice) -> PoolFigures {
        var nothing = NoTerms()
        return try figures(ofPool: lead, supposing: supposing, into: &nothing)
    }

    // MARK: One wallet

    /// Wallet, profit and requirements of one wallet, in its asset; equity is left to the caller.
    private func sleeve<Sink: TermSink>(
        _ pool: Int32,
        _ supposing: Supposition,
        into sink: inout Sink
    ) throws(MissingPrice) -> PoolFigures {
        let row = pools[Int(pool)]
        var figures = PoolFigures()
        figures.wallet = row.wallet
        if let change = supposing.walletChange, change.asset == row.asset, row.isolated < 0 {
            figures.wallet += change.amount
        }
        sink.add {
            Term(
                .wallet,
                row.isolated < 0 ? "cross wallet" : "isolated margin",
                subject: directory.assets[Int(row.asset)],
                value: Text.money(figures.wallet)
            )
        }
        let nets = row.isolated < 0 && terms(of: row.account)?.nets == true
        var sides = NettedSides()
        for index in Int(row.start)..<Int(row.start + row.count) {
            let instrument = positions.held[index].instrument
            var position = view(index, isIsolated: row.isolated >= 0)
            if let other = supposing.leverage, other.instrument == instrument {
                position.leverage = other.hundredths
            }
            let prices = try prices(of: instrument, position.quantity, supposing)
            let margin = instruments[Int(instrument)].margin
            var own = margin.figures(position, prices, into: &sink)
            if let corner = supposing.corner {
                guard let bound = try bound(margin, position, index, corner) else {
                    figures.isUnbounded = true
                    return figures
                }
                own = bound
            }
            if let kept = supposing.kept[index] {
                own = reduced(position, to: kept, margin, prices, profit: own.unrealized)
            }
            figures.unrealized += own.unrealized
            figures.isStale = figures.isStale || isStale(instrument)
            if nets {
                let group = instruments[Int(instrument)].group
                sides.add(own, group: group, isLong: position.quantity > 0)
            } else {
                figures.positionInitial += own.initial - own.paidByCross
                figures.maintenance = saturatingSum(figures.maintenance, own.maintenance)
            }
        }
        for side in sides.groups {
            figures.positionInitial += max(side.long.initial, side.short.initial)
            figures.maintenance = saturatingSum(
                figures.maintenance,
                max(side.long.maintenance, side.short.maintenance)
            )
            sink.add { .netted(side, symbol: directory.instruments[Int(side.group)]) }
        }
        if row.isolated < 0 {
            figures.orderInitial = try orderInitial(
                of: row.account,
                asset: row.asset,
                supposing,
                into: &sink
            )
        }
        return figures
    }

    /// The figures of a position that keeps `quantity`; what closes at the mark moves its profit into
    /// the wallet, which changes no equity, so the profit stays whole.
    private func reduced(
        _ position: PositionView,
        to quantity: Int64,
        _ margin: PositionMargin,
        _ prices: PositionPrices,
        profit: Int128
    ) -> PositionFigures {
        var figures = PositionFigures()
        if quantity != 0 {
            var rest = position
            rest.cost -= Valuation.released(
                position.cost,
                part: position.quantity - quantity,
                whole: position.quantity,
                margin.rules
            )
            rest.quantity = quantity
            var nothing = NoTerms()
            figures = margin.figures(rest, prices, into: &nothing)
        }
        figures.unrealized = profit
        return figures
    }

    /// The prices that value a position of `quantity` in `instrument`.
    func prices(
        of instrument: Int32,
        _ quantity: Int64,
        _ supposing: Supposition = .none
    ) throws(MissingPrice) -> PositionPrices {
        // Fields are read where they are: a copy of the row would count its references.
        let index = Int(instrument)
        var mark = instruments[index].mark
        if let trial = supposing.trial, trial.instrument == instrument {
            mark = trial.price
        } else if supposing.favourable, isStale(instrument) {
            mark = favourableEdge(of: instruments[index], quantity)
        }
        guard mark > 0 else { throw .mark(instrument) }
        return PositionPrices(
            mark: mark,
            index: terms[index].usesIndex ? indexPrice(of: instruments[index]) ?? mark : mark,
            fundingRate: instruments[index].fundingRate,
            openInterest: instruments[index].openInterest
        )
    }

    /// A price that values an instrument is older than the rulebook allows: its mark, or its index
    /// where a requirement is valued at it.
    func isStale(_ instrument: Int32) -> Bool {
        let index = Int(instrument)
        let venue = Int(instruments[index].venue.index)
        guard let maxAge = venues[venue].terms?.priceGuard.maxAge else { return false }
        if terms[index].usesIndex, let base = instruments[index].base, isStaleIndex(base.index) {
            return true
        }
        let age = clock.nanoseconds - instruments[index].markTime.nanoseconds
        return instruments[index].mark > 0 && age > maxAge
    }

    /// An index price is older than the rulebook allows.
    func isStaleIndex(_ asset: Int32) -> Bool {
        let row = assets[Int(asset)]
        guard let maxAge = venues[Int(row.venue.index)].rulebook?.priceGuard.maxAge,
            row.index > 0
        else { return false }
        return clock.nanoseconds - row.indexTime.nanoseconds > maxAge
    }

    /// The index of an instrument's underlying in its quote currency, if it is known.
    ///
    /// Indexes are in the rulebook's currency. Another quote currency is divided by its own index; one
    /// without index is taken at par (a stable coin), unless it is itself an underlying.
    func indexPrice(of row: Instrument) -> Int64? {
        guard let base = row.base, assets[Int(base.index)].index > 0 else { return nil }
        let index = assets[Int(base.index)].index
        let quote = row.rules.quote
        guard let rulebook = venues[Int(row.venue.index)].rulebook, quote != rulebook.currency
        else {
            return index
        }
        let asset = directory.asset(quote, in: row.venue)
        if let asset, assets[Int(asset.index)].index > 0 {
            let price = (Int128(index) * PowerOfTen.eight).divided(
                by: Int128(assets[Int(asset.index)].index),
                rounding: .halfEven
            )
            return Int64(min(max(1, price), Int128(Limits.price)))
        }
        return rulebook.instruments.contains { $0.base == quote } ? nil : index
    }

    /// The edge of a stale mark's band that favours a position of `quantity`.
    private func favourableEdge(of row: Instrument, _ quantity: Int64) -> Int64 {
        guard let width = venues[Int(row.venue.index)].rulebook?.priceGuard.width else {
            return row.mark
        }
        let factor = PowerOfTen.eight + Int128(quantity > 0 ? width.units : -width.units)
        let edge = (Int128(row.mark) * factor).divided(by: PowerOfTen.eight, rounding: .down)
        return Int64(min(max(1, edge), Int128(Limits.price)))
    }

    // MARK: Many assets

    /// Adds the figures of one asset to those of a multi-asset pool, in the rulebook's currency.
    private func add<Sink: TermSink>(
        _ own: PoolFigures,
        of pool: Int32,
        to total: inout PoolFigures,
        _ supposing: Supposition,
        into sink: inout Sink
    ) throws(MissingPrice) {
        let asset = pools[Int(pool)].asset
        let profit = supposing.withoutProfit ? min(0, own.unrealized) : own.unrealized
        let equity = own.wallet + profit
        let needs = own.positionInitial != 0 || own.orderInitial != 0 || own.maintenance != 0
        total.isStale = total.isStale || own.isStale
        total.isUnbounded = total.isUnbounded || own.isUnbounded
        guard equity != 0 || own.wallet != 0 || own.unrealized != 0 || needs else { return }
        var rate = try conversion(of: asset)
        var value = rate.collateral(equity)
        if let corner = supposing.corner, !rate.isCurrency {
            guard let holder = indexHolders[pool] else {
                preconditionFailure("Invariant: the wallets of a multi-asset pool hold their index")
            }
            // Collateral rises with the index, or falls; a requirement rises, unless deductions have
            // made it negative.
            total.isUnbounded = total.isUnbounded || own.maintenance < 0
            let edges = indexEdges.edges(of: asset, holder)
            let low = Conversion(index: edges.lower, rule: rate.rule, isCurrency: false)
            let high = Conversion(index: edges.upper, rule: rate.rule, isCurrency: false)
            let ends = (low.collateral(equity), high.collateral(equity))
            value = corner == .worst ? min(ends.0, ends.1) : max(ends.0, ends.1)
            rate = corner == .worst ? high : low
        }
        total.isStale = total.isStale || (!rate.isCurrency && isStaleIndex(asset))
        total.equity += value
        total.wallet += rate.plain(own.wallet)
        total.unrealized += rate.plain(own.unrealized)
        total.positionInitial += rate.requirement(own.positionInitial)
        total.orderInitial += rate.requirement(own.orderInitial)
        let maintenance = rate.requirement(own.maintenanceMoney)
        let (fine, overflow) = maintenance.multipliedReportingOverflow(by: PowerOfTen.eight)
        total.maintenance = saturatingSum(total.maintenance, overflow ? Int128.max : fine)
        sink.add {
            .collateral(directory.assets[Int(asset)], equity: equity, rate: rate, value: value)
        }
    }

    /// How amounts of `asset` count in the currency of its venue's rulebook.
    func conversion(of asset: Int32) throws(MissingPrice) -> Conversion {
        let row = assets[Int(asset)]
        let isCurrency = venues[Int(row.venue.index)].currency?.index == asset
        guard isCurrency || row.index > 0 else { throw .index(asset) }
        return Conversion(
            index: isCurrency ? Int64(PowerOfTen.eight) : row.index,
            rule: row.collateral,
            isCurrency: isCurrency
        )
    }
}

/// How amounts of one asset count in the rulebook's currency.
///
/// The one place where two assets meet.
struct Conversion: Sendable {
    let index: Int64
    let rule: CollateralRule?
    let isCurrency: Bool

    /// Currency per unit for what is owned, 10⁻¹⁶: index × (1 − bid buffer).
    var bid: Int128 { Int128(index) * (PowerOfTen.eight - Int128(rule?.bidBuffer.units ?? 0)) }
    /// Currency per unit for what is owed or needed, 10⁻¹⁶: index × (1 + ask buffer).
    var ask: Int128 { Int128(index) * (PowerOfTen.eight + Int128(rule?.askBuffer.units ?? 0)) }

    /// `amount` at the index, without haircut, rounded down.
    func plain(_ amount: Int128) -> Int128 { times(amount, Int128(index), PowerOfTen.eight, .down) }

    /// What `equity` counts as collateral: at bid and weighted by tiers when positive, at ask and in
    /// full when negative; rounded down.
    func collateral(_ equity: Int128) -> Int128 {
        guard equity >= 0 else { return times(equity, ask, PowerOfTen.sixteen, .down) }
        guard let rule else { return isCurrency ? equity : 0 }
        let value = times(equity, bid, PowerOfTen.sixteen, .down)
        guard !rule.tiers.isEmpty else { return value }
        var counted: Int128 = 0
        for (number, tier) in rule.tiers.enumerated() {
            let cap = number + 1 < rule.tiers.count ? rule.tiers[number + 1].floor.units : value
            let part = min(value, cap) - tier.floor.units
            guard part > 0 else { break }
            counted += times(part, Int128(tier.weight.units), PowerOfTen.eight, .down)
        }
        return counted
    }

    /// What a requirement of `amount` is in the currency, at ask, rounded up.
    func requirement(_ amount: Int128) -> Int128 {
        times(amount, ask, PowerOfTen.sixteen, .up)
    }

    private func times(
        _ amount: Int128,
        _ factor: Int128,
        _ divisor: Int128,
        _ rounding: Rounding
    ) -> Int128 {
        amount.multiplied(by: factor, dividedBy: divisor, rounding: rounding)
            ?? (amount < 0 ? -Limits.money * 1_000 : Limits.money * 1_000)
    }
}

/// The long and short requirements of each underlying in a pool that nets them.
struct NettedSides: Sendable {
    struct Side: Sendable {
        var initial: Int128 = 0
        var maintenance: Int128 = 0
    }

    struct Group: Sendable {
        var group: Int32
        var long = Side()
        var short = Side()
    }

    var groups: [Group] = []

    mutating func add(_ figures: PositionFigures, group: Int32, isLong: Bool) {
        let index: Int
        if let found = groups.firstIndex(where: { $0.group == group }) {
            index = found
        } else {
            index = groups.count
            groups.append(Group(group: group))
        }
        let side = isLong ? \Group.long : \Group.short
        groups[index][keyPath: side].initial += figures.initial
        groups[index][keyPath: side].maintenance = saturatingSum(
            groups[index][keyPath: side].maintenance,
            figures.maintenance
        )
    }
}

extension Term {
    static func netted(_ side: NettedSides.Group, symbol: String) -> Term {
        Term(
            .maintenanceMargin,
            "larger side of one underlying",
            subject: symbol,
            operands: [
                Operand("long", Text.fine(side.long.maintenance)),
                Operand("short", Text.fine(side.short.maintenance)),
            ],
            formula: "max(long, short)",
            value: Text.fine(max(side.long.maintenance, side.short.maintenance))
        )
    }

    static func collateral(
        _ asset: String,
        equity: Int128,
        rate: Conversion,
        value: Int128
    ) -> Term {
        Term(
            .collateral,
            equity < 0 ? "debt at ask" : "collateral at bid",
            subject: asset,
            operands: [
                Operand("equity", Text.money(equity)),
                Operand("rate", Text.money(equity < 0 ? rate.ask : rate.bid)),
            ],
            formula: equity < 0 || rate.rule?.tiers.isEmpty != false
                ? "equity × rate" : "equity × rate, weighted by tiers",
            value: Text.money(value)
        )
    }
}
