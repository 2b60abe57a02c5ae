@testable import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

@Suite struct `Margin and size` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `margin rises with size`(sample: SampleRulebook, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for listing in sample.listings {
            let mark = listing.price + random.int(-listing.price / 3...listing.price / 3)
            let prices = PositionPrices(
                mark: mark,
                index: mark,
                fundingRate: random.int(-3_000_000_000_000...3_000_000_000_000),
                openInterest: Int128(random.int(0...1_000_000)) * PowerOfTen.sixteen
            )
            let chosen = random.pick([0, 100, 1_000, 12_500])
            let isIsolated = random.chance(50)
            let sign: Int64 = random.chance(50) ? 1 : -1
            var last: PositionFigures?
            let sizes = (0..<40).map { _ in random.int(1...listing.sizes.upperBound * 3) }
            for size in sizes.sorted() {
                let figures = figures(
                    listing.rules,
                    PositionView(
                        quantity: size * sign,
                        cost: Valuation.cost(size * sign, at: listing.price, listing.rules),
                        leverage: Int64(chosen),
                        isIsolated: isIsolated
                    ),
                    prices
                )
                if let last {
                    #expect(figures.initial >= last.initial, "\(listing.rules.symbol) \(size)")
                    #expect(figures.maintenance >= last.maintenance, "\(size)")
                    #expect(figures.maintenance >= 0)
                }
                last = figures
            }
        }
    }

    private func figures(
        _ rules: InstrumentRules,
        _ view: PositionView,
        _ prices: PositionPrices
    ) -> PositionFigures {
        var nothing = NoTerms()
        return PositionMargin(rules: rules).figures(view, prices, into: &nothing)
    }
}

@Suite struct `A fill split in two` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `changes nothing but rounding`(sample: SampleRulebook, seed: UInt64) throws {
        var world = World(sample, seed: seed &+ 300)
        var compared = 0
        for _ in 0..<120 {
            world.step()
            guard case .filled(let fill) = world.next(), fill.quantity.units > 1 else { continue }
            let part = world.random.int(1...fill.quantity.units - 1)
            guard let (whole, halves) = try split(fill, part, world) else { continue }
            compared += 1
            for account in world.traders + [world.outside(0), world.outside(1)] {
                let (one, two) = (
                    whole.report(account, prices: false), halves.report(account, prices: false)
                )
                #expect(one.positions.map(\.quantity) == two.positions.map(\.quantity))
                for (a, b) in zip(one.positions, two.positions) {
                    #expect(near(a.cost, b.cost, sample), "\(fill)")
                }
                let isIsolated = one.pools.contains { $0.isolated != nil }
                for (a, b) in zip(one.pools, two.pools) {
                    guard let a = a.figures, let b = b.figures else { continue }
                    let isNear = near(a.walletBalance, b.walletBalance, sample, isIsolated)
                    #expect(isNear, "\(fill)")
                    #expect(near(a.equity, b.equity, sample, isIsolated), "\(fill)")
                }
            }
            #expect(halves.brokenInvariants().isEmpty)
        }
        #expect(compared > 0)
    }

    /// Two steps of 10⁻¹⁶, or of the scale at which the venue keeps costs; in multi-asset mode valued
    /// in the rulebook's currency.
    ///
    /// Between a cross and an isolated wallet, the share of the margin that a fill takes along is
    /// rounded too, once for each fill.
    private func near(
        _ lhs: Money,
        _ rhs: Money,
        _ sample: SampleRulebook,
        _ isIsolated: Bool = false
    ) -> Bool {
        let scaled: Int128 = sample == .bybit ? PowerOfTen.eight : 1
        let valued: Int128 = sample == .multiAsset ? 100_000 : 1
        return (lhs - rhs).magnitude.units <= (isIsolated ? 4 : 2) * scaled * valued
    }

    /// The engine after one fill, and after two that make it up; `nil` if the engine refuses it.
    private func split(
        _ fill: Filled,
        _ part: Int64,
        _ world: World
    ) throws -> (Engine, Engine)? {
        var fill = fill
        fill.buyer.fee = .zero
        fill.seller.fee = .zero
        var (first, second) = (fill, fill)
        first.quantity = try Quantity(units: part)
        second.quantity = try Quantity(units: fill.quantity.units - part)
        var (whole, halves) = (world.engine, world.engine)
        var effects: [Effect] = []
        let at = max(world.engine.clock, Timestamp(nanoseconds: world.clock))
        func event(_ body: Filled) -> Event { Event(time: at, body: .filled(body)) }
        guard (try? whole.apply(event(fill), emitting: &effects)) != nil,
            (try? halves.apply(event(first), emitting: &effects)) != nil
        else { return nil }
        if halves.ledger.orderIndex(second.buyer.account, second.buyer.order ?? "") == nil {
            second.buyer.order = nil
        }
        if halves.ledger.orderIndex(second.seller.account, second.seller.order ?? "") == nil {
            second.seller.order = nil
        }
        try halves.apply(event(second), emitting: &effects)
        return (whole, halves)
    }
}

@Suite struct `What is free` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `the largest order passes, one step more does not`(
        sample: SampleRulebook,
        seed: UInt64
    ) throws {
        var world = World(sample, seed: seed &+ 700)
        var found = 0
        for number in 0..<240 where found < 12 {
            if number % 3 == 0 { world.step() }
            if number % 40 == 0 { fund(&world) }
            guard case .orderPlaced(var order) = world.next(), !order.reduceOnly,
                (1...4).contains(order.account.index),
                let check = try? world.engine.check(order),
                check.largestQuantity.units > 0,
                !world.engine.ledger.accounts[Int(order.account.index)].isFrozen
            else { continue }
            order.order = "largest"
            let step = world.engine.rules(of: order.instrument).quantityStep?.units ?? 1
            order.quantity = check.largestQuantity
            let largest = try world.engine.check(order)
            #expect(largest.passes, "\(order)")
            try accept(order, world)
            found += 1
            // Where the largest is the largest quantity that there is, no step more can be written.
            guard let next = try? Quantity(units: order.quantity.units + step) else { continue }
            order.quantity = next
            // A size whose value at the mark is beyond the limits is not offered.
            let mark = world.engine.mark(of: order.instrument) ?? order.price
            let payoff = world.engine.rules(of: order.instrument).payoff
            let value = Valuation.notional(order.quantity.units, at: mark.units, payoff)
            guard value <= Limits.notional else { continue }
            let more = try? world.engine.check(order)
            #expect(
                more?.passes != true,
                "\(order) \(check) \(largest) \(String(describing: more))"
            )
        }
        // In a long soak some world has no mark at which anybody can afford anything.
        #expect(found > 0 || Seeds.isSoak)
    }

    /// Every account of the venue may trade, and has something to trade with.
    private func fund(_ world: inout World) {
        for number in Int32(0)..<4 {
            let account = world.account(number)
            world.send(
                .operatorActed(
                    OperatorActed(action: .release, account: account, who: "desk", why: "test")
                )
            )
            for asset in 0..<Int32(world.assetCount) {
                let most = world.sample.assets[Int(asset)].deposits.upperBound
                world.send(
                    .deposited(
                        Deposited(
                            account: account,
                            asset: AssetID(index: asset),
                            amount: Money(units: Int128(most) * PowerOfTen.eight)
                        )
                    )
                )
            }
        }
    }

    /// An order that adds risk leaves equity at or above initial.
    private func accept(_ order: OrderPlaced, _ world: World) throws {
        var copy = world.engine
        var effects: [Effect] = []
        let at = max(copy.clock, Timestamp(nanoseconds: world.clock))
        let before = copy.report(order.account, prices: false)
        try copy.apply(Event(time: at, body: .orderPlaced(order)), emitting: &effects)
        let after = copy.report(order.account, prices: false)
        for (old, new) in zip(before.pools, after.pools) where new.isolated == nil {
            guard let old = old.figures, let new = new.figures,
                new.initialMargin > old.initialMargin
            else { continue }
            #expect(new.equity >= new.initialMargin, "\(order)")
        }
    }

    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `all that is withdrawable may leave, and not a unit more`(
        sample: SampleRulebook,
        seed: UInt64
    ) throws {
        var world = World(sample, seed: seed &+ 800)
        var found = 0
        for number in 0..<100 {
            world.step()
            guard number % 10 == 9 else { continue }
            for account in world.traders.prefix(4) {
                for asset in 0..<Int32(world.assetCount) {
                    found += try withdraw(account, AssetID(index: asset), world) ? 1 : 0
                }
            }
        }
        #expect(found > 0)
    }

    private func withdraw(_ account: AccountID, _ asset: AssetID, _ world: World) throws -> Bool {
        let ledger = world.engine.ledger
        guard !ledger.accounts[Int(account.index)].isFrozen,
            let pool = ledger.crossPool(of: account.index, asset: asset.index),
            let free = try? ledger.withdrawable(pool)
        else { return false }
        let at = max(world.engine.clock, Timestamp(nanoseconds: world.clock))
        func refusal(_ units: Int128) -> String? {
            var copy = world.engine
            var effects: [Effect] = []
            let body = WithdrawalRequested(
                account: account,
                asset: asset,
                amount: Money(units: units)
            )
            do throws(Rejection) {
                let event = Event(time: at, body: .withdrawalRequested(body))
                try copy.apply(event, emitting: &effects)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(refusal(free + 1) == "insufficient_withdrawable", "\(account) \(asset) \(free)")
        if free > 0 { #expect(refusal(free) == nil, "\(account) \(asset) \(free)") }
        return true
    }
}

@Suite struct `Funding` {
    @Test(arguments: SampleRulebook.allCases, Seeds.of(2))
    func `sums to zero with the house, which never pays`(
        sample: SampleRulebook,
        seed: UInt64
    ) throws {
        var world = World(sample, seed: seed &+ 600)
        for _ in 0..<60 { world.step() }
        let settlements = [funding("0.000123456789"), funding("-0.0003141592653589")]
        for instrument in world.prices.indices {
            for rate in settlements {
                let before = world.engine.totals()
                let effects = world.send(
                    .fundingSettled(
                        FundingSettled(
                            instrument: InstrumentID(index: Int32(instrument)),
                            rate: rate
                        )
                    )
                )
                guard !effects.isRefusal else { continue }
                var paid: Int128 = 0
                for case .balanceChanged(let change) in effects {
                    #expect(change.source == .funding)
                    paid += change.change.units
                }
                let house = zip(before, world.engine.totals()).map { $1.house - $0.house }
                #expect(house.reduce(.zero, +) == Money(units: -paid))
                #expect(house.allSatisfy { $0 >= .zero })
            }
        }
    }
}
