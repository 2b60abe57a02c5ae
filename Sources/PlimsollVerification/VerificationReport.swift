package import PlimsollUnits

/// What one verification found.
package struct VerificationReport: Sendable {
    /// How it ended.
    package enum Outcome: String, Hashable, Sendable {
        /// Nothing was found.
        case passed
        /// Something was found.
        case found
        /// It was cancelled before all accounts were compared.
        case cancelled
    }

    /// When it began, by the clock of the verifier.
    package var startedAt: Timestamp
    /// When it ended.
    package var endedAt: Timestamp
    /// How many events the engine had seen.
    package var sequence: UInt64
    /// How it ended.
    package var outcome: Outcome
    /// How many accounts there are.
    package var accounts = 0
    /// How many of them were compared.
    package var compared = 0
    /// The first findings; all are counted.
    package var findings: [VerificationFinding] = []
    /// How many findings there were, by kind; a kind without any is not here.
    package var counts: [VerificationFinding.Kind: Int] = [:]
    /// Pools in liquidation.
    package var liquidating = 0
    /// Pools below their line that rest on a stale price, or wait for their turn.
    package var waiting = 0
    /// Pools that rest on a stale price.
    package var stale = 0
    /// Pools that neither side can value, since a price is missing: of their figures nothing was compared.
    package var unvalued = 0

    /// How many findings there were.
    package var findingCount: Int { counts.values.reduce(0, +) }
}

/// Where verification stands.
package enum VerificationState: Sendable {
    /// There was none yet.
    case none
    /// One is under way.
    case running(startedAt: Timestamp, sequence: UInt64, accounts: Int, compared: Int)
    /// The last one, which has ended.
    case ended(VerificationReport)
    /// It cannot be done; why, and since when this is known.
    case unavailable(problem: String, at: Timestamp)
}
