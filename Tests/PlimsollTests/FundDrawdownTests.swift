@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

@Suite struct `The largest in a window` {
    @Test(arguments: Seeds.of(40))
    func `is that of all values in it`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let window = random.int(1...50)
        var seen: [(time: Int64, value: Int128)] = []
        var largest = WindowMaximum()
        var time: Int64 = 0
        for _ in 0..<300 {
            time += random.int(0...9)
            seen.append((time, Int128(random.int(-20...20))))
            largest.observe(seen[seen.count - 1].value, at: time, window: window)
            let inside = seen.filter { $0.time >= time - window }
            #expect(largest.largest == inside.map(\.value).max())
            let restored = WindowMaximum(times: largest.times, values: largest.values)
            #expect(restored == largest)
        }
    }

    @Test func `is kept in bounded memory and never given up too early`() {
        var largest = WindowMaximum()
        let window: Int64 = 20_000
        let start: Int128 = 1_000_000
        for step in 0..<Int64(60_000) {
            largest.observe(start - Int128(step), at: step, window: window)
            #expect(largest.values.count <= WindowMaximum.capacity)
            let exact = start - Int128(max(0, step - window))
            #expect((largest.largest ?? 0) >= exact)
        }
        #expect(WindowMaximum(times: largest.times, values: largest.values) == largest)
    }

    @Test(
        arguments: [
            ([1], []),
            ([2, 1], [9, 8]),
            ([1, 2], [8, 9]),
            ([1, 2], [8, 8]),
        ] as [([Int64], [Int128])]
    )
    func `is not restored from arrays that do not hold its invariant`(
        times: [Int64],
        values: [Int128]
    ) {
        #expect(WindowMaximum(times: times, values: values) == nil)
    }

    @Test func `takes an earlier time for the last one`() {
        var largest = WindowMaximum()
        largest.observe(5, at: 100, window: 10)
        largest.observe(3, at: 50, window: 10)
        #expect(largest.times == [100, 100])
        largest.observe(1, at: Int64.min, window: Int64.max)
        #expect(largest.largest == 5)
    }
}

@Suite struct `The fall of a fund` {
    private static let hour: Int64 = 3_600_000_000_000
    private let rule = FundRule.Drawdown(
        start: rate("0.3"),
        stop: rate("0.25"),
        window: 8 * hour
    )

    private func at(_ hours: Int64) -> Timestamp { Timestamp(nanoseconds: hours * Self.hour) }

    @Test func `of Bybit's example passes on what is beyond the trigger`() {
        // bybit-exchange/docs, adl-alert.mdx (072c197d), example 1.
        var fund = FundDrawdown()
        let before = fund.observe(
            profit: money("0"),
            balance: money("1000000"),
            at: at(1),
            by: rule
        )
        #expect(before.ratio == .zero && !fund.isTriggered)
        let fall = fund.observe(
            profit: money("-350000"),
            balance: money("1000000"),
            at: at(2),
            by: rule
        )
        #expect(fund.isTriggered)
        #expect(fall.ratio == rate("-0.35"))
        #expect(fall.excess(over: rule.start) == money("50000"))
    }

    @Test func `starts at 30 % and stops below 25 %`() {
        var fund = FundDrawdown()
        // Equity, triggered: exactly 30 % does, exactly 25 % still does.
        let steps: [(String, Bool)] = [
            ("100", false), ("70.0000000000000001", false), ("70", true), ("74", true),
            ("75", true), ("75.0000000000000001", false), ("71", false), ("69", true),
            ("101", false),
        ]
        for (equity, isTriggered) in steps {
            fund.observe(equity: money(equity), at: at(1), by: rule)
            #expect(fund.isTriggered == isTriggered, "\(equity)")
        }
    }

    @Test func `is forgotten with the highest`() {
        var fund = FundDrawdown()
        fund.observe(equity: money("100"), at: at(0), by: rule)
        fund.observe(equity: money("60"), at: at(8), by: rule)
        #expect(fund.isTriggered)
        let fall = fund.observe(equity: money("60"), at: at(9), by: rule)
        #expect(fall.amount == .zero && fall.highest == money("60"))
        #expect(!fund.isTriggered)
    }

    @Test(arguments: ["0", "-5"])
    func `is always too far where nothing is left`(equity: String) {
        var fund = FundDrawdown()
        let fall = fund.observe(equity: money(equity), at: at(0), by: rule)
        #expect(fund.isTriggered)
        #expect(fall.ratio == nil)
        #expect(fall.excess(over: rule.start) == .zero)
        fund.observe(equity: money("1"), at: at(1), by: rule)
        #expect(!fund.isTriggered)
    }

    @Test func `without a highest above zero is all beyond the trigger`() {
        var fund = FundDrawdown()
        fund.observe(equity: money("-5"), at: at(0), by: rule)
        let fall = fund.observe(equity: money("-12"), at: at(1), by: rule)
        #expect(fall.excess(over: rule.start) == money("7"))
    }

    @Test(arguments: Seeds.of(100))
    func `beyond the trigger is there only if it is reached`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var fund = FundDrawdown()
        for hour in 0..<60 {
            let equity = Money(units: Int128(random.int(-10...1_000)))
            let fall = fund.observe(equity: equity, at: at(Int64(hour)), by: rule)
            let excess = fall.excess(over: rule.start)
            #expect(excess.units >= 0 && excess <= fall.amount)
            if excess.units > 0 { #expect(fall.reaches(rule.start)) }
            if equity.units > 0, !fall.reaches(rule.start) { #expect(excess == .zero) }
        }
    }

    @Test(arguments: [("50", false), ("99.99", false), ("100", true), ("500", true)])
    func `a debt is passed on from the smallest one`(debt: String, isDue: Bool) {
        // perps-market 22c58c52, adl_trigger_threshold.
        #expect(DeleveragingTrigger.isDue(money(debt), smallest: money("100")) == isDue)
        #expect(!DeleveragingTrigger.isDue(.zero, smallest: .zero))
    }
}
