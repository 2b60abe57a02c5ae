import Glibc

/// What a path is, and who may read it.
struct FileMode {
    private let mode: mode_t

    /// Why nothing is known of a path.
    struct Fault: Error {
        var reason: String
    }

    init(of path: String) throws(Fault) {
        var about = stat()
        guard stat(path, &about) == 0 else {
            throw Fault(reason: String(cString: strerror(errno)))
        }
        mode = about.st_mode
    }

    /// It is a regular file.
    var isFile: Bool { mode & S_IFMT == S_IFREG }

    /// Its group or everybody may do something with it.
    var isOpenToOthers: Bool { mode & 0o077 != 0 }

    /// Its permissions, as `chmod` writes them.
    var digits: String { String(mode & 0o777, radix: 8) }
}
