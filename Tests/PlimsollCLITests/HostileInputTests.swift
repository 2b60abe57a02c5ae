import Testing

/// Whatever a file holds: one message with place and remedy, exit code 3, never a trap.
@Suite struct `Hostile files` {
    static let account = """
        rulebook: binance-usdm
        account:
          id: a
          collateral: {USDT: 25000}
          positions:
            - {symbol: BTCUSDT, quantity: 1.5, entryPrice: 60000, leverage: 20}
        marks: {BTCUSDT: 61234.50}

        """

    private static func changed(_ old: String, _ new: String) -> [UInt8] {
        let parts = account.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        return Array(parts.joined(separator: new).utf8)
    }

    private static let long = String(repeating: "1", count: 1_000_000)

    static let files: [(name: String, bytes: [UInt8], place: String, words: String)] = [
        ("long.yaml", changed("1.5", long), ":6:35: ", "1000000 bytes"),
        ("long.json", Array("{\"rulebook\":\(long)}".utf8), ":1:13: ", "1000000 characters"),
        (
            "deep.yaml", Array(("a: " + String(repeating: "[", count: 100_000)).utf8), ":1:",
            "nesting"
        ),
        ("deep.json", Array(String(repeating: "[", count: 100_000).utf8), ":1:65: ", "nesting"),
        ("nul.yaml", changed("id: a", "id: a\0"), ":3:8: ", "U+0000"),
        ("nul.json", Array("{\"rulebook\":\"x\0\"}".utf8), ":1:15: ", "U+0000"),
        ("latin.yaml", changed("id: a", "id: ") + [0xE9], ":8:1: ", "UTF-8"),
        (
            "wide.yaml", [0xFF, 0xFE] + account.utf16.flatMap { [UInt8($0 & 0xFF), 0] }, ":1:1",
            "UTF-8"
        ),
        ("cut.yaml", Array(account.utf8.prefix(60)), ":5:1: ", "did not find"),
        (
            "cut.json", Array("{\"rulebook\":\"binance-usdm\",\"acc".utf8), ":1:28: ",
            "no closing quote"
        ),
        ("empty.yaml", [], ":1:1: ", "empty"),
        ("binary.yaml", (0...255).map { $0 }, ":", ""),
        ("number.yaml", Array("42".utf8), ":1:1: ", "a mapping"),
        ("negative.yaml", changed("60000", "-60000"), ":6:52: ", "'-60000' is not above zero"),
        ("mark.yaml", changed("61234.50", "-1"), ":7:18: ", "'-1' is not above zero"),
        ("zero.yaml", changed("1.5", "0"), ":6:35: ", "the quantity is zero"),
        ("twice.yaml", changed("  id: a", "  id: a\n  id: b"), ":", "there twice"),
        ("twice.json", Array("{\"a\":1,\"a\":2}".utf8), ":1:8: ", "there twice"),
        ("unknown.yaml", changed("symbol: BTCUSDT", "symbol: BTCUSD"), ":6:16: ", "'BTCUSD'"),
        ("typo.yaml", changed("entryPrice", "entryPrise"), ":6:40: ", "'entryPrise'"),
        ("unmarked.yaml", changed("BTCUSDT: 61234.50", ""), ":6:7: ", "no mark price"),
        ("precise.yaml", changed("1.5", "0.000000001"), ":6:35: ", "more than 8 digits"),
        ("huge.yaml", changed("1.5", "90000000000"), ":6:7: ", "beyond the limit"),
        ("huger.yaml", changed("1.5", "1e30"), ":6:35: ", "1e30"),
        ("rules.yaml", changed("binance-usdm", "binance-usdn"), ":1:11: ", "'binance-usdn'"),
        ("mode.yaml", changed("id: a", "mode: portfolio"), ":3:9: ", "'portfolio'"),
        ("nan.yaml", changed("25000", ".nan"), ":4:22: ", "not a decimal number"),
        ("alias.yaml", changed("25000", "*x"), ":4:", ""),
        ("bomb.yaml", Array("a: &a [1]\nb: [*a, *a]\n".utf8), ":", ""),
        (
            "rows.yaml",
            changed("marks", "    - {symbol: BTCUSDT, quantity: 1, entryPrice: 1}\nmarks"),
            ":7:16: ", "one-way"
        ),
    ]

    @Test(arguments: files)
    func `account files give one message with place and remedy`(
        file: (name: String, bytes: [UInt8], place: String, words: String)
    ) throws {
        let folder = try Folder()
        let path = try folder.write(file.bytes, to: file.name)
        let run = try CommandRun("calc", path)
        #expect(run.code == 3)
        #expect(run.output.isEmpty)
        let lines = run.errors.split(separator: "\n")
        #expect(lines.count == 2, "\(run.errors)")
        #expect(run.errors.hasPrefix(path + file.place), "\(run.errors)")
        #expect(run.errors.contains(file.words), "\(run.errors)")
        #expect(lines.last?.hasPrefix("  ") == true)
        #expect(run.errors.utf8.count < 1_000)
    }

    static let events: [(line: String, words: String)] = [
        (
            "{\"type\":\"marked\",\"time\":1,\"symbol\":\"BTCUSDT\",\"price\":\"-1\"}",
            "'-1' is not above zero"
        ),
        (
            "{\"type\":\"marked\",\"time\":1,\"symbol\":\"BTCUSD\",\"price\":\"1\"}",
            "Did you mean 'BTCUSDT'?"
        ),
        (
            "{\"type\":\"marked\",\"time\":1,\"symbol\":\"BTCUSDT\",\"price\":\(String(repeating: "9", count: 1_000))}",
            "1000 characters"
        ),
        ("{\"type\":\"marked\",\"time\":1,\"time\":2}", "there twice"),
        ("{\"type\":\"marked\",\"time\":1,\"symbol\":", "Complete"),
        ("{\"type\":\"markt\",\"time\":1}", "Did you mean 'marked'?"),
        ("{\"type\":\"ticked\",\"time\":1,\"tme\":2}", "Did you mean 'time'?"),
        ("{\"type\":\"ticked\",\"time\":99999999999999999999}", "not a whole number"),
        ("{\"type\":\"ticked\"\0}", ""),
        (String(repeating: "[", count: 10_000), "nesting"),
        ("not json", ""),
    ]

    @Test(arguments: events)
    func `lines of event files give one message with their number`(
        event: (line: String, words: String)
    ) throws {
        let names = """
            {"type":"venueDefined","time":0,"name":"v","mode":"venue"}
            {"type":"assetDefined","time":0,"asset":"USDT"}
            {"type":"rulebookAdopted","time":0,"rulebook":"binance-usdm"}
            {"type":"instrumentDefined","time":0,"symbol":"BTCUSDT"}

            """
        let folder = try Folder()
        let path = try folder.write(names + event.line + "\n", to: "events.ndjson")
        let run = try CommandRun("replay", "--quiet", path)
        #expect(run.code == 3)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("\(path):5:"), "\(run.errors)")
        #expect(run.errors.contains(event.words), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 2, "\(run.errors)")
    }

    @Test func `the same id with other content is refused, not an error`() throws {
        let folder = try Folder()
        let path = try folder.write(
            """
            {"type":"venueDefined","time":0,"name":"v","mode":"venue"}
            {"type":"assetDefined","time":0,"asset":"USDT"}
            {"type":"accountOpened","time":0,"account":"a"}
            {"type":"insuranceFunded","time":1,"id":"x","asset":"USDT","amount":"1"}
            {"type":"insuranceFunded","time":1,"id":"x","asset":"USDT","amount":"1"}
            {"type":"insuranceFunded","time":1,"id":"x","asset":"USDT","amount":"2"}
            """,
            to: "events.ndjson"
        )
        let run = try CommandRun("replay", "--json", path)
        #expect(run.code == 0)
        #expect(run.output.contains("\"repeated\": 1"))
        #expect(run.output.contains("\"code\": \"conflict\""))
        #expect(run.output.contains("\"first\": \"\(path):6\""))
    }
}
