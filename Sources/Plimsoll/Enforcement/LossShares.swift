import PlimsollUnits

/// Who pays how much of a loss, exact to the unit.
///
/// Every function here gives one share for each payer, in the order of the payers. Nothing that is
/// negative is ever charged or paid: a negative loss, basis or cap counts as zero.
public enum LossShares {
    /// A loss by the bases of those who bear it: `loss × basis ÷ Σ bases`, never above a cap.
    ///
    /// What a capped one cannot pay goes to the others, again by their bases. The shares add up to
    /// `loss`, or to the caps of all who have a basis if these are less; no basis, no share. What
    /// whole units leave goes one unit each to the largest fractions of a unit, equal fractions to the
    /// larger basis, equal bases to the smaller index. So who pays how much does not depend on the
    /// order of the payers, except for that one unit between payers with equal bases.
    ///
    /// By profits this is also the fair charge, whose largest charge ÷ profit is as small as it can be:
    /// of charges that add up to D over profits of P at least one is D ÷ P of its profit or more, and
    /// here everyone's is, up to the one unit (arXiv 2602.15182 on queues, which are not fair).
    ///
    /// Worked: 10 by 1 : 1 : 1 is 4, 3, 3; by 1 : 2 : 3 with the last capped at 2 it is 3, 5, 2.
    /// Source: pro rata over winners, `margin-rules` section 6 (Deribit, Vega); the remainder as in
    /// the method of Hamilton, because Vega's depends on the order (`margin-rules` section 7).
    ///
    /// - Precondition: there is a cap for each basis or none, and the bases add up within 128 bits.
    public static func shares(
        of loss: Int128,
        by bases: [Int128],
        caps: [Int128]? = nil
    ) -> [Int128] {
        precondition(
            caps.map { $0.count == bases.count } ?? true,
            "Invariant: \(bases.count) bases have as many caps"
        )
        var shares = [Int128](repeating: 0, count: bases.count)
        var open = bases.indices.filter { bases[$0] > 0 }
        var rest = UInt128(max(0, loss))
        var total = open.reduce(UInt128(0)) { $0 + bases[$1].magnitude }
        if let caps {
            let order = byTightestCap(open, bases, caps)
            var full = 0
            while full < order.count {
                let basis = bases[order[full]].magnitude
                let cap = UInt128(max(0, caps[order[full]]))
                guard WideProduct(cap, total) <= WideProduct(rest, basis) else { break }
                shares[order[full]] = Int128(cap)
                rest -= cap
                total -= basis
                full += 1
            }
            open = order[full...].sorted()
        }
        spread(rest, over: open, by: bases, total, into: &shares)
        return shares
    }

    /// An amount by a row of payers, each in full before the next.
    ///
    /// A queue of positions, or the layers of a waterfall: what is left over reaches nobody. Worked: 20
    /// by 10, 20, 30 is 10, 10, 0.
    public static func inOrder(_ amount: Int128, caps: [Int128]) -> [Int128] {
        var rest = max(0, amount)
        return caps.map { cap in
            let share = min(rest, max(0, cap))
            rest -= share
            return share
        }
    }

    /// What winners get of the money that was collected, by Vega's own rounding.
    ///
    /// Each gets `floor(win × collected ÷ Σ wins)`; the remainder goes to the network if it is one of
    /// the winners, else to the last winner, so the result depends on their order: use `shares` where
    /// nothing has to agree with Vega. If enough was collected, each gets its win. Worked: 2,580 over
    /// wins of 80, 2,000 and 6,000 that are 8,080 is 25, 638 and 1,915 + 2.
    ///
    /// Source: vegaprotocol/vega a50750cc, core/collateral/simple_distributor.go (`margin-rules` 3.1).
    ///
    /// - Precondition: the wins add up within 128 bits.
    public static func vegaReceipts(
        of collected: Int128,
        by wins: [Int128],
        network: Int? = nil
    ) -> [Int128] {
        let total = wins.reduce(Int128(0)) { $0 + max(0, $1) }
        let paid = min(max(0, collected), total)
        guard paid > 0, let last = wins.lastIndex(where: { $0 > 0 }) else {
            return wins.map { _ in 0 }
        }
        var receipts = wins.map { Valuation.proportion(paid, max(0, $0), of: total, .down) }
        let favoured = network.map { wins[$0] > 0 ? $0 : last } ?? last
        receipts[favoured] += paid - receipts.reduce(0, +)
        return receipts
    }

    /// Those whose cap is the smallest part of their basis first; they are the first to be capped.
    private static func byTightestCap(
        _ open: [Int],
        _ bases: [Int128],
        _ caps: [Int128]
    ) -> [Int] {
        open.sorted { one, other in
            let left = WideProduct(UInt128(max(0, caps[one])), bases[other].magnitude)
            let right = WideProduct(UInt128(max(0, caps[other])), bases[one].magnitude)
            return left == right ? one < other : left < right
        }
    }

    /// `amount` by bases that add up to `total`, whole units by the largest fractions.
    private static func spread(
        _ amount: UInt128,
        over open: [Int],
        by bases: [Int128],
        _ total: UInt128,
        into shares: inout [Int128]
    ) {
        guard amount > 0, total > 0 else { return }
        var fractions: [(index: Int, rest: UInt128)] = []
        var left = amount
        for index in open {
            let product = amount.multipliedFullWidth(by: bases[index].magnitude)
            let (whole, rest) = total.dividingFullWidth(product)
            shares[index] = Int128(whole)
            left -= whole
            fractions.append((index, rest))
        }
        guard left > 0 else { return }
        fractions.sort { one, other in
            if one.rest != other.rest { return one.rest > other.rest }
            let (basis, otherBasis) = (bases[one.index], bases[other.index])
            return basis == otherBasis ? one.index < other.index : basis > otherBasis
        }
        // Each fraction is less than a unit, so fewer units are left than there are payers.
        for fraction in fractions.prefix(Int(left)) { shares[fraction.index] += 1 }
    }
}
