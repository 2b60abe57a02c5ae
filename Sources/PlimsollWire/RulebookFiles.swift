import Glibc

/// Where rulebooks are kept: the disk, or texts by path.
package enum RulebookFiles: Sendable {
    case disk
    case texts([String: String])

    /// How files of rulebooks end.
    static let endings = [".yaml", ".yml", ".json"]

    /// Whether there is a file at `path`.
    func exists(_ path: String) -> Bool {
        switch self {
        case .disk: access(path, R_OK) == 0
        case .texts(let texts): texts[path] != nil
        }
    }

    /// The content of the file at `path`.
    package func bytes(of path: String) throws(InputFault) -> [UInt8] {
        switch self {
        case .disk: return try Self.read(path)
        case .texts(let texts):
            guard let text = texts[path] else { throw Self.unreadable(path, error: ENOENT) }
            return Array(text.utf8)
        }
    }

    /// The names of the files in `directory`, in no order.
    func names(in directory: String) -> [String] {
        switch self {
        case .disk: return Self.list(directory)
        case .texts(let texts):
            return texts.keys.compactMap { path in
                guard path.hasPrefix(directory + "/") else { return nil }
                return String(path.dropFirst(directory.count + 1))
            }
        }
    }

    private static func read(_ path: String) throws(InputFault) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw unreadable(path, error: errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        // One byte beyond the limit is enough for the parser to say that the file is too large.
        while bytes.count <= YAMLText.sizeLimit {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        guard ferror(file) == 0 else { throw unreadable(path, error: errno) }
        return bytes
    }

    private static func unreadable(_ path: String, error: Int32) -> InputFault {
        InputFault(
            file: path,
            mark: nil,
            problem: "the file cannot be read: \(String(cString: strerror(error))).",
            remedy: "Check the path and the permission to read it."
        )
    }

    private static func list(_ directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let capacity = MemoryLayout.size(ofValue: entry.pointee.d_name)
            withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: capacity) { text in
                    names.append(String(cString: text))
                }
            }
        }
        return names
    }

    /// The directories of `RulebookCatalog.standard`.
    static func standardDirectories() -> [String] {
        var directories: [String] = []
        if let named = getenv("PLIMSOLL_RULEBOOKS") {
            directories += String(cString: named).split(separator: ":").map(String.init)
        }
        directories.append("rulebooks")
        var path = executable()[...]
        while let slash = path.lastIndex(of: "/") {
            path = path[..<slash]
            let candidate = "\(path)/rulebooks"
            if access(candidate, R_OK) == 0 { directories.append(candidate) }
        }
        return directories
    }

    /// The path of the running program, links resolved; empty if it is not known.
    private static func executable() -> String {
        guard let resolved = realpath("/proc/self/exe", nil) else { return "" }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
