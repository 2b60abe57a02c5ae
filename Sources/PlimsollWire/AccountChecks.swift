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

    /// One leverage and one margin mode for each symbol: each row against the first that says it.
    private func checkSettings(_ faults: inout InputFaults) {
        var leverages: [String: (value: Leverage, line: Int)] = [:]
        var modes: [String: (value: MarginMode, line: Int)] = [:]
        for setting in settings {
            let symbol = setting.symbol
            if let leverage = setting.leverage {
                if let first = leverages[symbol], first.value != leverage {
                    faults.add(
                        (setting.place.optional("leverage") ?? setting.place).fault(
                            "'\(symbol)' has the leverage \(leverage) here and "
                                + "\(first.value) in line \(first.line).",
                            remedy: "Give one leverage: an account has one for each symbol."
                        )
                    )
                } else if leverages[symbol] == nil {
                    leverages[symbol] = (leverage, setting.place.line)
                }
            }
            guard let mode = setting.marginMode ?? (setting.isPosition ? .cross : nil) else {
                continue
            }
            if let first = modes[symbol], first.value != mode {
                faults.add(
                    (setting.place.optional("marginMode") ?? setting.place).fault(
                        "'\(symbol)' is \(mode.word) here and \(first.value.word) in line "
                            + "\(first.line).",
                        remedy: "Give one marginMode: an account has one for each symbol."
                    )
                )
            } else if modes[symbol] == nil {
                modes[symbol] = (mode, setting.place.line)
            }
        }
    }

    private func checkRows(_ rulebook: Rulebook, _ faults: inout InputFaults) {
        let isHedge = (positionMode ?? rulebook.positionModes.first ?? .oneWay) == .hedge
        var firsts: [String: [Position]] = [:]
        for row in positions {
            let before = firsts[row.symbol, default: []]
            firsts[row.symbol, default: []].append(row)
            guard let other = before.first else { continue }
            let place = row.place.optional("symbol") ?? row.place
            if !isHedge {
                faults.add(
                    place.fault(
                        "'\(row.symbol)' has another position in line \(other.place.line), "
                            + "and the account is in one-way mode.",
                        remedy: "Add them up to one row, or set 'positionMode: hedge'."
                    )
                )
            } else if before.contains(where: { ($0.quantity < .zero) == (row.quantity < .zero) }) {
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
