/// What a segment begins with: the place of its first record in the journal.
struct SegmentHeader {
    /// What is before the segment.
    let position: Position
    /// Its checksum, which is part of those of its records.
    let checksum: UInt32

    private static let checked = 48

    /// The header of a segment that goes on from a position, and its bytes.
    static func make(after position: Position) -> (header: SegmentHeader, bytes: [UInt8]) {
        var bytes = Layout.segmentMagic
        bytes.put(position.sequence + 1)
        bytes.append(contentsOf: position.chain.bytes)
        let checksum = CRC32C.of(bytes)
        bytes.put(checksum)
        bytes.fill(to: Layout.segmentHeader)
        return (SegmentHeader(position: position, checksum: checksum), bytes)
    }

    private init(position: Position, checksum: UInt32) {
        self.position = position
        self.checksum = checksum
    }

    /// The header at the front of the segment of an event; `nil`: it is none that is whole.
    init?(_ bytes: UnsafeRawBufferPointer, first: UInt64) {
        guard bytes.count >= Layout.segmentHeader,
            bytes.part(0..<8).elementsEqual(Layout.segmentMagic),
            bytes.number(at: 8, as: UInt64.self) == first, first > 0,
            CRC32C.of(bytes.part(0..<Self.checked)) == bytes.number(at: Self.checked),
            bytes.part(52..<Layout.segmentHeader).lastNonZero == nil
        else { return nil }
        position = Position(sequence: first - 1, chain: Chain(bytes, at: 16))
        checksum = bytes.number(at: Self.checked)
        guard first > 1 || position == .start else { return nil }
    }
}
