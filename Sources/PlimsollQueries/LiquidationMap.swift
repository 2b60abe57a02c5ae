package import Plimsoll
import PlimsollReports
package import PlimsollUnits
package import PlimsollWire

/// What `GET /v1/liquidation-map` asks for.
package struct LiquidationMapRequest: Hashable, Sendable {
    package var symbol: String
    /// How many buckets the range has.
    package var buckets = 80
    /// How far it reaches on each side of the mark, as a fraction of it.
    package var range = Rate(unchecked: 40_000_000)

    /// Eighty buckets, forty per cent around the mark.
    package init(symbol: String) { self.symbol = symbol }

    /// The request that the parameters of a query make.
    package init(_ fields: NodeReader) throws(QueryFault) {
        self = try asked { () throws(InputFault) in try LiquidationMapRequest(reading: fields) }
    }

    private init(reading fields: NodeReader) throws(InputFault) {
        try fields.allow(["symbol", "buckets", "range"])
        symbol = try fields.name("symbol")
        if let field = fields.optional("buckets") {
            buckets = Int(try field.integer(in: 2...1_000))
        }
        guard let field = fields.optional("range") else { return }
        range = try field.rate()
        guard range.units >= 100_000, range < .one else {
            throw field.fault(
                "the range \(range) is not from 0.001 to below 1.",
                remedy: "Give a fraction of the mark, such as 0.4."
            )
        }
    }
}

/// What would be liquidated at which price of one symbol: every position, solved exactly.
package struct LiquidationMap: QueryAnswer {
    /// The positions whose liquidation prices lie in one range of prices.
    package struct Bucket: Hashable, Sendable {
        /// The lowest price.
        package var from: Price
        /// Above the highest price.
        package var to: Price
        /// The value of longs at the mark, in the settlement asset.
        package var long = Money.zero
        /// The value of shorts at the mark.
        package var short = Money.zero
        /// Whose they are: how many accounts.
        package var accounts = 0
    }

    package let symbol: String
    package let mark: Price
    /// The settlement asset.
    package let asset: String
    package private(set) var buckets: [Bucket]
    /// Positions whose prices lie elsewhere, or who have none.
    package private(set) var beyond: (long: Money, short: Money, accounts: Int)
    /// How many positions are cross, whose prices hold while all other prices stay.
    package private(set) var cross = 0
    /// The cash of the insurance funds in the settlement asset.
    package let fund: Money
    package let stamp: AnswerStamp

    /// The map of a symbol; without a mark there is none.
    ///
    /// It costs some microseconds for each position in the symbol.
    package init(
        _ engine: Engine,
        _ venue: VenueID,
        _ request: LiquidationMapRequest
    ) throws(QueryFault) {
        let instrument = try engine.instrument(named: request.symbol, in: venue)
        guard let mark = engine.mark(of: instrument) else {
            throw .refused(.noMark(symbol: request.symbol))
        }
        symbol = request.symbol
        self.mark = mark
        let settle = engine.settlement(of: instrument)
        asset = engine.directory.name(settle)
        fund = engine.totals().first { $0.asset == settle }?.funds ?? .zero
        stamp = AnswerStamp(engine, venue)
        buckets = Self.buckets(around: mark, request)
        beyond = (.zero, .zero, 0)
        var last = [AccountID?](repeating: nil, count: buckets.count + 1)
        // By account, so that one with several positions in a bucket is counted once.
        let points = engine.liquidationPoints(of: instrument).sorted { $0.account < $1.account }
        for point in points {
            if point.marginMode == .cross { cross += 1 }
            let bucket = point.price.price.flatMap { self.bucket(of: $0) }
            let isNew = last[bucket ?? buckets.count] != point.account
            last[bucket ?? buckets.count] = point.account
            add(point, to: bucket, isNew: isNew)
        }
    }

    /// Neighbouring buckets over the range, each price to its step of 10⁻⁸; none is empty of prices.
    private static func buckets(
        around mark: Price,
        _ request: LiquidationMapRequest
    ) -> [Bucket] {
        let low = Int128(mark.moved(by: Rate(unchecked: -request.range.units)).units)
        let width = Int128(mark.moved(by: request.range).units) - low
        var edges: [Int64] = []
        for number in 0...request.buckets {
            let offset = (width * Int128(number)).divided(
                by: Int128(request.buckets),
                rounding: .halfEven
            )
            let edge = Int64(low + offset)
            if edge != edges.last { edges.append(edge) }
        }
        return zip(edges, edges.dropFirst()).map {
            Bucket(from: Price(unchecked: $0), to: Price(unchecked: $1))
        }
    }

    /// The bucket that holds a price, if one does.
    private func bucket(of price: SolvedPrice) -> Int? {
        guard let first = buckets.first, let last = buckets.last,
            price >= SolvedPrice(first.from), price < SolvedPrice(last.to)
        else { return nil }
        var (low, high) = (0, buckets.count)
        while high - low > 1 {
            let middle = (low + high) >> 1
            if SolvedPrice(buckets[middle].from) <= price { low = middle } else { high = middle }
        }
        return low
    }

    private mutating func add(_ point: LiquidationPoint, to bucket: Int?, isNew: Bool) {
        let isLong = point.quantity > .zero
        guard let bucket else {
            if isLong { beyond.long += point.notional } else { beyond.short += point.notional }
            beyond.accounts += isNew ? 1 : 0
            return
        }
        if isLong {
            buckets[bucket].long += point.notional
        } else {
            buckets[bucket].short += point.notional
        }
        buckets[bucket].accounts += isNew ? 1 : 0
    }

    /// What the map says, and under which condition.
    package var note: String {
        let base =
            "Every position is solved exactly at this event; values are at the mark, in \(asset)."
        guard cross > 0 else { return base }
        return base
            + " The prices of \(NumberText.count(cross)) cross positions hold while all other prices stay."
    }

    package func write(to json: inout JSONWriter) {
        json.object { object in
            object.field("symbol", symbol)
            object.field("mark", decimal: mark)
            object.field("asset", asset)
            object.stamp(stamp)
            object.field("isExact", boolean: true)
            object.field("note", note)
            object.key("buckets")
            object.array { list in
                for bucket in buckets {
                    list.object { entry in
                        entry.field("from", decimal: bucket.from)
                        entry.field("to", decimal: bucket.to)
                        entry.field("long", decimal: bucket.long)
                        entry.field("short", decimal: bucket.short)
                        entry.field("accounts", number: bucket.accounts)
                    }
                }
            }
            object.key("beyond")
            object.object { entry in
                entry.field("long", decimal: beyond.long)
                entry.field("short", decimal: beyond.short)
                entry.field("accounts", number: beyond.accounts)
            }
            object.field("fund", decimal: fund)
        }
    }
}
