import Plimsoll
import PlimsollUnits

/// W3: fills and transfers, with the margin of the whole account checked after each.
///
/// The peers cut notional, fee and cost off at 10⁻⁶. The fee is an input of ours, so it is theirs to
/// the unit; notional and cost stay exact. Answers therefore differ in the last places, and have
/// field names of their own.
struct StreamWorkload {
    let folder: String
    private let runs = 5
    /// Accounts are named in groups, three of them ahead.
    private let group = 8
    private let ahead = 24
    private let initial: [Record]
    let records: [Record]
    private let accounts: Int

    /// One event of the input file: 24 bytes.
    struct Record: BitwiseCopyable {
        var account: UInt32
        var instrument: UInt16
        var kind: UInt8
        var zero: UInt8 = 0
        /// Fill: signed quantity, 10⁻⁸; transfer: signed amount, 10⁻⁶.
        var amount: Int64
        /// Fill: price, 10⁻⁶.
        var price: Int64
    }

    /// What a run ends with.
    private struct Answer {
        var breachChecks = 0
        var walletSum: Int128 = 0
    }

    init(folder: String) throws {
        self.folder = folder
        initial = try RawFile.read(folder, "w3_init", as: Record.self)
        records = try RawFile.read(folder, "w3_events", as: Record.self)
        accounts = Int((initial + records).map(\.account).max() ?? 0) + 1
    }

    func run() throws {
        var (cpu, wall) = (Spread(), Spread())
        var answer = Answer()
        for run in 0...runs {  // the first warms up
            var book = try load()
            let (cpuStart, wallStart) = (Timing.cpu(), Timing.wall())
            answer.breachChecks = try play(on: &book.engine)
            guard run > 0 else { continue }
            cpu.add(nanoseconds: Timing.cpu() - cpuStart)
            wall.add(nanoseconds: Timing.wall() - wallStart)
            answer.walletSum = walletSum(book)
        }
        emit(
            """
            {"bench":"w3 plimsoll events","who":"ours","cpu_ms":\(cpu.json),\
            "wall_ms":\(wall.json),"per_s":\(Int64(Double(records.count) / cpu.median * 1e3)),\
            "runs":\(runs),"breach_checks_exact":\(answer.breachChecks),\
            "wallet_sum_exact":\(answer.walletSum / 10_000_000_000)}
            """
        )
        try latencies()
        try playWithMarks()
    }

    /// The same events with a mark after each 50: what keeping the safe bands of changed accounts takes.
    private func playWithMarks() throws {
        var rate = Spread()
        var crossings = 0.0
        for _ in 0..<runs {
            var book = try load()
            book.engine.drawSafeBands()
            let marks = try RawFile.read(folder, "w3_mark", as: Int64.self)
            var (effects, event) = (Effects(), Event(time: .zero, body: .ticked))
            var breaches = 0
            let start = Timing.cpu()
            for (index, record) in records.enumerated() {
                try step(record, on: &book.engine, &event, &effects, &breaches)
                guard index % 50 == 49 else { continue }
                // Any instrument, up to a basis point from where it was.
                let instrument = index / 50 * 61 % marks.count
                let move = Int64(index / 50 * 37 % 21) - 10
                try book.mark(instrument, marks[instrument] * 100 / 100_000 * (100_000 + move))
            }
            let events = Double(records.count + records.count / 50)
            rate.add(events / Double(Timing.cpu() - start) * 1e9)
            crossings = Double(book.engine.bandCrossings) / Double(records.count / 50)
        }
        note("W3 with marks: \(crossings) band crossings per mark")
        emit(rate.result("W3", "with-marks", "events_per_second"))
    }

    /// Makes events of all records, applies them, and counts those after which the account was below
    /// its line.
    ///
    /// Records become events as they come, as an adapter would do it: a million events in memory,
    /// 250 MB, would measure the memory.
    @inline(never)
    private func play(on engine: inout Engine) throws -> Int {
        var breaches = 0
        var effects = Effects()
        var event = Event(time: .zero, body: .ticked)
        var next: [AccountID] = []
        next.reserveCapacity(group)
        for start in stride(from: -ahead, to: records.count, by: group) {
            next.removeAll(keepingCapacity: true)
            for record in records[clamped: start + ahead, group] {
                next.append(Book.account(record.account))
            }
            engine.expect(next)
            for record in records[clamped: start, group] {
                try step(record, on: &engine, &event, &effects, &breaches)
            }
        }
        return breaches
    }

    @inline(__always)
    private func step(
        _ record: Record,
        on engine: inout Engine,
        _ event: inout Event,
        _ effects: inout Effects,
        _ breaches: inout Int
    ) throws {
        do {
            event.body = try body(record)
            try engine.apply(event, emitting: &effects)
        } catch {
            throw BenchError.refused("\(error)")
        }
        effects.removeAll()
        if engine.band(of: Book.account(record.account)) == .liquidation { breaches += 1 }
    }

    /// Times every event by itself, with two readings of the clock, as the peers do.
    private func latencies() throws {
        var book = try load()
        var times: [Int32] = []
        times.reserveCapacity(records.count)
        var breaches = 0
        var effects = Effects()
        var event = Event(time: .zero, body: .ticked)
        for record in records {
            let start = Timing.wall()
            try step(record, on: &book.engine, &event, &effects, &breaches)
            times.append(Int32(clamping: Timing.wall() - start))
        }
        times.sort()
        emit(
            """
            {"bench":"w3 plimsoll latency per event incl. 2 clock reads, ns",\
            "case":"w3 latency","who":"ours","breach_checks_exact":\(breaches),\
            "p50":\(times[times.count / 2]),"p99":\(times[times.count * 99 / 100]),\
            "p99.9":\(times[times.count * 999 / 1_000])}
            """
        )
    }

    /// The state before the first timed event.
    func load() throws -> Book {
        var book = try Book(try listings(), accounts: accounts)
        for record in initial { try book.apply(try body(record)) }
        return book
    }

    /// The events that lead to it.
    func beginning() throws -> [Event.Body] {
        try Book.reference(try listings(), accounts: accounts) + initial.map { try body($0) }
    }

    private func listings() throws -> [Book.Listing] {
        let marks = try RawFile.read(folder, "w3_mark", as: Int64.self)
        let floors = try RawFile.read(folder, "w3_floor", as: Int64.self)
        let rates = try RawFile.read(folder, "w3_rate", as: Int32.self)
        let deductions = try RawFile.read(folder, "w3_ded", as: Int64.self)
        let brackets = floors.count / marks.count
        return marks.indices.map { index in
            let range = index * brackets..<(index + 1) * brackets
            return Book.Listing(
                mark: marks[index] * 100,
                floors: floors[range].map { Int128($0) * 10_000_000_000 },
                rates: rates[range].map { Int64($0) * 100 },
                deductions: deductions[range].map { Int128($0) * 1_000_000_000_000_000_000 }
            )
        }
    }

    /// A fill against `outside`, a deposit, or a transfer to `outside`.
    @inline(__always)
    func body(_ record: Record) throws -> Event.Body {
        let account = Book.account(record.account)
        let outside = AccountID(index: 0)
        guard record.kind == 0 else {
            let asset = AssetID(index: 0)
            let amount = Money(units: Int128(record.amount.magnitude) * 10_000_000_000)
            return record.amount > 0
                ? .deposited(Deposited(account: account, asset: asset, amount: amount))
                : .transferred(
                    Transferred(from: account, to: outside, asset: asset, amount: amount)
                )
        }
        let size = Int64(record.amount.magnitude)
        // 5 bp of the notional, each cut off at 10⁻⁶: the peers' fee to the unit.
        let value = size.magnitude.multipliedFullWidth(by: record.price.magnitude)
        let notional = UInt64(100_000_000).dividingFullWidth(value).quotient
        let party = Filled.Party(
            account: account,
            fee: Money(units: Int128(notional / 2_000) * 10_000_000_000)
        )
        let other = Filled.Party(account: outside)
        let isBuy = record.amount > 0
        return .filled(
            Filled(
                instrument: InstrumentID(index: Int32(record.instrument)),
                quantity: try Quantity(units: size),
                price: try Price(units: record.price * 100),
                buyer: isBuy ? party : other,
                seller: isBuy ? other : party
            )
        )
    }

    /// All wallets but that of `outside`, in 10⁻¹⁶.
    func walletSum(_ book: Book) -> Int128 {
        let all = book.engine.totals()[0].wallets.units
        let outside = book.engine.report(book.outside, prices: false)
        return all - outside.collateral.map(\.walletBalance.units).reduce(0, +)
    }
}

extension Array {
    /// `count` elements from `start` on, as far as there are any.
    fileprivate subscript(clamped start: Int, count: Int) -> ArraySlice<Element> {
        self[(start..<start + count).clamped(to: indices)]
    }
}
