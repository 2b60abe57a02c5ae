package import Plimsoll
import PlimsollUnits
package import PlimsollWire

extension JSONWriter {
    /// Writes an explanation as one document; `more` writes further fields.
    package mutating func explanation(
        _ explanation: Explanation,
        directory: Directory,
        rulebook: Rulebook?,
        notes: [String],
        more: (inout JSONWriter) -> Void = { _ in }
    ) {
        object { object in
            object.field("account", directory.name(explanation.account.account))
            object.key("rulebook")
            if let rulebook { object.rulebook(rulebook) } else { object.null() }
            object.key("pools")
            object.array { array in
                for part in explanation.pools { array.part(part, directory) }
            }
            object.key("solutions")
            object.array { array in
                for solution in explanation.solutions { array.solution(solution) }
            }
            object.field("stale", texts: explanation.account.stale)
            object.field("missing", texts: explanation.account.missing)
            object.field("notes", texts: notes)
            more(&object)
        }
    }

    private mutating func part(_ part: Explanation.PoolPart, _ directory: Directory) {
        object { object in
            object.field("pool", part.pool.name(directory))
            object.field("asset", part.pool.asset)
            object.field("band", part.pool.band.word)
            object.figures(part.pool.figures)
            object.terms(part.terms)
        }
    }

    private mutating func terms(_ terms: [Term]) {
        key("terms")
        array { array in
            for term in terms {
                array.object { object in
                    object.field("figure", term.figure.rawValue)
                    object.field("label", term.label)
                    object.field("subject", term.subject)
                    object.key("operands")
                    object.object { operands in
                        for operand in term.operands { operands.field(operand.name, operand.value) }
                    }
                    object.field("formula", term.formula)
                    object.field("value", term.value)
                }
            }
        }
    }

    private mutating func solution(_ solution: Explanation.Solution) {
        object { object in
            object.field("figure", solution.figure.rawValue)
            object.field("symbol", solution.symbol)
            object.field("leg", solution.leg.word)
            object.price("price", solution.answer)
            object.field("bracket", solution.bracket)
            object.terms(solution.terms)
            object.key("checks")
            object.array { array in
                for check in solution.checks {
                    array.object { entry in
                        entry.field("price", decimal: check.price)
                        entry.field("equity", decimal: check.equity)
                        entry.field("requirement", decimal: check.requirement)
                        entry.field("isBelow", boolean: check.isBelow)
                    }
                }
            }
        }
    }
}
