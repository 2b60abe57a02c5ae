import Crypto
import Synchronization

/// Requests that are signed with a key instead of carrying it, each of which counts once.
///
/// The signature covers method, path with query, time, nonce and body. A time is taken within five seconds of the
/// server's, and not from before it started, so that nothing can be sent again after a restart either.
package final class RequestSignatures: Sendable {
    /// A request as it was received.
    package struct Request: Sendable {
        package var method: String
        /// Path and query, as received.
        package var target: String
        package var body: [UInt8]
        /// The headers `Plimsoll-Key`, `Plimsoll-Time`, `Plimsoll-Nonce` and `Plimsoll-Signature`.
        package var key: String
        package var time: String
        package var nonce: String
        package var signature: String

        package init(
            method: String,
            target: String,
            body: [UInt8],
            key: String,
            time: String,
            nonce: String,
            signature: String
        ) {
            self.method = method
            self.target = target
            self.body = body
            self.key = key
            self.time = time
            self.nonce = nonce
            self.signature = signature
        }

        /// What is signed: six lines.
        package var message: [UInt8] {
            let digest = Hex.text(SHA256.hash(data: body))
            return Array("\(method)\n\(target)\n\(key)\n\(time)\n\(nonce)\n\(digest)".utf8)
        }
    }

    private struct Nonce: Hashable {
        var key: String
        var nonce: String
    }

    private struct State {
        var seen: Set<Nonce> = []
        /// The same, by the time at which they may be forgotten, the oldest first.
        var queue: [(nonce: Nonce, until: Int64)] = []
        var head = 0
    }

    private let store: KeyStore
    private let startedAt: Int64
    private let state = Mutex(State())

    /// How far a time may be off, in milliseconds.
    package static let window: Int64 = 5_000
    /// How many nonces are remembered.
    private static let limit = 100_000

    /// A verifier of a process that started at a time, in milliseconds UTC.
    package init(_ store: KeyStore, startedAt: Int64) {
        self.store = store
        self.startedAt = startedAt
    }

    /// Who signed a request; `nil`: nobody, or it was sent before.
    ///
    /// - Parameters:
    ///   - request: the request.
    ///   - milliseconds: the time, UTC.
    ///   - steady: nanoseconds of a clock that only goes forward.
    /// - Returns: the principal, once for each nonce.
    package func principal(
        of request: Request,
        at milliseconds: Int64,
        steady: Int64
    ) -> Principal? {
        let principal = store.principal(
            id: request.key,
            signature: request.signature,
            of: request.message,
            now: steady
        )
        guard let principal, let time = Int64(request.time), time > startedAt,
            (8...64).contains(request.nonce.utf8.count),
            abs(milliseconds - time) <= Self.window
        else { return nil }
        let nonce = Nonce(key: request.key, nonce: request.nonce)
        let isNew = state.withLock { state in
            while state.head < state.queue.count, state.queue[state.head].until < milliseconds {
                state.seen.remove(state.queue[state.head].nonce)
                state.head += 1
            }
            if state.head > 1_024, state.head > state.queue.count / 2 {
                state.queue.removeFirst(state.head)
                state.head = 0
            }
            guard state.seen.count < Self.limit, state.seen.insert(nonce).inserted else {
                return false
            }
            state.queue.append((nonce, milliseconds + 2 * Self.window))
            return true
        }
        return isNew ? principal : nil
    }
}
