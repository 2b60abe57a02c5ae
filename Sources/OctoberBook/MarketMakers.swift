internal import PlimsollUnits

/// The other side of every customer's trade: few, large, lightly leveraged, on both sides.
struct MarketMakers {
    /// Their names, in the order of their numbers.
    let names: [String]

    /// The leverage they set, which the brackets allow up to 100 million in BTC.
    static let leverage = 10

    /// One in a hundred accounts, at least four, at most forty.
    init(accounts: Int) {
        let count = min(max(4, accounts / 100), 40)
        names = (1...count).map { $0 < 10 ? "mm-0\($0)" : "mm-\($0)" }
    }

    /// Stock to begin with: neighbours trade with each other, so that some start long, some short.
    func openingTrades(_ market: Market, seed: UInt64) -> [PlannedEvent] {
        var events: [PlannedEvent] = []
        for (instrument, terms) in Instrument.all.enumerated() {
            for (first, second) in zip(names.indices, names.indices.dropFirst())
            where first.isMultiple(of: 2) {
                var choice = SplitMix64(seed: seed, 3, instrument, first)
                let time = market.window.lowerBound + 1 + choice.number(0...market.length / 960)
                let price = market.paths[instrument].price(at: time)
                let value = choice.number(200_000...2_000_000)
                let flip = choice.chance(perMille: 500)
                let fill = Fill(
                    instrument: instrument,
                    quantity: terms.quantity(worth: value, at: price),
                    price: price,
                    buyer: Fill.Party(account: names[flip ? second : first], maker: true),
                    seller: Fill.Party(account: names[flip ? first : second])
                )
                events.append(PlannedEvent(time: time, body: .filled(fill)))
            }
        }
        return events
    }

    /// Deposits that keep every market maker below twice its money through all of `events`.
    ///
    /// Half of the largest value that its positions ever have at the prices of its trades, rounded
    /// up to 10,000, and not less than 500,000.
    func deposits(for events: [PlannedEvent]) -> [Int] {
        var held = names.map { _ in Instrument.all.map { _ in Int128(0) } }
        var peak = names.map { _ in Int128(0) }
        var latest = Instrument.all.map { _ in Int128(0) }
        for event in events {
            guard case .filled(let fill) = event.body else { continue }
            latest[fill.instrument] = Int128(fill.price.units)
            for (party, sign) in [(fill.buyer, Int128(1)), (fill.seller, -1)] {
                guard let number = names.firstIndex(of: party.account) else { continue }
                held[number][fill.instrument] += sign * Int128(fill.quantity.units)
                let value = zip(held[number], latest).map { abs($0) * $1 }.reduce(0, +)
                peak[number] = max(peak[number], value)
            }
        }
        return peak.map { value in
            let whole = Int(value / Instrument.wholeMoney) / 2
            return max(500_000, (whole / 10_000 + 1) * 10_000)
        }
    }
}

extension Instrument {
    /// One USDT in steps of 10⁻¹⁶.
    static let wholeMoney: Int128 = 10_000_000_000_000_000

    /// The quantity that `value` whole USDT buy at `price`, in whole lots, at least one.
    func quantity(worth value: Int, at price: Price) -> Quantity {
        let units = Int128(value) * Instrument.wholeMoney / Int128(price.units)
        return Quantity(unchecked: max(lot, Int64(units) / lot * lot))
    }

    /// `thousandths` of `quantity` in whole lots, at least one.
    func part(_ thousandths: Int64, of quantity: Quantity) -> Quantity {
        Quantity(unchecked: max(lot, quantity.units * thousandths / 1_000 / lot * lot))
    }

    /// `price` moved by `thousandths` of itself, on a whole tick.
    func price(_ price: Price, movedBy thousandths: Int64) -> Price {
        Price(unchecked: (price.units + price.units / 1_000 * thousandths) / tick * tick)
    }

    /// What a taker trades at: `price`, and one basis point to the worse, on a whole tick.
    func takerPrice(_ price: Price, buys: Bool) -> Price {
        let spread = price.units / 10_000
        return Price(unchecked: (price.units + (buys ? spread : -spread)) / tick * tick)
    }
}
