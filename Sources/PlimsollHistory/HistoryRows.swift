/// Rows on their way to the file, and the event up to which they go.
struct HistoryRows: Sendable {
    /// One effect.
    struct EffectRow: Sendable {
        var place: EffectPlace
        var time: Int64
        var type: String
        var isMovement: Bool
        var accounts: [Int32]
        var json: String
    }

    private(set) var effects: [EffectRow] = []
    private(set) var liquidations: [LiquidationRecord] = []
    private(set) var samples: [AccountSample] = []
    /// The last event whose rows are all here; 0: none.
    var sequence: UInt64 = 0
    /// About how many bytes they take.
    private(set) var weight = 0

    /// How many rows there are.
    var count: Int { effects.count + liquidations.count + samples.count }

    /// There is nothing to write, not even how far it goes.
    var isEmpty: Bool { count == 0 && sequence == 0 }

    mutating func append(_ row: EffectRow) {
        effects.append(row)
        weight += 128 + row.json.utf8.count
    }

    mutating func append(_ record: LiquidationRecord) {
        liquidations.append(record)
        weight += 256
    }

    mutating func append(_ sample: AccountSample) {
        samples.append(sample)
        weight += 96
    }

    /// Takes over all rows of `other`, which come later.
    mutating func take(_ other: inout HistoryRows) {
        effects.append(contentsOf: other.effects)
        liquidations.append(contentsOf: other.liquidations)
        samples.append(contentsOf: other.samples)
        sequence = max(sequence, other.sequence)
        weight += other.weight
        other.removeAll()
    }

    mutating func removeAll() {
        effects.removeAll(keepingCapacity: true)
        liquidations.removeAll(keepingCapacity: true)
        samples.removeAll(keepingCapacity: true)
        sequence = 0
        weight = 0
    }
}
