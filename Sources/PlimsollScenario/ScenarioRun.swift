import Plimsoll
import PlimsollUnits

/// What came of a scenario: what failed, and what it covered.
public struct ScenarioRun: Sendable {
    /// Runs `file` straight through, and again with a snapshot and restore after every event; the
    /// two must agree in every expectation and in their digests.
    public static func check(_ file: ScenarioFile) -> ScenarioRun {
        var straight = ScenarioRunner(file: file, restarts: false)
        let run = straight.run()
        var restarted = ScenarioRunner(file: file, restarts: true)
        var second = restarted.run()
        if run.failures.isEmpty, second.failures.isEmpty, run.digests != second.digests {
            let first = zip(run.digests, second.digests).first { $0.digest != $1.digest }
            second.failures.append(
                ScenarioFailure(
                    path: file.path,
                    line: first?.1.line ?? 1,
                    statement: "",
                    problem: "a restored engine goes on with another digest",
                    details: [
                        .init(name: "straight", value: StateDigest.hex(first?.0.digest ?? 0)),
                        .init(name: "restored", value: StateDigest.hex(first?.1.digest ?? 0)),
                    ]
                )
            )
        }
        var both = run
        for failure in second.failures where !run.failures.contains(failure) {
            var failure = failure
            failure.details.append(
                .init(name: "run", value: "with a snapshot and restore after every event")
            )
            both.failures.append(failure)
        }
        return both
    }

    /// The digest after an event.
    struct Step: Hashable, Sendable {
        var line: Int
        var digest: UInt128
    }

    /// What was not as stated.
    public internal(set) var failures: [ScenarioFailure] = []
    /// The kinds of events that were applied, such as `deposited`.
    public internal(set) var events: Set<String> = []
    /// The codes of the refusals that were asserted.
    public internal(set) var refusals: Set<String> = []
    /// The kinds of effects that were emitted.
    public internal(set) var effects: Set<String> = []
    /// The bands and modes that pools went through, as `band mode`.
    public internal(set) var standings: Set<String> = []
    /// The digest after each event.
    var digests: [Step] = []

    /// The digest at the end.
    public var digest: UInt128 { digests.last?.digest ?? Engine().digest }
}

/// One thing that was not as stated.
public struct ScenarioFailure: Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public var path: String
    /// The line, from 1.
    public var line: Int
    /// The statement, without its comment.
    public var statement: String
    /// What is wrong.
    public var problem: String
    /// Names and values, such as what was asserted and what was calculated.
    public var details: [Detail]

    /// A name and its value.
    public struct Detail: Hashable, Sendable {
        /// The name.
        public var name: String
        /// The value.
        public var value: String
    }

    /// `file:line: statement`, the problem, and a line for each value.
    public var description: String {
        let head = "\(path):\(line): \(statement.isEmpty ? "" : statement + ": ")\(problem)"
        let width = (details.map(\.name.count).max() ?? 0) + 2
        let values = details.map { detail in
            let gap = String(repeating: " ", count: width - detail.name.count)
            return "  " + detail.name + gap + detail.value
        }
        return ([head] + values).joined(separator: "\n")
    }
}
