import Plimsoll
import PlimsollAccess
import PlimsollNode
import PlimsollUnits
import PlimsollWire
import Synchronization

extension NodeService {
    /// Where the past begins and ends.
    var pastRoutes: [Route] {
        [
            Route("GET", "/v1/timeline", .readAccount) { [self] _ throws(Problem) in
                try await timeline()
            }
        ]
    }

    private func timeline() async throws(Problem) -> Reply {
        let first: JournalPlace?
        do throws(PastFault) {
            first = try await node.past.first()
        } catch {
            throw .past(error)
        }
        let (sequence, clock) = node.read { ($0.sequence, $0.clock) }
        var writer = JSONWriter()
        writer.object { object in
            object.place("first", first?.sequence, first?.at)
            object.place("last", first.map { _ in sequence }, clock)
            object.field("now", number: now(clock.nanoseconds / 1_000_000))
        }
        return .json(writer.bytes)
    }

    /// The latest moment that can be asked for: a node of files has no clock but that of its events.
    private func now(_ clock: Int64) -> Int64 {
        node.configuration.clock == .wall ? max(clock, MarginNode.wallClock / 1_000_000) : clock
    }

    /// The engine at the moment that a call asks for; `nil`: it asks for the present.
    func past(_ call: Call) async throws(Problem) -> Engine? {
        guard let moment = try call.moment() else { return nil }
        if case .time(let milliseconds) = moment {
            let clock = node.read { $0.clock.nanoseconds / 1_000_000 }
            let now = now(clock)
            guard milliseconds <= now else {
                throw Problem(
                    400,
                    "in_the_future",
                    "The moment has not come yet.",
                    "'at' is \(milliseconds), and it is \(now) now. Ask for an earlier moment."
                )
            }
            if node.configuration.clock == .wall { try await pass(milliseconds) }
        }
        let asker = call.principal?.id ?? ""
        guard pastAskers.enter(asker) else {
            throw .past(.busy(limit: PastAskers.limit))
        }
        defer { pastAskers.leave(asker) }
        do throws(PastFault) {
            return try await node.past.engine(at: moment)
        } catch {
            throw .past(error)
        }
    }
}

extension NodeService {
    /// How often, and how many times, it is asked whether a moment is over.
    private static let pause = Duration.milliseconds(2)
    private static let pauses = 1_000

    /// Waits until a moment is over, so that who asks again gets the same answer: what is being written now may have been
    /// stamped before it.
    private func pass(_ milliseconds: Int64) async throws(Problem) {
        for _ in 0..<Self.pauses where !node.hasPassed(milliseconds) {
            do {
                try await Task.sleep(for: Self.pause)
            } catch {
                throw .past(.cancelled)
            }
        }
        guard node.hasPassed(milliseconds) else {
            var problem = Problem(
                503,
                "busy",
                "The moment is not over yet.",
                "Events that may be of \(milliseconds) are still being written. Ask again soon."
            )
            problem.retryAfter = 1
            throw problem
        }
    }
}

/// How many questions about the past each key has under way, so that one does not take all places.
final class PastAskers: Sendable {
    /// What one key may have.
    static let limit = 4
    private let counts = Mutex<[String: Int]>([:])

    /// Whether there is a place for one more.
    func enter(_ key: String) -> Bool {
        counts.withLock { counts in
            guard counts[key, default: 0] < Self.limit else { return false }
            counts[key, default: 0] += 1
            return true
        }
    }

    func leave(_ key: String) {
        counts.withLock { counts in
            let left = counts[key, default: 1] - 1
            counts[key] = left > 0 ? left : nil
        }
    }
}

extension Call {
    /// The parameters that name a moment of the past.
    static let moments = ["at", "seq"]

    /// What asking for the past costs more.
    static let pastWeight = 50

    /// Whether it asks for the past.
    var isOfPast: Bool { Self.moments.contains { query[$0] != nil } }

    /// The moment that it asks for; `nil`: the present.
    func moment() throws(Problem) -> PastMoment? {
        guard isOfPast else { return nil }
        guard query["at"] == nil || query["seq"] == nil else {
            throw .parameter("seq", "names a moment, and so does 'at': give one of them.")
        }
        if query["seq"] != nil {
            return .sequence(try integer("seq", in: 0...UInt64.max, otherwise: 0))
        }
        let limit: Int64 = 9_000_000_000_000
        return .time(milliseconds: try integer("at", in: 0...limit, otherwise: 0))
    }
}

extension Problem {
    /// There is no answer about a moment of the past.
    static func past(_ fault: PastFault) -> Problem {
        switch fault {
        case .tooEarly:
            return Problem(
                404,
                "too_early",
                "The moment is before the first event.",
                "/v1/timeline says when that was."
            )
        case .inTheFuture(let last):
            return Problem(
                400,
                "in_the_future",
                "The moment has not come yet.",
                "The last event is \(last). Ask for an earlier one."
            )
        case .pruned(let text):
            return Problem(410, "pruned", "The moment is not kept any more.", text)
        case .busy(let limit):
            var problem = Problem(
                503,
                "busy",
                "Too many ask for the past.",
                "\(limit) questions wait, and no more may. Ask again soon."
            )
            problem.retryAfter = 1
            return problem
        case .tooLong(let seconds, let reached):
            var problem = Problem(
                503,
                "replaying",
                "The replay takes long.",
                "In \(seconds) s it came as far as event \(reached). Ask again: it goes on there."
            )
            problem.retryAfter = 1
            return problem
        case .cancelled:
            return Problem(503, "cancelled", "Nobody waits any more.", "The client has gone.")
        case .unreadable(let text):
            return Problem(503, "journal_unavailable", "The journal cannot be read.", text)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func place(_ key: String, _ sequence: UInt64?, _ at: Timestamp?) {
        self.key(key)
        guard let sequence, let at else { return null() }
        object { object in
            object.field("seq", number: sequence)
            object.field("at", number: at.nanoseconds / 1_000_000)
        }
    }
}
