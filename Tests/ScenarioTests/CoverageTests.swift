import Plimsoll
import PlimsollScenario
import PlimsollUnits
import PlimsollWire
import Testing

@Suite struct `What the scenarios cover` {
    private static let runs: [ScenarioRun] = Golden.paths.compactMap { path in
        (try? Golden.load(path)).map { ScenarioRun.check($0) }
    }

    @Test func `every kind of event is applied in a scenario`() {
        let applied = Self.runs.reduce(into: Set<String>()) { $0.formUnion($1.events) }
        var kind = EventKind.venueDefined
        while true {
            #expect(applied.contains(kind.word), "no scenario has the event \(kind.word)")
            guard let next = kind.next else { break }
            kind = next
        }
    }

    @Test func `every refusal is provoked in a scenario`() {
        let provoked = Self.runs.reduce(into: Set<String>()) { $0.formUnion($1.refusals) }
        var rejection = Rejection.first
        while true {
            let isExcused = Rejection.unprovokable.keys.contains(rejection.code)
            #expect(
                provoked.contains(rejection.code) != isExcused,
                isExcused
                    ? "\(rejection.code) is provoked now: take it off the list"
                    : "no scenario provokes \(rejection.code)"
            )
            guard let next = rejection.next else { break }
            rejection = next
        }
    }

    @Test func `every kind of effect is emitted in a scenario`() {
        let emitted = Self.runs.reduce(into: Set<String>()) { $0.formUnion($1.effects) }
        let kinds: Set = [
            "balance-changed", "position-changed", "margin-state-changed", "orders-to-cancel",
            "price-refused", "repeated", "liquidation-ordered", "liquidation-ended",
            "insurance-moved", "deleveraged", "bankruptcy-declared", "loss-socialised",
            "liquidation-orders-to-cancel",
        ]
        #expect(emitted.isSuperset(of: kinds), "\(kinds.subtracting(emitted)) are not emitted")
    }

    /// The queue at the bankruptcy price is the default, which needs no words.
    @Test(arguments: [
        "sizing: exit-level", "sizing: bracket-step", "sizing: whole",
        "sharing: relief-per-cost", "sharing: maintenance-share", "sharing: all-at-once",
        "limitPrice: {fillable", "depthShare:", "notionalPerSecond:", "fee:",
        "evaluationsPerEvent:", "cap:", "drawdown:", "symbols:",
        "rank: profit-times-margin-ratio", "rank: profit-times-leverage",
        "rank: profit-over-margin-ratio", "rank: mark-over-entry-times-leverage",
        "rank: unranked", "price: mark", "policy: pro-rata", "policy: fair-charge",
        "socialisation: winners", "socialisation: open-interest", "gatesWithdrawals: true",
        "conversion:",
    ])
    func `every alternative below the line is in a scenario`(words: String) throws {
        let isThere = try Golden.paths.filter { $0.hasPrefix("scenarios/enforcement/") }.contains {
            try Golden.text($0).contains(words)
        }
        #expect(isThere, "no scenario in scenarios/enforcement has '\(words)'")
    }

    @Test func `every band and mode is entered in a scenario`() {
        let entered = Self.runs.reduce(into: Set<String>()) { $0.formUnion($1.standings) }
        for band in [Band.safe, .watch, .call, .liquidation] {
            for mode in [PoolMode.reduceOnly, .liquidating] where band != .safe {
                let word = mode == .reduceOnly ? "reduce-only" : "liquidating"
                #expect(entered.contains("\(band) \(word)"), "no pool enters \(band) \(word)")
            }
        }
        #expect(entered.isSuperset(of: ["safe normal", "safe reduce-only", "watch normal"]))
    }

    @Test func `every shipped rulebook has a worked example`() throws {
        for id in Golden.catalog.ids() {
            let hasExample = Golden.paths.contains { $0.hasPrefix("scenarios/venues/\(id)") }
            #expect(hasExample, "scenarios/venues has no example of \(id)")
        }
    }
}

/// The events, one after the other: a new one does not compile until it has its place here.
private enum EventKind {
    case venueDefined, assetDefined, rulebookAdopted, instrumentDefined, accountOpened
    case accountConfigured, deposited, withdrawalRequested, withdrawalSettled, withdrawalReversed
    case transferred, isolatedMarginMoved, feeCharged, interestAccrued, insuranceFunded
    case collateralConverted, reconciled, orderPlaced, orderReduced, orderCancelled, filled
    case marked, indexed, openInterestReported, fundingRateAnnounced, fundingSettled
    case sessionSettled, instrumentExpired, depthObserved, liquidationFilled
    case liquidationOrderEnded, operatorActed, ticked

    static let all: [EventKind] = [
        .venueDefined, .assetDefined, .rulebookAdopted, .instrumentDefined, .accountOpened,
        .accountConfigured, .deposited, .withdrawalRequested, .withdrawalSettled,
        .withdrawalReversed, .transferred, .isolatedMarginMoved, .feeCharged, .interestAccrued,
        .insuranceFunded, .collateralConverted, .reconciled, .orderPlaced, .orderReduced,
        .orderCancelled, .filled, .marked, .indexed, .openInterestReported, .fundingRateAnnounced,
        .fundingSettled, .sessionSettled, .instrumentExpired, .depthObserved, .liquidationFilled,
        .liquidationOrderEnded, .operatorActed, .ticked,
    ]

    var next: EventKind? {
        guard let index = Self.all.firstIndex(of: self), index + 1 < Self.all.count else {
            return nil
        }
        return Self.all[index + 1]
    }

    var word: String {
        var word = ""
        for character in "\(self)" {
            word += character.isUppercase ? "-" + character.lowercased() : String(character)
        }
        return word
    }

    /// Not called: it stops the build where `Event.Body` has a case that is not in the list above.
    static func kind(of body: Event.Body) -> EventKind {
        switch body {
        case .venueDefined: .venueDefined
        case .assetDefined: .assetDefined
        case .rulebookAdopted: .rulebookAdopted
        case .instrumentDefined: .instrumentDefined
        case .accountOpened: .accountOpened
        case .accountConfigured: .accountConfigured
        case .deposited: .deposited
        case .withdrawalRequested: .withdrawalRequested
        case .withdrawalSettled: .withdrawalSettled
        case .withdrawalReversed: .withdrawalReversed
        case .transferred: .transferred
        case .isolatedMarginMoved: .isolatedMarginMoved
        case .feeCharged: .feeCharged
        case .interestAccrued: .interestAccrued
        case .insuranceFunded: .insuranceFunded
        case .collateralConverted: .collateralConverted
        case .reconciled: .reconciled
        case .orderPlaced: .orderPlaced
        case .orderReduced: .orderReduced
        case .orderCancelled: .orderCancelled
        case .filled: .filled
        case .marked: .marked
        case .indexed: .indexed
        case .openInterestReported: .openInterestReported
        case .fundingRateAnnounced: .fundingRateAnnounced
        case .fundingSettled: .fundingSettled
        case .sessionSettled: .sessionSettled
        case .instrumentExpired: .instrumentExpired
        case .depthObserved: .depthObserved
        case .liquidationFilled: .liquidationFilled
        case .liquidationOrderEnded: .liquidationOrderEnded
        case .operatorActed: .operatorActed
        case .ticked: .ticked
        }
    }
}

extension Rejection {
    /// Refusals that no scenario can provoke, and why.
    fileprivate static let unprovokable = [
        "bad_rulebook":
            "the reader of rulebooks finds every fault of structure before the event exists"
    ]

    fileprivate static let first = Rejection.timeWentBackwards(at: .zero, clock: .zero)

    /// The refusal that follows in the order of their declaration, with empty values; a new case
    /// does not compile until it has its place here.
    fileprivate var next: Rejection? {
        switch self {
        case .timeWentBackwards: .conflict(id: "")
        case .conflict: .badName("")
        case .badName: .nameTaken("")
        case .nameTaken: .unknownVenue
        case .unknownVenue: .unknownAsset
        case .unknownAsset: .unknownInstrument
        case .unknownInstrument: .unknownAccount
        case .unknownAccount: .unknownOrder("")
        case .unknownOrder: .orderExists("")
        case .orderExists: .tooMany("", limit: 0)
        case .tooMany: .otherVenue("")
        case .otherVenue: .noRulebook(venue: "")
        case .noRulebook: .badRulebook("", "")
        case .badRulebook: .noRules(symbol: "", rulebook: "")
        case .noRules: .assetMissing(symbol: "", asset: "")
        case .assetMissing: .rulesInUse("")
        case .rulesInUse: .modeNotOffered("", rulebook: "")
        case .modeNotOffered: .notPositive("", value: "")
        case .notPositive: .aboveLimit("", value: "", limit: "")
        case .aboveLimit: .frozen(account: "")
        case .frozen: .notForOutside
        case .notForOutside: .insufficientMargin(needed: "", available: "")
        case .insufficientMargin: .insufficientWithdrawable(requested: "", withdrawable: "")
        case .insufficientWithdrawable: .insufficientTransit(requested: "", inTransit: "")
        case .insufficientTransit: .insufficientIsolated(requested: "", free: "")
        case .insufficientIsolated: .reduceOnly(account: "")
        case .reduceOnly: .orderDoesNotReduce("")
        case .orderDoesNotReduce: .positionsOpen("")
        case .positionsOpen: .ordersOpen("")
        case .ordersOpen: .noPosition(symbol: "")
        case .noPosition: .notIsolated(symbol: "")
        case .notIsolated: .legMismatch("")
        case .legMismatch: .closesMore(quantity: "", held: "")
        case .closesMore: .notReduced(remaining: "", quantity: "")
        case .notReduced: .notAMirror
        case .notAMirror: .sameParty
        case .sameParty: .markTooOld(time: .zero, last: .zero)
        case .markTooOld: .expired(symbol: "")
        case .expired: .notExpiring(symbol: "")
        case .notExpiring: .noMark(symbol: "")
        case .noMark: .noIndex(asset: "")
        case .noIndex: .noReason
        case .noReason: .bookNotInOrder("")
        case .bookNotInOrder: .beyondLimitPrice(price: "", limit: "")
        case .beyondLimitPrice: .unknownFund("")
        case .unknownFund: .withdrawalsWait(asset: "")
        case .withdrawalsWait: nil
        }
    }
}
