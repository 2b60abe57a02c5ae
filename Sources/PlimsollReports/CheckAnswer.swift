package import Plimsoll
import PlimsollUnits
package import PlimsollWire

/// What a pre-trade check says.
package struct CheckAnswer {
    package let symbol: String
    package let base: String
    package let order: OrderPlaced
    /// `nil`: no size could pass.
    package let check: OrderCheck?
    package let rejection: Rejection?

    package var passes: Bool { check?.passes ?? false }
    package var isStale: Bool { check?.isStale ?? false }

    /// The answer to an order.
    ///
    /// - Throws: that a price is missing without which there is no answer.
    package init(_ engine: borrowing Engine, _ order: OrderPlaced, symbol: String) throws(Rejection)
    {
        self.order = order
        self.symbol = symbol
        let rules = engine.rules(of: order.instrument)
        base = rules.payoff == .inverse ? rules.quote : rules.base
        do throws(Rejection) {
            let check = try engine.check(order)
            self.check = check
            rejection = check.rejection
        } catch {
            switch error {
            case .noMark, .noIndex: throw error
            default: break
            }
            check = nil
            rejection = error
        }
    }
}

extension JSONWriter {
    /// Writes the answer of a pre-trade check as one document; `more` writes further fields.
    package mutating func check(
        _ answer: CheckAnswer,
        account: String,
        rulebook: Rulebook?,
        notes: [String],
        more: (inout JSONWriter) -> Void = { _ in }
    ) {
        let check = answer.check
        object { object in
            object.field("account", account)
            object.key("rulebook")
            if let rulebook { object.rulebook(rulebook) } else { object.null() }
            object.field("symbol", answer.symbol)
            object.field("side", answer.order.side.word)
            object.field("quantity", decimal: answer.order.quantity)
            object.field("price", decimal: answer.order.price)
            object.field("passes", boolean: answer.passes)
            object.field("code", decimal: answer.rejection?.code)
            object.field("reason", decimal: answer.rejection?.problem)
            object.field("required", decimal: check?.required)
            object.field("initialMargin", decimal: check?.initialMargin)
            object.field("openLoss", decimal: check?.openLoss)
            object.field("fees", decimal: check?.fees)
            object.field("available", decimal: check?.available)
            object.field("asset", decimal: check?.asset)
            object.field("largestQuantity", decimal: check?.largestQuantity)
            object.field("remedy", decimal: answer.rejection?.remedy)
            object.field("isStale", boolean: answer.isStale)
            object.field("notes", texts: notes)
            more(&object)
        }
    }
}
