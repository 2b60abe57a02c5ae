import BigInt
import Plimsoll
import PlimsollUnits

/// One who pays for a loss: by how much it is measured, and how much it pays at the most.
struct Payer: Sendable {
    var wallet: Auditor.Wallet
    var basis: BigInt
    var cap: BigInt
}

/// The shares of one loss, as they are published one by one.
struct LossRound: Sendable {
    var liquidation: UInt64
    var debtor: Auditor.Wallet
    /// The whole loss, as it was published.
    var loss: BigInt
    /// Of it, what others than the fund have to pay.
    var due: BigInt
    var payers: [Payer]
    /// Charged to those who were closed at the mark, before the pool is absorbed.
    var isCharge: Bool
    var shares: [(wallet: Auditor.Wallet, share: LossSocialised)] = []
}

extension Auditor {
    /// A fund pays what a pool owes, out of cash that its positions have not lost.
    mutating func payDeficit(_ move: InsuranceMoved) {
        let balances = enforcement.trail.balances
        guard balances.count >= 2, let last = balances.last else {
            find(.unknownPlace, move.fund.index, expected: "a debtor", found: move)
            return
        }
        let debtor = wallet(last.pool, of: last.account, last.asset)
        let purse = Wallet.cross(account: move.fund.index, asset: move.asset.index)
        liquidation(move.liquidation, of: pool(of: debtor))
        let paid = -BigInt(move.amount.units)
        let cash = max(0, cash(of: purse))
        let owed = max(-wallets[debtor, default: 0], openCharge(move.liquidation))
        if paid <= 0 || paid > cash || paid > owed || !accounts[Int(move.fund.index)].isFund {
            find(
                .fundBelowZero,
                move.fund.index,
                expected: "at most \(min(cash, owed))",
                found: paid
            )
        }
        note(paid, by: move, for: debtor)
        book(-paid, to: purse)
        book(paid, to: debtor)
    }

    /// A fund pays once toward what winners are charged; everything else is toward what is owed at the
    /// end.
    private mutating func note(_ paid: BigInt, by move: InsuranceMoved, for debtor: Wallet) {
        let charge = openCharge(move.liquidation)
        let sweep = enforcement.liquidations[move.liquidation]?.handOver?.sweep
        guard charge > 0, let sweep, sweep.paidByFund == 0 else {
            enforcement.liquidations[move.liquidation]?.handOver?.sweep?.isCharged = true
            enforcement.trail.paidByFund[debtor, default: 0] += paid
            return
        }
        enforcement.liquidations[move.liquidation]?.handOver?.sweep?.paidByFund = paid
        if paid >= charge {
            enforcement.liquidations[move.liquidation]?.handOver?.sweep?.isCharged = true
        }
    }

    /// What a fund can pay: its cash, less what its positions have lost.
    private func cash(of purse: Wallet) -> BigInt {
        min(wallets[purse, default: 0], equityUnits(of: purse) ?? 0)
    }

    func pool(of wallet: Wallet) -> Pool {
        if case .cross(let account, _) = wallet, accounts[Int(account)].isMultiAsset {
            return .multiAsset(account: account)
        }
        return .wallet(wallet)
    }

    // MARK: Shares

    /// Someone pays a part of a loss.
    mutating func follow(_ share: LossSocialised) {
        defer {
            enforcement.trail.positions.removeAll()
            enforcement.trail.balances.removeAll()
        }
        guard enforcement.trail.balances.count >= 2, let last = enforcement.trail.balances.last
        else {
            find(.unknownPlace, share.account.index, expected: "a debtor", found: share)
            return
        }
        let debtor = wallet(last.pool, of: last.account, last.asset)
        if enforcement.trail.losses?.liquidation != share.liquidation
            || enforcement.trail.losses?.loss != BigInt(share.loss.units)
        {
            auditLosses()
            begin(share, debtor)
        }
        let source = wallet(share.pool, of: share.account, share.asset)
        enforcement.trail.losses?.shares.append((source, share))
        let amount = BigInt(share.amount.units)
        book(-amount, to: source)
        book(amount, to: debtor)
        // What was paid is no profit any more.
        if let closed = enforcement.liquidations[share.liquidation]?.closed[source] {
            enforcement.liquidations[share.liquidation]?.closed[source]?.profit =
                max(0, closed.profit - amount)
        }
    }

    /// Names everyone who has to pay, before anyone does.
    private mutating func begin(_ share: LossSocialised, _ debtor: Wallet) {
        liquidation(share.liquidation, of: pool(of: debtor))
        let number = share.liquidation
        let loss = BigInt(share.loss.units)
        let charge = openCharge(number)
        if charge > 0, charge == loss || -wallets[debtor, default: 0] != loss {
            let sweep = enforcement.liquidations[number]?.handOver?.sweep
            // What a multi-asset pool owes depends on prices of assets, which is left open here.
            let isMulti = accounts[Int(owner(of: debtor))].isMultiAsset
            if charge != loss, !isMulti, !isInverse(sweep?.slot.instrument) {
                find(.lossSum, share.account.index, expected: charge, found: loss)
            }
            enforcement.trail.losses = LossRound(
                liquidation: number,
                debtor: debtor,
                loss: loss,
                due: loss - (sweep?.paidByFund ?? 0),
                payers: chargePayers(sweep),
                isCharge: true
            )
        } else {
            if -wallets[debtor, default: 0] != loss {
                let owed = -wallets[debtor, default: 0]
                find(.lossSum, share.account.index, expected: owed, found: loss)
            }
            enforcement.trail.losses = LossRound(
                liquidation: number,
                debtor: debtor,
                loss: loss,
                due: loss,
                payers: payers(for: debtor, number),
                isCharge: false
            )
        }
        auditFund(number, debtor)
    }

    private func isInverse(_ instrument: Int32?) -> Bool {
        instrument.map { instruments[Int($0)].rules.payoff == .inverse } ?? false
    }

    /// What those who were closed at the mark are charged together, unless they were: what the part
    /// that was closed owed there, rounded up.
    private func openCharge(_ number: UInt64) -> BigInt {
        guard let hand = enforcement.liquidations[number]?.handOver, let sweep = hand.sweep,
            !sweep.isCharged, !sweep.closed.isEmpty, let point = hand.points[sweep.slot],
            let whole = hand.held[sweep.slot],
            rules(of: sweep.slot.account)?.deleveraging.policy == .fairCharge
        else { return 0 }
        let price = Rational(point.units, scale: 8)
        let owed =
            worthUnits(whole, at: price, in: sweep.slot.instrument)
            - worthUnits(
                whole,
                at: self.price(of: sweep.slot.instrument),
                in: sweep.slot.instrument
            )
        guard owed > 0 else { return 0 }
        let part = Rational(sweep.size - sweep.left, BigInt(whole.magnitude))
        return (Rational(owed) * part).ceiling(scale: 0)
    }

    private func chargePayers(_ sweep: Sweep?) -> [Payer] {
        (sweep?.winners ?? []).filter { sweep?.closed[$0.slot] != nil }.map {
            Payer(
                wallet: purse(of: $0.wallet),
                basis: $0.profit,
                cap: min($0.profit, max(0, $0.equity))
            )
        }
    }

    /// Everyone else in the same asset who is not under way and has equity: by profit, or by the value of
    /// positions in what was handed on.
    private func payers(for debtor: Wallet, _ number: UInt64) -> [Payer] {
        let asset = asset(of: debtor)
        let book = enforcement.liquidations[number]
        guard let rule = rules(of: owner(of: debtor))?.socialisation else { return [] }
        var places = Set(wallets.map(\.0))
        for (slot, holding) in holdings {
            places.insert(wallet(of: slot, isIsolated: holding.isIsolated))
        }
        var found: [Payer] = []
        for wallet in places
        where self.asset(of: wallet) == asset && owner(of: wallet) != owner(of: debtor)
            && !accounts[Int(owner(of: wallet))].isUnmargined && !isUnderWay(pool(of: wallet))
        {
            guard let equity = equityUnits(of: wallet), equity > 0 else { continue }
            let closed = book?.closed[wallet] ?? ClosedAtMark()
            let own = holdings.of(wallet.owner).filter { slot, holding in
                self.wallet(of: slot, isIsolated: holding.isIsolated) == wallet
            }
            switch rule {
            case .winners:
                let profit = equity - wallets[wallet, default: 0] + closed.profit
                guard profit > 0 else { continue }
                found.append(Payer(wallet: wallet, basis: profit, cap: min(profit, equity)))
            case .openInterest:
                var value = closed.value
                for (slot, holding) in own
                where book?.instruments.contains(slot.instrument) == true {
                    let mark = price(of: slot.instrument)
                    value += notionalUnits(holding.quantity, at: mark, in: slot.instrument)
                }
                guard value > 0 else { continue }
                found.append(Payer(wallet: wallet, basis: value, cap: equity))
            }
        }
        return found
    }

    // MARK: Judgement

    /// Judges the shares of one loss once all of them are known.
    mutating func auditLosses() {
        guard let round = enforcement.trail.losses else { return }
        enforcement.trail.losses = nil
        if round.isCharge {
            enforcement.liquidations[round.liquidation]?.handOver?.sweep?.isCharged = true
        }
        let capacity = round.payers.reduce(BigInt(0)) { $0 + $1.cap }
        let due = min(round.due, capacity)
        let sum = round.shares.reduce(BigInt(0)) { $0 + BigInt($1.share.amount.units) }
        if sum != due {
            find(.lossSum, owner(of: round.debtor), expected: due, found: sum)
        }
        if !round.isCharge {
            enforcement.trail.shared[round.debtor, default: 0] += sum
            enforcement.trail.capacity[round.debtor] = capacity
        }
        let exact = proportions(of: due, round.payers)
        var paid: [Wallet: BigInt] = [:]
        for (wallet, share) in round.shares {
            paid[wallet, default: 0] += BigInt(share.amount.units)
            audit(share, wallet, round.payers)
        }
        for (payer, share) in zip(round.payers, exact) {
            let amount = paid[payer.wallet, default: 0]
            guard (Rational(amount) - share).magnitude > .one || amount > payer.cap else {
                continue
            }
            find(.lossShare, owner(of: payer.wallet), expected: share, found: amount)
        }
    }

    private mutating func audit(_ share: LossSocialised, _ wallet: Wallet, _ payers: [Payer]) {
        guard let payer = payers.first(where: { $0.wallet == wallet }) else {
            find(.lossPayer, share.account.index, expected: "nothing to pay", found: share.amount)
            return
        }
        if payer.basis != BigInt(share.basis.units) {
            find(
                .lossBasis,
                share.account.index,
                expected: payer.basis,
                found: share.basis.units
            )
        }
        if share.amount.units <= 0 {
            find(.lossShare, share.account.index, expected: "above zero", found: share.amount)
        }
    }

    /// Exact shares by the bases; what a capped one cannot pay goes to the others, again by theirs.
    private func proportions(of loss: BigInt, _ payers: [Payer]) -> [Rational] {
        var shares = [Rational](repeating: .zero, count: payers.count)
        var open = Array(payers.indices)
        var rest = Rational(loss)
        while !open.isEmpty {
            let total = open.reduce(BigInt(0)) { $0 + payers[$1].basis }
            let full = open.filter {
                rest * Rational(payers[$0].basis, total) >= Rational(payers[$0].cap)
            }
            if full.isEmpty {
                for index in open { shares[index] = rest * Rational(payers[index].basis, total) }
                break
            }
            for index in full {
                shares[index] = Rational(payers[index].cap)
                rest = rest - shares[index]
            }
            open.removeAll { full.contains($0) }
        }
        return shares
    }

    // MARK: Absorption

    /// A pool without positions owed more than it had: the fund, others and last the house have paid.
    mutating func follow(_ bankruptcy: BankruptcyDeclared) {
        auditLosses()
        enforcement.trail.positions.removeAll()
        enforcement.trail.balances.removeAll()
        let account = bankruptcy.account.index
        guard let debtor = debtor(bankruptcy) else {
            find(.unknownPlace, account, expected: "a debtor", found: bankruptcy)
            return
        }
        liquidation(bankruptcy.liquidation, of: pool(of: debtor))
        let owed = -wallets[debtor, default: 0]
        let byFund = enforcement.trail.paidByFund[debtor, default: 0]
        let byOthers = enforcement.trail.shared[debtor, default: 0]
        let house = BigInt(bankruptcy.paidByHouse.units)
        let lines: [(String, BigInt, Money)] = [
            ("the deficit", owed + byFund + byOthers, bankruptcy.deficit),
            ("paid by the fund", byFund, bankruptcy.paidByFund),
            ("socialised", byOthers, bankruptcy.socialised),
        ]
        for (name, mine, theirs) in lines where mine != BigInt(theirs.units) {
            find(.deficit, account, expected: "\(name) \(mine)", found: theirs.units)
        }
        let capacity =
            enforcement.trail.capacity[debtor]
            ?? payers(for: debtor, bankruptcy.liquidation).reduce(BigInt(0)) { $0 + $1.cap }
        let expected = max(0, owed + byOthers - capacity)
        if house != expected {
            find(.houseTooEarly, account, expected: expected, found: house)
        }
        if owed + byOthers > 0 { auditFund(bankruptcy.liquidation, debtor) }
        if !holdings(behind: pool(of: debtor)).isEmpty {
            find(.deficit, account, expected: "no positions", found: bankruptcy)
        }
        book(house, to: debtor)
        assets[Int(asset(of: debtor))].house -= house
        if wallets[debtor, default: 0] != 0 {
            find(.belowZero, account, expected: 0, found: wallets[debtor] ?? 0)
        }
        enforcement.liquidations[bankruptcy.liquidation]?.wasBankrupt = true
        enforcement.trail.paidByFund[debtor] = nil
        enforcement.trail.shared[debtor] = nil
        enforcement.trail.capacity[debtor] = nil
    }

    /// The wallet that owes; of several assets the one that was last paid for.
    private func debtor(_ bankruptcy: BankruptcyDeclared) -> Wallet? {
        if case .wallet(let wallet)? = enforcement.places[bankruptcy.pool.index] { return wallet }
        let account = bankruptcy.account.index
        let own = wallets(behind: .multiAsset(account: account))
        let house = BigInt(bankruptcy.paidByHouse.units)
        return own.first {
            wallets[$0, default: 0] == -house
                && (house > 0 || enforcement.trail.paidByFund[$0] != nil
                    || enforcement.trail.shared[$0] != nil)
        }
    }

    /// Others pay once the funds of what was handed on have nothing left.
    private mutating func auditFund(_ number: UInt64, _ debtor: Wallet) {
        let asset = asset(of: debtor)
        let handed = enforcement.liquidations[number]?.instruments ?? []
        let settled = instruments.indices.map { Int32($0) }.filter { settle(of: $0) == asset }
        let own = settled.filter(handed.contains)
        let isCharge = enforcement.trail.losses?.isCharge == true
        let slot = enforcement.liquidations[number]?.handOver?.sweep?.slot
        let asked = isCharge ? slot.map { [$0.instrument] } ?? [] : (own.isEmpty ? settled : own)
        for fund in Set(asked.compactMap { fund(of: $0)?.account }) {
            let cash = cash(of: .cross(account: fund, asset: asset))
            if cash > 0 {
                find(.fundTooLate, fund, expected: "\(cash) is paid first", found: "others pay")
            }
        }
    }
}
