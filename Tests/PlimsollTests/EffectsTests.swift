@testable import Plimsoll
import PlimsollUnits
import Testing

@Suite struct `What followed from events` {
    @Test(arguments: SampleRulebook.allCases)
    func `is the same in effects, in an array and in the digest`(sample: SampleRulebook) throws {
        var world = World(sample, seed: 5_300)
        for _ in 0..<150 { world.step() }
        var (lean, usual) = (Engine(), Engine())
        var (effects, array) = (Effects(), [Effect]())
        for event in world.events {
            // What is said to come changes nothing, even if there is no such account.
            lean.expect([AccountID(index: 1), AccountID(index: 900), AccountID(index: -1)])
            lean.applyOrRefuse(event, emitting: &effects)
            usual.applyOrRefuse(event, emitting: &array)
        }
        #expect(Array(effects) == array)
        #expect(lean.digest == usual.digest)
        #expect(array.count > 100)
    }

    @Test func `belongs to one holder`() throws {
        var desk = Desk(SampleRulebook.binance.rulebook)
        desk.open("alice", deposit: "10")
        var first = Effects()
        func deposit(into effects: inout Effects) {
            let body = Deposited(
                account: desk.account("alice"),
                asset: AssetID(index: 0),
                amount: money("1")
            )
            let event = Event(time: Timestamp(nanoseconds: desk.clock), body: .deposited(body))
            desk.engine.applyOrRefuse(event, emitting: &effects)
        }
        deposit(into: &first)
        let kept = first
        deposit(into: &first)
        var second = kept
        second.removeAll()
        deposit(into: &second)
        #expect(kept.count == 1 && first.count == 2 && second.count == 1)
        guard case .balanceChanged(let early) = kept[0], case .balanceChanged(let late) = second[0]
        else {
            Issue.record("a deposit changes a balance")
            return
        }
        #expect(early.balance == money("11") && late.balance == money("13"))
    }
}
