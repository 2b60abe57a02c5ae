import Glibc
import Plimsoll
import PlimsollAccess
import PlimsollNode
import PlimsollServer
import PlimsollWire
import Testing

@Suite("Service")
struct ServiceTests {
    @Test("every route is described, and nothing else")
    func described() throws {
        let world = try ServedWorld()
        let routes = world.running.service.routes.routes.filter(OpenAPI.isDescribed)
            .map { "\($0.method) \($0.path)" }
        #expect(Set(routes) == Set(OpenAPI.words.keys))
        #expect(Set(routes).count == routes.count)
        let node = try JSONText.parse(OpenAPI(world.running.service.routes).bytes, file: "openapi")
        let document = try NodeReader(mapping: node, file: "openapi")
        #expect(try document.required("openapi").scalar() == "3.1.0")
    }

    @Test("an event is accepted once; the same again is repeated, other content is a conflict")
    func once() async throws {
        let world = try ServedWorld()
        let deposit = Self.deposit(id: "d-9", amount: "10")
        #expect(try await world.post(deposit).contains(#""status":"accepted""#))
        #expect(try await world.post(deposit).contains(#""status":"repeated""#))
        let other = Self.deposit(id: "d-9", amount: "11")
        #expect(await world.problem(other)?.status == 409)
        #expect(try await world.get("/v1/accounts/alice").contains(#""walletBalance":"1010""#))
    }

    @Test("lines stand alone, and may use names that earlier lines define")
    func lines() async throws {
        let world = try ServedWorld()
        let body = """
            {"type":"accountOpened","time":1760054500000,"account":"carol"}
            {"type":"deposited","time":1760054500000,"account":"carol","asset":"USDT","amount":"5","id":"c-1"}
            {"type":"deposited","time":1760054500000,"account":"nobody","asset":"USDT","amount":"5"}
            {"type":"withdrawalRequested","time":1760054500000,"account":"carol","asset":"USDT","amount":"6"}
            """
        let answer = try await world.post(body, "application/x-ndjson")
        #expect(answer.contains(#""accepted":2,"repeated":0,"refused":2"#), "\(answer)")
        #expect(answer.contains(#"{"line":3,"code":"malformed""#))
        #expect(answer.contains(#"{"line":4,"code":"insufficient_withdrawable""#), "\(answer)")
    }

    @Test("each figure of a position stands beside the asset in which it is settled")
    func assets() async throws {
        let world = try ServedWorld()
        let body = """
            {"type":"venueDefined","time":1760054400000,"name":"two","mode":"venue"}
            {"type":"assetDefined","time":1760054400000,"asset":"USDT"}
            {"type":"assetDefined","time":1760054400000,"asset":"ETH"}
            {"type":"rulebookAdopted","time":1760054400000,"rulebook":"bybit-classic"}
            {"type":"instrumentDefined","time":1760054400000,"symbol":"ETHUSDT"}
            {"type":"instrumentDefined","time":1760054400000,"symbol":"ETHUSD"}
            {"type":"marked","time":1760054400000,"symbol":"ETHUSDT","price":"2000"}
            {"type":"marked","time":1760054400000,"symbol":"ETHUSD","price":"2000"}
            {"type":"indexed","time":1760054400000,"asset":"USDT","price":"1"}
            {"type":"indexed","time":1760054400000,"asset":"ETH","price":"2000"}
            {"type":"accountOpened","time":1760054400000,"account":"both"}
            {"type":"deposited","time":1760054400000,"account":"both","asset":"USDT","amount":"1000"}
            {"type":"deposited","time":1760054400000,"account":"both","asset":"ETH","amount":"3"}
            {"type":"filled","time":1760054400000,"symbol":"ETHUSDT","quantity":"0.5","price":"2000","buyer":"both","seller":"outside"}
            {"type":"filled","time":1760054400000,"symbol":"ETHUSD","quantity":"1000","price":"2000","buyer":"both","seller":"outside"}
            """
        let taken = try await world.ask("POST", "/v1/events", body, "application/x-ndjson")
        #expect(taken.contains(#""accepted":15"#), "\(taken)")
        let account = try await world.ask("GET", "/v1/accounts/both")
        #expect(account.contains(#""account":"both","asset":"USD""#), "\(account)")
        for position in [
            #""symbol":"ETHUSDT","leg":"net","asset":"USDT","quantity":"0.5""#,
            #""symbol":"ETHUSD","leg":"net","asset":"ETH","quantity":"1000""#,
        ] {
            #expect(account.contains(position), "\(account)")
            let list = try await world.ask("GET", "/v1/accounts/both/positions")
            #expect(list.contains(position), "\(list)")
        }
    }

    @Test("a list of effects says up to which event it has everything")
    func effectsReach() async throws {
        let world = try ServedWorld()
        let deposit =
            #"{"type":"deposited","time":1760054500000,"account":"bob","asset":"USDT","amount":"5"}"#
        let answer = try await world.post(deposit)
        let seq = world.running.node.read { $0.sequence }
        #expect(answer.contains(#""seq":\#(seq)"#), "\(answer)")
        var list = ""
        for _ in 0..<500 where !list.hasSuffix(#""seq":\#(seq)}"#) {
            try await Task.sleep(for: .milliseconds(10))
            list = try await world.get("/v1/events")
        }
        #expect(list.hasPrefix(#"{"items":[{"seq":\#(seq),"#), "\(list)")
        #expect(list.hasSuffix(#""nextCursor":null,"seq":\#(seq)}"#), "\(list)")
    }

    @Test("what has the wrong form is refused with its place, and nothing of it is applied")
    func malformed() async throws {
        let world = try ServedWorld()
        _ = try await world.get("/v1/accounts/alice")
        let before = world.running.node.read { $0.sequence }
        for (body, status) in [
            ("", 400), ("{", 400), ("[]", 400), ("{}", 400), (#"{"type":"x","time":1}"#, 400),
            (#"{"type":"ticked","time":1,"extra":1}"#, 400),
            (#"{"type":"ticked","time":1,"time":2}"#, 400),
            (#"{"type":"rulebookAdopted","time":1,"rulebook":"../../etc/passwd"}"#, 400),
            (#"{"type":"rulebookAdopted","time":1,"rulebook":"x.yaml"}"#, 400),
            (String(repeating: "[", count: 10_000), 400),
            ("{\"type\":\"\u{0}\",\"time\":1}", 400),
        ] {
            #expect(await world.problem(body)?.status == status, "\(body.prefix(60))")
        }
        let lines = "{\"type\":\"ticked\",\"time\":1760054500000}\n{"
        #expect(await world.problem(lines, "application/x-ndjson")?.line == 2)
        #expect(await world.problem("{}", "text/plain")?.status == 415)
        #expect(world.running.node.read { $0.sequence } == before)
    }

    @Test(
        "rules of an exported event are taken where the server has the same, and refused where not"
    )
    func exported() async throws {
        let world = try ServedWorld()
        func adoption(_ change: (inout Rulebook) -> Void) throws -> String {
            var rulebook = try RulebookCatalog.standard().load("binance-usdm").rulebook
            change(&rulebook)
            var writer = JSONWriter()
            writer.canonical(rulebook)
            return #"{"type":"rulebookAdopted","time":1760054500000,"rulebook":\#(writer.text)}"#
        }
        #expect(try await world.post(adoption { _ in }).contains(#""status":"accepted""#))
        for change: (inout Rulebook) -> Void in [
            { $0.id = "../rulebooks/binance-usdm" }, { $0.id = "binance-usdx" },
            { $0.thresholds.watch = $0.thresholds.call },
        ] {
            let problem = await world.problem(try adoption(change))
            #expect(problem?.status == 400)
        }
    }

    @Test("a key of one account sees this account and nothing of the book")
    func scope() async throws {
        let world = try ServedWorld()
        let own = Principal(id: "k", role: .read, account: "alice")
        #expect(try await world.get("/v1/accounts/alice", as: own).contains("alice"))
        for path in ["/v1/accounts/bob", "/v1/accounts/nobody", "/v1/accounts/bob/positions"] {
            await #expect(throws: Problem.self) { try await world.get(path, as: own) }
        }
        for route in world.running.service.routes.routes {
            guard let permission = route.permission, !own.allows(permission) else { continue }
            #expect(!route.path.contains("{id}") || route.path.contains("rulebooks"))
        }
        await #expect(throws: Problem.self) { try await world.get("/v1/stream", as: own) }
    }

    @Test("no path leads out of the table of routes")
    func paths() throws {
        let world = try ServedWorld()
        for path in [
            "/../etc/passwd", "/%2e%2e/etc/passwd", "/v1/../keys.json", "//etc/passwd",
            "/style.css/..", "/style.css%00", "/v1/accounts/", "/v1//status", "/v1/status/",
            "/v1/accounts/%ff", "/v1/accounts/%0a", "/v1/accounts/%", "/keys.json", "/master.key",
            "", "v1/status", "/V1/status",
        ] {
            #expect(world.running.service.routes.find("GET", path) == nil, "\(path)")
        }
        #expect(world.running.service.routes.find("GET", "/")?.path == "/")
        #expect(
            world.running.service.routes.find("GET", "/v1/accounts/a%2Fb")?.path
                == "/v1/accounts/{id}"
        )
    }

    private static func deposit(id: String, amount: String) -> String {
        #"{"id":"\#(id)","source":"desk","time":1760131200000,"type":"deposited","#
            + #""account":"alice","asset":"USDT","amount":"\#(amount)"}"#
    }
}

/// A node with two accounts, asked without a network.
final class ServedWorld {
    private(set) var running: RunningNode
    let path: String
    private let configuration: NodeConfiguration

    init(_ configure: (inout NodeConfiguration) -> Void = { _ in }) throws {
        var template = Array("/tmp/plimsoll-served-XXXXXX".utf8CString)
        path = try template.withUnsafeMutableBufferPointer { text in
            String(cString: try #require(text.baseAddress.flatMap { mkdtemp($0) }))
        }
        var configuration = NodeConfiguration(folder: path)
        configuration.segmentSize = 1 << 20
        configuration.clock = .events
        configure(&configuration)
        self.configuration = configuration
        running = try RunningNode(configuration, catalog: .standard(), verifyEvery: 0)
    }

    /// Ends the node, does something with its folder, and starts it again.
    func restart(_ between: () throws -> Void = {}) throws {
        running.end()
        try between()
        running = try RunningNode(configuration, catalog: .standard(), verifyEvery: 0)
    }

    /// Waits until the replica has seen everything.
    func settle() async throws {
        while running.node.replica.lag > 0 { try await Task.sleep(for: .milliseconds(1)) }
    }

    deinit {
        running.end()
        guard let handle = opendir(path) else { return }
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(handle)
        rmdir(path)
    }

    private var isSetUp = false

    private func setUp() async throws {
        guard !isSetUp else { return }
        isSetUp = true
        let setUp = """
            {"type":"venueDefined","time":1760054400000,"name":"demo","mode":"venue"}
            {"type":"assetDefined","time":1760054400000,"asset":"USDT"}
            {"type":"rulebookAdopted","time":1760054400000,"rulebook":"binance-usdm"}
            {"type":"instrumentDefined","time":1760054400000,"symbol":"BTCUSDT"}
            {"type":"marked","time":1760054400000,"symbol":"BTCUSDT","price":"60000"}
            {"type":"accountOpened","time":1760054400000,"account":"alice"}
            {"type":"accountOpened","time":1760054400000,"account":"bob"}
            {"type":"deposited","time":1760054400000,"account":"alice","asset":"USDT","amount":"1000"}
            """
        _ = try await ask("POST", "/v1/events", setUp, "application/x-ndjson")
    }

    func post(_ body: String, _ mediaType: String = "application/json") async throws -> String {
        try await setUp()
        return try await ask("POST", "/v1/events", body, mediaType)
    }

    func problem(_ body: String, _ mediaType: String = "application/json") async -> Problem? {
        do {
            _ = try await post(body, mediaType)
            return nil
        } catch {
            return error as? Problem
        }
    }

    func get(
        _ path: String,
        as principal: Principal = Principal(id: "k", role: .operate)
    ) async throws -> String {
        try await setUp()
        return try await ask("GET", path, "", "", principal)
    }

    func ask(
        _ method: String,
        _ path: String,
        _ body: String = "",
        _ mediaType: String = "application/json",
        _ principal: Principal = Principal(id: "k", role: .operate)
    ) async throws -> String {
        let reply = try await running.service.answer(
            method,
            path,
            body: Array(body.utf8),
            mediaType: mediaType,
            as: principal
        )
        return String(decoding: reply, as: UTF8.self)
    }
}
