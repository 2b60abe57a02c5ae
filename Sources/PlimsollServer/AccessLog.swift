import Hummingbird
import Logging
import PlimsollAccess
import PlimsollNode
import Synchronization

/// Tells the log and the metrics of every request: which route, not which path; who asked, not what.
final class AccessLog: Sendable {
    /// What is known of a request when it was answered.
    struct Seen: Sendable {
        var route: Route?
        var principal: Principal?
        let start = MarginNode.steadyClock
    }

    private let logger: Logger
    private let metrics: RequestMetrics
    private let refusals = Mutex(Refusals())

    /// Refused log-ins since the last line about them.
    private struct Refusals {
        var count = 0
        var toldAt: Int64?
    }

    /// How often a line tells of refused log-ins, at most, in nanoseconds.
    private static let pause: Int64 = 1_000_000_000

    init(_ logger: Logger, _ metrics: RequestMetrics) {
        self.logger = logger
        self.metrics = metrics
    }

    /// Notes an answer; that of a stream has no size yet, and lasts until its client goes.
    func note(
        _ seen: Seen,
        _ request: Request,
        _ response: Response,
        id: String,
        from address: String
    ) {
        let status = response.status.code
        let duration = MarginNode.steadyClock - seen.start
        let route = seen.route?.path ?? "none"
        metrics.note(route: route, status: status, nanoseconds: duration)
        if status == 401 { refused(address) }
        logger.info(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(route)", "status": "\(status)",
                "microseconds": "\(duration / 1_000)",
                "bytes": "\(response.body.contentLength.map(String.init) ?? "stream")",
                "request": "\(id)", "key": "\(seen.principal?.id ?? "none")",
                "address": "\(address)",
            ]
        )
    }

    /// A log-in was refused: somebody may be guessing, and must not fill the log with it.
    private func refused(_ address: String) {
        let now = MarginNode.steadyClock
        let count = refusals.withLock { refusals -> Int? in
            refusals.count += 1
            if let told = refusals.toldAt, now - told < Self.pause { return nil }
            defer { refusals = Refusals(count: 0, toldAt: now) }
            return refusals.count
        }
        guard let count else { return }
        logger.warning(
            "log-ins were refused",
            metadata: ["count": "\(count)", "address": "\(address)"]
        )
    }
}
