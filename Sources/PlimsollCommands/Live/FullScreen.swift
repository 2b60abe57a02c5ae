import Glibc
import Synchronization

/// How large the terminal is.
struct TerminalSize: Equatable {
    var rows: Int
    var columns: Int

    /// The size of the terminal that standard output goes to; `nil`: it is none.
    static var now: TerminalSize? {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0
        else { return nil }
        return TerminalSize(rows: Int(size.ws_row), columns: Int(size.ws_col))
    }
}

/// The whole terminal, with keys one at a time, until it is left.
///
/// Another size wakes `keys`; so does SIGTERM, after which `isOver` says that it is time to leave.
struct FullScreen {
    private static let ended = Atomic(false)
    private let before: termios

    /// Someone has asked the program to end.
    static var isOver: Bool { ended.load(ordering: .relaxed) }

    /// Takes the terminal; `nil`: it is none.
    init?() {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        self.before = before
        var raw = before
        // Ctrl-C is a key too, so that the terminal is never left as it is now.
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        guard tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0 else { return nil }
        signal(SIGWINCH) { _ in }
        signal(SIGTERM) { _ in FullScreen.ended.store(true, ordering: .relaxed) }
        signal(SIGHUP) { _ in FullScreen.ended.store(true, ordering: .relaxed) }
        Self.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
    }

    /// Gives the terminal back as it was.
    func leave() {
        Self.write("\u{1B}[?25h\u{1B}[?1049l")
        var before = before
        tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    /// The keys that were pressed; none: none came within so many milliseconds, or the size has changed.
    func keys(within milliseconds: Int32) -> [Character] {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, milliseconds) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        guard count > 0 else {
            // The terminal has gone.
            Self.ended.store(true, ordering: .relaxed)
            return []
        }
        // Arrows and other keys of several bytes are none of ours.
        guard bytes[0] != 0x1b else { return [] }
        return bytes[..<count].map { Character(Unicode.Scalar($0)) }
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }
}
