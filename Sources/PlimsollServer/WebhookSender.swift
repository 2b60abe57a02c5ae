import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import PlimsollAccess
import PlimsollAlerts
import PlimsollNode
import PlimsollWire
import Synchronization

/// Sends alerts to webhooks: to each one at a time and in order, to all of them at once, and nobody waits for it.
package final class WebhookSender: Sendable {
    private struct Hook {
        var webhook: Webhook
        var queue = DeliveryQueue()
        /// Tells a hook from another one that had its id before.
        let number: UInt64
    }

    private struct State {
        var hooks: [String: Hook] = [:]
        var made: UInt64 = 0
    }

    /// What is known of a hook, for answers and metrics.
    struct Standing: Sendable {
        var webhook: String
        var counts: DeliveryQueue.Counts
        var waiting: Int
    }

    private let state = Mutex(State())

    /// How often it looks for work, in milliseconds.
    private static let turn: Int64 = 50
    /// How long a connection may take, and a request up to the head of its answer.
    private static let connectTime = TimeAmount.seconds(5)
    private static let requestTime = TimeAmount.seconds(10)
    /// And for the body of the answer.
    private static let readTime = Duration.seconds(10)
    /// How long what waits is still sent after the server was told to end, in milliseconds.
    private static let lastTime: Int64 = 2_000

    /// A sender to nobody.
    init() {}

    /// Takes other hooks; what waits for one that stays, waits on.
    func replace(_ webhooks: [Webhook]) {
        state.withLock { state in
            var hooks: [String: Hook] = [:]
            for webhook in webhooks {
                if var hook = state.hooks[webhook.id] {
                    hook.webhook = webhook
                    hooks[webhook.id] = hook
                } else {
                    state.made += 1
                    hooks[webhook.id] = Hook(webhook: webhook, number: state.made)
                }
            }
            state.hooks = hooks
        }
    }

    /// Notes an alert that fired or ended for the hooks that want it.
    func send(_ alert: Alert) {
        let event = alert.endedAt == nil ? "fired" : "ended"
        let id = "\(alert.id).\(event)"
        var writer = JSONWriter()
        writer.object { object in
            object.field("delivery", id)
            object.field("event", event)
            object.key("alert")
            object.alert(alert)
        }
        let delivery = DeliveryQueue.Delivery(id: id, body: writer.bytes)
        let now = Self.steady
        state.withLock { state in
            for (id, hook) in state.hooks where hook.webhook.wants(alert) {
                state.hooks[id]?.queue.add(delivery, at: now)
            }
        }
    }

    /// What is known of all hooks, by id.
    var standings: [Standing] {
        state.withLock { state in
            state.hooks.values.sorted { $0.webhook.id < $1.webhook.id }.map {
                Standing(webhook: $0.webhook.id, counts: $0.queue.counts, waiting: $0.queue.count)
            }
        }
    }

    private static var steady: Int64 { MarginNode.steadyClock / 1_000_000 }

    // MARK: Sending

    /// Sends until `isEnding`, and then for a moment what can still be sent.
    func run(isEnding: @escaping @Sendable () -> Bool) async {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: Self.connectTime)
        )
        // A receiver speaks HTTP/1.1: one connection for each, which is opened when there is something to send.
        configuration.httpVersion = .http1Only
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        await withDiscardingTaskGroup { group in
            var end: Int64?
            while true {
                for hook in idle { group.addTask { await self.work(on: hook, client) } }
                if end == nil, isEnding() { end = Self.steady + Self.lastTime }
                if let end, Self.steady >= end || !hasWork { break }
                do {
                    try await Task.sleep(for: .milliseconds(Self.turn))
                } catch {
                    break
                }
            }
            group.cancelAll()
        }
        try? await client.shutdown()
    }

    /// Hooks for which something is due, by id and number.
    private var idle: [(id: String, number: UInt64)] {
        let now = Self.steady
        return state.withLock { state in
            state.hooks.values.filter { $0.webhook.isEnabled && $0.queue.isDue(at: now) }
                .map { ($0.webhook.id, $0.number) }
        }
    }

    private var hasWork: Bool {
        state.withLock { state in
            state.hooks.values.contains { $0.webhook.isEnabled && $0.queue.count > 0 }
        }
    }

    /// Sends what waits for a hook, until nothing does or it has to pause.
    private func work(on hook: (id: String, number: UInt64), _ client: HTTPClient) async {
        while !Task.isCancelled {
            let next = state.withLock { state -> (Webhook, DeliveryQueue.Delivery)? in
                guard var found = state.hooks[hook.id], found.number == hook.number,
                    found.webhook.isEnabled
                else { return nil }
                let delivery = found.queue.next(at: Self.steady)
                state.hooks[hook.id] = found
                return delivery.map { (found.webhook, $0) }
            }
            guard let (webhook, delivery) = next else { return }
            let outcome = await attempt(delivery, at: webhook, client)
            let (now, date) = (Self.steady, AlertWatch.now)
            state.withLock { state in
                guard state.hooks[hook.id]?.number == hook.number else { return }
                state.hooks[hook.id]?.queue.note(
                    outcome,
                    at: now,
                    date: date,
                    chance: .random(in: 0...1)
                )
            }
        }
    }

    private func attempt(
        _ delivery: DeliveryQueue.Delivery,
        at webhook: Webhook,
        _ client: HTTPClient
    ) async -> DeliveryQueue.Outcome {
        let time = AlertWatch.now
        var request = HTTPClientRequest(url: webhook.url.text)
        request.method = .POST
        request.headers = [
            "Content-Type": "application/json",
            "User-Agent": "plimsoll/\(NodeService.version)",
            "Plimsoll-Delivery": delivery.id,
            "Plimsoll-Time": "\(time)",
            "Plimsoll-Signature": DeliverySignature.text(
                secret: webhook.secret,
                time: time,
                body: delivery.body
            ),
        ]
        request.body = .bytes(delivery.body)
        do {
            let response = try await client.execute(request, timeout: Self.requestTime)
            // A short answer is read, so that the connection can be used again; one that is long or does not end is cut off.
            await Self.read(response.body)
            return .status(Int(response.status.code))
        } catch {
            return .failed(Self.words(error))
        }
    }

    /// Reads an answer, for as long as a request may take: the client's own time-out ends with the head of the answer.
    private static func read(_ body: HTTPClientResponse.Body) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = try? await body.collect(upTo: 16_384) }
            group.addTask { try? await Task.sleep(for: readTime) }
            await group.next()
            group.cancelAll()
        }
    }

    /// An error of the client without the address, which may hold what is secret.
    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: error.shortDescription
        case is CancellationError: "The node is about to end."
        case let error as IOError: "\(error)"
        default: "\(type(of: error))"
        }
    }
}
