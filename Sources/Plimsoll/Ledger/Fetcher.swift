/// Asks for the rows of accounts before the events come that need them.
///
/// Left to itself an event waits for memory three times, one after the other: the account says where its
/// pool is, and the pool where its positions are. Here each of three calls takes a group of accounts one step
/// further and waits for nothing. It is not state and changes no answer.
struct Fetcher: Sendable {
    /// Accounts whose rows were asked for by the last call.
    private var accounts = Column<Int32>()
    /// Pools whose rows were asked for by the last call.
    private var pools = Column<Int32>()

    /// Asks for the rows of `next`, and for what those rows lead to that were asked for before.
    mutating func fetch(_ next: [AccountID], in ledger: borrowing Ledger) {
        accounts.claim()
        pools.claim()
        for pool in pools {
            // Of a pool with very many positions an event needs few; one may be opened behind the last.
            let pool = ledger.pools[Int(pool)]
            let rows = pool.rows.lowerBound..<pool.rows.lowerBound + Int(min(24, pool.count + 1))
            ledger.positions.held.prefetch(rows)
            ledger.positions.cost.prefetch(rows)
            ledger.positions.holder.prefetch(rows)
        }
        pools.removeAll()
        for account in accounts {
            let pool = ledger.accounts[Int(account)].firstPool
            guard pool >= 0 else { continue }
            ledger.pools.prefetch(Int(pool)..<Int(pool) + 1)
            pools.append(pool)
        }
        accounts.removeAll()
        for account in next where ledger.accounts.indices.contains(Int(account.index)) {
            ledger.accounts.prefetch(Int(account.index)..<Int(account.index) + 1)
            accounts.append(account.index)
        }
    }
}
