import Glibc

/// An event file in the making, which gets its name only when it is complete.
final class EventOutput {
    private let path: String
    private let partial: String
    private let file: UnsafeMutablePointer<FILE>
    private var hasFailed = false
    private var isClosed = false

    /// A new file at `path`.
    init(path: String) throws(CommandFailure) {
        self.path = path
        partial = path + ".partial"
        guard let opened = fopen(partial, "wb") else {
            throw .usage(
                problem: "\(path) could not be created.",
                remedy: "Name a file in a folder that exists and may be written to."
            )
        }
        file = opened
    }

    /// Appends a line; that it could not be written is said by `close`.
    func write(_ line: [UInt8]) {
        guard !hasFailed else { return }
        let written = fwrite(line, 1, line.count, file)
        hasFailed = written != line.count || fputc(0x0a, file) != 0x0a
    }

    /// Ends the file and gives it its name.
    func close() throws(CommandFailure) {
        isClosed = true
        guard fclose(file) == 0, !hasFailed, rename(partial, path) == 0 else {
            unlink(partial)
            throw .output("\(path) could not be written to its end. Is the disk full?")
        }
    }

    /// What was never completed leaves nothing.
    deinit {
        guard !isClosed else { return }
        fclose(file)
        unlink(partial)
    }
}
