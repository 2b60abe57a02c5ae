import BigInt
import Plimsoll
import PlimsollUnits

extension Auditor {
    /// Follows what the engine decided because of one event, in its order.
    ///
    /// Each decision is checked against the books as they were, and then taken over. Conversions of
    /// collateral are taken over and not checked.
    mutating func followEffects(_ effects: [Effect], of event: Event) {
        enforcement.trail = Trail()
        for number in enforcement.liquidations.keys {
            enforcement.liquidations[number]?.handOver = nil
        }
        var isFee = false
        if case .liquidationFilled = event.body { isFee = true }
        var isConverted = false
        if case .collateralConverted = event.body { isConverted = true }
        for effect in effects {
            if case .liquidationOrdered = effect {} else { auditBatch() }
            switch effect {
            case .balanceChanged(let change): note(change, isConverting: !isConverted)
            case .positionChanged(let change): note(change)
            case .marginStateChanged(let change):
                auditLosses()
                audit(change)
            case .ordersToCancel(let account, let orders):
                enforcement.cancelling[account.index, default: []].formUnion(orders)
                stirred.insert(account.index)
            case .liquidationOrdered(let order):
                auditLosses()
                collect(order)
            case .liquidationOrdersToCancel(let numbers): cancel(numbers)
            case .liquidationEnded(let end):
                auditLosses()
                audit(end)
            case .insuranceMoved(let move):
                auditLosses()
                if move.reason == .fee, isFee, move.sale == nil {
                    isFee = false
                } else {
                    follow(move)
                }
            case .deleveraged(let close):
                auditLosses()
                follow(close)
            case .lossSocialised(let share): follow(share)
            case .bankruptcyDeclared(let bankruptcy): follow(bankruptcy)
            default: break
            }
        }
        auditBatch()
        auditLosses()
        auditPublished()
        if isThorough { auditBooks() }
    }

    // MARK: What was published of wallets and positions

    private mutating func note(_ change: BalanceChanged, isConverting: Bool) {
        enforcement.trail.balances.append(change)
        let wallet = wallet(change.pool, of: change.account, change.asset)
        if isConverting, change.source == .conversion {
            book(BigInt(change.change.units), to: wallet)
        }
        enforcement.trail.lastBalances[wallet] = BigInt(change.balance.units)
    }

    private mutating func note(_ change: PositionChanged) {
        enforcement.trail.positions.append(change)
        let slot = Slot(
            account: change.account.index,
            instrument: change.instrument.index,
            leg: change.leg
        )
        enforcement.trail.lastPositions[slot] = change
    }

    /// The last published state of every wallet and position is the one in the books.
    private mutating func auditPublished() {
        for (wallet, balance) in enforcement.trail.lastBalances {
            let known = !enforcement.numbers.of(owner(of: wallet)).isEmpty
            let mine = wallets[wallet, default: 0]
            guard known, mine != balance else { continue }
            find(.balance, owner(of: wallet), expected: mine, found: balance)
        }
        for (slot, change) in enforcement.trail.lastPositions {
            let mine = holdings[slot] ?? Holding(quantity: 0, cost: 0, isIsolated: false)
            let isSame =
                mine.quantity == BigInt(change.quantity.units)
                && (mine.quantity == 0 || mine.cost == BigInt(change.cost.units))
            guard !isSame else { continue }
            find(
                .position,
                slot.account,
                slot.instrument,
                expected: "\(mine.quantity) for \(mine.cost)",
                found: "\(change.quantity.units) for \(change.cost.units)"
            )
        }
    }

    /// What came in is what is there, and every long has its short.
    public mutating func auditBooks() {
        var held = [BigInt](repeating: 0, count: assets.count)
        for (wallet, amount) in wallets { held[Int(asset(of: wallet))] += amount }
        var net = [BigInt](repeating: 0, count: instruments.count)
        for (slot, holding) in holdings {
            let isInverse = instruments[Int(slot.instrument)].rules.payoff == .inverse
            held[Int(settle(of: slot.instrument))] += isInverse ? holding.cost : -holding.cost
            net[Int(slot.instrument)] += holding.quantity
        }
        for (index, book) in assets.enumerated() {
            let total = held[index] + book.fund + book.fees + book.house + book.inTransit
            let came = book.deposits - book.withdrawals
            if total != came {
                find(.conservation, expected: "\(came) of \(book.name)", found: total)
            }
        }
        for (index, quantity) in net.enumerated() where quantity != 0 {
            find(.openInterest, nil, Int32(index), expected: 0, found: quantity)
        }
    }
}
