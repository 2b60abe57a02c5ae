import Plimsoll
import PlimsollUnits
import PlimsollWire

/// The statements that assert something about the event before, or about the state.
extension ScenarioWords {
    /// The assertion that the line makes, if it is one.
    mutating func check() throws(InputFault) -> ScenarioStatement.Action? {
        if takes("expect") { return .expect(try expectation()) }
        if takes("totals") {
            let scope = Expectation.Scope.totals(asset: try take("the asset"))
            return .expect(try expectation(scope, Figures.totals))
        }
        if takes("refused") {
            let code = try take("the code")
            return .refused(code: code, words: isAtEnd ? nil : try take("the words"))
        }
        if takes("effects") {
            if takes("none") { return .effectCount(0) }
            return .effectCount(Int(clamping: try count("the number of effects")))
        }
        if takes("effect") {
            guard let kind = peek, EffectWords.kinds.contains(kind) else {
                throw unknown("the effect", among: EffectWords.kinds)
            }
            return .effect(try rest().map(EffectWords.canonical))
        }
        if takes("below-zero") { return .belowZero(takes("none") ? [] : try rest()) }
        return nil
    }

    private mutating func rest() throws(InputFault) -> [String] {
        var rest: [String] = []
        while !isAtEnd { rest.append(try take("the word")) }
        return rest
    }

    private mutating func expectation() throws(InputFault) -> Expectation {
        let account = try take("the account")
        if takes("pool") {
            let asset = try take("the asset")
            return try expectation(.pool(account, asset: asset), Figures.pool)
        }
        if takes("isolated") {
            let symbol = try take("the symbol")
            let scope = Expectation.Scope.isolated(account, symbol: symbol, leg: leg())
            return try expectation(scope, Figures.pool)
        }
        if takes("position") {
            let symbol = try take("the symbol")
            let scope = Expectation.Scope.position(account, symbol: symbol, leg: leg())
            return try expectation(scope, Figures.position)
        }
        if takes("collateral") {
            let asset = try take("the asset")
            return try expectation(.collateral(account, asset: asset), Figures.collateral)
        }
        return try expectation(.account(account), Figures.account)
    }

    /// Figures and values up to the end of the line; `none`: there is no such thing.
    private mutating func expectation(
        _ scope: Expectation.Scope,
        _ known: [String]
    ) throws(InputFault) -> Expectation {
        if takes("none") { return Expectation(scope: scope, figures: []) }
        var figures: [(name: String, value: Expectation.Asserted)] = []
        repeat {
            guard let name = peek, known.contains(name) else {
                throw unknown("the figure", among: known)
            }
            _ = try take("the figure")
            figures.append((name, try asserted(name)))
        } while !isAtEnd
        return Expectation(scope: scope, figures: figures)
    }

    private mutating func asserted(_ figure: String) throws(InputFault) -> Expectation.Asserted {
        guard let word = peek else {
            throw fault("the value of '\(figure)' is missing.", remedy: "Write it behind the name.")
        }
        let isRounded = word.hasPrefix("~")
        let text = isRounded ? String(word.dropFirst()) : word
        let digit = text.drop { $0 == "-" || $0 == "+" }.first
        guard isRounded || digit?.isNumber == true || digit == "." else {
            return .word(try take("the value"))
        }
        guard let units = try? DecimalText.units(text, scale: 16) else {
            throw fault(
                "\(Excerpt.quoted(word)) is not a number of at most 16 digits behind the point.",
                remedy: "Write fewer digits behind '~' where the value has no end."
            )
        }
        _ = try take("the value")
        guard isRounded else { return .exact(units) }
        let point = text.firstIndex(of: ".").map { text.index(after: $0) } ?? text.endIndex
        return .rounded(units, digits: text.distance(from: point, to: text.endIndex))
    }
}
