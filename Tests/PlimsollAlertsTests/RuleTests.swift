@testable import PlimsollAlerts
import PlimsollWire
import Testing

/// Levels in tests are hundredths, so that a table can be read.
private let hundredth: Int128 = 100_000_000_000_000

/// One rule that hears of one account, mark or fund, once a second unless a step says otherwise.
private struct Story {
    var machine: AlertMachine
    var second: Int64 = 0
    /// What fired and ended: `+` and `-` with the second.
    var told: [String] = []

    init(_ condition: AlertRule.Condition, after: Int64 = 0, endsAfter: Int64 = 0) {
        var rule = AlertRule("r", condition)
        (rule.after, rule.endsAfter) = (after, endsAfter)
        machine = AlertMachine([rule], active: [], nextID: 1)
    }

    mutating func sample(_ body: (inout AlertMachine) -> Void) {
        machine.begin(AlertMoment(time: second * 1_000, steady: second * 1_000, sequence: 1))
        body(&machine)
        for change in machine.end() {
            told.append("\(change.endedAt == nil ? "+" : "-")\(second)")
        }
        second += 1
    }

    /// Maintenance in hundredths of an equity of one.
    mutating func ratio(_ hundredths: Int128) {
        sample {
            $0.see(
                0,
                AccountReading(equity: 100 * hundredth, maintenance: hundredths * hundredth),
                name: { "a-1" }
            )
        }
    }

    mutating func equity(_ hundredths: Int128) {
        sample {
            let reading = AccountReading(equity: hundredths * hundredth, maintenance: hundredth)
            $0.see(0, reading, name: { "a-1" })
        }
    }
}

private let near = AlertRule.Condition.ratio(
    above: 90 * hundredth,
    margin: 5 * hundredth,
    accounts: .all
)

@Suite struct `A rule` {
    /// Ratios, one a second, and what is told.
    @Test(
        arguments: [
            ("at the threshold is not above it", [89, 90, 90], 0, 0, []),
            ("above fires once", [90, 91, 95, 99], 0, 0, ["+1"]),
            ("within the margin nothing ends", [91, 89, 86, 91, 88], 0, 0, ["+0"]),
            ("back by the margin ends it", [91, 85, 84], 0, 0, ["+0", "-1"]),
            ("and it may fire again", [91, 85, 91, 85], 0, 0, ["+0", "-1", "+2", "-3"]),
            ("it waits before it fires", [91, 91, 91, 91], 2, 0, ["+2"]),
            ("what comes back meanwhile begins anew", [91, 91, 89, 91, 91, 91], 2, 0, ["+5"]),
            ("it waits before it ends", [91, 80, 80, 80], 0, 2, ["+0", "-3"]),
            ("what rises meanwhile goes on", [91, 80, 89, 80, 80, 80], 0, 2, ["+0", "-5"]),
        ] as [(String, [Int128], Int64, Int64, [String])]
    )
    func `has a margin and patience`(
        name: String,
        ratios: [Int128],
        after: Int64,
        endsAfter: Int64,
        told: [String]
    ) {
        var story = Story(near, after: after, endsAfter: endsAfter)
        for ratio in ratios { story.ratio(ratio) }
        #expect(story.told == told, "\(name)")
    }

    @Test(
        arguments: [
            ("a fall at once", 60, [100, 71, 70, 65], ["+2"]),
            ("a slow fall that is within the time", 60, [100, 95, 90, 85, 80, 75, 70], ["+6"]),
            ("a fall that takes longer", 2, [100, 95, 90, 85, 80, 75, 70, 65], []),
            ("a rise, then a fall from it", 60, [50, 100, 75, 70], ["+3"]),
            ("what recovers to within the margin goes on", 60, [100, 70, 75, 79], ["+1"]),
            ("what recovers by the margin ends", 60, [100, 70, 80], ["+1", "-2"]),
            ("below zero", 60, [100, -50], ["+1"]),
            ("from nothing there is no fall", 60, [0, -5, -10], []),
            ("the height is forgotten in time", 3, [100, 70, 70, 70, 70, 70], ["+1", "-4"]),
        ] as [(String, Int64, [Int128], [String])]
    )
    func `sees a fall within its time`(
        name: String,
        within: Int64,
        equities: [Int128],
        told: [String]
    ) {
        let fall = AlertRule.Fall(
            share: 30 * hundredth,
            within: within,
            margin: 10 * hundredth
        )
        var story = Story(.depletion(fall, least: 0, accounts: .all))
        for equity in equities { story.equity(equity) }
        #expect(story.told == told, "\(name)")
    }

    @Test func `does not call a fall of before a restart over, before its time was seen`() {
        let fall = AlertRule.Fall(share: 30 * hundredth, within: 22, margin: 10 * hundredth)
        var story = Story(.depletion(fall, least: 0, accounts: .all))
        for equity: Int128 in [100, 60] { story.equity(equity) }
        #expect(story.told == ["+1"])
        story.machine = AlertMachine(story.machine.rules, active: story.machine.active, nextID: 2)
        for _ in 2..<25 { story.equity(60) }
        #expect(story.told == ["+1"])
        story.equity(60)
        #expect(story.told == ["+1", "-25"])
    }

    @Test func `takes over only alerts of names that it is about`() {
        var story = Story(near)
        story.ratio(95)
        let active = story.machine.active
        #expect(active.count == 1)
        for (names, kept) in [("a-*", 1), ("b-*", 0)] {
            let condition = AlertRule.Condition.ratio(
                above: 90 * hundredth,
                margin: 0,
                accounts: NamePattern(names)
            )
            let rules = [AlertRule("r", condition)]
            #expect(AlertMachine(rules, active: active, nextID: 2).active.count == kept)
        }
    }

    @Test func `does not look at who had next to nothing`() {
        let fall = AlertRule.Fall(share: 30 * hundredth, within: 60, margin: 0)
        var story = Story(.depletion(fall, least: 101 * hundredth, accounts: .all))
        for equity: Int128 in [100, 10] { story.equity(equity) }
        #expect(story.told == [])
        story.equity(101)
        story.equity(10)
        #expect(story.told == ["+3"])
    }

    @Test(
        arguments: [
            ("no equity and a requirement", 0, 1, true),
            ("debt alone", -1, 0, true),
            ("nothing at all", 0, 0, false),
            ("equity alone", 1, 0, false),
        ] as [(String, Int128, Int128, Bool)]
    )
    func `knows an account without a ratio`(
        name: String,
        equity: Int128,
        maintenance: Int128,
        fires: Bool
    ) {
        var story = Story(near)
        story.sample {
            $0.see(0, AccountReading(equity: equity, maintenance: maintenance), name: { "a" })
        }
        #expect((story.told == ["+0"]) == fires, "\(name)")
    }

    @Test(
        arguments: [
            ([100, 99, 100, 109, 110], ["+1", "-4"]), ([200, 100], []),
        ] as [([Int128], [String])]
    )
    func `sees a freeboard below`(freeboards: [Int128], told: [String]) {
        var story = Story(
            .freeboard(below: 100 * hundredth, margin: 10 * hundredth, accounts: .all)
        )
        for freeboard in freeboards { story.equity(freeboard + 1) }
        #expect(story.told == told)
    }

    @Test func `does not tell of an empty account's freeboard`() {
        var story = Story(.freeboard(below: hundredth, margin: 0, accounts: .all))
        story.sample { $0.see(0, AccountReading(equity: 0, maintenance: 0), name: { "a" }) }
        #expect(story.told == [])
    }

    @Test func `sees an old mark, and that it is gone`() {
        var story = Story(.staleMark(olderThan: 10, symbols: NamePattern("BTC*")))
        story.sample {
            $0.see(symbol: "BTCUSDT", age: 10_000)
            $0.see(symbol: "ETHUSDT", age: 99_000)
        }
        #expect(story.told == [])
        story.sample { $0.see(symbol: "BTCUSDT", age: 10_001) }
        story.sample { $0.see(symbol: "BTCUSDT", age: 1) }
        story.sample { $0.see(symbol: "BTCUSDT", age: 11_000) }
        story.sample { _ in }
        #expect(story.told == ["+1", "-2", "+3", "-4"])
    }

    @Test func `sees a fund that shrinks`() {
        let fall = AlertRule.Fall(share: 10 * hundredth, within: 60, margin: hundredth)
        var story = Story(.fundDrawdown(fall, assets: NamePattern("USDT")))
        for cash: Int128 in [1_000, 950, 901, 900, 905, 911] {
            story.sample {
                $0.see(fund: "USDT", cash: cash * hundredth)
                $0.see(fund: "BTC", cash: 0)
            }
        }
        #expect(story.told == ["+3", "-5"])
    }

    @Test func `tells what is wrong with the node once`() {
        var machine = AlertMachine(
            [AlertRule("v", .verification), AlertRule("n", .node)],
            active: [],
            nextID: 7
        )
        let moment = AlertMoment(time: 5, steady: 5, sequence: 9)
        let first = machine.see(verification: "3 wallet", node: nil, moment)
        #expect(first.map(\.text) == ["3 wallet"])
        #expect(first.map(\.id) == [7])
        #expect(machine.see(verification: "4 wallet", node: nil, moment).isEmpty)
        #expect(machine.see(verification: nil, node: "EIO", moment).map(\.rule) == ["n"])
        let later = AlertMoment(time: 9_000, steady: 9_000, sequence: 9)
        #expect(machine.see(verification: nil, node: "EIO", later).map(\.rule) == ["v"])
    }
}

@Suite struct `Many accounts` {
    private static func beyond(_ count: Int, _ machine: inout AlertMachine, _ second: Int64)
        -> [Alert]
    {
        machine.begin(AlertMoment(time: 0, steady: second * 1_000, sequence: 1))
        for index in 0..<2_000 {
            let maintenance: Int128 = index < count ? 95 : 10
            let reading = AccountReading(
                equity: 100 * hundredth,
                maintenance: maintenance * hundredth
            )
            machine.see(index, reading, name: { "a-\(index)" })
        }
        return machine.end()
    }

    @Test func `are listed up to a limit, and the rest is one alert`() {
        var rule = AlertRule("r", near)
        rule.endsAfter = 0
        var machine = AlertMachine([rule], active: [], nextID: 1)
        let first = Self.beyond(800, &machine, 0)
        #expect(first.count == RuleTrack.listLimit + 1)
        #expect(first.last?.subject == .others)
        #expect(machine.unlisted.map(\.count) == [800 - RuleTrack.listLimit])
        #expect(Self.beyond(900, &machine, 1).isEmpty)
        #expect(machine.unlisted.map(\.count) == [900 - RuleTrack.listLimit])
        let ends = Self.beyond(10, &machine, 2)
        #expect(ends.count == RuleTrack.listLimit - 10 + 1)
        #expect(machine.active.count == 10)
        #expect(machine.unlisted.isEmpty)
    }

    @Test func `that a pattern does not mean are left alone`() {
        let condition = AlertRule.Condition.ratio(
            above: 90 * hundredth,
            margin: 0,
            accounts: NamePattern("a-1*")
        )
        var machine = AlertMachine([AlertRule("r", condition)], active: [], nextID: 1)
        let names = Self.beyond(12, &machine, 0).compactMap(\.subject.name)
        #expect(names == ["a-1", "a-10", "a-11"])
    }
}

@Suite struct `Rules that change` {
    private func reading(_ maintenance: Int128) -> AccountReading {
        AccountReading(equity: 100 * hundredth, maintenance: maintenance * hundredth)
    }

    @Test func `end the alerts of those that are not the same`() {
        let (one, two) = (AlertRule("one", near), AlertRule("two", near))
        var machine = AlertMachine([one, two], active: [], nextID: 1)
        let moment = AlertMoment(time: 1, steady: 1, sequence: 1)
        machine.begin(moment)
        machine.see(0, reading(99), name: { "a" })
        #expect(machine.end().map(\.rule) == ["one", "two"])
        var other = two
        other.severity = .critical
        let ended = machine.replace([one, other], at: 2)
        #expect(ended.map(\.rule) == ["two"])
        #expect(ended.map(\.endedBy) == [.rule])
        machine.begin(moment)
        machine.see(0, reading(99), name: { "a" })
        #expect(machine.end().map { "\($0.rule) \($0.id)" } == ["two 3"])
        other.isEnabled = false
        #expect(machine.replace([one, other], at: 3).map(\.rule) == ["two"])
    }

    @Test func `that are active when it begins are not told again`() {
        var machine = AlertMachine([AlertRule("one", near)], active: [], nextID: 1)
        machine.begin(AlertMoment(time: 1, steady: 1, sequence: 1))
        machine.see(0, reading(99), name: { "a" })
        let active = machine.end()
        var next = AlertMachine([AlertRule("one", near)], active: active, nextID: 2)
        next.begin(AlertMoment(time: 1, steady: 1, sequence: 1))
        next.see(5, reading(99), name: { "a" })
        next.see(6, reading(99), name: { "b" })
        #expect(next.end().map(\.subject) == [.account("b")])
        for time: Int64 in [10_000, 15_000] {
            next.begin(AlertMoment(time: time, steady: time, sequence: 1))
            next.see(5, reading(9), name: { "a" })
            next.see(6, reading(99), name: { "b" })
            #expect(next.end().map(\.id) == (time == 15_000 ? [1] : []))
        }
    }
}

@Suite struct `A pattern` {
    @Test(arguments: [
        ("*", "", true), ("*", "a", true), ("a", "a", true), ("a", "ab", false), ("", "", true),
        ("a*", "a", true), ("a*", "ba", false), ("*a", "ba", true), ("a*a", "a", false),
        ("a*a", "aa", true), ("a*b*c", "a-b-c", true), ("a*b*c", "acb", false),
        ("*b*b*", "b", false), ("*b*b*", "xbxbx", true), ("fund-*", "fund-7", true),
        ("ü*", "über", true),
    ])
    func `means names`(pattern: String, name: String, matches: Bool) {
        #expect(NamePattern(pattern).matches(name) == matches, "\(pattern) \(name)")
    }
}
