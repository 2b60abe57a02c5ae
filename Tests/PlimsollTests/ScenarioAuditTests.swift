import Foundation
import Plimsoll
@testable import PlimsollScenario
import PlimsollUnits
import PlimsollWire
import Testing

/// The golden files of `scenarios/`, as events.
private struct ScenarioEvents {
    var engine = Engine()
    var audit = EnforcementAudit()
    private var venue = ""
    private var clock: Int64 = 0
    private var sequences: [String: UInt64] = [:]
    private var last: Event?

    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let paths: [String] = {
        let folder = root.path() + "scenarios"
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
        return (names ?? []).filter { $0.hasSuffix(".scenario") }.sorted()
    }()

    static func load(_ path: String) throws -> ScenarioFile {
        try ScenarioFile(
            String(contentsOfFile: root.path() + "scenarios/" + path, encoding: .utf8),
            path: path,
            catalog: RulebookCatalog(directories: [root.path() + "rulebooks"])
        )
    }

    /// Applies one statement, and says what the auditor finds.
    mutating func follow(_ statement: ScenarioStatement) -> [String] {
        switch statement.action {
        case .venue(let name): venue = name
        case .clock(let nanoseconds, let isRelative):
            clock = isRelative ? clock + nanoseconds : nanoseconds
        case .event(let event): return apply(self.event(event))
        case .again: return last.map { apply($0) } ?? []
        case .expect, .refused, .effect, .effectCount, .belowZero: break
        }
        return []
    }

    private mutating func apply(_ event: Event) -> [String] {
        last = event
        var effects: [Effect] = []
        engine.applyOrRefuse(event, emitting: &effects)
        return audit.follow(event, effects, engine)
    }

    private mutating func event(_ scenario: ScenarioEvent) -> Event {
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
            body: scenario.body(ScenarioNames(directory: engine.directory, venueName: venue))
        )
    }
}

@Suite struct `The golden scenarios under audit` {
    @Test(arguments: ScenarioEvents.paths)
    func `the auditor finds nothing`(path: String) throws {
        var run = ScenarioEvents()
        for statement in try ScenarioEvents.load(path).statements {
            let found = run.follow(statement)
            #expect(found.isEmpty, "line \(statement.line)")
            guard found.isEmpty else { return }
        }
    }
}
