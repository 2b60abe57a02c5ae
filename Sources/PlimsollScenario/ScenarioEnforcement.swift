import Plimsoll
import PlimsollUnits
import PlimsollWire

/// The order book, and what became of liquidation orders, which go by their numbers.
extension ScenarioWords {
    mutating func enforcement(
        _ verb: String
    ) throws(InputFault) -> (@Sendable (ScenarioNames) -> Event.Body)? {
        switch verb {
        case "depth":
            let symbol = try take("the symbol")
            let bids = takes("bids") ? try levels() : []
            let asks = takes("asks") ? try levels() : []
            return {
                .depthObserved(
                    DepthObserved(instrument: $0.instrument(symbol), bids: bids, asks: asks)
                )
            }
        case "liquidation":
            guard try require("fill", "end") == 1 else { return try liquidationFill() }
            let order = try liquidationOrder()
            let reason = try pick("the reason", LiquidationOrderEnded.Reason.words)
            return { _ in
                .liquidationOrderEnded(LiquidationOrderEnded(order: order, reason: reason))
            }
        default: return nil
        }
    }

    /// `QUANTITY at PRICE` for each level, the best first.
    private mutating func levels() throws(InputFault) -> [DepthObserved.Level] {
        var levels: [DepthObserved.Level] = []
        repeat {
            let quantity = try quantity()
            _ = try require("at")
            levels.append(DepthObserved.Level(price: try price(), quantity: quantity))
        } while peek.map { !["asks", "id", "from", "dated", "accepted"].contains($0) } ?? false
        return levels
    }

    private mutating func liquidationFill() throws(InputFault)
        -> @Sendable (ScenarioNames) -> Event.Body
    {
        let order = try liquidationOrder()
        let quantity = try quantity()
        _ = try require("at")
        let price = try price()
        _ = try require("with")
        let account = try take("the account")
        let leg = leg()
        let theirs = try feeAndOrder()
        return {
            .liquidationFilled(
                LiquidationFilled(
                    order: order,
                    quantity: quantity,
                    price: price,
                    counterparty: Filled.Party(
                        account: $0.account(account),
                        leg: leg,
                        fee: theirs.fee,
                        order: theirs.order
                    )
                )
            )
        }
    }

    private mutating func liquidationOrder() throws(InputFault) -> UInt64 {
        UInt64(clamping: try count("the number of the order"))
    }
}
