import Plimsoll

/// A way to close positions against bankrupt ones, for comparisons on one history.
///
/// Source: design section 5, steps 4 and 5.
enum WaterfallPolicy: String, CaseIterable {
    /// The rulebook's queue, at the bankruptcy price.
    case queue
    /// Everybody by his share, at the bankruptcy price.
    case proRata = "pro-rata"
    /// Everybody by his share at the mark, and winners pay exactly what is missing.
    case fairCharge = "fair-charge"

    /// Lets a rulebook that is adopted deleverage this way.
    func change(_ event: inout Event) {
        guard case .rulebookAdopted(var body) = event.body, var rules = body.rulebook.enforcement
        else { return }
        switch self {
        case .queue: rules.deleveraging.policy = .queue
        case .proRata: rules.deleveraging.policy = .proRata
        case .fairCharge: rules.deleveraging.policy = .fairCharge
        }
        // A fair charge closes at the mark whatever this says.
        rules.deleveraging.price = .bankruptcy
        body.rulebook.enforcement = rules
        event.body = .rulebookAdopted(body)
    }
}
