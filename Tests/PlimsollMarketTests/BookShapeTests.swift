@testable import PlimsollMarket
import PlimsollUnits
import Testing

@Suite struct `The shape of a book` {
    private func distance(_ hundredths: Int64) -> Distance {
        Distance(basisPointHundredths: hundredths)
    }

    @Test(arguments: [
        (0, "0"), (5_000, "500"), (10_000, "1000"), (15_000, "2000"), (20_000, "3000"),
        (30_000, "5000"), (100_000, "19000"),
    ])
    func `depth rises in straight pieces and goes on as in the last`(at: Int64, is depth: String) {
        #expect(Market.plain.depth(within: distance(at)) == money(depth))
        #expect(Market.plain.distance(holding: money(depth)) == distance(at))
    }

    @Test(arguments: CalmBooks.Symbol.allCases)
    func `the distance that holds a depth holds it, and one step less does not`(
        symbol: CalmBooks.Symbol
    ) throws {
        var random = SplitMix64(seed: 5)
        for _ in 0..<500 {
            let depth = Money(units: Int128(random.next() >> 8) * 10_000_000)
            let found = try #require(symbol.shape.distance(holding: depth))
            #expect(symbol.shape.depth(within: found) >= depth)
            let nearer = Distance(clamping: Int128(found.units) - 1)
            #expect(symbol.shape.depth(within: nearer) < depth)
        }
    }

    @Test func `only what lies beyond the last point is extrapolated`() {
        let spans = Market.plain.spans(from: distance(5_000), to: distance(30_000))
        #expect(spans.map(\.isExtrapolated) == [false, false, true])
        #expect(spans.map(\.depth) == ["500", "2000", "2000"].map { money($0).units })
    }

    @Test func `points that fall or stand still are no shape`() {
        func point(_ at: Int64, _ depth: String) -> BookShape.Point {
            BookShape.Point(distance: distance(at), depth: money(depth))
        }
        #expect(BookShape([point(0, "1")]) == nil)
        #expect(BookShape([point(10, "2"), point(10, "3")]) == nil)
        #expect(BookShape([point(10, "2"), point(20, "1")]) == nil)
        #expect(BookShape([point(10, "2"), point(20, "2")]) != nil)
    }

    @Test func `an empty book and a flat end hold no more than they have`() {
        #expect(BookShape.empty.depth(within: .furthest) == .zero)
        #expect(BookShape.empty.distance(holding: money("1")) == nil)
        let flat = shape([(100, "5"), (200, "5")])
        #expect(flat.depth(within: .furthest) == money("5"))
        #expect(flat.distance(holding: money("5")) == distance(100))
        #expect(flat.distance(holding: money("6")) == nil)
    }

    @Test func `the steepest shape ends at the largest amount`() {
        let steep = shape([(1, "6000000000000")])
        #expect(steep.depth(within: .furthest).units == Limits.money)
        let edge = steep.distance(holding: Money(units: Limits.money))
        #expect(edge.map { $0 > distance(1) && $0 < distance(2) } == true)
    }

    @Test func `a half-life halves, its halves make it whole, and in the end nothing is left`() {
        let value: Int128 = 1_000_000_000_000_000_000
        #expect(Decay.remaining(value, after: 0, halfLife: 10) == value)
        #expect(Decay.remaining(value, after: 10, halfLife: 10) == value / 2)
        #expect(Decay.remaining(-value, after: 30, halfLife: 10) == -value / 8)
        #expect(Decay.remaining(value, after: 5, halfLife: 10) / 1_000_000 == 707_106_781_186)
        #expect(Decay.remaining(value, after: 600, halfLife: 10) == 0)
        #expect(Decay.remaining(value, after: .max, halfLife: 1) == 0)
        #expect(Decay.remaining(value, after: 1, halfLife: 0) == 0)
        let third = Decay.remaining(value, after: 1, halfLife: 3)
        let whole = Decay.remaining(
            Decay.remaining(third, after: 1, halfLife: 3),
            after: 1,
            halfLife: 3
        )
        #expect((whole - value / 2).magnitude < (value / 1_000_000).magnitude)
    }
}
