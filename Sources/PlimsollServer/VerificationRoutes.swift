import PlimsollAccess
import PlimsollNode
import PlimsollQueries
import PlimsollVerification
import PlimsollWire

extension NodeService {
    /// Routes about the verification.
    var verificationRoutes: [Route] {
        [
            Route("GET", "/v1/verification", .readBook) { [self] _ throws(Problem) in
                .json(verificationDocument())
            },
            Route("POST", "/v1/verification", .manage, weight: 50) { [self] _ throws(Problem) in
                verification.request()
                return .json(verificationDocument(), status: 202)
            },
        ]
    }

    private func verificationDocument() -> [UInt8] {
        var writer = JSONWriter()
        writer.verification(of: verification, node, findings: true)
        return writer.bytes
    }

    /// Adds the metrics of the verification.
    func addVerification(to text: inout MetricsText) {
        let standing = verification.standing
        var isRunning = 0
        if case .running = standing.state { isRunning = 1 }
        text.metric("verification_running", .gauge, "1 while the book is verified.", isRunning)
        text.metric(
            "verification_last_end_seconds",
            .gauge,
            "When the last verification ended, in seconds since 1970; 0: none has.",
            [([], MetricsText.seconds(standing.last?.endedAt.milliseconds ?? 0))]
        )
        text.metric(
            "verification_duration_seconds",
            .gauge,
            "What the last verification took.",
            [([], MetricsText.seconds(standing.duration))]
        )
        text.metric(
            "verification_runs_total",
            .counter,
            "Verifications that ended since the node was started.",
            standing.runs
        )
        text.metric(
            "verification_compared_accounts",
            .gauge,
            "Accounts that the last verification has compared.",
            standing.last?.compared ?? 0
        )
        text.metric(
            "verification_followed_sequence",
            .gauge,
            "The last event that the auditor has followed.",
            standing.followed
        )
        text.metric(
            "verification_up",
            .gauge,
            "0 while the last verification found something or could not be done, else 1.",
            standing.problem == nil ? 1 : 0
        )
        text.metric(
            "verification_findings_total",
            .counter,
            "What verifications found since the node was started, by kind.",
            VerificationFinding.Kind.allCases.map { kind in
                ([("kind", kind.rawValue)], String(standing.findings[kind] ?? 0))
            }
        )
    }
}

extension JSONWriter {
    /// Writes where a job stands.
    mutating func verification(of job: VerificationJob, _ node: MarginNode, findings: Bool) {
        let standing = job.standing
        verification(standing.state, directory: node.directory, findings: findings) { object in
            object.key("problem")
            if case .unavailable(let problem, _) = standing.state {
                object.string(problem)
            } else {
                object.null()
            }
            object.field("followed", number: standing.followed)
            object.field("every", number: job.interval)
            object.key("last")
            if let last = standing.last { object.glance(last) } else { object.null() }
        }
    }

    /// Writes how a verification ended, without its findings.
    private mutating func glance(_ report: VerificationReport) {
        object { object in
            object.field("state", report.outcome.rawValue)
            object.field("endedAt", number: report.endedAt.milliseconds)
            object.field("seq", number: report.sequence)
            object.field("accounts", number: report.accounts)
            object.field("compared", number: report.compared)
            object.field("findingCount", number: report.findingCount)
        }
    }
}
