@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

/// An engine with safe bands beside one that computes every pool at every price.
@Suite struct `Safe bands` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `decide as a look at every pool does`(sample: SampleRulebook, seed: UInt64) throws {
        var world = World(sample, seed: seed &+ 4_100)
        world.isAudited = false
        var pair = EnginePair()
        for event in world.events { try pair.apply(event) }
        for number in 0..<Self.length {
            let before = world.events.count
            // Small moves as well: most marks of a market.
            if number % 2 == 0 { world.drift() } else { world.step() }
            for event in world.events[before...] { try pair.apply(event) }
            try pair.checkStandings(number)
            // `openOrder` looks back a little way; the rest is not needed.
            if world.events.count > 4_000 { world.events.removeFirst(2_000) }
        }
        #expect(pair.banded.snapshot() == pair.full.snapshot())
        // The comparison says nothing if every price looks at every pool.
        #expect(pair.inside > pair.outside, "\(pair.inside) in, \(pair.outside) out")
    }

    @Test(arguments: Seeds.of(40))
    func `decide so in a crash, and after a restart`(seed: UInt64) throws {
        let world = CrashWorld(seed: seed &+ 77_000)
        var pair = EnginePair()
        for (number, event) in world.events.enumerated() {
            try pair.apply(event)
            // All bands are drawn anew.
            if number % 7 == 0 { pair.banded = try Engine(snapshot: pair.banded.snapshot()) }
        }
        #expect(pair.banded.snapshot() == pair.full.snapshot())
    }

    /// 10⁵ events in all with two seeds of each rulebook; a soak has 10⁷, with more seeds.
    private static let length = Seeds.isSoak ? 23_000 : 4_600
}

/// Two engines that hear the same events.
private struct EnginePair {
    var banded = Engine()
    var full = Engine()
    /// Holders that marks found inside and outside of their bands.
    var (inside, outside) = (0, 0)

    init() { full.ledger.looksAtAll = true }

    mutating func apply(_ event: Event) throws {
        if case .marked(let mark) = event.body { count(mark) }
        var (one, other): ([Effect], [Effect]) = ([], [])
        banded.applyOrRefuse(event, emitting: &one)
        full.applyOrRefuse(event, emitting: &other)
        try #require(one == other, "\(event)")
    }

    private mutating func count(_ mark: Marked) {
        let instrument = mark.instrument.index
        guard banded.ledger.instruments.indices.contains(Int(instrument)) else { return }
        var found = Column<Int32>()
        banded.ledger.markEdges.collect(outside: mark.price.units, of: instrument, into: &found)
        outside += found.count
        inside += Int(banded.ledger.markEdges.count(of: instrument)) - found.count
    }

    /// A full scan: every pool stands where its exact figures say.
    func checkStandings(_ number: Int) throws {
        let ledger = banded.ledger
        for pool in ledger.pools.indices {
            let row = ledger.pools[pool]
            guard !row.isUnmargined, !row.flags.contains(.waiting),
                ledger.lead(of: Int32(pool)) == Int32(pool),
                let thresholds = ledger.terms(of: row.account)?.thresholds,
                let figures = try? ledger.figures(ofPool: Int32(pool))
            else { continue }
            let standing = thresholds.standing(after: row.mode, figures)
            // A pool with a stale price waits for a fresh one before it is liquidated.
            if figures.isStale, standing.mode == .liquidating { continue }
            try #require(
                standing == Standing(band: row.band, mode: row.mode),
                "pool \(pool) after event \(number)"
            )
        }
    }
}

extension World {
    /// A mark that moves by up to a thousandth, and less most of the time.
    fileprivate mutating func drift() {
        clock += random.int(0...300_000_000)
        let index = Int(random.int(0...Int64(prices.count - 1)))
        let reach = random.pick([1, 10, 100])
        let step = Int128(prices[index]) * Int128(random.int(-1_000...1_000)) / Int128(1_000_000)
        sendMark(index, max(1, prices[index] + Int64(step) / Int64(reach)))
    }
}
