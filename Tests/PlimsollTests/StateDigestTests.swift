@testable import Plimsoll
import TestSupport
import Testing

@Suite struct `The state digest` {
    /// SipHash-1-3 with 128 bits, by length of the message.
    ///
    /// From OpenSSL 3.0.19: `openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:16
    /// -macopt c-rounds:1 -macopt d-rounds:3 SIPHASH`. The messages are nothing, 00, 00 01 and so on.
    private static let vectors: [(length: UInt8, digest: String)] = [
        (0, "e77ebcb22788a5befd62db6add303001"),
        (1, "fc6f370460d3eda85e0573cc2b2ff063"),
        (2, "75787f090569839b855bc9548c6aea95"),
        (3, "6bc5ccfa1edcf79f4823187712ebd743"),
        (4, "0c784e71ac2b285a9f8e92e78fbf2c25"),
        (5, "f328db89345b620c795229a42695843e"),
        (6, "dcd03d29f743e7100951b0e83985a6f8"),
        (7, "1084b923f2aae0c3a62f2ec80848ab77"),
        (8, "aa12fee1d5e3dab4724f16ab35f9c799"),
        (15, "c17e5505b2bd526c2921cdec1e7e0109"),
        (16, "d0a8d95715518eebb513b0f83d9e1793"),
        (63, "4c5800e34efe426f079f6b0aa75260ad"),
    ]

    private static func bytes(_ value: UInt128) -> String {
        (0..<16).map { byte in
            let digits = String(UInt8(truncatingIfNeeded: value >> UInt128(byte * 8)), radix: 16)
            return digits.utf8.count < 2 ? "0" + digits : digits
        }.joined()
    }

    @Test(arguments: vectors)
    func `gives the digests of another program`(length: UInt8, expected: String) {
        var digest = StateDigest(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        digest.absorb((0..<length).map(\.self))
        #expect(Self.bytes(digest.value) == expected)
    }

    @Test(arguments: Seeds.of(50))
    func `does not depend on how the bytes come in`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var (whole, pieces) = (StateDigest(), StateDigest())
        for _ in 0..<30 {
            let word = random.next()
            switch random.int(0...2) {
            case 0:
                pieces.absorb(UInt8(truncatingIfNeeded: word))
                whole.absorb([UInt8(truncatingIfNeeded: word)])
            case 1:
                pieces.absorb(word)
                whole.absorb((0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) })
            default:
                pieces.absorb(Int128(bitPattern: UInt128(word)))
                whole.absorb((0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) })
                whole.absorb([UInt8](repeating: 0, count: 8))
            }
            #expect(whole.value == pieces.value)
        }
    }

    @Test func `is written as 32 digits`() {
        #expect(StateDigest.hex(0xff) == "000000000000000000000000000000ff")
    }
}
