import HTTPTypes
import Hummingbird
import NIOCore
import Plimsoll
package import PlimsollAccess
package import PlimsollNode
package import PlimsollWire

/// What the server answers with: the node, its stream, and everything beside them.
package final class NodeService: Sendable {
    let node: MarginNode
    let hub: StreamHub
    let intake: EventIntake
    let catalog: RulebookCatalog
    /// Who may ask.
    package let gate: Gate
    /// The version of the program.
    static let version = "0.1.0"

    let startedAt: Int64
    let samples: BookSamples
    let models: ReadModels
    let pastAskers = PastAskers()
    /// How requests were answered.
    let requests = RequestMetrics()
    package let alerts: AlertWatch
    package let verification: VerificationJob
    private let table: Monitor<RouteTable>

    /// A service around a node.
    package init(
        _ node: MarginNode,
        hub: StreamHub,
        models: ReadModels,
        catalog: RulebookCatalog,
        alerts: AlertWatch,
        verification: VerificationJob
    ) {
        self.models = models
        samples = BookSamples(models.marks)
        self.alerts = alerts
        self.verification = verification
        self.node = node
        self.hub = hub
        self.catalog = catalog
        gate = Gate(folder: node.configuration.folder)
        intake = EventIntake(node, catalog: catalog)
        startedAt = MarginNode.wallClock / 1_000_000
        table = Monitor(RouteTable([]))
        let all = RouteTable(
            eventRoutes + accountRoutes + bookRoutes + historyRoutes + pastRoutes + nodeRoutes
                + pageRoutes + alertRoutes + verificationRoutes
        )
        table.withLock { $0 = all }
    }

    /// Lets the rules of alerts judge what is known of the node beside its book.
    func lookAtItself() {
        alerts.look(
            verification: verification.standing.problem,
            node: node.failure ?? node.replica.failure,
            sequence: node.journal.sequence
        )
    }

    /// Whether the market is a demo's.
    var isDemo: Bool { routes.routes.contains { $0.path == "/v1/demo/crash" } }

    /// Adds routes that only some nodes have.
    package func add(_ routes: [Route]) {
        table.withLock { $0 = RouteTable($0.routes + routes) }
    }

    /// All routes.
    package var routes: RouteTable { table.withLock { $0 } }

    /// Answers a request of somebody whose key was checked, without HTTP; a stream has no answer of this kind.
    ///
    /// `path` may have a query.
    package func answer(
        _ method: String,
        _ path: String,
        body: [UInt8],
        mediaType: String,
        as principal: Principal
    ) async throws(Problem) -> [UInt8] {
        let end = path.firstIndex(of: "?") ?? path.endIndex
        guard case .route(let route, let captures) = routes.match(method, path[..<end]) else {
            throw .notFound("There is nothing at this path.")
        }
        if let permission = route.permission, !principal.allows(permission) {
            throw .forbidden("A key with the role '\(principal.role.rawValue)' does not do this.")
        }
        var call = Call(principal: principal)
        (call.captures, call.body, call.mediaType) = (captures, body, mediaType)
        call.query = try PercentEncoding.query(path[end...].dropFirst())
        switch try await route.handler(call) {
        case .json(let bytes, _), .content(let bytes, _, _): return bytes
        case .stream: throw .notFound("A stream needs a connection.")
        }
    }

    /// An answer as HTTP has it.
    func response(_ reply: Reply) -> Response {
        switch reply {
        case .json(let bytes, let status):
            return Response(
                status: .init(code: status),
                headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(bytes: bytes))
            )
        case .content(let bytes, let mediaType, let more):
            var headers: HTTPFields = [.contentType: mediaType]
            for (name, value) in more {
                if let name = HTTPField.Name(name) { headers[name] = value }
            }
            return Response(
                status: .ok,
                headers: headers,
                body: .init(byteBuffer: ByteBuffer(bytes: bytes))
            )
        case .stream(let request):
            let session = StreamSession(hub: hub, request: request) { [self] topics in
                await snapshot(topics)
            }
            return Response(
                status: .ok,
                headers: [.contentType: "text/event-stream"],
                body: .init { writer in
                    try await session.run { bytes in
                        try await writer.write(ByteBuffer(bytes: bytes))
                    }
                    try await writer.finish(nil)
                }
            )
        }
    }

    /// The present state of topics.
    private func snapshot(
        _ topics: Set<StreamTopic>
    ) async -> (sequence: UInt64, topics: [StreamTopic: [UInt8]]) {
        var present = hub.samples(topics)
        for topic in topics {
            if case .account(let name) = topic, let id = try? account(name, venue: nil) {
                present[topic] = document(of: id)
            }
        }
        return (node.read { $0.sequence }, present)
    }
}
