import Plimsoll
import PlimsollQueries
import PlimsollReports
import PlimsollUnits
import PlimsollWire
import Testing

/// A part of a journal: numbered events, and the engine before them.
private struct JournalPart: EventHistory {
    let name = "journal"
    let before: Engine
    let events: [(number: Int, event: Event)]

    init(_ events: [Event], from first: Int) {
        var engine = Engine()
        var effects: [Effect] = []
        for event in events.prefix(first) { engine.applyOrRefuse(event, emitting: &effects) }
        before = engine
        self.events = events.enumerated().dropFirst(first).map { ($0.offset + 1, $0.element) }
    }

    func start() -> Engine { before }

    func each(
        _ engine: inout Engine,
        _ body: (inout Engine, Event, _ number: Int) -> Bool
    ) throws(Never) {
        for (number, event) in events where !body(&engine, event, number) { return }
    }
}

/// A receipt of a liquidation from a part of a journal.
@Suite struct `A receipt from a journal` {
    /// Alice falls below her line by a mark, and her order is filled.
    private func history() throws -> (events: [Event], fall: Int) {
        var desk = try AliceAndBob()
        let btc = try desk.book.instrument("BTCUSDT")
        try desk.book.send(.ticked)
        let fall = desk.book.events.count
        try desk.book.send(.marked(Marked(instrument: btc, price: price("40100"))))
        let open = try #require(desk.book.engine.openLiquidations.first)
        let order = try #require(open.orders.first)
        try desk.book.send(
            .liquidationFilled(
                LiquidationFilled(
                    order: order,
                    quantity: quantity("0.03765587"),
                    price: price("40100"),
                    counterparty: Filled.Party(account: desk.bob)
                )
            )
        )
        try desk.book.send(.ticked)
        return (desk.book.events, fall)
    }

    private func receipt(_ part: JournalPart) -> (receipt: Receipt?, count: UInt64) {
        ReceiptReplay(part, number: 1, verifies: true).receipt()
    }

    @Test func `is the same from the beginning and from a snapshot`() throws {
        let (events, fall) = try history()
        let whole = try #require(receipt(JournalPart(events, from: 0)).receipt)
        #expect(whole.steps.map(\.type) == ["belowLine", "ordered", "filled", "ended", "replayed"])
        #expect(whole.accountName == "alice")
        #expect(whole.checks.allSatisfy { $0.result == .holds })
        for start in [fall - 2, fall] {
            let part = try #require(receipt(JournalPart(events, from: start)).receipt)
            #expect(part.steps.map(\.type) == whole.steps.map(\.type))
            #expect(part.steps.map(\.line) == whole.steps.map(\.line))
            #expect(part.checks.allSatisfy { $0.result == .holds })
        }
    }

    @Test func `is none where the part begins within the liquidation`() throws {
        let (events, fall) = try history()
        #expect(receipt(JournalPart(events, from: fall + 1)).receipt == nil)
        let other = ReceiptReplay(JournalPart(events, from: 0), number: 2, verifies: false)
            .receipt()
        #expect(other.receipt == nil)
        #expect(other.count == 1)
    }

    @Test func `is answered whole, or for one whom it concerns`() throws {
        let (events, _) = try history()
        let desk = try AliceAndBob()
        let part = JournalPart(events, from: 0)
        let whole = try Read(ReceiptAnswer(1, of: part))
        #expect(whole["holds"]?.text == "true")
        #expect(whole["account"]?.text == "alice")
        let bobs = try Read(ReceiptAnswer(1, of: part, concerning: desk.bob))
        #expect(bobs["concerning"]?.text == "bob")
        let steps = bobs["steps"]?.items.compactMap { $0["type"]?.text } ?? []
        #expect(steps.contains("filled") && !steps.contains("belowLine"))
        #expect(throws: ReceiptFault<Never>.self) { try ReceiptAnswer(2, of: part) }
        #expect(throws: ReceiptFault<Never>.self) {
            try ReceiptAnswer(
                1,
                of: part,
                concerning: desk.book.engine.outside(of: desk.book.venue)
            )
        }
    }
}
