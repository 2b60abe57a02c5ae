import Plimsoll

// What the insurance funds of a rulebook must hold among each other.
extension RulebookReading {
    mutating func check(_ funds: [StatedFund], of list: NodeReader) {
        checkDefault(funds, of: list)
        var names: Set<String> = []
        var owners: [String: String] = [:]
        for fund in funds {
            checkName(of: fund)
            if !names.insert(fund.rule.name).inserted {
                findings.error(
                    (fund.place["name"] ?? fund.place.place).fault(
                        "another fund has the name \(Excerpt.quoted(fund.rule.name)) already.",
                        remedy: "Give each fund a name of its own."
                    )
                )
            }
            for (symbol, place) in zip(fund.rule.symbols, fund.symbols) {
                check(symbol, at: place, owner: owners[symbol])
                owners[symbol] = owners[symbol] ?? fund.rule.name
            }
        }
    }

    /// Exactly one fund stands for the instruments that no other names.
    private mutating func checkDefault(_ funds: [StatedFund], of list: NodeReader) {
        guard !funds.isEmpty else {
            findings.error(
                list.fault(
                    "there is no fund.",
                    remedy: "Name at least one, such as {name: fund}, or leave 'funds' out."
                )
            )
            return
        }
        let open = funds.filter(\.rule.symbols.isEmpty)
        guard let first = open.first else {
            findings.error(
                list.fault(
                    "every fund has 'symbols', so other instruments have none.",
                    remedy: "Add a fund without 'symbols': it is for those that no other names."
                )
            )
            return
        }
        for fund in open.dropFirst() {
            findings.error(
                fund.place.place.fault(
                    "the fund \(Excerpt.quoted(fund.rule.name)) has no symbols, as "
                        + "\(Excerpt.quoted(first.rule.name)) has none.",
                    remedy: "Add its 'symbols': only one fund is for those that no other names."
                )
            )
        }
    }

    private mutating func checkName(of fund: StatedFund) {
        let name = fund.rule.name
        guard name != "fund", !name.hasPrefix("fund:") || name == "fund:" else { return }
        findings.error(
            (fund.place["name"] ?? fund.place.place).fault(
                "the name of the fund is \(Excerpt.quoted(name)).",
                remedy: "Write fund, or fund: and a name, such as fund:BTC: it is an account."
            )
        )
    }

    private mutating func check(_ symbol: String, at place: NodeReader, owner: String?) {
        let known = draft.instruments.names
        if !known.contains(symbol) {
            findings.error(
                place.fault(
                    "the rulebook has no instrument \(Excerpt.quoted(symbol)).",
                    remedy: Spelling.remedy(
                        for: symbol,
                        among: known,
                        otherwise: "Add it to 'instruments', or use one of"
                    )
                )
            )
        } else if let owner {
            findings.error(
                place.fault(
                    "\(Excerpt.quoted(symbol)) is in the fund \(Excerpt.quoted(owner)) already.",
                    remedy: "Name it in one fund only."
                )
            )
        }
    }
}
