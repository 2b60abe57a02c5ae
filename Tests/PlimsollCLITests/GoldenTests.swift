import Glibc
import Testing

/// Documents that scripts rely on.
///
/// After a wanted change: `PLIMSOLL_UPDATE_GOLDEN=1 swift test`.
@Suite struct `The JSON of every command` {
    static let commands: [(name: String, arguments: [String], code: Int32)] = [
        ("calc-alice", ["calc", "examples/alice.yaml"], 0),
        ("calc-order-hedge", ["calc", "examples/order-hedge.yaml"], 0),
        ("calc-inverse", ["calc", "examples/inverse.yaml"], 0),
        ("calc-multi-asset", ["calc", "examples/multi-asset.yaml"], 0),
        ("explain-alice", ["explain", "examples/alice.yaml", "BTCUSDT"], 0),
        (
            "check-pass",
            ["check", "--account", "examples/alice.yaml", "BUY", "1.5", "BTCUSDT"], 0
        ),
        (
            "check-fail",
            ["check", "--account", "examples/alice.yaml", "BUY", "2.5", "BTCUSDT"], 6
        ),
        ("ladder-alice", ["ladder", "examples/alice.yaml", "--symbol", "BTCUSDT"], 0),
        ("replay-minimal", ["replay", "examples/minimal.ndjson", "--account", "alice"], 0),
    ]

    @Test(arguments: commands)
    func `is what it was`(command: (name: String, arguments: [String], code: Int32)) throws {
        let run = try CommandRun(arguments: command.arguments + ["--json", "--quiet"])
        #expect(run.code == command.code)
        #expect(run.errors.isEmpty)
        let path = "\(root)/Tests/PlimsollCLITests/Golden/\(command.name).json"
        let text = masked(run.output)
        if getenv("PLIMSOLL_UPDATE_GOLDEN") != nil {
            let file = try #require(fopen(path, "wb"))
            defer { fclose(file) }
            fputs(text, file)
            return
        }
        let golden = String(decoding: try readFile(path), as: UTF8.self)
        #expect(text == golden)
    }

    /// Without hashes and versions, which change whenever a rulebook gets one more figure.
    private func masked(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            for key in ["hash", "version", "digest", "stateDigest"] {
                if let range = line.range(of: "\"\(key)\": \"") {
                    return line[..<range.upperBound] + "…\"" + (line.last == "," ? "," : "")
                }
            }
            return String(line)
        }.joined(separator: "\n")
    }
}

extension Substring {
    /// Where `text` first occurs.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
