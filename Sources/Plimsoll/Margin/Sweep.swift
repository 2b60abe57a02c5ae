import PlimsollUnits

extension Ledger {
    /// Every pool below its line at the present marks, each computed exactly.
    ///
    /// Pools of plain linear positions go through one tight loop, the rest through `figures`. Both add
    /// up the same whole numbers: equity in 10⁻¹⁶, maintenance in 10⁻²⁴, nothing rounded or divided.
    func sweepBelow(threads: Int = 1) -> [PoolID] {
        let brackets = SweepTable(instruments)
        return inParts(pools.count, threads: threads) { sweepBelow(in: $0, brackets) }
    }

    private func sweepBelow(in range: Range<Int>, _ brackets: SweepTable) -> [PoolID] {
        var found: [PoolID] = []
        // Unsafe buffers: 5 million positions took 33 to 46 ms with checked arrays, and 30 to 31 ms so
        // (two runs each, in turn, medians of 9). Indexes are in range by the tables' invariants.
        pools.withUnsafeBufferPointer { pools in
            brackets.withColumns(of: positions) { columns in
                for index in range where pools[index].canBeBelow {
                    let isBelow: Bool
                    switch columns.verdict(on: pools.baseAddress.unsafelyUnwrapped + index) {
                    case .above: continue
                    case .below: isBelow = true
                    case .level: isBelow = equalityIsBelow(at: index)
                    case .unusual: isBelow = isBelowExactly(index)
                    }
                    if isBelow { found.append(PoolID(index: Int32(index))) }
                }
            }
        }
        return found
    }

    /// The line where the loop cannot tell: by the one exact computation.
    func isBelowExactly(_ index: Int) -> Bool {
        let pool = Int32(index)
        guard !pools[index].isUnmargined, lead(of: pool) == pool,
            let figures = try? figures(ofPool: pool)
        else { return false }
        let thresholds = terms(of: pools[index].account)?.thresholds ?? Thresholds()
        return thresholds.isBelow(figures)
    }

    private func equalityIsBelow(at index: Int) -> Bool {
        terms(of: pools[index].account)?.thresholds.equalityIsBelow ?? false
    }
}

extension Pool {
    /// It holds positions, owes something, or stands for wallets that may.
    @inline(__always)
    fileprivate var canBeBelow: Bool { count > 0 || wallet < 0 || isMultiAsset }
}

/// Marks and brackets of all instruments as a sweep wants them: derived at its start, once.
private struct SweepTable: Sendable {
    /// The first bracket: most positions are in it.
    struct Row {
        var mark: Int64 = 0
        /// mark × first rate, 10⁻¹⁶.
        var markRate: UInt64 = 0
        /// Sizes below this are in the first bracket and need only `markRate`.
        var limit: Int64 = 0
        /// Where its brackets are in `steps`, and how many.
        var first: Int32 = 0
        var count: Int32 = 0
    }

    /// One bracket of one instrument at its mark.
    struct Step {
        /// The smallest size in it: ⌈floor ÷ mark⌉, since size × mark ≥ floor is size ≥ ⌈floor ÷ mark⌉.
        var size: Int64
        /// 10⁻⁸.
        var rate: Int64
        /// 10⁻²⁴.
        var deduction: Int128
    }

    private var rows: [Row] = []
    private var steps: [Step] = []

    init(_ instruments: [Instrument]) {
        rows.reserveCapacity(instruments.count)
        for instrument in instruments { add(instrument) }
    }

    private mutating func add(_ instrument: Instrument) {
        rows.append(Row())
        let mark = instrument.mark
        guard mark > 0, instrument.rules.isPlain,
            case .brackets(let schedule) = instrument.rules.schedule, schedule.key == .notional
        else { return }
        let first = steps.count
        for bracket in schedule.brackets {
            guard bracket.maintenanceRate.denominator == 1,
                bracket.deduction.magnitude < Columns.largest
            else {
                steps.removeSubrange(first...)
                return
            }
            let size = bracket.floor.divided(by: Int128(mark), rounding: .up)
            steps.append(
                Step(
                    size: Int64(clamping: size),
                    rate: bracket.maintenanceRate.numerator,
                    deduction: bracket.deduction
                )
            )
        }
        let (markRate, overflow) = UInt64(mark).multipliedReportingOverflow(
            by: UInt64(steps[first].rate)
        )
        var row = Row(mark: mark, first: Int32(first), count: Int32(steps.count - first))
        if !overflow, steps[first].deduction == 0 {
            row.markRate = markRate
            row.limit = row.count > 1 ? steps[first + 1].size : Int64.max
        }
        rows[rows.count - 1] = row
    }

    /// Lends the table and the positions as plain memory.
    func withColumns(of positions: PositionTable, _ body: (Columns) -> Void) {
        rows.withUnsafeBufferPointer { rows in
            steps.withUnsafeBufferPointer { steps in
                positions.held.withUnsafeBufferPointer { held in
                    body(Columns(rows: rows, steps: steps, held: held))
                }
            }
        }
    }

    /// What the loop can say of a pool.
    enum Verdict {
        case above
        case below
        /// Equity equals maintenance, and there is maintenance.
        case level
        /// Not for the loop.
        case unusual
    }

    /// The memory that the loop streams.
    struct Columns {
        /// Amounts below this, 2¹²⁰, can be added 127 times; a sum beyond it shows.
        static let largest: UInt128 = 1 << 120

        let rows: UnsafeBufferPointer<Row>
        let steps: UnsafeBufferPointer<Step>
        let held: UnsafeBufferPointer<PositionTable.Held>

        /// Where a pool stands, or that it takes the long way.
        @inline(__always)
        func verdict(on pool: UnsafePointer<Pool>) -> Verdict {
            if pool.pointee.needsExact || pool.pointee.isUnmargined { return .unusual }
            var equity = pool.pointee.wallet &+ pool.pointee.stake
            var maintenance: Int128 = 0
            // Each amount is below 2¹²⁰, so a sum that left its range was negative at least once.
            var seen: Int128 = 0
            let start = Int(pool.pointee.start)
            for index in start..<start &+ Int(pool.pointee.count) {
                let position = held.baseAddress.unsafelyUnwrapped + index
                let size = position.pointee.quantity.magnitude
                let row = rows.baseAddress.unsafelyUnwrapped + Int(position.pointee.instrument)
                let value = Int128(
                    position.pointee.quantity.multipliedFullWidth(by: row.pointee.mark)
                )
                equity &+= value
                if _fastPath(Int64(bitPattern: UInt64(size)) < row.pointee.limit) {
                    let product = size.multipliedFullWidth(by: row.pointee.markRate)
                    maintenance &+= Int128((Int64(bitPattern: product.high), product.low))
                } else {
                    guard row.pointee.count > 0 else { return .unusual }
                    maintenance &+= stepped(value.magnitude, Int64(bitPattern: UInt64(size)), row)
                }
                seen |= maintenance
            }
            // |equity| below 2¹⁰⁰, which is 10³⁰, is so also in 10⁻²⁴; beyond it the long way saturates.
            let high = Int64(truncatingIfNeeded: equity &>> 64)
            guard seen >= 0, high &+ (1 << 36) >= 0, high < 1 << 36 else { return .unusual }
            let fine = equity &* 100_000_000
            if fine > maintenance { return .above }
            if fine < maintenance { return .below }
            return maintenance > 0 ? .level : .above
        }

        /// Maintenance beyond the first bracket, in 10⁻²⁴.
        private func stepped(
            _ notional: UInt128,
            _ size: Int64,
            _ row: UnsafePointer<Row>
        ) -> Int128 {
            let first = Int(row.pointee.first)
            var index = first
            while index + 1 < first + Int(row.pointee.count), size >= steps[index + 1].size {
                index += 1
            }
            let product = Int128(bitPattern: notional) &* Int128(steps[index].rate)
            return product &- steps[index].deduction
        }
    }
}
