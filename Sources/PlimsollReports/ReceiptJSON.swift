import Plimsoll
import PlimsollUnits
package import PlimsollWire

extension JSONWriter {
    /// Writes a receipt as one document.
    ///
    /// Decimals are texts, times are milliseconds.
    package mutating func receipt(_ receipt: Receipt, isVerified: Bool, account: String?) {
        object { object in
            object.field("liquidation", number: receipt.number)
            object.field("liquidations", number: receipt.count)
            object.field("account", receipt.accountName)
            object.field("pool", receipt.poolName)
            object.field("asset", receipt.asset)
            object.field("rulebook", receipt.rulebook)
            object.field("concerning", ifPresent: account)
            object.key("outcome")
            if let outcome = receipt.outcome { object.string(outcome.word) } else { object.null() }
            if isVerified {
                let results = receipt.checks.map(\.result)
                object.field("holds", boolean: results.allSatisfy { $0 == .holds })
            }
            object.key("steps")
            object.array { array in
                for step in receipt.steps { array.step(step) }
            }
        }
    }

    private mutating func step(_ step: Receipt.Step) {
        object { object in
            object.field("type", step.type)
            object.field("time", number: step.time.nanoseconds / 1_000_000)
            object.field("line", number: step.line)
            object.field("title", step.title)
            object.key("values")
            object.object { values in
                for fact in step.facts {
                    switch fact.value {
                    case .text(let text): values.field(fact.name, text)
                    case .number(let number): values.field(fact.name, number: number)
                    case .texts(let texts): values.field(fact.name, texts: texts)
                    }
                }
            }
            object.field("details", texts: step.details)
            guard !step.checks.isEmpty else { return }
            object.key("checks")
            object.array { array in
                for check in step.checks {
                    array.object { entry in
                        entry.field("check", check.what)
                        entry.field("detail", check.detail)
                        entry.key("holds")
                        switch check.result {
                        case .holds: entry.boolean(true)
                        case .fails: entry.boolean(false)
                        case .open: entry.null()
                        }
                    }
                }
            }
        }
    }
}
