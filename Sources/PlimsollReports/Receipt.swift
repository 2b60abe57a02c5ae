package import Plimsoll
package import PlimsollUnits

/// Everything that belongs to one liquidation, step by step, so that its account can check it alone.
package struct Receipt: Sendable {
    /// One thing that happened, with its arithmetic.
    package struct Step: Sendable {
        package var type: String
        package var time: Timestamp
        package var line: Int
        package var title: String
        /// The arithmetic, for people.
        package var details: [String] = []
        /// The numbers, for programs.
        package var facts: [Fact] = []
        /// Whom it concerns.
        package var accounts: Set<AccountID>
        package var checks: [Check] = []
    }

    /// A named value of a step: exact decimal text, a word, or a whole number.
    package struct Fact: Sendable {
        package enum Value: Sendable {
            case text(String)
            case number(Int64)
            case texts([String])
        }
        package var name: String
        package var value: Value

        package static func text(_ name: String, _ value: some CustomStringConvertible) -> Fact {
            Fact(name: name, value: .text(value.description))
        }

        package static func number(_ name: String, _ value: some BinaryInteger) -> Fact {
            Fact(name: name, value: .number(Int64(clamping: value)))
        }
    }

    /// Something that was recomputed.
    package struct Check: Sendable {
        package enum Result: Sendable {
            case holds
            case fails
            /// What it would need cannot be seen from outside.
            case open
        }
        package var what: String
        package var detail: String
        package var result: Result

        package init(_ what: String, _ detail: String, _ holds: Bool?) {
            self.what = what
            self.detail = detail
            result = holds.map { $0 ? .holds : .fails } ?? .open
        }
    }

    package let number: UInt64
    /// How many liquidations the file has.
    package let count: UInt64
    package let file: String
    package let account: AccountID
    package var accountName = ""
    package var poolName = ""
    package var asset = ""
    package var rulebook = ""
    package var outcome: LiquidationEnded.Outcome?
    package var steps: [Step] = []
    /// Names of everybody whom a step concerns.
    package var names: [AccountID: String] = [:]

    /// A receipt without steps.
    ///
    /// `file` names the history, for the first and last step; `count` is how many liquidations it has.
    package init(number: UInt64, count: UInt64, file: String, account: AccountID) {
        self.number = number
        self.count = count
        self.file = file
        self.account = account
    }

    /// Only the steps that concern one account.
    package func concerning(_ account: AccountID) -> Receipt {
        var part = self
        part.steps.removeAll { !$0.accounts.contains(account) }
        return part
    }

    /// All checks, those of the whole history included.
    package var checks: [Check] { steps.flatMap(\.checks) }
}

/// What one pass over the events finds about a liquidation: whose it is, and where to look again.
package struct ReceiptIndex {
    package let number: UInt64
    /// How many liquidations there are.
    package var count: UInt64 = 0
    package var account: AccountID?
    package var pool: PoolID?
    /// The line of the event that pushed the pool below its line.
    package var fall: Int?
    /// Lines of events that did something about the liquidation.
    package var lines: Set<Int> = []
    /// Its orders.
    package var orders: Set<UInt64> = []
    package var end: Int?
    package var outcome: LiquidationEnded.Outcome?
    /// The digest of the whole history.
    package var digest: UInt128 = 0

    private var falls: [PoolID: Int] = [:]
    private var fallsBefore: [PoolID: Int]?

    package init(_ number: UInt64) { self.number = number }

    /// The first and the last line that belong to it.
    package var first: Int { min(fall ?? Int.max, lines.min() ?? Int.max) }
    package var last: Int { end ?? Int.max }

    package mutating func note(_ event: Event, _ effects: [Effect], line: Int) {
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

    package mutating func finish(_ engine: Engine) {
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
    package var liquidation: UInt64? {
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
