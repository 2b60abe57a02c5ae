import Plimsoll
import PlimsollUnits

// What an account file must hold together, and with its rulebook.
extension AccountDraft {
    /// Keeps a fault for everything that does not fit `rulebook` or contradicts itself.
    func check(against rulebook: Rulebook, faults: inout InputFaults) {
        let symbols = Set(rulebook.instruments.map(\.symbol))
        for entry in marks where !symbols.contains(entry.name) {
            faults.add(unknown(entry.name, entry.place, rulebook))
        }
        for row in positions where !symbols.contains(row.symbol) {
            faults.add(unknown(row.symbol, row.place.optional("symbol") ?? row.place, rulebook))
        }
        for row in orders where !symbols.contains(row.symbol) {
            faults.add(unknown(row.symbol, row.place.optional("symbol") ?? row.place, rulebook))
        }
        checkMarks(symbols, &faults)
        checkSettings(&faults)
        checkRows(rulebook, &faults)
    }

    private func unknown(
        _ symbol: String,
        _ place: NodeReader,
        _ rulebook: Rulebook
    ) -> InputFault {
        let known = rulebook.instruments.map(\.symbol)
        let remedy: String
        if let near = Spelling.nearest(to: symbol, among: known) {
            remedy = "Did you mean '\(near)'?"
        } else if known.isEmpty {
            remedy = "Add it under 'instruments' of the rulebook."
        } else {
            let list = known.prefix(12).joined(separator: ", ")
            let rest = known.count > 12 ? " and \(known.count - 12) more" : ""
            remedy = "It has \(list)\(rest); add others under 'instruments' of 'rulebook'."
        }
        return place.fault(
            "the rulebook '\(rulebook.id)' has no instrument \(Excerpt.quoted(symbol)).",
            remedy: remedy
        )
    }

    private func checkMarks(_ known: Set<String>, _ faults: inout InputFaults) {
        var marked = Set(marks.map(\.name))
        let rows =
            positions.map { ($0.symbol, $0.place, "a position") }
            + orders.map { ($0.symbol, $0.place, "an order") }
        for (symbol, place, what) in rows where known.contains(symbol) {
            guard marked.insert(symbol).inserted else { continue }
            // A mark that could not be read has been reported already.
            if document.optional("marks")?.has(symbol) == true { continue }
            faults.add(
                place.fault(
                    "there is \(what) in \(Excerpt.quoted(symbol)), but no mark price of it.",
                    remedy: "Add 'marks: {\(symbol): …}' with its mark price."
                )
            )
        }
    }

    private func checkSettings(_ faults: inout InputFaults) {
        for (index, setting) in settings.enumerated() {
            let before = settings[..<index].filter { $0.symbol == setting.symbol }
            if let leverage = setting.leverage,
                let other = before.first(where: { ($0.leverage ?? leverage) != leverage })
            {
                faults.add(
                    (setting.place.optional("leverage") ?? setting.place).fault(
                        "'\(setting.symbol)' has the leverage \(leverage) here and "
                            + "\(other.leverage?.description ?? "") in line \(other.place.line).",
                        remedy: "Give one leverage: an account has one for each symbol."
                    )
                )
            }
            let mode = setting.marginMode ?? .cross
            let isPosition = positions.contains { $0.place.path == setting.place.path }
            guard setting.marginMode != nil || isPosition else { continue }
            if let other = before.first(where: { other in
                let otherIsPosition = positions.contains { $0.place.path == other.place.path }
                return (other.marginMode != nil || otherIsPosition)
                    && (other.marginMode ?? .cross) != mode
            }) {
                faults.add(
                    (setting.place.optional("marginMode") ?? setting.place).fault(
                        "'\(setting.symbol)' is \(mode.word) here and "
                            + "\((other.marginMode ?? .cross).word) in line \(other.place.line).",
                        remedy: "Give one marginMode: an account has one for each symbol."
                    )
                )
            }
        }
    }

    private func checkRows(_ rulebook: Rulebook, _ faults: inout InputFaults) {
        let isHedge = (positionMode ?? rulebook.positionModes.first ?? .oneWay) == .hedge
        for (index, row) in positions.enumerated() {
            guard let other = positions[..<index].first(where: { $0.symbol == row.symbol })
            else { continue }
            let place = row.place.optional("symbol") ?? row.place
            if !isHedge {
                faults.add(
                    place.fault(
                        "'\(row.symbol)' has another position in line \(other.place.line), "
                            + "and the account is in one-way mode.",
                        remedy: "Add them up to one row, or set 'positionMode: hedge'."
                    )
                )
            } else if positions[..<index].contains(where: {
                $0.symbol == row.symbol && ($0.quantity < .zero) == (row.quantity < .zero)
            }) {
                faults.add(
                    place.fault(
                        "'\(row.symbol)' has another "
                            + (row.quantity < .zero ? "short" : "long")
                            + " position above.",
                        remedy: "Hedge mode has one long and one short row for each symbol."
                    )
                )
            }
        }
    }
}

extension NodeReader {
    /// The line of the value, from 1.
    var line: Int { node.mark.line }
}
