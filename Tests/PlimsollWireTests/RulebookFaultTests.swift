import PlimsollWire
import Testing

/// Each faulty text with the message it draws: place, value, limit, remedy.
@Suite struct `Faults of a rulebook` {
    @Test(arguments: [
        (
            RulebookSample.head + "thresholds: {wach: 0.5, source: s}",
            """
            x.yaml:9:14: thresholds: the field 'wach' is not known here.
              Did you mean 'watch'?
            """
        ),
        (
            RulebookSample.head + "threshold: {}",
            """
            x.yaml:9:1: the field 'threshold' is not known here.
              Did you mean 'thresholds'?
            """
        ),
        (
            "format: plimsoll-rulebook-2" + RulebookSample.head.dropFirst(27),
            """
            x.yaml:1:9: format: the format is 'plimsoll-rulebook-2', not 'plimsoll-rulebook-1'.
              Write 'format: plimsoll-rulebook-1'; docs/formats/rulebooks.md explains it.
            """
        ),
        (
            RulebookSample.head + "collateralModes: [portfolio]",
            """
            x.yaml:9:19: collateralModes[0]: 'portfolio' is not one of 'single-asset', \
            'multi-asset'.
              Use one of 'single-asset', 'multi-asset'.
            """
        ),
        (
            "[1, 2]",
            """
            x.yaml:1:1: the value is a list, but must be a mapping of names to values.
              Write the fields as `name: value` pairs.
            """
        ),
        (
            RulebookSample.head + "thresholds: {watch: 0.9, call: 0.8, source: s}",
            """
            x.yaml:9:32: thresholds.call: watch is 0.9 and call is 0.8; liquidation is at 1.
              Use 0 < watch < call < 1: shares of equity that maintenance takes.
            """
        ),
    ])
    func `of the document`(text: String, message: String) {
        #expect(RulebookSample.faults(of: text) == message)
    }

    @Test(arguments: [
        (
            RulebookSample.head + "thresholds: {watch: 0.5}",
            """
            x.yaml:9:13: thresholds: the figures name no source.
              Add 'source' with a key of 'sources'.
            """
        ),
        (
            RulebookSample.head + "thresholds: {watch: 0.5, source: st}",
            """
            x.yaml:9:34: thresholds.source: 'sources' has no entry 'st'.
              Did you mean 's'?
            """
        ),
        (
            RulebookSample.head.replacing(", url: \"https://x\", read: 2026-11-22", with: ""),
            """
            x.yaml:8:14: sources.s: the source has neither 'url' nor 'path'.
              Say where it is: an address, or a repository and a path.
            x.yaml:8:14: sources.s: the source has neither 'published' nor 'read'.
              Give at least one date, such as 'read: 2026-11-22'.
            """
        ),
        (
            RulebookSample.head.replacing("read: 2026-11-22", with: "read: yesterday"),
            """
            x.yaml:8:53: sources.s.read: 'yesterday' is not a date.
              Write a day as 2026-11-22 or a month as 2026-11.
            """
        ),
    ])
    func `of sources`(text: String, message: String) {
        #expect(RulebookSample.faults(of: text) == message)
    }

    @Test(arguments: [
        (
            "base: BTC",
            """
            x.yaml:10:12: instruments.BTCUSDT: the instrument has no rates.
              Give one of brackets, riskLimit, initialBaseRate … or initialRate …; see the \
            format's page.
            """
        ),
        (
            "brackets: [\(RulebookSample.first)], initialRate: 0.1",
            """
            x.yaml:10:12: instruments.BTCUSDT: the rates are given in 2 ways.
              Give one of brackets, riskLimit, initialBaseRate … or initialRate …; see the \
            format's page.
            """
        ),
        (
            "brackets: []",
            """
            x.yaml:10:50: instruments.BTCUSDT.brackets: there are 0 brackets.
              Give from 1 to 64.
            """
        ),
        (
            "expiry: 2026-02-30T00:00:00Z, brackets: [\(RulebookSample.first)]",
            """
            x.yaml:10:48: instruments.BTCUSDT.expiry: '2026-02-30T00:00:00Z' is not a moment.
              Write it as 2021-09-24T12:00:00Z, or in milliseconds since 1970.
            """
        ),
        (
            "maxPrice: 1e7, maxQuantity: 1e6, brackets: [\(RulebookSample.first)]",
            """
            x.yaml:10:12: instruments.BTCUSDT: maxPrice × maxQuantity is 10000000000000, beyond \
            the \
            limit of 1000000000000.
              Lower one of them, or declare a larger unit of quantity.
            """
        ),
        (
            "initialRate: 0.1, maintenanceFraction: 0.5, openInterestLower: 5, "
                + "openInterestUpper: 5",
            """
            x.yaml:10:12: instruments.BTCUSDT: openInterestLower is not below openInterestUpper.
              Correct them, or leave both out for a rate that never rises.
            """
        ),
        (
            "closingFeeRate: 0.1, takerFeeRate: 0.1, brackets: [\(RulebookSample.first)]",
            """
            x.yaml:10:75: instruments.BTCUSDT.takerFeeRate: both 'closingFeeRate' and \
            'takerFeeRate' \
            are given.
              Keep one: they are the same fee.
            """
        ),
    ])
    func `of an instrument`(fields: String, message: String) {
        #expect(RulebookSample.faults(of: RulebookSample.instrument(fields)) == message)
    }

    @Test(arguments: [
        (
            "collateral: {BTC: {source: s, tiers: [{floor: 0, weight: 1.1}]}}",
            """
            x.yaml:9:58: collateral.BTC.tiers[0].weight: the rate 1.1 is not from 0 to 1.
              Write a fraction: 0.004 for 0.4 %.
            """
        ),
        (
            "collateral: {BTC: {source: s, tiers: [{floor: 0, weight: 0.8}, "
                + "{floor: 10, weight: 0.9}]}}",
            """
            x.yaml:9:64: collateral.BTC.tiers[1]: the weight is 0.9, above 0.8 of the tier before \
            it.
              Weights must not rise with the amount; correct one of them.
            """
        ),
        (
            "collateral: {BTC: {source: s, haircut: 0.1, tiers: [{floor: 0, weight: 0.8}]}}",
            """
            x.yaml:9:52: collateral.BTC.tiers: both 'tiers' and 'haircut' are given.
              Keep one: a haircut is one tier with the weight 1 − haircut.
            """
        ),
    ])
    func `of collateral`(text: String, message: String) {
        #expect(RulebookSample.faults(of: RulebookSample.head + text) == message)
    }

    @Test(arguments: [
        (
            "extends: bas",
            """
            x.yaml:1:10: extends: there is no rulebook 'bas' in r.
              Did you mean 'base'?
            """
        ),
        (
            "extends: loop",
            """
            r/pool.yaml:1:10: extends: the rulebook extends itself: r/loop.yaml → r/pool.yaml → \
            r/loop.yaml.
              Remove one 'extends' of the circle.
            """
        ),
    ])
    func `of what it extends`(text: String, message: String) {
        #expect(RulebookSample.faults(of: text, .use) == message)
    }

    @Test func `in an asset that is nowhere listed as collateral`() {
        let text = RulebookSample.brackets(
            RulebookSample.first,
            before: "collateralModes: [multi-asset]\n"
        )
        #expect(
            RulebookSample.faults(of: text) == """
                x.yaml:12:5: instruments.BTCUSDT: it settles in 'USDT', which 'collateral' does \
                not \
                list: in multi-asset mode such margin counts nothing.
                  Add the asset to 'collateral', or correct 'settle'.
                """
        )
        #expect(RulebookSample.faults(of: text, .use) == "none")
    }
}
