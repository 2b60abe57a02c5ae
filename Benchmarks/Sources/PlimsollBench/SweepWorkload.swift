import Plimsoll
import PlimsollUnits

/// W1: which pools are below maintenance at the marks of `mark2`, by a full exact sweep.
struct SweepWorkload {
    let folder: String
    private let runs = 9
    /// The line is the only threshold, as it is for the peers.
    let isLineOnly: Bool

    init(folder: String, isLineOnly: Bool = false) {
        self.folder = folder
        self.isLineOnly = isLineOnly
    }

    func run() throws {
        let (book, positions) = try markedBook()
        var breaches = book.engine.sweepBelow().count  // warms up
        var (cpu, wall) = (Spread(), Spread())
        for _ in 0..<runs {
            let (cpuStart, wallStart) = (Timing.cpu(), Timing.wall())
            breaches = book.engine.sweepBelow().count
            cpu.add(nanoseconds: Timing.cpu() - cpuStart)
            wall.add(nanoseconds: Timing.wall() - wallStart)
        }
        emit(
            """
            {"bench":"w1 plimsoll exact sweep","who":"ours","cpu_ms":\(cpu.json),\
            "wall_ms":\(wall.json),"per_s":\(Int64(Double(positions) / cpu.median * 1e3)),\
            "runs":\(runs),"breaches":\(breaches)}
            """
        )
        try share(book.engine, breaches)
    }

    /// The same sweep on two threads: the time that passes, as a share of what one takes, in turn.
    private func share(_ engine: Engine, _ breaches: Int) throws {
        var ratio = Spread()
        for _ in 0..<runs {
            let start = Timing.wall()
            let alone = engine.sweepBelow()
            let middle = Timing.wall()
            let shared = engine.sweepBelow(threads: 2)
            guard shared == alone, shared.count == breaches else {
                throw BenchError.differs("two threads find other pools than one")
            }
            ratio.add(Double(Timing.wall() - middle) / Double(middle - start))
        }
        emit(ratio.result("W1", "two-threads", "wall_ratio_to_one_thread"))
    }

    /// Funding for all who hold the instrument that most hold: each is paid and assessed, at once.
    func runFunding() throws {
        var (book, _) = try markedBook()
        book.engine.drawSafeBands()
        var time = Spread()
        for run in 1...runs {
            let funding = FundingSettled(
                instrument: InstrumentID(index: 0),
                rate: try FundingRate(units: run % 2 == 0 ? 1_000_000_000_000 : -1_000_000_000_000)
            )
            let start = Timing.cpu()
            try book.apply(.fundingSettled(funding))
            time.add(nanoseconds: Timing.cpu() - start)
        }
        emit(time.result("funding", "top", "ms"))
    }

    /// The memory of the book's tables, with the room that they keep.
    func runMemory() throws {
        let (book, positions) = try markedBook()
        let use = book.engine.memoryUse
        let accounts = book.engine.directory.accounts.count
        for (metric, bytes, count) in [
            ("bytes_per_position", use.positions, positions),
            ("bytes_per_account", use.accounts, accounts),
            ("index_bytes_per_position", use.index, positions),
        ] {
            let value = Double((Double(bytes) / Double(count) * 10).rounded()) / 10
            emit(
                #"{"workload":"memory","case":"\#(positions)","metric":"\#(metric)","value":\#(value)}"#
            )
        }
    }

    /// The book at the marks of `mark2`, and how many positions it has.
    func markedBook() throws -> (Book, positions: Int) {
        let start = Timing.wall()
        var book = try load()
        let positions = try RawFile.read(folder, "inst", as: UInt16.self).count
        note("\(positions) positions loaded in \((Timing.wall() - start) / 1_000_000) ms")
        let marks = try RawFile.read(folder, "mark2", as: Double.self)
        for (index, mark) in marks.enumerated() { try book.mark(index, units(mark, 1e6) * 100) }
        note("marked in \((Timing.wall() - start) / 1_000_000) ms")
        return (book, positions)
    }

    /// The book, quantised as the exact peer does: quantity and money 10⁻⁸, price and rate 10⁻⁶.
    private func load() throws -> Book {
        let wallets = try RawFile.read(folder, "wallet", as: Double.self)
        let ends = try RawFile.read(folder, "off", as: UInt32.self)
        var book = try Book(try listings(), accounts: wallets.count, isLineOnly: isLineOnly)
        let instruments = try RawFile.read(folder, "inst", as: UInt16.self)
        let quantities = try RawFile.read(folder, "qty", as: Double.self)
        let entries = try RawFile.read(folder, "entry", as: Double.self)
        for (number, wallet) in wallets.enumerated() {
            let account = Book.account(UInt32(number))
            let balance = Money(units: Int128(units(wallet, 1e8)) * 100_000_000)
            try book.apply(
                .reconciled(Reconciled(account: account, report: .wallet(book.asset, balance)))
            )
            for index in Int(ends[number])..<Int(ends[number + 1]) {
                let entry = SolvedPrice(units: Int128(units(entries[index], 1e6)) * 10_000_000_000)
                let report = Reconciled.Report.position(
                    InstrumentID(index: Int32(instruments[index])),
                    .net,
                    try Quantity(units: units(quantities[index], 1e8)),
                    entry,
                    isolatedMargin: nil
                )
                try book.apply(.reconciled(Reconciled(account: account, report: report)))
            }
        }
        return book
    }

    private func listings() throws -> [Book.Listing] {
        let marks = try RawFile.read(folder, "mark", as: Double.self)
        let floors = try RawFile.read(folder, "floor", as: Double.self)
        let rates = try RawFile.read(folder, "rate", as: Double.self)
        let brackets = floors.count / marks.count
        return marks.indices.map { index in
            let range = index * brackets..<(index + 1) * brackets
            let floors8 = floors[range].map { units($0, 1e8) }
            let rates6 = rates[range].map { units($0, 1e6) }
            // Recomputed from floors and rates, cut off at 10⁻⁸, as the exact peer does.
            var deductions8: [Int128] = [0]
            for bracket in 1..<brackets {
                let step =
                    Int128(floors8[bracket]) * Int128(rates6[bracket] - rates6[bracket - 1])
                deductions8.append(deductions8[bracket - 1] + step / 1_000_000)
            }
            return Book.Listing(
                mark: units(marks[index], 1e6) * 100,
                floors: floors8.map { Int128($0) * 100_000_000 },
                rates: rates6.map { $0 * 100 },
                deductions: deductions8.map { $0 * 10_000_000_000_000_000 }
            )
        }
    }

    private func units(_ value: Double, _ scale: Double) -> Int64 {
        Int64((value * scale).rounded(.toNearestOrAwayFromZero))
    }
}
