package import Logging
package import NIOSSL
package import PlimsollNode
package import PlimsollWire
import Synchronization

/// A node with its stream, opened from a folder, ready to be served.
package struct RunningNode: Sendable {
    /// The node.
    package let node: MarginNode
    /// What the server answers with.
    package let service: NodeService

    /// Opens a folder and starts its node.
    ///
    /// - Parameters:
    ///   - configuration: the folder, and how it runs.
    ///   - catalog: rulebooks that events may name.
    ///   - verifyEvery: seconds between two verifications; 0: only when somebody asks.
    /// - Throws: what is wrong with the folder.
    package init(
        _ configuration: NodeConfiguration,
        catalog: RulebookCatalog,
        verifyEvery: Int64 = 600
    ) throws {
        let later = Later()
        let models = ReadModels(folder: configuration.folder)
        node = try MarginNode(
            configuration,
            observer: { later.note($0) },
            follower: models
        )
        let hub = StreamHub(node)
        later.hub.withLock { $0 = hub }
        do {
            service = NodeService(
                node,
                hub: hub,
                models: models,
                catalog: catalog,
                alerts: try AlertWatch(node, hub: hub),
                verification: VerificationJob(node, every: verifyEvery)
            )
        } catch {
            node.drain()
            throw error
        }
        service.verification.start()
    }

    /// Ends what works beside the node, and then the node, which finishes what waits.
    package func end() {
        service.verification.end()
        node.drain()
    }

    /// Serves until the process is told to end, or for a time, and then finishes what waits.
    package func serve(
        at address: NodeServer.Address,
        for time: Duration? = nil,
        tls: TLSConfiguration? = nil,
        logger: Logger,
        started: @escaping @Sendable (Int) async -> Void
    ) async throws {
        defer {
            logger.notice("finishing what waits", metadata: ["events": "\(node.waiting)"])
            end()
            logger.notice("ended", metadata: ["seq": "\(node.journal.sequence)"])
        }
        try await NodeServer(service, at: address, tls: tls, logger: logger)
            .run(for: time, started: started)
    }

    /// The hub, which is made after the node whose groups it gets; none come before there are clients.
    private final class Later: Sendable {
        let hub = Mutex<StreamHub?>(nil)

        func note(_ committed: Committed) { hub.withLock { $0 }?.note(committed) }
    }
}
