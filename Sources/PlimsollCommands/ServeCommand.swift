internal import ArgumentParser
import Glibc
import Logging
import NIOSSL
import Plimsoll
import PlimsollNode
import PlimsollServer
import PlimsollWire
import Synchronization

/// `plimsoll serve`.
struct ServeCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a node: journal, engine, HTTP API and page.",
        discussion: """
            Everything that was acknowledged is in the folder's journal; one process may have a folder. \
            SIGTERM and Ctrl-C finish what waits and end with 0. Exit code 74: the journal failed; what \
            was acknowledged is safe, start it again.
            """
    )

    static let examples = [
        "plimsoll serve --data /tmp/plimsoll --port 8086",
        "plimsoll serve --data /tmp/plimsoll --durability batch --clock events --verify-every 1h",
    ]

    @OptionGroup var options: GlobalOptions

    @Option(name: .long, help: "The folder of the journal; it is made if there is none.")
    var data: String

    @Option(name: .long, help: "The address to listen at; only loopback unless you say so.")
    var host = "127.0.0.1"

    @Option(name: .long, help: "The port; 0: the system chooses one.")
    var port = 8086

    @Option(name: .long, help: "When an event is acknowledged: sync, batch or none.")
    var durability = "sync"

    @Option(name: .long, help: "Where the engine's clock comes from: wall, or events (for files).")
    var clock = "wall"

    @Flag(
        name: .customLong("real-time"),
        help: "Events go before everything else on the machine, where the system allows it."
    )
    var isRealTime = false

    @Option(name: .long, help: "A certificate in PEM form, to be served over TLS.")
    var tlsCertificate: String?

    @Option(name: .long, help: "The certificate's key in PEM form; only its owner may read it.")
    var tlsKey: String?

    @Flag(name: .long, help: "Listen at an address that is not loopback without TLS.")
    var insecure = false

    @Option(
        name: .long,
        help: "From which level on is logged: trace to critical; info has every request."
    )
    var logLevel = "notice"

    @Option(name: .long, help: "How lines of the log look: text, or json.")
    var logFormat = "text"

    @Option(
        name: .long,
        help: "How often the book is verified against the journal: 30s, 10m, 2h; 0: when asked."
    )
    var verifyEvery = "10m"

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        guard let durability = Durability(rawValue: durability) else {
            throw .usage(
                problem: "\(Excerpt.quoted(self.durability)) is not a durability.",
                remedy: "Write --durability sync, batch or none."
            )
        }
        guard let clock = NodeClock(rawValue: clock) else {
            throw .usage(
                problem: "\(Excerpt.quoted(self.clock)) is not a clock.",
                remedy: "Write --clock wall or events."
            )
        }
        guard (0...65_535).contains(port) else {
            throw .usage(problem: "\(port) is not a port.", remedy: "Write 0 to 65535.")
        }
        let tls = try transport()
        let log = try log(isQuiet: console.isQuiet)
        var configuration = NodeConfiguration(folder: data)
        configuration.durability = durability
        configuration.clock = clock
        configuration.isRealTime = isRealTime
        LargePages.use()
        let running = try open(
            configuration,
            verifyEvery: verifyEvery == "0"
                ? 0 : try DemoCommand.duration(verifyEvery).components.seconds
        )
        LargePages.end()
        tell(log, running.node)
        return try serve(running, tls, log, console)
    }

    /// The certificate and key, where they are named; an address that others can reach needs them.
    private func transport() throws(CommandFailure) -> TLSConfiguration? {
        switch (tlsCertificate, tlsKey) {
        case (let certificate?, let key?):
            do throws(TLSFiles.Fault) {
                return try TLSFiles(certificate: certificate, key: key).configuration()
            } catch {
                throw .usage(problem: "TLS cannot be used.", remedy: error.description)
            }
        case (nil, nil): break
        default:
            throw .usage(
                problem: "A certificate and its key are a pair, and one of them is missing.",
                remedy: "Write --tls-certificate FILE --tls-key FILE."
            )
        }
        guard Loopback.has(host) || insecure else {
            throw .usage(
                problem:
                    "\(Excerpt.quoted(host)) can be reached from other machines, and without TLS everybody "
                    + "on the way could read keys and balances.",
                remedy:
                    "Name --tls-certificate and --tls-key; or --insecure, if something in front of it does TLS."
            )
        }
        return nil
    }

    private func log(isQuiet: Bool) throws(CommandFailure) -> Logger {
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw .usage(
                problem: "\(Excerpt.quoted(logLevel)) is not a level.",
                remedy: "Write --log-level trace, debug, info, notice, warning, error or critical."
            )
        }
        guard let format = LineLog.Format(rawValue: logFormat) else {
            throw .usage(
                problem: "\(Excerpt.quoted(logFormat)) is not a format of a log.",
                remedy: "Write --log-format text or json."
            )
        }
        return Logger(label: "plimsoll") { _ in
            LineLog(format, level: isQuiet ? max(level, .error) : level)
        }
    }

    private func open(
        _ configuration: NodeConfiguration,
        verifyEvery: Int64
    ) throws(CommandFailure) -> RunningNode {
        do {
            return try RunningNode(
                configuration,
                catalog: .standard(),
                verifyEvery: verifyEvery
            )
        } catch {
            throw .journal("\(error)")
        }
    }

    private func tell(_ log: Logger, _ node: MarginNode) {
        let recovery = node.recovery
        log.notice(
            "started",
            metadata: [
                "data": "\(data)", "seq": "\(node.journal.sequence)",
                "snapshot": "\(recovery.snapshot)", "replayed": "\(recovery.replayed)",
                "milliseconds": "\(recovery.nanoseconds / 1_000_000)",
            ]
        )
        if recovery.droppedBytes > 0 {
            log.warning(
                """
                \(recovery.droppedBytes) bytes behind the last record were cut by a crash and are dropped; \
                they were not durable, so a node with --durability sync had acknowledged none of them
                """
            )
        }
        for note in recovery.notes { log.warning("\(note)") }
    }

    private func serve(
        _ running: RunningNode,
        _ tls: TLSConfiguration?,
        _ log: Logger,
        _ console: Console
    ) throws(CommandFailure) -> ExitCode {
        let address = NodeServer.Address(host: host, port: port)
        let announcement = Announcement(
            url: "\(tls == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host)",
            isJSON: options.json,
            isQuiet: console.isQuiet || logFormat == LineLog.Format.json.rawValue,
            log: log
        )
        let problem = Blocking.run { () async -> String? in
            do {
                try await running.serve(
                    at: address,
                    tls: tls,
                    logger: log,
                    started: announcement.make
                )
                return nil
            } catch {
                return "\(error)"
            }
        }
        if let failure = running.node.failure { throw .journal(failure) }
        if let problem { throw .output("the server ended: \(problem)") }
        return .success
    }
}

/// Tells where the server is, as soon as clients may come.
private struct Announcement: Sendable {
    let url: String
    let isJSON: Bool
    let isQuiet: Bool
    let log: Logger

    @Sendable
    func make(port: Int) async {
        let console = Console(isQuiet: isQuiet, noColor: true)
        if isJSON {
            console.print("{\"url\":\"\(url):\(port)\",\"port\":\(port)}")
        } else {
            console.note("page  \(url):\(port)/")
            console.note("API   \(url):\(port)/v1")
        }
        console.flush()
        log.log(level: isQuiet ? .notice : .info, "listening", metadata: ["url": "\(url):\(port)"])
    }
}

/// Runs something asynchronous to its end from a thread that may wait.
enum Blocking {
    static func run<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) -> Result {
        let monitor = Monitor<Result?>(nil)
        Task {
            let result = await body()
            monitor.change { $0 = result }
        }
        while true {
            let minute: Int64 = 60_000_000_000
            if let result = monitor.wait(atMost: minute, until: { $0 != nil }, { $0 }) {
                return result
            }
        }
    }
}
