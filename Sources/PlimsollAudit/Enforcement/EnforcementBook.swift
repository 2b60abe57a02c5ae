import BigInt
public import Plimsoll
import PlimsollUnits

extension Auditor {
    /// A pool: what is compared with one requirement.
    enum Pool: Hashable, Sendable {
        case wallet(Wallet)
        case multiAsset(account: Int32)

        var account: Int32 {
            switch self {
            case .wallet(.cross(let account, _)), .multiAsset(let account): account
            case .wallet(.isolated(let slot)): slot.account
            }
        }
    }

    /// What the auditor remembers of what happens below the line.
    struct EnforcementBook: Sendable {
        /// When the last event was accepted, nanoseconds.
        var clock: Int64 = 0
        var markTimes: [Int32: Int64] = [:]
        var indexTimes: [Int32: Int64] = [:]
        var depth: [Int32: DepthObserved] = [:]
        /// Where the pools are that effects name by number.
        var places: [Int32: Pool] = [:]
        var numbers = ByAccount<Pool, Int32>()
        var modes: [Pool: PoolMode] = [:]
        var liquidations: [UInt64: LiquidationBook] = [:]
        var orders: [UInt64: WorkingOrder] = [:]
        /// Orders of accounts that were asked to be cancelled: they reserve nothing.
        var cancelling: [Int32: Set<String>] = [:]
        var trail = Trail()
        var findings: [AuditFinding] = []
    }

    /// A pool that fell below its line.
    struct LiquidationBook: Sendable {
        var pool: Pool
        /// An order ended unfilled: what is left is handed on.
        var isExhausted = false
        var isCancelling = false
        var wasBankrupt = false
        /// The second in which `spent` was ordered.
        var second: Int64 = 0
        var spent = Rational.zero
        /// Instruments that were handed on.
        var instruments: Set<Int32> = []
        /// What others took at the mark.
        var closed: [Wallet: ClosedAtMark] = [:]
        var handOver: HandOver?
    }

    /// Positions that were closed at the mark count as if they were still open.
    struct ClosedAtMark: Sendable {
        var profit: BigInt = 0
        var value: BigInt = 0
    }

    /// A liquidation order that is out.
    struct WorkingOrder: Sendable {
        var liquidation: UInt64
        var slot: Slot
        /// What is left of it, signed: a long is sold.
        var quantity: BigInt
        var limit: Rational
    }

    /// Effects of one event that wait for the decision they belong to.
    struct Trail: Sendable {
        var positions: [PositionChanged] = []
        var balances: [BalanceChanged] = []
        /// The last published balance of each wallet, and the last state of each position.
        var lastBalances: [Wallet: BigInt] = [:]
        var lastPositions: [Slot: PositionChanged] = [:]
        var batch: [LiquidationOrdered] = []
        var losses: LossRound?
        /// What was paid for each debtor so far, and what others could have paid at the most.
        var paidByFund: [Wallet: BigInt] = [:]
        var shared: [Wallet: BigInt] = [:]
        var capacity: [Wallet: BigInt] = [:]
    }

    /// Whatever was not as the rules say since the last question, and forgets it.
    public mutating func takeFindings() -> [AuditFinding] {
        defer { enforcement.findings.removeAll() }
        return enforcement.findings
    }

    /// Says where the pools of an account are; effects name them by number.
    public mutating func note(_ report: AccountReport) {
        let account = report.account.index
        guard accounts.indices.contains(Int(account)) else { return }
        for pool in report.pools {
            guard let place = place(of: pool, account) else { continue }
            enforcement.places[pool.pool.index] = place
            enforcement.numbers[place] = pool.pool.index
        }
    }

    /// Says where one pool is, which need not be the lead of its account.
    public mutating func note(_ pool: PoolID, at place: PoolPlace) {
        guard accounts.indices.contains(Int(place.account.index)) else { return }
        let account = place.account.index
        let here: Pool
        if let instrument = place.isolated {
            let slot = Slot(account: account, instrument: instrument.index, leg: place.leg)
            here = .wallet(.isolated(slot))
        } else if place.isMultiAsset {
            here = .multiAsset(account: account)
        } else {
            here = .wallet(.cross(account: account, asset: place.asset.index))
        }
        enforcement.places[pool.index] = here
        enforcement.numbers[here] = pool.index
    }

    /// The pool of a report.
    func place(of pool: PoolReport, _ account: Int32) -> Pool? {
        if let instrument = pool.isolated {
            let slot = Slot(account: account, instrument: instrument.index, leg: pool.leg)
            return .wallet(.isolated(slot))
        }
        if pool.isMultiAsset { return .multiAsset(account: account) }
        return asset(pool.asset, in: accounts[Int(account)].venue)
            .map { .wallet(.cross(account: account, asset: $0)) }
    }

    mutating func find(
        _ breach: AuditFinding.Breach,
        _ account: Int32? = nil,
        _ instrument: Int32? = nil,
        expected: Any,
        found: Any
    ) {
        enforcement.findings.append(
            AuditFinding(
                breach: breach,
                account: account,
                instrument: instrument,
                expected: "\(expected)",
                found: "\(found)"
            )
        )
    }

    // MARK: Places

    /// The pool that a position draws on.
    func pool(of slot: Slot, _ holding: Holding) -> Pool {
        if holding.isIsolated { return .wallet(.isolated(slot)) }
        if accounts[Int(slot.account)].isMultiAsset { return .multiAsset(account: slot.account) }
        return .wallet(wallet(of: slot, isIsolated: false))
    }

    /// The wallet of a published balance.
    func wallet(_ pool: PoolID, of account: AccountID, _ asset: AssetID) -> Wallet {
        if case .wallet(.isolated(let slot))? = enforcement.places[pool.index] {
            return .isolated(slot)
        }
        return .cross(account: account.index, asset: asset.index)
    }

    /// The open positions behind a pool.
    func holdings(behind pool: Pool) -> [Slot: Holding] {
        if case .wallet(.isolated(let slot)) = pool {
            return holdings[slot].map { [slot: $0] } ?? [:]
        }
        return holdings.of(pool.account).filter { slot, holding in
            self.pool(of: slot, holding) == pool
        }
    }

    /// The wallets behind a pool.
    func wallets(behind pool: Pool) -> [Wallet] {
        switch pool {
        case .wallet(let wallet): [wallet]
        case .multiAsset(let account):
            assets.indices.filter { assets[$0].venue == accounts[Int(account)].venue }
                .map { .cross(account: account, asset: Int32($0)) }
        }
    }

    /// The asset of a wallet.
    func asset(of wallet: Wallet) -> Int32 {
        switch wallet {
        case .cross(_, let asset): asset
        case .isolated(let slot): settle(of: slot.instrument)
        }
    }

    func owner(of wallet: Wallet) -> Int32 { wallet.owner }

    /// The figures of a pool; `nil` without one of its prices.
    func figures(of pool: Pool) -> AuditedFigures? {
        switch pool {
        case .multiAsset(let account): multiAsset(AccountID(index: account))
        case .wallet(.cross(let account, let asset)):
            cross(AccountID(index: account), assets[Int(asset)].name)
        case .wallet(.isolated(let slot)):
            isolated(
                AccountID(index: slot.account),
                InstrumentID(index: slot.instrument),
                slot.leg
            )
        }
    }

    /// The enforcement of an account's venue, if it enforces.
    func rules(of account: Int32) -> Enforcement? {
        let venue = venues[Int(accounts[Int(account)].venue)]
        return venue.isMirror ? nil : venue.rulebook?.enforcement
    }

    func thresholds(of account: Int32) -> Thresholds {
        venues[Int(accounts[Int(account)].venue)].rulebook?.thresholds ?? Thresholds()
    }

    /// A liquidation is open for a pool, or it is below its line: it pays for nobody.
    func isUnderWay(_ pool: Pool) -> Bool {
        enforcement.modes[pool] == .liquidating
            || enforcement.liquidations.values.contains { $0.pool == pool }
    }

    /// The open liquidation of a pool, begun now if it has none.
    mutating func liquidation(_ number: UInt64, of pool: Pool) {
        if let known = enforcement.liquidations[number] {
            if known.pool != pool {
                find(.liquidatedTwice, pool.account, expected: known.pool, found: pool)
            }
            return
        }
        if let other = enforcement.liquidations.first(where: { $0.value.pool == pool }) {
            find(.liquidatedTwice, pool.account, expected: other.key, found: number)
        }
        enforcement.liquidations[number] = LiquidationBook(pool: pool)
    }
}
