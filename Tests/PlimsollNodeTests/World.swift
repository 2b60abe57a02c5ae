import Plimsoll
import PlimsollUnits
import PlimsollWire

/// Events of a small venue.
enum World {
    private static let start: Int64 = 1_760_000_000_000_000_000
    static let venue = VenueID(index: 0)
    static let asset = AssetID(index: 0)
    static let instrument = InstrumentID(index: 0)

    /// `a-1` is number 1; `outside` and the insurance fund of the rulebook come before it.
    static func account(_ number: Int) -> AccountID { AccountID(index: Int32(number) + 1) }

    static func at(_ step: Int) -> Timestamp {
        Timestamp(nanoseconds: start + Int64(step) * 1_000_000)
    }

    /// The venue, its accounts with deposits, and seeded fills and marks.
    static func events(accounts: Int, trades: Int, seed: UInt64) -> [Event] {
        var bodies: [Event.Body] = [
            .venueDefined(VenueDefined(name: "demo", mode: .venue)),
            .assetDefined(AssetDefined(venue: venue, name: "USDT")),
            .rulebookAdopted(RulebookAdopted(venue: venue, rulebook: rulebook)),
            .instrumentDefined(InstrumentDefined(venue: venue, symbol: "BTCUSDT")),
            .marked(Marked(instrument: instrument, price: price(60_000))),
        ]
        for number in 1...accounts {
            bodies.append(.accountOpened(AccountOpened(venue: venue, name: "a-\(number)")))
            bodies.append(
                .deposited(
                    Deposited(account: account(number), asset: asset, amount: money(10_000))
                )
            )
        }
        var state = seed
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<trades {
            let mark = price(58_000 + random(4_000))
            guard random(3) > 0 else {
                bodies.append(.marked(Marked(instrument: instrument, price: mark)))
                continue
            }
            let buyer = 1 + random(accounts)
            let seller = 1 + (buyer + random(accounts - 1)) % accounts
            bodies.append(
                .filled(
                    Filled(
                        instrument: instrument,
                        quantity: quantity(1 + random(5)),
                        price: mark,
                        buyer: .init(account: account(buyer)),
                        seller: .init(account: account(seller))
                    )
                )
            )
        }
        return bodies.enumerated().map { step, body in
            Event(time: at(step), body: body)
        }
    }

    static func deposit(_ amount: Int128, to number: Int, id: String) -> Event {
        Event(
            time: at(1_000_000),
            identity: .command(id: id),
            body: .deposited(
                Deposited(account: account(number), asset: asset, amount: money(amount))
            )
        )
    }

    static func withdrawal(_ amount: Int128, from number: Int) -> Event {
        Event(
            time: at(1_000_000),
            body: .withdrawalRequested(
                WithdrawalRequested(account: account(number), asset: asset, amount: money(amount))
            )
        )
    }

    static func mark(_ units: Int, source: String, sequence: UInt64) -> Event {
        Event(
            time: at(1_000_000 + Int(sequence)),
            identity: .feed(source: source, sequence: sequence),
            body: .marked(Marked(instrument: instrument, price: price(units)))
        )
    }

    static func money(_ whole: Int128) -> Money {
        Money(units: whole * 10_000_000_000_000_000)
    }

    private static func price(_ whole: Int) -> Price {
        guard let price = try? Price(units: Int64(whole) * 100_000_000) else {
            preconditionFailure("Invariant: a price of the world is within limits")
        }
        return price
    }

    private static func quantity(_ hundredths: Int) -> Quantity {
        guard let quantity = try? Quantity(units: Int64(hundredths) * 1_000_000) else {
            preconditionFailure("Invariant: a quantity of the world is within limits")
        }
        return quantity
    }

    private static let rulebook: Rulebook = {
        guard let loaded = try? RulebookCatalog.standard().load("binance-usdm") else {
            preconditionFailure("Invariant: the rulebook is shipped")
        }
        return loaded.rulebook
    }()
}
