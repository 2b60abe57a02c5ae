@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

@Suite struct `Steps of a disposal` {
    @Test(arguments: [
        // OKX, help 360020411711: from tier 3 on to the cap of tier 1, below it all.
        (held: "15000", closed: "13000"),
        (held: "-15000", closed: "13000"),
        (held: "12001", closed: "10001"),
        (held: "12000", closed: "12000"),
        (held: "2000", closed: "2000"),
        (held: "0", closed: "0"),
    ])
    func `a cut goes to the first cap from the third tier on`(held: String, closed: String) {
        let size = ReductionSteps.cut(
            quantity(held),
            toCap: quantity("2000"),
            from: quantity("12001")
        )
        #expect(size == quantity(closed))
    }

    @Test func `a cut to a cap above the size closes nothing`() {
        let size = ReductionSteps.cut(quantity("5"), toCap: quantity("9"), from: quantity("1"))
        #expect(size == .zero)
    }

    private func slice(
        _ fraction: String,
        whole: String,
        share: String,
        lot: String = "1"
    ) -> DisposalSlice {
        DisposalSlice(
            fraction: rate(fraction),
            whole: quantity(whole),
            share: rate(share),
            lot: quantity(lot)
        )
    }

    @Test func `slices are those of Vega's acceptance criterion`() {
        // vegaprotocol/specs, 0012-POSR-013.
        let rule = slice("0.5", whole: "50", share: "0.01")
        let sizes = ReductionSteps.slices(
            of: quantity("280"),
            rule,
            visible: quantity("10000"),
            steps: 9
        )
        #expect(sizes == ["100", "90", "45", "45"].map { quantity($0) })
    }

    @Test(arguments: [
        // Half of one is rounded up to one lot.
        (held: "10", visible: "1", fraction: "1", whole: "1000", share: "0.5", size: "1"),
        (held: "-10", visible: "100", fraction: "0.25", whole: "0", share: "1", size: "3"),
        (held: "0.4", visible: "100", fraction: "0.5", whole: "0", share: "1", size: "0.4"),
        (held: "10", visible: "0", fraction: "1", whole: "1000", share: "1", size: "0"),
        (held: "10", visible: "100", fraction: "0", whole: "0", share: "1", size: "0"),
    ])
    func `a slice is rounded up to a lot and never exceeds the position`(
        held: String,
        visible: String,
        fraction: String,
        whole: String,
        share: String,
        size: String
    ) {
        let rule = slice(fraction, whole: whole, share: share)
        #expect(rule.size(of: quantity(held), visible: quantity(visible)) == quantity(size))
    }

    @Test(arguments: Seeds.of(100))
    func `slices end with the position`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let held = Quantity(unchecked: random.int(1...1_000_000))
        let rule = DisposalSlice(
            fraction: Rate(unchecked: random.int(1_000_000...100_000_000)),
            whole: Quantity(unchecked: random.int(0...1_000)),
            share: Rate(unchecked: random.int(1_000_000...100_000_000)),
            lot: Quantity(unchecked: random.pick([1, 10, 1_000]))
        )
        let visible = Quantity(unchecked: random.int(1_000_000...9_000_000))
        let sizes = ReductionSteps.slices(of: held, rule, visible: visible, steps: 100_000)
        #expect(sizes.reduce(0) { $0 + $1.units } == held.units)
        // All but the last are whole lots.
        #expect(sizes.dropLast().allSatisfy { $0.units % rule.lot.units == 0 })
    }

    @Test(arguments: [
        (value: "2000", price: "50000", payoff: Payoff.linear, rounding: Rounding.down, "0.04"),
        (value: "1", price: "3", payoff: .linear, rounding: .down, "0.33333333"),
        (value: "1", price: "3", payoff: .linear, rounding: .up, "0.33333334"),
        (value: "0.5", price: "50000", payoff: .inverse, rounding: .down, "25000"),
        (value: "0.5", price: "3", payoff: .quanto, rounding: .up, "0.16666667"),
    ])
    func `a quantity is found by its value`(
        value: String,
        price at: String,
        payoff: Payoff,
        rounding: Rounding,
        size: String
    ) {
        let found = ReductionSteps.quantity(
            worth: money(value),
            at: price(at),
            payoff,
            rounding: rounding
        )
        #expect(found == quantity(size))
    }

    @Test func `a quantity beyond its limit is none`() {
        let found = ReductionSteps.quantity(
            worth: Money(units: Limits.money),
            at: price("0.00000001"),
            .linear,
            rounding: .down
        )
        #expect(found == nil)
    }
}
