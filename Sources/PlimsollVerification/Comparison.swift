import Plimsoll
import PlimsollAudit
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// An engine beside an auditor, and where the two differ.
struct Comparison {
    private let auditor: Auditor
    private let engine: Engine
    private(set) var findings: VerificationFindings
    /// How many accounts were compared.
    private(set) var compared = 0
    private(set) var liquidating = 0
    private(set) var waiting = 0
    private(set) var stale = 0
    private(set) var unvalued = 0
    /// Pools whose band is that of the line, those that only owe something too.
    private var atLine: Set<PoolID> = []
    /// Pools that are not where their figures say, and how many: some may wait for their turn.
    private var late: VerificationFindings
    private var lateCount = 0

    init(_ auditor: Auditor, _ engine: Engine, _ findings: VerificationFindings) {
        self.auditor = auditor
        self.engine = engine
        self.findings = findings
        late = VerificationFindings(limit: findings.limit)
    }

    /// Accounts that both know.
    var accountCount: Int { min(auditor.accountCount, engine.directory.accounts.count) }

    private mutating func expect(
        _ kind: VerificationFinding.Kind,
        _ account: AccountID?,
        _ what: String,
        _ expected: (some CustomStringConvertible)?,
        _ found: (some CustomStringConvertible)?
    ) {
        let (mine, theirs) = (expected?.description ?? "none", found?.description ?? "none")
        guard mine != theirs else { return }
        findings.add(VerificationFinding(kind, account, what, expected: mine, found: theirs))
    }

    // MARK: The book

    /// The auditor has followed no event since one that it could not.
    mutating func note(obstacle: String) {
        findings.add(
            VerificationFinding(
                .events,
                nil,
                "what the auditor followed",
                expected: "every event",
                found: "none since \(obstacle)"
            )
        )
    }

    mutating func compareEvents(_ applied: UInt64) {
        expect(.events, nil, "the number of events", applied, engine.sequence)
    }

    mutating func compareReference() {
        let directory = engine.directory
        expect(.reference, nil, "the number of venues", auditor.venueCount, directory.venues.count)
        expect(.reference, nil, "the number of assets", auditor.assetCount, directory.assets.count)
        let (mine, theirs) = (auditor.instrumentCount, directory.instruments.count)
        expect(.reference, nil, "the number of instruments", mine, theirs)
        expect(
            .reference,
            nil,
            "the number of accounts",
            auditor.accountCount,
            directory.accounts.count
        )
        for index in 0..<min(mine, theirs) {
            let id = InstrumentID(index: Int32(index))
            let what = "mark of \(directory.name(id))"
            expect(.price, nil, what, auditor.mark(of: id), engine.mark(of: id))
        }
        for index in 0..<min(auditor.assetCount, directory.assets.count) {
            let id = AssetID(index: Int32(index))
            let expected = auditor.index(of: id).map { DecimalText.string(Int128($0), scale: 8) }
            let found = engine.index(of: id)?.description
            expect(.price, nil, "index of \(directory.name(id))", expected, found)
        }
    }

    mutating func compareBooks() {
        for difference in auditor.differences(from: engine.totals()) {
            let name = engine.directory.name(difference.asset)
            expect(
                .books,
                nil,
                "\(difference.line) of \(name)",
                difference.expected,
                difference.found
            )
        }
        for words in engine.brokenInvariants() {
            findings.add(
                VerificationFinding(
                    .invariant,
                    nil,
                    "the books",
                    expected: "balanced",
                    found: words
                )
            )
        }
    }

    // MARK: Accounts

    mutating func compareAccounts(atMost count: Int) {
        for index in compared..<min(compared + count, accountCount) {
            compare(AccountID(index: Int32(index)))
            compared += 1
        }
    }

    private mutating func compare(_ account: AccountID) {
        let report = engine.report(account, prices: false)
        compareWallets(report)
        comparePositions(report)
        guard !auditor.isUnmargined(account) else { return }
        for pool in report.pools { compare(pool, of: report) }
    }

    private mutating func compareWallets(_ report: AccountReport) {
        var mine = auditor.walletBalances(of: report.account)
        let venue = engine.venue(of: report.account)
        for own in report.collateral {
            guard let asset = engine.directory.asset(own.asset, in: venue) else { continue }
            let expected = Money(units: mine.removeValue(forKey: asset) ?? 0)
            expect(.wallet, report.account, "wallet of \(own.asset)", expected, own.walletBalance)
        }
        for (asset, units) in mine.sorted(by: { $0.key < $1.key }) where units != 0 {
            let isKnown = engine.directory.assets.indices.contains(Int(asset.index))
            let name = isKnown ? engine.directory.name(asset) : "asset \(asset.index)"
            expect(.wallet, report.account, "wallet of \(name)", Money(units: units), Money.zero)
        }
    }

    private mutating func comparePositions(_ report: AccountReport) {
        let account = report.account
        let count = auditor.positionCount(account)
        expect(.position, account, "the number of positions", count, report.positions.count)
        for own in report.positions {
            let leg = own.leg == .net ? "" : " \(own.leg.word)"
            let mine = auditor.position(account, own.instrument, own.leg)
            let quantity = mine.map { DecimalText.string($0.quantity, scale: 8) }
            let what = "\(own.symbol)\(leg)"
            expect(.position, account, "quantity of \(what)", quantity, own.quantity.description)
            guard let mine else { continue }
            expect(.position, account, "cost of \(what)", Money(units: mine.cost), own.cost)
        }
    }

    private mutating func compare(_ pool: PoolReport, of report: AccountReport) {
        let account = report.account
        let name = pool.name(engine.directory)
        if pool.mode == .liquidating { liquidating += 1 }
        if pool.isStale { stale += 1 }
        if pool.band == .liquidation { atLine.insert(pool.pool) }
        guard let audited = auditor.figures(of: pool, account) else {
            if pool.figures == nil { unvalued += 1 }
            expect(
                .figure,
                account,
                "figures of \(name)",
                String?.none,
                pool.figures.map { _ in "figures" }
            )
            return
        }
        guard let figures = pool.figures else {
            expect(.figure, account, "figures of \(name)", "figures", String?.none)
            return
        }
        compare(figures, with: audited, account, name)
        compareStanding(pool, with: audited, account, name)
    }

    private mutating func compare(
        _ figures: MarginFigures,
        with audited: AuditedFigures,
        _ account: AccountID,
        _ name: String
    ) {
        let lines: [(String, Bound, Money)] = [
            ("walletBalance", audited.wallet, figures.walletBalance),
            ("unrealizedPnl", audited.unrealized, figures.unrealizedPnl),
            ("equity", audited.equity, figures.equity),
            ("positionInitialMargin", audited.positionInitial, figures.positionInitialMargin),
            ("orderInitialMargin", audited.orderInitial, figures.orderInitialMargin),
            ("maintenanceMargin", audited.maintenance, figures.maintenanceMargin),
            ("availableBalance", audited.available, figures.availableBalance),
            ("withdrawable", audited.withdrawable, figures.withdrawable),
        ]
        for (line, bound, money) in lines where !bound.admits(money.units) {
            findings.add(
                VerificationFinding(
                    .figure,
                    account,
                    "\(line) of \(name)",
                    expected: bound.exact.description,
                    found: money.description
                )
            )
        }
    }

    // MARK: Standing

    private mutating func compareStanding(
        _ pool: PoolReport,
        with audited: AuditedFigures,
        _ account: AccountID,
        _ name: String
    ) {
        let published = auditor.publishedMode(of: pool, account)
        expect(.standing, account, "published mode of \(name)", published.word, pool.mode.word)
        let thresholds = auditor.thresholds(of: account)
        let band = audited.band(thresholds) ?? pool.band
        let mode = auditor.expectedMode(of: pool, account) ?? pool.mode
        if band != pool.band { note(late: account, "band of \(name)", band.word, pool.band.word) }
        if mode != pool.mode { note(late: account, "mode of \(name)", mode.word, pool.mode.word) }
        if band != pool.band || mode != pool.mode { lateCount += 1 }
        if pool.band == .liquidation, pool.mode != .liquidating { waiting += 1 }
    }

    private mutating func note(
        late account: AccountID,
        _ what: String,
        _ expected: String,
        _ found: String
    ) {
        late.add(
            VerificationFinding(.standing, account, what, expected: expected, found: found)
        )
    }

    /// After the last account: what the sweep says, and whether more pools are late than may wait.
    mutating func finish() {
        if lateCount > engine.waitingPools { findings.add(late) }
        guard engine.waitingPools == 0 else { return }
        let below = Set(engine.sweepBelow())
        for pool in below.symmetricDifference(atLine).sorted() {
            guard let place = engine.place(of: pool) else { continue }
            let name = place.name(engine.directory)
            let isBelow = below.contains(pool)
            findings.add(
                VerificationFinding(
                    .sweep,
                    place.account,
                    "line of \(name)",
                    expected: isBelow ? "below, by the sweep" : "above, by the sweep",
                    found: isBelow ? "above, by its band" : "below, by its band"
                )
            )
        }
    }
}
