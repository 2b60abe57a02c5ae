import Testing

@Suite struct `The figures that are published in the documentation` {
    @Test func `calc gives alice's figures`() throws {
        let run = try CommandRun("calc", "examples/alice.yaml")
        #expect(run.code == 0)
        for figure in [
            "EQUITY 28,146.75", "INITIAL 22,393.09", "MAINT 1,059.28", "AVAILABLE 5,353.66",
            "RATIO 3.76 %", "51,055.29", "3,706.09", "118.73", "−16.6 %", "+25.6 %", "−20.2 %",
            "409.26", "245.03", "405.00", "10.1 % adverse move",
        ] {
            #expect(run.output.contains(figure), "\(figure) is missing in\n\(run.output)")
        }
    }

    @Test func `explain solves the price and puts it back`() throws {
        let run = try CommandRun("explain", "examples/alice.yaml", "BTCUSDT")
        #expect(run.code == 0)
        for line in [
            "liquidation price of BTCUSDT 51,055.29313233 — solved in bracket 2 (50,000–600,000)",
            "= −76,200.025, divided by −1.5 × (1 − 0.005) = −1.4925",
            "pool equity 577.939698495 ≥ pool maintenance 577.939698492475 ✓",
        ] {
            #expect(run.output.contains(line), "\(line) is missing in\n\(run.output)")
        }
    }

    @Test func `check names the largest size that passes`() throws {
        let run = try CommandRun(
            "check",
            "--account",
            "examples/alice.yaml",
            "BUY",
            "2.5",
            "BTCUSDT"
        )
        #expect(run.code == 6)
        #expect(run.output.hasPrefix("FAIL insufficient_margin: "))
        #expect(run.output.contains("needs 7,654.31 USDT, 5,353.66 available"))
        #expect(run.output.contains("Largest that passes: 1.74857719 BTC"))
        let edge = try CommandRun(
            "check",
            "--account",
            "examples/alice.yaml",
            "BUY",
            "1.74857719",
            "BTCUSDT"
        )
        #expect(edge.code == 0)
        let beyond = try CommandRun(
            "check",
            "--account",
            "examples/alice.yaml",
            "BUY",
            "1.7485772",
            "BTCUSDT"
        )
        #expect(beyond.code == 6)
    }
}

@Suite struct `Exit codes` {
    static let cases: [(arguments: [String], code: Int32, words: String)] = [
        (["version"], 0, "plimsoll 0."),
        (["--version"], 0, "plimsoll 0."),
        (["--help"], 0, "EXAMPLES:"),
        ([], 2, "USAGE:"),
        (["rules"], 2, "USAGE:"),
        (["clac"], 2, "Did you mean 'calc'?"),
        (["rules", "shw", "x"], 2, "Did you mean 'show'?"),
        (["calc"], 2, "Missing expected argument"),
        (["calc", "--jsn", "x"], 2, "Did you mean '--json'?"),
        (["check", "--account", "examples/alice.yaml", "HOLD", "1", "BTCUSDT"], 2, "BUY or SELL"),
        (["check", "--account", "examples/alice.yaml", "BUY", "0", "BTCUSDT"], 2, "above zero"),
        (["check", "--account", "examples/alice.yaml", "BUY", "1e99", "BTCUSDT"], 2, "too large"),
        (["ladder", "examples/alice.yaml", "--symbol", "BTCUSDT", "--from", "-100%"], 2, "-100%"),
        (["ladder", "examples/alice.yaml", "--symbol", "BTCUSDT", "--steps", "1"], 2, "--steps"),
        (["replay", "examples/minimal.ndjson", "--until", "noon"], 2, "'noon' is not a time"),
        (["replay", "examples/crash.ndjson", "--depth", "0.5"], 2, "Add --market."),
        (
            ["replay", "examples/crash.ndjson", "--market", "--depth", "0"], 2,
            "above 0 and up to 1"
        ),
        (["replay", "examples/crash.ndjson", "--market", "--depth", "1.1"], 2, "up to 1"),
        (["replay", "examples/crash.ndjson", "--market", "--depth", "x"], 2, "not a share"),
        (["replay", "examples/crash.ndjson", "--market", "--latency", "0"], 2, "1 to 3,600,000"),
        (["replay", "examples/crash.ndjson", "--policy", "fair"], 2, "fair-charge, all"),
        (["replay", "-", "--policy", "all"], 2, "reads it three times"),
        (
            ["replay", "examples/crash.ndjson", "--market", "--policy", "all", "--output", "x"],
            2, "do not go together"
        ),
        (
            ["replay", "examples/crash.ndjson", "--market", "--output", "no/folder/x"],
            2, "could not be created"
        ),
        (["status", "--server", "localhost"], 2, "is not the address of a server"),
        (["accounts", "--all", "--limit", "5"], 2, "--limit 5 and --all"),
        (["accounts", "--ndjson", "--csv"], 2, "three forms of one list"),
        (["account", "alice", "--at", "noon"], 2, "Write --at 2025"),
        (["top", "--band", "red"], 2, "'red' is not a band"),
        (["watch", "--for", "long"], 2, "'long' is not a time"),
        (["journal"], 2, "USAGE:"),
        (["journal", "verfiy", "x"], 2, "Did you mean 'verify'?"),
        (["journal", "export", "x", "--from", "2", "--to", "1"], 2, "no events from 2 to 1"),
        (["verify", "--data", "x", "--server", "http://x"], 2, "two ways to verify"),
        (["ingest", "examples/none.ndjson"], 3, "No such file"),
        (["ingest", "--type", "mark", "examples/marks.csv"], 3, "Did you mean 'marked'?"),
        (["status", "--key-file", "no/such/file"], 3, "No such file"),
        (["journal", "verify", "examples/none"], 4, "there is no folder"),
        (["journal", "verify", "examples"], 4, "there is no journal"),
        (["verify", "--data", "examples"], 4, "there is no journal"),
        (["status", "--server", "http://127.0.0.1:9"], 5, "Connection refused"),
        (["watch", "--server", "http://127.0.0.1:9"], 5, "does not answer"),
        (["calc", "examples/none.yaml"], 3, "No such file"),
        (["calc", "examples"], 3, "directory"),
        (["replay", "examples/none.ndjson"], 3, "No such file"),
        (["replay", "examples"], 3, "directory"),
        (["explain", "examples/alice.yaml", "BTCUSD"], 4, "Did you mean 'BTCUSDT'?"),
        (["ladder", "examples/alice.yaml", "--symbol", "XRPUSDT"], 4, "holds no position"),
        (["rules", "show", "binance-usd"], 4, "Did you mean 'binance-usdm'?"),
        (["replay", "examples/minimal.ndjson", "--account", "alcie"], 4, "Did you mean 'alice'?"),
        (["replay", "examples/minimal.ndjson", "--strict"], 6, "insufficient_margin"),
        (["rules", "diff", "bybit-unified", "bybit-uta", "--strict"], 6, "differences"),
        (["rules", "diff", "bybit-unified", "bybit-uta"], 0, "differences"),
        (["rules", "check"], 0, "binance-usdm.yaml: ok"),
        (["rules", "list"], 0, "binance-usdm"),
        (["rules", "show", "deribit"], 0, "BTC-PERPETUAL"),
    ]

    @Test(arguments: cases)
    func `are what the help promises`(
        expected: (arguments: [String], code: Int32, words: String)
    ) throws {
        let run = try CommandRun(arguments: expected.arguments)
        #expect(run.code == expected.code)
        let text = run.output + run.errors
        #expect(text.contains(expected.words), "\(expected.words) is missing in\n\(text)")
        #expect(expected.code == 2 || expected.code == 3 ? run.output.isEmpty : true)
    }

    @Test func `a figure that wants for an index is missing, and 7`() throws {
        let text = """
            rulebook: binance-usdm
            account: {mode: multi-asset, collateral: {USDT: 1000}}
            marks: {BTCUSDT: 61000}
            """
        let run = try CommandRun("calc", "-", "--json", input: Array(text.utf8))
        #expect(run.code == 7)
        #expect(run.output.contains("\"equity\": null"))
    }

    @Test(arguments: ["calc", "explain", "check", "ladder", "replay", "version"])
    func `the examples of the help run`(command: String) throws {
        let help = try CommandRun(command, "--help")
        let examples = help.output.split(separator: "\n").filter { $0.hasPrefix("  plimsoll ") }
        #expect(examples.count == 2)
        for example in examples {
            let words = example.dropFirst("  plimsoll ".count)
            let run = try CommandRun(arguments: [], shell: "\"$0\" \(words)")
            #expect(run.code == 0, "\(example)\n\(run.errors)")
        }
    }

    @Test(arguments: ["list", "show", "check", "diff"])
    func `the examples of the help of rules run`(command: String) throws {
        let help = try CommandRun("rules", command, "--help")
        let examples = help.output.split(separator: "\n").filter { $0.hasPrefix("  plimsoll ") }
        #expect(examples.count == 2)
        for example in examples {
            let words = example.dropFirst("  plimsoll ".count)
            let run = try CommandRun(arguments: [], shell: "\"$0\" \(words)")
            #expect(run.code == 0, "\(example)\n\(run.errors)")
        }
    }
}

@Suite struct `Text for people` {
    @Test(arguments: [
        ["calc", "examples/alice.yaml"], ["explain", "examples/alice.yaml", "ETHUSDT"],
        ["ladder", "examples/alice.yaml", "--symbol", "SOLUSDT"],
        ["replay", "examples/minimal.ndjson"],
        ["check", "--account", "examples/alice.yaml", "SELL", "1", "ETHUSDT"],
    ])
    func `has no colours off a terminal, and no line beyond 120 columns`(
        arguments: [String]
    ) throws {
        let run = try CommandRun(arguments: arguments)
        #expect(!run.output.contains("\u{1B}"))
        for line in run.output.split(separator: "\n") {
            #expect(line.count <= 120, "\(line)")
            #expect(line.last != " ", "\(line)")
        }
    }

    @Test func `a reader that goes away ends it quietly`() throws {
        let run = try CommandRun(
            arguments: ["rules", "show", "binance-usdm"],
            shell: "\"$0\" \"$@\" | head -1"
        )
        #expect(run.code == 0)
        #expect(run.output == "id: binance-usdm\n")
        #expect(run.errors.isEmpty)
    }

    @Test func `defaults are named`() throws {
        let run = try CommandRun("calc", "examples/inverse.yaml")
        #expect(run.errors.contains("leverage is not given; the default of 20 is used"))
        let quiet = try CommandRun("calc", "--quiet", "examples/inverse.yaml")
        #expect(quiet.errors.isEmpty)
    }
}

@Suite struct `Replay` {
    @Test func `ends with the digest, the same from a file, gzip and standard input`() throws {
        let run = try CommandRun("replay", "examples/minimal.ndjson")
        #expect(run.lastLine.hasPrefix("digest "))
        #expect(run.lastLine.count == "digest ".count + 32)
        let events = try readFile("\(root)/examples/minimal.ndjson")
        let piped = try CommandRun("replay", "-", input: events)
        #expect(piped.lastLine == run.lastLine)
        let packed = try CommandRun(
            arguments: ["replay", "-"],
            input: events,
            shell: "gzip | \"$0\" \"$@\""
        )
        #expect(packed.lastLine == run.lastLine)
        let json = try CommandRun("replay", "--json", "examples/minimal.ndjson")
        #expect(json.output.contains("\"\(run.lastLine.dropFirst("digest ".count))\""))
    }

    @Test func `says who fell, when, and what moved it`() throws {
        let run = try CommandRun("replay", "examples/minimal.ndjson")
        #expect(run.output.contains("Below maintenance: 1 account, 1 pool, 1 time"))
        #expect(
            run.output.contains("2025-10-10T00:00:07Z  alice    USDT cross  −254.49  325.20")
        )
        #expect(run.output.contains("BTCUSDT marked 54,200"))
        #expect(run.output.contains("the first at examples/minimal.ndjson:15: "))
    }

    @Test func `stops before the events after a time`() throws {
        let run = try CommandRun(
            "replay",
            "--json",
            "examples/minimal.ndjson",
            "--until",
            "2025-10-10T00:00:06.000Z"
        )
        #expect(run.output.contains("\"events\": 15"))
        #expect(run.output.contains("\"belowMaintenance\": []"))
    }
}
