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
/// Another size wakes `keys`; so do SIGTERM and SIGINT, after which `ending` says that it is time to leave.
struct FullScreen {
    /// The exit code that a signal asks for; -1: none has come.
    private static let asked = Atomic<Int32>(-1)
    private let before: termios

    /// How the program ends where someone has asked for it; `nil`: nobody has.
    static var ending: ExitCode? { ExitCode(rawValue: asked.load(ordering: .relaxed)) }

    /// Takes the terminal; `nil`: it is none.
    init?() {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        self.before = before
        var raw = before
        // Ctrl-C is a key too, so that the terminal is never left as it is now.
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        signal(SIGWINCH) { _ in }
        signal(SIGTERM) { _ in FullScreen.end(.success) }
        signal(SIGHUP) { _ in FullScreen.end(.success) }
        // Ctrl-C is a key here, but others may send the signal, and the terminal is to be given back then too.
        signal(SIGINT) { _ in FullScreen.end(.interrupted) }
        guard tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0 else { return nil }
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
        // A signal that came while nobody waited has woken nobody.
        guard Self.ending == nil else { return [] }
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, milliseconds) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        guard count > 0 else {
            // The terminal has gone.
            Self.end(.success)
            return []
        }
        // Arrows and other keys of several bytes are none of ours.
        guard bytes[0] != 0x1b else { return [] }
        return bytes[..<count].map { Character(Unicode.Scalar($0)) }
    }

    private static func end(_ code: ExitCode) { asked.store(code.rawValue, ordering: .relaxed) }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }
}
