package import Plimsoll
import PlimsollMarket
package import PlimsollUnits

/// An invented venue: 2,000 accounts of every size, some of them close to their line.
package struct DemoVenue: Sendable {
    /// The venue's name.
    package static let name = "demo"
    /// How many accounts there are.
    package let accounts: Int
    private let seed: UInt64

    /// A venue that depends on nothing but its seed.
    package init(accounts: Int = 2_000, seed: UInt64 = 7) {
        self.accounts = accounts
        self.seed = seed
    }

    private static let venue = VenueID(index: 0)

    /// The venue, its asset, rules, markets and first prices.
    package func reference(_ rulebook: Rulebook, prices: [Price]) -> [Event.Body] {
        [
            .venueDefined(VenueDefined(name: Self.name, mode: .venue)),
            .assetDefined(AssetDefined(venue: Self.venue, name: "USDT")),
            .rulebookAdopted(RulebookAdopted(venue: Self.venue, rulebook: rulebook)),
        ]
            + DemoPrices.symbols.map {
                .instrumentDefined(InstrumentDefined(venue: Self.venue, symbol: $0))
            }
            + zip(prices.indices, prices).map { index, price in
                .marked(Marked(instrument: InstrumentID(index: Int32(index)), price: price))
            }
    }

    /// The names of the accounts, in their order.
    package var names: [String] {
        (0..<accounts).map { number in
            let digits = String(number + 1)
            let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            return switch number % 100 {
            case 0: "fund-\(padded)"
            case 1, 2: "mm-\(padded)"
            default: "a-\(padded)"
            }
        }
    }

    /// The accounts, to be opened.
    package var openings: [Event.Body] {
        names.map { .accountOpened(AccountOpened(venue: Self.venue, name: $0)) }
    }

    /// Deposits and the trades that make the positions: everybody's other side is another account.
    package func book(_ ids: [AccountID], prices: [Price]) -> [Event.Body] {
        var random = SplitMix64(seed: seed)
        let asset = AssetID(index: 0)
        var deposits = [Int128](repeating: 0, count: ids.count)
        var fills: [Event.Body] = []
        for trade in 0..<ids.count * 2 {
            let market = trade < ids.count ? trade % 3 : Int(random.next(below: 3))
            let buyer = trade % ids.count
            var seller = (buyer + 1 + Int(random.next(below: UInt64(ids.count - 1)))) % ids.count
            if Self.isThin(seller) { seller = (seller + 1) % ids.count }
            let isThin = Self.isThin(buyer)
            if isThin, trade >= ids.count || seller == buyer { continue }
            // From some hundred to some million, in whole USDT.
            let notional =
                Int128(200 + random.next(below: 800)) << random.next(below: isThin ? 5 : 12)
            let price = Int128(prices[market].units)
            let quantity = notional * 10_000_000_000_000_000 / price / 100_000 * 100_000
            guard quantity > 0, let size = try? Quantity(units: Int64(quantity)) else { continue }
            fills.append(
                .filled(
                    Filled(
                        instrument: InstrumentID(index: Int32(market)),
                        quantity: size,
                        price: prices[market],
                        buyer: .init(account: ids[buyer]),
                        seller: .init(account: ids[seller])
                    )
                )
            )
            deposits[buyer] +=
                notional * (isThin ? Self.thinMargin(&random) : Self.margin(&random)) / 10_000
            deposits[seller] += notional * Self.margin(&random) / 10_000
        }
        let paidIn: [Event.Body] = deposits.indices.compactMap { index in
            guard deposits[index] > 0 else { return nil }
            return .deposited(
                Deposited(account: ids[index], asset: asset, amount: Self.money(deposits[index]))
            )
        }
        return paidIn
            + [.insuranceFunded(InsuranceFunded(asset: asset, amount: Self.money(5_000_000)))]
            + fills
    }

    /// Whether an account has but one position, in the first market, with hardly more than its maintenance.
    private static func isThin(_ account: Int) -> Bool { account % 30 == 6 }

    /// What a thin account deposits for its trade, in ten-thousandths of it: maintenance is 40.
    private static func thinMargin(_ random: inout SplitMix64) -> Int128 {
        42 + Int128(random.next(below: 60))
    }

    /// What is deposited for a trade, in ten-thousandths of it: from little to ample.
    private static func margin(_ random: inout SplitMix64) -> Int128 {
        switch random.next(below: 100) {
        case ..<20: 150 + Int128(random.next(below: 350))
        case ..<60: 500 + Int128(random.next(below: 1_500))
        default: 2_000 + Int128(random.next(below: 6_000))
        }
    }

    private static func money(_ whole: Int128) -> Money {
        Money(units: whole * 10_000_000_000_000_000)
    }
}
