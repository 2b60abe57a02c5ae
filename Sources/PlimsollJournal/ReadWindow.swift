/// The memory that files are read through in large pieces; one serves all segments in turn.
final class ReadWindow {
    private var memory: UnsafeMutableRawBufferPointer
    /// Which bytes of the file are in it.
    private var range = 0..<0
    /// How much is read at a time, which grows as more is read in one go.
    private var piece = smallPiece

    /// Someone who follows the end of a journal reads little at a time.
    private static let smallPiece = 1 << 16
    /// A megabyte stays in the processor's second cache while it is hashed.
    private static let largePiece = 1 << 20

    init() { memory = .allocate(byteCount: Self.largePiece, alignment: 64) }

    deinit { memory.deallocate() }

    /// Reads from the file again: another one, or what was written since.
    func forget() {
        range = 0..<0
        piece = Self.smallPiece
    }

    /// `count` bytes at an offset, valid until the next call; `nil`: the file has fewer.
    func bytes<Disk: Storage>(
        at offset: Int,
        count: Int,
        of file: Int32,
        in storage: Disk
    ) throws(StorageError) -> UnsafeRawBufferPointer? {
        if offset < range.lowerBound || offset + count > range.upperBound {
            try read(offset, count, of: file, in: storage)
        }
        guard offset + count <= range.upperBound else { return nil }
        let start = offset - range.lowerBound
        return UnsafeRawBufferPointer(memory).part(start..<start + count)
    }

    private func read<Disk: Storage>(
        _ offset: Int,
        _ count: Int,
        of file: Int32,
        in storage: Disk
    ) throws(StorageError) {
        let kept = range.contains(offset) ? offset..<range.upperBound : offset..<offset
        let wanted = max(count, piece)
        let next = wanted <= memory.count ? memory : .allocate(byteCount: wanted, alignment: 64)
        if !kept.isEmpty {
            let from = kept.lowerBound - range.lowerBound
            UnsafeMutableRawBufferPointer(rebasing: next[..<kept.count])
                .copyMemory(from: UnsafeRawBufferPointer(memory).part(from..<from + kept.count))
        }
        if next.baseAddress != memory.baseAddress {
            memory.deallocate()
            memory = next
        }
        range = offset..<offset + kept.count
        let room = UnsafeMutableRawBufferPointer(rebasing: memory[kept.count..<wanted])
        let read = try storage.readAll(into: room, from: file, at: range.upperBound)
        range = offset..<range.upperBound + read
        piece = min(4 * piece, Self.largePiece)
    }
}
