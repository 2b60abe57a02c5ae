internal import PlimsollUnits

/// An event of the book before it is written: what accounts do, and what is settled with them.
struct PlannedEvent {
    /// When it happens, in milliseconds since 1970-01-01 UTC.
    let time: Int
    /// What happens.
    let body: Body

    /// What happens, by kind; instruments are numbers in `Instrument.all`, amounts whole USDT.
    enum Body {
        case opened(account: String, hedge: Bool)
        case configured(account: String, instrument: Int, isolated: Bool, leverage: Int)
        case deposited(account: String, amount: Int)
        case withdrawal(Withdrawal, account: String, amount: Int)
        case isolatedMarginMoved(account: String, instrument: Int, leg: Leg?, amount: Int)
        case ordered(Order)
        case orderReduced(Order, remaining: Quantity)
        case orderCancelled(Order)
        case filled(Fill)
        case fundingSettled(instrument: Int, rate: String)
    }

    /// The stages of a withdrawal.
    enum Withdrawal: String {
        case requested = "withdrawalRequested"
        case settled = "withdrawalSettled"
        case reversed = "withdrawalReversed"
    }
}

/// A leg of an account in hedge mode.
enum Leg: String {
    case long
    case short
}

/// A resting order.
struct Order {
    let name: String
    let account: String
    let instrument: Int
    let leg: Leg?
    let buys: Bool
    let quantity: Quantity
    let price: Price
    let reduceOnly: Bool
}

/// A trade between two accounts of the venue.
struct Fill {
    let instrument: Int
    let quantity: Quantity
    let price: Price
    let buyer: Party
    let seller: Party

    /// One side of a trade.
    struct Party {
        let account: String
        var leg: Leg?
        var order: String?
        /// Makers pay 2 basis points of the value, takers 5.
        var maker = false
    }

    /// What `party` pays, exactly.
    func fee(of party: Party) -> Money {
        let value = quantity.value(at: price).units
        let points: Int128 = party.maker ? 2 : 5
        let (fee, rest) = (value * points).quotientAndRemainder(dividingBy: 10_000)
        precondition(rest == 0, "Invariant: prices and lots are coarse enough for an exact fee")
        return Money(units: fee)
    }
}
