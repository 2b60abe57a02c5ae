import Glibc

/// Standard output and standard error: data on the one, everything else on the other.
///
/// A reader that has gone away (`plimsoll … | head -1`) ends the program quietly.
package final class Console {
    /// Nothing but data and errors is written.
    package let isQuiet: Bool
    /// Text for people may have colours.
    package let hasColor: Bool
    private var buffer: [UInt8] = []

    /// A console; colours are for terminals, and not with `NO_COLOR` or `TERM=dumb`.
    package init(isQuiet: Bool, noColor: Bool) {
        self.isQuiet = isQuiet
        let isPlain =
            noColor || Console.isSet("NO_COLOR") || Console.variable("TERM") == "dumb"
        hasColor = !isPlain && isatty(STDOUT_FILENO) == 1
        buffer.reserveCapacity(65_536)
    }

    /// Whether standard error is a terminal.
    package var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes a line to standard output.
    package func print(_ line: String = "") {
        buffer += line.utf8
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= 65_536 { flush() }
    }

    /// Writes bytes and a newline to standard output.
    package func print(_ bytes: [UInt8]) {
        buffer += bytes
        buffer.append(UInt8(ascii: "\n"))
        flush()
    }

    /// Writes a line to standard error, behind what was written to standard output.
    package func error(_ line: String) {
        flush()
        Console.write(Array("\(line)\n".utf8), to: STDERR_FILENO)
    }

    /// Writes a remark to standard error, unless it is quiet.
    package func note(_ line: String) {
        if !isQuiet { error(line) }
    }

    /// Writes text without a newline to standard error, such as a progress bar.
    package func draw(_ text: String) { Console.write(Array(text.utf8), to: STDERR_FILENO) }

    /// Writes text as it is to standard output, at once.
    package func send(_ text: String) {
        buffer += text.utf8
        flush()
    }

    /// Whoever read standard output has gone, which otherwise shows at the next line only.
    static var hasNoReader: Bool {
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        return poll(&output, 1, 0) > 0 && output.revents & Int16(POLLERR) != 0
    }

    /// Sends on what has been collected.
    package func flush() {
        guard !buffer.isEmpty else { return }
        let bytes = buffer
        buffer.removeAll(keepingCapacity: true)
        Console.write(bytes, to: STDOUT_FILENO)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { part in
                Glibc.write(descriptor, part.baseAddress.map { $0 + sent }, bytes.count - sent)
            }
            if count > 0 {
                sent += count
                continue
            }
            if count < 0, errno == EINTR { continue }
            // Nobody reads any more: that is how `head` ends a pipe, and no failure.
            if descriptor == STDOUT_FILENO, errno == EPIPE { exit(ExitCode.success.rawValue) }
            if descriptor == STDOUT_FILENO {
                let reason = strerror(errno).map { String(cString: $0) } ?? "unknown error"
                write(
                    Array("plimsoll: standard output cannot be written: \(reason)\n".utf8),
                    to: STDERR_FILENO
                )
                exit(ExitCode.failure.rawValue)
            }
            return
        }
    }

    /// What a variable of the environment says; one that is empty says nothing.
    static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func isSet(_ name: String) -> Bool { variable(name) != nil }
}

/// Colours and weights of text on a terminal.
package enum Ink: String, Sendable {
    case bold = "1"
    case faint = "2"
    case green = "32"
    case yellow = "33"
    case red = "31"
    case redBold = "1;31"
}

extension Console {
    /// `text` in `ink`, or as it is where there are no colours.
    package func inked(_ text: String, _ ink: Ink?) -> String {
        guard hasColor, let ink else { return text }
        return "\u{1B}[\(ink.rawValue)m\(text)\u{1B}[0m"
    }
}
