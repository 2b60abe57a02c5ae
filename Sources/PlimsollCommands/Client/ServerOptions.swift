internal import ArgumentParser
import PlimsollWire

/// Which server a command asks, and with which key.
///
/// A key is never an argument: everybody on the machine could read it in the list of processes.
struct ServerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The server (or PLIMSOLL_SERVER; http://127.0.0.1:8086).",
            valueName: "url"
        )
    )
    var server: String?

    @Option(
        name: .customLong("key-file"),
        help: ArgumentHelp(
            "The file with the key (or PLIMSOLL_KEY_FILE; PLIMSOLL_KEY is the key itself).",
            valueName: "file"
        )
    )
    var keyFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Certificates (PEM) that vouch for the server's (or PLIMSOLL_CA).",
            valueName: "file"
        )
    )
    var ca: String?

    /// Asks the server in `body`, and closes the connection behind it.
    func connected<Result>(
        _ console: Console,
        _ body: (ServerClient) throws(CommandFailure) -> Result
    ) throws(CommandFailure) -> Result {
        let address = try ServerAddress(server ?? Console.variable("PLIMSOLL_SERVER"))
        let key = try key()
        if key != nil, address.isExposed {
            console.note("note: the key goes to \(address.text) in the clear; use https.")
        }
        let client = try ServerClient(
            address,
            key: key,
            certificates: ca ?? Console.variable("PLIMSOLL_CA")
        )
        defer { client.close() }
        return try body(client)
    }

    private func key() throws(CommandFailure) -> String? {
        let text: String
        if keyFile == nil, let key = Console.variable("PLIMSOLL_KEY") {
            text = key
        } else if let path = keyFile ?? Console.variable("PLIMSOLL_KEY_FILE") {
            text = try Self.firstLine(path)
        } else {
            return nil
        }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), text.utf8.count <= 512 else {
            throw .usage(
                problem:
                    "what was given as the key is none: it has blanks or other characters in it.",
                remedy: "Give what 'plimsoll keys create' has shown, and nothing else."
            )
        }
        return text
    }

    private static func firstLine(_ path: String) throws(CommandFailure) -> String {
        do throws(InputFault) {
            guard let line = try LineReader(path: path, lineLimit: 4_096).next() else {
                throw InputFault(
                    file: path,
                    mark: nil,
                    problem: "there is no key in it.",
                    remedy: "Write what 'plimsoll keys create' has shown into it."
                )
            }
            return String(decoding: line.bytes, as: UTF8.self)
        } catch {
            throw .input(InputFaults(error))
        }
    }
}

/// The address of a server: `http://` or `https://`, a host, perhaps a port and a path before `/v1`.
struct ServerAddress: Hashable, Sendable {
    /// Where a server is unless it is told otherwise.
    static let standard = "http://127.0.0.1:8086"

    /// The address, without a slash at its end.
    let text: String

    init(_ given: String?) throws(CommandFailure) {
        var text = given ?? Self.standard
        while text.hasSuffix("/") { text.removeLast() }
        let rest = text.drop { $0 != ":" }.dropFirst(3)
        let isWhole =
            (text.hasPrefix("http://") || text.hasPrefix("https://")) && !rest.isEmpty
            && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
            && !text.contains("?") && !text.contains("#") && !rest.contains("@")
        guard isWhole else {
            throw .usage(
                problem:
                    "\(Excerpt.quoted(Self.withoutUser(text))) is not the address of a server.",
                remedy: "Write http://HOST:PORT or https://HOST:PORT."
            )
        }
        self.text = text
    }

    /// The text without what may be a user and a password.
    private static func withoutUser(_ text: String) -> String {
        guard let sign = text.lastIndex(of: "@") else { return text }
        return "…" + text[sign...]
    }

    /// What is sent may be read on the way: no encryption, and not to this machine.
    var isExposed: Bool {
        guard text.hasPrefix("http://") else { return false }
        let host = text.dropFirst("http://".count)
        let name =
            host.hasPrefix("[") ? host.prefix { $0 != "]" } : host.prefix { $0 != ":" && $0 != "/" }
        return !Loopback.has(name.drop { $0 == "[" })
    }
}
