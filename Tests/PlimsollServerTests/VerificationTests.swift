import Glibc
import Plimsoll
import PlimsollAccess
import PlimsollJournal
import PlimsollNode
import PlimsollUnits
import PlimsollWire
import Testing

@testable import PlimsollServer

@Suite("Verification of a node")
struct VerificationTests {
    @Test("a sound node passes, also after it went on")
    func sound() async throws {
        let world = try ServedWorld()
        let none = try await world.get("/v1/verification")
        #expect(none.contains(#""state":"none""#) && none.contains(#""last":null"#), "\(none)")
        #expect(try await world.verified().contains(#""state":"passed""#))
        let deposit =
            #"{"type":"deposited","time":1760054500000,"account":"bob","asset":"USDT","amount":"5"}"#
        _ = try await world.post(deposit)
        let second = try await world.verified()
        #expect(second.contains(#""state":"passed""#), "\(second)")
        #expect(second.contains(#""seq":9,"accounts":4,"compared":4"#), "\(second)")
        #expect(second.contains(#""followed":9,"every":0"#), "\(second)")
        #expect(second.contains(#""last":{"state":"passed","endedAt":"#), "\(second)")
        #expect(
            second.contains(#""seq":9,"accounts":4,"compared":4,"findingCount":0}"#),
            "\(second)"
        )
        let status = try await world.get("/v1/status")
        #expect(status.contains(#""verification":{"state":"passed""#), "\(status)")
    }

    @Test("a node that began at a snapshot is compared with its journal, and what differs is found")
    func planted() async throws {
        let world = try ServedWorld()
        _ = try await world.get("/v1/accounts/alice")
        _ = try world.running.node.replicaAtRest()
        // The chain of the journal is whole and the snapshot's checksum is right: only what it says is not.
        try world.restart { try Self.plantSnapshot(in: world.path) }
        #expect(world.running.node.recovery.snapshot == 8)
        #expect(try await world.get("/v1/accounts/alice").contains(#""walletBalance":"1001""#))
        let found = try await world.verified()
        #expect(found.contains(#""state":"found""#), "\(found)")
        #expect(
            found.contains(
                #""account":"alice","kind":"wallet","what":"wallet of USDT","expected":"1000","found":"1001""#
            ),
            "\(found)"
        )
        world.running.service.lookAtItself()
        let alerts = try await world.get("/v1/alerts")
        #expect(alerts.contains(#""rule":"verification","kind":"verification""#), "\(alerts)")
        #expect(alerts.contains("1 wallet"), "\(alerts)")
        let metrics = try await world.get("/metrics")
        #expect(metrics.contains("plimsoll_verification_up 0"))
        #expect(metrics.contains(#"plimsoll_verification_findings_total{kind="wallet"} 1"#))
        #expect(metrics.contains(#"plimsoll_alerts_active{rule="verification"} 1"#))
    }

    @Test("where the beginning of the journal was pruned, it says so")
    func pruned() async throws {
        let world = try ServedWorld()
        _ = try await world.get("/v1/accounts/alice")
        let names = try FileStorage(reading: world.path).names().filter { $0.contains("journal") }
        let segment = try #require(names.first { $0.contains("1") && !$0.contains("head") })
        let later = String(segment.map { $0 == "1" ? "5" : $0 })
        #expect(rename("\(world.path)/\(segment)", "\(world.path)/\(later)") == 0)
        let answer = try await world.verified()
        #expect(answer.contains(#""state":"unavailable""#), "\(answer)")
        #expect(answer.contains("5"), "\(answer)")
        world.running.service.lookAtItself()
        #expect(try await world.get("/v1/alerts").contains("cannot be verified"))
    }

    @Test("who may only read does not start one")
    func roles() async throws {
        let world = try ServedWorld()
        await #expect(throws: Problem.self) {
            try await world.ask(
                "POST",
                "/v1/verification",
                "",
                "",
                .init(id: "k", role: .feed)
            )
        }
        _ = try await world.ask("POST", "/v1/verification", "", "", .init(id: "k", role: .risk))
    }

    /// Writes a snapshot of a book in which a deposit was one larger than the journal says.
    private static func plantSnapshot(in path: String) throws {
        let storage = try FileStorage(folder: path)
        let reader = try JournalReader(storage)
        let end = try reader.durable()
        var engine = Engine()
        var time: Int64 = 0
        try reader.read(through: end.sequence) { record in
            time = record.time
            for var event in try record.events() {
                if case .deposited(var deposit) = event.body {
                    deposit.amount = Money(units: deposit.amount.units + 10_000_000_000_000_000)
                    event.body = .deposited(deposit)
                }
                var effects: [Effect] = []
                engine.applyOrRefuse(event, emitting: &effects)
            }
        }
        try engine.snapshot().withUnsafeBytes { bytes in
            try Snapshots(in: storage).write(bytes, at: reader.position, time: time)
        }
    }
}

extension ServedWorld {
    /// Starts a verification and waits for its end.
    func verified() async throws -> String {
        _ = try await get("/v1/status")
        // A small book may be verified before the answer is written.
        _ = try await ask("POST", "/v1/verification")
        for _ in 0..<2_000 {
            let answer = try await get("/v1/verification")
            if !answer.contains(#""state":"running""#) { return answer }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("the verification did not end")
        return ""
    }
}

extension MarginNode {
    /// Waits until the replica has seen everything, so that its read models end where the journal does.
    fileprivate func replicaAtRest() throws {
        for _ in 0..<2_000 where replica.lag > 0 { usleep(1_000) }
        #expect(replica.lag == 0)
    }
}
