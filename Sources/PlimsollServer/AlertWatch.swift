import Plimsoll
import PlimsollAccess
import PlimsollAlerts
import PlimsollNode
import PlimsollWire

/// Looks at samples with the rules, keeps what fired, and tells the stream and the webhooks.
package final class AlertWatch: Sendable {
    private struct View {
        var settings: AlertSettings
        var book: AlertBook
        var unlisted: [(rule: String, count: Int)] = []
        var fault: String?
    }

    let deliveries = WebhookSender()
    private let hub: StreamHub
    private let store: AlertStore
    /// Held for a sample; the writer never waits for it.
    private let judge: Monitor<AlertMachine>
    private let view: Monitor<View>
    /// Samples of the book count from this event on: before it, the replica is in the past.
    private let first: UInt64
    private let usesWallClock: Bool

    /// The watch of a node, with what its folder has.
    ///
    /// - Throws: that the files cannot be read, and what to do.
    init(_ node: MarginNode, hub: StreamHub) throws(KeyFault) {
        self.hub = hub
        store = AlertStore(folder: node.configuration.folder)
        first = node.read { $0.sequence }
        usesWallClock = node.configuration.clock == .wall
        let settings = try store.settings()
        let (alerts, nextID) = try store.alerts()
        let open = alerts.filter { $0.endedAt == nil }
        let machine = AlertMachine(settings.rules, active: open, nextID: nextID)
        judge = Monitor(machine)
        view = Monitor(View(settings: settings, book: AlertBook(alerts)))
        deliveries.replace(settings.webhooks)
        let kept = Set(machine.active.map(\.id))
        let now = Self.now
        publish(open.filter { !kept.contains($0.id) }.map { $0.ended(at: now, by: .rule) })
        let book = view.withLock { $0.book }
        try store.compact(book.alerts)
        hub.note(Self.snapshot(of: book), of: .alerts)
    }

    static var now: Int64 { MarginNode.wallClock / 1_000_000 }

    private static func moment(_ sequence: UInt64) -> AlertMoment {
        AlertMoment(time: now, steady: MarginNode.steadyClock / 1_000_000, sequence: sequence)
    }

    // MARK: Samples

    /// Lets a sample of the book be judged: `body` takes it, with the machine at hand.
    ///
    /// What somebody stores meanwhile waits for the sample, and the sample for it; neither holds the replica then.
    func sample<Answer>(_ body: (inout AlertMachine) -> Answer) -> Answer {
        judge.withLock { machine in
            let answer = body(&machine)
            publish(machine.end())
            view.withLock { $0.unlisted = machine.unlisted }
            return answer
        }
    }

    /// Begins a sample at an event, unless the replica is still in the past: it may have begun long before the
    /// event at which the node was started.
    func begin(_ machine: inout AlertMachine, at sequence: UInt64) {
        guard sequence >= first else { return }
        machine.begin(Self.moment(sequence))
    }

    /// The age of a mark in milliseconds, by the clock of the machine where events are stamped with it.
    func age(markedAt time: Int64, clock: Int64) -> Int64 {
        (usesWallClock ? max(clock, Self.now) : clock) - time
    }

    /// Judges what is known of the node beside its book.
    func look(verification: String?, node: String?, sequence: UInt64) {
        judge.withLock { machine in
            let moment = Self.moment(sequence)
            publish(machine.see(verification: verification, node: node, moment))
        }
    }

    /// Keeps and tells what fired or ended; called by whoever holds the machine, so that an end is not told before its
    /// beginning.
    private func publish(_ changes: [Alert]) {
        guard !changes.isEmpty else { return }
        let snapshot = view.withLock { view in
            view.book.note(changes)
            do throws(KeyFault) {
                // After a failure the end of the file may be torn: then it is written anew.
                if view.fault == nil { try store.append(changes) }
                if view.fault != nil || view.book.lines > AlertStore.logLimit {
                    try store.compact(view.book.alerts)
                    view.book.noteCompacted()
                }
                view.fault = nil
            } catch {
                view.fault = error.description
            }
            return Self.snapshot(of: view.book)
        }
        for change in changes {
            var writer = JSONWriter()
            writer.alert(change)
            hub.post("alert", writer.bytes, of: .alerts)
            deliveries.send(change)
        }
        hub.note(snapshot, of: .alerts)
    }

    /// What a client of the stream begins with.
    private static func snapshot(of book: AlertBook) -> [UInt8] {
        let active = book.activeCounts.values.reduce(0, +)
        let (items, _) = book.page(before: nil, limit: 100) { $0.endedAt == nil }
        var writer = JSONWriter()
        writer.object { object in
            object.field("active", number: active)
            object.key("items")
            object.array { array in
                for alert in items { array.alert(alert) }
            }
        }
        return writer.bytes
    }

    // MARK: Questions

    /// The settings.
    var settings: AlertSettings { view.withLock { $0.settings } }

    /// Why the last change of an alert is not on the disk; `nil`: it is.
    var fault: String? { view.withLock { $0.fault } }

    /// What is active and what fired, by rule.
    var counts: (active: [String: Int], fired: [String: UInt64], unlisted: [String: Int]) {
        view.withLock { view in
            let unlisted = Dictionary(
                view.unlisted.map { ($0.rule, $0.count) },
                uniquingKeysWith: +
            )
            return (view.book.activeCounts, view.book.fired, unlisted)
        }
    }

    /// A page of alerts, the newest first.
    func page(
        before: UInt64?,
        limit: Int,
        where fits: (Alert) -> Bool
    ) -> (items: [Alert], hasMore: Bool) {
        view.withLock { $0.book.page(before: before, limit: limit, where: fits) }
    }

    /// Takes other settings: on the disk first, then in force.
    ///
    /// - Parameters:
    ///   - key: who changes them.
    ///   - change: what becomes of the present ones, and the version that they are to follow; `nil`: any.
    /// - Returns: the new settings.
    /// - Throws: what `change` throws, that the version is another one, or that they cannot be stored.
    func change(
        by key: String,
        _ change: (AlertSettings) throws(Problem) -> (AlertSettings, expected: UInt64?)
    ) throws(Problem) -> AlertSettings {
        try judge.withLock { machine throws(Problem) in
            let old = self.settings
            var (settings, expected) = try change(old)
            if let expected, expected != old.version {
                throw .ruleConflict(expected: expected, present: old.version)
            }
            settings.version = old.version + 1
            settings.changedAt = Self.now
            settings.changedBy = key
            do throws(KeyFault) {
                try store.store(settings)
            } catch {
                throw .notStored(error.description)
            }
            let new = settings
            view.withLock { $0.settings = new }
            deliveries.replace(settings.webhooks)
            publish(machine.replace(settings.rules, at: Self.now))
            return settings
        }
    }
}

extension Problem {
    fileprivate static func ruleConflict(expected: UInt64, present: UInt64) -> Problem {
        Problem(
            409,
            "rule_conflict",
            "Somebody else has changed the rules.",
            "The request follows version \(expected), the present one is \(present). "
                + "Get the rules again and repeat the change."
        )
    }

    fileprivate static func notStored(_ detail: String) -> Problem {
        Problem(503, "not_stored", "The rules could not be stored; the old ones hold.", detail)
    }
}
