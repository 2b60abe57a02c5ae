/// When somebody is to be told: a condition, of whom, and how patiently.
///
/// Levels are in steps of 10⁻¹⁶, as money and ratios are.
package struct AlertRule: Hashable, Sendable {
    /// What people and programs call it.
    package var id: String
    /// What must hold.
    package var condition: Condition
    /// How bad it is.
    package var severity = Severity.warning
    /// It is looked at.
    package var isEnabled = true
    /// For how many seconds it must hold before it fires.
    package var after: Int64 = 0
    /// For how many seconds it must be back before it ends.
    package var endsAfter: Int64 = 5

    /// A rule that is enabled and fires at once.
    package init(_ id: String, _ condition: Condition, severity: Severity = .warning) {
        self.id = id
        self.condition = condition
        self.severity = severity
    }

    /// How bad something is.
    package enum Severity: String, Hashable, Sendable, CaseIterable {
        case info, warning, critical
    }

    /// A fall from the highest of a time.
    package struct Fall: Hashable, Sendable {
        /// The share that must be gone.
        package var share: Int128
        /// In how many seconds.
        package var within: Int64
        /// How much less than `share` is back.
        package var margin: Int128

        package init(share: Int128, within: Int64, margin: Int128) {
            self.share = share
            self.within = within
            self.margin = margin
        }
    }

    /// What must hold.
    package enum Condition: Hashable, Sendable {
        /// Maintenance by equity is above a level.
        case ratio(above: Int128, margin: Int128, accounts: NamePattern)
        /// Equity less maintenance is below a level, in the rulebook's currency.
        case freeboard(below: Int128, margin: Int128, accounts: NamePattern)
        /// Equity has fallen from a height of at least `least`.
        case depletion(Fall, least: Int128, accounts: NamePattern)
        /// A mark is older than some seconds.
        case staleMark(olderThan: Int64, symbols: NamePattern)
        /// The cash of a fund has fallen.
        case fundDrawdown(Fall, assets: NamePattern)
        /// The last verification did not pass.
        case verification
        /// The journal or the replica has failed.
        case node
    }

    /// The word of its kind.
    package var kind: String {
        switch condition {
        case .ratio: "ratio"
        case .freeboard: "freeboard"
        case .depletion: "depletion"
        case .staleMark: "staleMark"
        case .fundDrawdown: "fundDrawdown"
        case .verification: "verification"
        case .node: "node"
        }
    }

    /// Whose names it is about.
    package var pattern: NamePattern {
        switch condition {
        case .ratio(_, _, let pattern), .freeboard(_, _, let pattern),
            .depletion(_, _, let pattern), .staleMark(_, let pattern),
            .fundDrawdown(_, let pattern):
            pattern
        case .verification, .node: .all
        }
    }

    /// Whether it is about a subject.
    func means(_ subject: Alert.Subject) -> Bool {
        subject.name.map { pattern.matches($0) } ?? true
    }

    /// What a new node has: near its line, a sudden fall, old marks, a fund that shrinks, and the node itself.
    package static let standard: [AlertRule] = [
        AlertRule(
            "near-line",
            .ratio(above: 9 * Level.tenth, margin: Level.tenth / 2, accounts: .all)
        ),
        AlertRule(
            "depletion",
            .depletion(
                Fall(share: 3 * Level.tenth, within: 300, margin: Level.tenth),
                least: 1_000 * Level.one,
                accounts: .all
            )
        ),
        AlertRule("stale", .staleMark(olderThan: 60, symbols: .all)),
        AlertRule(
            "fund",
            .fundDrawdown(
                Fall(share: Level.tenth, within: 3_600, margin: Level.tenth / 5),
                assets: .all
            ),
            severity: .critical
        ),
        AlertRule("verification", .verification, severity: .critical),
        AlertRule("node", .node, severity: .critical),
    ]
}

/// Levels of rules.
enum Level {
    /// How many digits they have behind the point.
    static let scale = 16
    static let one: Int128 = 10_000_000_000_000_000
    static let tenth: Int128 = 1_000_000_000_000_000
}
