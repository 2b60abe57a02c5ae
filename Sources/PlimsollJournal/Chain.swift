import Crypto

/// The SHA-256 that each record is chained by.
///
/// It covers the record and the chain before it, so one value vouches for everything up to it.
public struct Chain: Hashable, Sendable {
    private var word0: UInt64 = 0
    private var word1: UInt64 = 0
    private var word2: UInt64 = 0
    private var word3: UInt64 = 0

    /// Before the first record: zero.
    public static let start = Chain()

    /// How many bytes it has.
    static let size = 32

    private init() {}

    /// The 32 bytes at an offset.
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        word0 = bytes.number(at: offset)
        word1 = bytes.number(at: offset + 8)
        word2 = bytes.number(at: offset + 16)
        word3 = bytes.number(at: offset + 24)
    }

    /// The chain of 64 hexadecimal digits, as `hex` writes them; `nil` for any other text.
    public init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 2 * Self.size else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[index..<index + 2], as: UTF8.self)
            guard pair.utf8.allSatisfy({ $0 != 0x2b && $0 != 0x2d }),
                let byte = UInt8(pair, radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        self = bytes.withUnsafeBytes { Chain($0) }
    }

    /// The hash over two pieces, one after the other.
    init(over first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
        var hash = SHA256()
        hash.update(bufferPointer: first)
        hash.update(bufferPointer: second)
        self = hash.finalize().withUnsafeBytes { Chain($0) }
    }

    /// The chain after a record.
    func after(_ header: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer) -> Chain {
        var hash = SHA256()
        withUnsafeBytes(of: littleEndian) { hash.update(bufferPointer: $0) }
        hash.update(bufferPointer: header)
        hash.update(bufferPointer: payload)
        return hash.finalize().withUnsafeBytes { Chain($0) }
    }

    private var littleEndian: (UInt64, UInt64, UInt64, UInt64) {
        (word0.littleEndian, word1.littleEndian, word2.littleEndian, word3.littleEndian)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }

    /// The bytes as 64 hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
