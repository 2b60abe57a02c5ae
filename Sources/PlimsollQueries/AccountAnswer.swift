package import Plimsoll
import PlimsollReports
package import PlimsollWire

/// All figures of an account: `GET /v1/accounts/{id}` and its parts.
package struct AccountAnswer: QueryAnswer {
    /// Which part of the report is wanted.
    package enum Part: Sendable {
        /// Everything, with the field names of `plimsoll calc --json`.
        case whole
        /// The open positions.
        case positions
        /// The wallets.
        case balances
    }

    /// The report.
    package let report: AccountReport
    /// When it was made, and by which rules.
    package let stamp: AnswerStamp
    private let directory: Directory
    private let part: Part

    /// The account at the present prices.
    package init(_ engine: Engine, _ account: AccountID, part: Part = .whole) {
        self.init(engine, engine.report(account), part: part)
    }

    /// A report that an engine has made.
    init(_ engine: Engine, _ report: AccountReport, part: Part = .whole) {
        self.report = report
        self.part = part
        directory = engine.directory
        stamp = AnswerStamp(engine, engine.venue(of: report.account), stale: report.stale)
    }

    /// The same answer by the rules that another one names.
    func stamped(_ stamp: AnswerStamp) -> AccountAnswer {
        AccountAnswer(report: report, stamp: stamp, directory: directory, part: part)
    }

    private init(report: AccountReport, stamp: AnswerStamp, directory: Directory, part: Part) {
        self.report = report
        self.stamp = stamp
        self.directory = directory
        self.part = part
    }

    package func write(to json: inout JSONWriter) {
        json.object { object in
            switch part {
            case .whole:
                object.fields(of: report, directory: directory) { $0.rules(stamp.rulebook) }
                object.field("asOf", number: stamp.asOf.milliseconds)
                object.field("seq", number: stamp.sequence)
            case .positions:
                object.key("items")
                object.array { list in
                    for position in report.positions { list.position(position) }
                }
                object.stamp(stamp)
            case .balances:
                object.key("items")
                object.array { list in
                    for asset in report.collateral { list.collateral(asset) }
                }
                object.stamp(stamp)
            }
        }
    }
}
