import Plimsoll
import PlimsollAccess
import PlimsollUnits
import TestSupport
import Testing

@testable import PlimsollNode
@testable import PlimsollServer

@Suite("As it was")
struct PastTests {
    /// What a node answers at some events, and again when it has gone on: in batches, so that most moments are
    /// within a record.
    @Test(
        "?seq=N answers what the node answered at N, byte for byte, also after a restart",
        arguments: [(UInt64(1), UInt64(0)), (2, 40), (3, 7)]
    )
    func same(seed: UInt64, snapshots: UInt64) async throws {
        let world = try ServedWorld {
            $0.snapshotInterval = snapshots > 0 ? snapshots : 1_000_000
            $0.segmentSize = 1 << 16
        }
        var random = SplitMix64(seed: seed)
        var story = Trades(seed: seed)
        var said: [(sequence: UInt64, answers: [String])] = [try await now(world)]
        for _ in 0..<12 {
            _ = try await world.post(story.lines(random.int(1...30)), "application/x-ndjson")
            said.append(try await now(world))
        }
        try await world.settle()
        said.shuffle(using: &random)
        for _ in 0..<2 {
            for (sequence, answers) in said {
                for (then, answer) in zip(try await then(world, "seq=\(sequence)"), answers) {
                    #expect(then == answer)
                }
            }
            try world.restart()
        }
    }

    /// The node's own answers are at the ends of batches; an engine that is fed one by one is at every event.
    @Test("every moment is that of an engine that has seen as much", arguments: UInt64(1)...4)
    func each(seed: UInt64) async throws {
        let world = try ServedWorld { $0.segmentSize = 1 << 16 }
        var story = Trades(seed: seed)
        for _ in 0..<3 { _ = try await world.post(story.lines(40), "application/x-ndjson") }
        let machine = world.running.node.past
        let end = world.running.node.read { $0.sequence }
        var random = SplitMix64(seed: seed)
        var places: [(sequence: UInt64, clock: Int64, digest: UInt128)] = []
        for sequence in 1...end {
            let engine = try await machine.engine(at: .sequence(sequence))
            #expect(engine.sequence == sequence)
            places.append((sequence, engine.clock.nanoseconds / 1_000_000, engine.digest))
        }
        #expect(Set(places.map(\.digest)).count == places.count)
        #expect(places.last?.digest == world.running.node.read { $0.digest })
        for place in places.shuffled(using: &random) {
            let again = try await machine.engine(at: .sequence(place.sequence))
            #expect(again.digest == place.digest)
            // All events of a millisecond belong to it.
            let last = try #require(places.last { $0.clock <= place.clock })
            let timed = try await machine.engine(at: .time(milliseconds: place.clock))
            #expect(timed.sequence == last.sequence)
        }
    }

    @Test("moments that are not there are told apart")
    func faults() async throws {
        let world = try ServedWorld()
        _ = try await world.get("/v1/accounts/alice")
        let end = world.running.node.read { $0.sequence }
        for (query, status, code) in [
            ("seq=0", 404, "too_early"), ("at=1760054399999", 404, "too_early"),
            ("seq=\(end + 1)", 400, "in_the_future"), ("at=1760054400001", 400, "in_the_future"),
            ("seq=1&at=1760054400000", 400, "malformed"), ("at=-1", 400, "malformed"),
            ("seq=x", 400, "malformed"), ("at=", 400, "malformed"),
            // The account was not there yet, nor was the venue.
            ("seq=5", 404, "not_found"), ("seq=6", 200, ""), ("at=1760054400000", 200, ""),
        ] {
            do {
                _ = try await world.get("/v1/accounts/alice?\(query)")
                #expect(status == 200, "\(query)")
            } catch let problem as Problem {
                #expect((problem.status, problem.code) == (status, code), "\(query)")
            }
        }
        let line = try await world.get("/v1/timeline")
        #expect(
            line == """
                {"first":{"seq":1,"at":1760054400000},"last":{"seq":\(end),"at":1760054400000},\
                "now":1760054400000}
                """
        )
    }

    @Test("a replay that takes too long goes on where it was; one that nobody waits for ends")
    func patience() async throws {
        let world = try ServedWorld()
        var story = Trades(seed: 9)
        for _ in 0..<10 { _ = try await world.post(story.lines(5), "application/x-ndjson") }
        let (end, digest) = world.running.node.read { ($0.sequence, $0.digest) }
        var engines = PastEngines(folder: world.path)
        var reached: [UInt64] = []
        while true {
            do throws(PastFault) {
                let engine = try engines.engine(at: .sequence(end), through: end, until: 0) {
                    false
                }
                #expect(engine.digest == digest)
                break
            } catch {
                guard case .tooLong(_, let event) = error else { throw error }
                reached.append(event)
            }
        }
        #expect(
            reached.count >= 10 && reached == reached.sorted()
                && Set(reached).count == reached.count
        )
        var others = PastEngines(folder: world.path)
        #expect(throws: PastFault.cancelled) {
            _ = try others.engine(at: .sequence(end), through: end, until: .max) { true }
        }
        let full = TimeMachine(folder: world.path, limit: 0) { end }
        await #expect(throws: PastFault.busy(limit: 0)) {
            _ = try await full.engine(at: .sequence(1))
        }
    }

    @Test("a key of one account is not told of others, as they were either")
    func scope() async throws {
        let world = try ServedWorld()
        let own = Principal(id: "k", role: .read, account: "alice")
        #expect(try await world.get("/v1/accounts/alice?seq=8", as: own).contains("alice"))
        await #expect(throws: Problem.otherAccount) {
            try await world.get("/v1/accounts/bob?seq=8", as: own)
        }
        await #expect(throws: Problem.otherAccount) {
            try await world.get("/v1/accounts/bob?seq=2", as: own)
        }
        // Nor is anything replayed for it.
        await #expect(throws: Problem.otherAccount) {
            try await world.get("/v1/accounts/bob?seq=0", as: own)
        }
    }

    @Test("a receipt has its last step also where more events follow in the same record")
    func receipt() async throws {
        let world = try ServedWorld()
        _ = try await world.post(Trades.liquidation, "application/x-ndjson")
        try await world.settle()
        var answer = ""
        for _ in 0..<200 {
            answer = (try? await world.get("/v1/liquidations/1")) ?? ""
            if !answer.isEmpty { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(answer.contains("\"ended\""), "\(answer)")
    }

    private static let paths = [
        "/v1/accounts/alice", "/v1/accounts/alice/positions", "/v1/accounts/bob/balances",
        "/v1/accounts/bob/explain?symbol=BTCUSDT",
        "/v1/accounts/alice/ladder?symbol=BTCUSDT&steps=5",
        "/v1/accounts?limit=5", "/v1/markets", "/v1/totals", "/v1/liquidation-map?symbol=BTCUSDT",
        "/v1/adl?symbol=BTCUSDT&side=long",
    ]

    private func now(_ world: ServedWorld) async throws -> (UInt64, [String]) {
        let answers = try await answers(world, nil)
        return (world.running.node.read { $0.sequence }, answers)
    }

    private func then(_ world: ServedWorld, _ moment: String) async throws -> [String] {
        try await answers(world, moment)
    }

    /// What is answered, or the code of the problem.
    private func answers(_ world: ServedWorld, _ moment: String?) async throws -> [String] {
        var answers: [String] = []
        for path in Self.paths {
            let query = moment.map { (path.contains("?") ? "&" : "?") + $0 } ?? ""
            do {
                answers.append(try await world.get(path + query))
            } catch let problem as Problem {
                answers.append(problem.code)
            }
        }
        return answers
    }
}

/// Lines of marks, fills and deposits of alice and bob.
struct Trades {
    private var random: SplitMix64
    private var time: Int64 = 1_760_054_400_000

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func lines(_ count: Int64) -> String {
        (0..<count).map { _ in line() }.joined(separator: "\n")
    }

    private mutating func line() -> String {
        if random.chance(70) { time += random.int(0...3) }
        let start = "{\"time\":\(time),\"at\":\(time),"
        switch random.int(0...3) {
        case 0:
            let price = random.int(59_000...61_000)
            return start + "\"type\":\"marked\",\"symbol\":\"BTCUSDT\",\"price\":\"\(price)\"}"
        case 1:
            let account = random.chance(50) ? "alice" : "bob"
            return start
                + "\"type\":\"deposited\",\"account\":\"\(account)\",\"asset\":\"USDT\",\"amount\":\"1\"}"
        default:
            let buyer = random.chance(50) ? "alice" : "bob"
            let seller = buyer == "alice" ? "bob" : "alice"
            return start
                + "\"type\":\"filled\",\"symbol\":\"BTCUSDT\",\"quantity\":\"0.001\",\"price\":\"60000\","
                + "\"buyer\":\"\(buyer)\",\"seller\":\"\(seller)\"}"
        }
    }

    /// Alice falls below her line and is closed, and something else happens in the same body.
    static let liquidation = """
        {"time":1760054400001,"type":"filled","symbol":"BTCUSDT","quantity":"0.1","price":"60000","buyer":"alice","seller":"outside"}
        {"time":1760054400002,"type":"marked","symbol":"BTCUSDT","price":"55000"}
        {"time":1760054400003,"type":"marked","symbol":"BTCUSDT","price":"50100"}
        {"time":1760054400004,"type":"liquidationFilled","order":1,"quantity":"0.1","price":"50100","counterparty":"outside"}
        {"time":1760054400005,"type":"deposited","account":"bob","asset":"USDT","amount":"5"}
        """
}
