import Testing

/// Alice owes 96 USDT, owns 0.03 ETH and 0.004 BTC and is long 10 X at 100; then a mark comes.
private func events(_ enforcement: String, haircut: String = "0", mark: String) -> String {
    let coin = #"{"haircut":\#(haircut)}"#
    let rulebook =
        #"{"id":"demo","currency":"USD","collateralModes":["multi-asset"],"#
        + #""defaults":{"payoff":"linear","quote":"USDT","settle":"USDT","quantityStep":1},"#
        + #""collateral":{"USDT":{},"ETH":\#(coin),"BTC":\#(coin)},"enforcement":\#(enforcement),"#
        + #""instruments":{"X":{"base":"X","#
        + #""brackets":[{"floor":0,"maxLeverage":10,"maintenanceRate":0.05}]}}}"#
    let lines = [
        #""type":"venueDefined","name":"demo","mode":"venue""#,
        #""type":"assetDefined","asset":"USDT""#,
        #""type":"assetDefined","asset":"ETH""#,
        #""type":"assetDefined","asset":"BTC""#,
        #""type":"rulebookAdopted","rulebook":\#(rulebook)"#,
        #""type":"instrumentDefined","symbol":"X""#,
        #""type":"accountOpened","account":"alice""#,
        #""type":"insuranceFunded","asset":"USDT","amount":"1000""#,
        #""type":"deposited","account":"alice","asset":"BTC","amount":"0.004""#,
        #""type":"deposited","account":"alice","asset":"ETH","amount":"0.03""#,
        #""type":"indexed","asset":"USDT","price":"1""#,
        #""type":"indexed","asset":"ETH","price":"2000""#,
        #""type":"indexed","asset":"BTC","price":"50000""#,
        ReceiptFile.mark("100", "X"),
        ReceiptFile.fill("20", at: "100", "alice", from: "outside", "X"),
        ReceiptFile.fill("10", at: "90.4", "outside", from: "alice", "X"),
        ReceiptFile.mark(mark, "X"),
    ]
    return lines.enumerated().map { index, line in
        "{\(line),\"time\":\(1_760_054_400_000 + index * 1_000)}\n"
    }.joined()
}

@Suite struct `A receipt of a conversion` {
    /// ETH brings 60, of which 57.6 are paid; the other 38.4 are 40 from BTC.
    @Test func `shows each sale with its price and fee`() throws {
        let text = events(#"{"conversion":{"order":["ETH","BTC"],"fee":0.04}}"#, mark: "87")
        let run = try receipt(text, "1", "--verify")
        #expect(run.code == 0, "\(run.errors)")
        for line in [
            "0.03 ETH is sold for 60 USDT", "0.03 × index 2,000 ÷ index 1 = 60",
            "fee 2.4 to fund, 0.04 of what came in, as far as equity goes", "✓ fee: 2.4 ≤ 2.4",
            "0.0008 BTC is sold for 40 USDT", "✓ price: 40 of 40, but for one unit",
        ] {
            #expect(run.output.contains(line), "\(line)")
        }
        let json = try receipt(text, "1", "--json")
        #expect(json.output.contains(#""type": "converted""#))
        #expect(json.output.contains(#""soldPrice": "50000""#))
    }

    /// −22 by the figures of the fall; what was sold counted 10 % less than it brought, so nobody else
    /// pays: the fund takes over at the mark.
    @Test func `shows that nobody else pays for a haircut`() throws {
        let text = events(
            #"{"conversion":{"order":["ETH","BTC"]}}"#,
            haircut: "0.1",
            mark: "84"
        )
        let run = try receipt(text, "1", "--verify")
        #expect(run.code == 0, "\(run.output)")
        #expect(run.output.contains("fund takes over long 10 X at 84"), "\(run.output)")
    }
}
