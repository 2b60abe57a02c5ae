internal import Glibc

/// `october-book`: writes the event file of the October 2025 example, the same bytes for a seed.
@main
struct OctoberBook {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.contains("--help") || arguments.contains("-h") {
            print(Options.usage)
            return
        }
        do {
            try run(try Options(arguments: arguments))
        } catch {
            say("october-book: \(error.message)")
            exit(error.exitCode)
        }
    }

    private static func run(_ options: Options) throws(Fault) {
        guard !options.output.isEmpty else {
            throw .usage("--output is missing. Name the event file to write.\n\(Options.usage)")
        }
        var book = try Book(options)
        let file = try OutputFile(path: options.output)
        try book.write { (bytes) throws(Fault) in try file.write(bytes) }
        try file.close()
        say(
            "october-book: \(book.events) events, \(options.accounts) accounts, \(book.size) bytes "
                + "before compression, checksum \(book.checksum)"
        )
    }

    private static func say(_ message: String) {
        let line = message + "\n"
        _ = line.withCString { write(2, $0, strlen($0)) }
    }
}
