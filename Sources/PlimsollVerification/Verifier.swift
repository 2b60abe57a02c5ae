package import Plimsoll
import PlimsollAudit
package import PlimsollUnits

/// Recomputes every account from all events by the slow, independent way, and compares an engine with it.
///
/// It keeps what it has added up, so that a scheduled run costs only what is new and one look at each
/// account. Its memory goes by what the book holds, not by how many events there were. It shares no code
/// with the engine's computation, and decides nothing: whether an event was applied or refused, and what was
/// decided below the line, it takes from the effects, and checks it against the rules.
package struct Verifier: Sendable {
    /// The last event that was followed; 0: none.
    package private(set) var sequence: UInt64 = 0
    /// How many of the events changed something or were refused, as an engine counts them.
    package private(set) var applied: UInt64 = 0
    /// Why no more events are followed; `nil`: they are.
    package private(set) var obstacle: String?

    var auditor = Auditor()
    private var findings: VerificationFindings
    private let findingLimit: Int
    private let now: @Sendable () -> Timestamp

    /// Accounts that are compared between two questions whether to go on.
    static let stride = 256

    /// A verifier who has seen nothing.
    ///
    /// - Parameters:
    ///   - findingLimit: how many findings of one report are kept; all are counted.
    ///   - now: the time, for reports.
    package init(findingLimit: Int = 1_000, now: @escaping @Sendable () -> Timestamp) {
        self.findingLimit = findingLimit
        self.now = now
        findings = VerificationFindings(limit: findingLimit)
        auditor.isThorough = false
    }

    // MARK: Following

    /// Follows an event that an engine applied or refused, right after it, in order and none left out.
    ///
    /// One that was followed already is passed over. What cannot be followed is a finding of the next
    /// report, and so is everything that comes after it.
    package mutating func note(
        _ event: Event,
        effects: some Collection<Effect>,
        sequence: UInt64,
        of engine: borrowing Engine
    ) {
        var portion = VerificationPortion()
        portion.append(event, effects: effects, sequence: sequence, of: engine)
        follow(portion)
    }

    /// Follows the events of a portion.
    package mutating func follow(_ portion: VerificationPortion) {
        for entry in portion.entries { follow(entry) }
    }

    private mutating func follow(_ entry: VerificationPortion.Entry) {
        guard entry.sequence > sequence, obstacle == nil else { return }
        guard entry.sequence == sequence + 1 else {
            stop("event \(sequence + 1)", "event \(entry.sequence)", at: entry)
            return
        }
        sequence = entry.sequence
        guard !entry.effects.contains(.repeated) else { return }
        applied += 1
        guard !entry.effects.contains(where: \.isRefusal) else { return }
        if let obstacle = auditor.obstacle(to: entry.event, entry.effects) {
            stop("an event that can be followed", obstacle, at: entry)
            return
        }
        for (pool, place) in entry.places { auditor.note(pool, at: place) }
        auditor.follow(entry.event, effects: entry.effects)
        for finding in auditor.takeFindings() { add(finding, at: entry.sequence) }
    }

    private mutating func stop(
        _ expected: String,
        _ found: String,
        at entry: VerificationPortion.Entry
    ) {
        obstacle = "event \(entry.sequence): \(found)"
        findings.add(
            VerificationFinding(
                .events,
                nil,
                "what follows event \(sequence)",
                expected: expected,
                found: found
            )
        )
    }

    private mutating func add(_ finding: AuditFinding, at sequence: UInt64) {
        findings.add(
            VerificationFinding(
                .decision,
                finding.account.map { AccountID(index: $0) },
                "\(finding.breach.rawValue), event \(sequence)",
                expected: finding.expected,
                found: finding.found
            )
        )
    }

    // MARK: Comparing

    /// Compares an engine with what the events add up to; it should be where the verifier is.
    ///
    /// A finding of the events since the last report is told once; what is still wrong is found again.
    ///
    /// - Parameters:
    ///   - engine: the engine, or a copy of it: it is not changed, and while a copy is held its original
    ///     keeps two states.
    ///   - goesOn: is told how many accounts of how many were compared, and says whether to go on.
    /// - Returns: what was found.
    package mutating func compare(
        with engine: Engine,
        goesOn: (_ compared: Int, _ accounts: Int) -> Bool = { _, _ in true }
    ) -> VerificationReport {
        let startedAt = now()
        var comparison = Comparison(auditor, engine, findings)
        findings = VerificationFindings(limit: findingLimit)
        if let obstacle { comparison.note(obstacle: obstacle) }
        comparison.compareEvents(applied)
        comparison.compareReference()
        comparison.compareBooks()
        let count = comparison.accountCount
        var isCancelled = false
        while comparison.compared < count {
            comparison.compareAccounts(atMost: Self.stride)
            if !goesOn(comparison.compared, count), comparison.compared < count {
                isCancelled = true
                break
            }
        }
        if !isCancelled { comparison.finish() }
        auditor.settle()
        let found = comparison.findings
        return VerificationReport(
            startedAt: startedAt,
            endedAt: now(),
            sequence: engine.sequence,
            outcome: isCancelled ? .cancelled : (found.counts.isEmpty ? .passed : .found),
            accounts: count,
            compared: comparison.compared,
            findings: found.kept,
            counts: found.counts,
            liquidating: comparison.liquidating,
            waiting: comparison.waiting,
            stale: comparison.stale,
            unvalued: comparison.unvalued
        )
    }
}

extension Effect {
    fileprivate var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }
}
