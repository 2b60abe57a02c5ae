import Plimsoll
import PlimsollUnits

// The order book, and what became of liquidation orders.
extension EventBodyReader {
    func enforcement(_ kind: EventKind) throws(InputFault) -> Event.Body {
        switch kind {
        case .depthObserved:
            return .depthObserved(
                DepthObserved(
                    instrument: try names.instrument(),
                    bids: try levels("bids"),
                    asks: try levels("asks")
                )
            )
        case .liquidationFilled:
            return .liquidationFilled(
                LiquidationFilled(
                    order: try liquidationOrder(),
                    quantity: try fields.quantity("quantity"),
                    price: try fields.price("price"),
                    counterparty: try party("counterparty")
                )
            )
        default:
            try nameless()
            return .liquidationOrderEnded(
                LiquidationOrderEnded(
                    order: try liquidationOrder(),
                    reason: try fields.enumeration("reason", LiquidationOrderEnded.Reason.words)
                )
            )
        }
    }

    /// The number by which the engine named a liquidation order.
    private func liquidationOrder() throws(InputFault) -> UInt64 {
        let field = try fields.required("order")
        let text = try field.scalar()
        // `UInt64(_:)` would take a plus too.
        guard !text.hasPrefix("+"), let number = UInt64(text) else {
            throw field.fault(
                "\(Excerpt.quoted(text)) is not the number of a liquidation order.",
                remedy: "Write the 'order' of the liquidation order, a whole number."
            )
        }
        return number
    }

    /// One side of an order book: `[[price, quantity], …]`.
    private func levels(_ side: String) throws(InputFault) -> [DepthObserved.Level] {
        let field = try fields.required(side)
        let pairs = try field.list()
        guard pairs.count <= Limits.depthLevels else {
            throw field.fault(
                "there are \(pairs.count) levels, more than \(Limits.depthLevels).",
                remedy: "Leave out those that are the furthest from the best price."
            )
        }
        var levels: [DepthObserved.Level] = []
        levels.reserveCapacity(pairs.count)
        for pair in pairs {
            let values = try pair.list()
            guard values.count == 2 else {
                throw pair.fault(
                    "the level has \(values.count) values, not 2.",
                    remedy: "Write [price, quantity]."
                )
            }
            levels.append(
                DepthObserved.Level(
                    price: try values[0].price(),
                    quantity: try values[1].positiveQuantity()
                )
            )
        }
        return levels
    }
}
