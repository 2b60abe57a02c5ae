import Glibc
import Synchronization

/// A folder of the file system.
public final class FileStorage: Storage {
    /// The folder's path.
    public let folder: String
    /// The lock; `nil`: the folder is only read.
    private let lock: Int32?
    /// The first sync that failed.
    ///
    /// The system tells it once, to one thread, and may have forgotten what it did not write: nothing is written or
    /// synced any more, by any thread.
    private let failure = Mutex<StorageError?>(nil)
    /// What the system's memory does not have of the file that is written.
    let recent: RecentBytes

    /// Takes a folder, which is made if there is none, for this process.
    ///
    /// - Throws: `locked` if another process, or another journal of this one, has it.
    public init(folder: String) throws(JournalError) {
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw .storage(Self.error("mkdir", folder))
        }
        let path = folder + "/lock"
        let lock = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw .storage(Self.error("open", path)) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let owner = Self.text(lock)
            Glibc.close(lock)
            throw .locked(folder, process: owner)
        }
        let text = "\(getpid())\n"
        ftruncate(lock, 0)
        _ = text.withCString { pwrite(lock, $0, strlen($0), 0) }
        self.folder = folder
        self.lock = lock
        recent = RecentBytes()
    }

    /// A folder that is only read, and that another process or thread may write to at the same time.
    public init(reading folder: String) {
        self.folder = folder
        lock = nil
        recent = RecentBytes()
    }

    /// The folder of another one, to be only read, with what that one has written last.
    public init(reading other: FileStorage) {
        folder = other.folder
        lock = nil
        recent = other.recent
    }

    deinit {
        if let lock { Glibc.close(lock) }
    }

    /// What is in the lock: the number of a process.
    private static func text(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(file, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)).filter { $0 > 0x20 }, as: UTF8.self)
    }

    private static func error(_ call: String, _ path: String) -> StorageError {
        let code = errno
        return StorageError(
            call: call,
            path: path,
            code: code,
            words: String(cString: strerror(code))
        )
    }

    private func path(_ name: String) -> String { folder + "/" + name }

    /// The path of an open file.
    private static func path(_ file: Int32) -> String {
        let code = errno
        defer { errno = code }
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/fd/\(file)", &bytes, bytes.count)
        return String(
            decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }

    /// Repeats a call that a signal interrupted.
    private func call(
        _ name: String,
        _ path: @autoclosure () -> String,
        _ body: () -> Int
    ) throws(StorageError) -> Int {
        while true {
            let result = body()
            if result >= 0 { return result }
            if errno != EINTR { throw Self.error(name, path()) }
        }
    }

    private func checkNothingFailed() throws(StorageError) {
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Opens a file of the folder for reading, and for writing too unless the folder is only read.
    public func open(_ name: String, creating: Bool) throws(StorageError) -> Int32? {
        let access = lock == nil ? O_RDONLY : O_RDWR | (creating ? O_CREAT : 0)
        let file = Glibc.open(path(name), access | O_CLOEXEC, 0o600)
        if file < 0, errno == ENOENT, !creating { return nil }
        guard file >= 0 else { throw Self.error("open", path(name)) }
        return file
    }

    /// Closes a file.
    public func close(_ file: Int32) { Glibc.close(file) }

    /// How many bytes a file has.
    public func size(_ file: Int32) throws(StorageError) -> Int {
        var about = stat()
        _ = try call("fstat", Self.path(file)) { Int(fstat(file, &about)) }
        return Int(about.st_size)
    }

    /// The most that one call writes.
    ///
    /// Where the kernel does not preempt itself, the writer of the journal waits for its core until the call of another
    /// thread, which fills a segment or writes a snapshot, has copied all of it, which for a mebibyte and more is milliseconds.
    private static let writeLimit = 128 << 10

    /// Writes bytes at an offset, perhaps not all of them.
    public func write(
        _ bytes: UnsafeRawBufferPointer,
        to file: Int32,
        at offset: Int
    ) throws(StorageError) -> Int {
        try checkNothingFailed()
        return try call("pwrite", Self.path(file)) {
            pwrite(file, bytes.baseAddress, min(bytes.count, Self.writeLimit), off_t(offset))
        }
    }

    /// Reads bytes at an offset, perhaps fewer than there is room for.
    public func read(
        into memory: UnsafeMutableRawBufferPointer,
        from file: Int32,
        at offset: Int
    ) throws(StorageError) -> Int {
        if let count = recent.read(into: memory, from: file, at: offset) { return count }
        return try call("pread", Self.path(file)) {
            pread(file, memory.baseAddress, memory.count, off_t(offset))
        }
    }

    /// Makes a file's content durable.
    ///
    /// It is never repeated: after a failure the system may have forgotten what it did not write.
    public func sync(_ file: Int32) throws(StorageError) {
        try checkNothingFailed()
        guard fdatasync(file) != 0 else { return }
        try fail(Self.error("fdatasync", Self.path(file)))
    }

    /// `O_DIRECT`, which the headers only give to C with extensions.
    static var direct: Int32 {
        #if arch(arm64)
            0o200000
        #else
            0o40000
        #endif
    }

    /// Another way to write to the end of a file; `nil`: there is none here.
    public func direct(_ file: Int32, end: Int) throws(StorageError) -> DirectFile? {
        try DirectFile(self, file, end: end)
    }

    /// Writes whole blocks to a file in which each write is on the disk when it returns.
    ///
    /// - Parameters:
    ///   - blocks: as many bytes as whole blocks have, at a place in memory that a block may have.
    ///   - file: opened with `O_DIRECT` and `O_DSYNC`.
    ///   - offset: where a block of the file begins.
    ///   - isTrial: a file system that wants other blocks is no failure.
    /// - Returns: whether they are written; `false` only in a trial.
    /// - Throws: that a write has failed, now or before; after it nothing is written any more.
    func writeDurably(
        _ blocks: UnsafeRawBufferPointer,
        to file: Int32,
        at offset: Int,
        isTrial: Bool
    ) throws(StorageError) -> Bool {
        try checkNothingFailed()
        var done = 0
        while done < blocks.count {
            let rest = blocks.part(done..<blocks.count)
            let written = pwrite(file, rest.baseAddress, rest.count, off_t(offset + done))
            if written < 0, errno == EINTR { continue }
            if written < 0, errno == EINVAL, isTrial { return false }
            guard written > 0 else { try fail(Self.error("pwrite", Self.path(file))) }
            // Of a block that was written in part the whole is written again.
            done += written / RecentBytes.block * RecentBytes.block
        }
        return true
    }

    /// Makes the folder's entries durable.
    public func syncFolder() throws(StorageError) {
        try checkNothingFailed()
        let handle = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { throw Self.error("open", folder) }
        defer { Glibc.close(handle) }
        guard fsync(handle) != 0 else { return }
        try fail(Self.error("fsync", folder))
    }

    private func fail(_ error: StorageError) throws(StorageError) -> Never {
        failure.withLock { $0 = $0 ?? error }
        throw error
    }

    /// Gives a file another name.
    public func rename(_ name: String, to other: String) throws(StorageError) {
        try checkNothingFailed()
        _ = try call("rename", path(name)) { Int(Glibc.rename(path(name), path(other))) }
    }

    /// Removes a file.
    public func remove(_ name: String) throws(StorageError) {
        try checkNothingFailed()
        _ = try call("unlink", path(name)) { Int(unlink(path(name))) }
    }

    /// The names of all files, sorted.
    public func names() throws(StorageError) -> [String] {
        guard let handle = opendir(folder) else { throw Self.error("opendir", folder) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
