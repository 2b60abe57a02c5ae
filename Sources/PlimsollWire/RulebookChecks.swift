import Plimsoll
import PlimsollUnits

// What the figures of a rulebook must hold among each other.
extension RulebookReading {
    mutating func check(_ thresholds: Thresholds, in section: RulebookSection) {
        let (watch, call) = (thresholds.watch, thresholds.call)
        if watch == .zero || watch >= call || call >= .one {
            findings.error(
                (section["call"] ?? section["watch"] ?? section.place).fault(
                    "watch is \(watch) and call is \(call); liquidation is at 1.",
                    remedy: "Use 0 < watch < call < 1: shares of equity that maintenance takes."
                )
            )
        }
        if thresholds.exit == .zero, let exit = section["exit"] {
            findings.error(
                exit.fault(
                    "exit is 0, which no pool with a position reaches.",
                    remedy: "Use a share above 0 and at most 1."
                )
            )
        }
    }

    mutating func check(_ tiers: [CollateralTier], at places: [NodeReader], of list: NodeReader) {
        guard let first = tiers.first, tiers.count <= Limits.brackets else {
            findings.error(
                list.fault(
                    "there are \(tiers.count) tiers.",
                    remedy: "Give from 1 to \(Limits.brackets), or leave 'tiers' out."
                )
            )
            return
        }
        if first.floor != .zero { findings.error(firstFloor(places[0], "\(first.floor)")) }
        for index in tiers.indices.dropFirst() {
            let (lower, upper) = (tiers[index - 1], tiers[index])
            if upper.floor <= lower.floor {
                findings.error(
                    places[index].fault(
                        "the floor is \(upper.floor), but the tier before it starts at "
                            + "\(lower.floor).",
                        remedy: "Floors must rise; correct it, or reorder the tiers."
                    )
                )
            }
            if upper.weight > lower.weight {
                findings.doubt(
                    places[index].fault(
                        "the weight is \(upper.weight), above \(lower.weight) of the tier before "
                            + "it.",
                        remedy: "Weights must not rise with the amount; correct one of them."
                    )
                )
            }
        }
    }

    private func firstFloor(_ place: NodeReader, _ floor: String) -> InputFault {
        place.fault(
            "the first floor is \(floor), not 0.",
            remedy: "Start at 0, so that every amount has its place."
        )
    }

    // MARK: Brackets

    /// Whether floors rise from 0 and caps, where they are given, meet the next floor.
    mutating func floorsHold(_ brackets: [StatedBracket], key: BracketSchedule.Key) -> Bool {
        let scale = key == .notional ? 16 : 8
        func text(_ units: Int128) -> String { DecimalText.string(units, scale: scale) }
        var hold = true
        if let first = brackets.first, first.floor != 0 {
            findings.error(firstFloor(first.place, text(first.floor)))
            hold = false
        }
        for (lower, upper) in zip(brackets, brackets.dropFirst()) {
            if upper.floor <= lower.floor {
                findings.error(
                    upper.place.fault(
                        "the floor is \(text(upper.floor)), but the bracket before it starts at "
                            + "\(text(lower.floor)).",
                        remedy: "Floors must rise; correct it, or reorder the brackets."
                    )
                )
                hold = false
            } else if let cap = lower.cap, cap != upper.floor {
                let kind = cap < upper.floor ? "a gap" : "an overlap"
                findings.error(
                    lower.place.fault(
                        "the cap is \(text(cap)), but the next floor is \(text(upper.floor)): "
                            + "\(kind).",
                        remedy: "Make them equal, or leave the cap out: it is the next floor."
                    )
                )
                hold = false
            }
        }
        if let last = brackets.last, let cap = last.cap, cap <= last.floor {
            findings.error(
                last.place.fault(
                    "the cap is \(text(cap)), not above the floor \(text(last.floor)).",
                    remedy: "Correct the cap, or leave it out."
                )
            )
            hold = false
        }
        return hold
    }

    /// Doubts about figures: rates that fall, leverage that rises, amounts that jump.
    mutating func check(_ brackets: [Bracket], stated: [StatedBracket], form: BracketForm) {
        for (index, bracket) in brackets.enumerated() {
            let place = stated[index].place
            checkInitial(bracket, at: place)
            guard index > 0 else { continue }
            let before = brackets[index - 1]
            if bracket.maintenanceRate.isBelow(before.maintenanceRate) {
                findings.doubt(
                    place.fault(
                        "maintenanceRate is \(bracket.maintenanceRate.text), below "
                            + "\(before.maintenanceRate.text) of the bracket before it.",
                        remedy:
                            "Rates must not fall as size grows; correct one of them, or reorder "
                            + "the brackets by floor."
                    )
                )
            }
            if bracket.maxLeverage > before.maxLeverage {
                findings.doubt(
                    place.fault(
                        "maxLeverage is \(bracket.maxLeverage), above \(before.maxLeverage) of the "
                            + "bracket before it.",
                        remedy: "Leverage must not rise as size grows; correct one of them."
                    )
                )
            }
        }
        if form.kind == .marginal { checkContinuity(stated) }
    }

    private mutating func checkContinuity(_ brackets: [StatedBracket]) {
        let first = brackets[0].amount ?? 0
        if first != 0 {
            findings.doubt(
                brackets[0].place.fault(
                    "maintenanceAmount of the first bracket is "
                        + "\(DecimalText.string(first, scale: 24)), not 0.",
                    remedy: "Use 0: otherwise small positions need less than nothing."
                )
            )
        }
        let expected = BracketSchedule.continuousDeductions(
            floors: brackets.map(\.floor),
            rates: brackets.map(\.maintenanceRate)
        )
        for (bracket, amount) in zip(brackets, expected).dropFirst() {
            guard let stated = bracket.amount, stated != first + amount else { continue }
            let text = DecimalText.string(first + amount, scale: 24)
            findings.doubt(
                bracket.place.fault(
                    "maintenanceAmount is \(DecimalText.string(stated, scale: 24)), but "
                        + "maintenance is continuous at the floor only with \(text).",
                    remedy: "Use \(text), or correct the floor or a rate."
                )
            )
        }
    }

    private mutating func checkInitial(_ bracket: Bracket, at place: NodeReader) {
        let rate = bracket.maintenanceRate
        if let initial = bracket.initialRate {
            guard ExactRate(initial).isBelow(rate) else { return }
            findings.doubt(
                place.fault(
                    "initialRate is \(initial), below maintenanceRate (\(rate.text)).",
                    remedy: "Correct one of them: a new position must not start in liquidation."
                )
            )
            return
        }
        let least = ExactRate(oneOver: 1, times: bracket.maxLeverage)
        guard least.isBelow(rate) else { return }
        findings.doubt(
            place.fault(
                "maintenanceRate is \(rate.text), above 1 ÷ maxLeverage (\(bracket.maxLeverage)).",
                remedy: "Lower one of them: a new position must not start in liquidation."
            )
        )
    }

    mutating func checkInitial(_ initial: Rate, above maintenance: Rate, at place: NodeReader) {
        guard initial < maintenance else { return }
        findings.doubt(
            place.fault(
                "the initial rate is \(initial), below the maintenance rate \(maintenance).",
                remedy: "Correct one of them: a new position must not start in liquidation."
            )
        )
    }
}

extension ExactRate {
    /// Whether this rate is below `other`, exactly.
    func isBelow(_ other: ExactRate) -> Bool {
        Int128(numerator) * Int128(other.denominator)
            < Int128(other.numerator) * Int128(denominator)
    }

    /// The rate as a decimal, or as a quotient where no decimal holds it.
    var text: String {
        if let decimal = exactly16 { return DecimalText.string(decimal, scale: 16) }
        let whole = DecimalText.string(Int128(numerator), scale: 8)
        return "\(whole) ÷ \(denominator)"
    }

    /// Whether a decimal of 16 digits holds the rate.
    var isDecimal: Bool { exactly16 != nil }

    private var exactly16: Int128? {
        let (quotient, rest) = (Int128(numerator) * PowerOfTen.eight)
            .quotientAndRemainder(dividingBy: Int128(denominator))
        return rest == 0 ? quotient : nil
    }
}
