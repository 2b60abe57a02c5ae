import Plimsoll
import PlimsollUnits

/// What a replay's waterfall came to, step by step, in one settlement asset.
struct WaterfallSummary {
    /// Liquidations of which something was ordered, taken over, closed or owed in this asset.
    var liquidations: Set<UInt64> = []
    /// Liquidation orders, and what they were worth at the mark that decided them.
    var orders = 0
    var ordered = Money.zero
    /// Positions that a fund took over, and what they were worth at the mark then.
    var takeovers = 0
    var takenOver = Money.zero
    /// Liquidation fees, which go to the funds.
    var fundFees = Money.zero
    /// What the funds paid for bankrupt pools.
    var fundPaid = Money.zero
    /// Positions that were closed against bankrupt ones, and what they were worth at the mark then.
    var deleveraged = 0
    var deleveragedNotional = Money.zero
    /// What those who were closed got less than the mark would have given them.
    var forgone = Money.zero
    /// Losses that others paid, by how many accounts.
    var socialised = Money.zero
    var payers: Set<AccountID> = []
    /// What the house paid, since nobody else could.
    var paidByHouse = Money.zero
    var bankruptcies = 0

    /// What winners lost by the losses of others, either way.
    var taken: Money { forgone + socialised }

    /// Takes one effect in; `engine` is as it is after the event.
    mutating func add(_ effect: Effect, _ engine: Engine) {
        switch effect {
        case .liquidationOrdered(let order):
            liquidations.insert(order.liquidation)
            orders += 1
            ordered += engine.value(order.instrument, order.quantity, at: order.mark)
        case .insuranceMoved(let move):
            liquidations.insert(move.liquidation)
            add(move, engine)
        case .deleveraged(let close):
            liquidations.insert(close.liquidation)
            deleveraged += 1
            let value = engine.value(close.instrument, close.change, at: close.mark)
            deleveragedNotional += value
            let got = engine.value(close.instrument, close.change, at: close.price)
            let gain = close.change.units < 0 ? value - got : got - value
            // An inverse contract is worth less the higher its price is.
            forgone += engine.rules(of: close.instrument).payoff == .inverse ? -gain : gain
        case .lossSocialised(let share):
            socialised += share.amount
            payers.insert(share.account)
        case .bankruptcyDeclared(let bankruptcy):
            liquidations.insert(bankruptcy.liquidation)
            bankruptcies += 1
            paidByHouse += bankruptcy.paidByHouse
        default: break
        }
    }

    private mutating func add(_ move: InsuranceMoved, _ engine: Engine) {
        switch move.reason {
        case .fee: fundFees += move.amount
        case .deficit: fundPaid += -move.amount
        case .takeover:
            takeovers += 1
            guard let instrument = move.instrument, let mark = engine.mark(of: instrument) else {
                return
            }
            takenOver += engine.value(instrument, move.quantity, at: mark)
        }
    }
}

extension Engine {
    /// What a size of an instrument is worth at a price, without sign, in its settlement asset.
    fileprivate func value(
        _ instrument: InstrumentID,
        _ quantity: Quantity,
        at price: Price
    ) -> Money {
        let size = Int128(quantity.units.magnitude)
        guard rules(of: instrument).payoff == .inverse else {
            return Money(units: size * Int128(price.units))
        }
        let units = (size * PowerOfTen.sixteen)
            .divided(by: Int128(price.units), rounding: .halfEven)
        return Money(units: units)
    }
}
