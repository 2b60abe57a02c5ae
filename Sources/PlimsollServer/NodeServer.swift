import Hummingbird
package import Logging
import NIOCore
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

    /// How often it looks whether the node has failed.
    private static let watch = Duration.milliseconds(50)

    private let service: NodeService
    private let address: Address
    private let logger: Logger

    /// A server that listens at `address`; port 0: the system chooses one.
    package init(_ service: NodeService, at address: Address, logger: Logger) {
        self.service = service
        self.address = address
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
        let application = Application(
            responder: HTTPResponderOverService(service: service),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [ConnectionLimits()],
                    idleTimeout: .seconds(60),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 * 1_024,
                        maxHeaderListSize: 16 * 1_024,
                        maxHeaderFieldCount: 100
                    )
                )
            ),
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
        let watcher = Task { [node = service.node] in
            while node.failure == nil { try await Task.sleep(for: Self.watch) }
            await group.triggerGracefulShutdown()
        }
        defer { watcher.cancel() }
        try await group.run()
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
