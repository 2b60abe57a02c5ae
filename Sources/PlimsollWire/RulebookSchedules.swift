import Plimsoll
import PlimsollUnits

/// One bracket as it was read, before what it leaves out is derived.
struct StatedBracket {
    let place: NodeReader
    /// Steps of 10⁻¹⁶ of notional or 10⁻⁸ of size.
    var floor: Int128
    var cap: Int128?
    var maxLeverage: Leverage?
    var initialRate: Rate?
    var maintenanceRate: ExactRate
    /// Steps of 10⁻²⁴.
    var amount: Int128?
}

// Initial and maintenance rates by size, in each of the ways a file may give them.
extension RulebookReading {
    mutating func schedule(of section: RulebookSection, symbol: String) -> MarginSchedule? {
        let used = RulebookKeys.scheduleGroups.filter(section.uses)
        guard used.count == 1 else {
            let ways = "brackets, riskLimit, initialBaseRate … or initialRate …"
            let problem =
                used.isEmpty
                ? "the instrument has no rates." : "the rates are given in \(used.count) ways."
            findings.error(
                section.place.fault(problem, remedy: "Give one of \(ways); see the format's page.")
            )
            return nil
        }
        if let list = section["brackets"] { return brackets(list, of: section, symbol: symbol) }
        if let limit = section["riskLimit"] { return riskLimit(limit) }
        return section.uses(RulebookKeys.affine) ? affine(section) : openInterest(section)
    }

    // MARK: Brackets

    private mutating func brackets(
        _ list: NodeReader,
        of section: RulebookSection,
        symbol: String
    ) -> MarginSchedule? {
        let form = bracketForm()
        guard let elements = findings.elements(list) else { return nil }
        guard !elements.isEmpty, elements.count <= Limits.brackets else {
            findings.error(
                list.fault(
                    "there are \(elements.count) brackets.",
                    remedy: "Give from 1 to \(Limits.brackets)."
                )
            )
            return nil
        }
        guard form.key == .notional || form.kind == .flat else {
            findings.error(
                list.fault(
                    "marginal brackets cannot have floors in sizes.",
                    remedy: "Set the rulebook's brackets to {key: notional} or {kind: flat}."
                )
            )
            return nil
        }
        let stated = elements.compactMap { bracket($0, form: form) }
        guard stated.count == elements.count, floorsHold(stated, key: form.key) else { return nil }
        let amounts = amounts(stated, form: form)
        let whole = !isSample(section)
        let derived = zip(stated, amounts).map { bracket, amount in
            Bracket(
                floor: bracket.floor,
                maintenanceRate: bracket.maintenanceRate,
                deduction: amount,
                maxLeverage: bracket.maxLeverage ?? loosestLeverage(bracket, whole: whole),
                initialRate: bracket.initialRate
            )
        }
        check(derived, stated: stated, form: form)
        return BracketSchedule(key: form.key, brackets: derived).map(MarginSchedule.brackets)
    }

    /// What the rulebook says about all of its brackets.
    struct BracketForm {
        var key = BracketSchedule.Key.notional
        var kind = BracketKind.marginal
        var maintenance = BracketMaintenance.stated

        /// Digits behind the point of floors.
        var scale: Int { key == .notional ? 16 : 8 }
    }

    private mutating func bracketForm() -> BracketForm {
        var form = BracketForm()
        guard let section = draft.sections["brackets"] else { return form }
        if let key = findings.word(section["key"], RulebookWords.bracketKeys) { form.key = key }
        if let kind = findings.word(section["kind"], RulebookWords.bracketKinds) {
            form.kind = kind
        }
        if let source = findings.word(section["maintenance"], RulebookWords.maintenances) {
            form.maintenance = source
        }
        return form
    }

    private mutating func bracket(_ place: NodeReader, form: BracketForm) -> StatedBracket? {
        let section = RulebookSection(
            place,
            allowed: RulebookKeys.bracket,
            findings: &findings
        )
        guard findings.mapping(place) else { return nil }
        let limit = form.key == .notional ? Limits.notional : Int128(Limits.quantity)
        let floor = findings.amount(
            findings.required("floor", in: place),
            scale: form.scale,
            limit: limit
        )
        let cap = findings.amount(section["cap"], scale: form.scale, limit: limit)
        let leverage = findings.leverage(section["maxLeverage"])
        let initial = findings.fraction(section["initialRate"])
        let amount = findings.amount(
            section["maintenanceAmount"],
            scale: 24,
            limit: Limits.money * PowerOfTen.eight
        )
        if let initial, initial == .zero, let reader = section["initialRate"] {
            findings.error(
                reader.fault("the initial rate is 0.", remedy: "Use a rate above zero.")
            )
            return nil
        }
        let maintenance = maintenanceRate(section, initial, leverage, form: form)
        guard let floor, let maintenance else { return nil }
        return StatedBracket(
            place: place,
            floor: floor,
            cap: cap,
            maxLeverage: leverage ?? initial.map(Self.leverage(reciprocalOf:)),
            initialRate: initial,
            maintenanceRate: maintenance,
            amount: amount
        )
    }

    private mutating func maintenanceRate(
        _ section: RulebookSection,
        _ initial: Rate?,
        _ leverage: Leverage?,
        form: BracketForm
    ) -> ExactRate? {
        if let reader = section["maintenanceRate"] {
            return findings.fraction(reader).map { ExactRate($0) }
        }
        switch form.maintenance {
        case .stated:
            _ = findings.required("maintenanceRate", in: section.place)
            return nil
        case .halfOfInitial:
            if let initial { return Self.half(of: initial) }
            if let leverage { return ExactRate(oneOver: 2, times: leverage) }
            if !section.uses(["initialRate", "maxLeverage"]) {
                _ = findings.required("maxLeverage", in: section.place)
            }
            return nil
        }
    }

    private static func half(of rate: Rate) -> ExactRate {
        var half = ExactRate(rate)
        if half.numerator % 2 == 0 { half.numerator /= 2 } else { half.denominator = 2 }
        return half
    }

    /// `1 ÷ rate`, rounded down to hundredths and to the largest leverage there is.
    static func leverage(reciprocalOf rate: Rate) -> Leverage {
        leverage(reciprocalOf: ExactRate(rate))
    }

    private static func leverage(reciprocalOf rate: ExactRate) -> Leverage {
        let most = Int128(Limits.leverage)
        let hundredths =
            rate.numerator == 0
            ? most
            : (10_000_000_000 * Int128(rate.denominator))
                .divided(by: Int128(rate.numerator), rounding: .down)
        let held = Int64(min(max(hundredths, 100), most))
        return (try? Leverage(hundredths: held)) ?? .twenty
    }

    /// Where no largest leverage is stated: the one at which initial margin is maintenance.
    private mutating func loosestLeverage(_ bracket: StatedBracket, whole: Bool) -> Leverage {
        let leverage = Self.leverage(reciprocalOf: bracket.maintenanceRate)
        let fault = bracket.place.fault(
            "'maxLeverage' is missing; \(leverage) is taken, at which initial margin is "
                + "maintenance.",
            remedy: "Add 'maxLeverage' as the venue publishes it."
        )
        // What somebody writes to try it out is worth a word; a shipped sample says it already.
        let override = own.top["extends"] != nil && bracket.place.file == own.top.place.file
        if whole {
            findings.doubt(fault)
        } else if findings.strictness == .check || override {
            findings.warn(fault)
        }
        return leverage
    }

    /// Deductions as stated; where none is stated, the one that keeps maintenance continuous.
    private mutating func amounts(_ brackets: [StatedBracket], form: BracketForm) -> [Int128] {
        switch form.kind {
        case .flat:
            for bracket in brackets {
                guard let amount = bracket.amount, amount != 0 else { continue }
                findings.error(
                    bracket.place.fault(
                        "flat brackets have no maintenanceAmount, but it is "
                            + "\(DecimalText.string(amount, scale: 24)).",
                        remedy: "Remove it: a flat rate holds for the whole position."
                    )
                )
            }
            return brackets.map { _ in 0 }
        case .marginal:
            let continuous = BracketSchedule.continuousDeductions(
                floors: brackets.map(\.floor),
                rates: brackets.map(\.maintenanceRate)
            )
            var amounts: [Int128] = []
            for (index, bracket) in brackets.enumerated() {
                let step = index == 0 ? 0 : continuous[index] - continuous[index - 1]
                amounts.append(bracket.amount ?? (amounts.last ?? 0) + step)
            }
            return amounts
        }
    }

    /// Whether these figures are not the venue's whole table.
    func isSample(_ section: RulebookSection?) -> Bool {
        for reader in [section?["sample"], draft.top["sample"]] {
            if let reader { return (try? reader.boolean()) ?? false }
        }
        return false
    }
}
