public import Plimsoll
import PlimsollUnits

/// A rulebook that was read: the engine's value, and what a file says beyond it.
public struct LoadedRulebook: Sendable {
    /// What the engine adopts.
    public var rulebook: Rulebook
    /// What the rulebook is for, in words.
    public var title: String
    /// Some figures are not the venue's whole table.
    public var sample: Bool
    /// What the figures rest on, by their keys.
    public var sources: [RulebookSource]
    /// The keys of the sources of each part, such as `thresholds` or `instruments.BTCUSDT`.
    public var citations: [RulebookCitation]
    /// The files it was read from, the extended ones first.
    public var files: [String]
    /// Doubts that did not stop the reading; `plimsoll rules check` makes them faults.
    public var warnings: [InputFault]
}

/// What figures of a rulebook rest on.
public struct RulebookSource: Hashable, Sendable {
    /// The key by which sections name it.
    public var key: String
    /// What the page or file is.
    public var what: String
    /// Where it is: an address, or a repository and a path.
    public var place: String
    /// The day or month in which it was published, where it is known.
    public var published: String?
    /// The day or month in which it was read, where it is known.
    public var read: String?
    /// What is to be known about it.
    public var note: String?
}

/// The sources that one part of a rulebook names.
public struct RulebookCitation: Hashable, Sendable {
    /// The path of the part.
    public var path: String
    /// The keys of its sources.
    public var sources: [String]
    /// Its figures are not the venue's whole table.
    public var sample: Bool
}

/// Reads a draft into the engine's rulebook.
struct RulebookReading {
    /// What is read: everything that is extended, with the file itself on top.
    let draft: RulebookDraft
    /// The file itself, which answers for its own sources.
    let own: RulebookDraft
    /// Where the file is, unless it is part of another.
    let path: String?
    var findings: RulebookFindings

    /// The rulebook; what is at fault in it is in `findings`, and then it must not be used.
    mutating func rulebook() -> Rulebook {
        var rulebook = Rulebook(
            id: identity("id") ?? "inline",
            version: identity("version") ?? "unversioned",
            currency: currency()
        )
        if let modes = modes("collateralModes", RulebookWords.collateralModes) {
            rulebook.collateralModes = modes
        }
        if let modes = modes("positionModes", RulebookWords.positionModes) {
            rulebook.positionModes = modes
        }
        if let ratio = findings.word(draft.top["venueRatio"], RulebookWords.venueRatios) {
            rulebook.venueRatio = ratio
        }
        if let netting = findings.word(draft.top["netting"], RulebookWords.nettings) {
            rulebook.netting = netting
        }
        rulebook.thresholds = thresholds()
        rulebook.priceGuard = priceGuard()
        rulebook.orderCost = orderCost()
        rulebook.publication = publication()
        rulebook.collateral = collateral()
        rulebook.instruments = instruments()
        rulebook.enforcement = enforcement()
        checkDocument(rulebook)
        return rulebook
    }

    private mutating func identity(_ key: String) -> String? {
        if findings.strictness == .check { _ = findings.required(key, in: own.top) }
        return findings.name(draft.top[key])
    }

    private mutating func currency() -> String {
        findings.name(findings.required("currency", in: draft.top)) ?? ""
    }

    private mutating func modes<Mode: Hashable>(
        _ key: String,
        _ words: KeyValuePairs<String, Mode>
    ) -> [Mode]? {
        guard let reader = draft.top[key], let elements = findings.elements(reader) else {
            return nil
        }
        guard !elements.isEmpty else {
            findings.error(
                reader.fault(
                    "the list is empty.",
                    remedy: "Name at least one mode; the first is the default."
                )
            )
            return nil
        }
        var modes: [Mode] = []
        for element in elements {
            guard let mode = findings.word(element, words) else { continue }
            if modes.contains(mode) {
                findings.error(
                    element.fault("the mode is there twice.", remedy: "Name each mode once.")
                )
            } else {
                modes.append(mode)
            }
        }
        return modes
    }

    private mutating func thresholds() -> Thresholds {
        var thresholds = Thresholds()
        guard let section = draft.sections["thresholds"] else { return thresholds }
        if let watch = findings.fraction(section["watch"]) { thresholds.watch = watch }
        if let call = findings.fraction(section["call"]) { thresholds.call = call }
        if let exit = findings.fraction(section["exit"]) { thresholds.exit = exit }
        if let below = findings.word(section["equality"], RulebookWords.equality) {
            thresholds.equalityIsBelow = below
        }
        check(thresholds, in: section)
        return thresholds
    }

    private mutating func priceGuard() -> PriceGuard {
        var priceGuard = PriceGuard()
        guard let section = draft.sections["priceGuard"] else { return priceGuard }
        priceGuard.width = findings.fraction(section["width"])
        if let count = findings.integer(section["confirmations"], in: 1...1_000) {
            priceGuard.confirmations = Int(count)
        }
        let milliseconds: ClosedRange<Int64> = 1...86_400_000
        if let within = findings.integer(section["within"], in: milliseconds) {
            priceGuard.within = within * 1_000_000
        }
        if let age = findings.integer(section["maxAge"], in: milliseconds) {
            priceGuard.maxAge = age * 1_000_000
        }
        return priceGuard
    }

    private mutating func orderCost() -> OrderCost {
        var cost = OrderCost()
        guard let section = draft.sections["orderCost"] else { return cost }
        if let openLoss = findings.boolean(section["openLoss"]) { cost.openLoss = openLoss }
        if let fee = findings.boolean(section["openingFee"]) { cost.openingFee = fee }
        if let fee = findings.boolean(section["closingFee"]) { cost.closingFee = fee }
        return cost
    }

    private mutating func publication() -> Publication {
        var publication = Publication()
        guard let section = draft.sections["publication"] else { return publication }
        publication.unrealizedPnl = rounding(section["unrealizedPnl"])
        publication.margin = rounding(section["margin"])
        publication.notional = rounding(section["notional"])
        if let toTick = findings.boolean(section["pricesToTick"]) {
            publication.pricesToTick = toTick
        }
        if let ticks = findings.integer(section["extraTicks"], in: 0...1_000) {
            publication.extraTicks = Int(ticks)
        }
        return publication
    }

    private mutating func rounding(_ reader: NodeReader?) -> FieldRounding? {
        guard let reader, findings.mapping(reader) else { return nil }
        let section = RulebookSection(
            reader,
            allowed: RulebookKeys.rounding,
            findings: &findings
        )
        let mode = findings.required("mode", in: section)
        let scale = findings.required("scale", in: section)
        guard let rounding = findings.word(mode, RulebookWords.roundings),
            let digits = findings.integer(scale, in: 0...16)
        else { return nil }
        return FieldRounding(mode: rounding, scale: Int(digits))
    }

    private mutating func collateral() -> [CollateralRule] {
        var rules: [CollateralRule] = []
        for asset in draft.collateral.names {
            guard let section = draft.collateral[asset] else { continue }
            var rule = CollateralRule(asset: asset)
            if let buffer = findings.fraction(section["bidBuffer"]) { rule.bidBuffer = buffer }
            if let buffer = findings.fraction(section["askBuffer"]) { rule.askBuffer = buffer }
            rule.tiers = tiers(of: section)
            rules.append(rule)
        }
        return rules
    }

    private mutating func tiers(of section: RulebookSection) -> [CollateralTier] {
        if let haircut = findings.fraction(section["haircut"]) {
            if let tiers = section["tiers"] {
                findings.error(
                    tiers.fault(
                        "both 'tiers' and 'haircut' are given.",
                        remedy: "Keep one: a haircut is one tier with the weight 1 − haircut."
                    )
                )
            }
            guard let weight = try? Rate(units: Rate.one.units - haircut.units) else { return [] }
            return [CollateralTier(floor: .zero, weight: weight)]
        }
        guard let list = section["tiers"], let elements = findings.elements(list) else { return [] }
        var tiers: [CollateralTier] = []
        for element in elements {
            let tier = RulebookSection(element, allowed: RulebookKeys.tier, findings: &findings)
            guard findings.mapping(element) else { continue }
            let floor = findings.amount(
                findings.required("floor", in: tier),
                scale: 16,
                limit: Limits.money
            )
            let weight = findings.fraction(findings.required("weight", in: tier))
            guard let floor, let weight else { continue }
            tiers.append(CollateralTier(floor: Money(units: floor), weight: weight))
        }
        if tiers.count == elements.count { check(tiers, at: elements, of: list) }
        return tiers
    }
}

/// The words of a rulebook and what they stand for.
enum RulebookWords {
    static let collateralModes: KeyValuePairs<String, CollateralMode> = [
        "single-asset": .singleAsset, "multi-asset": .multiAsset,
    ]
    static let positionModes: KeyValuePairs<String, PositionMode> = [
        "one-way": .oneWay, "hedge": .hedge,
    ]
    static let venueRatios: KeyValuePairs<String, VenueRatio> = [
        "maintenance/equity": .maintenanceToEquity, "equity/maintenance": .equityToMaintenance,
    ]
    static let nettings: KeyValuePairs<String, Netting> = [
        "none": .none, "larger-side": .largerSide,
    ]
    static let equality: KeyValuePairs<String, Bool> = ["safe": false, "below": true]
    static let payoffs: KeyValuePairs<String, Payoff> = [
        "linear": .linear, "inverse": .inverse, "quanto": .quanto,
    ]
    static let priceBases: KeyValuePairs<String, PriceBase> = [
        "mark": .mark, "entry": .entry, "index": .index,
    ]
    static let closingFees: KeyValuePairs<String, ClosingFee> = [
        "none": .none, "in-maintenance": .inMaintenance,
        "in-initial-at-bankruptcy": .inInitialAtBankruptcy, "at-bankruptcy": .atBankruptcy,
        "at-entry": .atEntry,
    ]
    static let roundings: KeyValuePairs<String, Rounding> = [
        "down": .down, "up": .up, "toward-zero": .towardZero, "away-from-zero": .awayFromZero,
        "half-up": .halfUp, "half-even": .halfEven,
    ]
    static let bracketKeys: KeyValuePairs<String, BracketSchedule.Key> = [
        "notional": .notional, "size": .size,
    ]
    static let bracketKinds: KeyValuePairs<String, BracketKind> = [
        "marginal": .marginal, "flat": .flat,
    ]
    static let maintenances: KeyValuePairs<String, BracketMaintenance> = [
        "stated": .stated, "half-of-initial": .halfOfInitial,
    ]

    /// The word that stands for `value`.
    static func word<Value: Equatable>(
        for value: Value,
        in words: KeyValuePairs<String, Value>
    ) -> String {
        for (word, candidate) in words where candidate == value { return word }
        preconditionFailure("Invariant: every case of \(Value.self) has a word")
    }
}

/// Whether a bracket's rate holds for its own part of a position or for all of it.
enum BracketKind: Sendable {
    /// For its own part: an amount is deducted that keeps maintenance continuous.
    case marginal
    /// For the whole position.
    case flat
}

/// Where a bracket's maintenance rate comes from if the bracket does not state it.
enum BracketMaintenance: Sendable {
    /// Nowhere: it must be stated.
    case stated
    /// Half of the initial rate: `initialRate ÷ 2`, or `1 ÷ (2 × maxLeverage)`.
    case halfOfInitial
}
