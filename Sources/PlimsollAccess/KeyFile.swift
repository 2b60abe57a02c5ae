import Crypto
import Glibc
import PlimsollUnits
import PlimsollWire

/// Why keys cannot be read or changed.
package struct KeyFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    package var description: String
}

/// The files of a data folder that hold its keys: `keys.json`, and `master.key`, which secrets are derived from.
struct KeyFile: Sendable {
    let folder: String

    var path: String { "\(folder)/keys.json" }
    private var masterPath: String { "\(folder)/master.key" }

    /// What tells one version of the file from another.
    struct Stamp: Equatable, Sendable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    /// The stamp of the file; `nil`: there is none.
    var stamp: Stamp? {
        var about = stat()
        guard stat(path, &about) == 0 else { return nil }
        return Stamp(
            inode: about.st_ino,
            size: about.st_size,
            seconds: about.st_mtim.tv_sec,
            nanoseconds: about.st_mtim.tv_nsec
        )
    }

    // MARK: Reading

    /// The keys; none where there is no file.
    func read() throws(KeyFault) -> [Key] {
        guard let bytes = try contents(path) else { return [] }
        do throws(InputFault) {
            let document = try NodeReader(
                mapping: try JSONText.parse(bytes, file: path),
                file: path
            )
            try document.allow(["version", "keys"])
            guard try document.required("version").scalar() == "1" else {
                throw try document.required("version").fault(
                    "the file was written by another version.",
                    remedy: "Use that version of plimsoll."
                )
            }
            return try document.list("keys").map { entry throws(InputFault) in
                try key(entry)
            }
        } catch {
            throw KeyFault(description: "\(error)")
        }
    }

    private func key(_ entry: NodeReader) throws(InputFault) -> Key {
        try entry.allow(["id", "hash", "salt", "role", "account", "createdAt", "revokedAt"])
        func bytes(_ name: String, count: Int) throws(InputFault) -> [UInt8] {
            let field = try entry.required(name)
            guard let bytes = Hex.bytes(try field.scalar()), bytes.count == count else {
                throw field.fault(
                    "it is not \(2 * count) hexadecimal digits.",
                    remedy: "Restore the file."
                )
            }
            return bytes
        }
        let role = try entry.required("role")
        guard let known = Role(rawValue: try role.scalar()) else {
            throw role.fault("there is no such role.", remedy: "Restore the file.")
        }
        return Key(
            id: Hex.text(try bytes("id", count: 8)),
            hash: try bytes("hash", count: 32),
            salt: try bytes("salt", count: 16),
            role: known,
            account: try entry.optional("account")?.name(),
            createdAt: try entry.milliseconds("createdAt").nanoseconds / 1_000_000,
            revokedAt: (try entry.optional("revokedAt")?.milliseconds()).map {
                $0.nanoseconds / 1_000_000
            }
        )
    }

    /// The master secret; `nil`: there is none.
    func existingMaster() throws(KeyFault) -> SymmetricKey? {
        guard let bytes = try contents(masterPath) else { return nil }
        guard bytes.count == 32 else {
            throw KeyFault(
                description: "\(masterPath) has \(bytes.count) bytes instead of 32. Restore it; "
                    + "without it the keys must be made again."
            )
        }
        return SymmetricKey(data: bytes)
    }

    /// The master secret, which is made where there is none.
    func master() throws(KeyFault) -> SymmetricKey {
        if let master = try existingMaster() { return master }
        let bytes = [UInt8].random(32)
        try replace(masterPath, with: bytes)
        return SymmetricKey(data: bytes)
    }

    /// The bytes of a file that only its owner may read; `nil`: there is none.
    private func contents(_ path: String) throws(KeyFault) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw failure("open", path) }
        defer { close(file) }
        var about = stat()
        guard fstat(file, &about) == 0 else { throw failure("fstat", path) }
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
            guard count > 0 else { throw failure("read", path) }
            done += count
        }
        return bytes
    }

    // MARK: Writing

    /// Changes the keys while no other process does.
    func change<Result>(
        _ body: (inout [Key]) throws(KeyFault) -> Result
    ) throws(KeyFault) -> Result {
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw failure("mkdir", folder) }
        let lock = open("\(folder)/keys.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw failure("open", "\(folder)/keys.lock") }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failure("flock", "\(folder)/keys.lock") }
        }
        var keys = try read()
        let result = try body(&keys)
        var writer = JSONWriter(pretty: true)
        writer.object { object in
            object.field("version", number: 1)
            object.key("keys")
            object.array { array in
                for key in keys { array.key(key) }
            }
        }
        try replace(path, with: writer.bytes)
        return result
    }

    /// Writes a file whole or not at all.
    private func replace(_ path: String, with bytes: [UInt8]) throws(KeyFault) {
        let temporary = "\(path).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("open", temporary) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(file, $0.baseAddress.map { $0 + done }, $0.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                defer { close(file) }
                throw failure("write", temporary)
            }
            done += count
        }
        let synced = fsync(file)
        guard close(file) == 0, synced == 0 else { throw failure("fsync", temporary) }
        guard rename(temporary, path) == 0 else { throw failure("rename", path) }
        let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { throw failure("open", folder) }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw failure("fsync", folder) }
    }

    private func failure(_ call: String, _ path: String) -> KeyFault {
        KeyFault(description: "\(call) of \(path) failed: \(String(cString: strerror(errno))).")
    }
}

extension JSONWriter {
    fileprivate mutating func key(_ key: Key) {
        object { object in
            object.field("id", key.id)
            object.field("hash", Hex.text(key.hash))
            object.field("salt", Hex.text(key.salt))
            object.field("role", key.role.rawValue)
            object.field("account", ifPresent: key.account)
            object.field("createdAt", number: key.createdAt)
            if let revokedAt = key.revokedAt { object.field("revokedAt", number: revokedAt) }
        }
    }
}
