@testable import Plimsoll
import BigInt
import PlimsollAudit
import PlimsollUnits
import TestSupport
import Testing

@Suite struct `Shares of a loss` {
    struct Sheet: Sendable {
        var loss: Int128
        var bases: [Int128]
        var caps: [Int128]?
        var shares: [Int128]
    }

    @Test(arguments: [
        Sheet(loss: 10, bases: [1, 1, 1], shares: [4, 3, 3]),
        Sheet(loss: 10, bases: [1, 2, 3], caps: [9, 9, 2], shares: [3, 5, 2]),
        // 1.5 and 0.5: the larger basis takes the unit, wherever it stands.
        Sheet(loss: 2, bases: [3, 1], shares: [2, 0]),
        Sheet(loss: 2, bases: [1, 3], shares: [0, 2]),
        // Capping one raises the others above their caps in turn.
        Sheet(loss: 100, bases: [1, 1, 1], caps: [10, 40, 100], shares: [10, 40, 50]),
        Sheet(loss: 1_000, bases: [1, 2], caps: [30, 20], shares: [30, 20]),
        Sheet(loss: 7, bases: [0, 5, -3], caps: [9, 9, 9], shares: [0, 7, 0]),
        Sheet(loss: 7, bases: [5, 5], caps: [-1, 9], shares: [0, 7]),
        Sheet(loss: 0, bases: [1, 2], shares: [0, 0]),
        Sheet(loss: -5, bases: [1, 2], shares: [0, 0]),
        Sheet(loss: 5, bases: [0, 0], shares: [0, 0]),
        Sheet(loss: 5, bases: [], shares: []),
    ])
    func `are those of a calculator`(sheet: Sheet) {
        #expect(
            LossShares.shares(of: sheet.loss, by: sheet.bases, caps: sheet.caps) == sheet.shares
        )
    }

    /// Payers of all sizes, with many equal bases.
    private struct Payers {
        var bases: [Int128]
        var caps: [Int128]?
        var loss: Int128
        var random: SplitMix64

        init(seed: UInt64) {
            random = SplitMix64(seed: seed)
            let scale = PowerOfTen.of(random.pick([0, 0, 1, 16, 27]))
            let count = Int(random.int(1...9))
            var bases: [Int128] = []
            var caps: [Int128] = []
            for _ in 0..<count {
                bases.append(Int128(random.int(0...7)) * scale + Int128(random.int(0...2)))
                caps.append(Int128(random.int(0...9)) * scale + Int128(random.int(0...2)))
            }
            self.bases = bases
            self.caps = random.chance(70) ? caps : nil
            loss = Int128(random.int(0...40)) * scale + Int128(random.int(0...9))
        }

        /// What all of them could pay at the most.
        var bearable: Int128 {
            guard bases.contains(where: { $0 > 0 }) else { return 0 }
            return caps.map { zip(bases, $0).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) } } ?? loss
        }

        /// The exact share of each: those who reach their cap are fixed, until nobody does.
        func exact() -> [Rational] {
            var fixed = [Rational?](repeating: nil, count: bases.count)
            while true {
                let open = bases.indices.filter { fixed[$0] == nil && bases[$0] > 0 }
                let total = open.reduce(Rational.zero) { $0 + Rational(BigInt(bases[$1])) }
                let rest = fixed.reduce(Rational(BigInt(loss))) { $0 - ($1 ?? .zero) }
                guard !total.isZero else { return fixed.map { $0 ?? .zero } }
                let quota = bases.indices.map { rest * Rational(BigInt(bases[$0])) / total }
                let full = open.filter { index in
                    caps.map { Rational(BigInt($0[index])) < quota[index] } ?? false
                }
                guard !full.isEmpty else {
                    return bases.indices.map { fixed[$0] ?? (bases[$0] > 0 ? quota[$0] : .zero) }
                }
                for index in full { fixed[index] = caps.map { Rational(BigInt($0[index])) } }
            }
        }
    }

    @Test(arguments: Seeds.of(400))
    func `add up, keep to caps and are within a unit of the exact ones`(seed: UInt64) {
        let payers = Payers(seed: seed)
        let shares = LossShares.shares(of: payers.loss, by: payers.bases, caps: payers.caps)
        #expect(shares.reduce(0, +) == min(payers.loss, payers.bearable))
        for (index, exact) in payers.exact().enumerated() {
            #expect(shares[index] >= 0)
            if let caps = payers.caps { #expect(shares[index] <= caps[index]) }
            #expect((Rational(BigInt(shares[index])) - exact).magnitude < .one, "\(payers)")
        }
    }

    @Test(arguments: Seeds.of(400))
    func `do not depend on the order of the payers, up to equal bases`(seed: UInt64) {
        var payers = Payers(seed: seed)
        let shares = LossShares.shares(of: payers.loss, by: payers.bases, caps: payers.caps)
        let order = payers.bases.indices.shuffled(using: &payers.random)
        let shuffled = LossShares.shares(
            of: payers.loss,
            by: order.map { payers.bases[$0] },
            caps: payers.caps.map { caps in order.map { caps[$0] } }
        )
        // Whoever has the same basis may have changed places for one unit, nobody else.
        let before = payers.bases.indices.map { (payers.bases[$0], shares[$0]) }.sorted(by: <)
        let after = order.indices.map { (payers.bases[order[$0]], shuffled[$0]) }.sorted(by: <)
        #expect(before.elementsEqual(after, by: ==), "\(payers)")
    }

    @Test func `use all 128 bits`() {
        let large = Limits.money
        #expect(LossShares.shares(of: large, by: [large, large, large]).reduce(0, +) == large)
        let most = Int128.max / 2
        #expect(LossShares.shares(of: most, by: [most, most], caps: [1, most]) == [1, most - 1])
    }
}

@Suite struct `A charge over profits` {
    @Test(arguments: Seeds.of(200))
    func `has the smallest largest part of a profit, to a unit`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let scale = PowerOfTen.of(random.pick([0, 8, 20]))
        let profits = (0..<random.int(1...6)).map { _ in Int128(random.int(1...99)) * scale }
        let all = profits.reduce(0, +)
        let deficit = Int128(random.int(0...500)) * scale
        let charges = LossShares.shares(of: deficit, by: profits, caps: profits)
        #expect(charges.reduce(0, +) == min(deficit, all))
        // At least one of any charges is deficit ÷ all of its profit or more; these are at most that,
        // and the unit that is left over.
        for (charge, profit) in zip(charges, profits) where charge > 0 {
            let part = Rational(BigInt(charge - 1)) / Rational(BigInt(profit))
            #expect(part < Rational(BigInt(min(deficit, all))) / Rational(BigInt(all)))
            #expect(charge <= profit)
        }
    }
}

@Suite struct `Payers in a row` {
    @Test(
        arguments: [
            (amount: 20, caps: [10, 20, 30], paid: [10, 10, 0]),
            (amount: 70, caps: [10, 20, 30], paid: [10, 20, 30]),
            (amount: 5, caps: [-3, 0, 9], paid: [0, 0, 5]),
            (amount: -1, caps: [4], paid: [0]),
        ] as [(Int128, [Int128], [Int128])]
    )
    func `pay in full before the next`(amount: Int128, caps: [Int128], paid: [Int128]) {
        #expect(LossShares.inOrder(amount, caps: caps) == paid)
    }
}

@Suite struct `Receipts as Vega rounds them` {
    struct Sheet: Sendable {
        var collected: Int128
        var wins: [Int128]
        var network: Int?
        var receipts: [Int128]
    }

    @Test(arguments: [
        // 2580 × 80 ÷ 8080 = 25.5, 638.6, 1915.8: two units are left.
        Sheet(collected: 2_580, wins: [80, 2_000, 6_000], receipts: [25, 638, 1_917]),
        Sheet(collected: 2_580, wins: [6_000, 2_000, 80], receipts: [1_915, 638, 27]),
        Sheet(collected: 2_580, wins: [80, 2_000, 6_000], network: 0, receipts: [27, 638, 1_915]),
        Sheet(collected: 10, wins: [3, 3, 0], network: 2, receipts: [3, 3, 0]),
        Sheet(collected: 5, wins: [3, 3, 0], network: 2, receipts: [2, 3, 0]),
        Sheet(collected: 0, wins: [3, 3], receipts: [0, 0]),
        Sheet(collected: 4, wins: [0, -1], receipts: [0, 0]),
    ])
    func `leave the remainder to the network or the last`(sheet: Sheet) {
        #expect(
            LossShares.vegaReceipts(of: sheet.collected, by: sheet.wins, network: sheet.network)
                == sheet.receipts
        )
    }
}
