import Logging
import Plimsoll
import PlimsollAccess
import PlimsollWire
import Synchronization
import Testing

@testable import PlimsollNode
@testable import PlimsollServer

@Suite("Log and metrics")
struct LogTests {
    @Test("a line of the log is one JSON object, whatever others have put into it")
    func lines() throws {
        let lines = Lines()
        var logger = Logger(label: "test") { _ in LineLog(.json, level: .info) { lines.add($0) } }
        logger[metadataKey: "always"] = "here"
        logger.debug("not this")
        logger.info(
            "request",
            metadata: [
                "id": "a\nb\u{1b}[31m\u{202e}\u{2028}\u{7f}\u{200f}\"",
                "long": .string(String(repeating: "x", count: 5_000)),
            ]
        )
        let all = lines.all
        #expect(all.count == 1)
        let line = try #require(all.first)
        #expect(line.utf8.filter { $0 == 0x0a }.count == 1 && line.hasSuffix("}\n"))
        #expect(!line.utf8.dropLast().contains { $0 < 0x20 || $0 == 0x7f })
        #expect(!line.unicodeScalars.contains { [0x202e, 0x2028, 0x200f].contains($0.value) })
        let document = try NodeReader(
            mapping: JSONText.parse(Array(line.utf8), file: "log"),
            file: "log"
        )
        #expect(try document.required("level").scalar() == "info")
        #expect(try document.required("message").scalar() == "request")
        #expect(try document.required("always").scalar() == "here")
        #expect(try document.required("long").scalar().utf8.count < 600)
        #expect(
            try document.required("id").scalar()
                == "a\\u{a}b\\u{1b}[31m\\u{202e}\\u{2028}\\u{7f}\\u{200f}\""
        )
    }

    @Test("a line of text has the same")
    func text() {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in LineLog(.text, level: .notice) { lines.add($0) } }
        logger.notice("started", metadata: ["seq": "7", "data": "a\u{7}b"])
        #expect(lines.all == ["plimsoll: notice: started data=a\\u{7}b seq=7\n"])
    }

    @Test("buckets count up to their ends, and the last has none")
    func buckets() {
        let histogram = Histogram([10, 20])
        for value: Int64 in [0, 10, 11, 20, 21, 1_000_000_000] { histogram.note(value) }
        #expect(histogram.values.counts == [2, 2, 2])
        var text = MetricsText()
        text.histogram("x_seconds", "Help.", [([("route", "a\"b")], histogram.values)])
        #expect(
            text.text == """
                # HELP plimsoll_x_seconds Help.
                # TYPE plimsoll_x_seconds histogram
                plimsoll_x_seconds_bucket{route="a\\"b",le="0.00000001"} 2
                plimsoll_x_seconds_bucket{route="a\\"b",le="0.00000002"} 4
                plimsoll_x_seconds_bucket{route="a\\"b",le="+Inf"} 6
                plimsoll_x_seconds_sum{route="a\\"b"} 1.000000062
                plimsoll_x_seconds_count{route="a\\"b"} 6

                """
        )
    }

    @Test("a market says how much it changed in a day, where that is known")
    func change() async throws {
        let world = try ServedWorld()
        let start: Int64 = 1_760_054_400_000
        func mark(_ minutes: Int64, _ price: Int) -> String {
            let time = start + minutes * 60_000
            return
                #"{"type":"marked","time":\#(time),"at":\#(time),"symbol":"BTCUSDT","price":"\#(price)"}"#
        }
        var lines: [String] = []
        for step in 0..<48 { lines.append(mark(Int64(step) * 30 + 1, 60_000 + 10 * step)) }
        _ = try await world.post(lines.joined(separator: "\n"), "application/x-ndjson")
        #expect(try await world.get("/v1/markets").contains(#""change24h":null"#))
        // A day after the mark of 60,010 and before that of 60,020.
        _ = try await world.post(mark(24 * 60 + 45, 63_010))
        let answer = try await world.get("/v1/markets")
        #expect(answer.contains(#""change24h":"0.04999167""#), "\(answer)")
    }

    @Test("a node is ready without markets, and while its prices are fresh")
    func ready() async throws {
        let world = try ServedWorld()
        let empty = try await world.running.service.answer(
            "GET",
            "/readyz",
            body: [],
            mediaType: "",
            as: .init(id: "k", role: .read)
        )
        #expect(empty == Array("ready\n".utf8))
        #expect(try await world.get("/readyz") == "ready\n")
        let rules = #"{"extends":"binance-usdm","priceGuard":{"maxAge":60000}}"#
        let adopted = try await world.post(
            #"{"type":"rulebookAdopted","time":1760054400000,"rulebook":\#(rules)}"#
        )
        #expect(adopted.contains("accepted"))
        #expect(try await world.get("/readyz") == "ready\n")
        let later: Int64 = 1_760_054_400_000 + 86_400_000
        _ = try await world.post(#"{"type":"ticked","time":\#(later),"at":\#(later)}"#)
        await #expect { try await world.get("/readyz") } throws: { error in
            let problem = error as? Problem
            return problem?.status == 503 && problem?.code == "stale_price"
                && problem?.detail.contains("BTCUSDT") == true
        }
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }

        func add(_ line: [UInt8]) {
            lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
    }
}
