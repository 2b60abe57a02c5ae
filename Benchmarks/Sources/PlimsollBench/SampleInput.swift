import Glibc

/// Writes W1 and W3 input of the same form and a similar distribution as the peers' own generators,
/// for when those are not at hand.
///
/// The same folder and size give the same bytes.
struct SampleInput {
    let folder: String
    let accounts: Int
    private let instruments = 200
    private let brackets = 5

    /// SplitMix64 (Steele, Lea and Flood, 2014), and what is drawn from it.
    struct Generator {
        var state: UInt64 = 42

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }

        /// From 0 to below 1.
        mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

        mutating func unit(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

        /// About a standard normal: the sum of twelve uniform draws less 6.
        mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + unit() } }

        mutating func sign() -> Double { next() & 1 == 0 ? 1 : -1 }
    }

    func write() throws {
        mkdir(folder, 0o755)
        try writeSweep()
        try writeStream()
        note("wrote input for w1 and w3 with \(accounts) accounts to \(folder)")
    }

    // MARK: W1

    private func writeSweep() throws {
        var random = Generator()
        let marks = (0..<instruments).map { _ in rounded(pow(10, random.unit(-1, 4.8)), 1e4) }
        let (floors, rates, deductions) = schedules(&random)
        var ends: [UInt32] = [0]
        var (accountOf, instrumentOf): ([UInt32], [UInt16]) = ([], [])
        var (quantities, entries, wallets): ([Double], [Double], [Double]) = ([], [], [])
        for account in 0..<accounts {
            var (gross, profit) = (0.0, 0.0)
            for instrument in held(&random) {
                let mark = marks[instrument]
                let notional = pow(10, 3 + random.normal())
                let quantity = rounded(notional / mark * random.sign(), 1e8)
                let entry = rounded(mark * (1 + 0.04 * random.normal()), 1e6)
                accountOf.append(UInt32(account))
                instrumentOf.append(UInt16(instrument))
                quantities.append(quantity)
                entries.append(entry)
                gross += abs(quantity) * mark
                profit += quantity * (mark - entry)
            }
            ends.append(UInt32(quantities.count))
            wallets.append(rounded(max(gross * pow(10, random.unit(-1.6, 0.5)) - profit, 1), 1e6))
        }
        let moved = marks.map { rounded($0 * (1 + 0.01 * random.normal()), 1e6) }
        try RawFile.write(wallets, folder, "wallet")
        try RawFile.write(ends, folder, "off")
        try RawFile.write(accountOf, folder, "acct")
        try RawFile.write(instrumentOf, folder, "inst")
        try RawFile.write(quantities, folder, "qty")
        try RawFile.write(entries, folder, "entry")
        try RawFile.write(marks, folder, "mark")
        try RawFile.write(moved, folder, "mark2")
        try RawFile.write(floors, folder, "floor")
        try RawFile.write(rates, folder, "rate")
        try RawFile.write(deductions, folder, "ded")
    }

    /// From 1 to 9 different instruments in ascending order, the first ones more often.
    private func held(_ random: inout Generator) -> [Int] {
        var held: [Int] = []
        for _ in 0..<(1 + Int(random.next() % 9)) {
            let instrument = Int(random.unit() * random.unit() * Double(instruments))
            if !held.contains(instrument) { held.append(instrument) }
        }
        return held.sorted()
    }

    /// Floors in the quote currency, rates and deductions of all brackets.
    private func schedules(_ random: inout Generator) -> ([Double], [Double], [Double]) {
        var (floors, rates, deductions): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<instruments {
            let floor = pow(10, random.unit(4, 5.3))
            let rate = [0.004, 0.005, 0.0065, 0.01][Int(random.next() & 3)]
            for (index, times) in [0.0, 1, 5, 20, 100].enumerated() {
                floors.append(floor * times)
                rates.append(rate * [1, 1.25, 2.5, 5, 12.5][index])
                let last = rates.count - 1
                let step = index == 0 ? 0 : floors[last] * (rates[last] - rates[last - 1])
                deductions.append(index == 0 ? 0 : deductions[last - 1] + step)
            }
        }
        return (floors, rates, deductions)
    }

    // MARK: W3

    private func writeStream() throws {
        var random = Generator()
        let marks = (0..<instruments).map { _ in units(pow(10, random.unit(-1, 4)), 1e6) }
        let (floors, rates, _) = schedules(&random)
        let floors6 = floors.map { units($0, 1e6) }
        let rates6 = rates.map { Int32(units($0, 1e6)) }
        var deductions6: [Int64] = []
        for index in floors6.indices {
            guard index % brackets > 0 else {
                deductions6.append(0)
                continue
            }
            let step = Int128(floors6[index]) * Int128(rates6[index] - rates6[index - 1])
            deductions6.append(deductions6[index - 1] + Int64(step / 1_000_000))
        }
        let accounts = max(1, accounts / 10)
        var initial: [StreamWorkload.Record] = []
        var events: [StreamWorkload.Record] = []
        for account in 0..<accounts {
            initial.append(transfer(account, units(pow(10, random.unit(1.5, 4.5)), 1e6)))
            for instrument in held(&random) {
                initial.append(fill(account, instrument, marks, &random))
            }
        }
        for _ in 0..<accounts * 10 {
            let account = Int(random.next() % UInt64(accounts))
            if random.next() % 20 == 0 {
                events.append(transfer(account, units(random.unit(-0.4, 0.6), 1e9)))
            } else {
                let instrument = Int(random.unit() * random.unit() * Double(instruments))
                events.append(fill(account, instrument, marks, &random))
            }
        }
        try RawFile.write(initial, folder, "w3_init")
        try RawFile.write(events, folder, "w3_events")
        try RawFile.write(marks, folder, "w3_mark")
        try RawFile.write(floors6, folder, "w3_floor")
        try RawFile.write(rates6, folder, "w3_rate")
        try RawFile.write(deductions6, folder, "w3_ded")
    }

    private func transfer(_ account: Int, _ amount: Int64) -> StreamWorkload.Record {
        StreamWorkload.Record(
            account: UInt32(account),
            instrument: 0,
            kind: 1,
            amount: amount == 0 ? 1 : amount,
            price: 0
        )
    }

    private func fill(
        _ account: Int,
        _ instrument: Int,
        _ marks: [Int64],
        _ random: inout Generator
    ) -> StreamWorkload.Record {
        let notional = pow(10, random.unit(2, 3.6))
        let price = units(Double(marks[instrument]) * (1 + random.unit(-0.005, 0.005)), 1)
        let quantity = units(notional / (Double(price) * 1e-6) * random.sign(), 1e8)
        return StreamWorkload.Record(
            account: UInt32(account),
            instrument: UInt16(instrument),
            kind: 0,
            amount: quantity,
            price: price
        )
    }

    private func rounded(_ value: Double, _ scale: Double) -> Double {
        (value * scale).rounded() / scale
    }

    private func units(_ value: Double, _ scale: Double) -> Int64 {
        Int64((value * scale).rounded(.toNearestOrAwayFromZero))
    }
}
