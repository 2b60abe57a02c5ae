internal import CZlib
internal import Glibc

/// Whole files in, a growing file out; zlib reads and writes both plain and compressed ones.
enum ByteFile {
    /// The bytes of the file at `path`.
    static func contents(of path: String) throws(Fault) -> [UInt8] {
        guard let file = gzopen(path, "rb") else {
            throw .input("\(path) could not be opened. Is --prices the folder of the price files?")
        }
        defer { gzclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = gzread(file, &chunk, UInt32(chunk.count))
            guard count >= 0 else { throw .input("\(path) could not be read to its end.") }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk[..<Int(count)])
        }
    }
}

/// A file that gets its name only when it is complete, so that a run that was stopped leaves none.
struct OutputFile: ~Copyable {
    private let path: String
    private let partial: String
    private let file: gzFile

    /// A new file; a `path` that ends in `.gz` is compressed.
    init(path: String) throws(Fault) {
        self.path = path
        partial = path + ".partial"
        guard let opened = gzopen(partial, path.hasSuffix(".gz") ? "wb4" : "wbT") else {
            throw .output("\(path) could not be created. Does its folder exist?")
        }
        file = opened
    }

    /// Appends `bytes`.
    func write(_ bytes: [UInt8]) throws(Fault) {
        if bytes.isEmpty { return }
        guard gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count) else {
            throw .output("\(path) could not be written. Is the disk full?")
        }
    }

    /// Ends the file and gives it its name.
    consuming func close() throws(Fault) {
        guard gzclose(file) == Z_OK, rename(partial, path) == 0 else {
            throw .output("\(path) could not be completed. Is the disk full?")
        }
    }
}
