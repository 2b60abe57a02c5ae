internal import ArgumentParser
import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// `plimsoll ladder`.
struct LadderCommand: Executable {
    static let configuration = CommandConfiguration(
        commandName: "ladder",
        abstract: "Equity, margins and ratio of a pool over a range of one price.",
        discussion: "All other prices stay. Brackets and the liquidation price are marked."
    )

    static let examples = [
        "plimsoll ladder examples/alice.yaml --symbol BTCUSDT",
        "plimsoll ladder examples/alice.yaml --symbol ETHUSDT --from -10% --to 4000 --steps 7 --json",
    ]

    @OptionGroup var options: GlobalOptions

    @Argument(help: "The account file, or - for standard input.")
    var file: String

    @Option(name: .long, help: "The symbol whose price moves.")
    var symbol: String

    @Option(
        name: .long,
        parsing: .unconditional,
        help: "The lowest price: per cent of the mark, such as -30%, or a price."
    )
    var from = "-30%"

    @Option(
        name: .long,
        parsing: .unconditional,
        help: "The highest price: per cent of the mark, such as +20%, or a price."
    )
    var to = "+20%"

    @Option(name: .long, help: "How many prices, from 2 to 1000.")
    var steps = 11

    @Option(name: .long, help: "The leg in hedge mode: long or short; without it, the first.")
    var leg: String?

    @Option(name: .long, help: "A rulebook instead of the one that the file names: id or path.")
    var rulebook: String?

    func execute(_ console: Console) throws(CommandFailure) -> ExitCode {
        guard (2...1_000).contains(steps) else {
            throw .usage(
                problem: "--steps is \(steps), not from 2 to 1000.",
                remedy: "Give how many prices are wanted."
            )
        }
        let loaded = try AccountFile.open(file, rulebook: rulebook, options, console)
        let legs = try loaded.position(named: symbol)
        let position = try chosen(legs)
        guard let mark = position.markPrice else {
            throw .insufficientData(
                problem: "there is no mark price of \(symbol).",
                remedy: "Add it under 'marks' of the account file."
            )
        }
        let low = try bound("--from", from, mark)
        let high = try bound("--to", to, mark)
        guard low < high else {
            throw .usage(
                problem: "--from is \(low) and --to is \(high).",
                remedy: "Give the lower price first."
            )
        }
        let rungs: [LadderRung]
        do throws(Rejection) {
            rungs = try loaded.engine.ladder(
                loaded.account,
                position.instrument,
                leg: position.leg,
                prices: prices(low, high)
            )
        } catch {
            switch error {
            case .noMark, .noIndex:
                throw .insufficientData(problem: "\(error.problem).", remedy: error.remedy)
            default:
                throw .usage(problem: "\(error.problem).", remedy: "Choose a smaller range.")
            }
        }
        let solved = loaded.engine.report(loaded.account).positions.first {
            $0.instrument == position.instrument && $0.leg == position.leg
        }
        let ladder = Ladder(position: solved ?? position, mark: mark, rungs: rungs, loaded: loaded)
        if options.json {
            var writer = JSONWriter(pretty: true)
            writer.ladder(ladder)
            console.print(writer.bytes)
        } else {
            LadderText(ladder: ladder, console: console).print()
        }
        return .success
    }

    private func chosen(_ legs: [PositionReport]) throws(CommandFailure) -> PositionReport {
        let found = leg.map { word in legs.filter { $0.leg.word == word } } ?? legs
        if let first = found.first { return first }
        let words = legs.map(\.leg.word).joined(separator: ", ")
        throw .notFound(
            problem: "the account has no leg \(Excerpt.quoted(leg ?? "")) in \(symbol).",
            remedy: "It has \(words)."
        )
    }

    /// A price, or the mark moved by a signed per cent.
    private func bound(
        _ name: String,
        _ text: String,
        _ mark: Price
    ) throws(CommandFailure) -> Price {
        let isPercent = text.hasSuffix("%")
        let digits = isPercent ? text.dropLast() : text[...]
        let scale = isPercent ? 6 : 8
        guard let units = try? DecimalText.units(digits, scale: scale) else {
            throw .usage(
                problem: "\(name): \(Excerpt.quoted(text)) is neither a price nor per cent.",
                remedy: "Write \(name) -30% (at most 6 digits behind the point) or \(name) 50000."
            )
        }
        var price: Int128? = units
        if isPercent {
            // In 10⁻⁸ of the mark: per cent with six digits.
            let (factor, overflow) = units.addingReportingOverflow(PowerOfTen.eight)
            price =
                overflow
                ? nil
                : Int128(mark.units).multiplied(
                    by: factor,
                    dividedBy: PowerOfTen.eight,
                    rounding: .halfEven
                )
        }
        guard let price, let bound = try? Price(units: Int64(clamping: price)) else {
            throw .usage(
                problem: "\(name): \(Excerpt.quoted(text)) gives no price above zero and up to "
                    + "\(Price.max).",
                remedy: "Choose a bound above -100%."
            )
        }
        return bound
    }

    /// Evenly spread, both ends included, each once.
    private func prices(_ low: Price, _ high: Price) -> [Price] {
        var prices: [Price] = []
        let width = Int128(high.units) - Int128(low.units)
        for step in 0..<steps {
            let offset = (width * Int128(step)).divided(
                by: Int128(steps - 1),
                rounding: .halfEven
            )
            guard let price = try? Price(units: Int64(clamping: Int128(low.units) + offset)),
                price != prices.last
            else { continue }
            prices.append(price)
        }
        return prices
    }
}

/// A ladder of one position's price.
struct Ladder {
    let position: PositionReport
    let mark: Price
    let rungs: [LadderRung]
    let loaded: LoadedAccount

    /// The pool that holds the position.
    var pool: PoolReport? {
        loaded.engine.report(loaded.account, prices: false).pools.first {
            $0.pool == position.pool
        }
    }
}

extension JSONWriter {
    /// Writes a ladder as one document.
    mutating func ladder(_ ladder: Ladder) {
        object { object in
            object.field("account", ladder.loaded.engine.directory.name(ladder.loaded.account))
            object.key("rulebook")
            object.rulebook(ladder.loaded.rulebook.rulebook)
            object.field("symbol", ladder.position.symbol)
            object.field("leg", ladder.position.leg.word)
            object.field("asset", ladder.pool?.asset ?? "")
            object.field("markPrice", decimal: ladder.mark)
            object.price("liquidationPrice", ladder.position.liquidationPrice)
            object.key("rungs")
            object.array { array in
                for rung in ladder.rungs { array.rung(rung) }
            }
            object.field("notes", texts: ladder.loaded.notes)
        }
    }
}
