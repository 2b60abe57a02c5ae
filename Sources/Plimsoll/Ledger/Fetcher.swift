/// An account that an event is about, and the instrument that it trades, if it does.
public struct Expected: BitwiseCopyable, Hashable, Sendable {
    /// The account.
    public var account: AccountID
    /// The instrument of a fill.
    public var instrument: InstrumentID?

    /// `account` comes next, with a fill in `instrument` or with something else.
    public init(account: AccountID, instrument: InstrumentID? = nil) {
        self.account = account
        self.instrument = instrument
    }
}

/// Brings the rows of accounts into the cache before the events that need them.
///
/// Left to itself an event waits for memory four times, one after the other: the account says where
/// its pool is, the pool where its positions are, and these which one is traded. Taken together, the
/// processor waits for the rows of many accounts at once. Nothing here is state, and nothing changes
/// an answer.
struct Fetcher: Sendable {
    /// What was read last: a word that is used for nothing would not be read.
    private var read: Int64 = 0
    /// The first pools of the accounts at hand.
    private var pools = Column<Int32>()

    /// Reads a word of every line that the events will need, table by table.
    @inline(never)
    mutating func fetch(_ expected: [Expected], in ledger: borrowing Ledger) {
        pools.claim()
        pools.removeAll()
        for next in expected {
            let account = Int(next.account.index)
            let isKnown = ledger.accounts.indices.contains(account)
            pools.append(isKnown ? ledger.accounts[account].firstPool : -1)
        }
        for pool in pools where pool >= 0 { read &+= Int64(ledger.pools[Int(pool)].start) }
        for pool in pools where pool >= 0 {
            // Of a pool with very many positions an event needs few. Four rows share a line.
            let rows = ledger.pools[Int(pool)].rows
            for row in stride(
                from: rows.lowerBound,
                to: rows.lowerBound + min(24, rows.count),
                by: 4
            ) {
                read &+= ledger.positions.held[row].quantity
            }
        }
        for (pool, next) in zip(pools, expected) where pool >= 0 {
            guard let instrument = next.instrument?.index else { continue }
            let rows = ledger.pools[Int(pool)].rows.prefix(24)
            for row in rows where ledger.positions.held[row].instrument == instrument {
                read &+= Int64(truncatingIfNeeded: ledger.positions.cost[row])
            }
        }
    }
}
