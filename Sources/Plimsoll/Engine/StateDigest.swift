/// A 128-bit digest of state and effects: SipHash-1-3 with 128-bit output and a fixed key.
///
/// It tells replicas apart and finds changed content; it is not a signature. The journal's chain is
/// SHA-256. With a known key more rounds would protect no better, and cost every effect twice as much.
/// Source: J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF", 2012, and the
/// authors' 128-bit variant; vectors are in the tests.
public struct StateDigest: Sendable, Hashable {
    private var v0: UInt64
    private var v1: UInt64
    private var v2: UInt64
    private var v3: UInt64
    private var tail: UInt64 = 0
    private var count: UInt64 = 0

    /// A digest of nothing, under the engine's fixed key.
    public init() {
        self.init(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
    }

    /// A digest of nothing, under `key`.
    init(key: (UInt64, UInt64)) {
        v0 = 0x736f_6d65_7073_6575 ^ key.0
        v1 = 0x646f_7261_6e64_6f6d ^ key.1 ^ 0xee
        v2 = 0x6c79_6765_6e65_7261 ^ key.0
        v3 = 0x7465_6462_7974_6573 ^ key.1
    }

    /// Takes in one byte.
    @inline(__always)
    public mutating func absorb(_ byte: UInt8) {
        tail |= UInt64(byte) &<< ((count & 7) &* 8)
        count &+= 1
        if count & 7 == 0 {
            compress(tail)
            tail = 0
        }
    }

    /// Takes in eight bytes, the least significant first.
    @inline(__always)
    public mutating func absorb(_ word: UInt64) {
        let shift = (count & 7) &* 8
        if shift == 0 {
            compress(word)
        } else {
            compress(tail | (word &<< shift))
            tail = word &>> (64 &- shift)
        }
        count &+= 8
    }

    /// Takes in four words, with one question for all of them whether what came before ended with a whole
    /// one: nearly all that a digest of effects does.
    @inline(__always)
    mutating func absorb(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        guard count & 7 == 0 else {
            self = absorbing(first, second, third, fourth)
            return
        }
        compress(first)
        compress(second)
        compress(third)
        compress(fourth)
        count &+= 32
    }

    /// A copy goes out and comes back, so that the caller's may stay in registers.
    @inline(never)
    private func absorbing(_ words: UInt64...) -> StateDigest {
        var copy = self
        for word in words { copy.absorb(word) }
        return copy
    }

    /// Takes in sixteen bytes.
    @inline(__always)
    public mutating func absorb(_ value: Int128) {
        absorb(UInt64(truncatingIfNeeded: value))
        absorb(UInt64(truncatingIfNeeded: value &>> 64))
    }

    /// Takes in a signed number as eight bytes.
    @inline(__always)
    public mutating func absorb(_ value: Int64) { absorb(UInt64(bitPattern: value)) }

    /// Takes in bytes.
    public mutating func absorb(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { absorb(byte) }
    }

    /// The digest of everything that was taken in.
    public var value: UInt128 {
        var copy = self
        copy.compress(tail | (count &<< 56))
        copy.v2 ^= 0xee
        for _ in 0..<3 { copy.round() }
        let low = copy.v0 ^ copy.v1 ^ copy.v2 ^ copy.v3
        copy.v1 ^= 0xdd
        for _ in 0..<3 { copy.round() }
        let high = copy.v0 ^ copy.v1 ^ copy.v2 ^ copy.v3
        return UInt128(high) << 64 | UInt128(low)
    }

    /// The digest's own state, so that a restored engine goes on where it was.
    func encode(into sink: inout some ByteSink) {
        for word in [v0, v1, v2, v3, tail, count] { sink.put(word) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        v0 = try reader.word()
        v1 = try reader.word()
        v2 = try reader.word()
        v3 = try reader.word()
        tail = try reader.word()
        count = try reader.word()
    }

    /// `value` as 32 lower-case hexadecimal digits.
    public static func hex(_ value: UInt128) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }

    @inline(__always)
    private mutating func compress(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
    }

    @inline(__always)
    private mutating func round() {
        v0 = v0 &+ v1
        v1 = (v1 &<< 13 | v1 &>> 51) ^ v0
        v0 = v0 &<< 32 | v0 &>> 32
        v2 = v2 &+ v3
        v3 = (v3 &<< 16 | v3 &>> 48) ^ v2
        v0 = v0 &+ v3
        v3 = (v3 &<< 21 | v3 &>> 43) ^ v0
        v2 = v2 &+ v1
        v1 = (v1 &<< 17 | v1 &>> 47) ^ v2
        v2 = v2 &<< 32 | v2 &>> 32
    }
}
