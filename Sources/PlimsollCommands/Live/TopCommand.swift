internal import ArgumentParser
import Glibc
import Plimsoll
import PlimsollReports
import PlimsollWire

/// `plimsoll top`.
struct TopCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "The accounts nearest to their line, redrawn every second.",
        discussion: """
            Keys: s the order, f the band, + and - a page, space pause, q quit. --once prints one screen, \
            for pipes, and --json what is on it.
            """
    )

    static let examples = ["plimsoll top", "plimsoll top --once --band call"]

    @OptionGroup var options: GlobalOptions
    @OptionGroup var server: ServerOptions

    @Option(name: .long, help: "Only accounts in this band: safe, watch, call or liquidation.")
    var band: String?

    @Option(name: .long, help: "The order: ratio, equity or account.")
    var sort: String?

    @Flag(name: .long, help: "One screen, and the end.")
    var once = false

    @Option(name: .long, help: "The venue, where a server has several.")
    var venue: String?

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        var choice = TopChoice(venue: venue)
        if let band {
            guard let known = Band(word: band) else {
                throw .usage(
                    problem: "\(Excerpt.quoted(band)) is not a band.",
                    remedy: "Write --band safe, watch, call or liquidation."
                )
            }
            choice.band = known
        }
        if let sort {
            guard let known = TopChoice.Order(rawValue: sort) else {
                throw .usage(
                    problem: "\(Excerpt.quoted(sort)) is not an order.",
                    remedy: "Write --sort ratio, equity or account."
                )
            }
            choice.order = known
        }
        let isLive =
            !once && !options.json && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        return try server.connected(console) { (client) throws(CommandFailure) in
            guard isLive else {
                let size = TerminalSize.now ?? TerminalSize(rows: 24, columns: 80)
                var screen = TopScreen(console: console, server: client.address.text)
                let sample = try TopSample(client, choice, rows: screen.room(size))
                if options.json, let node = sample.accounts.node {
                    console.print(JSONWriter.pretty(node))
                    return .success
                }
                screen.update(sample)
                for line in screen.lines(size, choice) { console.print(line) }
                return .success
            }
            // The first question is asked before the screen is taken, so that a mistake is read where it belongs.
            let first = try TopSample(client, choice, rows: 1, .short)
            var session = TopSession(client, choice, first, console)
            return session.run()
        }
    }
}

/// What of the book is looked at.
struct TopChoice {
    enum Order: String, CaseIterable {
        case ratio, equity, account
    }

    var order = Order.ratio
    var band: Band?
    let venue: String?
    /// Cursors of the pages before this one, and of this one; none: the first.
    var pages: [String] = []

    init(venue: String?) { self.venue = venue }

    /// The next order.
    mutating func turnOrder() {
        let all = Order.allCases
        order = all[((all.firstIndex(of: order) ?? 0) + 1) % all.count]
        pages = []
    }

    /// The next band, the worst first; behind the last all of them.
    mutating func turnBand() {
        let all: [Band?] = [nil, .liquidation, .call, .watch, .safe]
        band = all[((all.firstIndex(of: band) ?? 0) + 1) % all.count]
        pages = []
    }
}

/// What a server says about the moment.
struct TopSample {
    let status: Document
    let accounts: Document
}

extension TopSample {
    /// Asks a server.
    init(
        _ client: ServerClient,
        _ choice: TopChoice,
        rows: Int,
        _ patience: Patience = .long
    ) throws(CommandFailure) {
        let page = ServerRequest(
            "accounts",
            query: [
                ("venue", choice.venue), ("sort", choice.order.rawValue),
                ("band", choice.band?.word), ("limit", "\(min(max(rows, 1), 1_000))"),
                ("cursor", choice.pages.last),
            ]
        )
        self.init(
            status: Document(try client.document(ServerRequest("status"), patience)),
            accounts: Document(try client.document(page, patience))
        )
    }
}

/// The screen while it is drawn again and again.
private struct TopSession {
    private let client: ServerClient
    private let console: Console
    private var choice: TopChoice
    private var screen: TopScreen
    private var sample: TopSample
    private var isPaused = false

    /// How long a key is waited for between two looks, in milliseconds.
    private static let pause: Int32 = 1_000

    init(_ client: ServerClient, _ choice: TopChoice, _ first: TopSample, _ console: Console) {
        self.client = client
        self.choice = choice
        self.console = console
        sample = first
        screen = TopScreen(console: console, server: client.address.text)
    }

    mutating func run() -> ExitCode {
        guard let terminal = FullScreen() else { return .failure }
        defer { terminal.leave() }
        while true {
            if !isPaused { look() }
            draw()
            for key in terminal.keys(within: Self.pause) where !press(key) { return .success }
            if let ending = FullScreen.ending { return ending }
        }
    }

    /// Does what a key says; false: it is time to leave.
    private mutating func press(_ key: Character) -> Bool {
        switch key {
        case "q", "\u{3}": return false
        case "s": choice.turnOrder()
        case "f": choice.turnBand()
        case " ": isPaused.toggle()
        case "+", "=":
            if let next = sample.accounts["nextCursor"].text { choice.pages.append(next) }
        case "-": _ = choice.pages.popLast()
        default: break
        }
        return true
    }

    /// Asks again; what was seen last stays on the screen where nobody answers.
    private mutating func look() {
        let size = TerminalSize.now ?? TerminalSize(rows: 24, columns: 80)
        do throws(CommandFailure) {
            sample = try TopSample(client, choice, rows: screen.room(size), .short)
            screen.update(sample)
            screen.problem = nil
        } catch {
            screen.problem = error.message.split(separator: "\n").first.map(String.init)
        }
    }

    private func draw() {
        let size = TerminalSize.now ?? TerminalSize(rows: 24, columns: 80)
        var text = "\u{1B}[H"
        let lines = screen.lines(size, choice, isPaused: isPaused).prefix(size.rows)
        for (index, line) in lines.enumerated() {
            text += (index > 0 ? "\r\n" : "") + line + "\u{1B}[K"
        }
        text += "\u{1B}[J"
        console.send(text)
    }
}
