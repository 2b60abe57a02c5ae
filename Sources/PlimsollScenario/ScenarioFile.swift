public import PlimsollWire

/// A golden file: events and what must be true between them, one statement a line.
///
/// `docs/formats/scenarios.md` has the format. Everything that can be wrong with a line is found
/// here, before anything runs; names are looked up when it runs, so that the engine itself sees
/// unknown ones.
public struct ScenarioFile: Sendable {
    /// Where it is from, for messages.
    public let path: String
    /// The statements, in order.
    public let statements: [ScenarioStatement]

    /// Reads the text of a file; rulebooks are loaded from `catalog`.
    public init(
        _ text: String,
        path: String,
        catalog: RulebookCatalog
    ) throws(InputFault) {
        self.path = path
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var statements: [ScenarioStatement] = []
        var index = 0
        while index < lines.count {
            let number = index + 1
            let line = String(lines[index])
            index += 1
            var words = try ScenarioWords(line, file: path, line: number)
            guard !words.isAtEnd else { continue }
            guard line.first?.isWhitespace != true else {
                throw words.fault(
                    "the line is indented, and is not part of a rulebook.",
                    remedy: "Begin the statement at the first column."
                )
            }
            if words.peek == "rulebook:" {
                let first = index
                while index < lines.count, Self.continues(lines[index]) { index += 1 }
                let block = lines[first..<index].map(String.init)
                let action = try Self.rulebook(block, after: number, path: path, catalog: catalog)
                statements.append(ScenarioStatement(line: number, text: line, action: action))
                continue
            }
            for action in try words.statement(catalog: catalog) {
                statements.append(ScenarioStatement(line: number, text: line, action: action))
            }
            try words.end()
        }
        self.statements = statements
    }

    /// How many values the file asserts.
    public var expectationCount: Int {
        statements.reduce(0) { count, statement in
            switch statement.action {
            case .expect(let expectation): count + expectation.figures.count
            case .refused, .effect, .effectCount, .belowZero: count + 1
            case .event, .again, .venue, .clock: count
            }
        }
    }

    /// A blank, indented or comment line goes on with an indented block.
    private static func continues(_ line: Substring) -> Bool {
        guard let first = line.first else { return true }
        return first == " " || first == "#"
    }

    /// The rulebook in an indented block; its faults name the lines of the scenario.
    private static func rulebook(
        _ block: [String],
        after line: Int,
        path: String,
        catalog: RulebookCatalog
    ) throws(InputFault) -> ScenarioStatement.Action {
        // Blank lines stand for what comes before, so that the parser counts as a reader does.
        let text = String(repeating: "\n", count: line) + block.joined(separator: "\n") + "\n"
        let node = try YAMLText.parse(Array(text.utf8), file: path)
        return try ScenarioWords.adoption(NodeReader(node, file: path), catalog: catalog)
    }
}
