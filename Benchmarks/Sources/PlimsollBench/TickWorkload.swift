import Glibc
import Plimsoll
import PlimsollUnits

/// W2: one instrument ticks after the other, and after each all accounts below their line are known.
///
/// The book is that of W1 at the marks of `mark2`. A tick is one event: the price is checked, those
/// whose safe band it leaves are found and computed exactly, their bands are drawn again, and who
/// stands elsewhere is reported. Every run starts from the same engine.
///
/// The peers know one threshold, the line. So does the first book here; the second has all of them
/// (`watch`, `call`, initial margin), for what they cost.
struct TickWorkload {
    let folder: String
    private let runs = 5

    /// One tick of the input file: 16 bytes.
    private struct Tick: BitwiseCopyable {
        var instrument: UInt32
        var zero: UInt32
        var mark: Double
    }

    /// What a run ends with.
    private struct Answer {
        var down = 0
        var crossings = 0.0
        var latencies: [Int64] = []
    }

    /// The one case that is measured, such as `top 5bp`; `nil`: all.
    private let only: String?

    init(folder: String, only: String? = nil) {
        self.folder = folder
        self.only = only
    }

    func run() throws {
        for isLineOnly in only.map({ [!$0.hasSuffix("thresholds")] }) ?? [true, false] {
            let workload = SweepWorkload(folder: folder, isLineOnly: isLineOnly)
            let (book, _) = try workload.markedBook()
            for kind in ["top", "mixed"] {
                for step in [1, 5, 50] {
                    let suffix = isLineOnly ? "" : " all thresholds"
                    if let only, only != "\(kind) \(step)bp\(suffix)" { continue }
                    try measure(kind, step, suffix, book.engine)
                }
            }
        }
    }

    /// One book of each size, in `scaling`, with marks that cross about as many bands in each.
    func runScaling() throws {
        var size = 1_000
        while access("\(folder)/scaling/\(size)/ticks.bin", F_OK) == 0 {
            let book = "\(folder)/scaling/\(size)"
            let workload = SweepWorkload(folder: book, isLineOnly: true)
            let (marked, _) = try workload.markedBook()
            let events = try TickWorkload(folder: book).events(of: "ticks")
            var spread = Spread()
            var answer = Answer()
            for _ in 0..<runs {
                var engine = marked.engine
                answer = try play(events, on: &engine, &spread)
            }
            let perTick = spread.divided(by: Double(events.count) / 1_000)
            emit(
                """
                {"workload":"scaling","case":"\(size)","metric":"mark_us",\
                "value":\(perTick.median),"spread":[\(perTick.sorted[0]),\(perTick.sorted[runs - 1])],\
                "crossings":\(answer.crossings),"down_at_end":\(answer.down)}
                """
            )
            size *= 10
        }
    }

    private func events(of file: String) throws -> [Event] {
        try RawFile.read(folder, file, as: Tick.self).map { tick in
            Event(
                time: .zero,
                body: .marked(
                    Marked(
                        instrument: InstrumentID(index: Int32(tick.instrument)),
                        price: try Price(units: Int64((tick.mark * 1e8).rounded()))
                    )
                )
            )
        }
    }

    private func measure(
        _ kind: String,
        _ step: Int,
        _ suffix: String,
        _ start: Engine
    ) throws {
        let events = try events(of: "w2_\(kind)_\(step)bp")
        var spread = Spread()
        var answer = Answer()
        for _ in 0..<runs {
            var engine = start
            answer = try play(events, on: &engine, &spread)
        }
        let perTick = spread.divided(by: Double(events.count) / 1_000)
        emit(
            """
            {"bench":"w2 plimsoll safe bands, \(kind) ticks, sd \(step) bp","who":"ours",\
            "case":"w2 \(kind) \(step)bp\(suffix)","us_per_tick":\(perTick.json),\
            "per_s":\(Int64(1e6 / perTick.median)),"ticks":\(events.count),"runs":\(runs),\
            "crossings_per_tick":\(answer.crossings),"down_at_end":\(answer.down),\
            "p50_ns":\(answer.latencies[events.count / 2]),\
            "p99_ns":\(answer.latencies[events.count * 99 / 100]),\
            "p999_ns":\(answer.latencies[events.count * 999 / 1_000])}
            """
        )
    }

    /// Applies all ticks and notes the processor time of all, and the time that each took.
    private func play(
        _ events: [Event],
        on engine: inout Engine,
        _ spread: inout Spread
    ) throws -> Answer {
        var effects = Effects()
        // The copy becomes an engine of its own before the clock runs.
        try engine.apply(Event(time: .zero, body: .ticked), emitting: &effects)
        var isDown = engine.accountsBelow()
        let crossings = engine.bandCrossings
        var latencies = [Int64](repeating: 0, count: events.count)
        var (last, start) = (Timing.wall(), Timing.cpu())
        for index in events.indices {
            try engine.apply(events[index], emitting: &effects)
            for effect in effects {
                if case .marginStateChanged(let change) = effect, change.band == .liquidation {
                    isDown[Int(change.account.index)] = true
                }
            }
            effects.removeAll()
            let now = Timing.wall()
            latencies[index] = now - last
            last = now
        }
        start = Timing.cpu() - start
        spread.add(nanoseconds: start)
        return Answer(
            down: isDown.count { $0 },
            crossings: Double((engine.bandCrossings - crossings) * 100 / UInt64(events.count))
                / 100,
            latencies: latencies.sorted()
        )
    }
}

extension Engine {
    /// By account: whether one of its pools is below its line.
    fileprivate func accountsBelow() -> [Bool] {
        var isBelow = [Bool](repeating: false, count: directory.accounts.count)
        for account in isBelow.indices {
            isBelow[account] = band(of: AccountID(index: Int32(account))) == .liquidation
        }
        return isBelow
    }
}
