import Plimsoll
import PlimsollUnits
import Testing

/// A venue with one or more instruments settled in USD, and its matching engine's side of the talk.
struct LiquidationDesk {
    var engine = Engine()
    /// Every event that was sent, in order.
    var events: [Event] = []
    /// Every effect so far.
    var effects: [Effect] = []
    var clock: Int64 = 1_000_000_000
    let venue = VenueID(index: 0)
    let usd = AssetID(index: 0)

    /// One instrument: maintenance 5 % to 100,000, 10 % beyond, leverage up to 20.
    static func rules(
        _ symbol: String,
        payoff: Payoff = .linear,
        brackets: [Bracket]? = nil
    ) -> InstrumentRules {
        let steps =
            brackets ?? [
                bracket(from: "0", rate: "0.05", leverage: 20),
                bracket(from: "100000", rate: "0.1", amount: "5000", leverage: 10),
            ]
        guard let schedule = BracketSchedule(key: .notional, brackets: steps) else {
            preconditionFailure("Invariant: the test's brackets rise from 0")
        }
        return InstrumentRules(
            symbol: symbol,
            payoff: payoff,
            base: symbol,
            quote: "USD",
            settle: "USD",
            schedule: .brackets(schedule)
        )
    }

    init(
        _ enforcement: Enforcement,
        mode: VenueMode = .venue,
        instruments: [InstrumentRules] = [LiquidationDesk.rules("X")],
        collateral: [String] = [],
        fund: String = "0",
        adjust: (inout Rulebook) -> Void = { _ in }
    ) {
        var rulebook = Rulebook(id: "desk", version: "1", currency: "USD")
        rulebook.instruments = instruments
        rulebook.enforcement = enforcement
        rulebook.thresholds.exit = rate("0.8")
        rulebook.positionModes = [.oneWay, .hedge]
        adjust(&rulebook)
        send(.venueDefined(VenueDefined(name: "v", mode: mode)))
        for name in ["USD"] + collateral {
            send(.assetDefined(AssetDefined(venue: venue, name: name)))
        }
        send(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: rulebook)))
        for rules in instruments {
            send(.instrumentDefined(InstrumentDefined(venue: venue, symbol: rules.symbol)))
        }
        if money(fund) != .zero {
            send(.insuranceFunded(InsuranceFunded(asset: usd, amount: money(fund))))
        }
    }

    /// Sends an event, a second after the last one, and returns what it led to; a refusal is an effect.
    @discardableResult
    mutating func send(_ body: Event.Body, after nanoseconds: Int64 = 1_000_000_000) -> [Effect] {
        clock += nanoseconds
        let event = Event(time: Timestamp(nanoseconds: clock), body: body)
        var found: [Effect] = []
        events.append(event)
        engine.applyOrRefuse(event, emitting: &found)
        effects += found
        #expect(engine.brokenInvariants() == [], "\(body)")
        return found
    }

    /// Opens an account with a wallet.
    mutating func open(
        _ name: String,
        _ wallet: String,
        positionMode: PositionMode? = nil
    ) -> AccountID {
        send(.accountOpened(AccountOpened(venue: venue, name: name, positionMode: positionMode)))
        let account = id(name)
        if money(wallet) != .zero {
            send(.deposited(Deposited(account: account, asset: usd, amount: money(wallet))))
        }
        return account
    }

    func asset(_ name: String) -> AssetID {
        guard let asset = engine.directory.asset(name, in: venue) else {
            preconditionFailure("Invariant: the test defined '\(name)'")
        }
        return asset
    }

    @discardableResult
    mutating func index(_ name: String, _ text: String) -> [Effect] {
        send(.indexed(Indexed(asset: asset(name), price: price(text))))
    }

    mutating func deposit(_ account: AccountID, _ amount: String, _ name: String) {
        send(.deposited(Deposited(account: account, asset: asset(name), amount: money(amount))))
    }

    func id(_ name: String) -> AccountID {
        guard let account = engine.directory.account(name, in: venue) else {
            preconditionFailure("Invariant: the test opened '\(name)'")
        }
        return account
    }

    @discardableResult
    mutating func mark(_ text: String, _ instrument: Int32 = 0) -> [Effect] {
        send(.marked(Marked(instrument: InstrumentID(index: instrument), price: price(text))))
    }

    /// `buyer` buys from `seller`.
    mutating func trade(
        _ buyer: AccountID,
        _ seller: AccountID,
        _ size: String,
        at text: String,
        _ instrument: Int32 = 0
    ) {
        send(
            .filled(
                Filled(
                    instrument: InstrumentID(index: instrument),
                    quantity: quantity(size),
                    price: price(text),
                    buyer: Filled.Party(account: buyer),
                    seller: Filled.Party(account: seller)
                )
            )
        )
    }

    /// The matching engine fills a part of a liquidation order.
    @discardableResult
    mutating func fill(
        _ order: UInt64,
        _ size: String,
        at text: String,
        with other: AccountID
    ) -> [Effect] {
        send(
            .liquidationFilled(
                LiquidationFilled(
                    order: order,
                    quantity: quantity(size),
                    price: price(text),
                    counterparty: Filled.Party(account: other)
                )
            )
        )
    }

    @discardableResult
    mutating func end(
        _ order: UInt64,
        _ reason: LiquidationOrderEnded.Reason = .unfilled
    ) -> [Effect] {
        send(.liquidationOrderEnded(LiquidationOrderEnded(order: order, reason: reason)))
    }

    func wallet(_ account: AccountID, _ name: String) -> Money {
        engine.report(account, prices: false).collateral
            .first { $0.asset == name }?.walletBalance ?? .zero
    }

    func wallet(_ account: AccountID) -> Money {
        engine.report(account, prices: false).collateral.first?.walletBalance ?? .zero
    }

    func held(_ account: AccountID, _ instrument: Int32 = 0) -> Quantity {
        engine.report(account, prices: false).positions
            .first { $0.instrument.index == instrument }?.quantity ?? .zero
    }

    var fund: Money { engine.totals()[0].funds }
}

extension Sequence<Effect> {
    var ordered: [LiquidationOrdered] {
        compactMap { if case .liquidationOrdered(let order) = $0 { order } else { nil } }
    }
    var ended: [LiquidationEnded] {
        compactMap { if case .liquidationEnded(let end) = $0 { end } else { nil } }
    }
    var deleveraged: [Deleveraged] {
        compactMap { if case .deleveraged(let close) = $0 { close } else { nil } }
    }
    var socialised: [LossSocialised] {
        compactMap { if case .lossSocialised(let share) = $0 { share } else { nil } }
    }
    var bankruptcies: [BankruptcyDeclared] {
        compactMap { if case .bankruptcyDeclared(let bankruptcy) = $0 { bankruptcy } else { nil } }
    }
    var insurance: [InsuranceMoved] {
        compactMap { if case .insuranceMoved(let move) = $0 { move } else { nil } }
    }
    var refusals: [Rejection] {
        compactMap { if case .refused(let rejection) = $0 { rejection } else { nil } }
    }
}
