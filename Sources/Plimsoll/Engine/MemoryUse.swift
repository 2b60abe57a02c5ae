/// The memory that an engine's tables take, in bytes, with the room that they keep for growth.
///
/// Names, open orders, settings and identities of events are not counted.
public struct MemoryUse: Hashable, Sendable {
    /// Quantities, costs and leverages of positions.
    public var positions: Int
    /// Accounts and their pools.
    public var accounts: Int
    /// Who holds each instrument, and the edges of safe bands.
    public var index: Int
}

extension Engine {
    /// The memory of its tables: what a book of this size costs.
    public var memoryUse: MemoryUse {
        let table = ledger.positions
        return MemoryUse(
            positions: table.held.bytes + table.cost.bytes + table.holder.bytes,
            accounts: ledger.accounts.bytes + ledger.pools.bytes,
            index: ledger.markEdges.bytes + ledger.indexEdges.bytes + ledger.withoutBand.bytes
                + ledger.examined.bytes
        )
    }
}
