extension [UInt8] {
    /// Appends a number, the lowest byte first.
    mutating func put(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends zeros up to a length.
    mutating func fill(to length: Int) {
        append(contentsOf: repeatElement(0, count: length - count))
    }
}

extension UnsafeRawBufferPointer {
    /// The number at an offset, the lowest byte first.
    func number<Value: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int,
        as type: Value.Type = Value.self
    ) -> Value {
        Value(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
    }

    /// Some of the bytes.
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    /// Whether all bytes are zero.
    private var isZero: Bool {
        var (bits, offset) = (UInt64(0), 0)
        while offset + 8 <= count {
            bits |= loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            offset += 8
        }
        while offset < count {
            bits |= UInt64(self[offset])
            offset += 1
        }
        return bits == 0
    }

    /// Where the last byte is that is not zero.
    var lastNonZero: Int? { isZero ? nil : lastIndex { $0 != 0 } }
}
