import Foundation
import Plimsoll
import PlimsollUnits
import Testing

@testable import PlimsollHistory

/// A story in a history, and what really happened in it.
private struct Written {
    let folder: Folder
    let history: History
    let story: Story
    /// Every effect with its event's number.
    var effects: [(sequence: UInt64, effect: Effect)] = []

    init(seed: UInt64, _ limits: HistoryLimits = HistoryLimits()) throws {
        folder = try Folder()
        history = try folder.open(limits)
        story = try Story(seed: seed)
        var replica = try Replica(history)
        try replica.follow(story)
        #expect(try replica.finish())
        var engine = Engine()
        for (index, event) in story.events.enumerated() {
            var found: [Effect] = []
            engine.applyOrRefuse(event, emitting: &found)
            effects += found.map { (UInt64(index + 1), $0) }
        }
    }

    /// All pages of effects, joined.
    func pages(of account: AccountID?, limit: Int) async throws -> [EffectRecord] {
        var found: [EffectRecord] = []
        var cursor: EffectPlace?
        while true {
            let page = try await history.effects(of: account, before: cursor, limit: limit)
            #expect(page.items.count <= limit)
            found += page.items
            guard let next = page.next else { return found }
            cursor = EffectPlace(cursor: next)
            #expect(cursor != nil)
        }
    }
}

@Suite struct `Questions to a history` {
    @Test(arguments: [1, 7, 1_000])
    func `pages of effects give each once, the newest first`(limit: Int) async throws {
        let written = try Written(seed: 21)
        let found = try await written.pages(of: nil, limit: limit)
        #expect(found.map(\.sequence) == written.effects.map(\.sequence).reversed())
        #expect(found.map(\.type) == written.effects.map(\.effect.word).reversed())
        #expect(Set(found.map(\.place)).count == found.count)
        for (record, expected) in zip(found, written.effects.reversed()) {
            #expect(record.json.hasPrefix(#"{"type":"\#(expected.effect.word)""#))
            #expect(record.time == written.story.events[Int(expected.sequence) - 1].at)
        }
    }

    @Test func `an account's effects are those that concern it`() async throws {
        let written = try Written(seed: 22)
        for index in 0..<Int32(8) {
            let account = AccountID(index: index)
            let found = try await written.pages(of: account, limit: 50)
            let named = written.effects.filter { $0.effect.accounts.contains(account) }
            // Beside what names it: its refusals, and what others did for its liquidations.
            let records = Set(found.map { "\($0.sequence) \($0.type)" })
            #expect(named.allSatisfy { records.contains("\($0.sequence) \($0.effect.word)") })
            #expect(found.count >= named.count)
        }
        let refused = try await written.pages(of: AccountID(index: 2), limit: 50)
        #expect(refused.contains { $0.type == "refused" })
        let other = try await written.pages(of: AccountID(index: 3), limit: 50)
        #expect(!other.contains { $0.type == "refused" })
    }

    @Test func `effects after an event come in order`() async throws {
        let written = try Written(seed: 23)
        let found = try await written.history.effects(after: 40, limit: 30)
        let expected = written.effects.filter { $0.sequence > 40 }.prefix(30)
        #expect(found.map(\.sequence) == expected.map(\.sequence))
        #expect(found.map(\.type) == expected.map(\.effect.word))
    }

    @Test func `only the newest movements are kept, and every decision`() async throws {
        var limits = HistoryLimits()
        limits.movements = 50
        limits.groupRows = 30
        let written = try Written(seed: 24, limits)
        let found = try await written.pages(of: nil, limit: 100)
        let movements = written.effects.filter(\.effect.isMovement)
        #expect(movements.count > 100)
        #expect(
            found.filter { row in movements.contains { $0.effect.word == row.type } }
                .map(\.sequence) == movements.suffix(50).map(\.sequence).reversed()
        )
        let decisions = written.effects.filter { !$0.effect.isMovement }
        #expect(found.count == 50 + decisions.count)
    }

    @Test(arguments: UInt64(31)...(isSoak ? 60 : 32))
    func `liquidations add up to their effects`(seed: UInt64) async throws {
        let written = try Written(seed: seed)
        let found = try await written.history.liquidations(limit: 1_000).items
        #expect(!found.isEmpty)
        #expect(try await written.history.liquidationCount() == found.count)
        #expect(found.map(\.number) == found.map(\.number).sorted().reversed())
        for record in found {
            let own = written.effects.filter { $0.effect.liquidation == record.number }
            let effects = own.map(\.effect)
            #expect(record.orders == effects.count { $0.word == "liquidationOrdered" })
            #expect(record.firstSequence == own.first?.sequence)
            #expect((record.endedAt != nil) == effects.contains { $0.word == "liquidationEnded" })
            var (deficit, paid, closed) = (Money.zero, Money.zero, Int128(0))
            var orders: Set<UInt64> = []
            for effect in effects {
                switch effect {
                case .bankruptcyDeclared(let bankruptcy):
                    deficit += bankruptcy.deficit
                    paid += bankruptcy.paidByFund
                case .liquidationOrdered(let order): orders.insert(order.order)
                case .insuranceMoved(let move) where move.reason == .takeover:
                    closed += Int128(move.quantity.units.magnitude)
                case .deleveraged(let close): closed += Int128(close.change.units.magnitude)
                default: break
                }
            }
            for event in written.story.events {
                guard case .liquidationFilled(let fill) = event.body,
                    orders.contains(fill.order)
                else { continue }
                closed += Int128(fill.quantity.units)
            }
            #expect(record.loss == deficit)
            #expect(record.paidByFund == paid)
            #expect(record.closed == closed)
            #expect(record.symbol == "X")
            #expect(try await written.history.liquidation(record.number) == record)
        }
        let first = try #require(found.first)
        let same = try await written.history.liquidations(of: first.account, symbol: "X")
        #expect(same.items == found.filter { $0.account == first.account })
        #expect(try await written.history.liquidations(symbol: "Y").items.isEmpty)
        #expect(try await written.history.liquidation(9_999) == nil)
        let page = try await written.history.liquidations(limit: 1)
        #expect(page.items == [first])
        #expect((page.next != nil) == (found.count > 1))
    }

    @Test func `say what is not allowed`() async throws {
        let history = try Folder().open()
        let account = AccountID(index: 1)
        await #expect(
            throws: HistoryError.question(name: "limit", value: "0", allowed: "1 to 1000")
        ) { try await history.effects(of: account, limit: 0) }
        await #expect(
            throws: HistoryError.question(name: "points", value: "1", allowed: "2 to 5000")
        ) { try await history.history(of: account, from: .zero, to: .zero, points: 1) }
        #expect(EffectPlace(cursor: "12a") == nil)
        #expect(EffectPlace(cursor: "-1") == nil)
    }
}
