internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollWire

/// `plimsoll rules`.
struct RulesCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Rulebooks: list, show, check, compare.",
        discussion: "docs/formats/rulebooks.md describes the files.",
        subcommands: [
            RulesListCommand.self, RulesShowCommand.self, RulesCheckCommand.self,
            RulesDiffCommand.self,
        ]
    )

    static let examples = ["plimsoll rules check", "plimsoll rules show binance-usdm BTCUSDT"]
}

/// `plimsoll rules list`.
struct RulesListCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The rulebooks that can be named by their ids."
    )

    static let examples = ["plimsoll rules list", "plimsoll rules list --json"]

    @OptionGroup var options: GlobalOptions

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let catalog = RulebookCatalog.standard()
        var table = TextTable([
            ("id", .left), ("version", .left), ("instruments", .right), ("title", .left),
            ("", .left),
        ])
        var writer = JSONWriter(pretty: true)
        var faults = InputFaults()
        writer.array { array in
            for id in catalog.ids() {
                let loaded: LoadedRulebook
                do throws(InputFaults) {
                    loaded = try catalog.load(id)
                } catch {
                    for fault in error.faults { faults.add(fault) }
                    continue
                }
                let count = loaded.rulebook.instruments.count
                array.object { object in
                    object.rulebookHead(loaded)
                    object.field("instruments", number: count)
                }
                table.add([
                    .init(id, .bold), .init(loaded.rulebook.version), .init("\(count)"),
                    .init(loaded.title), .init(loaded.sample ? "sample" : "", .faint),
                ])
            }
        }
        if options.json {
            console.print(writer.bytes)
        } else {
            for line in table.lines(console) { console.print(line) }
        }
        guard faults.isEmpty else { throw .input(faults) }
        return .success
    }
}

/// `plimsoll rules show`.
struct RulesShowCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "A rulebook as it is used, with everything derived, and its sources."
    )

    static let examples = [
        "plimsoll rules show deribit", "plimsoll rules show rulebooks/bitmex.yaml --json",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The id of a rulebook, or a path.")
    var rulebook: String

    @Argument(help: "Only this symbol.")
    var symbol: String?

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let loaded = try RulebookCatalog.standard().open(rulebook)
        let whole = loaded.contents
        let value = try symbol.map { (symbol) throws(CommandFailure) in
            try instrument(symbol, loaded)
        }
        if options.json {
            var writer = JSONWriter(pretty: true)
            writer.object { object in
                object.field("hash", loaded.rulebook.fingerprint.hex)
                guard let symbol, let value else { return object.fields(of: whole) }
                object.key(symbol)
                object.value(value)
            }
            console.print(writer.bytes)
        } else {
            for line in (value ?? whole).lines { console.print(line) }
            console.print("hash: \(loaded.rulebook.fingerprint.hex)")
            for warning in loaded.warnings { console.note("note: \(warning.description)") }
        }
        return .success
    }

    private func instrument(
        _ symbol: String,
        _ loaded: LoadedRulebook
    ) throws(CommandFailure) -> RulebookValue {
        if let value = loaded.contents["instruments"]?[symbol] { return value }
        let known = loaded.rulebook.instruments.map(\.symbol)
        throw .notFound(
            problem: "the rulebook '\(loaded.rulebook.id)' has no instrument "
                + "\(Excerpt.quoted(symbol)).",
            remedy: Spelling.nearest(to: symbol, among: known).map { "Did you mean '\($0)'?" }
                ?? "It has \(known.prefix(20).joined(separator: ", "))."
        )
    }
}

extension RulebookCatalog {
    /// The rulebook of this id or path; an id that is not there is not found.
    func open(
        _ name: String,
        strictness: RulebookStrictness = .use
    ) throws(CommandFailure) -> LoadedRulebook {
        let isID = !name.contains("/") && !name.contains(".")
        do {
            return try load(name, strictness: strictness)
        } catch {
            guard isID, !ids().contains(name), let first = error.faults.first else {
                throw .input(error)
            }
            throw .notFound(problem: first.problem, remedy: first.remedy)
        }
    }
}

/// `plimsoll rules diff`.
struct RulesDiffCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "What differs between two rulebooks, figure by figure."
    )

    static let examples = [
        "plimsoll rules diff bybit-unified bybit-uta",
        "plimsoll rules diff --json okx-single okx-multi",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The old rulebook: an id or a path.")
    var old: String

    @Argument(help: "The new rulebook: an id or a path.")
    var new: String

    @Flag(name: .long, help: "Exit with 6 if they differ.")
    var strict = false

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        let catalog = RulebookCatalog.standard()
        let before = try catalog.open(old)
        let after = try catalog.open(new)
        let differences = RulebookDiff.differences(from: before, to: after)
        if options.json {
            var writer = JSONWriter(pretty: true)
            writer.object { object in
                object.key("old")
                object.object { $0.rulebookHead(before) }
                object.key("new")
                object.object { $0.rulebookHead(after) }
                object.key("differences")
                object.array { array in
                    for difference in differences {
                        array.object { entry in
                            entry.field("path", difference.path)
                            entry.field("old", decimal: difference.old)
                            entry.field("new", decimal: difference.new)
                        }
                    }
                }
            }
            console.print(writer.bytes)
        } else {
            console.print(
                "\(before.label) → \(after.label): \(NumberText.times(differences.count, "difference"))"
            )
            for difference in differences {
                let old = difference.old.map { console.inked(Excerpt.clipped($0), .red) } ?? "–"
                let new = difference.new.map { console.inked(Excerpt.clipped($0), .green) } ?? "–"
                console.print("  \(difference.path): \(old) → \(new)")
            }
        }
        return strict && !differences.isEmpty ? .finding : .success
    }
}

extension Excerpt {
    /// `text`, cut at 60 characters.
    static func clipped(_ text: String) -> String {
        text.count > 60 ? text.prefix(59) + "…" : text
    }
}
