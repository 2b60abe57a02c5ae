/// A rulebook file as it was read: fields with their places, before any number is understood.
///
/// Overrides are laid over a draft field by field, so a fault found afterwards still names the file
/// and the line of the field that is at fault.
struct RulebookDraft: Sendable {
    /// The fields of the document itself.
    var top: RulebookSection
    /// The named sections that the document has, such as `thresholds`.
    var sections: [String: RulebookSection] = [:]
    /// The mapping `deleveraging` of `enforcement`, which overrides change field by field.
    var deleveraging: RulebookSection?
    /// `enforcement: none`: what lies below is taken away.
    private var enforcesNothing = false
    /// What the figures rest on.
    var sources = RulebookSections()
    /// What assets count as collateral.
    var collateral = RulebookSections()
    /// The instruments.
    var instruments = RulebookSections()

    /// Reads one file or mapping; whatever is wrong with its shape is kept in `findings`.
    init(_ reader: NodeReader, findings: inout RulebookFindings) {
        top = RulebookSection(reader, allowed: RulebookKeys.document, findings: &findings)
        for (name, keys) in RulebookKeys.sections {
            guard let section = top[name] else { continue }
            if name == "enforcement", section.node.isText("none") {
                enforcesNothing = true
                continue
            }
            sections[name] = RulebookSection(section, allowed: keys, findings: &findings)
        }
        if let reader = sections["enforcement"]?["deleveraging"] {
            deleveraging = RulebookSection(
                reader,
                allowed: RulebookKeys.deleveraging,
                findings: &findings
            )
        }
        sources = RulebookSections(
            top["sources"],
            allowed: RulebookKeys.source,
            findings: &findings
        )
        collateral = RulebookSections(
            top["collateral"],
            allowed: RulebookKeys.collateral,
            findings: &findings
        )
        instruments = RulebookSections(
            top["instruments"],
            allowed: RulebookKeys.instrument,
            findings: &findings
        )
    }

    /// Every part that names sources of its own, with its path.
    var parts: [(path: String, section: RulebookSection)] {
        var parts: [(path: String, section: RulebookSection)] = []
        for (name, _) in RulebookKeys.sections {
            if let section = sections[name] { parts.append((name, section)) }
        }
        for asset in collateral.names {
            if let section = collateral[asset] { parts.append(("collateral.\(asset)", section)) }
        }
        for symbol in instruments.names {
            if let section = instruments[symbol] {
                parts.append(("instruments.\(symbol)", section))
            }
        }
        return parts
    }

    /// Lays `other` over this draft: what it names replaces what was there.
    mutating func lay(_ other: RulebookDraft) {
        top.lay(other.top)
        if other.enforcesNothing {
            sections["enforcement"] = nil
            deleveraging = nil
        }
        for (name, _) in RulebookKeys.sections {
            guard let section = other.sections[name] else { continue }
            if sections[name]?.lay(section) == nil { sections[name] = section }
        }
        if let section = other.deleveraging, deleveraging?.lay(section) == nil {
            deleveraging = section
        }
        sources.lay(other.sources)
        collateral.lay(other.collateral, exclusive: [RulebookKeys.haircutGroups])
        instruments.lay(
            other.instruments,
            exclusive: [RulebookKeys.scheduleGroups, RulebookKeys.feeGroups]
        )
    }
}

/// One mapping of a rulebook: known fields by name, each with the file and line it is from.
struct RulebookSection: Sendable {
    /// The mapping itself, in the layer that named it last.
    private(set) var place: NodeReader
    private var fields: [String: NodeReader] = [:]

    /// The known fields of `reader`; unknown ones are faults.
    init(_ reader: NodeReader, allowed: [String], findings: inout RulebookFindings) {
        place = reader
        guard findings.mapping(reader) else { return }
        for fault in reader.unknownFields(allowed: allowed) { findings.error(fault) }
        for key in allowed { fields[key] = reader.optional(key) }
    }

    /// The field, if it is there and not null.
    subscript(_ key: String) -> NodeReader? { fields[key] }

    /// Whether one of these fields is there.
    func uses(_ group: [String]) -> Bool { group.contains { fields[$0] != nil } }

    /// Lays `other` over this section.
    ///
    /// `families` holds families of groups of fields: a group that `other` uses puts out the other
    /// groups of its family.
    mutating func lay(_ other: RulebookSection, exclusive families: [[[String]]] = []) {
        place = other.place
        for family in families where family.contains(where: other.uses) {
            for group in family where !other.uses(group) {
                for key in group { fields[key] = nil }
            }
        }
        fields.merge(other.fields) { _, new in new }
    }
}

/// Sections whose names are the user's, such as symbols, in the order in which they were named.
struct RulebookSections: Sendable {
    private(set) var names: [String] = []
    private var sections: [String: RulebookSection] = [:]

    /// None.
    init() {}

    /// The sections of the mapping `reader`.
    init(_ reader: NodeReader?, allowed: [String], findings: inout RulebookFindings) {
        guard let reader, findings.mapping(reader) else { return }
        guard let entries = findings.value(reader, RulebookFindings.fields) else { return }
        for entry in entries {
            names.append(entry.name)
            sections[entry.name] = RulebookSection(
                entry.value,
                allowed: allowed,
                findings: &findings
            )
        }
    }

    /// The section of this name.
    subscript(_ name: String) -> RulebookSection? { sections[name] }

    /// Lays `other` over these sections; new names come last.
    mutating func lay(_ other: RulebookSections, exclusive families: [[[String]]] = []) {
        for name in other.names {
            guard let section = other[name] else { continue }
            if sections[name]?.lay(section, exclusive: families) == nil {
                names.append(name)
                sections[name] = section
            }
        }
    }
}

/// Every key that a rulebook may have; `docs/formats/rulebooks.md` explains each.
package enum RulebookKeys {
    /// All of them, for the test that the page explains each.
    package static var all: [String] {
        document + sections.flatMap(\.value) + instrument + bracket + riskLimit + collateral + tier
            + rounding + source + limitPrice + fillable + fund + drawdown + deleveraging
            + conversion
    }

    /// The keys of the document.
    static let document =
        [
            "format", "extends", "id", "version", "title", "sample", "currency", "source", "quotes",
            "collateralModes", "positionModes", "venueRatio", "netting",
        ] + sections.map(\.key) + ["sources", "collateral", "instruments"]

    /// The sections with fixed names.
    static let sections: KeyValuePairs<String, [String]> = [
        "thresholds": ["watch", "call", "exit", "equality", "source"],
        "priceGuard": ["width", "confirmations", "within", "maxAge", "source"],
        "orderCost": ["openLoss", "openingFee", "closingFee", "source"],
        "enforcement": [
            "sizing", "sharing", "limitPrice", "depthShare", "notionalPerSecond", "fee",
            "evaluationsPerEvent", "funds", "deleveraging", "socialisation", "gatesWithdrawals",
            "conversion", "source",
        ],
        "publication": [
            "unrealizedPnl", "margin", "notional", "pricesToTick", "extraTicks", "source",
        ],
        "brackets": ["key", "kind", "maintenance", "source"],
        "defaults": defaults + ["source"],
    ]

    /// What `defaults` may set for all instruments.
    static let defaults = [
        "payoff", "quote", "settle", "initialPrice", "isolatedInitialPrice", "maintenancePrice",
        "closingFee", "closingFeeRate", "takerFeeRate", "fundingInMaintenance", "defaultLeverage",
        "crossAtMaximumLeverage", "quantityStep", "tick", "costScale", "requirementScale",
        "maxPrice", "maxQuantity",
    ]

    /// The keys of an instrument.
    static let instrument =
        defaults + ["base", "expiry", "source", "sample"] + scheduleGroups.flatMap(\.self)

    /// The ways to give an instrument's rates; an instrument uses one.
    static let scheduleGroups = [
        ["brackets"],
        ["riskLimit"],
        affine,
        ["initialRate", "maintenanceFraction", "openInterestLower", "openInterestUpper"],
    ]

    /// The keys of rates that rise linearly with size.
    static let affine = [
        "initialBaseRate", "initialSlope", "maintenanceBaseRate", "maintenanceSlope",
    ]

    /// The two names of the fee to close.
    static let feeGroups = [["closingFeeRate"], ["takerFeeRate"]]

    /// The keys of one bracket.
    static let bracket = [
        "floor", "cap", "maxLeverage", "initialRate", "maintenanceRate", "maintenanceAmount",
    ]

    /// The keys of a risk limit.
    static let riskLimit = [
        "base", "step", "maximum", "initialRate", "maintenanceRate", "increment",
    ]

    /// The keys of one asset of `collateral`.
    static let collateral = ["bidBuffer", "askBuffer", "haircut", "tiers", "source", "sample"]

    /// The ways to give an asset's weights; an asset uses one.
    static let haircutGroups = [["haircut"], ["tiers"]]

    /// The keys of one tier of an asset.
    static let tier = ["floor", "weight"]

    /// The keys of a rounding.
    static let rounding = ["mode", "scale"]

    /// The keys of a limit price that is not a word.
    static let limitPrice = ["fillable"]

    /// The keys of a fillable price.
    static let fillable = ["adjustment", "spread"]

    /// The keys of one insurance fund.
    static let fund = ["name", "symbols", "cap", "drawdown"]

    /// The keys of a fund's drawdown.
    static let drawdown = ["start", "stop", "window"]

    /// The keys of `deleveraging`.
    static let deleveraging = ["rank", "price", "policy"]

    /// The keys of one entry of `sources`.
    static let source = ["what", "url", "path", "published", "read", "note"]
}
