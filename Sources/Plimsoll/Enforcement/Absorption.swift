import PlimsollUnits

extension Ledger {
    /// A pool without positions: what it owes is paid by the fund, then by others, and it ends at
    /// nothing.
    ///
    /// A debt waits while its account still owns something: another asset of a multi-asset account,
    /// which is converted where the rulebook says so, and an isolated position in the asset that is owed,
    /// which gives back what is left of it when it is closed.
    mutating func absorb(_ lead: Int32, _ rules: Enforcement, _ effects: inout Effects) {
        let sleeves = sleeves(of: lead)
        let owed = sleeves.filter { pools[Int($0)].wallet < 0 }
        let others = poolIDs(of: pools[Int(lead)].account).filter { !sleeves.contains($0) }
        let owns =
            sleeves.contains { pools[Int($0)].wallet > 0 && !isDust($0, for: owed, rules) }
            || (pools[Int(lead)].isolated < 0
                && others.contains { other in
                    (equity(ofWallet: other) ?? 1) > 0 && pools[Int(other)].isolated >= 0
                        && owed.contains { pools[Int($0)].asset == pools[Int(other)].asset }
                })
        guard owed.isEmpty || !owns else { return }
        var outcome = LiquidationEnded.Outcome.closed
        for pool in owed {
            outcome = .absorbed
            absorbDebt(of: pool, lead, rules, &effects)
        }
        end(lead, outcome, &effects)
        touch(lead)
    }

    private mutating func absorbDebt(
        of pool: Int32,
        _ lead: Int32,
        _ rules: Enforcement,
        _ effects: inout Effects
    ) {
        let deficit = -pools[Int(pool)].wallet
        let instruments = (liquidations[lead]?.instruments ?? []).sorted()
        var paid: Int128 = 0
        for instrument in fundOrder(instruments, pool) where paid < deficit {
            paid += payFromFund(pool, lead: lead, deficit - paid, of: instrument, &effects)
        }
        let loss = deficit - paid
        var shared: Int128 = 0
        if loss > 0 {
            let closed = liquidations[lead]?.closed ?? [:]
            for share in lossShares(loss, of: pool, instruments, closed, rules.socialisation) {
                pay(
                    share.amount,
                    of: loss,
                    from: share.pool,
                    basis: share.basis,
                    to: pool,
                    lead,
                    &effects
                )
                shared += share.amount
            }
        }
        effects.append(
            .bankruptcyDeclared(
                BankruptcyDeclared(
                    liquidation: liquidations[lead]?.number ?? 0,
                    account: AccountID(index: pools[Int(pool)].account),
                    pool: PoolID(index: pool),
                    deficit: Money(units: deficit),
                    paidByFund: Money(units: paid),
                    socialised: Money(units: shared),
                    paidByHouse: Money(units: loss - shared)
                )
            )
        )
        // Nobody was left who could pay: the venue's own house does, and shows it.
        let rest = loss - shared
        guard rest > 0 else { return }
        assets[Int(pools[Int(pool)].asset)].house -= rest
        credit(pool, rest, .socialisedLoss, &effects)
    }

    /// The instruments whose funds pay for a pool, each fund once: those that were liquidated, or any
    /// of the pool's asset where none was.
    private func fundOrder(_ liquidated: [Int32], _ pool: Int32) -> [Int32] {
        let asset = pools[Int(pool)].asset
        let own = liquidated.filter { terms[Int($0)].settle == asset }
        let all =
            own.isEmpty
            ? instruments.indices.map { Int32($0) }.filter { terms[Int($0)].settle == asset } : own
        var seen: Set<Int32> = []
        return all.filter { instrument in
            guard let account = fund(of: instrument)?.account else { return false }
            return seen.insert(account).inserted
        }
    }

    private struct Share {
        var pool: Int32
        var basis: Int128
        var amount: Int128
    }

    /// Who pays how much of a loss in the asset of `pool`: exactly all of it, or all that they can.
    private func lossShares(
        _ loss: Int128,
        of pool: Int32,
        _ liquidated: [Int32],
        _ closed: [Int32: Liquidation.Closed],
        _ rule: Socialisation
    ) -> [Share] {
        let account = pools[Int(pool)].account
        var payers: [(pool: Int32, basis: Int128, cap: Int128)] = []
        for (index, other) in pools.enumerated()
        where other.asset == pools[Int(pool)].asset && other.account != account
            && !other.isUnmargined && !isUnderWay(Int32(index))
        {
            guard let equity = equity(ofWallet: Int32(index)), equity > 0 else { continue }
            switch rule {
            case .winners:
                let profit = equity - other.wallet + (closed[Int32(index)]?.profit ?? 0)
                if profit > 0 { payers.append((Int32(index), profit, min(profit, equity))) }
            case .openInterest:
                // By value, since sizes of different instruments do not add up.
                let value = other.rows.reduce(closed[Int32(index)]?.value ?? 0) { sum, row in
                    let counts = liquidated.contains(positions.held[row].instrument)
                    return counts ? sum + notional(of: row) : sum
                }
                if value > 0 { payers.append((Int32(index), value, equity)) }
            }
        }
        let amounts = LossShares.shares(
            of: min(loss, payers.reduce(Int128(0)) { $0 + $1.cap }),
            by: payers.map(\.basis),
            caps: payers.map(\.cap)
        )
        return zip(payers, amounts).compactMap { payer, amount in
            amount > 0 ? Share(pool: payer.pool, basis: payer.basis, amount: amount) : nil
        }
    }
}
