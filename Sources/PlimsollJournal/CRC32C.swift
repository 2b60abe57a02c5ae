/// CRC-32C (Castagnoli), the checksum of headers.
///
/// Source: RFC 3720, appendix B.4; its check value is in the tests.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1
        }
    }

    /// The checksum of some bytes, where `before` is that of what comes before them.
    static func of(_ bytes: UnsafeRawBufferPointer, after before: UInt32 = 0) -> UInt32 {
        var value = ~before
        for byte in bytes { value = table[Int((value ^ UInt32(byte)) & 0xff)] ^ value >> 8 }
        return ~value
    }

    /// The checksum of some bytes.
    static func of(_ bytes: [UInt8], after before: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { of($0, after: before) }
    }
}
