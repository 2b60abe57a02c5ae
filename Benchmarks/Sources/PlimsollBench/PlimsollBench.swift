import Glibc
import Plimsoll

/// `plimsoll-bench`: our side of the benchmarks.
///
/// Results are JSON lines on standard output.
@main
struct PlimsollBench {
    static let usage = """
        usage: plimsoll-bench DIR w1             exact sweep over the book in DIR
               plimsoll-bench DIR w2 [CASE]      marks over the book in DIR, one by one ('top 5bp')
               plimsoll-bench DIR w3             stream of fills and transfers in DIR
               plimsoll-bench DIR w5 FOLDER      commits fills of W3 to a journal in FOLDER, as told
               plimsoll-bench DIR recovery FOLDER N   starts from a journal of N fills in FOLDER
               plimsoll-bench DIR node FOLDER N  starts of a node whose journal in FOLDER has N events
               plimsoll-bench DIR effects FOLDER RATE SECONDS ROUNDS   event to effect of a node in FOLDER
               plimsoll-bench DIR scaling        time per mark over the books in DIR/scaling
               plimsoll-bench DIR funding       funding for the top instrument of the book in DIR
               plimsoll-bench DIR memory         bytes per position and account of the book in DIR
               plimsoll-bench storm [N]          N accounts (100000) below their line on one mark
               plimsoll-bench digest FILE        the digest after an event file
               plimsoll-bench alloc              counts allocations per mark and per fill
               plimsoll-bench alloc marks|fills  applies 3,000 of them, to count instructions
        """

    static func main() {
        // As the peers in C ask for them.
        LargePages.use()
        do {
            exit(try run(Array(CommandLine.arguments.dropFirst())) ? 0 : 1)
        } catch {
            note("\(error)")
            exit(2)
        }
    }

    /// Whether everything that has to hold held.
    private static func run(_ arguments: [String]) throws -> Bool {
        switch arguments {
        case ["alloc"]:
            return try AllocationCheck().run()
        case ["alloc", "marks"], ["alloc", "fills"]:
            try AllocationCheck().run(only: arguments[1])
        case let digest where digest.count == 2 && digest[0] == "digest":
            emit(try DigestRun(path: digest[1]).run())
        case let storm where storm.first == "storm" && storm.count <= 2:
            let accounts = storm.count == 2 ? Int(storm[1]) : 100_000
            guard let accounts, accounts > 0 else { throw BenchError.usage(usage) }
            try StormWorkload(accounts: accounts).run()
        case let work where work.count == 2 && work[1] == "w1":
            try SweepWorkload(folder: work[0]).run()
        case let work where (2...3).contains(work.count) && work[1] == "w2":
            try TickWorkload(folder: work[0], only: work.count == 3 ? work[2] : nil).run()
        case let work where work.count == 2 && work[1] == "scaling":
            try TickWorkload(folder: work[0]).runScaling()
        case let work where work.count == 2 && work[1] == "memory":
            try SweepWorkload(folder: work[0]).runMemory()
        case let work where work.count == 2 && work[1] == "funding":
            try SweepWorkload(folder: work[0]).runFunding()
        case let work where work.count == 2 && work[1] == "w3":
            try StreamWorkload(folder: work[0]).run()
        case let work where work.count == 3 && work[1] == "w5":
            try CommitWorkload(folder: work[2], fills: Fills(folder: work[0])).run()
        case let work where work.count == 4 && work[1] == "recovery":
            guard let count = Int(work[3]), count > 0 else { throw BenchError.usage(usage) }
            try RecoveryWorkload(folder: work[2], fills: Fills(folder: work[0]), count: count).run()
        case let work where work.count == 4 && work[1] == "node":
            guard let count = Int(work[3]), count > 0 else { throw BenchError.usage(usage) }
            try NodeWorkload(folder: work[2], fills: Fills(folder: work[0])).recover(count)
        case let work where work.count == 6 && work[1] == "effects":
            guard let rate = Int(work[3]), rate > 0, let seconds = Double(work[4]), seconds > 0,
                let rounds = Int(work[5]), rounds > 0
            else { throw BenchError.usage(usage) }
            try NodeWorkload(folder: work[2], fills: Fills(folder: work[0]))
                .effects(rate: rate, seconds: seconds, rounds: rounds)
        case let work where work.count == 2 && ["w4", "w6"].contains(work[1]):
            note("\(work[1]) is not measured yet.")
        default:
            throw BenchError.usage(usage)
        }
        return true
    }
}

/// Why nothing could be measured.
enum BenchError: Error, CustomStringConvertible {
    case usage(String)
    case file(String, String)
    case refused(String)
    case differs(String)

    var description: String {
        switch self {
        case .usage(let text): text
        case .file(let path, let problem): "\(path): \(problem)"
        case .refused(let reason): "an event of the input was refused: \(reason)"
        case .differs(let what): "an answer differs: \(what)"
        }
    }
}
