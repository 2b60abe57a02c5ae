import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import PlimsollWire

/// How long a question waits for its answer.
struct Patience: Sendable {
    /// How long a whole answer may take.
    var answer: TimeAmount
    /// How long, in seconds, it waits for a busy server.
    var busy: Int
    /// Pauses before it is asked again after its answer was lost, in milliseconds.
    var pauses: [Int]

    /// Of a question that is asked once.
    static let long = Patience(answer: .seconds(60), busy: 60, pauses: [200, 1_000, 3_000])
    /// Of a question that is soon asked anew, while somebody waits at the keyboard.
    static let short = Patience(answer: .milliseconds(1_500), busy: 0, pauses: [])
}

/// Asks a server, one question at a time, and waits where it says that it is busy.
final class ServerClient: Sendable {
    /// The server.
    let address: ServerAddress
    private let key: String?
    private let http: HTTPClient

    /// The largest answer.
    private static let answerLimit = 256 << 20

    /// A client of a server.
    ///
    /// - Parameters:
    ///   - address: where it is.
    ///   - key: what it knows the user by.
    ///   - certificates: a file with those that vouch for it, instead of the system's.
    /// - Throws: that the file cannot be read.
    init(
        _ address: ServerAddress,
        key: String?,
        certificates: String?
    ) throws(CommandFailure) {
        self.address = address
        self.key = key
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        // A stream has a comment every 15 seconds at least.
        configuration.timeout.read = .seconds(60)
        // Whether to try again is decided here, where it is known what a question does.
        configuration.connectionPool.retryConnectionEstablishment = false
        if let certificates {
            guard let file = fopen(certificates, "r") else {
                throw .usage(
                    problem: "\(certificates) cannot be read.",
                    remedy: "Name a file with the certificates that vouch for the server, as PEM."
                )
            }
            fclose(file)
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(certificates)
            configuration.tlsConfiguration = tls
        }
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Ends all connections.
    func close() {
        let http = http
        Blocking.run { try? await http.shutdown() }
    }

    // MARK: Questions

    /// The document that a question is answered with; anything but success is a failure.
    func document(
        _ request: ServerRequest,
        _ patience: Patience = .long
    ) throws(CommandFailure) -> Node {
        let answer = try answer(request, patience)
        guard (200..<300).contains(answer.status) else { throw ServerProblem(answer).failure }
        do throws(InputFault) {
            return try JSONText.parse(answer.body, file: "answer")
        } catch {
            throw .refused(
                problem: "\(address.text)\(request.target) did not answer with JSON.",
                remedy: "Is it a Plimsoll server? \(error.problem)"
            )
        }
    }

    /// What a question is answered with, be it a problem.
    ///
    /// A question that may be repeated is: after a lost connection, and where the server is busy.
    private func answer(
        _ request: ServerRequest,
        _ patience: Patience
    ) throws(CommandFailure) -> ServerAnswer {
        var (losses, waited) = (0, 0)
        while true {
            switch Blocking.run({ await self.attempt(request, patience) }) {
            case .success(let answer):
                let pause = max(1, answer.retryAfter ?? 1)
                guard answer.isBusy, request.isRepeatable, waited + pause <= patience.busy else {
                    return answer
                }
                waited += pause
                sleep(UInt32(pause))
            case .failure(let loss):
                // A server that was never there will not come by itself.
                // One that was there may be starting again.
                guard request.isRepeatable, !loss.isFirst || losses > 0,
                    losses < patience.pauses.count
                else {
                    throw unreachable(loss.words)
                }
                usleep(UInt32(patience.pauses[losses] * 1_000))
                losses += 1
            }
        }
    }

    /// An answer that did not come.
    struct Loss: Error {
        /// Why, in words.
        var words: String
        /// No connection was made at all.
        var isFirst: Bool
    }

    /// The body of an answer, in time: the deadline of the library ends with the head.
    private static func body(
        of response: HTTPClientResponse,
        until deadline: NIODeadline
    ) async throws -> ByteBuffer {
        try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
            group.addTask { try await response.body.collect(upTo: answerLimit) }
            group.addTask {
                let left = deadline - .now()
                try await Task.sleep(for: .nanoseconds(max(0, left.nanoseconds)))
                throw HTTPClientError.deadlineExceeded
            }
            defer { group.cancelAll() }
            guard let body = try await group.next() else { throw CancellationError() }
            return body
        }
    }

    private func attempt(
        _ request: ServerRequest,
        _ patience: Patience
    ) async -> Result<ServerAnswer, Loss> {
        do {
            let deadline = NIODeadline.now() + patience.answer
            let response = try await http.execute(message(request), deadline: deadline)
            let body = try await Self.body(of: response, until: deadline)
            let after = response.headers.first(name: "Retry-After").flatMap { Int($0) }
            return .success(
                ServerAnswer(
                    status: Int(response.status.code),
                    retryAfter: after.map { min(max($0, 0), 3_600) },
                    body: Array(body.readableBytesView)
                )
            )
        } catch {
            return .failure(Self.loss(error))
        }
    }

    private func message(_ request: ServerRequest) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: address.text + request.target)
        message.method = request.method == .get ? .GET : .POST
        message.headers.add(name: "User-Agent", value: "plimsoll/\(Program.version)")
        message.headers.add(name: "Accept", value: "application/json, text/event-stream")
        if let key { message.headers.add(name: "Authorization", value: "Bearer \(key)") }
        if let mediaType = request.mediaType {
            message.headers.add(name: "Content-Type", value: mediaType)
        }
        if request.method == .post { message.body = .bytes(ByteBuffer(bytes: request.body)) }
        return message
    }

    /// The failure of a question that was not answered.
    func unreachable(_ words: String) -> CommandFailure {
        .unreachable(
            problem: "\(address.text) does not answer: \(words).",
            remedy:
                "Is 'plimsoll serve' running there? Name another with --server or PLIMSOLL_SERVER."
        )
    }

    private static func loss(_ error: any Error) -> Loss {
        if let error = error as? NIOConnectionError {
            guard let first = error.connectionErrors.first else {
                return Loss(words: "there is no \(error.host)", isFirst: true)
            }
            return loss(first.error)
        }
        if let error = error as? IOError {
            let words = strerror(error.errnoCode).map { String(cString: $0) }
            let isFirst = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode)
            return Loss(words: words ?? "\(error)", isFirst: isFirst)
        }
        switch error as? HTTPClientError {
        case .connectTimeout: return Loss(words: "no connection in 10 s", isFirst: true)
        case .deadlineExceeded, .readTimeout:
            return Loss(words: "no answer in time", isFirst: false)
        case .remoteConnectionClosed:
            return Loss(words: "the connection was closed", isFirst: false)
        default: return Loss(words: "\(error)", isFirst: error is NIOSSLError)
        }
    }

    // MARK: The stream

    /// Reads a stream of events until it ends or `body` has had enough.
    ///
    /// - Returns: the answer, if it is not a stream; `nil`: the stream has ended.
    func follow(
        _ request: ServerRequest,
        lastEvent: String?,
        _ body: (StreamMessage) -> Bool
    ) async throws(Loss) -> ServerAnswer? {
        do {
            var message = message(request)
            if let lastEvent { message.headers.add(name: "Last-Event-ID", value: lastEvent) }
            let response = try await http.execute(message, deadline: .now() + .hours(24 * 365))
            guard response.status == .ok else {
                let body = try await response.body.collect(upTo: Self.answerLimit)
                return ServerAnswer(
                    status: Int(response.status.code),
                    body: Array(body.readableBytesView)
                )
            }
            let mediaType = response.headers.first(name: "Content-Type") ?? ""
            guard mediaType.lowercased().hasPrefix("text/event-stream") else {
                return ServerAnswer(status: 200, body: [])
            }
            var parser = StreamParser()
            for try await piece in response.body {
                for message in parser.messages(in: piece.readableBytesView) where !body(message) {
                    return nil
                }
            }
            return nil
        } catch {
            throw Self.loss(error)
        }
    }
}
