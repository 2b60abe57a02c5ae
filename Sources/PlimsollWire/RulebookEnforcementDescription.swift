import Plimsoll
import PlimsollUnits

extension Enforcement {
    /// The rules as they stand in a description, every default filled in.
    var described: [RulebookField] {
        [
            .init("sizing", .word(sizing, RulebookWords.sizings)),
            .init("sharing", .word(sharing, RulebookWords.sharings)),
            .init("limitPrice", limitPrice.described),
            .init("depthShare", depthShare.map(RulebookValue.rate) ?? .null),
            .init("notionalPerSecond", notionalPerSecond.map { .number("\($0)") } ?? .null),
            .init("fee", .rate(fee)),
            .init("evaluationsPerEvent", .integer(evaluationsPerEvent)),
            .init("funds", .list(funds.map(\.described))),
            .init("deleveraging", deleveraging.described),
            .init("socialisation", .word(socialisation, RulebookWords.socialisations)),
            .init("gatesWithdrawals", .boolean(gatesWithdrawals)),
            .init("conversion", conversion.map(\.described) ?? .null),
        ]
    }
}

extension CollateralConversion {
    fileprivate var described: RulebookValue {
        .mapping([
            .init("order", .list(order.map(RulebookValue.text))), .init("fee", .rate(fee)),
        ])
    }
}

extension LiquidationLimit {
    fileprivate var described: RulebookValue {
        switch self {
        case .bankruptcy: .text("bankruptcy")
        case .fillable(let adjustment, let spread):
            .mapping([
                .init(
                    "fillable",
                    .mapping([
                        .init("adjustment", .rate(adjustment)), .init("spread", .rate(spread)),
                    ])
                )
            ])
        }
    }
}

extension FundRule {
    fileprivate var described: RulebookValue {
        .mapping([
            .init("name", .text(name)),
            .init("symbols", .list(symbols.map(RulebookValue.text))),
            .init("cap", cap.map { .number("\($0)") } ?? .null),
            .init("drawdown", drawdown.map(\.described) ?? .null),
        ])
    }
}

extension FundRule.Drawdown {
    fileprivate var described: RulebookValue {
        .mapping([
            .init("start", .rate(start)),
            .init("stop", .rate(stop)),
            .init("window", .integer(window / 1_000_000_000)),
        ])
    }
}

extension Deleveraging {
    fileprivate var described: RulebookValue {
        .mapping([
            .init("rank", .word(rank, RulebookWords.ranks)),
            .init("price", .word(price, RulebookWords.deleveragingPrices)),
            .init("policy", .word(policy, RulebookWords.policies)),
        ])
    }
}
