import Testing

/// Event files of a venue that acts below the line: alice is long BTCUSDT against bob.
enum ReceiptFile {
    static func text(
        enforcement: String,
        funds: [String] = [],
        accounts: [(name: String, deposit: String)] = [("alice", "1000"), ("bob", "10000")],
        then events: [String]
    ) -> String {
        let rulebook = #"{"extends":"binance-usdm","enforcement":\#(enforcement)}"#
        var lines = [
            #""type":"venueDefined","name":"demo","mode":"venue""#,
            #""type":"assetDefined","asset":"USDT""#,
            #""type":"rulebookAdopted","rulebook":\#(rulebook)"#,
            #""type":"instrumentDefined","symbol":"BTCUSDT""#,
            #""type":"instrumentDefined","symbol":"ETHUSDT""#,
        ]
        for (name, deposit) in accounts {
            lines.append(#""type":"accountOpened","account":"\#(name)""#)
            lines.append(
                #""type":"deposited","account":"\#(name)","asset":"USDT","amount":"\#(deposit)""#
            )
        }
        for fund in funds {
            lines.append(#""type":"insuranceFunded","asset":"USDT","amount":"\#(fund)""#)
        }
        lines += events
        return lines.enumerated().map { index, line in
            "{\(line),\"time\":\(1_760_054_400_000 + index * 1_000)}\n"
        }.joined()
    }

    static func mark(_ price: String, _ symbol: String = "BTCUSDT") -> String {
        #""type":"marked","symbol":"\#(symbol)","price":"\#(price)""#
    }

    static func fill(
        _ quantity: String,
        at price: String,
        _ buyer: String,
        from seller: String,
        _ symbol: String = "BTCUSDT",
        fee: String = "0"
    ) -> String {
        #""type":"filled","symbol":"\#(symbol)","quantity":"\#(quantity)","price":"\#(price)","#
            + #""buyer":"\#(buyer)","seller":"\#(seller)","buyerFee":"\#(fee)""#
    }

    static func liquidationFill(_ order: Int, _ quantity: String, at price: String) -> String {
        #""type":"liquidationFilled","order":\#(order),"quantity":"\#(quantity)","#
            + #""price":"\#(price)","counterparty":"outside""#
    }

    static func end(_ order: Int) -> String {
        #""type":"liquidationOrderEnded","order":\#(order),"reason":"unfilled""#
    }

    /// Alice buys 0.1 at 50,000 for a fee of 2: her wallet is 998.
    static let alice = [mark("50000"), fill("0.1", at: "50000", "alice", from: "bob", fee: "2")]
}

/// Runs `plimsoll receipt` on event text.
func receipt(_ text: String, _ arguments: String...) throws -> CommandRun {
    try CommandRun(arguments: ["receipt"] + arguments, input: Array(text.utf8))
}

@Suite struct `A receipt` {
    /// With the fee paid 8 − 40.1 × q ≥ (0.1 − q) × 160.4, so q is 8.04 ÷ 120.3, rounded up.
    @Test func `of a reduction to the exit level`() throws {
        let text = ReceiptFile.text(
            enforcement: #"{"fee":0.001}"#,
            then: ReceiptFile.alice + [
                ReceiptFile.mark("40100"),
                ReceiptFile.liquidationFill(1, "0.06683292", at: "40100"),
            ]
        )
        let run = try receipt(text, "1", "--verify")
        #expect(run.code == 0, "\(run.errors)")
        #expect(
            run.output.split(separator: "\n").dropFirst().dropLast(3).joined(separator: "\n") == """
                2025-10-10T00:00:11Z  line 12
                  below its line
                    equity 8 < maintenance 16.04; initial margin 200.5
                    equity = wallet 998 + unrealised profit −990
                    BTCUSDT long 0.1 at the mark 40,100, made 2025-10-10T00:00:11Z, line 12
                      bracket 1: maintenance 4,010 × 0.004 = 16.04
                    ✓ inequality: 8 < 16.04
                    ✓ figures: equity and maintenance from wallet and positions
                  order 1: sell 0.06683292 BTCUSDT at 40,020 or more
                    size: the least that brings the pool to its exit level; held 0.1, kept 0.03316708
                      at the mark 40,100, made 2025-10-10T00:00:11Z: maintenance 16.04 before, 5.319999632 after
                      5.319999632 ≤ equity (8 − fee 2.680000092) × exit level 1 = 5.319999908
                    limit: all of its equity, 8, may be used up
                      (4,010 − 8) ÷ 0.1 = 40,020, rounded up
                    ✓ size: maintenance 5.319999632 ≤ 5.319999908
                    ✓ limit: 40,020
                2025-10-10T00:00:12Z  line 13
                  filled 0.06683292 of order 1 at 40,100 with outside
                    realised −661.645908, wallet 333.674091908
                    fee 2.680000092 to fund: 0.001 × 2,680.000092 = 2.680000092
                    ✓ price: 40,100 ≥ 40,020
                    ✓ quantity: 0.06683292 ≤ 0.06683292 ordered
                    ✓ fee: 2.680000092 ≤ 2.680000092
                    ✓ fee and equity: equity 5.319999908 ≥ 0 with the fee paid
                  over: recovered, back at its exit level
                    equity 5.319999908, maintenance 5.319999632
                """
        )
        #expect(run.lastLine == "HOLDS: 9 checks")
    }

    /// 998 − 0.1 × 10,100 = −12, which the fund bears: it takes over at (3,990 + 12) ÷ 0.1.
    @Test func `of a gap that the fund takes over`() throws {
        let text = ReceiptFile.text(
            enforcement: "{}",
            funds: ["100"],
            then: ReceiptFile.alice + [ReceiptFile.mark("39900")]
        )
        let run = try receipt(text, "1", "-", "--verify")
        #expect(run.code == 0, "\(run.errors)")
        for line in [
            "  equity −12 < maintenance 15.96; initial margin 199.5\n",
            "  fund takes over long 0.1 BTCUSDT at 40,020\n",
            "    where the equity −12 is used up:\n      (3,990 + 12) ÷ 0.1 = 40,020\n",
            "    loss of the fund at the mark 39,900: −12; its cash is 100\n",
            "    ✓ price: 40,020\n",
            "  over: closed, nothing is left and nothing is owed\n",
        ] {
            #expect(run.output.contains(line), "\(line) is missing in\n\(run.output)")
        }
        #expect(run.lastLine == "HOLDS: 4 checks")
    }

    /// 998 − 0.1 × 11,000 = −102 at the mark; profits of 660 and 440 pay 61.2 and 40.8.
    static let shared = ReceiptFile.text(
        enforcement: #"{"deleveraging":{"price":"mark"}}"#,
        accounts: [("alice", "1000"), ("bob", "10000"), ("carol", "2000")],
        then: [
            ReceiptFile.mark("50000"),
            ReceiptFile.fill("0.06", at: "50000", "alice", from: "bob", fee: "2"),
            ReceiptFile.fill("0.04", at: "50000", "alice", from: "carol"),
            ReceiptFile.mark("39000"),
        ]
    )

    @Test func `of a loss that is shared out`() throws {
        let run = try receipt(Self.shared, "1", "--verify")
        #expect(run.code == 0, "\(run.errors)")
        for line in [
            "  carol is deleveraged: buys back 0.04 BTCUSDT at 39,000\n",
            "    rank 1, score 0.00056262\n",
            "      = profit 440 ÷ wallet 2,000 × maintenance 6.24 ÷ equity 2,440\n",
            "    rank 2, score 0.00005795\n",
            "  bob pays 61.2 of the loss\n",
            "    loss 102 × unrealised profit 660 ÷ 1,100 of all who pay\n",
            "    ✓ share: 40.8\n",
            "  alice owes 102 and has nothing\n    102 = fund 0 + others 102 + house 0\n",
            "  over: absorbed, what it owed was paid by others\n",
        ] {
            #expect(run.output.contains(line), "\(line) is missing in\n\(run.output)")
        }
        #expect(run.lastLine == "HOLDS: 12 checks")
    }

    @Test func `for one account shows only what concerns it`() throws {
        let run = try receipt(Self.shared, "1", "--account", "carol")
        #expect(run.code == 0)
        #expect(
            run.output.split(separator: "\n").dropFirst().joined(separator: "\n") == """
                what concerns carol
                2025-10-10T00:00:14Z  line 15
                  carol is deleveraged: buys back 0.04 BTCUSDT at 39,000
                    rank 1, score 0.00056262
                      = profit 440 ÷ wallet 2,000 × maintenance 6.24 ÷ equity 2,440
                    against the mark 39,000: 0.04 × (39,000 − 39,000) = 0
                  carol pays 40.8 of the loss
                    loss 102 × unrealised profit 440 ÷ 1,100 of all who pay
                """
        )
        let none = try receipt(Self.shared, "1", "--account", "carl")
        #expect(none.code == 4)
        #expect(none.errors.contains("Did you mean 'carol'?"))
    }

    @Test func `as JSON has every number`() throws {
        let run = try receipt(Self.shared, "1", "--verify", "--json", "--account", "bob")
        #expect(run.code == 0)
        for text in [
            #""liquidation": 1,"#, #""outcome": "absorbed","#, #""holds": true,"#,
            #""type": "deleveraged","#, #""amount": "61.2","#, #""bases": "1100""#,
            #""check": "share","#,
        ] {
            #expect(run.output.contains(text), "\(text) is missing in\n\(run.output)")
        }
        #expect(!run.output.contains("carol"))
    }

    /// Alice owes 102 at the mark, and bob who is closed has a profit of 0.1 × 1,000.
    @Test func `of a charge says who was asked for all`() throws {
        let text = ReceiptFile.text(
            enforcement: #"{"deleveraging":{"policy":"fair-charge"}}"#,
            then: [
                ReceiptFile.mark("50000"),
                ReceiptFile.fill("0.1", at: "50000", "alice", from: "outside", fee: "2"),
                ReceiptFile.mark("40200"),
                ReceiptFile.fill("0.1", at: "40000", "outside", from: "bob"),
                ReceiptFile.mark("39000"),
            ]
        )
        let run = try receipt(text, "1", "--verify")
        #expect(run.code == 0, "\(run.output)\(run.errors)")
        #expect(
            run.output.contains(
                """
                  bob pays 100 of the loss
                    loss 102 × unrealised profit 100 ÷ 100 of all who pay
                      no more than 100, all that it may be asked for
                    ✓ share: 100

                """
            )
        )
    }

    static let missing: [(id: String, code: Int32, words: String)] = [
        ("2", 4, "- has no liquidation 2.\n  It has one: 1."),
        ("0", 4, "has no liquidation 0."),
        ("x", 2, "The value 'x' is invalid for '<id>'"),
    ]

    @Test(arguments: missing)
    func `that there is not is not found`(
        wanted: (id: String, code: Int32, words: String)
    ) throws {
        let run = try receipt(Self.shared, wanted.id)
        #expect(run.code == wanted.code)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(wanted.words), "\(run.errors)")
    }

    @Test func `of a file where nothing was liquidated is not found`() throws {
        let run = try receipt(ReceiptFile.text(enforcement: "{}", then: []), "1")
        #expect(run.code == 4)
        #expect(run.errors.contains("It has none: nothing was liquidated."))
    }

    @Test func `of one that goes on says so`() throws {
        let text = ReceiptFile.text(
            enforcement: "{}",
            then: ReceiptFile.alice + [ReceiptFile.mark("40100")]
        )
        let run = try receipt(text, "1")
        #expect(run.code == 0)
        #expect(run.lastLine == "It is still under way where the file ends.")
    }

    @Test func `runs by the examples of its help`() throws {
        let help = try CommandRun("receipt", "--help")
        let examples = help.output.split(separator: "\n").filter { $0.hasPrefix("  plimsoll ") }
        #expect(examples.count == 2)
        for example in examples {
            let words = example.split(separator: " ").dropFirst().map(String.init)
            let run = try CommandRun(arguments: words)
            #expect(run.code == 0, "\(example): \(run.errors)")
            #expect(run.output.contains("bob is deleveraged: buys back 0.04 BTCUSDT at 40,000"))
        }
    }
}

@Suite struct `Every rule of enforcement gives a receipt that holds` {
    static let rules = [
        "{}", #"{"fee":0.002}"#, #"{"sizing":"whole"}"#, #"{"sizing":"bracket-step"}"#,
        #"{"sharing":"all-at-once"}"#, #"{"sharing":"maintenance-share"}"#,
        #"{"limitPrice":{"fillable":{"adjustment":1,"spread":0.5}}}"#,
        #"{"sharing":"all-at-once","limitPrice":{"fillable":{"adjustment":1,"spread":0.5}}}"#,
        #"{"notionalPerSecond":1000,"fee":0.001}"#, #"{"depthShare":0.5}"#,
        #"{"deleveraging":{"price":"mark"}}"#, #"{"deleveraging":{"policy":"pro-rata"}}"#,
        #"{"deleveraging":{"policy":"fair-charge"}}"#,
        #"{"deleveraging":{"price":"mark"},"socialisation":"open-interest"}"#,
        #"{"deleveraging":{"rank":"profit-times-leverage"}}"#,
        #"{"deleveraging":{"rank":"mark-over-entry-times-leverage"}}"#,
    ]

    /// Two positions, odd numbers; one order is filled in part, then the market falls through.
    @Test(arguments: rules, ["2.5", ""])
    func `in a crash`(rule: String, fund: String) throws {
        let text = ReceiptFile.text(
            enforcement: rule,
            funds: fund.isEmpty ? [] : [fund],
            accounts: [
                ("alice", "1500"), ("bob", "900"), ("carol", "20000"), ("dave", "300"),
            ],
            then: [
                ReceiptFile.mark("50000.7"), ReceiptFile.mark("3000.31", "ETHUSDT"),
                #""type":"depthObserved","symbol":"BTCUSDT","asks":[],"#
                    + #""bids":[["40000.1","0.0500137"]]"#,
                ReceiptFile.fill("0.0900003", at: "50000.7", "alice", from: "carol"),
                ReceiptFile.fill("0.01", at: "50000.7", "alice", from: "dave"),
                ReceiptFile.fill("1.30007", at: "3001.13", "bob", from: "alice", "ETHUSDT"),
                ReceiptFile.mark("3300.57", "ETHUSDT"), ReceiptFile.mark("39200.3"),
                ReceiptFile.liquidationFill(1, "0.001", at: "39200.3"),
                ReceiptFile.mark("30000.9"), ReceiptFile.end(1), ReceiptFile.end(2),
            ]
        )
        let run = try receipt(text, "1", "--verify")
        #expect(run.code == 0, "\(run.output)\(run.errors)")
        #expect(run.lastLine.hasPrefix("HOLDS: "))
    }

    @Test func `to each of two accounts that fall at one mark`() throws {
        let text = ReceiptFile.text(
            enforcement: #"{"deleveraging":{"price":"mark"}}"#,
            accounts: [("alice", "1000"), ("dave", "1000"), ("bob", "10000"), ("carol", "2000")],
            then: [
                ReceiptFile.mark("50000"),
                ReceiptFile.fill("0.1", at: "50000", "alice", from: "bob"),
                ReceiptFile.fill("0.1", at: "50000", "dave", from: "carol"),
                ReceiptFile.mark("39000"),
            ]
        )
        for (id, name) in [("1", "alice"), ("2", "dave")] {
            let run = try receipt(text, id, "--verify")
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(run.output.hasPrefix("Liquidation \(id) of 2 · \(name) · USDT cross"))
            #expect(run.lastLine.hasPrefix("HOLDS: "))
        }
    }
}
