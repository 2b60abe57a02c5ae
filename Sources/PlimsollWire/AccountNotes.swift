import Plimsoll
import PlimsollUnits

// What was taken where the file is silent, in sentences.
extension AccountLoader {
    /// Notes leverages that are defaults, and collateral that backs nothing.
    mutating func noteDefaults(_ account: AccountID) {
        let report = engine.report(account, prices: false)
        for symbol in symbols {
            let isUsed =
                draft.positions.contains { $0.symbol == symbol }
                || draft.orders.contains { $0.symbol == symbol }
            let isChosen = draft.settings.contains { $0.symbol == symbol && $0.leverage != nil }
            guard isUsed, !isChosen, case .brackets? = rules(of: symbol)?.schedule else { continue }
            if let leverage = report.positions.first(where: { $0.symbol == symbol })?.leverage {
                notes.append(
                    "\(symbol): leverage is not given; the default of \(leverage) is used."
                )
            } else if let rules = rules(of: symbol) {
                notes.append(
                    "\(symbol): leverage is not given; the default of \(rules.defaultLeverage) is "
                        + "used, or the bracket's maximum if that is lower."
                )
            }
        }
        for entry in draft.collateral where entry.value != .zero {
            noteIdle(entry.name)
        }
    }

    private mutating func noteIdle(_ asset: String) {
        let book = rulebook.rulebook
        let isMulti = (draft.mode ?? book.collateralModes.first ?? .singleAsset) == .multiAsset
        if isMulti {
            guard !book.collateral.contains(where: { $0.asset == asset }), asset != book.currency
            else { return }
            notes.append(
                "\(asset): the rulebook '\(book.id)' does not list it as collateral; it counts "
                    + "nothing while positive."
            )
        } else if !book.instruments.contains(where: { $0.settle == asset }) {
            notes.append(
                "\(asset): no instrument of the rulebook '\(book.id)' is settled in it; it backs "
                    + "nothing in single-asset mode."
            )
        }
    }

    func rulebookNotes() -> [String] {
        var notes = rulebook.warnings.map { warning in
            let place = warning.mark.map { "\(warning.file):\($0.line)" } ?? warning.file
            return "\(place): \(warning.path.isEmpty ? "" : "\(warning.path): ")\(warning.problem)"
        }
        for symbol in symbols
        where rulebook.citations.contains(where: {
            $0.path == "instruments.\(symbol)" && $0.sample
        }) {
            notes.append(
                "\(symbol): the rulebook '\(rulebook.rulebook.id)' has a sample of its figures, "
                    + "not the venue's whole table."
            )
        }
        return notes
    }
}
