import Plimsoll
import PlimsollUnits

/// An engine with one venue and one asset, fed through its public interface.
struct Book {
    var engine = Engine()
    let venue = VenueID(index: 0)
    let asset = AssetID(index: 0)
    let outside = AccountID(index: 0)
    private var effects = Effects()

    /// One instrument's market and brackets: mark in 10⁻⁸, floors in 10⁻¹⁶, rates in 10⁻⁸,
    /// deductions in 10⁻²⁴.
    struct Listing {
        var mark: Int64
        var floors: [Int128]
        var rates: [Int64]
        var deductions: [Int128]

        fileprivate func rules(_ symbol: String, isLineOnly: Bool) throws -> InstrumentRules {
            var brackets: [Bracket] = []
            for (index, floor) in floors.enumerated() {
                // The peers have no leverage: so much that initial margin is below maintenance, or half
                // the room that maintenance leaves, which is usual.
                let leverage =
                    isLineOnly
                    ? 100_000
                    : min(12_500, 10_000_000_000 / (2 * max(1, rates[index])))
                brackets.append(
                    Bracket(
                        floor: floor,
                        maintenanceRate: ExactRate(try Rate(units: rates[index])),
                        deduction: deductions[index],
                        maxLeverage: try Leverage(hundredths: max(100, leverage))
                    )
                )
            }
            guard let schedule = BracketSchedule(key: .notional, brackets: brackets) else {
                throw BenchError.refused("the brackets of \(symbol) do not rise from 0")
            }
            return InstrumentRules(
                symbol: symbol,
                payoff: .linear,
                base: symbol,
                quote: "USD",
                settle: "USD",
                schedule: .brackets(schedule),
                defaultLeverage: isLineOnly ? try Leverage(hundredths: 100_000) : .twenty
            )
        }
    }

    /// A mirror with these instruments, and as many accounts; with the line as the only threshold, or
    /// with `watch`, `call` and initial margin as well.
    init(_ listings: [Listing], accounts: Int, isLineOnly: Bool = false) throws {
        let events = try Self.reference(listings, accounts: accounts, isLineOnly: isLineOnly)
        for event in events { try apply(event) }
    }

    /// The events that define the same.
    static func reference(
        _ listings: [Listing],
        accounts: Int,
        isLineOnly: Bool = false
    ) throws -> [Event.Body] {
        let venue = VenueID(index: 0)
        var events: [Event.Body] = [
            .venueDefined(VenueDefined(name: "bench", mode: .mirror)),
            .assetDefined(AssetDefined(venue: venue, name: "USD")),
        ]
        var rulebook = Rulebook(id: "bench", version: "1", currency: "USD")
        if isLineOnly { rulebook.thresholds = Thresholds(watch: .one, call: .one) }
        for (index, listing) in listings.enumerated() {
            rulebook.instruments.append(try listing.rules("I\(index)", isLineOnly: isLineOnly))
        }
        events.append(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: rulebook)))
        for rules in rulebook.instruments {
            events.append(
                .instrumentDefined(InstrumentDefined(venue: venue, symbol: rules.symbol))
            )
        }
        for account in 0..<accounts {
            events.append(.accountOpened(AccountOpened(venue: venue, name: "a\(account)")))
        }
        for (index, listing) in listings.enumerated() {
            events.append(try marked(index, listing.mark))
        }
        return events
    }

    /// Applies one event; one that is refused ends the measurement.
    mutating func apply(_ body: Event.Body) throws {
        effects.removeAll()
        do {
            try engine.apply(Event(time: .zero, body: body), emitting: &effects)
        } catch {
            throw BenchError.refused("\(error)")
        }
    }

    mutating func mark(_ instrument: Int, _ price: Int64) throws {
        try apply(try Self.marked(instrument, price))
    }

    private static func marked(_ instrument: Int, _ price: Int64) throws -> Event.Body {
        .marked(
            Marked(
                instrument: InstrumentID(index: Int32(instrument)),
                price: try Price(units: price)
            )
        )
    }

    /// The account of the peers' number: `outside` is the engine's own first one.
    static func account(_ number: UInt32) -> AccountID { AccountID(index: Int32(number) + 1) }
}
