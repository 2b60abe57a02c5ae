import Crypto
import Glibc
import PlimsollAccess
import Testing

@Suite("Keys")
struct KeyTests {
    private let second: Int64 = 1_000_000_000

    @Test("a key that was made is known to another process, a revoked one is not")
    func life() throws {
        let folder = try TemporaryFolder()
        let command = KeyStore(folder: folder.path)
        let server = KeyStore(folder: folder.path)
        #expect(server.principal(bearer: "pk_0123456789abcdef_00", now: 0) == nil)
        let made = try command.create(.feed, account: nil, at: 1_000)
        #expect(server.principal(bearer: made.text, now: second)?.role == .feed)
        #expect(try command.revoke(made.key.id, at: 2_000)?.revokedAt == 2_000)
        #expect(try command.revoke("ffffffffffffffff", at: 2_000) == nil)
        #expect(server.principal(bearer: made.text, now: 2 * second) == nil)
        #expect(try command.list().count == 1)
    }

    @Test("what is not the key is refused")
    func wrong() throws {
        let folder = try TemporaryFolder()
        let store = KeyStore(folder: folder.path)
        let first = try store.create(.read, account: "alice", at: 1)
        let second = try store.create(.operate, account: nil, at: 1)
        let ends = first.text.split(separator: "_")
        let otherEnds = second.text.split(separator: "_")
        for text in [
            "", "pk", "pk__", "pk_\(ends[1])_", "pk_\(ends[1])", "\(first.text)0",
            String(first.text.dropLast()), first.text.uppercased(),
            "pk_\(ends[1])_\(otherEnds[2])", "pk_\(otherEnds[1])_\(ends[2])", " \(first.text)",
        ] {
            #expect(store.principal(bearer: text, now: self.second) == nil, "\(text)")
        }
        #expect(store.principal(bearer: first.text, now: self.second)?.account == "alice")
    }

    @Test("no file of the folder has a secret in it, and nobody else may read one")
    func hashed() throws {
        let folder = try TemporaryFolder()
        let made = try KeyStore(folder: folder.path).create(.read, account: nil, at: 1)
        let secret = try #require(made.text.split(separator: "_").last)
        for name in ["keys.json", "master.key"] {
            let path = "\(folder.path)/\(name)"
            #expect(!(try contents(path).contains(String(secret))))
            var about = stat()
            #expect(stat(path, &about) == 0 && about.st_mode & 0o077 == 0)
        }
        #expect(chmod("\(folder.path)/keys.json", 0o644) == 0)
        #expect(throws: KeyFault.self) { try KeyStore(folder: folder.path).list() }
    }

    @Test("a damaged file is refused, and a running server keeps the keys of before")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let store = KeyStore(folder: folder.path)
        let made = try store.create(.read, account: nil, at: 1)
        #expect(store.principal(bearer: made.text, now: second) != nil)
        for text in ["{", "{\"version\":1,\"keys\":[{}]}", "{\"version\":2,\"keys\":[]}", "[]"] {
            let file = try #require(fopen("\(folder.path)/keys.json", "w"))
            fputs(text, file)
            fclose(file)
            #expect(throws: KeyFault.self, "\(text)") { try store.list() }
            #expect(throws: KeyFault.self, "\(text)") {
                try store.create(.read, account: nil, at: 1)
            }
        }
        #expect(store.principal(bearer: made.text, now: 2 * second) != nil)
        #expect(store.fault != nil)
    }

    @Test("what each role may do")
    func roles() {
        let table: [(Role, Set<Permission>)] = [
            (.read, [.readAccount, .readBook, .ask]),
            (.feed, [.readAccount, .readBook, .ask, .sendEvents]),
            (.risk, [.readAccount, .readBook, .ask, .manage]),
            (.operate, Set(Permission.allCases)),
        ]
        for (role, allowed) in table {
            let all = Principal(id: "k", role: role)
            let own = Principal(id: "k", role: role, account: "alice")
            for permission in Permission.allCases {
                #expect(all.allows(permission) == allowed.contains(permission))
                let isOwn = permission == .readAccount || permission == .ask
                #expect(own.allows(permission) == (allowed.contains(permission) && isOwn))
            }
        }
    }

    private func contents(_ path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

@Suite("Signed requests")
struct SignatureTests {
    private let now: Int64 = 1_800_000_000_000

    @Test("a signed request counts once, within five seconds, and not after a restart")
    func once() throws {
        let folder = try TemporaryFolder()
        let store = KeyStore(folder: folder.path)
        let made = try store.create(.feed, account: nil, at: 1)
        let signatures = RequestSignatures(store, startedAt: now - 60_000)
        let request = signed(made.text, time: now)
        #expect(signatures.principal(of: request, at: now, steady: 0)?.id == made.key.id)
        for later in [0, 1, 4_999, 5_000, 5_001, 60_000] as [Int64] {
            #expect(signatures.principal(of: request, at: now + later, steady: 0) == nil)
        }
        let restarted = RequestSignatures(store, startedAt: now + 1)
        #expect(restarted.principal(of: request, at: now + 10, steady: 0) == nil)
        for (time, isTaken) in [
            (now - 5_001, false), (now - 5_000, true), (now + 5_000, true), (now + 5_001, false),
        ] {
            let request = signed(made.text, time: time, nonce: "nonce-\(time)")
            #expect((signatures.principal(of: request, at: now, steady: 0) != nil) == isTaken)
        }
    }

    @Test("a request of which a part was changed is refused")
    func altered() throws {
        let folder = try TemporaryFolder()
        let store = KeyStore(folder: folder.path)
        let made = try store.create(.feed, account: nil, at: 1)
        let other = try store.create(.feed, account: nil, at: 1)
        let signatures = RequestSignatures(store, startedAt: now - 60_000)
        var random = SystemRandomNumberGenerator()
        let changes: [(String, (inout RequestSignatures.Request) -> Void)] = [
            ("method", { $0.method = "GET" }), ("query", { $0.target += "&a=1" }),
            ("path", { $0.target = "/v1/Events" }), ("body", { $0.body.append(0x20) }),
            ("key", { $0.key = other.key.id }), ("nonce", { $0.nonce += "x" }),
            ("time", { $0.time = "0\($0.time)" }), ("no signature", { $0.signature = "" }),
            ("case", { $0.signature = $0.signature.uppercased() }),
            ("cut", { $0.signature.removeLast() }),
        ]
        for round in 0..<1_000 {
            let (name, change) = changes[round % changes.count]
            var request = signed(made.text, time: now, nonce: "nonce-\(round)")
            if name == "case", request.signature == request.signature.uppercased() { continue }
            change(&request)
            if name == "body" {
                request.body[0] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
            }
            #expect(signatures.principal(of: request, at: now, steady: 0) == nil, "\(name)")
        }
    }

    private func signed(
        _ key: String,
        time: Int64,
        nonce: String = "0123456789"
    ) -> RequestSignatures.Request {
        let ends = key.split(separator: "_").map(String.init)
        var request = RequestSignatures.Request(
            method: "POST",
            target: "/v1/events?a=b",
            body: Array("{}".utf8),
            key: ends[1],
            time: "\(time)",
            nonce: nonce,
            signature: ""
        )
        let code = HMAC<SHA256>.authenticationCode(
            for: request.message,
            using: SymmetricKey(data: Array(ends[2].utf8))
        )
        request.signature = code.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined()
        return request
    }
}

@Suite("Rate limits")
struct RateLimiterTests {
    private let second: Int64 = 1_000_000_000

    @Test("a burst is allowed, then as much as flows in; callers do not share")
    func bucket() {
        let limiter = RateLimiter(.init(perSecond: 10, burst: 20))
        for _ in 0..<20 { #expect(limiter.take(1, of: "a", now: 0).isAllowed) }
        let refused = limiter.take(1, of: "a", now: 0)
        #expect(!refused.isAllowed && refused.reset == 1 && refused.remaining == 0)
        #expect(limiter.take(1, of: "b", now: 0).isAllowed)
        for _ in 0..<5 { #expect(limiter.take(2, of: "a", now: second).isAllowed) }
        #expect(!limiter.take(1, of: "a", now: second).isAllowed)
        #expect(limiter.take(20, of: "a", now: 4 * second).isAllowed)
        #expect(!limiter.take(21, of: "a", now: 1_000 * second).isAllowed)
    }

    @Test("callers beyond the limit wait until others have rested")
    func bounded() {
        let limiter = RateLimiter(.init(perSecond: 1, burst: 1), callers: 3)
        for caller in ["a", "b", "c"] { #expect(limiter.take(1, of: caller, now: 0).isAllowed) }
        #expect(!limiter.take(1, of: "d", now: 0).isAllowed)
        #expect(limiter.take(1, of: "d", now: second).isAllowed)
    }
}

/// A folder that is removed with its test.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/plimsoll-keys-XXXXXX".utf8CString)
        path = try template.withUnsafeMutableBufferPointer { text in
            String(cString: try #require(text.baseAddress.flatMap { mkdtemp($0) }))
        }
    }

    deinit {
        for name in ["keys.json", "keys.json.new", "keys.lock", "master.key", "master.key.new"] {
            unlink("\(path)/\(name)")
        }
        rmdir(path)
    }
}
