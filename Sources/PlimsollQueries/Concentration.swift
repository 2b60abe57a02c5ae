package import Plimsoll
package import PlimsollUnits

/// A large position, with its share of what is open.
package struct ConcentratedPosition: Hashable, Sendable {
    /// The account, by name.
    package var account: String
    package var symbol: String
    package var instrument: InstrumentID
    /// Signed size.
    package var quantity: Quantity
    /// The magnitude of its value at the mark, in the settlement asset; `nil` without a mark.
    package var notional: Money?
    /// Its size ÷ the open interest of its instrument, rounded down.
    package var share: Rate
}

/// The largest positions of each instrument and side.
struct Concentration {
    /// How many are kept of each instrument and side.
    static let depth = 3
    /// How many are shown.
    static let limit = 100

    private struct Holder {
        var account: AccountID
        var glance: PositionGlance
        var size: Int64 {
            glance.quantity.units < 0 ? -glance.quantity.units : glance.quantity.units
        }
    }

    /// By instrument, twice: longs, shorts.
    private var largest: [[Holder]]

    init(instruments: Int) {
        largest = Array(repeating: [], count: 2 * instruments)
    }

    mutating func see(_ glance: PositionGlance, of account: AccountID) {
        let side = 2 * Int(glance.instrument.index) + (glance.quantity.units < 0 ? 1 : 0)
        let holder = Holder(account: account, glance: glance)
        let count = largest[side].count
        // Of two that are alike the one that was opened first stays before.
        if count == Self.depth, largest[side][count - 1].size >= holder.size { return }
        if count == Self.depth { largest[side].removeLast() }
        let place = largest[side].firstIndex { $0.size < holder.size } ?? largest[side].count
        largest[side].insert(holder, at: place)
    }

    /// The positions with the largest values, the largest first.
    func positions(_ engine: Engine, _ interest: [OpenInterest]) -> [ConcentratedPosition] {
        let directory = engine.directory
        var valued: [(value: Money, position: ConcentratedPosition)] = []
        for holder in largest.joined() {
            let glance = holder.glance
            let open = interest[Int(glance.instrument.index)].quantity.units
            let share = Int128(holder.size).multiplied(
                by: PowerOfTen.eight,
                dividedBy: max(1, open),
                rounding: .down
            )
            let asset = engine.settlement(of: glance.instrument)
            valued.append(
                (
                    glance.notional.flatMap { engine.value($0, of: asset) } ?? .zero,
                    ConcentratedPosition(
                        account: directory.name(holder.account),
                        symbol: directory.name(glance.instrument),
                        instrument: glance.instrument,
                        quantity: glance.quantity,
                        notional: glance.notional,
                        share: Rate(unchecked: Int64(clamping: share ?? 0))
                    )
                )
            )
        }
        // Sorting is stable: instrument and side decide where values are alike.
        return valued.sorted { $0.value > $1.value }.prefix(Self.limit).map(\.position)
    }
}
