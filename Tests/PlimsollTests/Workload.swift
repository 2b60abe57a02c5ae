import Plimsoll
import PlimsollUnits
import TestSupport

extension World {
    /// A sensible event.
    mutating func next() -> Event.Body {
        switch random.int(0...99) {
        case 0..<26: nextFill()
        case 26..<50: nextMark()
        case 50..<60: nextOrder()
        case 60..<63: nextOrderChange()
        case 63..<67: nextDeposit(random32(0...7))
        case 67..<72: nextWithdrawal()
        case 72..<74: nextTransfer()
        case 74..<78: nextIsolatedMove()
        case 78..<81: nextBooking()
        case 81..<84: nextIndex(Int(random.int(0...Int64(assetCount * 2 - 1))))
        case 84..<86: nextOpenInterest()
        case 86..<89: nextFunding()
        case 89..<90: nextSettlement()
        case 90..<95: nextConfiguration()
        case 95..<97: nextReconciliation()
        case 97..<98: nextOperator()
        default: .ticked
        }
    }

    // MARK: Draws

    mutating func random32(_ range: ClosedRange<Int64>) -> Int32 { Int32(random.int(range)) }

    /// An instrument of a venue.
    mutating func instrument(_ venue: Int) -> Int {
        venue * listings.count + Int(random.int(0...Int64(listings.count - 1)))
    }

    mutating func trader(_ venue: Int) -> AccountID {
        account(Int32(venue * accountsPerVenue) + random32(0...Int64(accountsPerVenue - 1)))
    }

    mutating func venue() -> Int { random.chance(65) ? 0 : 1 }

    mutating func asset(_ venue: Int) -> Int {
        venue * assetCount + Int(random.int(0...Int64(assetCount - 1)))
    }

    mutating func amount(_ asset: Int) -> Money {
        let range = sample.assets[asset % assetCount].deposits
        let steps = random.int(1...range.upperBound)
        return Money(units: Int128(steps) * 100_000_000 + Int128(random.int(0...99_999_999)))
    }

    mutating func small(_ asset: Int) -> Money {
        Money(units: amount(asset).units / Int128(random.int(20...2_000)) + 1)
    }

    mutating func size(_ instrument: Int) -> Quantity {
        let range = listings[instrument % listings.count].sizes
        let units = random.int(range)
        let step: Int64 = random.chance(60) ? 1 : max(1, range.lowerBound)
        return (try? Quantity(units: max(step, units / step * step))) ?? .zero
    }

    /// A price near the present one.
    mutating func near(_ instrument: Int, _ perMille: Int64) -> Price {
        let base = Int128(prices[instrument])
        let moved = base + base * Int128(random.int(-perMille...perMille)) / 1_000
        let units = Int64(max(1, moved + Int128(random.int(0...9_999))))
        return (try? Price(units: units)) ?? .max
    }

    mutating func leg(_ account: AccountID, _ side: Side) -> Leg {
        let number = Int(account.index) % (accountsPerVenue + 1) - 1
        let isHedge = number == 1 && sample.rulebook.positionModes.contains(.hedge)
        guard isHedge != random.chance(3) else { return .net }
        return random.chance(65) == (side == .buy) ? .long : .short
    }

    // MARK: Trading and market

    mutating func nextMark() -> Event.Body {
        let index = Int(random.int(0...Int64(prices.count - 1)))
        let jump: Int64 = random.chance(12) ? 250 : 25
        let price = near(index, jump)
        prices[index] = price.units
        return .marked(Marked(instrument: InstrumentID(index: Int32(index)), price: price))
    }

    mutating func nextFill() -> Event.Body {
        let venue = venue()
        let index = instrument(venue)
        let first = trader(venue)
        let second = random.chance(50) ? outside(venue) : trader(venue)
        let firstBuys = random.chance(50)
        var (buyer, seller) = firstBuys ? (first, second) : (second, first)
        if random.chance(1) { (buyer, seller) = (seller, seller) }
        let id = InstrumentID(index: Int32(index))
        var quantity = size(index)
        let closer = engine.report(first, prices: false).positions.first { $0.instrument == id }
        if let closer, random.chance(35) {
            // Close it, or turn it over.
            let held = Int64(closer.quantity.units.magnitude)
            let twice = random.chance(30) ? held + quantity.units : held
            quantity = (try? Quantity(units: random.chance(70) ? held : twice)) ?? quantity
            (buyer, seller) = closer.quantity.units < 0 ? (first, second) : (second, first)
        }
        let asset = assetOfSettlement(index)
        func party(_ account: AccountID, _ side: Side, _ world: inout World) -> Filled.Party {
            let isOutside = account == world.outside(venue)
            var fee = world.small(asset)
            if world.random.chance(25) { fee = -fee }
            if world.random.chance(30) { fee = .zero }
            var leg = isOutside ? Leg.net : world.leg(account, side)
            if let closer, account == closer.account(first) { leg = closer.leg }
            let order =
                world.random.chance(40) ? world.openOrder(account, index, side) : nil
            return Filled.Party(account: account, leg: leg, fee: fee, order: order)
        }
        let buyerParty = party(buyer, .buy, &self)
        let sellerParty = party(seller, .sell, &self)
        return .filled(
            Filled(
                instrument: id,
                quantity: quantity,
                price: near(index, 12),
                buyer: buyerParty,
                seller: sellerParty
            )
        )
    }

    func assetOfSettlement(_ instrument: Int) -> Int {
        let settle = listings[instrument % listings.count].rules.settle
        return sample.assets.firstIndex { $0.name == settle } ?? 0
    }

    /// An open order that the world remembers to have placed.
    func openOrder(_ account: AccountID, _ instrument: Int, _ side: Side) -> String? {
        for event in events.reversed().prefix(60) {
            if case .orderPlaced(let order) = event.body, order.account == account,
                order.instrument.index == Int32(instrument), order.side == side
            {
                return order.order
            }
        }
        return nil
    }

    mutating func nextOrder() -> Event.Body {
        let venue = venue()
        let index = instrument(venue)
        let account = trader(venue)
        let side: Side = random.chance(50) ? .buy : .sell
        orderCount += random.chance(95) ? 1 : 0
        return .orderPlaced(
            OrderPlaced(
                account: account,
                order: "o\(orderCount)",
                instrument: InstrumentID(index: Int32(index)),
                side: side,
                leg: leg(account, side),
                quantity: size(index),
                price: near(index, 40),
                reduceOnly: random.chance(15)
            )
        )
    }

    mutating func nextOrderChange() -> Event.Body {
        for event in events.reversed().prefix(80) {
            guard case .orderPlaced(let order) = event.body, random.chance(40) else { continue }
            if random.chance(50) {
                return .orderCancelled(
                    OrderCancelled(account: order.account, order: order.order)
                )
            }
            let left = (try? Quantity(units: order.quantity.units / 2)) ?? .zero
            return .orderReduced(
                OrderReduced(account: order.account, order: order.order, remaining: left)
            )
        }
        return .ticked
    }

    mutating func nextIndex(_ asset: Int) -> Event.Body {
        let name = sample.assets[asset % assetCount].name
        let listing = listings.first { $0.rules.base == name }
        var units: Int64 = name == "BTC" ? 6_000_000_000_000 : 100_000_000
        if let listing { units = listing.price }
        let moved = units + units / 1_000 * random.int(-30...30)
        return .indexed(
            Indexed(
                asset: AssetID(index: Int32(asset)),
                price: (try? Price(units: moved)) ?? .max
            )
        )
    }

    mutating func nextOpenInterest() -> Event.Body {
        .openInterestReported(
            OpenInterestReported(
                instrument: InstrumentID(index: Int32(instrument(venue()))),
                notional: Money(units: Int128(random.int(0...1_100_000)) * PowerOfTen.sixteen)
            )
        )
    }

    mutating func nextFunding() -> Event.Body {
        let index = instrument(venue())
        let id = InstrumentID(index: Int32(index))
        let rate = (try? FundingRate(units: random.int(-30_000_000_000_000...30_000_000_000_000)))
        guard let rate else { return .ticked }
        guard random.chance(60) else {
            return .fundingRateAnnounced(FundingRateAnnounced(instrument: id, rate: rate))
        }
        let price = random.chance(40) ? near(index, 5) : nil
        return .fundingSettled(FundingSettled(instrument: id, rate: rate, price: price))
    }

    mutating func nextSettlement() -> Event.Body {
        let index = instrument(venue())
        let id = InstrumentID(index: Int32(index))
        let price = near(index, 10)
        guard random.chance(15) else {
            return .sessionSettled(SessionSettled(instrument: id, price: price))
        }
        return .instrumentExpired(InstrumentExpired(instrument: id, price: price))
    }
}

extension PositionReport {
    /// The account that was asked for it; a report does not repeat it.
    fileprivate func account(_ asked: AccountID) -> AccountID { asked }
}
