import BigInt
import Plimsoll
import PlimsollUnits

extension Auditor {
    // MARK: Funds

    /// Opens an account for each fund that has none, and gives the first one the cash that came in
    /// before.
    mutating func openFunds(of venue: Int32) {
        guard !venues[Int(venue)].isMirror,
            let funds = venues[Int(venue)].rulebook?.enforcement?.funds
        else { return }
        for fund in funds where account(named: fund.name, in: venue) == nil {
            self.funds.append(Int32(accounts.count))
            accounts.append(
                AccountBook(venue: venue, name: fund.name, isMultiAsset: false, isFund: true)
            )
        }
        guard let first = funds.first.flatMap({ fund(named: $0.name, in: venue) }) else { return }
        for index in assets.indices where assets[index].venue == venue && assets[index].fund != 0 {
            book(assets[index].fund, to: .cross(account: first, asset: Int32(index)))
            assets[index].fund = 0
        }
    }

    /// The account of a fund by its name, or of the rulebook's first one.
    func fund(named name: String?, of venue: Int32) -> Int32? {
        let funds = venues[Int(venue)].rulebook?.enforcement?.funds ?? []
        return (name ?? funds.first?.name).flatMap { fund(named: $0, in: venue) }
    }

    private func fund(named name: String, in venue: Int32) -> Int32? {
        funds.first { accounts[Int($0)].venue == venue && accounts[Int($0)].name == name }
    }

    private func account(named name: String, in venue: Int32) -> Int32? {
        accounts.firstIndex { $0.venue == venue && $0.name == name }.map { Int32($0) }
    }

    /// The rule and the account of the fund that stands for an instrument: one that names it, else the
    /// first that names none.
    func fund(of instrument: Int32) -> (rule: FundRule, account: Int32)? {
        let book = instruments[Int(instrument)]
        let funds = venues[Int(book.venue)].rulebook?.enforcement?.funds ?? []
        let named = funds.first { $0.symbols.contains(book.symbol) }
        guard let rule = named ?? funds.first(where: \.symbols.isEmpty) else { return nil }
        return fund(named: rule.name, in: book.venue).map { (rule, $0) }
    }

    // MARK: Prices

    /// The mark that values a position.
    func mark(of instrument: Int32, isLong: Bool) -> Price? {
        guard let mark = instruments[Int(instrument)].mark, isFavourable, isStale(instrument),
            let width = venues[Int(instruments[Int(instrument)].venue)].rulebook?.priceGuard.width
        else { return instruments[Int(instrument)].mark }
        let share = Rational(width.units, scale: 8)
        let factor = isLong ? Rational.one + share : Rational.one - share
        let edge = (Rational(mark.units, scale: 8) * factor).floor(scale: 8)
        return (try? Price(units: Int64(clamping: Self.narrow(max(1, edge))))) ?? .max
    }

    /// The mark of an instrument that has one.
    func price(of instrument: Int32) -> Rational {
        guard let mark = instruments[Int(instrument)].mark else {
            preconditionFailure("Invariant: a position in liquidation has a mark")
        }
        return Rational(mark.units, scale: 8)
    }

    /// A clock that runs ahead makes no price fresher than now.
    mutating func noteMark(of instrument: Int32, _ event: Event) {
        let time = min(event.time, event.at).nanoseconds
        let last = enforcement.markTimes[instrument] ?? time
        enforcement.markTimes[instrument] = max(last, time)
    }

    mutating func noteIndex(of asset: Int32, _ event: Event) {
        let time = min(event.time, event.at).nanoseconds
        enforcement.indexTimes[asset] = max(enforcement.indexTimes[asset] ?? time, time)
    }

    /// A price that values an instrument is older than the rulebook allows.
    func isStale(_ instrument: Int32) -> Bool {
        let book = instruments[Int(instrument)]
        guard let maxAge = venues[Int(book.venue)].rulebook?.priceGuard.maxAge else { return false }
        let bases = [
            book.rules.initialPrice, book.rules.isolatedInitialPrice, book.rules.maintenancePrice,
        ]
        if bases.contains(.index), let base = asset(book.rules.base, in: book.venue),
            let time = enforcement.indexTimes[base], enforcement.clock - time > maxAge
        {
            return true
        }
        return enforcement.markTimes[instrument].map { enforcement.clock - $0 > maxAge } ?? false
    }

    /// A position rests on a stale price, or a multi-asset account on a stale index.
    func isStale(_ pool: Pool) -> Bool {
        if holdings(behind: pool).keys.contains(where: { isStale($0.instrument) }) { return true }
        guard case .multiAsset(let account) = pool,
            let rulebook = venues[Int(accounts[Int(account)].venue)].rulebook,
            let maxAge = rulebook.priceGuard.maxAge
        else { return false }
        return wallets(behind: pool).contains { wallet in
            let asset = asset(of: wallet)
            guard assets[Int(asset)].name != rulebook.currency,
                let time = enforcement.indexTimes[asset]
            else { return false }
            return enforcement.clock - time > maxAge
        }
    }

    // MARK: Values

    /// What a signed quantity is worth at a price, as profit counts it: an inverse value is coin that
    /// is owed.
    func worth(_ quantity: BigInt, at price: Rational, in instrument: Int32) -> Rational {
        let size = Rational(quantity, scale: 8)
        return instruments[Int(instrument)].rules.payoff == .inverse
            ? -(size / price) : size * price
    }

    /// Worth in whole steps of 10⁻¹⁶, rounded against the holder.
    func worthUnits(_ quantity: BigInt, at price: Rational, in instrument: Int32) -> BigInt {
        worth(quantity, at: price, in: instrument).floor(scale: 16)
    }

    /// The magnitude of a value in whole steps, rounded up.
    func notionalUnits(_ quantity: BigInt, at price: Rational, in instrument: Int32) -> BigInt {
        worth(quantity, at: price, in: instrument).magnitude.ceiling(scale: 16)
    }

    /// Profit of an open position in whole steps; `nil` without a mark.
    func profitUnits(_ slot: Slot, _ holding: Holding) -> BigInt? {
        let book = instruments[Int(slot.instrument)]
        guard let mark = book.mark else { return nil }
        let price = Rational(mark.units, scale: 8)
        let worth = worthUnits(holding.quantity, at: price, in: slot.instrument)
        return worth + (book.rules.payoff == .inverse ? holding.cost : -holding.cost)
    }

    /// What one wallet holds with the profit of its own positions, in whole steps; `nil` where a mark
    /// is missing.
    func equityUnits(of wallet: Wallet) -> BigInt? {
        var sum = wallets[wallet, default: 0]
        for (slot, holding) in holdings.of(wallet.owner)
        where self.wallet(of: slot, isIsolated: holding.isIsolated) == wallet {
            guard let profit = profitUnits(slot, holding) else { return nil }
            sum += profit
        }
        return sum
    }

    /// The size step of an instrument, in steps of 10⁻⁸.
    func step(of instrument: Int32) -> BigInt {
        BigInt(instruments[Int(instrument)].rules.quantityStep?.units ?? 1)
    }
}
