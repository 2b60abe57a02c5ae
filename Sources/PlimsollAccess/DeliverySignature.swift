import Crypto

/// How a receiver of alerts knows that they are this node's, and when they were sent.
package enum DeliverySignature {
    /// HMAC-SHA256 of the time, a point and the body under the secret of a webhook: `v1=` and hexadecimal digits.
    ///
    /// - Parameters:
    ///   - secret: what sender and receiver share.
    ///   - time: milliseconds UTC, as the header `Plimsoll-Time` has it.
    ///   - body: what is sent.
    /// - Returns: the header `Plimsoll-Signature`.
    package static func text(secret: String, time: Int64, body: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(time).".utf8) + body,
            using: SymmetricKey(data: Array(secret.utf8))
        )
        return "v1=\(Hex.text(code))"
    }
}
