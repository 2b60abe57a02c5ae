import Glibc

/// The end of a file that is written past the system's memory: what a call was given is on the disk when it returns.
///
/// One call of the system instead of a write and a sync ([decision 0017](docs/decisions/0017-direct-writes.md)). The disk takes whole
/// blocks, so the last one is written again with what follows. The file is zero behind its end, and is written in no
/// other way meanwhile. One thread at a time.
public final class DirectFile {
    private let storage: FileStorage
    private let file: Int32
    private let identity: FileIdentity
    /// Where the next bytes go.
    private(set) var end: Int

    /// The most that one call writes; for more, the time of a call of the system is nothing.
    static var limit: Int { RecentBytes.limit }

    /// Opens an open file once more; `nil`: its file system does not know such files.
    ///
    /// - Throws: that its last block cannot be read.
    init?(_ storage: FileStorage, _ file: Int32, end: Int) throws(StorageError) {
        let access = O_RDWR | O_DSYNC | O_CLOEXEC | FileStorage.direct
        let own = Glibc.open("/proc/self/fd/\(file)", access)
        guard own >= 0, let (identity, _) = FileIdentity.of(own) else {
            if own >= 0 { Glibc.close(own) }
            return nil
        }
        let start = end / RecentBytes.block * RecentBytes.block
        let bytes: [UInt8]
        do throws(StorageError) {
            bytes = try storage.readAll(end - start, from: file, at: start)
        } catch {
            Glibc.close(own)
            throw error
        }
        (self.storage, self.file, self.identity, self.end) = (storage, own, identity, end)
        storage.recent.begin(identity, with: bytes, at: start)
        // The last block again, to see whether this file system takes such blocks.
        guard try write([], isTrial: true) else { return nil }
    }

    deinit {
        storage.recent.forget(identity)
        Glibc.close(file)
    }

    /// Writes bytes, `limit` at most, and returns when they are on the disk.
    ///
    /// It is never repeated: whoever is told of a failure does not know what is on the disk.
    func append(_ bytes: [UInt8]) throws(StorageError) {
        _ = try write(bytes, isTrial: false)
        end += bytes.count
    }

    private func write(_ bytes: [UInt8], isTrial: Bool) throws(StorageError) -> Bool {
        try storage.recent.append(bytes, to: identity, at: end) {
            (blocks, offset) throws(StorageError) in
            try storage.writeDurably(blocks, to: file, at: offset, isTrial: isTrial)
        }
    }
}
