import Plimsoll
import PlimsollUnits

// What happens to a pool below its line: the section `enforcement`.
extension RulebookReading {
    /// The rules of enforcement; `nil` if the rulebook has none.
    mutating func enforcement() -> Enforcement? {
        guard let section = draft.sections["enforcement"] else { return nil }
        var rules = Enforcement()
        if let sizing = findings.word(section["sizing"], RulebookWords.sizings) {
            rules.sizing = sizing
        }
        if let sharing = findings.word(section["sharing"], RulebookWords.sharings) {
            rules.sharing = sharing
        }
        if let limit = limitPrice(section["limitPrice"]) { rules.limitPrice = limit }
        rules.depthShare = depthShare(section["depthShare"])
        rules.notionalPerSecond = findings.positiveMoney(section["notionalPerSecond"])
        if let fee = findings.fraction(section["fee"]) { rules.fee = fee }
        if let count = findings.integer(section["evaluationsPerEvent"], in: 1...1_000_000) {
            rules.evaluationsPerEvent = Int(count)
        }
        if let funds = funds(section["funds"]) { rules.funds = funds }
        rules.deleveraging = deleveraging()
        if let payers = findings.word(section["socialisation"], RulebookWords.socialisations) {
            rules.socialisation = payers
        }
        if let gates = findings.boolean(section["gatesWithdrawals"]) {
            rules.gatesWithdrawals = gates
        }
        rules.conversion = conversion(section["conversion"])
        return rules
    }

    /// `bankruptcy`, or `{fillable: {adjustment, spread}}`.
    private mutating func limitPrice(_ reader: NodeReader?) -> LiquidationLimit? {
        guard let reader else { return nil }
        guard case .mapping = reader.node.content else {
            if reader.node.isText("bankruptcy") { return .bankruptcy }
            findings.error(
                reader.fault(
                    "the value is \(reader.node.content.kind), but must be 'bankruptcy' or a "
                        + "mapping.",
                    remedy: "Write bankruptcy, or {fillable: {adjustment: …, spread: …}}."
                )
            )
            return nil
        }
        let section = RulebookSection(
            reader,
            allowed: RulebookKeys.limitPrice,
            findings: &findings
        )
        guard let fillable = findings.required("fillable", in: section),
            findings.mapping(fillable)
        else { return nil }
        let fields = RulebookSection(
            fillable,
            allowed: RulebookKeys.fillable,
            findings: &findings
        )
        let adjustment = findings.positiveRate(findings.required("adjustment", in: fields))
        let spread = findings.positiveRate(findings.required("spread", in: fields))
        guard let adjustment, let spread else { return nil }
        return .fillable(adjustment: adjustment, spread: spread)
    }

    private mutating func depthShare(_ reader: NodeReader?) -> Rate? {
        guard let reader, let share = findings.fraction(reader) else { return nil }
        guard share > .zero else {
            findings.error(
                reader.fault(
                    "depthShare is 0, so nothing would ever be ordered.",
                    remedy: "Use a share above 0 and at most 1, or leave it out: no cap."
                )
            )
            return nil
        }
        return share
    }

    private mutating func deleveraging() -> Deleveraging {
        var rules = Deleveraging()
        guard let section = draft.deleveraging else { return rules }
        if let rank = findings.word(section["rank"], RulebookWords.ranks) { rules.rank = rank }
        if let price = findings.word(section["price"], RulebookWords.deleveragingPrices) {
            rules.price = price
        }
        if let policy = findings.word(section["policy"], RulebookWords.policies) {
            rules.policy = policy
        }
        return rules
    }

    // MARK: Funds

    private mutating func funds(_ list: NodeReader?) -> [FundRule]? {
        guard let list, let elements = findings.elements(list) else { return nil }
        let funds = elements.compactMap { fund($0) }
        if funds.count == elements.count { check(funds, of: list) }
        return funds.map(\.rule)
    }

    private mutating func fund(_ place: NodeReader) -> StatedFund? {
        guard findings.mapping(place) else { return nil }
        let section = RulebookSection(place, allowed: RulebookKeys.fund, findings: &findings)
        let name = findings.name(findings.required("name", in: section))
        var symbols: [String] = []
        var places: [NodeReader] = []
        if let reader = section["symbols"] {
            for element in findings.elements(reader) ?? [] {
                guard let symbol = findings.name(element) else { continue }
                symbols.append(symbol)
                places.append(element)
            }
        }
        let cap = findings.amount(section["cap"], scale: 16, limit: Limits.money)
        let drawdown = drawdown(section["drawdown"])
        guard let name else { return nil }
        let rule = FundRule(
            name: name,
            symbols: symbols,
            cap: cap.map { Money(units: $0) },
            drawdown: drawdown
        )
        return StatedFund(place: section, rule: rule, symbols: places)
    }

    private mutating func drawdown(_ reader: NodeReader?) -> FundRule.Drawdown? {
        guard let reader, findings.mapping(reader) else { return nil }
        let section = RulebookSection(reader, allowed: RulebookKeys.drawdown, findings: &findings)
        let start = findings.fraction(findings.required("start", in: section))
        let stop = findings.fraction(findings.required("stop", in: section))
        // Up to 30 days; milliseconds given by mistake are beyond it.
        let seconds = findings.integer(findings.required("window", in: section), in: 1...2_592_000)
        guard let start, let stop else { return nil }
        guard stop > .zero, stop <= start else {
            findings.error(
                (section["stop"] ?? reader).fault(
                    "start is \(start) and stop is \(stop).",
                    remedy: "Use 0 < stop ≤ start ≤ 1: shares of the fund's highest equity."
                )
            )
            return nil
        }
        return seconds.map {
            FundRule.Drawdown(start: start, stop: stop, window: $0 * 1_000_000_000)
        }
    }
}

/// A fund as it was read, with its places in the file.
struct StatedFund {
    let place: RulebookSection
    let rule: FundRule
    /// The elements of `symbols`, one for each of the rule's.
    let symbols: [NodeReader]
}

extension RulebookFindings {
    /// A rate above zero.
    fileprivate mutating func positiveRate(_ reader: NodeReader?) -> Rate? {
        value(reader) { (reader) throws(InputFault) in
            let rate = try reader.rate()
            guard rate > .zero else {
                throw reader.fault(
                    "the rate \(rate) is not above zero.",
                    remedy: "Use a rate above zero."
                )
            }
            return rate
        }
    }

    /// An amount above zero.
    fileprivate mutating func positiveMoney(_ reader: NodeReader?) -> Money? {
        value(reader) { (reader) throws(InputFault) in try reader.positiveMoney() }
    }
}

extension RulebookWords {
    static let sizings: KeyValuePairs<String, ReductionSizing> = [
        "exit-level": .exitLevel, "bracket-step": .bracketStep, "whole": .whole,
    ]
    static let sharings: KeyValuePairs<String, ReductionSharing> = [
        "relief-per-cost": .reliefPerCost, "maintenance-share": .maintenanceShare,
        "all-at-once": .allAtOnce,
    ]
    static let ranks: KeyValuePairs<String, DeleveragingRank> = [
        "profit-times-margin-ratio": .profitTimesMarginRatio,
        "profit-times-leverage": .profitTimesLeverage,
        "profit-over-margin-ratio": .profitOverMarginRatio,
        "mark-over-entry-times-leverage": .markOverEntryTimesLeverage,
        "unranked": .unranked,
    ]
    static let deleveragingPrices: KeyValuePairs<String, DeleveragingPrice> = [
        "bankruptcy": .bankruptcy, "mark": .mark,
    ]
    static let policies: KeyValuePairs<String, DeleveragingPolicy> = [
        "queue": .queue, "pro-rata": .proRata, "fair-charge": .fairCharge,
    ]
    static let socialisations: KeyValuePairs<String, Socialisation> = [
        "winners": .winners, "open-interest": .openInterest,
    ]
}
