import Plimsoll
import PlimsollUnits
import PlimsollWire
import Testing

private let instruments = """
    instruments:
      BTCUSDT: {payoff: linear, source: s, brackets: [\(RulebookSample.first)]}
      ETHUSDT: {payoff: linear, source: s, brackets: [\(RulebookSample.first)]}

    """

/// A rulebook whose section `enforcement`, in line 12, has these fields.
private func text(_ fields: String) -> String {
    RulebookSample.head + instruments + "enforcement: {source: s, \(fields)}\n"
}

private func load(_ text: String, base: String = "") throws -> LoadedRulebook {
    let catalog = RulebookCatalog(directories: ["r"], texts: ["r/base.yaml": base])
    return try catalog.load(Array(text.utf8), file: "x.yaml")
}

@Suite struct `The enforcement of a rulebook` {
    @Test func `is read, all of it`() throws {
        let loaded = try load(
            RulebookSample.head + instruments + """
                enforcement:
                  sizing: bracket-step
                  sharing: maintenance-share
                  limitPrice: {fillable: {adjustment: 1.5, spread: 0.1}}
                  depthShare: 0.25
                  notionalPerSecond: 1000000.5
                  fee: 0.0125
                  evaluationsPerEvent: 500
                  funds:
                    - {name: fund}
                    - name: fund:BTC
                      symbols: [BTCUSDT]
                      cap: 5000000
                      drawdown: {start: 0.3, stop: 0.25, window: 28800}
                  deleveraging: {rank: profit-times-leverage, price: mark, policy: fair-charge}
                  socialisation: open-interest
                  gatesWithdrawals: true
                  conversion: {order: [USDT, USD], fee: 0.001}
                  source: s
                """
        )
        let expected = Enforcement(
            sizing: .bracketStep,
            sharing: .maintenanceShare,
            limitPrice: .fillable(
                adjustment: try Rate(units: 150_000_000),
                spread: try Rate(units: 10_000_000)
            ),
            depthShare: try Rate(units: 25_000_000),
            notionalPerSecond: Money(units: 10_000_005 * PowerOfTen.of(15)),
            fee: try Rate(units: 1_250_000),
            evaluationsPerEvent: 500,
            funds: [
                FundRule(name: "fund"),
                FundRule(
                    name: "fund:BTC",
                    symbols: ["BTCUSDT"],
                    cap: Money(units: 5_000_000 * PowerOfTen.sixteen),
                    drawdown: FundRule.Drawdown(
                        start: try Rate(units: 30_000_000),
                        stop: try Rate(units: 25_000_000),
                        window: 28_800_000_000_000
                    )
                ),
            ],
            deleveraging: Deleveraging(
                rank: .profitTimesLeverage,
                price: .mark,
                policy: .fairCharge
            ),
            socialisation: .openInterest,
            gatesWithdrawals: true,
            conversion: CollateralConversion(
                order: ["USDT", "USD"],
                fee: try Rate(units: 100_000)
            )
        )
        #expect(loaded.rulebook.enforcement == expected)
        // Its accounts do not back each other's assets, so nothing is ever converted.
        #expect(loaded.warnings.count == 1)
    }

    @Test func `may take a conversion away, and says what changed`() throws {
        let head = RulebookSample.head + "collateralModes: [multi-asset]\n" + instruments
        let base = head + "enforcement: {source: s, conversion: {order: [USDT, USD], fee: 0.1}}\n"
        #expect(
            try load(base).rulebook.enforcement?.conversion
                == CollateralConversion(order: ["USDT", "USD"], fee: Rate(units: 10_000_000))
        )
        let none = try load("extends: base\nenforcement: {conversion: none}", base: base)
        #expect(none.rulebook.enforcement == Enforcement())
        let own = try load(
            "extends: base\nenforcement: {conversion: {order: [USD, USDT]}}",
            base: base
        )
        #expect(own.rulebook.enforcement?.conversion?.fee == .zero)
        #expect(
            RulebookDiff.differences(from: try load(base), to: own)
                .filter { $0.path.hasPrefix("enforcement") } == [
                    .init(path: "enforcement.conversion.order[0]", old: "USDT", new: "USD"),
                    .init(path: "enforcement.conversion.order[1]", old: "USD", new: "USDT"),
                    .init(path: "enforcement.conversion.fee", old: "0.1", new: "0"),
                ]
        )
    }

    @Test func `has the defaults of the engine where nothing is said`() throws {
        #expect(try load(text("")).rulebook.enforcement == Enforcement())
        #expect(try load(text("limitPrice: bankruptcy")).rulebook.enforcement == Enforcement())
    }

    @Test func `is none without its section`() throws {
        #expect(try load(RulebookSample.head + instruments).rulebook.enforcement == nil)
    }

    @Test func `knows every word`() throws {
        for (word, value) in [
            ("exit-level", ReductionSizing.exitLevel), ("bracket-step", .bracketStep),
            ("whole", .whole),
        ] {
            #expect(try load(text("sizing: \(word)")).rulebook.enforcement?.sizing == value)
        }
        for (word, value) in [
            ("relief-per-cost", ReductionSharing.reliefPerCost),
            ("maintenance-share", .maintenanceShare), ("all-at-once", .allAtOnce),
        ] {
            #expect(try load(text("sharing: \(word)")).rulebook.enforcement?.sharing == value)
        }
        for (word, value) in [
            ("profit-times-margin-ratio", DeleveragingRank.profitTimesMarginRatio),
            ("profit-times-leverage", .profitTimesLeverage),
            ("profit-over-margin-ratio", .profitOverMarginRatio),
            ("mark-over-entry-times-leverage", .markOverEntryTimesLeverage),
            ("unranked", .unranked),
        ] {
            let rules = try load(text("deleveraging: {rank: \(word)}")).rulebook.enforcement
            #expect(rules?.deleveraging == Deleveraging(rank: value))
        }
        for (word, value) in [
            ("queue", DeleveragingPolicy.queue), ("pro-rata", .proRata),
            ("fair-charge", .fairCharge),
        ] {
            let rules = try load(text("deleveraging: {policy: \(word)}")).rulebook.enforcement
            #expect(rules?.deleveraging == Deleveraging(policy: value))
        }
    }

    @Test func `is changed field by field by what extends it`() throws {
        let base = text("fee: 0.01, deleveraging: {price: mark, rank: unranked}")
        let own = """
            extends: base
            enforcement: {sizing: whole, deleveraging: {policy: pro-rata}}
            """
        let loaded = try load(own, base: base)
        #expect(
            loaded.rulebook.enforcement
                == Enforcement(
                    sizing: .whole,
                    fee: try Rate(units: 1_000_000),
                    deleveraging: Deleveraging(rank: .unranked, price: .mark, policy: .proRata)
                )
        )
        let differences = RulebookDiff.differences(from: try load(base), to: loaded)
        #expect(
            differences.filter { $0.path.hasPrefix("enforcement") } == [
                .init(path: "enforcement.sizing", old: "exit-level", new: "whole"),
                .init(path: "enforcement.deleveraging.policy", old: "queue", new: "pro-rata"),
            ]
        )
    }

    @Test func `is taken away by none, and may be put back`() throws {
        let base = text("fee: 0.01, deleveraging: {price: mark}")
        let none = try load("extends: base\nenforcement: none", base: base)
        #expect(none.rulebook.enforcement == nil)
        #expect(
            try load(RulebookSample.head + instruments + "\nenforcement: none\n").rulebook
                .enforcement == nil
        )
        let again = try load(
            "extends: base\nenforcement: {}",
            base: RulebookSample.head + instruments
        )
        #expect(again.rulebook.enforcement == Enforcement())
    }

    @Test func `is described as it is used`() throws {
        let evaluations = "\(Enforcement().evaluationsPerEvent)"
        let none = try load(RulebookSample.head + instruments)
        let some = try load(
            text(
                "limitPrice: {fillable: {adjustment: 1, spread: 0.1}}, "
                    + "funds: [{name: fund, drawdown: {start: 0.3, stop: 0.3, window: 1}}]"
            )
        )
        #expect(
            RulebookDiff.differences(from: none, to: some) == [
                .init(path: "enforcement.sizing", old: nil, new: "exit-level"),
                .init(path: "enforcement.sharing", old: nil, new: "relief-per-cost"),
                .init(path: "enforcement.limitPrice.fillable.adjustment", old: nil, new: "1"),
                .init(path: "enforcement.limitPrice.fillable.spread", old: nil, new: "0.1"),
                .init(path: "enforcement.fee", old: nil, new: "0"),
                .init(path: "enforcement.evaluationsPerEvent", old: nil, new: evaluations),
                .init(path: "enforcement.funds[0].name", old: nil, new: "fund"),
                .init(path: "enforcement.funds[0].drawdown.start", old: nil, new: "0.3"),
                .init(path: "enforcement.funds[0].drawdown.stop", old: nil, new: "0.3"),
                .init(path: "enforcement.funds[0].drawdown.window", old: nil, new: "1"),
                .init(
                    path: "enforcement.deleveraging.rank",
                    old: nil,
                    new: "profit-times-margin-ratio"
                ),
                .init(path: "enforcement.deleveraging.price", old: nil, new: "bankruptcy"),
                .init(path: "enforcement.deleveraging.policy", old: nil, new: "queue"),
                .init(path: "enforcement.socialisation", old: nil, new: "winners"),
                .init(path: "enforcement.gatesWithdrawals", old: nil, new: "false"),
                .init(path: "enforcement.source[0]", old: nil, new: "s"),
            ]
        )
    }
}

@Suite struct `Faults of enforcement` {
    @Test(arguments: [
        (
            "sizing: half",
            """
            x.yaml:12:34: enforcement.sizing: 'half' is not one of 'exit-level', 'bracket-step', \
            'whole'.
              Use one of 'exit-level', 'bracket-step', 'whole'.
            """
        ),
        (
            "fees: 0.1",
            """
            x.yaml:12:26: enforcement: the field 'fees' is not known here.
              Did you mean 'fee'?
            """
        ),
        (
            "fee: -0.1",
            """
            x.yaml:12:31: enforcement.fee: the rate -0.1 is not from 0 to 1.
              Write a fraction: 0.004 for 0.4 %.
            """
        ),
        (
            "depthShare: 0",
            """
            x.yaml:12:38: enforcement.depthShare: depthShare is 0, so nothing would ever be \
            ordered.
              Use a share above 0 and at most 1, or leave it out: no cap.
            """
        ),
        (
            "depthShare: 1.5",
            """
            x.yaml:12:38: enforcement.depthShare: the rate 1.5 is not from 0 to 1.
              Write a fraction: 0.004 for 0.4 %.
            """
        ),
        (
            "notionalPerSecond: 0",
            """
            x.yaml:12:45: enforcement.notionalPerSecond: 0 is not above zero.
              Use an amount above zero.
            """
        ),
        (
            "evaluationsPerEvent: 0",
            """
            x.yaml:12:47: enforcement.evaluationsPerEvent: 0 is not from 1 to 1000000.
              Use a whole number from 1 to 1000000.
            """
        ),
        (
            "gatesWithdrawals: maybe",
            """
            x.yaml:12:44: enforcement.gatesWithdrawals: the value is 'maybe', but must be true or \
            false.
              Write true or false, without quotes.
            """
        ),
        (
            "limitPrice: mark",
            """
            x.yaml:12:38: enforcement.limitPrice: the value is 'mark', but must be 'bankruptcy' \
            or a mapping.
              Write bankruptcy, or {fillable: {adjustment: …, spread: …}}.
            """
        ),
        (
            "limitPrice: {fillable: {adjustment: 0}}",
            """
            x.yaml:12:62: enforcement.limitPrice.fillable.adjustment: the rate 0 is not above \
            zero.
              Use a rate above zero.
            x.yaml:12:49: enforcement.limitPrice.fillable: the field 'spread' is missing.
              Add 'spread' with a value.
            """
        ),
        (
            "deleveraging: {rank: first, policy: queues}",
            """
            x.yaml:12:47: enforcement.deleveraging.rank: 'first' is not one of \
            'profit-times-margin-ratio', 'profit-times-leverage', 'profit-over-margin-ratio', \
            'mark-over-entry-times-leverage', 'unranked'.
              Use one of 'profit-times-margin-ratio', 'profit-times-leverage', \
            'profit-over-margin-ratio', 'mark-over-entry-times-leverage', 'unranked'.
            x.yaml:12:62: enforcement.deleveraging.policy: 'queues' is not one of 'queue', \
            'pro-rata', 'fair-charge'.
              Did you mean 'queue'?
            """
        ),
        (
            "socialisation: all",
            """
            x.yaml:12:41: enforcement.socialisation: 'all' is not one of 'winners', \
            'open-interest'.
              Use one of 'winners', 'open-interest'.
            """
        ),
        (
            "conversion: {fee: 0.1}",
            """
            x.yaml:12:38: enforcement.conversion: the field 'order' is missing.
              Add 'order' with a value.
            """
        ),
        (
            "conversion: {order: [], fee: 1}",
            """
            x.yaml:12:55: enforcement.conversion.fee: the fee is 1, so nothing would be left to \
            pay a debt with.
              Use a fraction from 0 to below 1: 0.001 for 0.1 %.
            x.yaml:12:46: enforcement.conversion.order: there is no asset.
              Name what is sold, the first first, or leave 'conversion' out.
            """
        ),
        (
            "conversion: {order: [USDT], fee: -0.1}",
            """
            x.yaml:12:59: enforcement.conversion.fee: the rate -0.1 is not from 0 to 1.
              Write a fraction: 0.004 for 0.4 %.
            """
        ),
        (
            "conversion: {order: [USDT, USDT, UDST]}",
            """
            x.yaml:12:53: enforcement.conversion.order[1]: the asset 'USDT' is there twice.
              Name each asset once.
            x.yaml:12:38: enforcement.conversion: no account converts anything: \
            'collateralModes' has no multi-asset.
              Add multi-asset to 'collateralModes', or leave 'conversion' out.
            x.yaml:12:59: enforcement.conversion.order[2]: the rulebook has no asset 'UDST'.
              Did you mean 'USDT'?
            """
        ),
        (
            "conversion: {order: [USDT, USD, DOGE]}",
            """
            x.yaml:12:38: enforcement.conversion: no account converts anything: \
            'collateralModes' has no multi-asset.
              Add multi-asset to 'collateralModes', or leave 'conversion' out.
            x.yaml:12:58: enforcement.conversion.order[2]: the rulebook has no asset 'DOGE'.
              Add it to 'collateral', or use one of 'USD', 'USDT'.
            """
        ),
        (
            "conversion: {order: [USD], prices: mark}",
            """
            x.yaml:12:53: enforcement.conversion: the field 'prices' is not known here.
              Remove it; known are 'order', 'fee'.
            x.yaml:12:38: enforcement.conversion: no account converts anything: \
            'collateralModes' has no multi-asset.
              Add multi-asset to 'collateralModes', or leave 'conversion' out.
            """
        ),
    ])
    func `of one rule`(fields: String, message: String) {
        #expect(RulebookSample.faults(of: text(fields)) == message)
    }

    @Test(arguments: [
        (
            "[]",
            """
            x.yaml:12:33: enforcement.funds: there is no fund.
              Name at least one, such as {name: fund}, or leave 'funds' out.
            """
        ),
        (
            "[{name: reserve}]",
            """
            x.yaml:12:41: enforcement.funds[0].name: the name of the fund is 'reserve'.
              Write fund, or fund: and a name, such as fund:BTC: it is an account.
            """
        ),
        (
            "[{name: \"fund:\"}]",
            """
            x.yaml:12:41: enforcement.funds[0].name: the name of the fund is 'fund:'.
              Write fund, or fund: and a name, such as fund:BTC: it is an account.
            """
        ),
        (
            "[{name: fund}, {name: fund, symbols: [BTCUSDT]}]",
            """
            x.yaml:12:55: enforcement.funds[1].name: another fund has the name 'fund' already.
              Give each fund a name of its own.
            """
        ),
        (
            "[{name: fund}, {name: fund:a}]",
            """
            x.yaml:12:48: enforcement.funds[1]: the fund 'fund:a' has no symbols, as 'fund' has \
            none.
              Add its 'symbols': only one fund is for those that no other names.
            """
        ),
        (
            "[{name: fund, symbols: [BTCUSDT]}]",
            """
            x.yaml:12:33: enforcement.funds: every fund has 'symbols', so other instruments have \
            none.
              Add a fund without 'symbols': it is for those that no other names.
            """
        ),
        (
            "[{name: fund:a, symbols: [BTCUSD, ETHUSDT]}, {name: fund:b, symbols: [ETHUSDT]}, "
                + "{name: fund}]",
            """
            x.yaml:12:59: enforcement.funds[0].symbols[0]: the rulebook has no instrument \
            'BTCUSD'.
              Did you mean 'BTCUSDT'?
            x.yaml:12:103: enforcement.funds[1].symbols[0]: 'ETHUSDT' is in the fund 'fund:a' \
            already.
              Name it in one fund only.
            """
        ),
        (
            "[{name: fund, cap: -1}]",
            """
            x.yaml:12:52: enforcement.funds[0].cap: -1 is below zero.
              Use zero or a number above it.
            """
        ),
        (
            "[{name: fund, drawdown: {start: 0.25, stop: 0.3, window: 28800}}]",
            """
            x.yaml:12:77: enforcement.funds[0].drawdown.stop: start is 0.25 and stop is 0.3.
              Use 0 < stop ≤ start ≤ 1: shares of the fund's highest equity.
            """
        ),
        (
            "[{name: fund, drawdown: {start: 1.3, stop: 0, window: 28800000}}]",
            """
            x.yaml:12:65: enforcement.funds[0].drawdown.start: the rate 1.3 is not from 0 to 1.
              Write a fraction: 0.004 for 0.4 %.
            x.yaml:12:87: enforcement.funds[0].drawdown.window: 28800000 is not from 1 to 2592000.
              Use a whole number from 1 to 2592000.
            """
        ),
        (
            "[{symbols: [BTCUSDT], drawdown: {}}]",
            """
            x.yaml:12:34: enforcement.funds[0]: the field 'name' is missing.
              Add 'name' with a value.
            x.yaml:12:65: enforcement.funds[0].drawdown: the field 'start' is missing.
              Add 'start' with a value.
            x.yaml:12:65: enforcement.funds[0].drawdown: the field 'stop' is missing.
              Add 'stop' with a value.
            x.yaml:12:65: enforcement.funds[0].drawdown: the field 'window' is missing.
              Add 'window' with a value.
            """
        ),
        (
            "fund",
            """
            x.yaml:12:33: enforcement.funds: the value is 'fund', but must be a list.
              Write `[…]`, or in YAML one `- …` line for each element.
            """
        ),
    ])
    func `of funds`(funds: String, message: String) {
        #expect(RulebookSample.faults(of: text("funds: \(funds)")) == message)
    }

    @Test func `names no source`() {
        let text = RulebookSample.head + instruments + "enforcement: {fee: 0.01}\n"
        #expect(
            RulebookSample.faults(of: text) == """
                x.yaml:12:14: enforcement: the figures name no source.
                  Add 'source' with a key of 'sources'.
                """
        )
        #expect(RulebookSample.faults(of: text, .use) == "none")
    }
}
