package import PlimsollWire

/// How a command ended, as scripts see it.
package enum ExitCode: Int32, Sendable {
    /// Everything went well.
    case success = 0
    /// It could not be done, or the books do not add up.
    case failure = 1
    /// The command line is wrong.
    case usage = 2
    /// An input file is wrong.
    case invalidInput = 3
    /// There is no such symbol, account or rulebook.
    case notFound = 4
    /// The server does not answer, or takes no requests now.
    case unreachable = 5
    /// A check says no: the order would be refused, an event was refused under `--strict`, a verification found
    /// something.
    case finding = 6
    /// A price is missing or stale.
    case insufficientData = 7
    /// The journal is damaged or cannot be opened, or a write or sync of it failed.
    case journal = 74
    /// Ctrl-C.
    case interrupted = 130
}

/// Why a command gave up.
package enum CommandFailure: Error, Sendable {
    /// An input file is wrong.
    case input(InputFaults)
    /// There is no such symbol, account or rulebook.
    case notFound(problem: String, remedy: String)
    /// An argument is wrong.
    case usage(problem: String, remedy: String)
    /// A price that the question needs is missing.
    case insufficientData(problem: String, remedy: String)
    /// The server does not answer.
    case unreachable(problem: String, remedy: String)
    /// The server does not allow it, or fails.
    case refused(problem: String, remedy: String)
    /// The journal is not there as it was written.
    case damaged(problem: String, remedy: String)
    /// Standard output cannot be written.
    case output(String)
    /// The journal cannot be opened, or failed.
    case journal(String)

    /// The exit code.
    package var exitCode: ExitCode {
        switch self {
        case .input: .invalidInput
        case .notFound: .notFound
        case .usage: .usage
        case .insufficientData: .insufficientData
        case .unreachable: .unreachable
        case .refused: .failure
        case .damaged: .journal
        case .output: .failure
        case .journal: .journal
        }
    }

    /// What is wrong, and what to do.
    package var message: String {
        switch self {
        case .input(let faults): faults.description
        case .notFound(let problem, let remedy), .usage(let problem, let remedy),
            .insufficientData(let problem, let remedy), .unreachable(let problem, let remedy),
            .refused(let problem, let remedy), .damaged(let problem, let remedy):
            "plimsoll: \(problem)\n  \(remedy)"
        case .output(let problem): "plimsoll: \(problem)"
        case .journal(let problem):
            "plimsoll: \(problem)\n  What was acknowledged is in the journal; "
                + "'plimsoll journal verify' says more."
        }
    }
}
