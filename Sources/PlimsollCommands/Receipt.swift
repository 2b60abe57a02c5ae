import Plimsoll
import PlimsollUnits

/// Everything that belongs to one liquidation, step by step, so that its account can check it alone.
struct Receipt {
    /// One thing that happened, with its arithmetic.
    struct Step {
        var type: String
        var time: Timestamp
        var line: Int
        var title: String
        /// The arithmetic, for people.
        var details: [String] = []
        /// The numbers, for programs.
        var facts: [Fact] = []
        /// Whom it concerns.
        var accounts: Set<AccountID>
        var checks: [Check] = []
    }

    /// A named value of a step: exact decimal text, a word, or a whole number.
    struct Fact {
        enum Value {
            case text(String)
            case number(Int64)
            case texts([String])
        }
        var name: String
        var value: Value

        static func text(_ name: String, _ value: some CustomStringConvertible) -> Fact {
            Fact(name: name, value: .text(value.description))
        }

        static func number(_ name: String, _ value: some BinaryInteger) -> Fact {
            Fact(name: name, value: .number(Int64(clamping: value)))
        }
    }

    /// Something that was recomputed.
    struct Check {
        enum Result {
            case holds
            case fails
            /// What it would need cannot be seen from outside.
            case open
        }
        var what: String
        var detail: String
        var result: Result

        init(_ what: String, _ detail: String, _ holds: Bool?) {
            self.what = what
            self.detail = detail
            result = holds.map { $0 ? .holds : .fails } ?? .open
        }
    }

    let number: UInt64
    /// How many liquidations the file has.
    let count: UInt64
    let file: String
    let account: AccountID
    var accountName = ""
    var poolName = ""
    var asset = ""
    var rulebook = ""
    var outcome: LiquidationEnded.Outcome?
    var steps: [Step] = []
    /// Names of everybody whom a step concerns.
    var names: [AccountID: String] = [:]

    /// Only the steps that concern one account.
    func concerning(_ account: AccountID) -> Receipt {
        var part = self
        part.steps.removeAll { !$0.accounts.contains(account) }
        return part
    }

    /// All checks, those of the whole history included.
    var checks: [Check] { steps.flatMap(\.checks) }
}

/// What one pass over the events finds about a liquidation: whose it is, and where to look again.
struct ReceiptIndex {
    let number: UInt64
    /// How many liquidations there are.
    var count: UInt64 = 0
    var account: AccountID?
    var pool: PoolID?
    /// The line of the event that pushed the pool below its line.
    var fall: Int?
    /// Lines of events that did something about the liquidation.
    var lines: Set<Int> = []
    /// Its orders.
    var orders: Set<UInt64> = []
    var end: Int?
    var outcome: LiquidationEnded.Outcome?
    /// The digest of the whole history.
    var digest: UInt128 = 0

    private var falls: [PoolID: Int] = [:]
    private var fallsBefore: [PoolID: Int]?

    init(_ number: UInt64) { self.number = number }

    /// The first and the last line that belong to it.
    var first: Int { min(fall ?? Int.max, lines.min() ?? Int.max) }
    var last: Int { end ?? Int.max }

    mutating func note(_ event: Event, _ effects: [Effect], line: Int) {
        for effect in effects {
            if case .marginStateChanged(let change) = effect,
                change.mode == .liquidating, change.fromMode != .liquidating
            {
                falls[change.pool] = line
            }
            guard let other = effect.liquidation else { continue }
            count = max(count, other)
            guard other == number else { continue }
            if fallsBefore == nil { fallsBefore = falls }
            lines.insert(line)
            take(effect, line)
        }
        switch event.body {
        case .liquidationFilled(let fill) where orders.contains(fill.order): lines.insert(line)
        case .liquidationOrderEnded(let end) where orders.contains(end.order): lines.insert(line)
        default: break
        }
    }

    private mutating func take(_ effect: Effect, _ line: Int) {
        switch effect {
        case .liquidationOrdered(let order):
            orders.insert(order.order)
            (account, pool) = (order.account, order.pool)
        case .liquidationEnded(let ended):
            (account, pool) = (ended.account, ended.pool)
            end = line
            outcome = ended.outcome
        default: break
        }
    }

    mutating func finish(_ engine: Engine) {
        let open = engine.openLiquidations
        count = max(count, open.last?.liquidation ?? 0)
        if let own = open.first(where: { $0.liquidation == number }) {
            (account, pool) = (own.account, own.pool)
        }
        if let pool { fall = (fallsBefore ?? falls)[pool] }
        digest = engine.digest
    }
}

extension Effect {
    /// The liquidation that an effect belongs to, where it says so.
    var liquidation: UInt64? {
        switch self {
        case .liquidationOrdered(let effect): effect.liquidation
        case .liquidationEnded(let effect): effect.liquidation
        case .insuranceMoved(let effect): effect.liquidation
        case .deleveraged(let effect): effect.liquidation
        case .lossSocialised(let effect): effect.liquidation
        case .bankruptcyDeclared(let effect): effect.liquidation
        case .balanceChanged, .positionChanged, .marginStateChanged, .ordersToCancel,
            .liquidationOrdersToCancel, .priceRefused, .repeated, .refused:
            nil
        }
    }
}
