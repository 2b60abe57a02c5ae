@testable import Plimsoll
import PlimsollUnits
import PlimsollVerification
import PlimsollWire
import TestSupport
import Testing

@Suite struct `A verification` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(1))
    func `finds nothing in a sound engine`(sample: SampleRulebook, seed: UInt64) {
        var world = World(sample, seed: seed &+ 3_100)
        world.isAudited = false
        for _ in 0..<(Seeds.isSoak ? 200 : 60) { world.step() }
        var verified = Verified()
        let half = world.events.count / 2
        verified.follow(world.events[..<half])
        #expect(verified.report().words == [])
        verified.follow(world.events[half...])
        let report = verified.report()
        #expect(report.words == [])
        #expect(report.outcome == .passed)
        #expect(report.compared == verified.engine.directory.accounts.count)
        #expect(report.sequence == verified.engine.sequence)
    }

    @Test(arguments: Seeds.of(2))
    func `finds nothing in a crash`(seed: UInt64) {
        let world = CrashWorld(seed: seed &+ 40_000)
        var verified = Verified()
        for event in world.events {
            verified.follow([event])
            guard Seeds.isSoak || verified.engine.sequence % 40 == 0 else { continue }
            #expect(verified.report().words == [])
        }
        #expect(verified.report().words == [])
    }

    @Test(arguments: PlantedFault.all)
    func `finds and names what was planted`(fault: PlantedFault) {
        var verified = Verified(PlantedFault.history)
        #expect(verified.report().words == [])
        let report = verified.report(fault.plant)
        #expect(report.outcome == .found)
        let names = report.findings.map { "\($0.kind) \($0.account?.index ?? -1) \($0.what)" }
        #expect(names.contains(fault.named), "\(report.words)")
        // It was in the copy alone.
        #expect(verified.report().words == [])
    }

    /// Reference data, books, orders and enforcement: whatever is left out shows, at once or at the end.
    @Test func `finds every event that was left out or heard twice`() {
        let events = PlantedFault.history
        for index in events.indices {
            var without = Verified(events) { $0 == index ? [] : [$1] }
            let left = without.report()
            #expect(left.counts[.events] != nil, "without \(events[index].body)")
            #expect(left.findings.contains { $0.kind != .events }, "without \(events[index].body)")
            var twice = Verified(events) { $0 == index ? [$1, $1] : [$1] }
            #expect(twice.report().findings.contains { $0.kind == .events })
        }
    }

    @Test(arguments: SampleRulebook.allCases)
    func `survives any history that is not the engine's`(sample: SampleRulebook) {
        var world = World(sample, seed: 3_200)
        world.isAudited = false
        for _ in 0..<60 { world.step() }
        var engine = Engine()
        for index in world.events.indices {
            var effects: [Effect] = []
            engine.applyOrRefuse(world.events[index], emitting: &effects)
            let isChosen = Seeds.isSoak || index % 60 == sample.rawValue.utf8.count
            // A repetition is nothing to be missed.
            guard isChosen, !effects.contains(.repeated) else { continue }
            var verified = Verified(world.events) { $0 == index ? [] : [$1] }
            #expect(verified.report().counts[.events] != nil, "\(world.events[index].body)")
        }
    }

    @Test(arguments: Seeds.of(1))
    func `survives a crash that it has not heard all of`(seed: UInt64) {
        let world = CrashWorld(seed: seed &+ 41_000)
        for index in stride(from: 3, to: world.events.count, by: Seeds.isSoak ? 1 : 40) {
            var verified = Verified(world.events) { $0 == index ? [] : [$1] }
            #expect(verified.report().outcome == .found)
        }
    }

    @Test func `tells what was decided against the rules, once`() {
        let desk = History.ordered()
        var verified = Verified()
        for event in desk.events {
            var engine = verified.engine
            var effects: [Effect] = []
            engine.applyOrRefuse(event, emitting: &effects)
            if !effects.ordered.isEmpty { Lie.order { $0.limit = price("80") }(&effects) }
            verified.note(event, told: effects, engine)
        }
        let report = verified.report()
        #expect((report.counts[.decision] ?? 0) > 0, "\(report.words)")
        #expect(report.words.first?.contains("bankruptcy price") == true)
        #expect(verified.report().counts[.decision] == nil)
    }

    @Test func `goes on where it was, or says what it has not heard`() {
        let events = PlantedFault.history
        var verified = Verified(events)
        let sequence = verified.verifier.sequence
        verified.skip(1)
        #expect(verified.verifier.sequence == sequence)
        #expect(verified.report().words.first?.contains("what follows event") == true)
    }

    @Test func `can be cancelled, and says how far it is`() {
        var world = World(.binance, seed: 1)
        world.isAudited = false
        let venue = VenueID(index: 0)
        for number in 0..<600 {
            world.send(.accountOpened(AccountOpened(venue: venue, name: "more-\(number)")))
        }
        let verified = Verified(world.events)
        var verifier = verified.verifier
        var steps: [Int] = []
        let report = verifier.compare(with: verified.engine) { compared, accounts in
            steps.append(compared)
            #expect(accounts == verified.engine.directory.accounts.count)
            return compared < 500
        }
        #expect(report.outcome == .cancelled)
        #expect(steps == [256, 512])
        #expect(report.compared == 512)
    }

    @Test func `keeps as many findings as it may, and counts all`() {
        var verifier = Verifier(findingLimit: 3) { .zero }
        var engine = Engine()
        for (index, event) in PlantedFault.history.enumerated() {
            var effects: [Effect] = []
            engine.applyOrRefuse(event, emitting: &effects)
            verifier.note(event, effects: effects, sequence: UInt64(index + 1), of: engine)
        }
        engine.ledger.claim()
        for index in engine.ledger.pools.indices { engine.ledger.pools[index].wallet += 7 }
        let report = verifier.compare(with: engine)
        #expect(report.findings.count == 3)
        #expect(report.findingCount > 6)
        // An isolated margin is part of its account's wallet.
        let wallets = engine.ledger.pools.count { $0.isolated < 0 }
        #expect(report.counts[.wallet] == wallets)
    }

    @Test func `counts what neither side can value`() {
        let events = PlantedFault.history.filter {
            if case .marked = $0.body { return false }
            return true
        }
        var verified = Verified(events)
        let report = verified.report()
        #expect(report.outcome == .passed)
        // The four accounts that trade.
        #expect(report.unvalued == 4)
        var priced = Verified(PlantedFault.history)
        #expect(priced.report().unvalued == 0)
    }

    @Test func `is written as the API says`() {
        var verified = Verified(PlantedFault.history)
        let report = verified.report { $0.ledger.pools[0].wallet += 1 }
        var writer = JSONWriter()
        writer.verification(.ended(report), directory: verified.engine.directory)
        let seq = verified.engine.sequence
        #expect(
            writer.text.hasPrefix(
                #"{"state":"found","startedAt":0,"endedAt":0,"seq":\#(seq),"accounts":6,"compared":6,"#
                    + #""unvalued":0,"findingCount":\#(report.findingCount),"findings":[{"kind":"books","#
            )
        )
        #expect(writer.text.contains(#"{"account":"fund","kind":"wallet","what":"wallet of USD","#))
        writer.removeAll()
        writer.verification(.none, directory: verified.engine.directory)
        #expect(
            writer.text
                == #"{"state":"none","startedAt":null,"endedAt":null,"seq":null,"accounts":0,"#
                + #""compared":0,"unvalued":0,"findingCount":0,"findings":[]}"#
        )
        writer.removeAll()
        let running = VerificationState.running(
            startedAt: Timestamp(nanoseconds: 5_000_000),
            sequence: 9,
            accounts: 4,
            compared: 2
        )
        writer.verification(running, directory: verified.engine.directory)
        #expect(
            writer.text
                == #"{"state":"running","startedAt":5,"endedAt":null,"seq":9,"accounts":4,"#
                + #""compared":2,"unvalued":0,"findingCount":0,"findings":[]}"#
        )
    }
}

/// A fault of an engine's state that no event led to, and how a verification names it.
struct PlantedFault: Sendable, CustomStringConvertible {
    let description: String
    /// Kind, account and what it is.
    let named: String
    let plant: @Sendable (inout Engine) -> Void

    private init(
        _ description: String,
        _ named: String,
        _ plant: @escaping @Sendable (inout Engine) -> Void
    ) {
        self.description = description
        self.named = named
        self.plant = plant
    }

    /// Two instruments, an index, a fund, an isolated position, an open order and a liquidation under way.
    static let history: [Event] = {
        var desk = LiquidationDesk(
            Enforcement(sizing: .whole),
            instruments: History.instruments,
            collateral: ["COIN"],
            fund: "400"
        )
        let long = desk.open("long", "5000")
        let short = desk.open("short", "50000")
        let maker = desk.open("maker", "1000000")
        let other = desk.open("other", "3000")
        desk.index("COIN", "20")
        desk.deposit(other, "2", "COIN")
        desk.mark("100")
        desk.mark("50", 1)
        desk.send(
            .accountConfigured(
                AccountConfigured(
                    account: other,
                    instrument: InstrumentID(index: 1),
                    marginMode: .isolated,
                    leverage: leverage(5)
                )
            )
        )
        desk.trade(other, maker, "40", at: "50", 1)
        desk.trade(long, short, "500", at: "100")
        desk.send(
            .orderPlaced(
                OrderPlaced(
                    account: other,
                    order: "o-1",
                    instrument: InstrumentID(index: 0),
                    side: .buy,
                    quantity: quantity("3"),
                    price: price("99")
                )
            )
        )
        desk.mark("94.7")
        desk.fill(1, "100", at: "94.7", with: maker)
        return desk.events
    }()

    /// `outside` is account 0, the fund 1, `long` 2, `short` 3, `maker` 4, `other` 5.
    static let all: [PlantedFault] = [
        PlantedFault("a wallet", "wallet 2 wallet of USD") { $0.plant(in: 2) { $0.wallet += 1 } },
        PlantedFault("equity", "figure 2 equity of USD cross") {
            $0.plant(in: 2) { $0.wallet += 1 }
        },
        PlantedFault("a fund", "wallet 1 wallet of USD") { $0.plant(in: 1) { $0.wallet -= 1 } },
        PlantedFault("the funds", "books -1 funds of USD") { $0.plant(in: 1) { $0.wallet -= 1 } },
        PlantedFault("deposits", "books -1 deposits of USD") { $0.ledger.assets[0].deposits += 1 },
        PlantedFault("the house", "books -1 house of USD") { $0.ledger.assets[0].house += 1 },
        PlantedFault("unbalanced books", "invariant -1 the books") {
            $0.ledger.assets[0].fees += 1
        },
        PlantedFault("a size", "position 3 quantity of X") {
            $0.plantPosition(of: 3) { $0.quantity += 1 }
        },
        PlantedFault("open interest", "invariant -1 the books") {
            $0.plantPosition(of: 3) { $0.quantity += 1 }
        },
        PlantedFault("a cost", "position 3 cost of X") { engine in
            for pool in engine.ledger.pools where pool.account == 3 && pool.count > 0 {
                engine.ledger.positions.cost[Int(pool.start)] += 1
            }
        },
        PlantedFault("a lost position", "position 4 the number of positions") { engine in
            for index in engine.ledger.pools.indices where engine.ledger.pools[index].account == 4 {
                engine.ledger.pools[index].count = 0
            }
        },
        PlantedFault("a mark", "price -1 mark of X") { $0.ledger.instruments[0].mark += 1 },
        PlantedFault("a mark's profit", "figure 3 unrealizedPnl of USD cross") {
            $0.ledger.instruments[0].mark += 1
        },
        PlantedFault("an index", "price -1 index of COIN") { $0.ledger.assets[1].index += 1 },
        PlantedFault("a requirement", "figure 3 maintenanceMargin of USD cross") {
            $0.ledger.instruments[0].rules.schedule = .brackets(.planted)
        },
        PlantedFault("a leverage", "figure 5 positionInitialMargin of Y isolated") {
            $0.plantPosition(of: 5) { $0.leverage = 400 }
        },
        PlantedFault("a lost order", "figure 5 orderInitialMargin of USD cross") {
            $0.ledger.orders[5] = nil
        },
        PlantedFault("a band", "standing 3 band of USD cross") {
            $0.plant(in: 3) { $0.band = .call }
        },
        PlantedFault("a band, by the sweep", "sweep 2 line of USD cross") {
            $0.plant(in: 2) { $0.band = .liquidation }
        },
        PlantedFault("a mode", "standing 3 mode of USD cross") {
            $0.plant(in: 3) { $0.mode = .liquidating }
        },
        PlantedFault("a mode that nothing said", "standing 2 published mode of USD cross") {
            $0.plant(in: 2) { $0.mode = .normal }
        },
        PlantedFault("an account", "reference -1 the number of accounts") {
            _ = $0.ledger.directory.add(account: "ghost", in: VenueID(index: 0))
        },
        PlantedFault("a missed event", "events -1 the number of events") { $0.sequence += 1 },
    ]
}

extension Engine {
    /// Changes the pools of an account.
    fileprivate mutating func plant(in account: Int32, _ change: (inout Pool) -> Void) {
        for index in ledger.pools.indices where ledger.pools[index].account == account {
            change(&ledger.pools[index])
        }
    }

    /// Changes the first position of an account.
    fileprivate mutating func plantPosition(
        of account: Int32,
        _ change: (inout PositionTable.Held) -> Void
    ) {
        for pool in ledger.pools where pool.account == account && pool.count > 0 {
            change(&ledger.positions.held[Int(pool.start)])
            return
        }
    }
}

extension BracketSchedule {
    /// One bracket of 6 %.
    fileprivate static var planted: BracketSchedule {
        let rows = [bracket(from: "0", rate: "0.06", leverage: 20)]
        guard let schedule = BracketSchedule(key: .notional, brackets: rows) else {
            preconditionFailure("Invariant: one bracket is a schedule")
        }
        return schedule
    }
}
