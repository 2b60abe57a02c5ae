import Plimsoll
import PlimsollUnits
import PlimsollWire

/// The statements that are events, by their first word; `docs/formats/scenarios.md` lists them.
extension ScenarioWords {
    private typealias Body = @Sendable (ScenarioNames) -> Event.Body

    /// The verbs of all statements.
    static let verbs = [
        "venue", "in", "asset", "rulebook", "rulebook:", "instrument", "account", "configure",
        "deposit", "withdraw", "withdrawal", "transfer", "margin", "fee", "interest", "insurance",
        "convert", "reconcile", "order", "reduce", "cancel", "fill", "mark", "index",
        "open-interest", "funding", "session", "expire", "depth", "liquidation", "freeze",
        "release", "tick", "again", "clock", "expect", "totals", "refused", "effect", "effects",
        "below-zero",
    ]

    /// What the line says.
    mutating func statement(
        catalog: RulebookCatalog
    ) throws(InputFault) -> [ScenarioStatement.Action] {
        if let check = try check() { return [check] }
        let verb = try take("the statement")
        switch verb {
        case "in": return [.venue(try take("the venue"))]
        case "clock":
            let time = try time()
            return [.clock(nanoseconds: time.nanoseconds, isRelative: time.isRelative)]
        case "again": return [.again]
        case "venue": return try venue()
        case "asset":
            return try several("the asset") { name in
                { .assetDefined(AssetDefined(venue: $0.venue, name: name)) }
            }
        case "instrument":
            return try several("the symbol") { name in
                { .instrumentDefined(InstrumentDefined(venue: $0.venue, symbol: name)) }
            }
        case "rulebook":
            let column = Mark(line: line, column: 1)
            let name = Node(.scalar(try take("the rulebook"), quoted: false), at: column)
            return [try Self.adoption(NodeReader(name, file: file), catalog: catalog)]
        default: break
        }
        var body = try reference(verb)
        if body == nil { body = try money(verb) }
        if body == nil { body = try trading(verb) }
        if body == nil { body = try market(verb) }
        if body == nil { body = try enforcement(verb) }
        guard let body else {
            let near = Spelling.nearest(to: verb, among: Self.verbs)
            throw faultBefore(
                "\(Excerpt.quoted(verb)) is not a statement.",
                remedy: near.map { "Did you mean '\($0)'?" }
                    ?? "docs/formats/scenarios.md lists the statements."
            )
        }
        return [.event(try identified(body))]
    }

    /// The adoption of the rulebook that a reader holds.
    static func adoption(
        _ reader: NodeReader,
        catalog: RulebookCatalog
    ) throws(InputFault) -> ScenarioStatement.Action {
        do throws(InputFaults) {
            let rulebook = try catalog.load(reader).rulebook
            return .event(
                ScenarioEvent {
                    .rulebookAdopted(RulebookAdopted(venue: $0.venue, rulebook: rulebook))
                }
            )
        } catch {
            guard let first = error.faults.first else {
                preconditionFailure("Invariant: faults that are thrown are not empty")
            }
            throw first
        }
    }

    private mutating func venue() throws(InputFault) -> [ScenarioStatement.Action] {
        let name = try take("the venue")
        let mode: VenueMode = takes("mirror") ? .mirror : .venue
        let event = ScenarioEvent { _ in .venueDefined(VenueDefined(name: name, mode: mode)) }
        return [.event(event), .venue(name)]
    }

    /// One event for each name that follows.
    private mutating func several(
        _ what: String,
        _ make: (String) -> Body
    ) throws(InputFault) -> [ScenarioStatement.Action] {
        var actions: [ScenarioStatement.Action] = []
        repeat { actions.append(.event(ScenarioEvent(make(try take(what))))) } while !isAtEnd
        return actions
    }

    /// What may follow every event: `id X`, `from FEED [number N]`, `dated T`, `accepted T`.
    private mutating func identified(_ body: @escaping Body) throws(InputFault) -> ScenarioEvent {
        var event = ScenarioEvent(body)
        if takes("id") {
            event.identity = .command(try take("the id"))
        } else if takes("from") {
            let feed = try take("the feed")
            let number = takes("number") ? UInt64(clamping: try count("the number")) : nil
            event.identity = .feed(feed, number: number)
        }
        if takes("dated") { event.dated = Timestamp(nanoseconds: try time().nanoseconds) }
        if takes("accepted") { event.accepted = Timestamp(nanoseconds: try time().nanoseconds) }
        return event
    }

    mutating func leg() -> Leg { choice(Leg.words) ?? .net }

    // MARK: Reference

    private mutating func reference(_ verb: String) throws(InputFault) -> Body? {
        switch verb {
        case "account":
            let name = try take("the account")
            let collateral = choice(CollateralMode.words)
            let position = choice(PositionMode.words)
            return {
                .accountOpened(
                    AccountOpened(
                        venue: $0.venue,
                        name: name,
                        collateralMode: collateral,
                        positionMode: position
                    )
                )
            }
        case "configure": return try configuration()
        case "freeze", "release":
            let account = try take("the account")
            _ = try require("by")
            let who = try take("the operator")
            _ = try require("because")
            let why = try take("the reason")
            let action: OperatorActed.Action = verb == "freeze" ? .freeze : .release
            return {
                let account = $0.account(account)
                return .operatorActed(
                    OperatorActed(action: action, account: account, who: who, why: why)
                )
            }
        case "tick": return { _ in .ticked }
        default: return nil
        }
    }

    private mutating func configuration() throws(InputFault) -> Body {
        let account = try take("the account")
        let collateral = choice(CollateralMode.words)
        let position = choice(PositionMode.words)
        var symbol: String?
        var mode: MarginMode?
        var leverage: Leverage?
        if let word = peek, !["id", "from", "dated", "accepted"].contains(word) {
            symbol = try take("the symbol")
            mode = choice(MarginMode.words)
            if takes("leverage") { leverage = try self.leverage() }
        }
        return { [symbol, mode, leverage] names in
            .accountConfigured(
                AccountConfigured(
                    account: names.account(account),
                    collateralMode: collateral,
                    positionMode: position,
                    instrument: symbol.map { names.instrument($0) },
                    marginMode: mode,
                    leverage: leverage
                )
            )
        }
    }

    // MARK: Trading

    private mutating func trading(_ verb: String) throws(InputFault) -> Body? {
        switch verb {
        case "order": return try order()
        case "fill": return try fill()
        case "reduce":
            let account = try take("the account")
            let order = try take("the order")
            _ = try require("to")
            let remaining = try quantity()
            return {
                let account = $0.account(account)
                return .orderReduced(
                    OrderReduced(account: account, order: order, remaining: remaining)
                )
            }
        case "cancel":
            let account = try take("the account")
            let order = try take("the order")
            return {
                .orderCancelled(OrderCancelled(account: $0.account(account), order: order))
            }
        default: return nil
        }
    }

    private mutating func order() throws(InputFault) -> Body {
        let account = try take("the account")
        let order = try take("the order")
        let leg = leg()
        let side: Side = try require("buys", "sells") == 0 ? .buy : .sell
        let quantity = try quantity()
        let symbol = try take("the symbol")
        _ = try require("at")
        let price = try price()
        let reduceOnly = takes("reduce-only")
        return {
            .orderPlaced(
                OrderPlaced(
                    account: $0.account(account),
                    order: order,
                    instrument: $0.instrument(symbol),
                    side: side,
                    leg: leg,
                    quantity: quantity,
                    price: price,
                    reduceOnly: reduceOnly
                )
            )
        }
    }

    private mutating func fill() throws(InputFault) -> Body {
        let account = try take("the account")
        let leg = leg()
        let buys = try require("buys", "sells") == 0
        let quantity = try quantity()
        let symbol = try take("the symbol")
        _ = try require(buys ? "from" : "to")
        let other = try take("the other account")
        let otherLeg = self.leg()
        _ = try require("at")
        let price = try price()
        let own = try feeAndOrder()
        let theirs = takes("against") ? try feeAndOrder() : (fee: .zero, order: nil)
        return { names in
            let first = Filled.Party(
                account: names.account(account),
                leg: leg,
                fee: own.fee,
                order: own.order
            )
            let second = Filled.Party(
                account: names.account(other),
                leg: otherLeg,
                fee: theirs.fee,
                order: theirs.order
            )
            return .filled(
                Filled(
                    instrument: names.instrument(symbol),
                    quantity: quantity,
                    price: price,
                    buyer: buys ? first : second,
                    seller: buys ? second : first
                )
            )
        }
    }

    mutating func feeAndOrder() throws(InputFault) -> (fee: Money, order: String?) {
        let fee = takes("fee") ? try amount("the fee") : .zero
        let order = takes("order") ? try take("the order") : nil
        return (fee, order)
    }

    // MARK: Market

    private mutating func market(_ verb: String) throws(InputFault) -> Body? {
        switch verb {
        case "mark":
            let symbol = try take("the symbol")
            let price = try price()
            return { .marked(Marked(instrument: $0.instrument(symbol), price: price)) }
        case "index":
            let asset = try take("the asset")
            let price = try price()
            return { .indexed(Indexed(asset: $0.asset(asset), price: price)) }
        case "open-interest":
            let symbol = try take("the symbol")
            let notional = try amount("the notional")
            return {
                let instrument = $0.instrument(symbol)
                return .openInterestReported(
                    OpenInterestReported(instrument: instrument, notional: notional)
                )
            }
        case "funding": return try funding()
        case "session", "expire":
            let symbol = try take("the symbol")
            _ = try require("at")
            let price = try price()
            guard verb == "session" else {
                return {
                    let instrument = $0.instrument(symbol)
                    return .instrumentExpired(
                        InstrumentExpired(instrument: instrument, price: price)
                    )
                }
            }
            return {
                .sessionSettled(SessionSettled(instrument: $0.instrument(symbol), price: price))
            }
        default: return nil
        }
    }

    private mutating func funding() throws(InputFault) -> Body {
        let symbol = try take("the symbol")
        let isAnnounced = try require("announced", "settled") == 0
        let rate = try fundingRate()
        guard !isAnnounced else {
            return {
                let instrument = $0.instrument(symbol)
                return .fundingRateAnnounced(
                    FundingRateAnnounced(instrument: instrument, rate: rate)
                )
            }
        }
        let price = takes("at") ? try price() : nil
        return {
            let instrument = $0.instrument(symbol)
            return .fundingSettled(
                FundingSettled(instrument: instrument, rate: rate, price: price)
            )
        }
    }
}
