@testable import Plimsoll
import PlimsollMarket
import PlimsollUnits
import Testing

/// An engine on a history in which nobody answers, and the market that does.
private struct Replay {
    var engine = Engine()
    var market: ReplayMarket
    private(set) var happened: [Event] = []
    private(set) var effects: [Effect] = []
    static let venue = VenueID(index: 0)
    static let usd = AssetID(index: 0)

    init(_ enforcement: Enforcement? = Enforcement()) throws {
        market = try ReplayMarket()
        var rulebook = Rulebook(id: "r", version: "1", currency: "USD")
        rulebook.instruments = [Market.rules(step: quantity("0.1"))]
        rulebook.enforcement = enforcement
        send(0, .venueDefined(VenueDefined(name: "v", mode: .venue)))
        send(0, .assetDefined(AssetDefined(venue: Self.venue, name: "USD")))
        send(0, .rulebookAdopted(RulebookAdopted(venue: Self.venue, rulebook: rulebook)))
        send(0, .instrumentDefined(InstrumentDefined(venue: Self.venue, symbol: "X")))
        mark(0, "100")
    }

    mutating func open(_ name: String, _ deposit: String) throws -> AccountID {
        let now = engine.clock.nanoseconds / 1_000_000_000
        send(now, .accountOpened(AccountOpened(venue: Self.venue, name: name)))
        let account = try #require(engine.directory.account(name, in: Self.venue))
        send(
            now,
            .deposited(Deposited(account: account, asset: Self.usd, amount: money(deposit)))
        )
        return account
    }

    mutating func mark(_ second: Int64, _ text: String) {
        send(second, .marked(Marked(instrument: Market.instrument, price: price(text))))
    }

    mutating func fill(
        _ second: Int64,
        _ buyer: AccountID,
        _ seller: AccountID,
        _ size: String,
        order: String? = nil
    ) {
        send(
            second,
            .filled(
                Filled(
                    instrument: Market.instrument,
                    quantity: quantity(size),
                    price: engine.mark(of: Market.instrument) ?? price("100"),
                    buyer: Filled.Party(account: buyer, order: order),
                    seller: Filled.Party(account: seller)
                )
            )
        )
    }

    /// What the history says next: the market has its say before.
    mutating func send(_ second: Int64, _ body: Event.Body) {
        act(until: seconds(second))
        let event = Event(time: seconds(second), body: body)
        for happening in market.adapted(event, engine) { apply(happening) }
    }

    mutating func act(until time: Timestamp) {
        while let event = market.next(until: time, engine) { apply(event) }
    }

    private mutating func apply(_ event: Event) {
        var new: [Effect] = []
        engine.applyOrRefuse(event, emitting: &new)
        happened.append(event)
        market.note(new, of: event, engine)
        effects += new
    }

    func held(_ account: AccountID) -> Quantity? {
        engine.report(account, prices: false).positions.first?.quantity
    }
}

@Suite struct `A market in a replay` {
    /// alice is long 100 X at 100 with 600; at 95 her equity is 100, and 475 are required.
    private func fallen() throws -> (replay: Replay, alice: AccountID, bob: AccountID) {
        var replay = try Replay()
        let alice = try replay.open("alice", "600")
        let bob = try replay.open("bob", "100000")
        replay.fill(1, alice, bob, "100")
        replay.mark(10, "95")
        return (replay, alice, bob)
    }

    @Test func `executes an order a tenth of a second after it was sent`() throws {
        var (replay, alice, _) = try fallen()
        #expect(!replay.engine.openLiquidations.isEmpty)
        replay.act(until: Timestamp(nanoseconds: 10_099_999_999))
        #expect(replay.held(alice) == quantity("100"))
        replay.act(until: seconds(11))
        #expect((replay.held(alice) ?? .zero) < quantity("100"))
        let fill = try #require(
            replay.happened.first { if case .liquidationFilled = $0.body { true } else { false } }
        )
        #expect(fill.time == Timestamp(nanoseconds: 10_100_000_000))
        #expect(replay.engine.openLiquidations.isEmpty)
        #expect(replay.engine.brokenInvariants() == [])
    }

    @Test func `moves the marks of the history by what its orders did`() throws {
        var (replay, _, _) = try fallen()
        replay.act(until: seconds(11))
        let impact = replay.market.report.largestImpact
        #expect(impact > .zero)
        replay.mark(12, "95")
        let mark = try #require(replay.engine.mark(of: Market.instrument))
        #expect(mark < price("95"))
        replay.mark(100_000, "95")
        #expect(replay.engine.mark(of: Market.instrument) == price("95"))
    }

    @Test func `lets who was reduced close the rest, and the other side trade as it did`() throws {
        var (replay, alice, bob) = try fallen()
        replay.act(until: seconds(11))
        let left = try #require(replay.held(alice))
        #expect(left > .zero && left < quantity("100"))
        // What would open again is not hers; the other side has it from outside.
        replay.fill(12, alice, bob, "1")
        #expect(replay.held(alice) == left && replay.held(bob) == quantity("-101"))
        // Her history closes all that she once had.
        replay.fill(13, bob, alice, "100")
        #expect(replay.held(alice) == nil && replay.held(bob) == quantity("-1"))
        #expect(replay.market.leftOut == 2)
        // Nothing was closed for bob: he trades as he did.
        replay.send(15, .ticked)
        let carol = try replay.open("carol", "100000")
        replay.fill(15, carol, bob, "1")
        #expect(replay.market.leftOut == 2 && replay.held(bob) == quantity("-2"))
        #expect(replay.engine.brokenInvariants() == [])
    }

    @Test func `an order is never for more than what is left of its position`() throws {
        var (replay, alice, bob) = try fallen()
        // She sells most of it herself before the order arrives, and stays below her line.
        replay.mark(10, "94.2")
        replay.fill(10, bob, alice, "99.5")
        replay.act(until: seconds(20))
        #expect(replay.effects.allSatisfy { if case .refused = $0 { false } else { true } })
        #expect(replay.engine.openLiquidations.isEmpty)
    }

    @Test func `what the history answers did not happen`() throws {
        var (replay, _, _) = try fallen()
        replay.send(10, .liquidationOrderEnded(.init(order: 1, reason: .unfilled)))
        #expect(replay.market.leftOut == 1 && !replay.engine.openLiquidations.isEmpty)
        replay.act(until: seconds(11))
        #expect(replay.engine.openLiquidations.isEmpty)
    }

    @Test func `cancels orders, and leaves out what follows them`() throws {
        var replay = try Replay()
        let alice = try replay.open("alice", "1200")
        let bob = try replay.open("bob", "100000")
        replay.fill(1, alice, bob, "100")
        func order(_ name: String) -> Event.Body {
            .orderPlaced(
                OrderPlaced(
                    account: alice,
                    order: name,
                    instrument: Market.instrument,
                    side: .buy,
                    quantity: quantity("1"),
                    price: price("80")
                )
            )
        }
        replay.send(2, order("o-1"))
        replay.mark(10, "89")
        replay.act(until: seconds(11))
        #expect(
            replay.happened.contains {
                if case .orderCancelled(let end) = $0.body { end.order == "o-1" } else { false }
            }
        )
        #expect(replay.effects.allSatisfy { if case .refused = $0 { false } else { true } })
        replay.send(12, .orderCancelled(OrderCancelled(account: alice, order: "o-1")))
        replay.fill(13, alice, bob, "1", order: "o-1")
        replay.send(14, order("o-2"))
        replay.send(15, .orderCancelled(OrderCancelled(account: alice, order: "o-2")))
        #expect(replay.market.leftOut == 4)
    }

    @Test func `is silent where nobody orders liquidations`() throws {
        var replay = try Replay(nil)
        let alice = try replay.open("alice", "600")
        let bob = try replay.open("bob", "100000")
        replay.fill(1, alice, bob, "100")
        replay.mark(10, "95")
        #expect(replay.market.next(until: seconds(1_000), replay.engine) == nil)
    }

    @Test func `refuses shares that are none`() {
        var options = ReplayMarket.Options()
        options.assumptions.depthShare = .zero
        #expect(throws: MarketFault.outOfRange("depthShare")) { try ReplayMarket(options) }
    }
}
