import Plimsoll
import PlimsollUnits

/// Runs one scenario once.
struct ScenarioRunner {
    let file: ScenarioFile
    /// The engine is replaced by one restored from its snapshot after every event.
    let restarts: Bool

    private var engine = Engine()
    private var result = ScenarioRun()
    private var venue = ""
    private var clock: Int64 = 0
    private var sequences: [String: UInt64] = [:]
    /// The event at hand, what came of it, and whether its refusal was asserted.
    private var last: Event?
    private var lastLine: ScenarioStatement?
    private var effects: [[String]] = []
    private var refusal: Rejection?

    init(file: ScenarioFile, restarts: Bool) {
        self.file = file
        self.restarts = restarts
    }

    mutating func run() -> ScenarioRun {
        for statement in file.statements {
            switch statement.action {
            case .venue(let name): venue = name
            case .clock(let nanoseconds, let isRelative):
                clock = isRelative ? clock + nanoseconds : nanoseconds
            case .event(let event): apply(self.event(event), statement)
            case .again:
                if let last {
                    apply(last, statement)
                } else {
                    fail(statement, "there is no event before it")
                }
            case .expect(let expectation): check(expectation, statement)
            case .refused(let code, let words): check(code, words, statement)
            case .effect(let words): check(effect: words, statement)
            case .effectCount(let count): check(count, statement)
            case .belowZero(let accounts): check(accounts, statement)
            }
        }
        refuseUnasserted()
        return result
    }

    // MARK: Events

    private mutating func event(_ scenario: ScenarioEvent) -> Event {
        let names = ScenarioNames(directory: engine.directory, venueName: venue)
        let now = Timestamp(nanoseconds: clock)
        var identity: Event.Identity?
        switch scenario.identity {
        case nil: break
        case .command(let id): identity = .command(id: id)
        case .feed(let source, let number):
            let next = number ?? (sequences[source] ?? 0) + 1
            sequences[source] = max(next, sequences[source] ?? 0)
            identity = .feed(source: source, sequence: next)
        }
        return Event(
            time: scenario.dated ?? now,
            at: scenario.accepted ?? now,
            identity: identity,
            body: scenario.body(names)
        )
    }

    private mutating func apply(_ event: Event, _ statement: ScenarioStatement) {
        refuseUnasserted()
        (last, lastLine, refusal) = (event, statement, nil)
        let state = engine.stateDigest
        var emitted: [Effect] = []
        do throws(Rejection) {
            try engine.apply(event, emitting: &emitted)
            result.events.insert(Kebab.caseName(event.body))
        } catch {
            refusal = error
            if engine.stateDigest != state || !emitted.isEmpty {
                fail(statement, "a refused event changed something")
            }
        }
        effects = emitted.map { EffectWords.words($0, in: engine) }
        for effect in emitted {
            result.effects.insert(Kebab.caseName(effect))
            guard case .marginStateChanged(let change) = effect else { continue }
            result.standings.insert(
                "\(Kebab.caseName(change.band)) \(Kebab.caseName(change.mode))"
            )
        }
        for broken in engine.brokenInvariants() {
            fail(statement, "the books are broken: \(broken)")
        }
        if restarts { restart(statement) }
        result.digests.append(ScenarioRun.Step(line: statement.line, digest: engine.digest))
    }

    private mutating func restart(_ statement: ScenarioStatement) {
        do throws(SnapshotError) {
            engine = try Engine(snapshot: engine.snapshot())
        } catch {
            fail(statement, "the snapshot cannot be restored: \(error)")
        }
    }

    /// A refusal that no statement asserts is a failure of the event.
    private mutating func refuseUnasserted() {
        guard let refusal, let lastLine else { return }
        self.refusal = nil
        fail(
            lastLine,
            "the event was refused",
            [("refused", "\(refusal.code): \(refusal.problem)")]
        )
    }

    // MARK: Assertions about the event

    private mutating func check(_ code: String, _ words: String?, _ statement: ScenarioStatement) {
        guard let refusal else {
            fail(statement, "the event before was not refused", [("asserted", code)])
            return
        }
        self.refusal = nil
        result.refusals.insert(refusal.code)
        guard refusal.code == code, words.map({ refusal.problem.contains($0) }) ?? true else {
            fail(
                statement,
                "the event was refused for another reason",
                [
                    ("asserted", code + (words.map { ": …\($0)…" } ?? "")),
                    ("refused", "\(refusal.code): \(refusal.problem)"),
                ]
            )
            return
        }
    }

    private mutating func check(effect words: [String], _ statement: ScenarioStatement) {
        guard !effects.contains(where: { $0.starts(with: words) }) else { return }
        fail(
            statement,
            "the event before had no such effect",
            [("asserted", words.joined(separator: " "))] + emitted
        )
    }

    private mutating func check(_ count: Int, _ statement: ScenarioStatement) {
        guard effects.count != count else { return }
        fail(
            statement,
            "the event before had another number of effects",
            [("asserted", "\(count)"), ("calculated", "\(effects.count)")] + emitted
        )
    }

    private var emitted: [(String, String)] {
        effects.isEmpty
            ? [("emitted", "nothing")]
            : effects.map { ("emitted", $0.joined(separator: " ")) }
    }

    // MARK: Assertions about the state

    private mutating func check(_ accounts: [String], _ statement: ScenarioStatement) {
        let found = engine.accountsBelowZero().map { engine.directory.name($0) }.sorted()
        guard found != accounts.sorted() else { return }
        fail(
            statement,
            "other accounts are below zero",
            [
                ("asserted", accounts.sorted().joined(separator: " ")),
                ("calculated", found.joined(separator: " ")),
            ]
        )
    }

    private mutating func check(_ expectation: Expectation, _ statement: ScenarioStatement) {
        let names = ScenarioNames(directory: engine.directory, venueName: venue)
        let lookup = FigureLookup(engine: engine, names: names)
        guard let figures = lookup.figures(expectation.scope) else {
            if !expectation.figures.isEmpty {
                fail(statement, "there is no such account, pool, position or asset")
            }
            return
        }
        guard !expectation.figures.isEmpty else {
            fail(statement, "there is one", [("asserted", "none")])
            return
        }
        for (name, asserted) in expectation.figures {
            guard let calculated = figures(name), !asserted.holds(calculated) else { continue }
            fail(statement, name, asserted.comparison(with: calculated))
        }
    }

    private mutating func fail(
        _ statement: ScenarioStatement,
        _ problem: String,
        _ details: [(String, String)] = []
    ) {
        let words = statement.text.prefix { $0 != "#" }
        result.failures.append(
            ScenarioFailure(
                path: file.path,
                line: statement.line,
                statement: words.split(whereSeparator: \.isWhitespace).joined(separator: " "),
                problem: problem,
                details: details.map { .init(name: $0.0, value: $0.1) }
            )
        )
    }
}

/// Finds what an expectation is about.
private struct FigureLookup {
    let engine: Engine
    let names: ScenarioNames

    /// The figures of a scope by name; `nil`: there is no such thing.
    func figures(_ scope: Expectation.Scope) -> ((String) -> CalculatedValue?)? {
        switch scope {
        case .account(let name):
            return report(name).map { report in { Figures.value($0, of: report) } }
        case .pool(let name, let asset):
            return report(name)?.pools.first { $0.isolated == nil && $0.asset == asset }
                .map { pool in { Figures.value($0, of: pool) } }
        case .isolated(let name, let symbol, let leg):
            let instrument = names.instrument(symbol)
            return report(name)?.pools.first { $0.isolated == instrument && $0.leg == leg }
                .map { pool in { Figures.value($0, of: pool) } }
        case .position(let name, let symbol, let leg):
            let instrument = names.instrument(symbol)
            return report(name)?.positions
                .first { $0.instrument == instrument && $0.leg == leg }
                .map { position in { Figures.value($0, of: position) } }
        case .collateral(let name, let asset):
            return report(name)?.collateral.first { $0.asset == asset }
                .map { collateral in { Figures.value($0, of: collateral) } }
        case .totals(let asset):
            let id = names.asset(asset)
            return engine.totals().first { $0.asset == id }
                .map { totals in { Figures.value($0, of: totals) } }
        }
    }

    private func report(_ name: String) -> AccountReport? {
        let account = names.account(name)
        guard engine.directory.accounts.indices.contains(Int(account.index)) else { return nil }
        return engine.report(account)
    }
}

extension Expectation.Asserted {
    /// The calculated value is as stated.
    fileprivate func holds(_ calculated: CalculatedValue) -> Bool {
        switch (self, calculated) {
        case (.exact(let asserted), .number(let units)): asserted == units
        case (.rounded(let asserted, let digits), .number(let units)):
            asserted == Self.rounded(units, digits)
        case (.word(let asserted), .word(let word)): asserted == word
        case (.word, .number), (.exact, .word), (.rounded, .word): false
        }
    }

    private static func rounded(_ units: Int128, _ digits: Int) -> Int128 {
        let step = PowerOfTen.of(16 - digits)
        return units.divided(by: step, rounding: .halfUp) * step
    }

    /// What is printed where the two differ.
    fileprivate func comparison(with calculated: CalculatedValue) -> [(String, String)] {
        var lines = [("asserted", text), ("calculated", calculated.text)]
        switch (self, calculated) {
        case (.exact(let asserted), .number(let units)),
            (.rounded(let asserted, _), .number(let units)):
            lines.append(("difference", DecimalText.string(units - asserted, scale: 16)))
        case (.word, _), (_, .word): break
        }
        return lines
    }

    private var text: String {
        switch self {
        case .exact(let units): DecimalText.string(units, scale: 16)
        case .rounded(let units, let digits):
            "~" + DecimalText.string(units, scale: 16, minimum: digits)
        case .word(let word): word
        }
    }
}
