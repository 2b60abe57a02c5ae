package import Plimsoll

/// One thing that is not what the events add up to.
package struct VerificationFinding: Hashable, Sendable {
    /// What kind of thing it is.
    package var kind: Kind
    /// Whom it is about, if anyone.
    package var account: AccountID?
    /// What it is, in words: `wallet of USDT`, `maintenanceMargin of USDT cross`.
    package var what: String
    /// What the events add up to, or the rules say.
    package var expected: String
    /// What the engine has, or published.
    package var found: String

    /// The kinds of findings.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The two have not seen the same events.
        case events
        /// Names that only one of the two knows.
        case reference
        /// A mark or an index price.
        case price
        /// A line of the venue's books.
        case books
        /// Money is not conserved, or long is not short.
        case invariant
        /// A wallet.
        case wallet
        /// A position.
        case position
        /// A figure of a pool: equity, a requirement.
        case figure
        /// A band or a mode that is not what the figures say.
        case standing
        /// The full sweep disagrees with a pool's band.
        case sweep
        /// A decision was not as the rules say when it was made.
        case decision
    }

    init(
        _ kind: Kind,
        _ account: AccountID?,
        _ what: String,
        expected: String,
        found: String
    ) {
        self.kind = kind
        self.account = account
        self.what = what
        self.expected = expected
        self.found = found
    }
}

extension VerificationFinding: CustomStringConvertible {
    /// In one line.
    package var description: String {
        let place = account.map { "account \($0.index): " } ?? ""
        return "\(place)\(what) is \(found), expected \(expected)"
    }
}

/// Findings: all are counted, the first ones are kept.
struct VerificationFindings: Sendable {
    private(set) var kept: [VerificationFinding] = []
    private(set) var counts: [VerificationFinding.Kind: Int] = [:]
    let limit: Int

    /// None yet; `limit` are kept.
    init(limit: Int) { self.limit = limit }

    mutating func add(_ finding: VerificationFinding) {
        counts[finding.kind, default: 0] += 1
        if kept.count < limit { kept.append(finding) }
    }

    mutating func add(_ others: VerificationFindings) {
        counts.merge(others.counts, uniquingKeysWith: +)
        kept += others.kept.prefix(max(0, limit - kept.count))
    }
}
