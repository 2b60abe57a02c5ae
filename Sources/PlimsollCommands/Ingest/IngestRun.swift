import PlimsollReports
import PlimsollWire

/// Why an ingest stopped.
enum IngestFault: Error {
    case input(InputFault)
    case server(CommandFailure)
}

/// What became of the events that were sent.
struct IngestTally {
    /// How many problems are kept; all are counted.
    private static let limit = 20

    private(set) var sent = 0
    private(set) var accepted = 0
    private(set) var repeated = 0
    private(set) var refused = 0
    /// The last event that the server has seen.
    private(set) var sequence: Int?
    /// The first that were refused, with the lines of the file.
    private(set) var problems: [(line: Int, code: String, detail: String)] = []

    /// Counts the answer about a batch whose lines have these numbers in the file.
    mutating func add(_ answer: Document, lines: [Int]) {
        sent += lines.count
        accepted += answer["accepted"].integer ?? 0
        repeated += answer["repeated"].integer ?? 0
        refused += answer["refused"].integer ?? 0
        sequence = answer["seq"].integer ?? sequence
        for problem in answer["problems"].items.prefix(Self.limit - problems.count) {
            guard let line = problem["line"].integer, lines.indices.contains(line - 1) else {
                continue
            }
            let (code, detail) = (problem["code"].text ?? "", problem["detail"].text ?? "")
            problems.append((lines[line - 1], code, detail))
        }
    }

    /// The summary as one document.
    func json(_ file: String) -> [UInt8] {
        var writer = JSONWriter(pretty: true)
        writer.object { object in
            object.field("file", file)
            object.field("sent", number: sent)
            object.field("accepted", number: accepted)
            object.field("repeated", number: repeated)
            object.field("refused", number: refused)
            object.key("seq")
            if let sequence { object.number(sequence) } else { object.null() }
            object.key("problems")
            object.array { array in
                for problem in problems {
                    array.object { entry in
                        entry.field("line", number: problem.line)
                        entry.field("code", problem.code)
                        entry.field("detail", problem.detail)
                    }
                }
            }
        }
        return writer.bytes
    }
}

/// Sends events in batches, one after the other: their order is part of what they mean.
struct IngestRun {
    /// The server takes a body of 1 MiB.
    private static let batchBytes = 768 << 10
    private static let batchLines = 4_000

    private let client: ServerClient
    private(set) var form: EventPreparation
    private var progress: ReplayProgress
    private var body: [UInt8] = []
    private var lines: [Int] = []
    private var isRepeatable = true
    private(set) var tally = IngestTally()

    init(_ client: ServerClient, _ form: EventPreparation, _ progress: ReplayProgress) {
        self.client = client
        self.form = form
        self.progress = progress
    }

    /// Sends all that comes.
    mutating func send(_ source: any EventSource) throws(IngestFault) {
        var source = source
        defer { progress.finish(events: tally.sent) }
        while let (node, line) = try Self.reading({ () throws(InputFault) in try source.next() }) {
            let (bytes, isKnown) = try Self.reading { () throws(InputFault) in
                try form.prepared(node)
            }
            if body.count + bytes.count >= Self.batchBytes || lines.count == Self.batchLines {
                try flush()
                progress.update(events: tally.sent, bytes: source.bytesRead, of: source.size)
            }
            body += bytes
            body.append(UInt8(ascii: "\n"))
            lines.append(line)
            isRepeatable = isRepeatable && isKnown
        }
        try flush()
    }

    private static func reading<Result>(
        _ body: () throws(InputFault) -> Result
    ) throws(IngestFault) -> Result {
        do {
            return try body()
        } catch {
            throw .input(error)
        }
    }

    private mutating func flush() throws(IngestFault) {
        guard !lines.isEmpty else { return }
        var request = ServerRequest("events")
        request.method = .post
        request.mediaType = "application/x-ndjson"
        request.body = body
        request.isRepeatable = isRepeatable
        do throws(CommandFailure) {
            tally.add(Document(try client.document(request)), lines: lines)
        } catch {
            throw .server(error)
        }
        body.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        isRepeatable = true
    }
}
