/// What the generator is asked for; everything in the file follows from it and from the prices.
struct Options {
    /// The seed of every choice.
    var seed: UInt64 = 7
    /// Accounts, market makers among them.
    var accounts = 2_000
    /// The folder with the real bars and funding rates.
    var prices = "examples/october-2025/prices"
    /// Where the event file goes; `.gz` at the end compresses it.
    var output = ""
    /// The window in milliseconds since 1970-01-01 UTC: from inclusive, to exclusive.
    var window = 1_760_054_400_000..<1_760_227_200_000
    /// Seconds from one mark of a symbol to the next.
    var step = 1

    /// How the command is called.
    static let usage = """
        usage: october-book --output FILE[.gz] [--seed N] [--accounts N] [--prices DIR]
                            [--from TIME] [--to TIME] [--step SECONDS]
          TIME is UTC, on a whole 5 minutes: 2025-10-10T21:00Z or 2025-10-10
          defaults: --seed 7 --accounts 2000 --prices examples/october-2025/prices
                    --from 2025-10-10 --to 2025-10-12 --step 1
        """

    /// The options that `arguments` spell, or why they do not.
    init(arguments: [String]) throws(Fault) {
        var from = window.lowerBound
        var to = window.upperBound
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else {
                throw .usage("\(name) has no value. Each option takes one.")
            }
            switch name {
            case "--seed": seed = try Options.number(value, name, in: 0...Int.max, as: UInt64.self)
            case "--accounts": accounts = try Options.number(value, name, in: 10...1_000_000)
            case "--step": step = try Options.number(value, name, in: 1...75)
            case "--prices": prices = value
            case "--output": output = value
            case "--from": from = try Options.time(value, name)
            case "--to": to = try Options.time(value, name)
            default: throw .usage("The option '\(name)' is not known.\n\(Options.usage)")
            }
        }
        guard from < to else {
            throw .usage("--from is not before --to. Choose a window of 5 minutes or more.")
        }
        guard 300 % step == 0 else {
            throw .usage("--step is \(step), which does not divide 300. Choose 1, 5, 10, 30 or 60.")
        }
        window = from..<to
    }

    private static func number<Value: FixedWidthInteger>(
        _ text: String,
        _ name: String,
        in range: ClosedRange<Int>,
        as type: Value.Type = Int.self
    ) throws(Fault) -> Value {
        guard let value = Int(text), range.contains(value) else {
            throw .usage(
                "\(name) is '\(text)'. Give a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)."
            )
        }
        return Value(value)
    }

    private static func time(_ text: String, _ name: String) throws(Fault) -> Int {
        guard let value = UTCTime.milliseconds(text), value % PriceBar.length == 0 else {
            throw .usage(
                "\(name) is '\(text)'. Give a UTC time on a whole 5 minutes, as 2025-10-10T21:00Z."
            )
        }
        return value
    }
}

/// Why there is no event file.
enum Fault: Error, Equatable {
    /// The command was called wrongly.
    case usage(String)
    /// A price file cannot be used.
    case input(String)
    /// A file could not be written.
    case output(String)

    /// What is wrong, where, and what to do.
    var message: String {
        switch self {
        case .usage(let text), .input(let text), .output(let text): text
        }
    }

    /// The exit code: 1 failure, 2 usage, 3 invalid input.
    var exitCode: Int32 {
        switch self {
        case .usage: 2
        case .input: 3
        case .output: 1
        }
    }
}
