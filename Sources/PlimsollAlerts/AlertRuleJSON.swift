import PlimsollUnits
package import PlimsollWire

extension JSONWriter {
    /// Writes a rule with all its fields, as it is read.
    package mutating func alertRule(_ rule: AlertRule) {
        object { object in
            object.field("id", rule.id)
            object.field("kind", rule.kind)
            object.field("severity", rule.severity.rawValue)
            object.field("isEnabled", boolean: rule.isEnabled)
            object.field("after", number: rule.after)
            object.field("endsAfter", number: rule.endsAfter)
            switch rule.condition {
            case .ratio(let above, let margin, let accounts):
                object.field("above", above.levelText)
                object.field("margin", margin.levelText)
                object.field("accounts", accounts.text)
            case .freeboard(let below, let margin, let accounts):
                object.field("below", below.levelText)
                object.field("margin", margin.levelText)
                object.field("accounts", accounts.text)
            case .depletion(let fall, let least, let accounts):
                object.fields(of: fall)
                object.field("least", least.levelText)
                object.field("accounts", accounts.text)
            case .staleMark(let seconds, let symbols):
                object.field("olderThan", number: seconds)
                object.field("symbols", symbols.text)
            case .fundDrawdown(let fall, let assets):
                object.fields(of: fall)
                object.field("assets", assets.text)
            case .verification, .node: break
            }
        }
    }

    private mutating func fields(of fall: AlertRule.Fall) {
        field("fall", fall.share.levelText)
        field("within", number: fall.within)
        field("margin", fall.margin.levelText)
    }
}

extension Int128 {
    /// A level as decimal text.
    var levelText: String { DecimalText.string(self, scale: Level.scale) }
}
