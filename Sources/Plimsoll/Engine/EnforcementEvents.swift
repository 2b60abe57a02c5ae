public import PlimsollUnits

/// The visible order book of an instrument, which caps what liquidation orders ask for.
public struct DepthObserved: Hashable, Sendable {
    /// The instrument.
    public var instrument: InstrumentID
    /// Bids, the best (highest) first.
    public var bids: [Level]
    /// Asks, the best (lowest) first.
    public var asks: [Level]
    /// A book of these levels.
    public init(instrument: InstrumentID, bids: [Level], asks: [Level]) {
        self.instrument = instrument
        self.bids = bids
        self.asks = asks
    }

    /// All that rests at one price.
    public struct Level: Hashable, Sendable {
        /// The price.
        public var price: Price
        /// How much rests there, above zero.
        public var quantity: Quantity
        /// `quantity` at `price`.
        public init(price: Price, quantity: Quantity) {
            self.price = price
            self.quantity = quantity
        }
    }
}

/// A liquidation order was filled, in part or whole.
public struct LiquidationFilled: Hashable, Sendable {
    /// The order, by the number that its effect gave it.
    public var order: UInt64
    /// How much, above zero and at most what is left of the order.
    public var quantity: Quantity
    /// The price, at the order's limit or better.
    public var price: Price
    /// Who took the other side.
    public var counterparty: Filled.Party
    /// A fill of `order`.
    public init(order: UInt64, quantity: Quantity, price: Price, counterparty: Filled.Party) {
        self.order = order
        self.quantity = quantity
        self.price = price
        self.counterparty = counterparty
    }
}

/// A liquidation order is gone; what is left of it was not filled.
public struct LiquidationOrderEnded: Hashable, Sendable {
    /// Why an order ended.
    public enum Reason: UInt8, Hashable, Sendable, CaseIterable {
        /// Nobody took the rest at its limit.
        case unfilled = 0
        /// The matching engine did not take it.
        case rejected = 1
        /// It was cancelled, as the engine had asked.
        case cancelled = 2
    }
    /// The order, by the number that its effect gave it.
    public var order: UInt64
    /// Why.
    public var reason: Reason
    /// The end of `order`.
    public init(order: UInt64, reason: Reason) {
        self.order = order
        self.reason = reason
    }
}
