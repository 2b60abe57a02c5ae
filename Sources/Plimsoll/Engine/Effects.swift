import PlimsollUnits

/// What followed from events, in order: `Effect`s without references where they have none.
///
/// Nearly all effects are changes of wallets and positions. Here they are 48 bytes each that nobody counts or
/// destroys; an array of `Effect` asks of each whether it owns something.
public struct Effects: Sendable {
    private var rows = Column<Row>()
    /// Effects of the other kinds.
    private var others: [Effect] = []

    /// A wallet or a position that changed, or where another effect is.
    private struct Row: BitwiseCopyable {
        enum Kind: UInt8, BitwiseCopyable {
            case balance
            case position
            case other
        }

        var kind: Kind
        /// The source, or the leg.
        var detail: UInt8 = 0
        var account: Int32 = 0
        /// The asset, or the instrument.
        var thing: Int32 = 0
        /// The pool; of another effect its place among the others.
        var place: Int32 = 0
        /// The change, or the quantity.
        var first: Int128 = 0
        /// The balance, or the cost.
        var second: Int128 = 0
    }

    /// No effects.
    public init() {}

    /// Forgets all effects and keeps the memory for others.
    public mutating func removeAll() {
        rows.removeAll()
        if !others.isEmpty { others.removeAll(keepingCapacity: true) }
    }

    /// Makes the memory its own, so that effects may be appended: what an engine does at each event.
    mutating func claim() { rows.claim() }

    @inline(__always)
    mutating func append(_ change: BalanceChanged) {
        rows.append(
            Row(
                kind: .balance,
                detail: change.source.rawValue,
                account: change.account.index,
                thing: change.asset.index,
                place: change.pool.index,
                first: change.change.units,
                second: change.balance.units
            )
        )
    }

    @inline(__always)
    mutating func append(_ change: PositionChanged) {
        rows.append(
            Row(
                kind: .position,
                detail: change.leg.rawValue,
                account: change.account.index,
                thing: change.instrument.index,
                first: Int128(change.quantity.units),
                second: change.cost.units
            )
        )
    }

    /// Appends an effect of any kind.
    mutating func append(_ effect: Effect) {
        switch effect {
        case .balanceChanged(let change): append(change)
        case .positionChanged(let change): append(change)
        default:
            rows.append(Row(kind: .other, place: Int32(others.count)))
            others.append(effect)
        }
    }

    /// Takes those from the `first` on into the running digest over effects.
    @inline(__always)
    func absorb(from first: Int, into digest: inout StateDigest) {
        for row in rows[segment: first..<rows.count] {
            if row.kind == .other {
                digest = others[Int(row.place)].absorbed(into: digest)
                continue
            }
            // A balance: source, asset, pool (of one account for good), change and balance. A position: leg,
            // instrument, account, quantity and cost.
            let isBalance = row.kind == .balance
            let small =
                UInt32(row.kind.rawValue) | UInt32(row.detail) << 8
                | UInt32(truncatingIfNeeded: row.thing) << 16
            let owner = UInt32(bitPattern: isBalance ? row.place : row.account)
            digest.absorb(
                UInt64(small) | UInt64(owner) << 32,
                UInt64(truncatingIfNeeded: row.first),
                isBalance
                    ? UInt64(truncatingIfNeeded: row.first &>> 64)
                    : UInt64(truncatingIfNeeded: row.second),
                isBalance
                    ? UInt64(truncatingIfNeeded: row.second)
                    : UInt64(truncatingIfNeeded: row.second &>> 64)
            )
            if isBalance { digest.absorb(UInt64(truncatingIfNeeded: row.second &>> 64)) }
        }
    }
}

extension Effects: RandomAccessCollection {
    /// The first effect's place.
    public var startIndex: Int { 0 }
    /// How many effects there are.
    public var endIndex: Int { rows.count }

    /// One effect.
    public subscript(index: Int) -> Effect {
        let row = rows[index]
        switch row.kind {
        case .balance:
            return .balanceChanged(
                BalanceChanged(
                    account: AccountID(index: row.account),
                    pool: PoolID(index: row.place),
                    asset: AssetID(index: row.thing),
                    change: Money(units: row.first),
                    balance: Money(units: row.second),
                    source: BalanceChanged.Source(rawValue: row.detail) ?? .deposit
                )
            )
        case .position:
            return .positionChanged(
                PositionChanged(
                    account: AccountID(index: row.account),
                    instrument: InstrumentID(index: row.thing),
                    leg: Leg(rawValue: row.detail) ?? .net,
                    quantity: Quantity(unchecked: Int64(truncatingIfNeeded: row.first)),
                    cost: Money(units: row.second)
                )
            )
        case .other: return others[Int(row.place)]
        }
    }
}
