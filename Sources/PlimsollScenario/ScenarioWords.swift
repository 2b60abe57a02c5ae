import Plimsoll
import PlimsollUnits
import PlimsollWire

/// The words of one line, taken from left to right; every fault names the column.
struct ScenarioWords {
    struct Word {
        var text: String
        var column: Int
    }

    let file: String
    let line: Int
    private let words: [Word]
    private var position = 0

    /// Splits a line at blanks; `"…"` is one word, and a word that begins with `#` ends the line.
    init(_ text: String, file: String, line: Int) throws(InputFault) {
        self.file = file
        self.line = line
        var words: [Word] = []
        var current: Word?
        var isQuoted = false
        var column = 0
        for character in text {
            column += 1
            if isQuoted {
                if character == "\"" { isQuoted = false } else { current?.text.append(character) }
            } else if character == "\"" {
                isQuoted = true
                current = current ?? Word(text: "", column: column)
            } else if character == " " || character == "\t" || character == "\r" {
                if let word = current { words.append(word) }
                current = nil
            } else if character == "#", current == nil {
                break
            } else {
                current = current ?? Word(text: "", column: column)
                current?.text.append(character)
            }
        }
        if let word = current { words.append(word) }
        self.words = words
        guard !isQuoted else {
            throw InputFault(
                file: file,
                mark: Mark(line: line, column: words.last?.column ?? 1),
                problem: "a quotation mark is not closed.",
                remedy: "Close it on the same line."
            )
        }
    }

    var isAtEnd: Bool { position >= words.count }

    /// The next word, which stays where it is.
    var peek: String? { isAtEnd ? nil : words[position].text }

    /// A fault at the next word, or behind the last.
    func fault(_ problem: String, remedy: String) -> InputFault { fault(problem, remedy, position) }

    /// A fault at the word that was taken last.
    func faultBefore(_ problem: String, remedy: String) -> InputFault {
        fault(problem, remedy, max(0, position - 1))
    }

    private func fault(_ problem: String, _ remedy: String, _ index: Int) -> InputFault {
        let end = words.last.map { $0.column + $0.text.count } ?? 1
        let column = index < words.count ? words[index].column : end
        return InputFault(
            file: file,
            mark: Mark(line: line, column: column),
            problem: problem,
            remedy: remedy
        )
    }

    /// The next word, which is `what`.
    mutating func take(_ what: String) throws(InputFault) -> String {
        guard let word = peek else {
            throw fault("\(what) is missing.", remedy: "Write it at the end of the line.")
        }
        position += 1
        return word
    }

    /// Takes the next word if it is `keyword`.
    mutating func takes(_ keyword: String) -> Bool {
        guard peek == keyword else { return false }
        position += 1
        return true
    }

    /// The next word must be one of `keywords`; its index.
    mutating func require(_ keywords: String...) throws(InputFault) -> Int {
        if let word = peek, let index = keywords.firstIndex(of: word) {
            position += 1
            return index
        }
        let wanted = keywords.map { "'\($0)'" }.joined(separator: " or ")
        let found = peek.map { "\(Excerpt.quoted($0)) stands" } ?? "the line ends"
        throw fault("\(found) where \(wanted) must be.", remedy: "Write \(wanted) here.")
    }

    /// The value of the next word if it is one of `choices`.
    mutating func choice<Value>(_ choices: KeyValuePairs<String, Value>) -> Value? {
        guard let word = peek, let found = choices.first(where: { $0.key == word }) else {
            return nil
        }
        position += 1
        return found.value
    }

    /// The value of the next word, which must be one of `choices`.
    mutating func pick<Value>(
        _ what: String,
        _ choices: KeyValuePairs<String, Value>
    ) throws(InputFault) -> Value {
        if let value = choice(choices) { return value }
        throw unknown(what, among: choices.map(\.key))
    }

    /// The next word is not `what`.
    func unknown(_ what: String, among known: [String]) -> InputFault {
        guard let word = peek else {
            return fault("\(what) is missing.", remedy: "Write it at the end of the line.")
        }
        let remedy =
            Spelling.nearest(to: word, among: known).map { "Did you mean '\($0)'?" }
            ?? "Write one of \(known.map { "'\($0)'" }.joined(separator: ", "))."
        return fault("\(Excerpt.quoted(word)) is not \(what.withArticle).", remedy: remedy)
    }

    /// Everything was taken.
    func end() throws(InputFault) {
        guard let word = peek else { return }
        throw fault(
            "\(Excerpt.quoted(word)) was not expected here.",
            remedy: "Remove it, or begin a comment with '#'."
        )
    }

    // MARK: Numbers

    /// A decimal number in steps of 10 to the minus `scale`.
    mutating func decimal(_ what: String, scale: Int) throws(InputFault) -> Int128 {
        let word = try take(what)
        do {
            return try DecimalText.units(word, scale: scale)
        } catch {
            let problem =
                switch error {
                case .notANumber: "\(Excerpt.quoted(word)) is not a number."
                case .tooPrecise(let scale):
                    "\(Excerpt.quoted(word)) has more than \(scale) digits behind the point."
                case .tooLarge, .tooLong: "\(Excerpt.quoted(word)) is too large."
                }
            throw faultBefore(problem, remedy: "Write \(what) as a decimal number.")
        }
    }

    mutating func amount(_ what: String = "the amount") throws(InputFault) -> Money {
        Money(units: try decimal(what, scale: 16))
    }

    mutating func price(_ what: String = "the price") throws(InputFault) -> Price {
        let units = try small(what, scale: 8)
        return try checked(what) { () throws(UnitError) in try Price(units: units) }
    }

    mutating func quantity(_ what: String = "the quantity") throws(InputFault) -> Quantity {
        let units = try small(what, scale: 8)
        return try checked(what) { () throws(UnitError) in try Quantity(units: units) }
    }

    mutating func leverage() throws(InputFault) -> Leverage {
        let units = try small("the leverage", scale: 2)
        return try checked("the leverage") { () throws(UnitError) in
            try Leverage(hundredths: units)
        }
    }

    mutating func fundingRate() throws(InputFault) -> FundingRate {
        let units = try small("the rate", scale: 16)
        return try checked("the rate") { () throws(UnitError) in try FundingRate(units: units) }
    }

    mutating func count(_ what: String) throws(InputFault) -> Int64 { try small(what, scale: 0) }

    private mutating func small(_ what: String, scale: Int) throws(InputFault) -> Int64 {
        let units = try decimal(what, scale: scale)
        guard let value = Int64(exactly: units) else {
            throw faultBefore("\(what) is too large.", remedy: "Write a smaller number.")
        }
        return value
    }

    private func checked<Unit>(
        _ what: String,
        _ make: () throws(UnitError) -> Unit
    ) throws(InputFault) -> Unit {
        do throws(UnitError) {
            return try make()
        } catch {
            switch error {
            case .notPositive(let value):
                throw faultBefore(
                    "\(what) is \(value), not above zero.",
                    remedy: "Write a number above zero."
                )
            case .aboveLimit(let value, let limit):
                throw faultBefore(
                    "\(what) is \(value), beyond the limit of \(limit).",
                    remedy: "Write a smaller number."
                )
            }
        }
    }

    /// A time such as `5s`, `250ms`, `3m`, `24h`, in nanoseconds.
    mutating func time() throws(InputFault) -> (nanoseconds: Int64, isRelative: Bool) {
        let word = try take("the time")
        let units: KeyValuePairs<String, Int> = ["ms": 6, "s": 9, "m": 0, "h": 0]
        let isRelative = word.hasPrefix("+")
        let text = isRelative ? word.dropFirst() : word[...]
        for (unit, scale) in units where text.hasSuffix(unit) {
            let number = text.dropLast(unit.count)
            guard let value = try? DecimalText.units(number, scale: scale), value >= 0 else {
                continue
            }
            let factor: Int128 = unit == "m" ? 60_000_000_000 : unit == "h" ? 3_600_000_000_000 : 1
            guard let nanoseconds = Int64(exactly: value * factor) else { break }
            return (nanoseconds, isRelative)
        }
        throw faultBefore(
            "\(Excerpt.quoted(word)) is not a time.",
            remedy: "Write a number with its unit, such as 250ms, 5s, 3m or 24h."
        )
    }
}

extension String {
    /// `the figure` is a figure.
    fileprivate var withArticle: String {
        guard hasPrefix("the ") else { return self }
        let noun = dropFirst(4)
        return ("aeiou".contains(noun.first ?? " ") ? "an " : "a ") + noun
    }
}
