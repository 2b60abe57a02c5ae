import PlimsollUnits
import PlimsollWire
import TestSupport
import Testing

@Suite struct `Reading fields` {
    private func reader(_ json: String) throws(InputFault) -> NodeReader {
        try NodeReader(mapping: parse(json: json), file: "a.json")
    }

    @Test func `every unit is read exactly`() throws {
        let fields = try reader(
            """
            {"t":"x","b":true,"m":"-1.0000000000000001","p":61234.5,"s":"0.0000000000000001",
             "q":"-2","r":"0.004","f":"-0.0001","l":"12.5","ms":1760054400000,
             "n":18446744073709551615,"side":"sell","i":-3,"null":null}
            """
        )
        #expect(try fields.text("t") == "x")
        #expect(try fields.boolean("b"))
        #expect(try fields.money("m").units == -10_000_000_000_000_001)
        #expect(try fields.price("p").units == 6_123_450_000_000)
        #expect(try fields.solvedPrice("s").units == 1)
        #expect(try fields.quantity("q").units == -200_000_000)
        #expect(try fields.rate("r").units == 400_000)
        #expect(try fields.fundingRate("f").units == -1_000_000_000_000)
        #expect(try fields.leverage("l").hundredths == 1_250)
        #expect(try fields.milliseconds("ms").nanoseconds == 1_760_054_400_000_000_000)
        #expect(try fields.required("n").sequenceNumber() == .max)
        #expect(try fields.enumeration("side", ["buy": 1, "sell": -1]) == -1)
        #expect(try fields.integer("i", in: -3...3) == -3)
        #expect(!fields.has("null") && !fields.has("absent"))
    }

    @Test(arguments: [
        (#"{"price":0}"#, "a.json:1:10: price: '0' is not above zero.\n  Use a number above zero."),
        (
            #"{"price":"1,5"}"#,
            """
            a.json:1:10: price: '1,5' is not a decimal number.
              Write digits with at most one point, such as 1250.5; no commas, no units.
            """
        ),
        (
            #"{"price":"0.123456789"}"#,
            """
            a.json:1:10: price: '0.123456789' has more than 8 digits behind the point.
              Round it to at most 8 digits behind the point.
            """
        ),
        (
            #"{"price":90000000000.00000001}"#,
            """
            a.json:1:10: price: '90000000000.00000001' is beyond the limit of 90000000000.
              Use a number of at most 90000000000 without its sign.
            """
        ),
        (
            #"{"price":1e30}"#,
            """
            a.json:1:10: price: '1e30' is beyond the limit of 90000000000.
              Use a number of at most 90000000000 without its sign.
            """
        ),
        (
            #"{"price":1e999}"#,
            "a.json:1:10: price: '1e999' is too large for any unit.\n  Write a smaller number."
        ),
        (
            #"{"price":[1]}"#,
            """
            a.json:1:10: price: the value is a list, but must be a single value.
              Write one text or number.
            """
        ),
        (#"{"x":1}"#, "a.json:1:1: the field 'price' is missing.\n  Add 'price' with a value."),
        (
            #"{"price":null}"#,
            "a.json:1:1: the field 'price' is missing.\n  Add 'price' with a value."
        ),
    ])
    func `a price that is wrong is named with its place and a remedy`(
        json: String,
        expected: String
    ) {
        #expect(message { () throws(InputFault) in try reader(json).price("price") } == expected)
    }

    @Test(arguments: [
        ("9200000000001", "the time 9200000000001 is beyond 9200000000000 milliseconds."),
        ("-9223372036854775808", "the time -9223372036854775808 is beyond"),
        ("1e3", "'1e3' is not a whole number."),
        ("1.0", "'1.0' is not a whole number."),
        ("99999999999999999999", "'99999999999999999999' is not a whole number."),
        ("\"+1\"", "'+1' is not a whole number."),
        ("\"\"", "'' is not a whole number."),
    ])
    func `a time that is not whole milliseconds within the limit is refused`(
        value: String,
        expected: String
    ) {
        let text = message { () throws(InputFault) in
            try reader("{\"time\":\(value)}").milliseconds("time")
        }
        #expect(text.hasPrefix("a.json:1:9: time: \(expected)"))
    }

    @Test(arguments: [
        ("\"\"", "name: the text is empty."),
        ("\"a\\nb\"", "name: the text 'a\\u{a}b' has a control character in it."),
        ("\"a\\u202eb\"", "name: the text 'a\\u{202e}b' has a control character in it."),
        (
            "\"\(String(repeating: "é", count: 65))\"",
            "name: the text '\(String(repeating: "é", count: 40))…' is 130 bytes long, more than 128."
        ),
    ])
    func `a name that is empty, too long or has control characters is refused`(
        value: String,
        expected: String
    ) {
        let text = message { () throws(InputFault) in
            try reader("{\"name\":\(value)}").name("name")
        }
        #expect(text.hasPrefix("a.json:1:9: \(expected)\n"))
    }

    @Test(arguments: [
        ("9999999999999.9999999999999999", true), ("10000000000000", true),
        ("-10000000000000", true), ("10000000000000.0000000000000001", false),
        ("-10000000000001", false), ("10000000000000000000000", false),
    ])
    func `an amount is within the limit of money`(value: String, valid: Bool) {
        let text = message { () throws(InputFault) in
            try reader("{\"m\":\"\(value)\"}").money("m")
        }
        #expect(text.isEmpty == valid, "\(text)")
    }

    @Test(arguments: UInt64(1)...10)
    func `short numbers are read as exactly as long ones`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alphabet = Array("0123456789012345678900..-+e")
        for _ in 0..<1_000 {
            let length = Int.random(in: 1...22, using: &random)
            let text = String(
                (0..<length).compactMap { _ in alphabet.randomElement(using: &random) }
            )
            let node = Node(.scalar(text, quoted: true), at: Mark(line: 1, column: 1))
            let scale = Int.random(in: 0...16, using: &random)
            let units = try? NodeReader(node, file: "a.json").decimal(scale: scale)
            #expect(units == (try? DecimalText.units(text, scale: scale)), "\(text) at \(scale)")
        }
    }

    @Test(arguments: [
        ("ammount", "Did you mean 'amount'?"), ("acount", "Did you mean 'account'?"),
        ("assest", "Did you mean 'asset'?"),
        ("zzzzzz", "Remove it; known are 'account', 'amount', 'asset'."),
    ])
    func `an unknown field is refused with the nearest one`(key: String, remedy: String) {
        let text = message { () throws(InputFault) in
            try reader("{\"\(key)\":1}").allow(["account", "amount", "asset"])
        }
        #expect(text == "a.json:1:2: the field '\(key)' is not known here.\n  \(remedy)")
    }

    @Test func `a path leads to the value inside lists and mappings`() throws {
        let fields = try reader(#"{"a":{"positions":[{"q":1},{"q":1},{"q":"x"}]}}"#)
        let position = try fields.mapping("a").list("positions")[2]
        #expect(
            message { () throws(InputFault) in try position.quantity("q") }
                .hasPrefix("a.json:1:41: a.positions[2].q: 'x' is not a decimal number.")
        )
    }

    @Test func `all faults can be collected`() throws {
        let fields = try reader(#"{"price":0,"rate":"x","qantity":1}"#)
        var faults = InputFaults()
        for fault in fields.unknownFields(allowed: ["price", "rate", "quantity"]) {
            faults.add(fault)
        }
        let price = faults.attempt(try fields.price("price"))
        _ = faults.attempt(try fields.rate("rate"))
        #expect(price == nil)
        #expect(faults.faults.map(\.path) == ["", "price", "rate"])
        #expect(throws: InputFaults.self) { try faults.throwIfAny() }
    }

    @Test func `no more than a hundred faults are kept`() {
        var faults = InputFaults()
        for _ in 0..<105 {
            faults.add(InputFault(file: "f", mark: nil, problem: "it is wrong.", remedy: "Fix it."))
        }
        #expect(faults.faults.count == 100)
        #expect(faults.description.hasSuffix("5 more faults are not shown."))
    }
}
