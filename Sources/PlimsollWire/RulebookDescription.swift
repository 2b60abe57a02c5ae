import Plimsoll
import PlimsollUnits

/// A rulebook as an ordered tree of keys and values, for `rules show` and for differences.
///
/// It has what the engine uses, with everything derived filled in, beside the sources of each part.
public indirect enum RulebookValue: Hashable, Sendable {
    /// A word or a name.
    case text(String)
    /// A decimal, as exact text without exponent.
    case number(String)
    /// True or false.
    case boolean(Bool)
    /// Nothing: the rule does not apply.
    case null
    /// Values in order.
    case list([RulebookValue])
    /// Named values in order.
    case mapping([RulebookField])
}

/// One named value of a `RulebookValue`.
public struct RulebookField: Hashable, Sendable {
    /// The name, as in a file.
    public var key: String
    /// The value.
    public var value: RulebookValue
}

extension LoadedRulebook {
    /// The rulebook with its sources, as an ordered tree.
    public var contents: RulebookValue {
        let cited = Citations(citations)
        var fields: [RulebookField] = [
            .init("id", .text(rulebook.id)),
            .init("version", .text(rulebook.version)),
            .init("title", .text(title)),
            .init("sample", .boolean(sample)),
        ]
        fields += rulebook.describedRules(cited)
        fields.append(
            .init("collateral", .mapping(rulebook.collateral.map { $0.described(cited) }))
        )
        fields.append(
            .init("instruments", .mapping(rulebook.instruments.map { $0.described(cited) }))
        )
        fields.append(.init("sources", .mapping(sources.map(\.described))))
        fields.append(.init("files", .list(files.map(RulebookValue.text))))
        return .mapping(fields)
    }
}

extension Rulebook {
    /// The rules as an ordered tree, without sources: an engine keeps none.
    package var contents: RulebookValue {
        let uncited = Citations([])
        return .mapping(
            [.init("id", .text(id)), .init("version", .text(version))] + describedRules(uncited) + [
                .init("collateral", .mapping(collateral.map { $0.described(uncited).ruled })),
                .init("instruments", .mapping(instruments.map { $0.described(uncited).ruled })),
            ]
        )
    }
}

extension RulebookField {
    /// The rules of a part, without whether its figures are the venue's whole table.
    fileprivate var ruled: RulebookField {
        guard case .mapping(let fields) = value else { return self }
        return RulebookField(key, .mapping(fields.filter { $0.key != "sample" }))
    }
}

/// The sources of parts, by their paths.
struct Citations {
    private var byPath: [String: RulebookCitation] = [:]

    init(_ citations: [RulebookCitation]) {
        for citation in citations { byPath[citation.path] = citation }
    }

    /// The field `source` of the part at `path`; none if it names none.
    func source(_ path: String) -> [RulebookField] {
        guard let sources = byPath[path]?.sources, !sources.isEmpty else { return [] }
        return [.init("source", .list(sources.map(RulebookValue.text)))]
    }

    func sample(_ path: String) -> RulebookField {
        .init("sample", .boolean(byPath[path]?.sample ?? false))
    }
}

extension RulebookField {
    init(_ key: String, _ value: RulebookValue) {
        self.key = key
        self.value = value
    }
}

extension RulebookValue {
    static func integer(_ value: some BinaryInteger) -> RulebookValue { .number("\(value)") }

    static func decimal(_ units: Int128, scale: Int) -> RulebookValue {
        .number(DecimalText.string(units, scale: scale))
    }

    static func rate(_ rate: Rate) -> RulebookValue { .number("\(rate)") }

    static func word<Value: Equatable>(
        _ value: Value,
        _ words: KeyValuePairs<String, Value>
    ) -> RulebookValue {
        .text(RulebookWords.word(for: value, in: words))
    }

    static func rounding(_ rounding: FieldRounding?) -> RulebookValue {
        guard let rounding else { return .null }
        return .mapping([
            .init("mode", .text(rounding.mode.rawValue)),
            .init("scale", .integer(rounding.scale)),
        ])
    }
}

extension Rulebook {
    fileprivate func describedRules(_ cited: Citations) -> [RulebookField] {
        [
            .init("currency", .text(currency)),
            .init(
                "collateralModes",
                .list(collateralModes.map { .word($0, RulebookWords.collateralModes) })
            ),
            .init(
                "positionModes",
                .list(positionModes.map { .word($0, RulebookWords.positionModes) })
            ),
            .init("venueRatio", .word(venueRatio, RulebookWords.venueRatios)),
            .init("netting", .word(netting, RulebookWords.nettings)),
        ] + cited.source("") + [
            .init("thresholds", .mapping(thresholds.described + cited.source("thresholds"))),
            .init("priceGuard", .mapping(priceGuard.described + cited.source("priceGuard"))),
            .init("orderCost", .mapping(orderCost.described + cited.source("orderCost"))),
            .init(
                "enforcement",
                enforcement.map { .mapping($0.described + cited.source("enforcement")) } ?? .null
            ),
            .init("publication", .mapping(publication.described + cited.source("publication"))),
        ]
    }
}

extension Thresholds {
    fileprivate var described: [RulebookField] {
        [
            .init("watch", .rate(watch)),
            .init("call", .rate(call)),
            .init("exit", .rate(exit)),
            .init("equality", .word(equalityIsBelow, RulebookWords.equality)),
        ]
    }
}

extension PriceGuard {
    fileprivate var described: [RulebookField] {
        [
            .init("width", width.map(RulebookValue.rate) ?? .null),
            .init("confirmations", .integer(confirmations)),
            .init("within", .integer(within / 1_000_000)),
            .init("maxAge", maxAge.map { .integer($0 / 1_000_000) } ?? .null),
        ]
    }
}

extension OrderCost {
    fileprivate var described: [RulebookField] {
        [
            .init("openLoss", .boolean(openLoss)),
            .init("openingFee", .boolean(openingFee)),
            .init("closingFee", .boolean(closingFee)),
        ]
    }
}

extension Publication {
    fileprivate var described: [RulebookField] {
        [
            .init("unrealizedPnl", .rounding(unrealizedPnl)),
            .init("margin", .rounding(margin)),
            .init("notional", .rounding(notional)),
            .init("pricesToTick", .boolean(pricesToTick)),
            .init("extraTicks", .integer(extraTicks)),
        ]
    }
}

extension CollateralRule {
    fileprivate func described(_ cited: Citations) -> RulebookField {
        let tiers = tiers.map { tier in
            RulebookValue.mapping([
                .init("floor", .number("\(tier.floor)")),
                .init("weight", .rate(tier.weight)),
            ])
        }
        let path = "collateral.\(asset)"
        return .init(
            asset,
            .mapping(
                [
                    .init("bidBuffer", .rate(bidBuffer)),
                    .init("askBuffer", .rate(askBuffer)),
                    .init("tiers", .list(tiers)),
                    cited.sample(path),
                ] + cited.source(path)
            )
        )
    }
}

extension RulebookSource {
    fileprivate var described: RulebookField {
        func text(_ value: String?) -> RulebookValue { value.map(RulebookValue.text) ?? .null }
        return .init(
            key,
            .mapping([
                .init("what", .text(what)),
                .init("place", .text(place)),
                .init("published", text(published)),
                .init("read", text(read)),
                .init("note", text(note)),
            ])
        )
    }
}
