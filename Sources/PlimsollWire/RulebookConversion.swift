import Plimsoll
import PlimsollUnits

// How the debts of multi-asset accounts are paid: `conversion` of the section `enforcement`.
extension RulebookReading {
    /// `{order: […], fee: …}`, or `none`: what the extended rulebook says is taken away.
    mutating func conversion(_ reader: NodeReader?) -> CollateralConversion? {
        guard let reader, !reader.node.isText("none"), findings.mapping(reader) else { return nil }
        let section = RulebookSection(
            reader,
            allowed: RulebookKeys.conversion,
            findings: &findings
        )
        let fee = conversionFee(section["fee"])
        let order = findings.required("order", in: section).flatMap { conversionOrder($0) }
        guard let fee, let order else { return nil }
        return CollateralConversion(order: order, fee: fee)
    }

    private mutating func conversionFee(_ reader: NodeReader?) -> Rate? {
        guard let reader else { return .zero }
        guard let fee = findings.fraction(reader) else { return nil }
        guard fee < .one else {
            findings.error(
                reader.fault(
                    "the fee is 1, so nothing would be left to pay a debt with.",
                    remedy: "Use a fraction from 0 to below 1: 0.001 for 0.1 %."
                )
            )
            return nil
        }
        return fee
    }

    private mutating func conversionOrder(_ reader: NodeReader) -> [String]? {
        guard let elements = findings.elements(reader) else { return nil }
        guard !elements.isEmpty else {
            findings.error(
                reader.fault(
                    "there is no asset.",
                    remedy: "Name what is sold, the first first, or leave 'conversion' out."
                )
            )
            return nil
        }
        var order: [String] = []
        for element in elements {
            guard let asset = findings.name(element) else { continue }
            if order.contains(asset) {
                findings.error(
                    element.fault(
                        "the asset \(Excerpt.quoted(asset)) is there twice.",
                        remedy: "Name each asset once."
                    )
                )
            } else {
                order.append(asset)
            }
        }
        return order
    }

    /// The assets of the order are assets of the rulebook, and there are accounts that convert.
    mutating func checkConversion(_ rulebook: Rulebook) {
        guard rulebook.enforcement?.conversion != nil,
            let reader = draft.sections["enforcement"]?["conversion"]
        else { return }
        if !rulebook.collateralModes.contains(.multiAsset) {
            findings.doubt(
                reader.fault(
                    "no account converts anything: 'collateralModes' has no multi-asset.",
                    remedy: "Add multi-asset to 'collateralModes', or leave 'conversion' out."
                )
            )
        }
        // An instrument that could not be read may settle in what seems unknown.
        guard rulebook.instruments.count == draft.instruments.names.count else { return }
        var known: [String] = [rulebook.currency]
        for asset in rulebook.collateral.map(\.asset) + rulebook.instruments.map(\.settle)
        where !known.contains(asset) {
            known.append(asset)
        }
        for element in (try? reader.optional("order")?.list()) ?? [] {
            guard let asset = try? element.name(), !known.contains(asset) else { continue }
            findings.error(
                element.fault(
                    "the rulebook has no asset \(Excerpt.quoted(asset)).",
                    remedy: Spelling.remedy(
                        for: asset,
                        among: known,
                        otherwise: "Add it to 'collateral', or use one of"
                    )
                )
            )
        }
    }
}

extension RulebookKeys {
    /// The keys of `conversion`.
    static let conversion = ["order", "fee"]
}
