import Glibc

/// A small file that only its owner may read, such as keys and settings with secrets.
///
/// It is replaced whole or not at all.
package struct OwnerFile: Sendable {
    /// The folder of the file.
    package let folder: String
    /// Its whole path.
    package let path: String

    /// A file of a folder.
    package init(_ name: String, in folder: String) {
        self.folder = folder
        path = "\(folder)/\(name)"
    }

    /// Its bytes; `nil`: there is none.
    package func contents() throws(KeyFault) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw Self.failure("open", path) }
        defer { close(file) }
        var about = stat()
        guard fstat(file, &about) == 0 else { throw Self.failure("fstat", path) }
        guard about.st_mode & 0o077 == 0 else {
            throw KeyFault(
                description:
                    "\(path) can be read by others. Do: chmod 600 '\(path)', and make new keys "
                    + "if somebody may have read it."
            )
        }
        guard about.st_size <= 16 << 20 else {
            throw KeyFault(description: "\(path) is larger than 16 MiB. Restore it.")
        }
        var bytes = [UInt8](repeating: 0, count: about.st_size)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress.map { $0 + done }, $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("read", path) }
            done += count
        }
        return bytes
    }

    /// Writes it whole or not at all; it is on the disk afterwards.
    package func replace(with bytes: [UInt8]) throws(KeyFault) {
        let temporary = "\(path).new"
        try Self.write(bytes, to: temporary, O_TRUNC | O_NOFOLLOW)
        guard rename(temporary, path) == 0 else { throw Self.failure("rename", path) }
        let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { throw Self.failure("open", folder) }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw Self.failure("fsync", folder) }
    }

    /// Adds to its end; `isSynced`: it is on the disk afterwards.
    package func append(_ bytes: [UInt8], isSynced: Bool) throws(KeyFault) {
        try Self.write(bytes, to: path, O_APPEND | O_NOFOLLOW, isSynced: isSynced)
    }

    private static func write(
        _ bytes: [UInt8],
        to path: String,
        _ flags: Int32,
        isSynced: Bool = true
    ) throws(KeyFault) {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
        guard file >= 0 else { throw failure("open", path) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress.map { $0 + done }, $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                defer { close(file) }
                throw failure("write", path)
            }
            done += count
        }
        let synced = isSynced ? fsync(file) : 0
        guard close(file) == 0, synced == 0 else { throw failure("fsync", path) }
    }

    static func failure(_ call: String, _ path: String) -> KeyFault {
        KeyFault(description: "\(call) of \(path) failed: \(String(cString: strerror(errno))).")
    }
}
