import Plimsoll
import PlimsollReports
import PlimsollUnits

/// Adds up the effects of liquidations: those under way, and those that the last event changed.
struct LiquidationFold {
    private var open: [UInt64: LiquidationRecord]
    /// The liquidation of each order that is out.
    private var owners: [UInt64: UInt64] = [:]
    private var changed: Set<UInt64> = []

    /// Goes on with those that were under way.
    init(_ open: [LiquidationRecord]) {
        self.open = Dictionary(uniqueKeysWithValues: open.map { ($0.number, $0) })
        for record in open {
            for order in record.working { owners[order.number] = record.number }
        }
    }

    /// The account of a liquidation that is under way, or ended with this event.
    func account(of number: UInt64) -> AccountID? { open[number]?.account }

    /// The account that a liquidation order is for.
    func account(ofOrder number: UInt64) -> AccountID? {
        owners[number].flatMap { open[$0]?.account }
    }

    /// Takes one event in; after it `engine` is as it is.
    mutating func follow(
        _ event: Event,
        _ effects: some Collection<Effect>,
        sequence: UInt64,
        _ engine: Engine
    ) {
        guard !effects.contains(where: \.isRefusal) else { return }
        switch event.body {
        case .liquidationFilled(let fill): close(fill.order, fill.quantity.units, sequence)
        case .liquidationOrderEnded(let end): forget(end.order, sequence)
        default: break
        }
        var debt: AssetID?
        for effect in effects {
            if case .balanceChanged(let change) = effect { debt = change.asset }
            guard let number = effect.liquidation else { continue }
            if open[number] == nil {
                guard let place = place(of: number, effects, engine) else { continue }
                open[number] = LiquidationRecord(
                    number: number,
                    account: place.account,
                    accountName: engine.directory.name(place.account),
                    pool: engine.place(of: place.pool)?.name(engine.directory) ?? "",
                    startedAt: event.at,
                    firstSequence: sequence,
                    lastSequence: sequence
                )
            }
            add(effect, to: number, at: event.at, debt, engine)
            touch(number, sequence)
        }
    }

    /// What the event changed; those that ended are forgotten.
    mutating func takeChanged() -> [LiquidationRecord] {
        guard !changed.isEmpty else { return [] }
        let records = changed.sorted().compactMap { open[$0] }
        changed.removeAll()
        for record in records where record.endedAt != nil {
            for order in record.working { owners[order.number] = nil }
            open[record.number] = nil
        }
        return records
    }

    private mutating func touch(_ number: UInt64, _ sequence: UInt64) {
        open[number]?.lastSequence = sequence
        changed.insert(number)
    }

    /// The pool of a liquidation that nothing has named yet: another effect of the event says it, or it is
    /// under way now.
    private func place(
        of number: UInt64,
        _ effects: some Collection<Effect>,
        _ engine: Engine
    ) -> (account: AccountID, pool: PoolID)? {
        for effect in effects where effect.liquidation == number {
            if let place = effect.liquidated { return place }
        }
        return engine.openLiquidations.first { $0.liquidation == number }
            .map { ($0.account, $0.pool) }
    }

    private mutating func add(
        _ effect: Effect,
        to number: UInt64,
        at time: Timestamp,
        _ debt: AssetID?,
        _ engine: Engine
    ) {
        switch effect {
        case .liquidationOrdered(let order):
            name(order.instrument, number, engine)
            owners[order.order] = number
            open[number]?.orders += 1
            open[number]?.working.append(
                LiquidationRecord.WorkingOrder(
                    number: order.order,
                    instrument: order.instrument.index,
                    left: order.quantity.units
                )
            )
        case .insuranceMoved(let move):
            guard move.reason == .takeover, let instrument = move.instrument else { break }
            name(instrument, number, engine)
            count(move.quantity.units, of: instrument, number, engine)
        case .deleveraged(let close):
            name(close.instrument, number, engine)
            count(close.change.units, of: close.instrument, number, engine)
        case .bankruptcyDeclared(let bankruptcy):
            guard let debt else { break }
            let asset = engine.directory.name(debt)
            if open[number]?.asset == nil { open[number]?.asset = asset }
            guard open[number]?.asset == asset else { break }
            open[number]?.loss += bankruptcy.deficit
            open[number]?.paidByFund += bankruptcy.paidByFund
        case .liquidationEnded(let end):
            open[number]?.endedAt = time
            open[number]?.outcome = end.outcome
        default: break
        }
    }

    private mutating func name(
        _ instrument: InstrumentID,
        _ number: UInt64,
        _ engine: Engine
    ) {
        if open[number]?.symbol == nil {
            open[number]?.symbol = engine.directory.name(instrument)
            open[number]?.instrument = instrument.index
        }
    }

    private mutating func count(
        _ units: Int64,
        of instrument: InstrumentID,
        _ number: UInt64,
        _ engine: Engine
    ) {
        guard open[number]?.instrument == instrument.index else { return }
        open[number]?.closed += Int128(units.magnitude)
    }

    /// An order was filled, in part or whole.
    private mutating func close(_ order: UInt64, _ units: Int64, _ sequence: UInt64) {
        guard let number = owners[order],
            let index = open[number]?.working.firstIndex(where: { $0.number == order }),
            let working = open[number]?.working[index]
        else { return }
        if open[number]?.instrument == working.instrument { open[number]?.closed += Int128(units) }
        open[number]?.working[index].left -= units
        touch(number, sequence)
        if working.left <= units { forget(order, sequence) }
    }

    /// An order is out no more.
    private mutating func forget(_ order: UInt64, _ sequence: UInt64) {
        guard let number = owners.removeValue(forKey: order) else { return }
        open[number]?.working.removeAll { $0.number == order }
        touch(number, sequence)
    }
}
