import Testing

/// `plimsoll replay --market`: liquidation orders are executed on modelled books.
@Suite struct `A replay with a market` {
    @Test func `answers what the file does not, and balances`() throws {
        let without = try CommandRun("replay", "examples/crash.ndjson")
        #expect(without.code == 0)
        #expect(
            without.output.contains("--market executes the orders that the file does not answer")
        )
        let with = try CommandRun("replay", "--market", "examples/crash.ndjson")
        #expect(with.code == 0)
        #expect(!with.output.contains("does not answer"))
        #expect(with.output.contains("orders not answered                 0"), "\(with.output)")
        #expect(with.output.contains("assumed: 2.0 % of the depth of a calm hour"))
        #expect(with.output.contains("extrapolated: "))
        #expect(with.output.contains("left out: 1 event of the history"))
        #expect(with.output.contains("0 accounts below zero"))
    }

    @Test func `compares policies on one history`() throws {
        let run = try CommandRun("replay", "--market", "--policy", "all", "examples/crash.ndjson")
        #expect(run.code == 0)
        func row(_ name: String) throws -> [Substring] {
            let line = run.output.split(separator: "\n").first { $0.hasPrefix(name) }
            return try #require(line, "\(run.output)").dropFirst(name.count)
                .split(separator: " ")
        }
        #expect(try row("waterfall") == ["queue", "pro-rata", "fair-charge"])
        #expect(try row("unaccounted for") == ["0", "0", "0"])
        #expect(try row("accounts below zero") == ["0", "0", "0"])
        #expect(try row("orders not answered") == ["0", "0", "0"])
        #expect(try row("events refused") == ["0", "0", "0"])
        // The queue closes whole positions, first come; by shares everybody is closed a little.
        let closed = try row("positions deleveraged").compactMap { Int($0) }
        #expect(closed[0] < closed[1] && closed[1] == closed[2])
        #expect(try row("accounts sharing a loss") == ["0", "0", "3"])
    }

    @Test func `is one policy of its comparison`() throws {
        let all = try CommandRun("replay", "--market", "--policy", "all", "examples/crash.ndjson")
        let one = try CommandRun(
            "replay",
            "--market",
            "--policy",
            "fair-charge",
            "examples/crash.ndjson"
        )
        let digest = try #require(one.output.split(separator: "\n").last)
        #expect(digest.hasPrefix("digest "))
        #expect(all.output.contains(digest + "  fair-charge"))
    }

    @Test func `is written as a file that replays to the same digest, with receipts`() throws {
        let folder = try Folder()
        let path = "\(folder.path)/happened.ndjson"
        let run = try CommandRun("replay", "--market", "--output", path, "examples/crash.ndjson")
        let again = try CommandRun("replay", path)
        #expect(run.output.split(separator: "\n").last == again.output.split(separator: "\n").last)
        for liquidation in 1...5 {
            let receipt = try CommandRun("receipt", "\(liquidation)", path, "--verify")
            #expect(receipt.code == 0)
            #expect(receipt.output.contains("HOLDS"), "\(receipt.output)")
        }
    }

    @Test func `takes no answers from the file`() throws {
        let run = try CommandRun("replay", "--market", "--json", "examples/liquidation.ndjson")
        #expect(run.code == 0)
        #expect(run.output.contains("\"count\": 0"), "\(run.output)")
    }

    @Test func `does not write over its input`() throws {
        let folder = try Folder()
        let path = "\(folder.path)/same.ndjson"
        let copy = try CommandRun(arguments: [path], shell: "cp examples/crash.ndjson \"$1\"")
        #expect(copy.code == 0)
        let run = try CommandRun("replay", "--market", "--output", path, path)
        #expect(run.code == 2 && run.errors.contains("is the file that is replayed"))
        let broken = try CommandRun(
            "replay",
            "--market",
            "--output",
            "\(folder.path)/new",
            "README.md"
        )
        #expect(broken.code == 3)
        let left = try CommandRun(arguments: [], shell: "ls '\(folder.path)'")
        #expect(left.output == "same.ndjson\n")
    }

    @Test func `is stopped where it is told to`() throws {
        let run = try CommandRun(
            "replay",
            "--market",
            "--until",
            "2025-10-10T21:00:07Z",
            "examples/crash.ndjson"
        )
        #expect(run.code == 0)
        let last = run.output.split(separator: "\n").first { $0.contains(" events until ") }
        #expect(try #require(last).hasSuffix("until 2025-10-10T21:00:06.700Z"), "\(run.output)")
    }

    @Test func `says the same as JSON`() throws {
        let run = try CommandRun(
            "replay",
            "--market",
            "--policy",
            "all",
            "--json",
            "examples/crash.ndjson"
        )
        #expect(run.code == 0)
        for field in [
            "\"policy\": \"queue\"", "\"policy\": \"pro-rata\"", "\"policy\": \"fair-charge\"",
            "\"depth\": \"0.02\"", "\"extrapolatedShare\": ", "\"difference\": \"0\"",
        ] { #expect(run.output.contains(field), "\(field)") }
    }
}
