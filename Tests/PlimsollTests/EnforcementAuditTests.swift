@testable import Plimsoll
import PlimsollAudit
import PlimsollUnits
import Testing

@Suite struct `The auditor of enforcement` {
    @Test(arguments: Tampering.all)
    func `names a lie, and finds nothing without it`(tampering: Tampering) {
        #expect(tampering.findings(lying: false) == [])
        let found = tampering.findings(lying: true)
        #expect(found.contains { $0.breach == tampering.breach }, "\(found)")
    }

    @Test(arguments: OtherRules.all)
    func `sees that an engine goes by other rules`(other: OtherRules) {
        #expect(other.findings(other.told) == [])
        let found = other.findings(other.followed)
        #expect(found.contains { $0.breach == other.breach }, "\(found)")
    }

    @Test func `has been lied to about every rule`() {
        let told =
            Tampering.all.map(\.breach) + OtherRules.all.map(\.breach)
            // What `sees a fill beyond its order` provokes, and what its own double entries prevent.
            + [.fillBeyondOrder, .conservation, .openInterest]
        #expect(Set(AuditFinding.Breach.allCases).subtracting(told) == [])
    }

    @Test(arguments: 0..<4)
    func `sees state that nothing led to`(number: Int) {
        let desk = History.takenOver()
        var (engine, audit) = (Engine(), EnforcementAudit())
        var effects: [Effect] = []
        for event in desk.events.dropLast() {
            effects.removeAll()
            engine.applyOrRefuse(event, emitting: &effects)
            #expect(audit.follow(event, effects, engine) == [])
        }
        effects.removeAll()
        engine.applyOrRefuse(desk.events[desk.events.count - 1], emitting: &effects)
        switch number {
        case 0: engine.ledger.pools[0].wallet += 1
        case 1: engine.ledger.assets[0].house += 1
        case 2: engine.ledger.assets[0].deposits += 1
        default:
            for pool in engine.ledger.pools where pool.count > 0 {
                engine.ledger.positions.cost[Int(pool.start)] += 1
            }
        }
        #expect(audit.follow(desk.events[desk.events.count - 1], effects, engine) != [])
    }

    @Test func `lets a fund take at the mark where that is the bankruptcy price`() {
        // Not a step is within its cap, and `outside` is no winner: at equity zero it takes all.
        let fund = FundRule(name: "fund", cap: money("50"))
        var desk = LiquidationDesk(
            Enforcement(funds: [fund]),
            instruments: History.instruments,
            fund: "1"
        )
        let long = desk.open("long", "5000")
        desk.mark("100")
        desk.trade(long, desk.engine.outside(of: desk.venue), "500", at: "100")
        desk.mark("90")
        #expect(desk.effects.insurance.map(\.quantity) == [quantity("500")])
        var (engine, audit) = (Engine(), EnforcementAudit())
        for event in desk.events {
            var effects: [Effect] = []
            engine.applyOrRefuse(event, emitting: &effects)
            #expect(audit.follow(event, effects, engine) == [])
        }
    }

    @Test func `sees a fill beyond its order`() {
        var desk = History.long(Enforcement())
        desk.mark("94.7")
        desk.fill(1, "103", at: "90", with: desk.id("maker"))
        var (engine, audit) = (Engine(), EnforcementAudit())
        var found: [AuditFinding] = []
        for event in desk.events {
            var event = event
            var effects: [Effect] = []
            engine.applyOrRefuse(event, emitting: &effects)
            if case .liquidationFilled(var fill) = event.body {
                fill.price = price("89.99")
                event.body = .liquidationFilled(fill)
            }
            found += audit.judge(event, effects, engine)
        }
        #expect(found.contains { $0.breach == .fillBeyondOrder })
    }
}

/// What an auditor says of an engine that goes by other rules than it was told.
struct OtherRules: Sendable, CustomStringConvertible {
    let description: String
    let breach: AuditFinding.Breach
    let told: Enforcement
    let followed: Enforcement
    let happens: @Sendable (inout LiquidationDesk) -> Void

    func findings(_ followed: Enforcement) -> [AuditFinding] {
        var desk = LiquidationDesk(followed, instruments: History.instruments)
        happens(&desk)
        var (engine, audit) = (Engine(), EnforcementAudit())
        var found: [AuditFinding] = []
        for event in desk.events {
            var effects: [Effect] = []
            engine.applyOrRefuse(event, emitting: &effects)
            var event = event
            if case .rulebookAdopted(var body) = event.body {
                body.rulebook.enforcement = told
                event.body = .rulebookAdopted(body)
            }
            found += audit.judge(event, effects, engine)
        }
        return found
    }

    private static func rank(_ rank: DeleveragingRank) -> Enforcement {
        Enforcement(deleveraging: Deleveraging(rank: rank))
    }

    private static func policy(_ policy: DeleveragingPolicy) -> Enforcement {
        Enforcement(deleveraging: Deleveraging(policy: policy))
    }

    private static func sharedBy(_ rule: Socialisation) -> Enforcement {
        Enforcement(deleveraging: Deleveraging(price: .mark), socialisation: rule)
    }

    static let all = [
        OtherRules(
            description: "another rank",
            breach: .deleveragedRank,
            told: rank(.profitTimesMarginRatio),
            followed: rank(.markOverEntryTimesLeverage),
            happens: History.rivals
        ),
        OtherRules(
            description: "a queue instead of shares",
            breach: .deleveragedSize,
            told: policy(.proRata),
            followed: policy(.queue),
            happens: History.twoWinners
        ),
        OtherRules(
            description: "shares instead of a queue",
            breach: .deleveragedSize,
            told: policy(.queue),
            followed: policy(.proRata),
            happens: History.twoWinners
        ),
        OtherRules(
            description: "the mark instead of the bankruptcy price",
            breach: .deleveragedPrice,
            told: Enforcement(),
            followed: sharedBy(.winners),
            happens: History.twoWinners
        ),
        OtherRules(
            description: "open interest instead of winners",
            breach: .lossBasis,
            told: sharedBy(.winners),
            followed: sharedBy(.openInterest),
            happens: History.twoWinners
        ),
        OtherRules(
            description: "the whole position instead of the least",
            breach: .orderSizing,
            told: Enforcement(sizing: .whole),
            followed: Enforcement(),
            happens: History.falls
        ),
        OtherRules(
            description: "the least instead of the next bracket",
            breach: .orderSizing,
            told: Enforcement(sizing: .bracketStep),
            followed: Enforcement(sizing: .exitLevel),
            happens: History.falls
        ),
        OtherRules(
            description: "the dearer position first",
            breach: .orderSelection,
            told: Enforcement(),
            followed: Enforcement(sharing: .maintenanceShare),
            happens: History.twoPositions
        ),
        OtherRules(
            description: "a limit at the bankruptcy price instead of nearer",
            breach: .limitUnsafe,
            told: Enforcement(limitPrice: .fillable(adjustment: rate("1"), spread: rate("0.5"))),
            followed: Enforcement(),
            happens: History.falls
        ),
        OtherRules(
            description: "all of the book instead of half of it",
            breach: .orderBeyondDepth,
            told: Enforcement(depthShare: rate("0.5")),
            followed: Enforcement(depthShare: rate("0.6")),
            happens: History.fallsOnBids
        ),
        OtherRules(
            description: "more in a second than allowed",
            breach: .orderBeyondRate,
            told: Enforcement(notionalPerSecond: money("900")),
            followed: Enforcement(notionalPerSecond: money("1000")),
            happens: History.falls
        ),
        OtherRules(
            description: "a fund beyond its cap",
            breach: .takeoverSize,
            told: Enforcement(funds: [FundRule(name: "fund", cap: money("9000"))]),
            followed: Enforcement(funds: [FundRule(name: "fund", cap: money("9100"))]),
            happens: History.gapOnFund
        ),
    ]
}
