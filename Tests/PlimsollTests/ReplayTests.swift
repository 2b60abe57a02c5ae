import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

@Suite struct `Going on from anywhere` {
    private static func replay(_ events: [Event], from engine: Engine = Engine()) -> Engine {
        var engine = engine
        var effects: [Effect] = []
        for event in events { engine.applyOrRefuse(event, emitting: &effects) }
        return engine
    }

    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `the same events give the same digest`(sample: SampleRulebook, seed: UInt64) {
        var world = World(sample, seed: seed)
        for _ in 0..<120 { world.step() }
        let again = Self.replay(world.events)
        #expect(again.digest == world.engine.digest)
        #expect(again.stateDigest == world.engine.stateDigest)
    }

    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `a restart after every event changes nothing`(
        sample: SampleRulebook,
        seed: UInt64
    ) throws {
        var world = World(sample, seed: seed)
        for _ in 0..<60 { world.step() }
        var straight = Engine()
        var restarted = Engine()
        for (number, event) in world.events.enumerated() {
            var (ours, theirs) = ([Effect](), [Effect]())
            straight.applyOrRefuse(event, emitting: &ours)
            restarted.applyOrRefuse(event, emitting: &theirs)
            try #require(ours == theirs, "event \(number): \(event)")
            restarted = try Engine(snapshot: restarted.snapshot())
            try #require(straight.digest == restarted.digest, "event \(number): \(event)")
            #expect(restarted.brokenInvariants().isEmpty)
        }
        for account in world.traders {
            #expect(
                straight.report(account, prices: false) == restarted.report(account, prices: false)
            )
        }
    }

    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `a late restart goes on with equal effects`(sample: SampleRulebook, seed: UInt64) throws {
        var world = World(sample, seed: seed &+ 500)
        for _ in 0..<80 { world.step() }
        let snapshot = world.engine.snapshot()
        let kept = world.events.count
        for _ in 0..<80 { world.step() }
        let restored = try Engine(snapshot: snapshot)
        #expect(restored.snapshot() == snapshot)
        let later = Self.replay(Array(world.events[kept...]), from: restored)
        #expect(later.digest == world.engine.digest)
    }

    @Test(arguments: Seeds.of(4))
    func `a damaged snapshot is refused and never trusted`(seed: UInt64) throws {
        var world = World(.binance, seed: seed)
        for _ in 0..<40 { world.step() }
        let bytes = world.engine.snapshot()
        var random = SplitMix64(seed: seed)
        for _ in 0..<25 {
            let length = Int(random.int(0...Int64(bytes.count - 1)))
            #expect(throws: SnapshotError.self) {
                try Engine(snapshot: Array(bytes.prefix(length)))
            }
            var flipped = bytes
            flipped[length] ^= UInt8(1) << UInt8(random.int(0...7))
            #expect(throws: SnapshotError.self) { try Engine(snapshot: flipped) }
        }
        #expect(throws: SnapshotError.self) { try Engine(snapshot: bytes + [0]) }
        #expect(throws: SnapshotError.self) { try Engine(snapshot: []) }
    }
}
