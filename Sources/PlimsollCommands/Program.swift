internal import ArgumentParser
import Glibc
import PlimsollWire

/// The command `plimsoll`.
public enum Program {
    /// The version of the command.
    public static let version = "0.1.0"

    /// Runs the command and gives its exit code.
    ///
    /// - Parameter arguments: the command line, without the name of the program.
    /// - Returns: the exit code.
    public static func run(_ arguments: [String]) -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGINT) { _ in _exit(ExitCode.interrupted.rawValue) }
        let console = Console(
            isQuiet: arguments.contains("--quiet"),
            noColor: arguments.contains("--no-color")
        )
        defer { console.flush() }
        let command: any ParsableCommand
        do {
            command = try RootCommand.parseAsRoot(arguments)
        } catch {
            return answer(error, arguments, console)
        }
        guard let executable = command as? any Executable else {
            return ask(command, arguments, console)
        }
        do throws(CommandFailure) {
            return try executable.execute(console).rawValue
        } catch {
            console.error(error.message)
            return error.exitCode.rawValue
        }
    }

    /// A group of commands without one of them, or a request for help.
    private static func ask(
        _ command: any ParsableCommand,
        _ arguments: [String],
        _ console: Console
    ) -> Int32 {
        if command is any CommandGroup {
            if let failure = misspelt(arguments) {
                console.error(failure.message)
            } else {
                let message = RootCommand.helpMessage(for: type(of: command))
                console.error(help(arguments, message))
            }
            return ExitCode.usage.rawValue
        }
        var command = command
        do {
            try command.run()
            return ExitCode.success.rawValue
        } catch {
            return answer(error, arguments, console)
        }
    }

    /// Help goes to standard output; a wrong command line is reported and is 2, not 64.
    private static func answer(
        _ error: any Error,
        _ arguments: [String],
        _ console: Console
    ) -> Int32 {
        let message = RootCommand.fullMessage(for: error)
        guard RootCommand.exitCode(for: error) != .success else {
            console.print(help(arguments, message))
            return ExitCode.success.rawValue
        }
        console.error(misspelt(arguments)?.message ?? message)
        return ExitCode.usage.rawValue
    }

    /// The command that `arguments` name, as far as they do, and the first word that is none.
    private static func named(
        _ arguments: [String]
    ) -> (command: any ParsableCommand.Type, other: String?) {
        var command: any ParsableCommand.Type = RootCommand.self
        for word in arguments where !word.hasPrefix("-") && word != "help" {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty else { break }
            guard let next = subcommands.first(where: { $0._commandName == word }) else {
                return (command, word)
            }
            command = next
        }
        return (command, nil)
    }

    private static func misspelt(_ arguments: [String]) -> CommandFailure? {
        let (command, other) = named(arguments)
        guard let other else { return nil }
        let known = command.configuration.subcommands.map { $0._commandName }
        return .usage(
            problem: "there is no command \(Excerpt.quoted(other)).",
            remedy: Spelling.nearest(to: other, among: known).map { "Did you mean '\($0)'?" }
                ?? "Use one of \(known.joined(separator: ", "))."
        )
    }

    /// `message` with the examples of the command that `arguments` name.
    private static func help(_ arguments: [String], _ message: String) -> String {
        guard message.contains("USAGE:") else { return message }
        let command = named(arguments).command as? any Exemplified.Type ?? RootCommand.self
        let lines = command.examples.map { "  \($0)" }.joined(separator: "\n")
        var text = message
        while text.last == "\n" { text.removeLast() }
        return "\(text)\n\nEXAMPLES:\n\(lines)"
    }
}

/// The root of the command tree.
struct RootCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "plimsoll",
        abstract: "Exact margin: every account's balance and requirement, and why.",
        discussion: """
            Exit codes: 0 ok, 1 failure, 2 usage, 3 invalid input file, 4 not found, \
            5 server unreachable, 6 finding, 7 stale or missing price, 74 journal, 130 interrupted.
            """,
        version: "plimsoll \(Program.version)",
        subcommands: [
            CalcCommand.self, ExplainCommand.self, CheckCommand.self,
            LadderCommand.self, ReplayCommand.self, ReceiptCommand.self, RulesCommand.self,
            ServeCommand.self, KeysCommand.self, DemoCommand.self,
            StatusCommand.self, AccountsCommand.self, AccountCommand.self, PositionsCommand.self,
            TopCommand.self, WatchCommand.self, IngestCommand.self, JournalCommand.self,
            VerifyCommand.self,
            VersionCommand.self,
        ]
    )

    static let examples = [
        "plimsoll calc examples/alice.yaml",
        "plimsoll explain examples/alice.yaml BTCUSDT",
    ]
}

/// `plimsoll version`.
struct VersionCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "The version of the program."
    )

    static let examples = ["plimsoll version", "plimsoll version --json"]

    @OptionGroup var options: GlobalOptions

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        console.print(
            options.json
                ? #"{"version":"\#(Program.version)"}"# : "plimsoll \(Program.version)"
        )
        return .success
    }
}
