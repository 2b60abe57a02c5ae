import ConformanceKit
import Plimsoll
import PlimsollUnits
import Testing

@Suite struct `Published figures` {
    private let tick = Price.half

    @Test(arguments: [
        ("100.1", true, 0, "100.5"),
        ("100.1", false, 0, "100"),
        ("100.5", true, 0, "100.5"),
        ("100.1", true, 1, "101"),
        ("100.1", false, 2, "99"),
    ])
    func `prices go to the tick toward the earlier trigger`(
        price: String,
        isLong: Bool,
        extra: Int,
        shown: String
    ) throws {
        let publication = Publication(pricesToTick: true, extraTicks: extra)
        let solved = try Exact(text: price).solvedPrice()
        #expect(
            publication.liquidationPrice(solved, isLong: isLong, tick: tick).description == shown
        )
        let plain = Publication(pricesToTick: true)
        #expect(
            publication.bankruptcyPrice(solved, isLong: isLong, tick: tick)
                == plain.liquidationPrice(solved, isLong: isLong, tick: tick)
        )
        #expect(publication.liquidationPrice(solved, isLong: isLong, tick: nil) == solved)
    }

    @Test func `an extra tick leaves the digits where prices are not rounded`() throws {
        let publication = Publication(extraTicks: 1)
        let solved = try Exact(text: "100.1").solvedPrice()
        let long = publication.liquidationPrice(solved, isLong: true, tick: tick)
        #expect(long.description == "100.6")
        #expect(publication.bankruptcyPrice(solved, isLong: true, tick: tick) == solved)
    }

    @Test func `amounts are rounded by the field's rule`() throws {
        let amount = try Exact(text: "-1.23456").money()
        let publication = Publication(
            unrealizedPnl: FieldRounding(mode: .down, scale: 2),
            margin: FieldRounding(mode: .towardZero, scale: 2)
        )
        #expect(publication.unrealizedPnl(amount).description == "-1.24")
        #expect(publication.margin(amount).description == "-1.23")
        #expect(publication.notional(amount) == amount)
    }
}

extension Price {
    /// A tick of 0.5.
    fileprivate static var half: Price {
        guard let price = try? Exact(text: "0.5").price() else {
            preconditionFailure("Invariant: 0.5 is a price")
        }
        return price
    }
}

@Suite struct `Exact numbers` {
    @Test func `sums and products never round`() throws {
        let a = try Exact(text: "0.1")
        let b = try Exact(text: "2.50e-3")
        #expect(try (a + b).description == "0.1025")
        #expect(try (a * b).description == "0.00025")
        #expect(try (b - a).description == "-0.0975")
        #expect(try a.divided(by: Exact(3), scale: 4, rounding: .up).description == "0.0334")
        #expect(try a.shifted(by: 3).description == "100")
    }

    @Test(arguments: ["", "x", "1,5", "0x10", "--1", "1e999", "NaN"])
    func `what is no number is refused`(text: String) {
        #expect(throws: VectorError.self) { try Exact(text: text) }
    }

    @Test(arguments: ["0.0000000000000001", "123456.789012", "900000000000", "85.7068529"])
    func `a value splits into quantity and price without a remainder`(text: String) throws {
        let value = try Exact(text: text)
        let parts = try value.split()
        #expect(try parts.quantity * parts.price == value)
        _ = try (parts.quantity.quantity(), parts.price.price())
    }

    @Test func `what the engine cannot hold is refused`() {
        #expect(throws: VectorError.self) { try Exact(text: "1e12").price() }
        #expect(throws: VectorError.self) { try Exact(text: "0.000000001").quantity() }
        #expect(throws: VectorError.self) {
            try Exact(text: "1e30") * Exact(text: "1e30")
        }
    }
}
