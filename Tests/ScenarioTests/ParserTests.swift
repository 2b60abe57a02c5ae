import PlimsollScenario
import PlimsollWire
import Testing

@Suite struct `A malformed scenario` {
    @Test(arguments: [
        (
            "depsit alice 5 USDT",
            "1:1: 'depsit' is not a statement.\n  Did you mean 'deposit'?"
        ),
        (
            "xyzzy",
            "1:1: 'xyzzy' is not a statement.\n  docs/formats/scenarios.md lists the statements."
        ),
        (
            "\ndeposit alice five USDT",
            "2:15: 'five' is not a number.\n  Write the amount as a decimal number."
        ),
        (
            "deposit alice 5",
            "1:16: the asset is missing.\n  Write it at the end of the line."
        ),
        (
            "deposit alice 5 USDT please",
            "1:22: 'please' was not expected here.\n  Remove it, or begin a comment with '#'."
        ),
        (
            "mark BTCUSDT 0",
            "1:14: the price is 0, not above zero.\n  Write a number above zero."
        ),
        (
            "mark BTCUSDT 1.123456789",
            "1:14: '1.123456789' has more than 8 digits behind the point.\n"
                + "  Write the price as a decimal number."
        ),
        (
            "mark BTCUSDT 1e30",
            "1:14: the price is too large.\n  Write a smaller number."
        ),
        (
            "configure alice BTCUSDT leverage 2000",
            "1:34: the leverage is 2000, beyond the limit of 1000.\n  Write a smaller number."
        ),
        (
            "fill alice gets 1 BTCUSDT",
            "1:12: 'gets' stands where 'buys' or 'sells' must be.\n"
                + "  Write 'buys' or 'sells' here."
        ),
        (
            "transfer alice 1 USDT",
            "1:22: the line ends where 'to' must be.\n  Write 'to' here."
        ),
        (
            "clock 5",
            "1:7: '5' is not a time.\n"
                + "  Write a number with its unit, such as 250ms, 5s, 3m or 24h."
        ),
        (
            "freeze alice by desk because \"why",
            "1:30: a quotation mark is not closed.\n  Close it on the same line."
        ),
        (
            "expect alice equty 5",
            "1:14: 'equty' is not a figure.\n  Did you mean 'equity'?"
        ),
        (
            "expect alice equity",
            "1:20: the value of 'equity' is missing.\n  Write it behind the name."
        ),
        (
            "expect alice equity 1.12345678901234567",
            "1:21: '1.12345678901234567' is not a number of at most 16 digits behind the point.\n"
                + "  Write fewer digits behind '~' where the value has no end."
        ),
        (
            "effect balnce alice",
            "1:8: 'balnce' is not an effect.\n  Did you mean 'balance'?"
        ),
        (
            "depth BTCUSDT bids 1 50",
            "1:22: '50' stands where 'at' must be.\n  Write 'at' here."
        ),
        (
            "depth BTCUSDT bids asks 1 at 50",
            "1:20: 'asks' is not a number.\n  Write the quantity as a decimal number."
        ),
        (
            "liquidation fill one 1 at 50 with bob",
            "1:18: 'one' is not a number.\n  Write the number of the order as a decimal number."
        ),
        (
            "liquidation fill 1 1 at 50 from bob",
            "1:28: 'from' stands where 'with' must be.\n  Write 'with' here."
        ),
        (
            "liquidation end 1 canceled",
            "1:19: 'canceled' is not a reason.\n  Did you mean 'cancelled'?"
        ),
        (
            "insurance 5 USDT to",
            "1:20: the fund is missing.\n  Write it at the end of the line."
        ),
        (
            "  deposit alice 5 USDT",
            "1:3: the line is indented, and is not part of a rulebook.\n"
                + "  Begin the statement at the first column."
        ),
        (
            "# a comment\nrulebook:\n    id: x\n    currency: USD\n    netting: sideways",
            "5:14: netting: 'sideways' is not one of 'none', 'larger-side'.\n"
                + "  Use one of 'none', 'larger-side'."
        ),
    ])
    func `names the line, the column, what is wrong and what to do`(
        text: String,
        message: String
    ) throws {
        let fault = #expect(throws: InputFault.self) {
            _ = try ScenarioFile(text, path: "a.scenario", catalog: Golden.catalog)
        }
        #expect(fault?.description == "a.scenario:" + message)
    }
}

@Suite struct `A scenario that does not hold` {
    private static let start = """
        venue demo
        asset USDT
        rulebook binance-usdm
        account alice

        """

    @Test(arguments: [
        (
            "deposit alice 5 USDT\nexpect alice equity 6    # no",
            """
            test.scenario:6: expect alice equity 6: equity
              asserted    6
              calculated  5
              difference  -1
            """
        ),
        (
            "deposit alice 5.126 USDT\nexpect alice equity ~5.12",
            """
            test.scenario:6: expect alice equity ~5.12: equity
              asserted    ~5.12
              calculated  5.126
              difference  0.006
            """
        ),
        (
            "deposit alice 5 USDT\nexpect alice band call",
            """
            test.scenario:6: expect alice band call: band
              asserted    call
              calculated  safe
            """
        ),
        (
            "deposit bob 5 USDT",
            """
            test.scenario:5: deposit bob 5 USDT: the event was refused
              refused  unknown_account: the account is not open
            """
        ),
        (
            "deposit alice 5 USDT\nrefused frozen",
            """
            test.scenario:6: refused frozen: the event before was not refused
              asserted  frozen
            """
        ),
        (
            "deposit alice 0 USDT\nrefused above_limit",
            """
            test.scenario:6: refused above_limit: the event was refused for another reason
              asserted  above_limit
              refused   not_positive: the amount is 0, not above zero
            """
        ),
        (
            "deposit alice 5 USDT\neffect balance alice cross deposit 6",
            """
            test.scenario:6: effect balance alice cross deposit 6: the event before had no such \
            effect
              asserted  balance alice cross deposit 6
              emitted   balance alice cross deposit 5 USDT leaving 5
            """
        ),
        (
            "deposit alice 5 USDT\neffects 2",
            """
            test.scenario:6: effects 2: the event before had another number of effects
              asserted    2
              calculated  1
              emitted     balance alice cross deposit 5 USDT leaving 5
            """
        ),
        (
            "expect alice position BTCUSDT quantity 1",
            """
            test.scenario:5: expect alice position BTCUSDT quantity 1: there is no such account, \
            pool, position or asset
            """
        ),
    ])
    func `says what was asserted, what was calculated, and the difference`(
        text: String,
        message: String
    ) throws {
        let run = try Golden.run(Self.start + text)
        #expect(run.failures.map(\.description) == [message])
    }

    @Test func `a rounded value holds at the stated digits`() throws {
        let run = try Golden.run(
            Self.start + "deposit alice 5.125 USDT\nexpect alice equity ~5.13 equity ~5"
        )
        #expect(run.failures.isEmpty)
    }
}
