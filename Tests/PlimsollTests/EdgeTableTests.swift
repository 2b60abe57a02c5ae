@testable import Plimsoll
import TestSupport
import Testing

/// The tree of edges beside a look at every holder, in feeds of every size: rooms that double, and
/// spans beyond the first.
@Suite struct `A table of edges` {
    @Test(arguments: [5, 40, 700, 5_000, 9_000], Seeds.of(2))
    func `finds those that a look at each finds`(most: Int, seed: UInt64) {
        var random = SplitMix64(seed: seed &+ UInt64(most))
        var table = EdgeTable()
        for _ in 0..<3 { table.addFeed() }
        // By feed, in order of number: what the table should hold.
        var expected: [[(pool: Int32, edges: Edges)]] = [[], [], []]
        for number in 0..<most * 5 {
            let feed = random.int(0...9) < 8 ? 0 : Int(random.int(1...2))
            let isGrowing = number < most * 2 || random.chance(50)
            if isGrowing, expected[feed].count < most {
                let edges = self.edges(&random)
                let holder = table.add(Int32(number), to: Int32(feed), edges)
                #expect(Int(holder) == expected[feed].count)
                expected[feed].append((Int32(number), edges))
            } else if !expected[feed].isEmpty {
                change(feed, in: &table, &expected, &random)
            }
            if number % max(1, most / 20) == 0 { compare(table, expected, &random) }
        }
        compare(table, expected, &random)
    }

    /// Moves the edges of one holder, or takes it out.
    private func change(
        _ feed: Int,
        in table: inout EdgeTable,
        _ expected: inout [[(pool: Int32, edges: Edges)]],
        _ random: inout SplitMix64
    ) {
        let holder = Int(random.int(0...Int64(expected[feed].count - 1)))
        if random.chance(60) {
            expected[feed][holder].edges = edges(&random)
            table.set(Int32(feed), Int32(holder), expected[feed][holder].edges)
            return
        }
        let last = expected[feed].removeLast()
        let moved = table.remove(Int32(holder), from: Int32(feed))
        if holder < expected[feed].count {
            expected[feed][holder] = last
            #expect(moved?.pool == last.pool)
            #expect(moved.map { Int($0.was) } == expected[feed].count)
        } else {
            #expect(moved == nil)
        }
    }

    /// Around 1,000; now and then nowhere, everywhere or one price only.
    private func edges(_ random: inout SplitMix64) -> Edges {
        switch random.int(0...19) {
        case 0: return .nowhere
        case 1: return .everywhere
        case 2: return Edges(lower: 1_000, upper: 1_000)
        default: return Edges(lower: random.int(1...1_000), upper: random.int(1_000...2_000))
        }
    }

    private func compare(
        _ table: EdgeTable,
        _ expected: [[(pool: Int32, edges: Edges)]],
        _ random: inout SplitMix64
    ) {
        for (feed, holders) in expected.enumerated() {
            #expect(table.holders(of: Int32(feed)) == holders.map(\.pool))
            let price = random.int(0...2_100)
            var found = Column<Int32>()
            table.collect(outside: price, of: Int32(feed), into: &found)
            let outside = holders.filter { !$0.edges.contains(price) }.map(\.pool)
            #expect(found.sorted() == outside.sorted(), "feed \(feed) at \(price)")
        }
    }
}
