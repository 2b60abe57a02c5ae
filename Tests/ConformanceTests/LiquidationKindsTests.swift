import ConformanceKit
import Testing

@Suite struct `Figures that contradict their own rule` {
    /// 1,200,000 are owed, 200,000 of it not vested; the fund has 500,000, and nothing else is there.
    ///
    /// What is missing after both is 500,000 of 1,000,000: half. The source counts the fund among the
    /// assets until it is drawn, so that drawing it opens the hole again, and publishes a haircut of
    /// all (`margin-rules` section 7). Source: aeyakovenko/percolator d594e6a9,
    /// crates/model_safety/src/crisis/haircut.rs.
    private static let inputs = #"""
        {"principal": "1000000", "realized": "0", "warming": "200000",
         "insurance_fund": "500000", "collateral": "0"}
        """#

    @Test(arguments: [#"{"equity_haircut": "1"}"#, #"{"principal_after": "0"}"#])
    func `a haircut after a draw from the fund is not claimed`(expected: String) throws {
        let vector = try Samples.vector(
            venue: "percolator",
            kind: "percolator_haircut",
            inputs: Self.inputs,
            expected: expected
        )
        let line = Runner.run(vector).line("v")
        #expect(line.hasPrefix("skip v  the source takes what it drew from the fund"))
    }

    @Test func `what the layers before it pay is`() throws {
        let vector = try Samples.vector(
            venue: "percolator",
            kind: "percolator_haircut",
            inputs: Self.inputs,
            expected: #"""
                {"burned_warming": "200000", "insurance_draw": "500000", "warming_after": "0",
                 "insurance_fund_after": "0"}
                """#
        )
        #expect(Runner.run(vector).line("v").hasPrefix("pass"))
    }
}

@Suite struct `Answers that are no plain number` {
    @Test(arguments: [("true", true), ("false", false), (#""true""#, false)])
    func `a flag is compared as a flag`(expected: String, passes: Bool) throws {
        let vector = try Samples.vector(
            venue: "dydx-v4",
            kind: "dydx_insurance_delta_valid",
            inputs: #"{"insurance_fund_balance": "5", "insurance_fund_delta": "-5"}"#,
            expected: #"{"valid": \#(expected)}"#
        )
        let other = try Samples.vector(
            venue: "dydx-v4",
            kind: "dydx_insurance_delta_valid",
            inputs: #"{"insurance_fund_balance": "5", "insurance_fund_delta": "-6"}"#,
            expected: #"{"valid": \#(expected)}"#
        )
        #expect(Runner.run(vector).line("v").hasPrefix("pass") == passes)
        #expect(Runner.run(other).line("v").hasPrefix("pass") == (expected == "false"))
    }

    @Test(arguments: [
        (#"[{"account": "2", "percentile": "100"}, {"account": "1", "percentile": "100"}]"#, false),
        (#"[{"account": "2", "percentile": "60"}, {"account": "1", "percentile": "100"}]"#, true),
        (#"[{"account": "2"}, {"account": "1"}]"#, true),
        (#"[{"account": "1"}, {"account": "2"}]"#, false),
        (#"[{"account": "2"}]"#, false),
        (#"[{"account": "2", "name": "7"}, {"account": "1"}]"#, false),
        (#"[{"account": "2"}, "1"]"#, false),
    ])
    func `rows are compared in their order, by the names that are given`(
        expected: String,
        passes: Bool
    ) throws {
        let vector = try Samples.vector(
            venue: "bitmex",
            kind: "adl_queue_fill",
            inputs: #"""
                {"liquidated_quantity": "1", "accounts": [
                    {"account": "1", "quantity": "5", "score": "1"},
                    {"account": "2", "quantity": "5", "score": "2"}]}
                """#,
            expected: #"{"order_percentile": \#(expected)}"#
        )
        #expect(Runner.run(vector).line("v").hasPrefix("pass") == passes)
    }

    @Test func `equal scores go by the order of the accounts`() throws {
        let vector = try Samples.vector(
            venue: "bitmex",
            kind: "adl_queue_fill",
            inputs: #"""
                {"liquidated_quantity": "7", "accounts": [
                    {"account": "1", "quantity": "5", "score": "1"},
                    {"account": "2", "quantity": "5", "score": "1"}]}
                """#,
            expected: #"{"fills": {"1": "5", "2": "2"}}"#
        )
        #expect(Runner.run(vector).line("v").hasPrefix("pass"))
    }

    @Test func `a price that is not defined is null`() throws {
        let vector = try Samples.vector(
            venue: "drift-v2",
            kind: "drift_bankruptcy_funding_delta",
            inputs: #"{"loss": "-5", "base_long": "0", "base_short": "0"}"#,
            expected: #"{"delta": null}"#
        )
        #expect(Runner.run(vector).line("v").hasPrefix("pass"))
    }
}
