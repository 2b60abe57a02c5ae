import BigInt
public import Plimsoll
public import PlimsollUnits

/// A position as the auditor has it.
public struct AuditedPosition: Hashable, Sendable {
    /// Signed size, in steps of 10⁻⁸.
    public var quantity: Int128
    /// Signed cost, in steps of 10⁻¹⁶.
    public var cost: Int128

    /// A position of `quantity` for `cost`.
    public init(quantity: Int128, cost: Int128) {
        self.quantity = quantity
        self.cost = cost
    }
}

/// One line of a venue's books that is not what the events add up to.
public struct BookDifference: Hashable, Sendable {
    /// The asset.
    public var asset: AssetID
    /// The line: `deposits`, `wallets`, `funds` and so on.
    public var line: String
    /// What the events add up to.
    public var expected: Money
    /// What the engine has.
    public var found: Money
}

extension Auditor {
    /// A position, if it is open.
    public func position(
        _ account: AccountID,
        _ instrument: InstrumentID,
        _ leg: Leg
    ) -> AuditedPosition? {
        let slot = Slot(account: account.index, instrument: instrument.index, leg: leg)
        return holdings[slot].map {
            AuditedPosition(quantity: Self.narrow($0.quantity), cost: Self.narrow($0.cost))
        }
    }

    /// All wallets of an account in one asset, isolated margin included, in steps of 10⁻¹⁶.
    public func walletBalance(of account: AccountID, in asset: String) -> Int128 {
        let asset = self.asset(asset, in: accounts[Int(account.index)].venue)
        let own = wallets.of(account.index).filter { self.asset(of: $0.key) == asset }
        return Self.narrow(own.values.reduce(0, +))
    }

    /// How many positions an account has open.
    public func positionCount(_ account: AccountID) -> Int {
        holdings.of(account.index).count
    }

    /// Where the venues' books differ from the engine's; empty, always.
    ///
    /// Assets that only one of the two knows are left out.
    public func differences(from engine: [AssetTotals]) -> [BookDifference] {
        var (held, cash) = (assets.map { _ in BigInt(0) }, assets.map(\.fund))
        for (place, amount) in wallets {
            let asset = Int(asset(of: place))
            if accounts[Int(place.owner)].isFund {
                cash[asset] += amount
            } else {
                held[asset] += amount
            }
        }
        var unrealized = assets.map { _ in BigInt(0) }
        for (slot, holding) in holdings {
            let isInverse = instruments[Int(slot.instrument)].rules.payoff == .inverse
            unrealized[Int(settle(of: slot.instrument))] += isInverse ? holding.cost : -holding.cost
        }
        var found: [BookDifference] = []
        for theirs in engine where assets.indices.contains(Int(theirs.asset.index)) {
            let index = Int(theirs.asset.index)
            let mine = assets[index]
            let lines: [(String, BigInt, Money)] = [
                ("deposits", mine.deposits, theirs.deposits),
                ("withdrawals", mine.withdrawals + mine.inTransit, theirs.withdrawals),
                ("in transit", mine.inTransit, theirs.inTransit),
                ("wallets", held[index], theirs.wallets),
                ("unrealized", unrealized[index], theirs.unrealized),
                ("funds", cash[index], theirs.funds),
                ("fees", mine.fees, theirs.fees),
                ("house", mine.house, theirs.house),
            ]
            for (line, amount, money) in lines where amount != BigInt(money.units) {
                found.append(
                    BookDifference(
                        asset: theirs.asset,
                        line: line,
                        expected: Money(units: Self.narrow(amount)),
                        found: money
                    )
                )
            }
        }
        return found
    }

    /// Where the venue's books in an asset differ from the engine's, in words; empty, always.
    public func differences(from engine: AssetTotals) -> [String] {
        differences(from: [engine]).map {
            "\(assets[Int($0.asset.index)].name) \($0.line): \($0.expected), not \($0.found)"
        }
    }

    /// The same number in 128 bits, by sign and magnitude: BigInt's own conversion of numbers below
    /// −2⁶⁴ is off by 2⁶⁴ (6.0.1).
    static func narrow(_ value: BigInt) -> Int128 {
        value.signum() < 0 ? -Int128(value.magnitude) : Int128(value.magnitude)
    }
}
