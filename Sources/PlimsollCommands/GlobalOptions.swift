internal import ArgumentParser
import PlimsollWire

/// What every command understands.
struct GlobalOptions: ParsableArguments {
    @Flag(name: .long, help: "One JSON document instead of text.")
    var json = false

    @Flag(name: .long, help: "No notes and no progress on standard error.")
    var quiet = false

    @Flag(name: .customLong("no-color"), help: "No colours; NO_COLOR does the same.")
    var noColor = false

    /// The console that these options ask for.
    func console() -> Console { Console(isQuiet: quiet, noColor: noColor) }
}

/// A command whose help ends with examples.
protocol Exemplified: ParsableCommand {
    /// Two lines that work from the root of the repository.
    static var examples: [String] { get }
}

/// A command that only groups others.
protocol CommandGroup: Exemplified {}

/// A command of `plimsoll` that answers with an exit code.
protocol Executable: Exemplified {
    /// What every command understands.
    var options: GlobalOptions { get }
    /// Runs the command.
    func execute(_ console: Console) throws(CommandFailure) -> ExitCode
}

extension AccountFile {
    /// The account file at `path`, with its notes on standard error.
    static func open(
        _ path: String,
        rulebook: String?,
        _ options: GlobalOptions,
        _ console: Console
    ) throws(CommandFailure) -> LoadedAccount {
        do {
            let loaded = try load(path, catalog: .standard(), rulebook: rulebook)
            if !options.json {
                for note in loaded.notes { console.note("note: \(note)") }
            }
            return loaded
        } catch {
            throw .input(error)
        }
    }
}

extension LoadedAccount {
    /// The instrument of `symbol`, or a failure that names the nearest.
    func instrument(named symbol: String) throws(CommandFailure) -> InstrumentChoice {
        if let id = instrument(symbol) { return InstrumentChoice(id: id, symbol: symbol) }
        let near = Spelling.nearest(to: symbol, among: symbols)
        throw .notFound(
            problem: "\(file) names no instrument \(Excerpt.quoted(symbol)).",
            remedy: near.map { "Did you mean '\($0)'?" }
                ?? "Add its mark price under 'marks'; there are \(symbols.joined(separator: ", "))."
        )
    }
}
