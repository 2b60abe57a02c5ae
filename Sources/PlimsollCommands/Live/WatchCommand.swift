internal import ArgumentParser
import Glibc
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// `plimsoll watch`.
struct WatchCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "What happens at a server, as it happens, one line each.",
        discussion: """
            Topics: book, markets, status, effects, liquidations, alerts, account:NAME; liquidations and \
            alerts unless you name others. A stream that drops is taken up where it was; what the server \
            has forgotten meanwhile is told as a gap.
            """
    )

    static let examples = [
        "plimsoll watch --for 30s",
        "plimsoll watch account:alice effects --ndjson --for 5m",
    ]

    @OptionGroup var options: GlobalOptions
    @OptionGroup var server: ServerOptions

    @Argument(help: "What to watch.")
    var topics: [String] = []

    @Flag(name: .long, help: "Each message as one JSON object: event, id, data.")
    var ndjson = false

    @Option(name: .customLong("for"), help: "End after this time: 30s, 5m.")
    var time: String?

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let duration = try time.map(DemoCommand.duration)
        let topics = self.topics.isEmpty ? ["liquidations", "alerts"] : self.topics
        let request = ServerRequest("stream", query: [("topics", topics.joined(separator: ","))])
        let isNDJSON = ndjson || options.json
        let (isQuiet, noColor) = (console.isQuiet, options.noColor)
        return try server.connected(console) { (client) throws(CommandFailure) in
            let failure = Blocking.run { () async -> CommandFailure? in
                let watching = Task {
                    let console = Console(isQuiet: isQuiet, noColor: noColor)
                    var watch = Watch(client, request, isNDJSON: isNDJSON, console)
                    return await watch.run()
                }
                // Without events nothing is written, and only this shows that nobody reads any more.
                Task {
                    while !Console.hasNoReader { try await Task.sleep(for: .milliseconds(200)) }
                    watching.cancel()
                }
                if let duration {
                    Task {
                        try await Task.sleep(for: duration)
                        watching.cancel()
                    }
                }
                return await watching.value
            }
            if let failure { throw failure }
            return .success
        }
    }
}

/// A stream that is read until it is cancelled, over as many connections as it takes.
private struct Watch {
    private let client: ServerClient
    private let request: ServerRequest
    private let isNDJSON: Bool
    private let console: Console
    private let text: WatchText
    /// Where the stream goes on.
    private var lastEvent: String?
    private var hasConnected = false

    init(_ client: ServerClient, _ request: ServerRequest, isNDJSON: Bool, _ console: Console) {
        self.client = client
        self.request = request
        self.isNDJSON = isNDJSON
        self.console = console
        text = WatchText(console: console)
    }

    /// Reads until it is cancelled; says why it cannot go on.
    mutating func run() async -> CommandFailure? {
        while !Task.isCancelled {
            do throws(ServerClient.Loss) {
                if let answer = try await connect() {
                    guard answer.isBusy else { return failure(answer) }
                    console.note("The server is busy; trying again.")
                }
            } catch {
                if Task.isCancelled { return nil }
                guard hasConnected else { return client.unreachable(error.words) }
            }
            if Task.isCancelled { return nil }
            if hasConnected { console.note("The stream has dropped; taking it up again.") }
            try? await Task.sleep(for: .seconds(1))
        }
        return nil
    }

    private func failure(_ answer: ServerAnswer) -> CommandFailure {
        guard answer.status == 200 else { return ServerProblem(answer).failure }
        return .refused(
            problem:
                "\(client.address.text)\(request.target) did not answer with a stream of events.",
            remedy: "Is it a Plimsoll server?"
        )
    }

    /// Reads one connection to its end.
    private mutating func connect() async throws(ServerClient.Loss) -> ServerAnswer? {
        var (lastEvent, hasConnected) = (self.lastEvent, self.hasConnected)
        defer { (self.lastEvent, self.hasConnected) = (lastEvent, hasConnected) }
        return try await client.follow(request, lastEvent: lastEvent) { message in
            hasConnected = true
            if let id = message.id { lastEvent = id }
            print(message)
            console.flush()
            return !Task.isCancelled
        }
    }

    private func print(_ message: StreamMessage) {
        guard isNDJSON else {
            for line in text.lines(message) { console.print(line) }
            return
        }
        var line = JSONWriter()
        line.object { object in
            object.field("event", message.event)
            object.field("id", ifPresent: message.id)
            object.key("data")
            // The server writes its data on one line.
            object.number(String(decoding: message.data, as: UTF8.self))
        }
        console.print(line.text)
    }
}
