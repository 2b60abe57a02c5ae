import HTTPTypes
package import PlimsollAccess
import PlimsollNode

/// Decides who may ask, and how much.
package final class Gate: Sendable {
    /// The keys of the node's folder.
    package let keys: KeyStore
    private let signatures: RequestSignatures
    private let callers: RateLimiter
    private let strangers: RateLimiter

    /// A gate for the keys of a folder; `perSecond` is what a key may ask for in a second.
    package init(folder: String, perSecond: Int64 = 2_000) {
        keys = KeyStore(folder: folder)
        signatures = RequestSignatures(keys, startedAt: MarginNode.wallClock / 1_000_000)
        callers = RateLimiter(.init(perSecond: perSecond, burst: 5 * perSecond))
        strangers = RateLimiter(.init(perSecond: 50, burst: 200))
    }

    /// How a request says who sends it.
    enum Claim: Sendable {
        case bearer(Substring)
        case signed(key: String, time: String, nonce: String, signature: String)
        case none
    }

    /// What the headers claim.
    static func claim(_ headers: HTTPFields) -> Claim {
        if let text = headers[.authorization] {
            return text.hasPrefix("Bearer ") ? .bearer(text.dropFirst(7)) : .none
        }
        guard let key = headers[.signatureKey], let time = headers[.signatureTime],
            let nonce = headers[.signatureNonce], let signature = headers[.signature]
        else { return .none }
        return .signed(key: key, time: time, nonce: nonce, signature: signature)
    }

    /// Who asks; the body is needed where it is signed.
    func principal(
        _ claim: Claim,
        method: String,
        target: String,
        body: [UInt8],
        address: String
    ) throws(Problem) -> Principal {
        let now = MarginNode.steadyClock
        let found: Principal?
        switch claim {
        case .bearer(let text):
            found = keys.principal(bearer: text, now: now)
        case .signed(let key, let time, let nonce, let signature):
            let request = RequestSignatures.Request(
                method: method,
                target: target,
                body: body,
                key: key,
                time: time,
                nonce: nonce,
                signature: signature
            )
            found = signatures.principal(
                of: request,
                at: MarginNode.wallClock / 1_000_000,
                steady: now
            )
        case .none: found = nil
        }
        guard let found else {
            let answer = strangers.take(1, of: address, now: now)
            guard answer.isAllowed else { throw .tooManyRequests(answer) }
            throw .unauthorized
        }
        return found
    }

    /// Takes what a call costs from the caller's allowance; the answer is for the headers.
    func take(_ weight: Int, of principal: Principal) throws(Problem) -> RateLimiter.Answer {
        let answer = callers.take(
            Int64(weight),
            of: principal.id,
            now: MarginNode.steadyClock
        )
        guard answer.isAllowed else { throw .tooManyRequests(answer) }
        return answer
    }
}

extension Problem {
    /// More was asked than is allowed.
    static func tooManyRequests(_ answer: RateLimiter.Answer) -> Problem {
        var problem = Problem(
            429,
            "rate_limited",
            "Too many requests.",
            "Try again in \(answer.reset) s; a caller has \(answer.limit) units at most."
        )
        problem.retryAfter = Int(answer.reset)
        return problem
    }
}

extension HTTPField.Name {
    static let signatureKey = constant("Plimsoll-Key")
    static let signatureTime = constant("Plimsoll-Time")
    static let signatureNonce = constant("Plimsoll-Nonce")
    static let signature = constant("Plimsoll-Signature")
    static let rateLimit = constant("RateLimit-Limit")
    static let rateRemaining = constant("RateLimit-Remaining")
    static let rateReset = constant("RateLimit-Reset")
}
