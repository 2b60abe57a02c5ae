internal import ArgumentParser
import Glibc
import Logging
import Plimsoll
import PlimsollAccess
import PlimsollDemo
import PlimsollNode
import PlimsollReports
import PlimsollServer
import PlimsollWire

/// `plimsoll demo`.
struct DemoCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "A whole venue on this machine: server, page, a moving market, a crash button.",
        discussion: """
            2,000 invented accounts on the prices of 10 October 2025, thirty times as fast. On a terminal: \
            c for the crash of that evening, r to begin again, q to quit. Nothing leaves this machine, and \
            the folder is removed at the end unless --data names it.
            """
    )

    static let examples = ["plimsoll demo", "plimsoll demo --for 30s --port 0"]

    @OptionGroup var options: GlobalOptions

    @Option(name: .long, help: "The port; 0: the system chooses one.")
    var port = 8086

    @Option(name: .customLong("for"), help: "End after this time: 30s, 5m.")
    var time: String?

    @Option(name: .long, help: "How many accounts.")
    var accounts = 2_000

    @Option(name: .long, help: "The seed of the book.")
    var seed: UInt64 = 7

    @Option(name: .long, help: "A folder for the journal, which is kept.")
    var data: String?

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let duration = try time.map(Self.duration)
        guard (10...20_000).contains(accounts) else {
            throw .usage(problem: "\(accounts) accounts.", remedy: "Write 10 to 20000.")
        }
        let (prices, rulebook) = try inputs()
        let folder = try Folder(data)
        defer { folder.remove() }
        let running: RunningNode
        let market: DemoMarket
        do {
            var configuration = NodeConfiguration(folder: folder.path)
            configuration.segmentSize = 8 << 20
            running = try RunningNode(configuration, catalog: .standard())
            market = try DemoMarket(running.node, prices: prices)
        } catch {
            throw .journal("\(error)")
        }
        let key: String
        do throws(KeyFault) {
            key = try running.service.gate.keys.create(
                .operate,
                account: nil,
                at: MarginNode.wallClock / 1_000_000
            ).text
        } catch {
            throw .output("\(error)")
        }
        running.service.add(DemoRoutes(market: market).routes)
        let session = DemoSession(
            running: running,
            market: market,
            venue: DemoVenue(accounts: accounts, seed: seed),
            rulebook: rulebook,
            address: .init(host: "127.0.0.1", port: port),
            duration: duration,
            key: key,
            isJSON: options.json,
            isQuiet: console.isQuiet
        )
        let keys = TerminalKeys(market)
        defer { keys?.restore() }
        if let problem = Blocking.run({ await session.run() }) { throw .output(problem) }
        return .success
    }

    private func inputs() throws(CommandFailure) -> (DemoPrices, Rulebook) {
        guard let folder = DemoPrices.standardFolder() else {
            throw .insufficientData(
                problem: "the prices of October 2025 are not here.",
                remedy: "Run it in the repository, or set PLIMSOLL_PRICES to its "
                    + "examples/october-2025/prices."
            )
        }
        let prices: DemoPrices
        do throws(InputFault) {
            prices = try DemoPrices(folder: folder)
        } catch {
            throw .input(InputFaults(error))
        }
        do throws(InputFaults) {
            return (prices, try RulebookCatalog.standard().load("binance-usdm").rulebook)
        } catch {
            throw .input(error)
        }
    }

    /// `30s`, `5m` or `2h`.
    static func duration(_ text: String) throws(CommandFailure) -> Duration {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (1...100_000).contains(count)
        else {
            throw .usage(
                problem: "\(Excerpt.quoted(text)) is not a time.",
                remedy: "Write 30s, 5m or 2h."
            )
        }
        return .seconds(count * unit)
    }
}

/// The folder of a demo: the named one, or one that is removed at the end.
private struct Folder {
    let path: String
    private let isKept: Bool

    init(_ name: String?) throws(CommandFailure) {
        if let name {
            (path, isKept) = (name, true)
            return
        }
        var template = Array("/tmp/plimsoll-demo-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { text in
            text.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else { throw .output("no folder could be made in /tmp") }
        (path, isKept) = (made, false)
    }

    func remove() {
        guard !isKept, let handle = opendir(path) else { return }
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(handle)
        rmdir(path)
    }
}

/// What the page's buttons do.
private struct DemoRoutes {
    let market: DemoMarket

    var routes: [Route] {
        [
            Route("POST", "/v1/demo/crash", .sendEvents) { [market] _ throws(Problem) in
                market.crash()
                return .json(Array("{\"status\":\"crashing\"}".utf8))
            },
            Route("POST", "/v1/demo/reset", .sendEvents) { [market] _ throws(Problem) in
                market.reset()
                return .json(Array("{\"status\":\"reset\"}".utf8))
            },
        ]
    }
}

/// A demo while it runs.
private struct DemoSession: Sendable {
    let running: RunningNode
    let market: DemoMarket
    let venue: DemoVenue
    let rulebook: Rulebook
    let address: NodeServer.Address
    let duration: Duration?
    let key: String
    let isJSON: Bool
    let isQuiet: Bool

    /// Runs to its end; says what went wrong.
    func run() async -> String? {
        do {
            try await market.begin(venue, rulebook)
            let moving = Task { try await market.run() }
            defer { moving.cancel() }
            try await running.serve(
                at: address,
                for: duration,
                logger: Logger(label: "plimsoll") { _ in SwiftLogNoOpLogHandler() },
                started: announce
            )
            return nil
        } catch {
            return "the demo ended: \(error)"
        }
    }

    @Sendable
    private func announce(port: Int) async {
        let console = Console(isQuiet: isQuiet, noColor: true)
        let url = "http://\(address.host):\(port)"
        if isJSON {
            console.print("{\"url\":\"\(url)\",\"port\":\(port),\"key\":\"\(key)\"}")
        } else {
            console.print(
                "Plimsoll \(Program.version) · demo venue: \(DemoPrices.symbols.count) markets, "
                    + "\(NumberText.count(venue.accounts)) accounts · everything stays on this machine"
            )
            console.print("  page     \(url)/#key=\(key)")
            console.print("  API      \(url)/v1      OpenAPI \(url)/openapi.json")
            if isatty(STDIN_FILENO) == 1 {
                console.print("Press c for a crash, r to begin again, q to quit.")
            }
        }
        console.flush()
    }
}

/// Single keys of a terminal, until it is restored.
private final class TerminalKeys: @unchecked Sendable {
    // Written once, before the thread begins.
    private var before = termios()

    /// Listens on standard input; `nil`: it is no terminal.
    init?(_ market: DemoMarket) {
        guard isatty(STDIN_FILENO) == 1, tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        Task.detached {
            var key: UInt8 = 0
            while read(STDIN_FILENO, &key, 1) == 1 {
                switch key {
                case UInt8(ascii: "c"): market.crash()
                case UInt8(ascii: "r"): market.reset()
                case UInt8(ascii: "q"): kill(getpid(), SIGTERM)
                default: break
                }
            }
        }
    }

    func restore() { tcsetattr(STDIN_FILENO, TCSANOW, &before) }
}
