import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
package import NIOSSL
import PlimsollNode
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The HTTP server around a service.
package struct NodeServer: Sendable {
    /// Where it listens.
    package struct Address: Sendable {
        package var host: String
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// How often it looks whether the node has failed, and whether there is something to tell.
    private static let watch = Duration.milliseconds(50)

    private let service: NodeService
    private let address: Address
    private let tls: TLSConfiguration?
    private let logger: Logger

    /// A server that listens at `address`; port 0: the system chooses one.
    ///
    /// Without `tls` it speaks in the clear.
    package init(
        _ service: NodeService,
        at address: Address,
        tls: TLSConfiguration? = nil,
        logger: Logger
    ) {
        self.service = service
        self.address = address
        self.tls = tls
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT, until the node fails, or until the task is cancelled; then nothing is taken any more, streams are
    /// told, and requests that run are finished.
    ///
    /// - Parameters:
    ///   - time: after it the server ends by itself; `nil`: it does not.
    ///   - started: is called with the port when clients may come.
    /// - Throws: that the address cannot be had, or what ended the server.
    package func run(
        for time: Duration? = nil,
        started: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let responder = HTTPResponderOverService(
            service: service,
            log: AccessLog(logger, service.requests)
        )
        let application = Application(
            responder: responder,
            server: try server(),
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                serverName: nil,
                backlog: 1_024
            ),
            onServerRunning: { channel in await started(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: Closing(application: application, hub: service.hub)),
                    .init(service: Sampling(sampler: Sampler(service: service))),
                    .init(service: Delivering(service: service)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        let timer = Task {
            guard let time else { return }
            try await Task.sleep(for: time)
            await group.triggerGracefulShutdown()
        }
        defer { timer.cancel() }
        let watcher = Task { [node = service.node, logger] in
            var snapshot = node.journal.snapshot
            var isReplicaWell = true
            while node.failure == nil {
                try await Task.sleep(for: Self.watch)
                let newest = node.journal.snapshot
                if newest != snapshot {
                    logger.notice("snapshot written", metadata: ["seq": "\(newest)"])
                    snapshot = newest
                }
                if isReplicaWell, let failure = node.replica.failure {
                    logger.error("the replica has stopped", metadata: ["reason": "\(failure)"])
                    isReplicaWell = false
                }
            }
            logger.critical("the node has failed", metadata: ["reason": "\(node.failure ?? "")"])
            await group.triggerGracefulShutdown()
        }
        defer { watcher.cancel() }
        try await group.run()
    }
}

extension NodeServer {
    /// HTTP within limits, over TLS where there is a certificate.
    private func server() throws -> HTTPServerBuilder {
        let plain = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [ConnectionLimits()],
                idleTimeout: .seconds(60),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 * 1_024,
                    maxHeaderListSize: 16 * 1_024,
                    maxHeaderFieldCount: 100
                )
            )
        )
        guard let tls else { return plain }
        return try .tls(plain, tlsConfiguration: tls)
    }
}

/// The application, whose streams end when it is to end.
private struct Closing: ServiceLifecycle.Service {
    let application: Application<HTTPResponderOverService>
    let hub: StreamHub

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await application.run()
        } onGracefulShutdown: {
            hub.close()
        }
    }
}

/// The samples, which end with the server.
private struct Sampling: ServiceLifecycle.Service {
    let sampler: Sampler

    func run() async throws {
        await cancelWhenGracefulShutdown { await sampler.run() }
    }
}

/// The webhooks, which get a moment for what waits when the server ends, also where its node has failed.
private struct Delivering: ServiceLifecycle.Service {
    let service: NodeService

    func run() async throws {
        let isEnding = Mutex(false)
        await withGracefulShutdownHandler {
            await service.alerts.deliveries.run { isEnding.withLock { $0 } }
        } onGracefulShutdown: {
            service.lookAtItself()
            isEnding.withLock { $0 = true }
        }
    }
}
