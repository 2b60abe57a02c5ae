/// What an alert says, to people and to programs.
struct AlertWords {
    private(set) var value: String?
    private(set) var limit: String?
    private(set) var text: String

    init(_ rule: AlertRule, _ subject: Alert.Subject, _ value: String?) {
        self.value = value
        let name = subject.name ?? ""
        let seen = value ?? ""
        if subject == .others {
            limit = "\(RuleTrack.listLimit)"
            text =
                "\(seen) more accounts are beyond '\(rule.id)' than the "
                + "\(RuleTrack.listLimit) that are listed."
            return
        }
        switch rule.condition {
        case .ratio(let above, _, _):
            limit = above.levelText
            text =
                value == nil
                ? "\(name) owes something and has no equity."
                : "The ratio of \(name) is \(Self.short(seen)), above \(above.levelText)."
        case .freeboard(let below, _, _):
            limit = below.levelText
            text = "The freeboard of \(name) is \(Self.short(seen)), below \(below.levelText)."
        case .depletion(let fall, _, _):
            limit = fall.share.levelText
            text =
                "The equity of \(name) has fallen by a share of \(seen) within "
                + "\(fall.within) s; \(fall.share.levelText) is the limit."
        case .staleMark(let seconds, _):
            limit = "\(seconds)"
            text = "The mark of \(name) is \(seen) s old, more than \(seconds) s."
        case .fundDrawdown(let fall, _):
            limit = fall.share.levelText
            text =
                "The insurance fund in \(name) has fallen by a share of \(seen) within "
                + "\(fall.within) s; \(fall.share.levelText) is the limit."
        case .verification, .node:
            // What is wrong is a sentence, not a number.
            self.value = nil
            text = String(seen.prefix(300))
        }
    }

    /// A number with four digits behind the point, for people.
    private static func short(_ number: String) -> String {
        guard let point = number.firstIndex(of: ".") else { return number }
        return String(number[..<point] + number[point...].prefix(5))
    }
}
