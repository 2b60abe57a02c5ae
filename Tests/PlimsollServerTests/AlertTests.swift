import Glibc
import PlimsollAccess
import PlimsollWire
import Testing

@testable import PlimsollServer

@Suite("Alerts of a node")
struct AlertTests {
    private static let rules = "/v1/alerts/rules"
    private static let risk = Principal(id: "risk-1", role: .risk)
    private static let near =
        #"{"id":"near","kind":"ratio","above":"0.03","accounts":"al*","endsAfter":0}"#

    @Test("there are rules from the first start")
    func standard() async throws {
        let world = try ServedWorld()
        let answer = try await world.get(Self.rules, as: Self.risk)
        #expect(answer.hasPrefix(#"{"version":0,"changedAt":null,"changedBy":null,"#), "\(answer)")
        for kind in ["ratio", "depletion", "staleMark", "fundDrawdown", "verification", "node"] {
            #expect(answer.contains(#""kind":"\#(kind)""#), "\(kind)")
        }
        #expect(answer.hasSuffix(#""webhooks":[],"deliveries":[]}"#), "\(answer)")
    }

    @Test("rules are replaced whole, and it is kept who did it")
    func replaced() async throws {
        let world = try ServedWorld()
        let first = try await world.put(#"{"rules":[\#(Self.near)]}"#)
        #expect(first.hasPrefix(#"{"version":1,"changedAt":1"#), "\(first)")
        #expect(first.contains(#""changedBy":"risk-1""#))
        #expect(!first.contains("depletion"))
        #expect(try await world.put(#"{"version":1,"rules":[]}"#).contains(#"{"version":2"#))
        #expect(await world.putProblem(#"{"version":1,"rules":[]}"#)?.status == 409)
        try world.restart()
        let kept = try await world.get(Self.rules, as: Self.risk)
        #expect(kept.hasPrefix(#"{"version":2,"#) && kept.contains(#""rules":[]"#), "\(kept)")
        let audit = try world.file("alerts-audit.ndjson").split(separator: "\n")
        #expect(audit.count == 2)
        #expect(audit.allSatisfy { $0.contains(#""changedBy":"risk-1""#) })
        #expect(audit.first?.contains(#""above":"0.03""#) == true)
    }

    @Test("what is wrong is named, and nothing is changed")
    func refused() async throws {
        let world = try ServedWorld()
        let bad = #"{"id":"a","kind":"ratio","above":"-1"},{"id":"b","kind":"nothing"}"#
        let problem = try #require(await world.putProblem(#"{"rules":[\#(bad)],"more":1}"#))
        #expect(problem.status == 400)
        #expect(problem.fields.map(\.name) == ["more", "rules[0].above", "rules[1].kind"])
        #expect(await world.putProblem("[]")?.status == 400)
        #expect(await world.putProblem("{")?.line == 1)
        #expect(try await world.get(Self.rules, as: Self.risk).contains(#"{"version":0"#))
        await #expect(throws: Problem.self) {
            try await world.get(Self.rules, as: Principal(id: "k", role: .read))
        }
        await #expect(throws: Problem.self) {
            try await world.get(Self.rules, as: Principal(id: "k", role: .risk, account: "alice"))
        }
    }

    @Test("webhooks are an operator's; their secrets stay in a file that nobody else reads")
    func webhooks() async throws {
        let world = try ServedWorld()
        let hook =
            #"{"id":"desk","url":"http://127.0.0.1:1/token-1?x","secret":"secret-secret-secret"}"#
        let body = #"{"rules":[\#(Self.near)],"webhooks":[\#(hook)]}"#
        #expect(await world.putProblem(body)?.status == 403)
        let answer = try await world.put(body, as: Principal(id: "op", role: .operate))
        #expect(answer.contains(#""url":"http://127.0.0.1:1/…""#), "\(answer)")
        // A risk officer who changes rules leaves the hooks as they are.
        _ = try await world.put(#"{"rules":[]}"#)
        try world.restart()
        let shown = try await world.get(Self.rules, as: Self.risk)
        #expect(shown.contains(#""webhooks":[{"id":"desk""#), "\(shown)")
        let secrets = ["secret-secret", "token-1"]
        for text in [answer, shown, try world.file("alerts-audit.ndjson")] {
            #expect(secrets.allSatisfy { !text.contains($0) }, "\(text)")
        }
        let file = try world.file("alerts.json")
        #expect(secrets.allSatisfy { file.contains($0) })
        var about = stat()
        #expect(stat("\(world.path)/alerts.json", &about) == 0)
        #expect(about.st_mode & 0o777 == 0o600)
    }

    /// The first `"id"` of an answer.
    private static func id(_ answer: String) -> UInt64? {
        guard let start = answer.firstRange(of: #""id":"#)?.upperBound else { return nil }
        return UInt64(answer[start...].prefix { $0.isNumber })
    }

    @Test("an alert fires once, is there after a restart, and ends")
    func fires() async throws {
        let world = try ServedWorld()
        _ = try await world.put(#"{"rules":[\#(Self.near)]}"#)
        try await world.trade()
        try await world.sample()
        #expect(try await world.get("/v1/alerts").contains(#""items":[]"#))
        try await world.mark("55000", 2)
        try await world.sample()
        try await world.sample()
        let fired = try await world.get("/v1/alerts?state=active")
        let first = try #require(Self.id(fired))
        #expect(fired.contains(#""id":\#(first),"rule":"near""#), "\(fired)")
        #expect(fired.contains(#""account":"alice""#), "\(fired)")
        #expect(fired.contains(#""nextCursor":null,"active":1"#), "\(fired)")
        try world.restart()
        try await world.sample()
        let again = try await world.get("/v1/alerts")
        #expect(again.contains(#""nextCursor":null,"active":1"#), "\(again)")
        try await world.mark("61000", 3)
        try await world.sample()
        let ended = try await world.get("/v1/alerts")
        #expect(ended.contains(#""endedBy":"value""#), "\(ended)")
        #expect(ended.contains(#""active":0"#), "\(ended)")
        try await world.mark("55000", 4)
        try await world.sample()
        let pages = try await world.get("/v1/alerts?limit=1")
        let second = try #require(Self.id(pages))
        #expect(second > first)
        #expect(pages.contains(#""nextCursor":"\#(second)""#), "\(pages)")
        let next = try await world.get("/v1/alerts?limit=1&cursor=\(second)")
        #expect(Self.id(next) == first)
        #expect(try await world.get("/v1/alerts?rule=other").contains(#""items":[]"#))
        _ = try await world.put(#"{"rules":[]}"#)
        #expect(try await world.get("/v1/alerts?limit=1").contains(#""endedBy":"rule""#))
    }

    @Test("a log that was cut by a crash is read as far as it goes")
    func cutLog() async throws {
        let world = try ServedWorld()
        let alert = #"""
            {"id":41,"rule":"gone","kind":"ratio","severity":"info","state":"active","account":"x","value":null,"limit":null,"firedAt":1,"endedAt":null,"endedBy":null,"seq":1,"text":"t"}
            {"id":42,"rule":"go
            """#
        try world.restart {
            let file = try #require(fopen("\(world.path)/alerts.ndjson", "w"))
            fputs(alert, file)
            fchmod(fileno(file), 0o600)
            fclose(file)
        }
        let answer = try await world.get("/v1/alerts")
        #expect(answer.contains(#""id":41"#) && answer.contains(#""endedBy":"rule""#), "\(answer)")
    }
}

extension ServedWorld {
    fileprivate func put(
        _ body: String,
        as principal: Principal = Principal(id: "risk-1", role: .risk)
    ) async throws -> String {
        _ = try await get("/v1/status")
        return try await ask("PUT", "/v1/alerts/rules", body, "application/json", principal)
    }

    fileprivate func putProblem(_ body: String) async -> Problem? {
        do {
            _ = try await put(body)
            return nil
        } catch {
            return error as? Problem
        }
    }

    /// Takes a sample of the book, as the server does a few times a second.
    fileprivate func sample() async throws {
        _ = try await get("/v1/totals")
        let service = running.service
        #expect(service.samples.take(of: running.node, count: 0, watch: service.alerts) != nil)
    }

    fileprivate func trade() async throws {
        let lines = """
            {"type":"deposited","time":1760054500000,"account":"bob","asset":"USDT","amount":"9000"}
            {"type":"filled","time":1760054500000,"source":"f","sequence":1,"symbol":"BTCUSDT","price":"60000","quantity":"0.1","buyer":"alice","seller":"bob"}
            """
        let answer = try await post(lines, "application/x-ndjson")
        #expect(answer.contains(#""accepted":2"#), "\(answer)")
    }

    fileprivate func mark(_ price: String, _ sequence: Int) async throws {
        let answer = try await post(
            #"{"type":"marked","time":17600546\#(sequence)0000,"source":"f","sequence":\#(sequence),"#
                + #""symbol":"BTCUSDT","price":"\#(price)"}"#
        )
        #expect(answer.contains("accepted"), "\(answer)")
    }

    fileprivate func file(_ name: String) throws -> String {
        let file = try OwnerFile(name, in: path).contents()
        return String(decoding: try #require(file), as: UTF8.self)
    }
}
