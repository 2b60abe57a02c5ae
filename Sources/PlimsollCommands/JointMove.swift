import Plimsoll
import PlimsollUnits
import PlimsollWire

/// How far all symbols of a cross pool may move against it together, by the same percentage.
///
/// Found by halving over the engine itself, in steps of 0.1 %.
struct JointMove {
    /// The symbols that move.
    let symbols: [String]
    /// The smallest move that puts the pool below its line, in steps of 0.1 %.
    let tenths: Int

    /// The move for `pool`, or `nil`: fewer than two symbols, no net side, or no such move below 99.9 %.
    init?(_ pool: PoolReport, of report: AccountReport, in loaded: LoadedAccount) {
        guard pool.isolated == nil, pool.band != .liquidation, loaded.believesEveryMark else {
            return nil
        }
        var nets: [(instrument: InstrumentID, symbol: String, net: Int128, mark: Price)] = []
        for position in report.positions where position.pool == pool.pool {
            guard let mark = position.markPrice else { return nil }
            if let known = nets.firstIndex(where: { $0.instrument == position.instrument }) {
                nets[known].net += Int128(position.quantity.units)
            } else {
                nets.append(
                    (position.instrument, position.symbol, Int128(position.quantity.units), mark)
                )
            }
        }
        guard nets.count > 1, nets.allSatisfy({ $0.net != 0 }) else { return nil }
        func isBelow(_ tenths: Int) -> Bool {
            var engine = loaded.engine
            var effects: [Effect] = []
            for (instrument, _, net, mark) in nets {
                let factor = Int128(net > 0 ? 1_000 - tenths : 1_000 + tenths)
                let units = (Int128(mark.units) * factor).divided(by: 1_000, rounding: .halfEven)
                guard let price = try? Price(units: Int64(clamping: max(1, units))) else {
                    return true
                }
                let body = Event.Body.marked(Marked(instrument: instrument, price: price))
                let event = Event(time: engine.clock, body: body)
                guard (try? engine.apply(event, emitting: &effects)) != nil else { return true }
            }
            return engine.standing(of: loaded.account).contains {
                $0.pool == pool.pool && $0.band == .liquidation
            }
        }
        var (low, high) = (0, 999)
        guard isBelow(high), !isBelow(low) else { return nil }
        while high - low > 1 {
            let middle = (low + high) / 2
            if isBelow(middle) { high = middle } else { low = middle }
        }
        symbols = nets.map(\.symbol)
        tenths = high
    }

    /// The move as a sentence.
    func sentence(_ pool: String) -> String {
        "\(pool): if \(symbols.joined(separator: ", ")) move against it together, the line is at a "
            + "\(tenths / 10).\(tenths % 10) % adverse move."
    }
}

extension LoadedAccount {
    /// No band holds marks back.
    fileprivate var believesEveryMark: Bool { rulebook.rulebook.priceGuard.width == nil }
}
