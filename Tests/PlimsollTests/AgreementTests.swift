@testable import Plimsoll
import PlimsollAudit
import PlimsollUnits
import TestSupport
import Testing

@Suite struct `A seeded history of every rulebook` {
    /// Length of one history.
    static let length = 120

    @Test(arguments: SampleRulebook.allCases, Seeds.of(3))
    func `agrees with the second computation after every event`(
        sample: SampleRulebook,
        seed: UInt64
    ) {
        var world = World(sample, seed: seed)
        world.auditor.settle()
        var applied = 0
        for number in 0..<Self.length {
            let before = world.engine
            let effects = world.step()
            let place = "event \(number): \(world.events[world.events.count - 1])"
            if effects.isRefusal {
                #expect(before.stateDigest == world.engine.stateDigest, "\(place)")
                #expect(effects.count == 1, "\(place)")
            } else {
                applied += 1
            }
            let audit = Audit(engine: world.engine, auditor: world.auditor)
            let accounts =
                number % 30 == 29
                ? world.traders
                : world.auditor.stirred.sorted().map { AccountID(index: $0) }
            let findings = audit.findings(of: accounts) + audit.standings()
            #expect(findings.isEmpty, "\(place)")
            guard findings.isEmpty else { return }
            world.auditor.settle()
        }
        #expect(applied > Self.length / 3)
    }
}
