import Plimsoll
import PlimsollNode
import PlimsollUnits
import PlimsollVerification

/// Verifies the replica's state against the journal, on a schedule and when somebody asks.
///
/// Its thread has the lowest priority, takes no lock that the writer holds for longer than a moment, and copies the
/// replica's engine, which costs nothing until the replica goes on: then it keeps two states for as long as the
/// comparison takes. Until the first verification of a node that has no schedule, it holds nothing.
package final class VerificationJob: Sendable {
    /// What is known, for answers, metrics and alerts.
    struct Standing: Sendable {
        var state = VerificationState.none
        /// How far the auditor has followed the journal.
        var followed: UInt64 = 0
        /// How many verifications have ended.
        var runs: UInt64 = 0
        /// The last one that came to its end, which stands while the next one runs; `nil`: none has.
        var last: VerificationReport?
        /// What it took in milliseconds.
        var duration: Int64 = 0
        /// What the last one that ended found; it stands while the next one runs.
        var problem: String?
        /// Findings since the node was started, by kind.
        var findings: [VerificationFinding.Kind: Int] = [:]
    }

    private struct State {
        var standing = Standing()
        var isWanted = false
        var ends = false
    }

    /// Seconds between two verifications; 0: only when somebody asks.
    let interval: Int64
    private let node: MarginNode
    private let state = Monitor(State())
    private let thread = Monitor<SystemThread?>(nil)

    /// How often what is new is followed where there is a schedule, in nanoseconds.
    private static let turn: Int64 = 1_000_000_000
    /// How many events the auditor may be behind when a copy is made, and how often it tries to come so near.
    private static let nearness: UInt64 = 5_000
    private static let turns = 8

    /// A job for a node, which does not run before `start`.
    init(_ node: MarginNode, every interval: Int64) {
        self.node = node
        self.interval = interval
    }

    /// What is known.
    var standing: Standing { state.withLock { $0.standing } }

    /// Begins to work.
    func start() {
        thread.withLock { thread in
            thread = SystemThread(.rest) { [self] in run() }
        }
    }

    /// Verifies now; where one runs, that one is meant.
    func request() {
        state.change { state in
            guard !state.isWanted else { return }
            state.isWanted = true
            // Whoever asks sees that it runs, also before the thread has its turn.
            if case .running = state.standing.state { return }
            state.standing.state = .running(
                startedAt: Self.now,
                sequence: node.journal.sequence,
                accounts: 0,
                compared: 0
            )
        }
    }

    /// Ends the work, also in the middle.
    func end() {
        state.change { $0.ends = true }
        let last = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        last?.join()
    }

    private static var now: Timestamp { Timestamp(nanoseconds: MarginNode.wallClock) }

    private var goesOn: Bool { state.withLock { !$0.ends } }

    // MARK: The thread

    private func run() {
        var auditor: JournalAuditor?
        /// After a fault nobody follows before the next verification, which says whether it is still there.
        var isAtFault = false
        var due = MarginNode.steadyClock + interval * 1_000_000_000
        while true {
            let (isWanted, ends) = state.wait(
                atMost: Self.turn,
                until: { $0.isWanted || $0.ends },
                { ($0.isWanted, $0.ends) }
            )
            if ends { return }
            let isDue = interval > 0 && MarginNode.steadyClock >= due
            do {
                if isWanted || isDue {
                    isAtFault = false
                    try verify(&auditor)
                    due = MarginNode.steadyClock + interval * 1_000_000_000
                } else if interval > 0, !isAtFault {
                    let followed = try following(&auditor)
                    let sequence = node.journal.sequence
                    _ = try follow(followed, to: sequence, written: sequence)
                }
            } catch {
                (auditor, isAtFault) = (nil, true)
                due = MarginNode.steadyClock + interval * 1_000_000_000
                note(unavailable: "\(error)")
            }
        }
    }

    private func following(_ auditor: inout JournalAuditor?) throws -> JournalAuditor {
        if let auditor { return auditor }
        let made = try JournalAuditor(folder: node.configuration.folder)
        auditor = made
        return made
    }

    private func follow(
        _ auditor: JournalAuditor,
        to sequence: UInt64,
        written: UInt64
    ) throws -> Bool {
        try auditor.follow(to: sequence, written: written) { followed in
            state.withLock { state in
                state.standing.followed = followed
                return !state.ends
            }
        }
    }

    private func verify(_ kept: inout JournalAuditor?) throws {
        let start = MarginNode.steadyClock
        let startedAt = Self.now
        note(running: startedAt, node.replica.sequence, 0, 0)
        let auditor = try following(&kept)
        guard try comeNear(auditor) else { return }
        let live = try caughtUp(with: auditor)
        let end = live.sequence
        guard try follow(auditor, to: end, written: max(end, node.journal.sequence)) else { return }
        var report = auditor.compare(live) { compared, accounts in
            note(running: startedAt, end, accounts, compared)
            return goesOn
        }
        report.startedAt = startedAt
        note(report, took: (MarginNode.steadyClock - start) / 1_000_000)
    }

    /// Follows most of the way before a copy is made, so that the replica keeps two states for a short time only.
    ///
    /// Under a load that the auditor cannot keep up with, it is content after a few turns.
    private func comeNear(_ auditor: JournalAuditor) throws -> Bool {
        for _ in 0..<Self.turns {
            let written = node.journal.sequence
            guard try follow(auditor, to: written, written: written) else { return false }
            if node.journal.sequence - written < Self.nearness { break }
        }
        return true
    }

    /// A copy of the replica's engine that has seen what the auditor has; the replica may be behind it for a while.
    private func caughtUp(with auditor: JournalAuditor) throws -> Engine {
        while true {
            let live = node.replica.read { $0 }
            if live.sequence >= auditor.sequence { return live }
            if let failure = node.replica.failure { throw Obstacle(description: failure) }
            guard goesOn else { throw Obstacle(description: "The node is about to end.") }
            _ = state.wait(atMost: 50_000_000, until: { $0.ends }, { $0.ends })
        }
    }

    private struct Obstacle: Error, CustomStringConvertible {
        let description: String
    }

    // MARK: What is known

    private func note(
        running startedAt: Timestamp,
        _ sequence: UInt64,
        _ accounts: Int,
        _ compared: Int
    ) {
        state.withLock { state in
            state.standing.state = .running(
                startedAt: startedAt,
                sequence: sequence,
                accounts: accounts,
                compared: compared
            )
        }
    }

    private func note(_ report: VerificationReport, took: Int64) {
        state.change { state in
            state.isWanted = false
            state.standing.state = .ended(report)
            guard report.outcome != .cancelled else { return }
            state.standing.runs += 1
            state.standing.last = report
            state.standing.duration = took
            state.standing.findings.merge(report.counts, uniquingKeysWith: +)
            state.standing.problem = report.problem
        }
    }

    private func note(unavailable problem: String) {
        state.change { state in
            state.isWanted = false
            state.standing.state = .unavailable(problem: problem, at: Self.now)
            state.standing.problem = "The book cannot be verified: \(problem)"
        }
    }
}

extension VerificationReport {
    /// What was found, in a sentence without names and amounts; `nil`: nothing.
    fileprivate var problem: String? {
        guard outcome == .found else { return nil }
        let kinds = counts.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.value) \($0.key.rawValue)" }
        return "The verification at event \(sequence) found \(findingCount) differences: "
            + "\(kinds.joined(separator: ", "))."
    }
}
