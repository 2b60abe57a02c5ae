import Crypto
import Glibc
import PlimsollUnits
import PlimsollWire

/// Why keys, or another file that only its owner may read, cannot be read or changed.
package struct KeyFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    package var description: String

    package init(description: String) { self.description = description }
}

/// The files of a data folder that hold its keys: `keys.json`, and `master.key`, which secrets are derived from.
struct KeyFile: Sendable {
    let folder: String

    private var file: OwnerFile { OwnerFile("keys.json", in: folder) }
    private var masterFile: OwnerFile { OwnerFile("master.key", in: folder) }

    var path: String { file.path }

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
        guard let bytes = try file.contents() else { return [] }
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
        guard let bytes = try masterFile.contents() else { return nil }
        guard bytes.count == 32 else {
            throw KeyFault(
                description:
                    "\(masterFile.path) has \(bytes.count) bytes instead of 32. Restore it; "
                    + "without it the keys must be made again."
            )
        }
        return SymmetricKey(data: bytes)
    }

    /// The master secret, which is made where there is none.
    func master() throws(KeyFault) -> SymmetricKey {
        if let master = try existingMaster() { return master }
        let bytes = [UInt8].random(32)
        try masterFile.replace(with: bytes)
        return SymmetricKey(data: bytes)
    }

    // MARK: Writing

    /// Changes the keys while no other process does.
    func change<Result>(
        _ body: (inout [Key]) throws(KeyFault) -> Result
    ) throws(KeyFault) -> Result {
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw OwnerFile.failure("mkdir", folder) }
        let lock = open("\(folder)/keys.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw OwnerFile.failure("open", "\(folder)/keys.lock") }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw OwnerFile.failure("flock", "\(folder)/keys.lock") }
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
        try file.replace(with: writer.bytes)
        return result
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
