@testable import Plimsoll
import PlimsollMarket
import PlimsollUnits
import Testing

/// An engine that enforces and a market that answers it, on one clock.
private struct Crash {
    var engine = Engine()
    var model: MarketModel
    private(set) var waiting: [LiquidationOrdered] = []
    private(set) var fallen: Set<AccountID> = []
    private(set) var takenOver: [InsuranceMoved] = []
    private(set) var refused: [Rejection] = []
    private(set) var broken: [String] = []
    private var clock: Int64 = 1_000_000_000
    private static let venue = VenueID(index: 0)
    private static let usd = AssetID(index: 0)

    /// 50 accounts, each long 2,000 X at 100, leverage 5 to 9.9 in steps of a tenth.
    init(
        seed: UInt64,
        _ enforcement: Enforcement = Enforcement(),
        fund: String = "500000"
    ) throws {
        var assumptions = MarketModel.Assumptions()
        assumptions.depthShare = rate("0.02")
        assumptions.variation = rate("0.2")
        assumptions.seed = seed
        var rulebook = Rulebook(id: "crash", version: "1", currency: "USD")
        rulebook.instruments = [Market.rules(step: quantity("0.1"))]
        rulebook.enforcement = enforcement
        rulebook.thresholds.exit = rate("0.8")
        model = try MarketModel(outside: AccountID(index: 0), assumptions: assumptions)
        send(.venueDefined(VenueDefined(name: "v", mode: .venue)))
        send(.assetDefined(AssetDefined(venue: Self.venue, name: "USD")))
        send(.rulebookAdopted(RulebookAdopted(venue: Self.venue, rulebook: rulebook)))
        send(.instrumentDefined(InstrumentDefined(venue: Self.venue, symbol: "X")))
        send(.insuranceFunded(InsuranceFunded(asset: Self.usd, amount: money(fund))))
        let outside = engine.outside(of: Self.venue)
        model = try MarketModel(outside: outside, assumptions: assumptions)
        try model.list(
            Market.instrument,
            rules: engine.rules(of: Market.instrument),
            shape: CalmBooks.shape(of: "X").shape
        )
        mark("100")
        for number in Int128(0)..<50 {
            let name = "t\(number)"
            send(.accountOpened(AccountOpened(venue: Self.venue, name: name)))
            let account = try #require(engine.directory.account(name, in: Self.venue))
            let wallet = (2_000_000 * PowerOfTen.sixteen)
                .divided(by: 50 + number, rounding: .down)
            let deposit = Deposited(
                account: account,
                asset: Self.usd,
                amount: Money(units: wallet)
            )
            send(.deposited(deposit))
            let fill = Filled(
                instrument: Market.instrument,
                quantity: quantity("2000"),
                price: price("100"),
                buyer: Filled.Party(account: account),
                seller: Filled.Party(account: outside)
            )
            send(.filled(fill))
        }
    }

    /// The history says a price; the engine sees it as the market's mark.
    mutating func mark(_ text: String) {
        let marked = Marked(instrument: Market.instrument, price: price(text))
        model.observe(marked, at: Timestamp(nanoseconds: clock))
        sendMark()
    }

    private mutating func sendMark() {
        guard let mark = model.mark(of: Market.instrument) else { return }
        send(.marked(Marked(instrument: Market.instrument, price: mark)))
    }

    /// Answers orders and sends the new mark, until nothing is under way.
    mutating func workOff() {
        for _ in 0..<5_000 {
            if !waiting.isEmpty {
                let order = waiting.removeFirst()
                for body in model.execute(order, at: Timestamp(nanoseconds: clock)) { send(body) }
                sendMark()
            } else if engine.waitingPools > 0 || !engine.openLiquidations.isEmpty {
                send(.ticked)
            } else {
                return
            }
        }
    }

    private mutating func send(_ body: Event.Body) {
        clock += 10_000_000
        var effects: [Effect] = []
        let event = Event(time: Timestamp(nanoseconds: clock), body: body)
        engine.applyOrRefuse(event, emitting: &effects)
        broken += engine.brokenInvariants()
        for effect in effects {
            switch effect {
            case .liquidationOrdered(let order):
                waiting.append(order)
                fallen.insert(order.account)
            case .liquidationOrdersToCancel(let numbers):
                // What is being executed has its end under way already.
                let cancelled = waiting.filter { numbers.contains($0.order) }
                waiting.removeAll { numbers.contains($0.order) }
                for order in cancelled {
                    let end = LiquidationOrderEnded(order: order.order, reason: .cancelled)
                    send(.liquidationOrderEnded(end))
                }
            case .insuranceMoved(let move): takenOver.append(move)
            case .refused(let rejection): refused.append(rejection)
            default: break
            }
        }
    }
}

@Suite struct `A crash with a market that answers` {
    @Test(arguments: UInt64(1)...5)
    func `is worked off, in balance, and pulls further accounts down`(seed: UInt64) throws {
        var crash = try Crash(seed: seed)
        crash.mark("93")
        let felledByTheShock = crash.fallen.count
        #expect((1..<50).contains(felledByTheShock))
        crash.workOff()

        #expect(crash.refused == [])
        #expect(crash.broken == [])
        #expect(crash.waiting.isEmpty && crash.engine.openLiquidations.isEmpty)
        #expect(crash.engine.waitingPools == 0)
        #expect(crash.engine.accountsBelowZero() == [])

        let report = crash.model.report
        #expect(report.filled.units > 0 && report.ordered == report.filled + report.unfilled)
        #expect(report.extrapolatedShare > .zero && report.largestImpact > .zero)
        let last = try #require(crash.engine.mark(of: Market.instrument))
        #expect(last < price("93"))
        #expect(crash.fallen.count > felledByTheShock)
    }

    @Test func `that bankrupts accounts is worked off in balance too`() throws {
        var crash = try Crash(seed: 1)
        crash.mark("89")
        crash.workOff()

        #expect(crash.refused == [])
        #expect(crash.broken == [])
        #expect(crash.waiting.isEmpty && crash.engine.openLiquidations.isEmpty)
        #expect(crash.engine.accountsBelowZero() == [])
        #expect(crash.takenOver.contains { $0.reason == .takeover })
        let report = crash.model.report
        #expect(report.unfilled > .zero && report.ordered == report.filled + report.unfilled)
    }

    @Test func `leaves the same digest for the same seed, and another for another`() throws {
        func digest(_ seed: UInt64) throws -> UInt128 {
            var crash = try Crash(seed: seed)
            crash.mark("93")
            crash.workOff()
            return crash.engine.digest
        }
        #expect(try digest(3) == digest(3))
        #expect(try digest(3) != digest(4))
    }

    @Test(arguments: ReductionSizing.allCases, DeleveragingPolicy.allCases)
    func `that empties the fund comes to rest in balance under every rule`(
        sizing: ReductionSizing,
        policy: DeleveragingPolicy
    ) throws {
        let enforcement = Enforcement(
            sizing: sizing,
            fee: rate("0.0125"),
            deleveraging: Deleveraging(policy: policy)
        )
        var crash = try Crash(seed: 2, enforcement, fund: "20000")
        for shock in ["93", "89", "80"] {
            crash.mark(shock)
            crash.workOff()
        }
        #expect(crash.refused == [])
        #expect(crash.broken == [])
        #expect(crash.waiting.isEmpty && crash.engine.openLiquidations.isEmpty)
        #expect(crash.engine.accountsBelowZero() == [])
        #expect(crash.model.report.unfilled > .zero)
    }

    @Test func `in a deep market ends where the shock left it`() throws {
        var crash = try Crash(seed: 1)
        crash.model = try MarketModel(outside: crash.model.outside)
        try crash.model.list(
            Market.instrument,
            rules: Market.rules(),
            shape: shape([(1, "1000000000")])
        )
        crash.mark("93")
        let felledByTheShock = crash.fallen.count
        crash.workOff()
        #expect(crash.fallen.count == felledByTheShock)
        #expect(crash.model.report.unfilled == .zero)
    }
}
