import Crypto
import PlimsollWire

/// A key as it is stored: without its secret.
package struct Key: Hashable, Sendable {
    /// Sixteen hexadecimal digits.
    package var id: String
    /// SHA-256 of the secret.
    ///
    /// A secret has 256 random bits, so nothing slower than a hash is needed to keep it.
    var hash: [UInt8]
    /// What the secret is derived with.
    var salt: [UInt8]
    /// What it is for.
    package var role: Role
    /// The only account that it sees; `nil`: all.
    package var account: String?
    /// When it was made, in milliseconds UTC.
    package var createdAt: Int64
    /// When it was revoked; `nil`: it was not.
    package var revokedAt: Int64?

    /// Who asks with this key.
    var principal: Principal { Principal(id: id, role: role, account: account) }

    /// The secret, as text, which only the master secret can make again.
    func secret(_ master: SymmetricKey) -> String {
        var code = HMAC<SHA256>(key: master)
        code.update(data: Array("plimsoll key".utf8) + Array(id.utf8) + salt)
        return Hex.text(code.finalize())
    }

    /// The text that a client sends: `pk_ID_SECRET`.
    func text(_ master: SymmetricKey) -> String { "pk_\(id)_\(secret(master))" }

    /// SHA-256 of a secret.
    static func hash(of secret: some Collection<UInt8>) -> [UInt8] {
        Array(SHA256.hash(data: Array(secret)))
    }
}

/// Bytes as hexadecimal digits.
enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }

    /// The bytes of lower-case digits, or `nil`.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        guard text.utf8.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x61...0x66: value = digit - 0x57
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}

extension Array where Element == UInt8 {
    /// Random bytes of the system.
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Whether both are the same, in a time that depends on their length alone.
    func isSame(as other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        for (one, two) in zip(self, other) { difference |= one ^ two }
        return difference == 0
    }
}
