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

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: root.path() + path, encoding: .utf8)
    }

    static func load(_ path: String) throws -> ScenarioFile {
        try ScenarioFile(text(path), path: path, catalog: catalog)
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
        for failure in failures { Issue.record("\(failure)") }
    }

    @Test func `are there`() {
        #expect(Golden.paths.count >= 60)
    }
}
