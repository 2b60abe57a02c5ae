@testable import PlimsollCommands
import PlimsollWire
import Testing

@Suite struct `A stream of server-sent events` {
    static let text = """
        retry: 1000\n\n: a comment\r\n\r\nevent: effects\nid: 812\ndata: {"seq":\ndata:812}\n\n\
        id: 9\n\ndata: last\r\rdata: cut off
        """
    static let messages = [
        StreamMessage(event: "effects", id: "812", data: Array("{\"seq\":\n812}".utf8)),
        StreamMessage(event: "", id: nil, data: Array("last".utf8)),
    ]

    @Test(arguments: [1, 2, 3, 7, 1_000])
    func `is the same in whatever pieces it comes`(size: Int) {
        var parser = StreamParser()
        var found: [StreamMessage] = []
        let bytes = Array(Self.text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            found += parser.messages(in: bytes[start..<min(start + size, bytes.count)])
        }
        #expect(found == Self.messages)
    }
}

@Suite struct `A question to a server` {
    @Test func `has names as segments of its path, whatever is in them`() {
        let request = ServerRequest(
            "accounts",
            "../ä b?",
            query: [("band", "call"), ("cursor", nil), ("search", "a&b=c")]
        )
        #expect(request.target == "/v1/accounts/..%2F%C3%A4%20b%3F?band=call&search=a%26b%3Dc")
    }

    @Test(arguments: [
        ("http://127.0.0.1:8086/", "http://127.0.0.1:8086", false),
        ("https://risk.example", "https://risk.example", false),
        ("http://risk.example:80", "http://risk.example:80", true),
        ("http://[::1]:8086", "http://[::1]:8086", false),
        ("http://localhost.example", "http://localhost.example", true),
        ("http://127.example.com", "http://127.example.com", true),
        ("http://127.0.0.1.example.com:80", "http://127.0.0.1.example.com:80", true),
        ("http://127.8.0.1/path", "http://127.8.0.1/path", false),
    ])
    func `goes to an address`(given: String, text: String, isExposed: Bool) throws {
        let address = try ServerAddress(given)
        #expect(address.text == text)
        #expect(address.isExposed == isExposed)
    }

    @Test(arguments: ["", "127.0.0.1:8086", "ftp://x", "http://", "http://a b", "http://me:pw@x"])
    func `goes nowhere else`(given: String) {
        #expect(throws: CommandFailure.self) { try ServerAddress(given) }
    }

    @Test(arguments: ["http://me:secret@x", "http://secret@x/y@z", "me:secret@x:8086"])
    func `never shows a password`(given: String) throws {
        let failure = try #require(throws: CommandFailure.self) { try ServerAddress(given) }
        #expect(!failure.message.contains("secret"))
        #expect(failure.message.contains("…@"))
    }

    @Test(arguments: [
        (404, "not_found", ExitCode.notFound), (400, "malformed", .usage),
        (401, "unauthorized", .failure), (403, "forbidden", .failure),
        (422, "stale_price", .insufficientData), (503, "busy", .unreachable),
        (500, "internal", .failure),
    ])
    func `fails with the exit code of its problem`(status: Int, code: String, exit: ExitCode) {
        let body = #"{"title":"T.","detail":"D.","code":"\#(code)"}"#
        let failure = ServerProblem(ServerAnswer(status: status, body: Array(body.utf8))).failure
        #expect(failure.exitCode == exit)
        #expect(failure.message.hasPrefix("plimsoll: T.\n  "))
    }
}

@Suite struct `A table` {
    @Test(arguments: [
        ("a,b,c", ["a", "b", "c"]), ("", [""]), (",", ["", ""]),
        (#""a,b","c ""d""",e"#, ["a,b", #"c "d""#, "e"]),
    ])
    func `has cells`(line: String, cells: [String]) throws {
        #expect(try CSVText.cells(Array(line.utf8), file: "t", number: 1) == cells)
        let written = cells.map { CSVText.cell($0) }.joined(separator: ",")
        #expect(try CSVText.cells(Array(written.utf8), file: "t", number: 1) == cells)
    }

    @Test(arguments: [#""a"#, #""a"b,c"#])
    func `with a wrong quotation mark is refused`(line: String) {
        #expect(throws: InputFault.self) {
            try CSVText.cells(Array(line.utf8), file: "t", number: 1)
        }
    }
}

@Suite struct `A line of a file that is sent` {
    private static func prepared(
        _ lines: [String],
        stampsTime: Bool = false,
        givesIDs: Bool = true
    ) throws -> [String] {
        var form = EventPreparation(file: "f", stampsTime: stampsTime, givesIDs: givesIDs)
        return try lines.enumerated().map { index, line in
            let node = try JSONText.parse(Array(line.utf8), file: "f", firstLine: index + 1)
            let (bytes, _) = try form.prepared(node)
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    @Test func `keeps what it is known by, and the spelling of its numbers`() throws {
        let lines = [
            #"{"id":"d-1","amount":1.50,"at":7}"#, #"{"source":"s","sequence":1,"price":"6e4"}"#,
        ]
        #expect(try Self.prepared(lines) == lines)
        #expect(try Self.prepared(lines, stampsTime: true)[0] == #"{"id":"d-1","amount":1.50}"#)
    }

    @Test func `gets an id that says where it is, the same each time`() throws {
        let line = #"{"type":"ticked","time":1}"#
        let once = try Self.prepared([line, line])
        #expect(once[0] != once[1])
        #expect(once[0].hasPrefix(#"{"type":"ticked","time":1,"id":"ingest-"#))
        // A file that has grown has the same ids, one that begins otherwise has others.
        #expect(try Self.prepared([line, line, line]).prefix(2) == once[...])
        #expect(try Self.prepared([#"{"type":"ticked","time":2}"#, line])[1] != once[1])
        #expect(try Self.prepared([line], givesIDs: false) == [line])
    }

    @Test(arguments: [
        (#""id":"x""#, 86_400_000, false, false), (#""id":"x""#, 86_400_001, false, true),
        (#""amount":1"#, 86_400_001, false, true), (#""id":"x""#, 86_400_001, true, false),
        (#""source":"s","sequence":1"#, 86_400_001, false, false),
    ])
    func `is remembered by its id for a day`(
        field: String,
        span: Int,
        stampsTime: Bool,
        outlives: Bool
    ) throws {
        var form = EventPreparation(file: "f", stampsTime: stampsTime, givesIDs: true)
        for time in ["\(span + 5)", "5.25"] {
            let line = "{\"time\":\(time),\(field)}"
            _ = try form.prepared(try JSONText.parse(Array(line.utf8), file: "f"))
        }
        #expect(form.outlivesIDs == outlives)
    }
}

@Suite struct `The screen of top` {
    private static func sample(_ count: Int) throws -> TopSample {
        let status = """
            {"venue":"a venue with a name that is rather long","seq":123456789,"asOf":1760131200000,\
            "replica":{"lag":0},"bands":{"safe":1,"watch":0,"call":2,"liquidation":3}}
            """
        let items = (0..<count).map { index in
            """
            {"account":"account-with-a-long-name-\(index)","band":"call","mode":"normal",\
            "equity":"123456789012.345","maintenanceMargin":"0.00000001","marginRatio":"0.9731",\
            "freeboard":"-5","asset":"USDT","positions":1,"isStale":false}
            """
        }
        let accounts = #"{"items":[\#(items.joined(separator: ","))],"stale":["BTCUSDT"]}"#
        return TopSample(
            status: Document(try JSONText.parse(Array(status.utf8), file: "s")),
            accounts: Document(try JSONText.parse(Array(accounts.utf8), file: "a"))
        )
    }

    @Test(arguments: [20, 80, 120, 200], [5, 24])
    func `fits`(columns: Int, rows: Int) throws {
        let size = TerminalSize(rows: rows, columns: columns)
        var screen = TopScreen(console: Console(isQuiet: true, noColor: true), server: "s")
        screen.update(try Self.sample(screen.room(size)))
        let lines = screen.lines(size, TopChoice(venue: nil))
        #expect(lines.count == rows)
        for line in lines { #expect(line.count <= columns, "\(line)") }
        guard columns >= 80 else { return }
        #expect(lines[3].contains("97.31 %"))
        #expect(lines[3].contains("123,456,789,012"))
        #expect(lines[1].contains("stale: BTCUSDT"))
        #expect(lines[3].contains("█") == (columns > 80))
    }

    @Test func `says what has changed since it was seen first`() throws {
        let size = TerminalSize(rows: 5, columns: 80)
        var screen = TopScreen(console: Console(isQuiet: true, noColor: true), server: "s")
        screen.update(try Self.sample(1))
        #expect(screen.lines(size, TopChoice(venue: nil))[3].hasSuffix("−5.00"))
        screen.update(try Self.sample(1))
        #expect(screen.lines(size, TopChoice(venue: nil))[3].hasSuffix("0.0"))
    }
}

@Suite struct `A message of a stream, for people` {
    @Test(arguments: [
        (
            "effects",
            #"{"seq":8,"time":1760131062318,"effects":[{"type":"marginStateChanged","account":"a","#
                + #""pool":"USDT cross","fromBand":"call","band":"liquidation","fromMode":"normal","#
                + #""mode":"liquidating","equity":"8.867","maintenanceMargin":"8.918"}]}"#,
            "21:17:42.318  8  a  USDT cross  call → liquidation, below maintenance  "
                + "equity 8.87  maint 8.92"
        ),
        (
            "liquidation",
            #"{"seq":8,"time":0,"effects":[{"type":"liquidationOrdersToCancel","orders":[1,2]}]}"#,
            "00:00:00  8  liquidationOrdersToCancel  orders [2]"
        ),
        (
            "gap", #"{"from":3,"to":9}"#,
            "gap  events 3 to 9 are no longer kept by the server; the present state follows"
        ),
        ("closing", #"{"reason":"slow"}"#, "closing  this reader was too slow"),
        (
            "alert",
            #"{"state":"active","severity":"critical","firedAt":0,"text":"The ratio of a is 0.95."}"#,
            "00:00:00  critical  fired  The ratio of a is 0.95."
        ),
        (
            "alert",
            #"{"state":"ended","severity":"warning","firedAt":0,"endedAt":1000,"text":"It was."}"#,
            "00:00:01  warning  ended  It was."
        ),
        (
            "markets", #"{"asOf":0,"items":[{"symbol":"B","mark":"61234.5","isStale":true}]}"#,
            "00:00:00  B  61,234.5  stale"
        ),
        ("account", #"{"account":"a"}"#, ""), ("effects", "{", ""),
    ])
    func `is a line`(event: String, data: String, line: String) {
        let text = WatchText(console: Console(isQuiet: true, noColor: true))
        let message = StreamMessage(event: event, id: nil, data: Array(data.utf8))
        #expect(text.lines(message).joined(separator: "\n") == line)
    }
}
