import Glibc
import Testing

/// The root of the repository, in which commands are run.
let root = "\(#filePath)".split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

/// One run of the built binary, seen from outside.
struct CommandRun {
    let code: Int32
    let output: String
    let errors: String

    /// Runs `plimsoll` with `arguments`, with `input` on standard input.
    init(_ arguments: String..., input: [UInt8] = []) throws {
        try self.init(arguments: arguments, input: input)
    }

    /// Runs `plimsoll` with `arguments` behind `shell`, such as a pipe.
    init(arguments: [String], input: [UInt8] = [], shell: String = "\"$0\" \"$@\"") throws {
        let folder = try Folder()
        let files = ["in", "out", "err"].map { "\(folder.path)/\($0)" }
        try folder.write(input, to: "in")
        let script =
            "cd '\(root)' && { \(shell); } <'\(files[0])' >'\(files[1])' 2>'\(files[2])'"
        var process: pid_t = 0
        let words = ["/bin/sh", "-c", script, try Self.binary()] + arguments
        var texts: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        texts.append(nil)
        defer { for text in texts { free(text) } }
        try #require(posix_spawn(&process, "/bin/sh", nil, nil, texts, environ) == 0)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        // A signal is 128 and its number, as shells have it: a trap would be 132 or 133.
        code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
        output = String(decoding: try folder.read("out"), as: UTF8.self)
        errors = String(decoding: try folder.read("err"), as: UTF8.self)
    }

    /// The binary beside the running tests.
    private static func binary() throws -> String {
        let path = try #require(realpath("/proc/self/exe", nil))
        defer { free(path) }
        var folder = String(cString: path)
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            if access("\(folder)/plimsoll", X_OK) == 0 { return "\(folder)/plimsoll" }
        }
        throw Missing.binary
    }

    private enum Missing: Error {
        case binary
    }

    /// The last line of the output.
    var lastLine: String { output.split(separator: "\n").last.map(String.init) ?? "" }
}

/// A folder of its own that is removed at the end.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/plimsoll-test-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != "." && name != ".." { unlink("\(path)/\(name)") }
            }
            closedir(directory)
        }
        rmdir(path)
    }

    /// Writes a file and gives its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let place = "\(path)/\(name)"
        let file = try #require(fopen(place, "wb"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        return place
    }

    /// Writes a text file and gives its path.
    func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    /// The bytes of a file.
    func read(_ name: String) throws -> [UInt8] { try readFile("\(path)/\(name)") }
}

/// The bytes of the file at `path`.
func readFile(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "rb"), "there is no \(path)")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}
