import Foundation
import PlimsollScenario
import PlimsollWire
import Testing

/// The golden files of `scenarios/`.
enum Golden {
    /// The root of the package.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let catalog = RulebookCatalog(directories: [root.path() + "rulebooks"])

    /// The paths of all files from the root, sorted.
    static let paths: [String] = {
        let folder = root.path() + "scenarios"
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
        return (names ?? []).filter { $0.hasSuffix(".scenario") }.map { "scenarios/" + $0 }.sorted()
    }()

    /// Scenarios that the engine does not hold yet, and what is wrong; one that holds must leave.
    static let known: [String: String] = [
        "scenarios/regressions/a-fill-names-an-order-of-its-own.scenario":
            "a fill uses up orders of other instruments and sides",
        "scenarios/regressions/band-of-a-coin-quoted-future.scenario":
            "a mark in one currency is measured against an index in another",
        "scenarios/regressions/ids-are-forgotten-after-a-day.scenario":
            "an id is forgotten only when a later event is applied",
        "scenarios/regressions/isolated-default-leverage.scenario":
            "the fast path takes the cross leverage for isolated positions",
        "scenarios/regressions/isolated-margin-with-closing-fee.scenario":
            "an isolated position is opened without the closing fee that its initial margin has",
        "scenarios/regressions/reconciled-isolated-close.scenario":
            "the margin of an isolated position that is reported as closed stays in its pool",
        "scenarios/regressions/stale-index-is-flagged.scenario":
            "an index price is never called stale",
    ]

    static func load(_ path: String) throws -> ScenarioFile {
        let text = try String(contentsOfFile: root.path() + path, encoding: .utf8)
        return try ScenarioFile(text, path: path, catalog: catalog)
    }

    /// What a text says when it is run as a scenario.
    static func run(_ text: String) throws -> ScenarioRun {
        ScenarioRun.check(try ScenarioFile(text, path: "test.scenario", catalog: catalog))
    }
}

@Suite struct `Golden scenarios` {
    @Test(arguments: Golden.paths)
    func `hold straight through and with a restart after every event`(path: String) throws {
        let file: ScenarioFile
        do {
            file = try Golden.load(path)
        } catch let fault as InputFault {
            Issue.record("\(fault)")
            return
        }
        #expect(file.expectationCount > 0, "\(path) asserts nothing")
        let failures = ScenarioRun.check(file).failures
        if let reason = Golden.known[path] {
            withKnownIssue("\(reason)") {
                for failure in failures { Issue.record("\(failure)") }
            }
        } else {
            for failure in failures { Issue.record("\(failure)") }
        }
    }

    @Test func `are there`() {
        #expect(Golden.paths.count >= 60)
    }
}
