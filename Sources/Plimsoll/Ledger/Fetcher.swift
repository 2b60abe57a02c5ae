/// Brings the rows of accounts into the cache before the events that need them.
///
/// Left to itself an event waits for memory three times, one after the other: the account says where
/// its pool is, the pool where its positions are. Taken together, the processor waits for the rows of
/// many accounts at once. Nothing here is state, and nothing changes an answer.
struct Fetcher: Sendable {
    /// What was read last: a word that is used for nothing would not be read.
    private var read: Int64 = 0

    /// Reads a word of every line that events about `accounts` will need, table by table.
    @inline(never)
    mutating func fetch(_ accounts: [AccountID], in ledger: borrowing Ledger) {
        for account in accounts where ledger.accounts.indices.contains(Int(account.index)) {
            read &+= Int64(ledger.accounts[Int(account.index)].firstPool)
        }
        for account in accounts where ledger.accounts.indices.contains(Int(account.index)) {
            let pool = Int(ledger.accounts[Int(account.index)].firstPool)
            guard pool >= 0 else { continue }
            read &+= Int64(truncatingIfNeeded: ledger.pools[pool].wallet)
            read &+= Int64(ledger.pools[pool].visited)
        }
        for account in accounts where ledger.accounts.indices.contains(Int(account.index)) {
            let pool = Int(ledger.accounts[Int(account.index)].firstPool)
            guard pool >= 0 else { continue }
            // Of a pool with very many positions an event needs few.
            let start = Int(ledger.pools[pool].start)
            let end = start + min(16, Int(ledger.pools[pool].count))
            for row in stride(from: start, to: end, by: 2) {
                read &+= Int64(ledger.positions.detail[row].leverage)
            }
            for row in stride(from: start, to: end, by: 8) {
                read &+= ledger.positions.quantity[row]
                read &+= Int64(ledger.positions.instrument[row])
            }
        }
    }
}
