package import Plimsoll
import PlimsollReports
import PlimsollUnits
package import PlimsollWire

extension JSONWriter {
    /// Writes where verification stands as one document.
    ///
    /// - Parameters:
    ///   - state: where it stands.
    ///   - directory: names the accounts.
    ///   - findings: whether findings are listed, and not only counted.
    ///   - more: fields that are added.
    package mutating func verification(
        _ state: VerificationState,
        directory: Directory,
        findings: Bool = true,
        more: (inout JSONWriter) -> Void = { _ in }
    ) {
        object { object in
            var report: VerificationReport?
            switch state {
            case .none: object.verification("none", nil, nil, nil, accounts: 0, compared: 0)
            case .running(let startedAt, let sequence, let accounts, let compared):
                object.verification(
                    "running",
                    startedAt,
                    nil,
                    sequence,
                    accounts: accounts,
                    compared: compared
                )
            case .unavailable(_, let time):
                object.verification("unavailable", nil, time, nil, accounts: 0, compared: 0)
            case .ended(let ended):
                report = ended
                object.verification(
                    ended.outcome.rawValue,
                    ended.startedAt,
                    ended.endedAt,
                    ended.sequence,
                    accounts: ended.accounts,
                    compared: ended.compared
                )
            }
            object.field("unvalued", number: report?.unvalued ?? 0)
            object.field("findingCount", number: report?.findingCount ?? 0)
            if findings {
                object.key("findings")
                object.array { array in
                    for finding in report?.findings ?? [] { array.finding(finding, directory) }
                }
            }
            more(&object)
        }
    }

    private mutating func verification(
        _ state: String,
        _ startedAt: Timestamp?,
        _ endedAt: Timestamp?,
        _ sequence: UInt64?,
        accounts: Int,
        compared: Int
    ) {
        field("state", state)
        field("startedAt", integer: startedAt.map { $0.nanoseconds / 1_000_000 })
        field("endedAt", integer: endedAt.map { $0.nanoseconds / 1_000_000 })
        field("seq", integer: sequence)
        field("accounts", number: accounts)
        field("compared", number: compared)
    }

    private mutating func field(_ key: String, integer value: (some BinaryInteger)?) {
        self.key(key)
        if let value { number(value) } else { null() }
    }

    private mutating func finding(_ finding: VerificationFinding, _ directory: Directory) {
        object { object in
            if let account = finding.account {
                let isKnown = directory.accounts.indices.contains(Int(account.index))
                object.field("account", isKnown ? directory.name(account) : "\(account.index)")
            }
            object.field("kind", finding.kind.rawValue)
            object.field("what", finding.what)
            object.field("expected", finding.expected)
            object.field("found", finding.found)
        }
    }
}
