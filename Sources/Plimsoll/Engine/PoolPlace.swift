/// Where a pool is: whose it is, and which wallet.
///
/// Of a pool number all but `isMultiAsset` is settled when the pool is made; a pool is never removed.
public struct PoolPlace: BitwiseCopyable, Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The asset of its wallet.
    public var asset: AssetID
    /// The isolated position it is, if it is one.
    public var isolated: InstrumentID?
    /// The leg of the isolated position.
    public var leg: Leg
    /// It is one of several wallets that back each other.
    public var isMultiAsset: Bool
}

extension Engine {
    /// Where a pool is, without computing anything; `nil` if there is no pool of this number.
    public borrowing func place(of pool: PoolID) -> PoolPlace? {
        guard ledger.pools.indices.contains(Int(pool.index)) else { return nil }
        let row = ledger.pools[Int(pool.index)]
        return PoolPlace(
            account: AccountID(index: row.account),
            asset: AssetID(index: row.asset),
            isolated: row.isolated >= 0 ? InstrumentID(index: row.isolated) : nil,
            leg: row.isolatedLeg,
            isMultiAsset: row.isMultiAsset
        )
    }
}
