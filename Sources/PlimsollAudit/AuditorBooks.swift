import BigInt
public import Plimsoll
import PlimsollUnits

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
        let own = wallets.filter {
            owner(of: $0.key) == account.index && self.asset(of: $0.key) == asset
        }
        return Self.narrow(own.values.reduce(0, +))
    }

    /// How many positions an account has open.
    public func positionCount(_ account: AccountID) -> Int {
        holdings.keys.count { $0.account == account.index }
    }

    /// Where the venue's books in an asset differ from the engine's, in words; empty, always.
    public func differences(from engine: AssetTotals) -> [String] {
        let asset = engine.asset.index
        let book = assets[Int(asset)]
        var (wallet, funds) = (BigInt(0), book.fund)
        for (place, amount) in wallets where self.asset(of: place) == asset {
            if accounts[Int(owner(of: place))].isFund { funds += amount } else { wallet += amount }
        }
        var unrealized: BigInt = 0
        for (slot, holding) in holdings where settle(of: slot.instrument) == asset {
            let isInverse = instruments[Int(slot.instrument)].rules.payoff == .inverse
            unrealized += isInverse ? holding.cost : -holding.cost
        }
        let lines: [(String, BigInt, Money)] = [
            ("deposits", book.deposits, engine.deposits),
            ("withdrawals", book.withdrawals + book.inTransit, engine.withdrawals),
            ("in transit", book.inTransit, engine.inTransit),
            ("wallets", wallet, engine.wallets),
            ("unrealized", unrealized, engine.unrealized),
            ("funds", funds, engine.funds),
            ("fees", book.fees, engine.fees),
            ("house", book.house, engine.house),
        ]
        return lines.compactMap { name, mine, theirs in
            mine == BigInt(theirs.units)
                ? nil : "\(book.name) \(name): \(mine), not \(theirs.units)"
        }
    }

    /// The same number in 128 bits, by sign and magnitude: BigInt's own conversion of numbers below
    /// −2⁶⁴ is off by 2⁶⁴ (6.0.1).
    static func narrow(_ value: BigInt) -> Int128 {
        value.signum() < 0 ? -Int128(value.magnitude) : Int128(value.magnitude)
    }
}
