import PlimsollWire
import Testing

@Suite struct `JSON text` {
    @Test(arguments: [
        (
            #"{"a":"x","b":[1,-0.5e-3,null],"c":true}"#,
            #"{"a": "x", "b": [1, -0.5e-3, null], "c": true}"#
        ),
        ("  [ ] ", "[]"),
        ("{}", "{}"),
        (#""\u00e9\ud83d\ude00\n\/""#, "\"é😀\n/\""),
        (
            "100000000000000000000000000000000000000.00000000000000000001",
            "100000000000000000000000000000000000000.00000000000000000001"
        ),
    ])
    func `a value is read as it is written`(text: String, outline: String) throws {
        #expect(try parse(json: text).outline == outline)
    }

    @Test func `marks count lines and characters from one`() throws {
        let node = try parse(json: "{\n  \"é\": \"x\", \"b\": 1}")
        guard case .mapping(let entries) = node.content else {
            Issue.record("\(node)")
            return
        }
        #expect(entries[1].key.mark == Mark(line: 2, column: 13))
        #expect(entries[1].value.mark == Mark(line: 2, column: 18))
    }

    @Test(arguments: [
        ("", "a.json:1:1: the text ends where a value must be."),
        ("{", "a.json:1:2: the text ends where a key must be."),
        ("{\"a\"", "a.json:1:5: the text ends where ':' must be."),
        ("{\"a\":1", "a.json:1:7: the text ends where ',' or '}' must be."),
        ("[1 2]", "a.json:1:4: '2' is where ',' or ']' must be."),
        ("[1,]", "a.json:1:4: ']' is not a JSON value."),
        ("{\"a\":1,}", "a.json:1:8: '}' is where a key in double quotes must be."),
        ("{'a':1}", "a.json:1:2: ''' is where a key in double quotes must be."),
        ("{\"a\":1,\n\"a\":2}", "a.json:2:1: the key 'a' is there twice."),
        ("[NaN]", "a.json:1:2: 'NaN' is not a JSON value."),
        ("[True]", "a.json:1:2: 'True' is not a JSON value."),
        ("[01]", "a.json:1:2: '01' is not a JSON number."),
        ("[1.]", "a.json:1:2: '1.' is not a JSON number."),
        ("[-]", "a.json:1:2: '-' is not a JSON number."),
        ("[1e]", "a.json:1:2: '1e' is not a JSON number."),
        ("[+1]", "a.json:1:2: '+' is not a JSON value."),
        ("1 x", "a.json:1:3: after the end of the value there is 'x'."),
        ("[\"abc", "a.json:1:2: the text that starts here has no closing quote."),
        ("\"a\tb\"", "a.json:1:3: a text has the control character U+0009 in it."),
        ("\"\\u0000\"", "a.json:1:2: a text has the control character U+0000 in it."),
        ("\"\\q\"", "a.json:1:2: 'q' behind a backslash is not an escape of JSON."),
        ("\"\\ud800x\"", "a.json:1:2: a \\u escape is half of a surrogate pair."),
        ("\"\\udc00\"", "a.json:1:2: a \\u escape is half of a surrogate pair."),
        ("\"\\u00g0\"", "a.json:1:2: a \\u escape is not followed by four hexadecimal digits."),
        ("\u{feff}{}", "a.json:1:1: the text starts with a byte order mark."),
    ])
    func `a fault has its place and its problem`(text: String, expected: String) {
        let lines = message { () throws(InputFault) in try parse(json: text) }
            .split(separator: "\n", maxSplits: 1)
        #expect(lines.first.map(String.init) == expected)
        #expect(lines.last?.hasPrefix("  ") == true, "the remedy is on a line of its own")
    }

    @Test func `a long number is refused without being printed`() {
        let text = message { () throws(InputFault) in
            try parse(json: String(repeating: "9", count: 5_000))
        }
        let start = String(repeating: "9", count: 40)
        #expect(
            text == """
                a.json:1:1: the number '\(start)…' is 5000 characters long, more than 128.
                  Write it with at most 128 characters.
                """
        )
    }

    @Test func `nesting beyond the limit is refused`() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try parse(json: deepest)
        for unit in ["[", "{\"a\":"] {
            let text = message { () throws(InputFault) in
                try parse(json: String(repeating: unit, count: 1_000_000))
            }
            #expect(text.contains("the nesting is deeper than 64 levels."))
        }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        for bytes in [
            [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
        ]
            as [[UInt8]]
        {
            let text = message { () throws(InputFault) in
                try JSONText.parse(bytes, file: "a.json")
            }
            #expect(text == "a.json:1:1: the text is not valid UTF-8.\n  Save the file as UTF-8.")
        }
    }

    @Test func `a key that is there twice among many is found`() {
        let keys = (0..<100).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(message { () throws(InputFault) in try parse(json: "{\(keys)}") } == "")
        #expect(
            message { () throws(InputFault) in try parse(json: "{\(keys),\"k7\":1}") }
                .contains("the key 'k7' is there twice.")
        )
    }

    @Test func `a message never carries control characters to a terminal`() {
        let text = message { () throws(InputFault) in
            try NodeReader(parse(json: #"{"a\u001b[31m":1}"#), file: "a.json").allow(["a"])
        }
        #expect(text.hasPrefix(#"a.json:1:2: the field 'a\u{1b}[31m' is not known here."#))
    }
}

@Suite struct `JSON writing` {
    private func sample(pretty: Bool) -> String {
        var writer = JSONWriter(pretty: pretty)
        writer.object { object in
            object.field("text", "a\"b\\c\n\u{1}é")
            object.field("absent", ifPresent: nil)
            object.key("list")
            object.array { array in
                array.number("0.10")
                array.boolean(false)
                array.null()
                array.object { _ in }
            }
            object.field("count", number: 3)
        }
        return writer.text
    }

    @Test func `keys stay in their order and texts are escaped`() {
        #expect(
            sample(pretty: false)
                == #"{"text":"a\"b\\c\n\u0001é","list":[0.10,false,null,{}],"count":3}"#
        )
    }

    @Test func `the pretty form is indented by two spaces`() {
        #expect(
            sample(pretty: true) == #"""
                {
                  "text": "a\"b\\c\n\u0001é",
                  "list": [
                    0.10,
                    false,
                    null,
                    {}
                  ],
                  "count": 3
                }
                """#
        )
    }

    @Test func `what is written is read back`() throws {
        #expect(
            try parse(json: sample(pretty: true)).outline
                == "{\"text\": \"a\"b\\c\n\u{1}é\", \"list\": [0.10, false, null, {}], \"count\": 3}"
        )
    }
}
