import Plimsoll
import PlimsollUnits

/// A venue with one rulebook, driven in a few words; whatever is refused stops the test.
struct Desk {
    var engine = Engine()
    let venue = VenueID(index: 0)
    var clock: Int64 = 1_000_000_000

    init(_ rulebook: Rulebook, mode: VenueMode = .venue, assets: [String] = ["USDT", "BTC"]) {
        send(.venueDefined(VenueDefined(name: "desk", mode: mode)))
        for asset in assets { send(.assetDefined(AssetDefined(venue: venue, name: asset))) }
        adopt(rulebook)
        for rules in rulebook.instruments {
            send(.instrumentDefined(InstrumentDefined(venue: venue, symbol: rules.symbol)))
        }
    }

    /// A rulebook with nothing but instruments.
    init(_ instruments: InstrumentRules...) {
        self.init(Rulebook(id: "desk", version: "1", currency: "USDT", instruments: instruments))
    }

    func account(_ name: String) -> AccountID {
        guard let id = engine.directory.account(name, in: venue) else {
            preconditionFailure("Invariant: \(name) has an account")
        }
        return id
    }

    func asset(_ name: String) -> AssetID {
        guard let id = engine.directory.asset(name, in: venue) else {
            preconditionFailure("Invariant: \(name) is an asset")
        }
        return id
    }

    func instrument(_ symbol: String) -> InstrumentID {
        guard let id = engine.directory.instrument(symbol, in: venue) else {
            preconditionFailure("Invariant: \(symbol) is listed")
        }
        return id
    }

    @discardableResult
    mutating func send(_ body: Event.Body) -> [Effect] {
        var effects: [Effect] = []
        do {
            try engine.apply(
                Event(time: Timestamp(nanoseconds: clock), body: body),
                emitting: &effects
            )
        } catch {
            preconditionFailure("Invariant: the test's events are possible: \(error)")
        }
        return effects
    }

    /// What an event is refused for; `nil` if it is applied.
    mutating func refusal(_ body: Event.Body) -> Rejection? {
        var effects: [Effect] = []
        do throws(Rejection) {
            try engine.apply(
                Event(time: Timestamp(nanoseconds: clock), body: body),
                emitting: &effects
            )
            return nil
        } catch {
            return error
        }
    }

    mutating func adopt(_ rulebook: Rulebook) {
        send(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: rulebook)))
    }

    mutating func open(
        _ name: String,
        _ asset: String = "USDT",
        deposit: String? = nil,
        collateral: CollateralMode? = nil,
        positions: PositionMode? = nil
    ) {
        send(
            .accountOpened(
                AccountOpened(
                    venue: venue,
                    name: name,
                    collateralMode: collateral,
                    positionMode: positions
                )
            )
        )
        if let deposit { self.deposit(name, deposit, asset) }
    }

    mutating func deposit(_ name: String, _ amount: String, _ asset: String = "USDT") {
        send(
            .deposited(
                Deposited(
                    account: account(name),
                    asset: self.asset(asset),
                    amount: money(amount)
                )
            )
        )
    }

    @discardableResult
    mutating func mark(_ symbol: String, _ text: String) -> [Effect] {
        mark(instrument(symbol), price(text))
    }

    @discardableResult
    mutating func mark(_ instrument: InstrumentID, _ price: Price) -> [Effect] {
        send(.marked(Marked(instrument: instrument, price: price)))
    }

    mutating func index(_ asset: String, _ text: String) {
        send(.indexed(Indexed(asset: self.asset(asset), price: price(text))))
    }

    mutating func configure(
        _ name: String,
        _ symbol: String,
        leverage times: Int64? = nil,
        margin: MarginMode? = nil
    ) {
        var body = AccountConfigured(account: account(name))
        body.instrument = instrument(symbol)
        body.leverage = times.map { leverage($0) }
        body.marginMode = margin
        send(.accountConfigured(body))
    }

    /// `size` is signed: bought from or sold to `outside`.
    mutating func fill(
        _ name: String,
        _ symbol: String,
        _ size: String,
        at text: String,
        leg: Leg = .net,
        fee: String = "0"
    ) {
        let isSale = size.hasPrefix("-")
        let magnitude = quantity(String(isSale ? size.dropFirst() : size[...]))
        let mine = Filled.Party(account: account(name), leg: leg, fee: money(fee))
        let other = Filled.Party(account: account("outside"))
        send(
            .filled(
                Filled(
                    instrument: instrument(symbol),
                    quantity: magnitude,
                    price: price(text),
                    buyer: isSale ? other : mine,
                    seller: isSale ? mine : other
                )
            )
        )
    }

    func order(
        _ name: String,
        _ id: String,
        _ symbol: String,
        _ side: Side,
        _ size: String,
        at text: String,
        leg: Leg = .net
    ) -> OrderPlaced {
        OrderPlaced(
            account: account(name),
            order: id,
            instrument: instrument(symbol),
            side: side,
            leg: leg,
            quantity: quantity(size),
            price: price(text)
        )
    }

    func report(_ name: String) -> AccountReport { engine.report(account(name)) }

    /// The position of an account, which has it.
    func position(_ name: String, _ symbol: String, _ leg: Leg = .net) -> PositionReport {
        let found = report(name).positions.first { $0.symbol == symbol && $0.leg == leg }
        guard let found else { preconditionFailure("Invariant: \(name) holds \(symbol)") }
        return found
    }

    func modes(_ name: String) -> [PoolMode] { engine.standing(of: account(name)).map(\.mode) }
}
