import ConformanceKit
import Glibc
import Testing

@Suite struct `Conformance vectors` {
    @Test func `no vector fails and every claimed one passes`() throws {
        let paths = try Samples.paths()
        let result = Program.run(paths)
        #expect(result.code == 0)
        #expect(result.output.filter { $0.hasPrefix("FAIL") }.isEmpty)
        let vectors = try paths.flatMap { try VectorFile.read($0) }
        let known = vectors.filter {
            Runner.claimedKinds.contains($0.kind) && Venue(rawValue: $0.venue) != nil
        }
        let claimed = known.filter { Runner.reasonToSkip($0) == nil }
        #expect(known.count - claimed.count == 1)  // see `Figures that contradict their own rule`
        let passed = result.output.count { $0.hasPrefix("pass ") }
        #expect(claimed.count >= 80)
        #expect(passed >= claimed.count)
        #expect(result.output.count == vectors.count + 1)
        #expect(
            result.output.last
                == "\(passed) passed, 0 failed, \(vectors.count - passed) skipped"
        )
    }

    @Test func `another expected figure fails, whichever it is`() throws {
        for path in try Samples.paths() {
            for vector in try VectorFile.read(path) {
                guard case .passed = Runner.run(vector) else { continue }
                for index in vector.expected.indices {
                    var other = vector
                    other.expected[index].value = try Samples.perturbed(
                        vector.expected[index].value
                    )
                    guard case .failed = Runner.run(other) else {
                        Issue.record("\(vector.id) passes with another figure")
                        continue
                    }
                }
            }
        }
    }

    @Test func `a figure just inside its tolerance passes, just outside it fails`() throws {
        let inside = try Samples.vector(
            inputs: #"{"notional": "100", "leverage": "8"}"#,
            expected: #"{"initial_margin": "12.49"}"#,
            tolerance: #"{"initial_margin": {"abs": "0.01"}}"#
        )
        #expect(Runner.run(inside).line("v") == "pass v  initial_margin 12.49 12.5")
        let relative = try Samples.vector(
            inputs: #"{"notional": "100", "leverage": "8"}"#,
            expected: #"{"initial_margin": "12.4"}"#,
            tolerance: #"{"initial_margin": {"abs": "0.09", "rel": "0.0081"}}"#
        )
        #expect(Runner.run(relative).line("v").hasPrefix("pass"))
        let outside = try Samples.vector(
            inputs: #"{"notional": "100", "leverage": "8"}"#,
            expected: #"{"initial_margin": "12.49"}"#,
            tolerance: #"{"initial_margin": {"abs": "0.0099"}}"#
        )
        #expect(Runner.run(outside).line("v") == "FAIL v  initial_margin 12.49 12.5")
    }
}

@Suite struct `What a run says` {
    @Test func `an input that no rule uses is a failure that names it`() throws {
        let vector = try Samples.vector(
            inputs: #"{"notional": "100", "leverage": "8", "colour": "7"}"#,
            expected: #"{"initial_margin": "12.5"}"#
        )
        let line = Runner.run(vector).line("v")
        #expect(line.hasPrefix("FAIL v"))
        #expect(line.contains("colour"))
    }

    @Test(arguments: [
        (#"{"quantity": "1", "mark_price": "9", "leverage": "3", "tick_size": "1"}"#, "tick_size"),
        (#"{"quantity": "1", "mark_price": "9", "leverage": "3", "taker_fee_rate": "0"}"#, "fee"),
        (#"{"quantity": "1", "mark_price": "9", "leverage": "3", "order_margin": "1"}"#, "order"),
        (#"{"quantity": "-1", "side": "long", "mark_price": "9", "leverage": "3"}"#, "signed"),
        (#"{"quantity": "1", "mark_price": "abc", "leverage": "3"}"#, "mark_price"),
        (#"{"leverage": "3"}"#, "initial"),
        (#"{"quantity": "1", "mark_price": "9"}"#, "leverage"),
    ])
    func `inputs without a part in the rules fail`(inputs: String, word: String) throws {
        let vector = try Samples.vector(
            inputs: inputs,
            expected: #"{"initial_margin": "3"}"#
        )
        let line = Runner.run(vector).line("v")
        #expect(line.hasPrefix("FAIL v"))
        #expect(line.contains(word), "\(line)")
    }

    @Test func `a kind or venue that is not claimed is skipped with the reason`() throws {
        let kind = try Samples.vector(kind: "weather", inputs: "{}", expected: #"{"x": "1"}"#)
        #expect(Runner.run(kind).line("v") == "skip v  the kind 'weather' is not claimed")
        let venue = try Samples.vector(venue: "moon", inputs: "{}", expected: #"{"x": "1"}"#)
        #expect(Runner.run(venue).line("v").hasPrefix("skip v  the rules of 'moon'"))
    }

    @Test func `no file is wrong usage`() {
        #expect(Program.run([]).code == 2)
        #expect(Program.run(["--frob"]).code == 2)
        #expect(Program.run(["--help"]).code == 0)
    }

    @Test(arguments: [
        "",
        "{",
        "[]",
        #"{"format": "other", "vectors": []}"#,
        #"{"format": "conformance-vectors-1"}"#,
        #"{"format": "conformance-vectors-1", "vectors": [{"id": "a"}]}"#,
        #"""
        {"format": "conformance-vectors-1", "venue": "x", "vectors": [
            {"id": "a", "kind": "k", "inputs": {}, "expected": {}}]}
        """#,
        #"""
        {"format": "conformance-vectors-1", "venue": "x", "vectors": [
            {"id": "a", "kind": "k", "inputs": {}, "expected": {"b": "1"}},
            {"id": "a", "kind": "k", "inputs": {}, "expected": {"b": "1"}}]}
        """#,
        #"""
        {"format": "conformance-vectors-1", "venue": "x", "vectors": [
            {"id": "a", "kind": "k", "inputs": {}, "expected": {"b": "1"},
             "tolerance": {"b": {"abs": "much"}}}]}
        """#,
    ])
    func `a malformed file ends with 3, its name and a remedy`(text: String) throws {
        let path = try Samples.file(text)
        defer { unlink(path) }
        let result = Program.run([path])
        #expect(result.code == 3)
        #expect(result.output.isEmpty)
        #expect(result.errors.first?.contains(path) == true)
    }

    @Test func `a file that is not there ends with 3`() {
        let result = Program.run(["/nowhere/at-all.json"])
        #expect(result.code == 3)
        #expect(result.errors.first?.contains("/nowhere/at-all.json") == true)
    }

    @Test func `a failed vector ends with 1`() throws {
        let path = try Samples.file(
            Samples.text(
                inputs: #"{"notional": "1", "leverage": "2"}"#,
                expected: #"{"initial_margin": "9"}"#
            )
        )
        defer { unlink(path) }
        let result = Program.run([path])
        #expect(result.code == 1)
        #expect(result.output.last == "0 passed, 1 failed, 0 skipped")
    }
}
