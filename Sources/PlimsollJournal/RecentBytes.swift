import Glibc
import Synchronization

/// What was written last to the end of a file, for those who read it at once.
///
/// What goes past the system's memory (`DirectFile`) is not found there: whoever follows the journal would read it back
/// from the disk, and get in the way of the next group. One file at a time; one thread writes and others read.
final class RecentBytes: @unchecked Sendable {
    // Of the memory others read what is in `range`, with the lock; the one that writes changes what is outside.
    private let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: capacity,
        alignment: block
    )
    private let state = Mutex(State())

    private struct State {
        /// `nil`: nothing is kept.
        var file: FileIdentity?
        /// Which bytes of the file are kept; behind them it is zero.
        var range = 0..<0
    }

    /// What a disk takes at a time, and where in memory it has to be.
    static let block = 4_096
    private static let capacity = 1 << 20
    /// The most that is put at a time.
    static let limit = 1 << 18

    deinit { memory.deallocate() }

    /// Takes the end of a file, from a whole block on.
    func begin(_ file: FileIdentity, with bytes: [UInt8], at offset: Int) {
        precondition(offset % Self.block == 0 && bytes.count <= Self.limit)
        state.withLock { $0 = State() }
        memory.copyBytes(from: bytes)
        state.withLock { $0 = State(file: file, range: offset..<offset + bytes.count) }
    }

    /// Nothing of a file is kept any more: someone may write to it in another way.
    func forget(_ file: FileIdentity) {
        state.withLock { state in
            if state.file == file { state = State() }
        }
    }

    /// Puts bytes at the end of a file, which is the one that was begun.
    ///
    /// The whole blocks that they are in are handed on with their place in the file, and are kept if `body` says that they
    /// were written.
    func append(
        _ bytes: [UInt8],
        to file: FileIdentity,
        at offset: Int,
        writing body: (UnsafeRawBufferPointer, _ offset: Int) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        precondition(
            bytes.count <= Self.limit,
            "Invariant: longer groups are written in another way."
        )
        makeRoom(bytes.count)
        let (kept, range) = state.withLock { ($0.file, $0.range) }
        precondition(
            kept == file && range.upperBound == offset,
            "Invariant: nothing else was begun."
        )
        let place = range.count
        let first = place / Self.block * Self.block
        let end = place + bytes.count
        let last = (end + Self.block - 1) / Self.block * Self.block
        UnsafeMutableRawBufferPointer(rebasing: memory[place..<end]).copyBytes(from: bytes)
        UnsafeMutableRawBufferPointer(rebasing: memory[end..<last]).initializeMemory(
            as: UInt8.self,
            repeating: 0
        )
        let blocks = UnsafeRawBufferPointer(memory).part(first..<last)
        guard try body(blocks, range.lowerBound + first) else { return false }
        state.withLock { $0.range = range.lowerBound..<range.lowerBound + end }
        return true
    }

    /// Moves the second half to the front where there is too little room.
    private func makeRoom(_ count: Int) {
        state.withLock { state in
            let last = (state.range.count + count + Self.block - 1) / Self.block * Self.block
            guard last > Self.capacity else { return }
            let start = state.range.count - min(state.range.count, Self.capacity / 2)
            let moved = start / Self.block * Self.block
            let kept = UnsafeRawBufferPointer(memory).part(moved..<state.range.count)
            memory.copyMemory(from: kept)
            state.range = state.range.lowerBound + moved..<state.range.upperBound
        }
    }

    /// Reads what is kept or is known to be zero behind it; `nil`: ask the file.
    func read(into target: UnsafeMutableRawBufferPointer, from file: Int32, at offset: Int) -> Int?
    {
        guard state.withLock({ $0.file != nil }), let (identity, size) = FileIdentity.of(file)
        else { return nil }
        return state.withLock { state in
            guard state.file == identity, offset >= state.range.lowerBound else { return nil }
            let count = max(0, min(target.count, size - offset))
            let kept = min(count, max(0, state.range.upperBound - offset))
            if kept > 0 {
                let start = offset - state.range.lowerBound
                target.copyMemory(from: UnsafeRawBufferPointer(memory).part(start..<start + kept))
            }
            UnsafeMutableRawBufferPointer(rebasing: target[kept..<count])
                .initializeMemory(as: UInt8.self, repeating: 0)
            return count
        }
    }
}

/// Which file an open one is, whatever its name.
struct FileIdentity: Hashable {
    private let device: UInt
    private let number: UInt

    /// With its size; `nil`: the system does not say.
    static func of(_ file: Int32) -> (FileIdentity, size: Int)? {
        var about = stat()
        guard fstat(file, &about) == 0 else { return nil }
        let identity = FileIdentity(device: UInt(about.st_dev), number: UInt(about.st_ino))
        return (identity, Int(about.st_size))
    }
}
