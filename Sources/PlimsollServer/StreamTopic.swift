/// What a client of the stream may ask for.
package enum StreamTopic: Hashable, Sendable {
    /// The sample of the book, several times a second.
    case book
    /// Marks and their ages.
    case markets
    /// The state of the node.
    case status
    /// Everything that events cause.
    case effects
    /// What is done about pools below their line.
    case liquidations
    /// Alerts.
    case alerts
    /// One account: its figures and what concerns it.
    case account(String)

    /// The word of a topic, as in `topics=`.
    init?(_ word: Substring) {
        switch word {
        case "book": self = .book
        case "markets": self = .markets
        case "status": self = .status
        case "effects": self = .effects
        case "liquidations": self = .liquidations
        case "alerts": self = .alerts
        default:
            guard word.hasPrefix("account:"), word.count > 8 else { return nil }
            self = .account(String(word.dropFirst(8)))
        }
    }

    /// The word of a topic.
    var word: String {
        switch self {
        case .book: "book"
        case .markets: "markets"
        case .status: "status"
        case .effects: "effects"
        case .liquidations: "liquidations"
        case .alerts: "alerts"
        case .account(let name): "account:\(name)"
        }
    }
}
