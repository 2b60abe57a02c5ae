@testable import Plimsoll
import BigInt
import PlimsollAudit
import PlimsollUnits
import TestSupport
import Testing

@Suite struct `The bankruptcy price of a part` {
    @Test(arguments: [
        // 5000 − 998 = 4002 for 0.1.
        (size: "0.1", value: "5000", share: "998", payoff: Payoff.linear, at: "40020"),
        (size: "-0.1", value: "5000", share: "998", payoff: .linear, at: "59980"),
        // A debt: a long must bring in more than it is worth.
        (size: "0.1", value: "5000", share: "-500", payoff: .linear, at: "55000"),
        (size: "-0.1", value: "5000", share: "-500", payoff: .linear, at: "45000"),
        // 1 ÷ 3 is rounded up for a sale, down to buy back.
        (size: "3", value: "1.5", share: "0.5", payoff: .quanto, at: "0.33333334"),
        (size: "-3", value: "0.5", share: "0.5", payoff: .linear, at: "0.33333333"),
        // Inverse: 50000 is 1 coin at 50000; a quarter more may be paid out at 40000.
        (size: "50000", value: "1", share: "0.25", payoff: .inverse, at: "40000"),
        (size: "-50000", value: "1", share: "0.2", payoff: .inverse, at: "62500"),
        (size: "50000", value: "1", share: "-0.2", payoff: .inverse, at: "62500"),
        // Any price brings in enough.
        (size: "1", value: "5", share: "9", payoff: .linear, at: "0.00000001"),
        (size: "-1", value: "5", share: "1e15", payoff: .linear, at: "90000000000"),
        (size: "-50000", value: "1", share: "1", payoff: .inverse, at: "90000000000"),
    ])
    func `is that of a calculator`(
        size: String,
        value: String,
        share: String,
        payoff: Payoff,
        at: String
    ) {
        let found = LiquidationPricing.bankruptcyPrice(
            closing: quantity(size),
            value: money(value),
            share: money(share),
            payoff
        )
        #expect(found == price(at))
    }

    @Test(arguments: [
        (size: "0", value: "5", share: "1", payoff: Payoff.linear),
        (size: "-1", value: "5", share: "-5", payoff: .linear),
        (size: "1", value: "5", share: "-1e12", payoff: .linear),
        (size: "1", value: "5", share: "-5", payoff: .inverse),
    ])
    func `is none where no price brings in enough`(
        size: String,
        value: String,
        share: String,
        payoff: Payoff
    ) {
        let found = LiquidationPricing.bankruptcyPrice(
            closing: quantity(size),
            value: money(value),
            share: money(share),
            payoff
        )
        #expect(found == nil)
    }

    @Test(arguments: Payoff.allCases, Seeds.of(200))
    func `costs no more than the share, one step further does`(payoff: Payoff, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let size = random.int(1...5_000_000_000_000) * (random.chance(50) ? 1 : -1)
        let mark = random.int(1_000...9_000_000_000_000)
        let value = Valuation.value(size, at: mark, payoff)
        let width = max(1, value.magnitude)
        let share = Int128(random.int(-400...900)) * Int128(width) / 1_000
        let found = LiquidationPricing.bankruptcyPrice(
            closing: Quantity(unchecked: size),
            value: Money(units: Int128(value.magnitude)),
            share: Money(units: share),
            payoff
        )
        guard let limit = found?.units, limit > 1, limit < Limits.price else { return }
        /// What closing at a price costs against the mark.
        func cost(at price: Int64) -> Int128 {
            Valuation.worth(size, at: mark, payoff) - Valuation.worth(size, at: price, payoff)
        }
        #expect(cost(at: limit) <= share)
        // Further away by a step: more, or the same where a step of the price is less than a unit.
        #expect(cost(at: size > 0 ? limit - 1 : limit + 1) >= share)
    }

    @Test(arguments: Seeds.of(100))
    func `has shares that never add up to more than the equity`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let parts = (0..<random.int(1...8)).map { _ in Money(units: Int128(random.int(1...999))) }
        let maintenance = parts.reduce(Money.zero, +)
        let equity = Money(units: Int128(random.int(-9_999...9_999)))
        let shares = parts.map {
            LiquidationPricing.share(of: equity, freeing: $0, from: maintenance)
        }
        let all = shares.reduce(Money.zero, +)
        #expect(all <= equity)
        #expect(equity.units - all.units < Int128(parts.count))
        let nothing = LiquidationPricing.share(of: equity, freeing: equity, from: .zero)
        #expect(nothing == .zero)
    }

    @Test(arguments: ["0.1", "0.04", "0.03333333"])
    func `is the price of the engine's bankruptcy value`(part: String) throws {
        var desk = Desk(SampleRulebook.dydx.rulebook)
        desk.open("alice", deposit: "1000")
        desk.mark("BTC-USD", "50000")
        desk.fill("alice", "BTC-USD", "0.1", at: "50000")
        desk.mark("BTC-USD", "41000")
        let closed = quantity(part)
        let value = try desk.engine.bankruptcyValue(
            desk.account("alice"),
            desk.instrument("BTC-USD"),
            change: -closed
        )
        let report = desk.report("alice")
        let figures = try #require(report.figures)
        let held = quantity("0.1")
        let need = figures.maintenanceMargin
        let kept = try #require(
            need.units.multiplied(
                by: Int128(held.units - closed.units),
                dividedBy: Int128(held.units),
                rounding: .up
            )
        )
        let share = LiquidationPricing.share(
            of: figures.equity,
            freeing: Money(units: need.units - kept),
            from: need
        )
        let limit = LiquidationPricing.bankruptcyPrice(
            closing: closed,
            value: closed.value(at: price("41000")),
            share: share,
            .linear
        )
        // In whole quantums of 10⁻⁶, as the protocol counts.
        let proceeds = closed.value(at: try #require(limit))
        #expect((proceeds - value).magnitude < money("0.00001"), "\(proceeds) \(value)")
    }
}

@Suite struct `The fillable price` {
    private func fillable(
        equity: String,
        maintenance: String = "500",
        value: String = "5000",
        own: String = "500",
        mark: String = "50000",
        side: Side = .sell,
        adjustment: String = "1",
        spread: String = "0.1"
    ) -> FillablePrice {
        FillablePrice(
            equity: money(equity),
            maintenance: money(maintenance),
            value: money(value),
            positionMaintenance: money(own),
            mark: price(mark),
            side: side,
            adjustment: rate(adjustment),
            spread: rate(spread)
        )
    }

    @Test(arguments: [
        // dYdX v4, x/clob/keeper/liquidations_test.go (84d4664b), in USD.
        (equity: "499", side: Side.sell, adjustment: "1", spread: "0.1", at: "49999"),
        (equity: "499", side: .sell, adjustment: "1", spread: "0.2", at: "49998"),
        (equity: "499", side: .buy, adjustment: "1", spread: "0.1", at: "50001"),
        (equity: "499", side: .buy, adjustment: "2", spread: "0.1", at: "50002"),
        (equity: "-500", side: .sell, adjustment: "1", spread: "0.1", at: "49500"),
        (equity: "499", side: .sell, adjustment: "1", spread: "1", at: "49990"),
        // At or above maintenance it is the mark; the depth is never more than one.
        (equity: "500", side: .sell, adjustment: "1", spread: "0.1", at: "50000"),
        (equity: "900", side: .buy, adjustment: "1", spread: "0.1", at: "50000"),
        (equity: "0", side: .sell, adjustment: "1", spread: "0.1", at: "49500"),
        (equity: "-1e12", side: .buy, adjustment: "10", spread: "0.1", at: "50500"),
        (equity: "250", side: .sell, adjustment: "0", spread: "0.1", at: "50000"),
        // Further than the mark: the smallest price there is.
        (equity: "0", side: .sell, adjustment: "1", spread: "10", at: "0.00000001"),
    ])
    func `is the protocol's`(
        equity: String,
        side: Side,
        adjustment: String,
        spread: String,
        at: String
    ) {
        let fillable = fillable(
            equity: equity,
            side: side,
            adjustment: adjustment,
            spread: spread
        )
        #expect(fillable.limit == price(at))
    }

    @Test func `is the mark where there is nothing to go by`() {
        #expect(fillable(equity: "0", value: "0").limit == price("50000"))
        #expect(fillable(equity: "0", maintenance: "0").limit == price("50000"))
        #expect(fillable(equity: "-1", maintenance: "0").limit == price("49500"))
    }

    @Test(arguments: Seeds.of(200))
    func `is rounded toward the mark from the exact price`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func amount(_ range: ClosedRange<Int64>) -> Money {
            let size = PowerOfTen.of(random.pick([0, 8, 16]))
            return Money(units: Int128(random.int(range)) * size)
        }
        let maintenance = amount(1...10_000)
        let fillable = FillablePrice(
            equity: Money(
                units: maintenance.units * Int128(random.int(-150...120)) / 100
            ),
            maintenance: maintenance,
            value: amount(1...10_000),
            positionMaintenance: amount(0...10_000),
            mark: Price(unchecked: random.int(1...9_000_000_000_000)),
            side: random.chance(50) ? .sell : .buy,
            adjustment: Rate(unchecked: random.int(0...1_000_000_000)),
            spread: Rate(unchecked: random.int(0...1_000_000_000))
        )
        let exact = exactPrice(fillable)
        let isSale = fillable.side == .sell
        let whole = isSale ? exact.ceiling(scale: 0) : exact.floor(scale: 0)
        let bounded = min(max(whole, 1), BigInt(Limits.price))
        #expect(BigInt(fillable.limit.units) == bounded)
        if let terms = fillable.fraction {
            #expect(Rational(BigInt(terms.numerator), BigInt(terms.denominator)) == exact)
            let divisor = BigInt(terms.numerator).greatestCommonDivisor(
                with: BigInt(terms.denominator)
            )
            #expect(divisor == 1)
        }
    }

    /// In steps of 10⁻⁸.
    private func exactPrice(_ price: FillablePrice) -> Rational {
        func r(_ money: Money) -> Rational { Rational(BigInt(money.units)) }
        let adjustment = Rational(price.adjustment.units, scale: 8)
        let depth = adjustment * (.one - r(price.equity) / r(price.maintenance))
        let clamped = min(.one, max(.zero, depth))
        let spread = Rational(price.spread.units, scale: 8)
        let part = clamped * spread * r(price.positionMaintenance) / r(price.value)
        let mark = Rational(price.mark.units)
        return price.side == .sell ? mark - mark * part : mark + mark * part
    }

    @Test func `needs no fraction of 128 bits`() {
        let huge = FillablePrice(
            equity: Money(units: -Limits.money + 1),
            maintenance: Money(units: Limits.money - 9),
            value: Money(units: Limits.money - 7),
            positionMaintenance: Money(units: Limits.money - 3),
            mark: .max,
            side: .sell,
            adjustment: Rate(unchecked: 1),
            spread: Rate(unchecked: 99_999_999)
        )
        #expect(huge.fraction == nil)
        #expect(BigInt(huge.limit.units) == exactPrice(huge).ceiling(scale: 0))
    }
}

@Suite struct `The fee of a liquidation` {
    @Test(arguments: [
        (rate: "0.0125", notional: "1000", equity: "100", fee: "12.5"),
        (rate: "0.0125", notional: "1000", equity: "12", fee: "12"),
        (rate: "0.0125", notional: "1000", equity: "0", fee: "0"),
        (rate: "0.0125", notional: "1000", equity: "-5", fee: "0"),
        (rate: "-0.01", notional: "1000", equity: "5", fee: "0"),
        (rate: "0.00000001", notional: "0.00000001", equity: "1", fee: "0.0000000000000001"),
        (rate: "0.5", notional: "0.0000000000000001", equity: "1", fee: "0.0000000000000001"),
    ])
    func `makes nobody bankrupt`(
        rate fee: String,
        notional: String,
        equity: String,
        fee charged: String
    ) {
        let found = LiquidationPricing.fee(
            rate(fee),
            of: money(notional),
            equity: money(equity)
        )
        #expect(found == money(charged))
    }

    @Test(arguments: [
        // drift-labs/protocol-v2 0ae3e3b1, math/liquidation/tests.rs:646.
        (shortage: "20", notional: "1000", fee: "0.019"),
        (shortage: "1", notional: "1000", fee: "0.03705"),
        (shortage: "0", notional: "1000", fee: "0.038"),
        (shortage: "40", notional: "1000", fee: "0"),
        (shortage: "1e12", notional: "1000", fee: "0"),
        (shortage: "0", notional: "0", fee: "0"),
    ])
    func `leaves the fund a share of the headroom`(
        shortage: String,
        notional: String,
        fee: String
    ) {
        let found = LiquidationPricing.fundFee(
            shortage: money(shortage),
            notional: money(notional),
            maintenance: rate("0.05"),
            liquidatorFee: rate("0.01"),
            share: rate("0.95"),
            cap: rate("0.05")
        )
        #expect(found == rate(fee))
    }

    @Test(arguments: Seeds.of(200))
    func `of the fund never takes more than the headroom`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let notional = Money(units: Int128(random.int(1...1_000_000_000)))
        let shortage = Money(units: Int128(random.int(0...100_000_000)))
        let maintenance = Rate(unchecked: random.int(0...20_000_000))
        let own = Rate(unchecked: random.int(0...2_000_000))
        let cap = Rate(unchecked: random.int(0...9_000_000))
        let fee = LiquidationPricing.fundFee(
            shortage: shortage,
            notional: notional,
            maintenance: maintenance,
            liquidatorFee: own,
            share: random.chance(50) ? .one : rate("0.95"),
            cap: cap
        )
        #expect(fee >= .zero && fee <= cap)
        guard fee.units > 0 else { return }
        let short = Rational(BigInt(shortage.units)) / Rational(BigInt(notional.units))
        let used = Rational(fee.units + own.units, scale: 8) + short
        #expect(used <= Rational(maintenance.units, scale: 8))
    }

    @Test(arguments: [
        // drift-labs/protocol-v2 0ae3e3b1, math/liquidation/tests.rs:913: 0.000001 a slot after 1,500.
        (elapsed: 10, fee: "0.02"),
        (elapsed: 1_499, fee: "0.02"),
        (elapsed: 1_500, fee: "0.0215"),
        (elapsed: 30_000, fee: "0.05"),
        (elapsed: 30_001, fee: "0.05"),
        (elapsed: Int64.max, fee: "0.05"),
        (elapsed: -5, fee: "0.02"),
    ])
    func `rises with the time that was waited`(elapsed: Int64, fee: String) {
        let found = LiquidationPricing.fee(
            base: rate("0.02"),
            step: rate("0.000001"),
            elapsed: elapsed,
            grace: 1_500,
            cap: rate("0.05")
        )
        #expect(found == rate(fee))
    }

    @Test(arguments: [
        (balance: "5", change: "-5", bears: true),
        (balance: "5", change: "-5.0000000000000001", bears: false),
        (balance: "-5", change: "1", bears: true),
        (balance: "-5", change: "0", bears: true),
        (balance: "-5", change: "-1", bears: false),
    ])
    func `a fund bears what leaves it at nothing or more, and every gain`(
        balance: String,
        change: String,
        bears: Bool
    ) {
        #expect(LiquidationPricing.fundBears(money(change), balance: money(balance)) == bears)
    }
}

@Suite struct `A loss over open interest` {
    @Test(arguments: [
        // drift-labs/protocol-v2 0ae3e3b1, math/liquidation/tests.rs:517: 100 ÷ 11.
        (loss: "-100", long: "7", short: "-4", scale: 6, perUnit: "9.090910"),
        (loss: "100", long: "7", short: "4", scale: 16, perUnit: "9.0909090909090910"),
        (loss: "0", long: "7", short: "4", scale: 6, perUnit: "0"),
    ])
    func `is rounded up for every unit`(
        loss: String,
        long: String,
        short: String,
        scale: Int,
        perUnit: String
    ) {
        let found = LiquidationPricing.lossPerUnit(
            money(loss),
            long: units(long, 8),
            short: units(short, 8),
            scale: scale
        )
        #expect(found == money(perUnit))
    }

    @Test func `is nothing where nothing is open`() {
        #expect(LiquidationPricing.lossPerUnit(money("1"), long: 0, short: 0) == nil)
        let beyond = LiquidationPricing.lossPerUnit(money("1"), long: .max, short: .min)
        #expect(beyond == nil)
    }
}
