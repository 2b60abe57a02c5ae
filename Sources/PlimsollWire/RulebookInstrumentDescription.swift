import Plimsoll
import PlimsollUnits

extension InstrumentRules {
    /// The instrument as it stands in a description, everything derived filled in.
    func described(_ cited: Citations) -> RulebookField {
        let path = "instruments.\(symbol)"
        let fields: [RulebookField] =
            [
                .init("payoff", .word(payoff, RulebookWords.payoffs)),
                .init("base", .text(base)),
                .init("quote", .text(quote)),
                .init("settle", .text(settle)),
                .init("expiry", expiry.map { .text(UTCMoment.text($0)) } ?? .null),
            ] + describedValuation + describedLimits + schedule.described + [cited.sample(path)]
        return .init(symbol, .mapping(fields + cited.source(path)))
    }

    private var describedValuation: [RulebookField] {
        [
            .init("initialPrice", .word(initialPrice, RulebookWords.priceBases)),
            .init("isolatedInitialPrice", .word(isolatedInitialPrice, RulebookWords.priceBases)),
            .init("maintenancePrice", .word(maintenancePrice, RulebookWords.priceBases)),
            .init("closingFee", .word(closingFee, RulebookWords.closingFees)),
            .init("closingFeeRate", .rate(takerFeeRate)),
            .init("fundingInMaintenance", .boolean(fundingInMaintenance)),
            .init("defaultLeverage", .number("\(defaultLeverage)")),
            .init("crossAtMaximumLeverage", .boolean(crossAtMaximumLeverage)),
        ]
    }

    private var describedLimits: [RulebookField] {
        [
            .init("quantityStep", quantityStep.map { .number("\($0)") } ?? .null),
            .init("tick", tickSize.map { .number("\($0)") } ?? .null),
            .init("costScale", costScale.map { .integer($0) } ?? .null),
            .init("requirementScale", requirementScale.map { .integer($0) } ?? .null),
            .init("maxPrice", .number("\(maxPrice)")),
            .init("maxQuantity", .number("\(maxQuantity)")),
        ]
    }
}

extension MarginSchedule {
    fileprivate var described: [RulebookField] {
        switch self {
        case .brackets(let schedule):
            let scale = schedule.key == .notional ? 16 : 8
            let brackets = schedule.brackets.map { bracket in
                RulebookValue.mapping([
                    .init("floor", .decimal(bracket.floor, scale: scale)),
                    .init("maxLeverage", .number("\(bracket.maxLeverage)")),
                    .init("initialRate", bracket.initialRate.map(RulebookValue.rate) ?? .null),
                    .init("maintenanceRate", bracket.maintenanceRate.described),
                    .init("maintenanceAmount", .decimal(bracket.deduction, scale: 24)),
                ])
            }
            return [
                .init("floorsMeasure", .word(schedule.key, RulebookWords.bracketKeys)),
                .init("brackets", .list(brackets)),
            ]
        case .affine(let schedule):
            return [
                .init("initialBaseRate", .rate(schedule.initialBase)),
                .init("initialSlope", .decimal(Int128(schedule.initialSlope), scale: 16)),
                .init("maintenanceBaseRate", .rate(schedule.maintenanceBase)),
                .init("maintenanceSlope", .decimal(Int128(schedule.maintenanceSlope), scale: 16)),
            ]
        case .openInterest(let schedule):
            return [
                .init("initialRate", .rate(schedule.initialRate)),
                .init("maintenanceFraction", .rate(schedule.maintenanceFraction)),
                .init("openInterestLower", schedule.lower.map { .number("\($0)") } ?? .null),
                .init("openInterestUpper", schedule.upper.map { .number("\($0)") } ?? .null),
            ]
        }
    }
}

extension ExactRate {
    /// A decimal where one holds the rate, else a quotient in words.
    fileprivate var described: RulebookValue {
        isDecimal ? .number(text) : .text(text)
    }
}
