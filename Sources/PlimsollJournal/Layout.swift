import Crypto

/// How the files of a journal are laid out; numbers are little-endian.
///
/// | Segment, `journal-<first sequence>.pj` | bytes |
/// | --- | --- |
/// | `PLMSEGM1` | 0 to 7 |
/// | first sequence | 8 to 15 |
/// | chain before it | 16 to 47 |
/// | CRC-32C of 0 to 47 | 48 to 51 |
/// | zero | 52 to 63 |
/// | records, then zeros | from 64 |
///
/// | Record | bytes |
/// | --- | --- |
/// | `PLMR` | 0 to 3 |
/// | length of the payload | 4 to 7 |
/// | first sequence | 8 to 15 |
/// | time, nanoseconds UTC | 16 to 23 |
/// | number of events | 24 to 27 |
/// | CRC-32C of 0 to 27 | 28 to 31 |
/// | chain: SHA-256 of the chain before, 0 to 27, and the payload | 32 to 63 |
/// | payload, then zeros to a multiple of 8 | from 64 |
///
/// | Slot of the head, at 0 and 512 of `head.pj` | bytes |
/// | --- | --- |
/// | `PLMHEAD1` | 0 to 7 |
/// | count of writes, which tells the newer slot | 8 to 15 |
/// | last sequence that is durable | 16 to 23 |
/// | chain there | 24 to 55 |
/// | CRC-32C of 0 to 55 | 56 to 59 |
enum Layout {
    static let segmentMagic = Array("PLMSEGM1".utf8)
    static let recordMagic = Array("PLMR".utf8)
    static let headMagic = Array("PLMHEAD1".utf8)
    static let segmentHeader = 64
    static let recordHeader = 64
    static let headSlot = 512

    static func padded(_ length: Int) -> Int { (length + 7) & ~7 }

    static func name(_ sequence: UInt64) -> String {
        let digits = String(sequence)
        return "journal-" + String(repeating: "0", count: 20 - digits.utf8.count) + digits + ".pj"
    }

    static func isSegment(_ name: String) -> Bool {
        name.hasPrefix("journal-") && name.hasSuffix(".pj")
    }
}

/// The SHA-256 that each record is chained by.
public struct Chain: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]

    /// Before the first record.
    public static let start = Chain(bytes: [UInt8](repeating: 0, count: 32))

    /// In 64 hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }

    /// The chain after a record.
    func after(_ header: some Collection<UInt8>, _ payload: UnsafeRawBufferPointer) -> Chain {
        var hash = SHA256()
        hash.update(data: bytes)
        hash.update(data: Array(header))
        hash.update(bufferPointer: payload)
        return Chain(bytes: Array(hash.finalize()))
    }
}

extension [UInt8] {
    mutating func put(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    func number<Value: FixedWidthInteger>(at offset: Int, as type: Value.Type = Value.self) -> Value
    {
        withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
    }
}
