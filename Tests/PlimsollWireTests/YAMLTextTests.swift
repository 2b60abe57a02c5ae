import PlimsollWire
import TestSupport
import Testing

@Suite struct `YAML text` {
    @Test(arguments: [
        ("a: 1.50\nb: [x, 'y', ~]\nc:\n", "{a: 1.50, b: [x, \"y\", null], c: null}"),
        ("a: null\nb: 'null'\nc: ''\n", "{a: null, b: \"null\", c: \"\"}"),
        ("a: yes\nb: 0x10\nc: 2026-11-22\n", "{a: yes, b: 0x10, c: 2026-11-22}"),
        ("{\"a\": 1}\n", "{\"a\": 1}"),
        ("# only *this* & that\n- |\n  two\n  lines\n", "[\"two\nlines\n\"]"),
        ("note: R&D *and* more\n", "{note: R&D *and* more}"),
        ("null: 1\n", "{null: 1}"),
        ("\u{feff}a: 1\n", "{a: 1}"),
    ])
    func `a value is read as it is written`(text: String, outline: String) throws {
        #expect(try parse(yaml: text).outline == outline)
    }

    @Test(arguments: [
        ("", "a.yaml: the file is empty."),
        ("a: 1\na: 2\n", "a.yaml:1:1: the key 'a' is there twice."),
        ("a: 1\n'a': 2\n", "a.yaml:1:1: the key 'a' is there twice."),
        ("a: &x 1\nb: *x\n", "a.yaml:2:4: the value is an alias, '*x'."),
        ("a: 1\n---\nb: 2\n", "a.yaml:2:1: a second document starts here."),
        ("a: !!int 1\n", "a.yaml:1:4: the value has the tag 'tag:yaml.org,2002:int'."),
        ("a: !x [1]\n", "a.yaml:1:4: the value has the tag '!x'."),
        ("a: !!binary eA==\n", "a.yaml:1:4: the value has the tag 'tag:yaml.org,2002:binary'."),
        ("? [a]\n: 1\n", "a.yaml:1:3: a key is empty, a list or a mapping."),
        ("'': 1\n", "a.yaml:1:1: a key is empty, a list or a mapping."),
        ("a: \u{7}\n", "a.yaml:1:4: the file has the control character U+0007 in it."),
        ("a: 1\n\u{0}", "a.yaml:2:1: the file has the control character U+0000 in it."),
    ])
    func `a fault has its place and its problem`(text: String, expected: String) {
        let lines = message { () throws(InputFault) in try parse(yaml: text) }
            .split(separator: "\n", maxSplits: 1)
        #expect(lines.first.map(String.init) == expected)
        #expect(lines.last?.hasPrefix("  ") == true, "the remedy is on a line of its own")
    }

    @Test(arguments: ["a: [1, 2\nb: 3\n", "a: 'x\n", "a: b: c\n", "\ta: 1\n", "a: *x\n", "- a\nb"])
    func `broken YAML is refused with a line and a column`(text: String) throws {
        let text = message { () throws(InputFault) in try parse(yaml: text) }
        #expect(text.contains(/^a\.yaml:\d+:\d+: .+\.\n  \S/))
    }

    @Test(arguments: [
        String(repeating: "[", count: 1_000_000),
        String(repeating: "{", count: 1_000_000),
        String(repeating: "{a: ", count: 100_000),
        String(repeating: "- ", count: 100_000),
        String(repeating: "? ", count: 100_000),
        String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
        (0..<1_500).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
        (0..<200).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    ])
    func `deep nesting is refused and never overflows the stack`(text: String) {
        let text = message { () throws(InputFault) in try parse(yaml: text) }
        #expect(text.hasPrefix("a.yaml"))
        #expect(text.utf8.count < 400)
    }

    @Test func `nesting at the limit is read`() throws {
        _ = try parse(
            yaml: String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        )
    }

    @Test(arguments: [false, true])
    func `an alias bomb is refused at once`(asKey: Bool) {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...40 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        if asKey { text += "? *a40\n: 1\n" }
        #expect(
            message { () throws(InputFault) in try parse(yaml: text) }
                .contains("the value is an alias, '*a0'.")
        )
    }

    @Test func `texts, files and bytes beyond the limits are refused`() {
        let long = "a: " + String(repeating: "x", count: 65_537)
        #expect(
            message { () throws(InputFault) in try parse(yaml: long) }
                .hasPrefix("a.yaml:1:4: the text 'xxxx")
        )
        let large = [UInt8](repeating: 0x23, count: YAMLText.sizeLimit + 1)
        #expect(
            message { () throws(InputFault) in try YAMLText.parse(large, file: "a.yaml") }
                == """
                a.yaml: the file is 16777217 bytes long, more than 16777216.
                  Split it, or give the data as an event file.
                """
        )
        let invalid: [UInt8] = [0x61, 0x3a, 0x0a, 0xc3, 0x28]
        #expect(
            message { () throws(InputFault) in try YAMLText.parse(invalid, file: "a.yaml") }
                == "a.yaml:2:1: the file is not valid UTF-8.\n  Save it as UTF-8."
        )
    }

    @Test(arguments: [
        ("a.json", "{\"a\": 1}", true), ("a.json", "a: 1", false),
        ("a.yaml", "{a: 1}", true), ("-", "{\"a\": 1}", true), ("-", "{a: 1}", true),
        ("-", "a: 1", true), ("-", "{a", false),
    ])
    func `the name decides between JSON and YAML`(file: String, text: String, valid: Bool) {
        let text = message { () throws(InputFault) in
            try DocumentText.parse(Array(text.utf8), file: file)
        }
        #expect(text.isEmpty == valid)
    }

    @Test(arguments: UInt64(1)...8)
    func `bytes at random never trap`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alphabet = Array("[]{}:,-?|>&*!%@'\"# \n\tab1~\\\u{e9}".utf8)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            _ = try? YAMLText.parse(bytes, file: "a.yaml")
            _ = try? JSONText.parse(bytes, file: "a.json")
        }
    }
}
