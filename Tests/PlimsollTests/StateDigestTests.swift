@testable import Plimsoll
import Testing

@Suite struct `The state digest` {
    /// The authors' vectors of SipHash-2-4 with 128 bits, by length.
    ///
    /// The key is 00…0f, the messages are nothing, 00, 00 01 and so on.
    private static let vectors = [
        "a3817f04ba25a8e66df67214c7550293", "da87c1d86b99af44347659119b22fc45",
        "8177228da4a45dc7fca38bdef60affe4", "9c70b60c5267a94e5f33b6b02985ed51",
        "f88164c12d9c8faf7d0f6e7c7bcd5579", "1368875980776f8854527a07690e9627",
        "14eeca338b208613485ea0308fd7a15e", "a1f1ebbed8dbc153c0b84aa61ff08239",
    ]

    private static func bytes(_ value: UInt128) -> String {
        (0..<16).map { byte in
            let digits = String(UInt8(truncatingIfNeeded: value >> UInt128(byte * 8)), radix: 16)
            return digits.utf8.count < 2 ? "0" + digits : digits
        }.joined()
    }

    @Test(arguments: vectors.indices)
    func `gives the authors' vectors`(length: Int) {
        var digest = StateDigest(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        digest.absorb((0..<UInt8(length)).map(\.self))
        #expect(Self.bytes(digest.value) == Self.vectors[length])
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
