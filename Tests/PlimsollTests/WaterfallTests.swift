@testable import Plimsoll
import PlimsollUnits
import Testing

/// One long of 500 at 100 with a wallet of 5,000 against one short; 5 % maintenance, exit at 80 %.
@Suite struct `Below the line` {
    private static func rules(_ symbol: String = "X") -> InstrumentRules {
        var rules = LiquidationDesk.rules(symbol)
        rules.quantityStep = quantity("1")
        return rules
    }

    private func desk(
        _ enforcement: Enforcement,
        fund: String = "0",
        mode: VenueMode = .venue
    ) -> LiquidationDesk {
        var desk = LiquidationDesk(
            enforcement,
            mode: mode,
            instruments: [Self.rules()],
            fund: fund
        )
        _ = desk.open("long", "5000")
        _ = desk.open("short", "50000")
        _ = desk.open("maker", "1000000")
        desk.mark("100")
        desk.trade(desk.id("long"), desk.id("short"), "500", at: "100")
        return desk
    }

    @Test func `a pool above its line is left alone`() {
        var desk = desk(Enforcement())
        // 94.8: equity 5,000 − 2,600 = 2,400, maintenance 2,370.
        #expect(desk.mark("94.8").ordered.isEmpty)
        #expect(desk.engine.band(of: desk.id("long")) != .liquidation)
    }

    @Test
    func `the least that restores the exit level is ordered, limited at the bankruptcy price`() {
        var desk = desk(Enforcement())
        // 94.7: equity 2,350, maintenance 2,367.50. Kept: 4.735 × q ≤ 0.8 × 2,350 = 1,880, q ≤ 397.04,
        // so 103 are sold. Bankruptcy: 94.7 − 2,350 ÷ 500 = 90.
        let orders = desk.mark("94.7").ordered
        #expect(orders.count == 1)
        #expect(orders.first?.quantity == quantity("103"))
        #expect(orders.first?.limit == price("90"))
        #expect(orders.first?.side == .sell)
        #expect(orders.first?.equity == money("2350"))
        #expect(orders.first?.maintenance == money("2367.5"))
        #expect(orders.first?.maintenanceAfter == money("1879.795"))
        #expect(orders.first?.sizedBy == .exitLevel)
        // The same again orders nothing twice.
        #expect(desk.mark("94.7").ordered.isEmpty)
    }

    @Test func `a worse fill leads to another order, and the exit level ends it`() {
        var desk = desk(Enforcement())
        desk.mark("94.7")
        // 103 at 94 lose 72.10: equity 2,277.90; 4.735 × q ≤ 1,822.32, q ≤ 384.86: 13 more.
        let second = desk.fill(1, "103", at: "94", with: desk.id("maker"))
        #expect(second.ordered.first?.quantity == quantity("13"))
        let last = desk.fill(2, "13", at: "94.7", with: desk.id("maker"))
        #expect(last.ended.first?.outcome == .recovered)
        #expect(desk.held(desk.id("long")) == quantity("384"))
        #expect(desk.wallet(desk.id("long")) == money("4313.1"))  // 5,000 − 103 × 6 − 13 × 5.3
    }

    @Test func `a price that recovers ends it and cancels the order`() {
        var desk = desk(Enforcement())
        desk.mark("94.7")
        let back = desk.mark("97")
        #expect(back.contains(.liquidationOrdersToCancel([1])))
        #expect(back.ended.isEmpty)
        #expect(desk.end(1, .cancelled).ended.first?.outcome == .recovered)
        #expect(desk.held(desk.id("long")) == quantity("500"))
    }

    @Test func `what cannot be sold is taken over by the fund at the bankruptcy price`() {
        var desk = desk(Enforcement(), fund: "10")
        desk.mark("94.7")
        let taken = desk.end(1)
        #expect(taken.insurance.map(\.reason) == [.takeover])
        #expect(taken.insurance.first?.amount == money("2350"))
        #expect(taken.insurance.first?.quantity == quantity("500"))
        #expect(taken.ended.first?.outcome == .closed)
        #expect(desk.wallet(desk.id("long")) == .zero)
        #expect(desk.held(desk.id("fund")) == quantity("500"))
    }

    @Test func `a gap is taken over by a fund that can bear it`() {
        var desk = desk(Enforcement(), fund: "1000")
        // 88: equity −1,000; at 90 the fund pays 1,000 more than the mark.
        let gap = desk.mark("88")
        #expect(gap.ordered.isEmpty)
        #expect(gap.insurance.first?.amount == money("-1000"))
        #expect(desk.held(desk.id("fund")) == quantity("500"))
        #expect(desk.wallet(desk.id("long")) == .zero)
    }

    @Test func `what the fund cannot bear is deleveraged at the bankruptcy price`() {
        var desk = desk(Enforcement(), fund: "400")
        let gap = desk.mark("88")
        // 400 of 1,000 bear 200 of 500; the short gives up 300 × 2.
        #expect(gap.insurance.first?.quantity == quantity("200"))
        #expect(gap.deleveraged.map(\.change) == [quantity("300")])
        #expect(gap.deleveraged.first?.price == price("90"))
        #expect(desk.held(desk.id("short")) == quantity("-200"))
        #expect(desk.wallet(desk.id("short")) == money("53000"))
        #expect(desk.wallet(desk.id("long")) == .zero)
        #expect(gap.ended.first?.outcome == .closed)
    }

    @Test func `at the mark the loss is paid by the fund, then by the winners`() {
        var desk = desk(
            Enforcement(deleveraging: Deleveraging(price: .mark)),
            fund: "0.5"
        )
        let gap = desk.mark("88")
        // Room for nothing at 90; closed at 88, the long owes 1,000.
        #expect(gap.deleveraged.first?.price == price("88"))
        #expect(gap.bankruptcies.first?.deficit == money("1000"))
        #expect(gap.bankruptcies.first?.paidByFund == money("0.5"))
        #expect(gap.socialised.map(\.amount) == [money("999.5")])
        #expect(desk.wallet(desk.id("short")) == money("55000.5"))
        #expect(desk.wallet(desk.id("long")) == .zero)
        #expect(desk.fund == .zero)
    }

    @Test func `fair charge takes exactly the deficit from those who were closed`() {
        var desk = desk(Enforcement(deleveraging: Deleveraging(policy: .fairCharge)))
        let gap = desk.mark("88")
        #expect(gap.deleveraged.first?.price == price("88"))
        #expect(gap.socialised.map(\.amount) == [money("1000")])
        #expect(desk.wallet(desk.id("short")) == money("55000"))
        #expect(desk.wallet(desk.id("long")) == .zero)
        #expect(gap.bankruptcies.isEmpty)
    }

    @Test func `a mirror warns and orders nothing`() {
        var desk = desk(Enforcement(), mode: .mirror)
        let effects = desk.mark("88")
        #expect(effects.ordered.isEmpty && effects.deleveraged.isEmpty)
        #expect(desk.engine.band(of: desk.id("long")) == .liquidation)
    }

    // MARK: Answers of the matching engine

    @Test func `fills that cannot be are refused and change nothing`() {
        var desk = desk(Enforcement())
        desk.mark("94.7")
        let digest = desk.engine.stateDigest
        let maker = desk.id("maker")
        #expect(desk.fill(9, "1", at: "94", with: maker).refusals == [.unknownOrder("9")])
        #expect(
            desk.fill(1, "104", at: "94", with: maker).refusals
                == [.closesMore(quantity: "104", held: "103")]
        )
        #expect(
            desk.fill(1, "1", at: "89.99", with: maker).refusals
                == [.beyondLimitPrice(price: "89.99", limit: "90")]
        )
        #expect(desk.end(9).refusals == [.unknownOrder("9")])
        #expect(desk.engine.stateDigest == digest)
    }

    @Test func `a late fill after a recovery is booked`() {
        var desk = desk(Enforcement())
        desk.mark("94.7")
        desk.mark("97")
        desk.fill(1, "50", at: "96.5", with: desk.id("maker"))
        #expect(desk.held(desk.id("long")) == quantity("450"))
        #expect(desk.end(1, .cancelled).ended.first?.outcome == .recovered)
    }

    @Test func `a fee goes to the fund and never below zero`() {
        var desk = desk(Enforcement(sizing: .whole, fee: rate("0.02")))
        desk.mark("94.7")
        // At 91 the long has 5,000 − 4,500 = 500 left; 2 % of 45,500 would be 910.
        let effects = desk.fill(1, "500", at: "91", with: desk.id("maker"))
        #expect(effects.insurance.first?.amount == money("500"))
        #expect(desk.wallet(desk.id("long")) == .zero)
        #expect(effects.ended.first?.outcome == .closed)
    }

    // MARK: Caps

    @Test func `depth and rate cap what is ordered`() {
        var desk = desk(Enforcement(sizing: .whole, depthShare: rate("0.5")))
        desk.send(
            .depthObserved(
                DepthObserved(
                    instrument: InstrumentID(index: 0),
                    bids: [
                        DepthObserved.Level(price: price("94"), quantity: quantity("60")),
                        DepthObserved.Level(price: price("90"), quantity: quantity("41")),
                        DepthObserved.Level(price: price("89"), quantity: quantity("900")),
                    ],
                    asks: []
                )
            )
        )
        let order = desk.mark("94.7").ordered.first
        #expect(order?.quantity == quantity("50"))
        #expect(order?.sizedBy == .depth)

        var slow = self.desk(Enforcement(sizing: .whole, notionalPerSecond: money("9470")))
        let first = slow.mark("94.7").ordered.first
        #expect(first?.quantity == quantity("100"))
        #expect(first?.sizedBy == .rate)
        slow.send(
            .liquidationFilled(
                LiquidationFilled(
                    order: 1,
                    quantity: quantity("100"),
                    price: price("94.7"),
                    counterparty: Filled.Party(account: slow.id("maker"))
                )
            ),
            after: 1
        )
        #expect(slow.effects.ordered.count == 1)
        #expect(slow.send(.ticked).ordered.first?.quantity == quantity("100"))
    }

    @Test func `an empty book means the fund`() {
        var desk = desk(Enforcement(depthShare: rate("1")), fund: "1")
        desk.send(
            .depthObserved(DepthObserved(instrument: InstrumentID(index: 0), bids: [], asks: []))
        )
        let effects = desk.mark("94.7")
        #expect(effects.ordered.isEmpty)
        #expect(effects.insurance.map(\.reason) == [.takeover])
    }

    @Test func `a fund takes no more than its cap`() {
        let fund = FundRule(name: "fund", cap: money("9000"))
        var desk = desk(Enforcement(funds: [fund]), fund: "100000")
        // 9,000 ÷ 88 = 102.27: 102 at 90, the rest is deleveraged.
        let gap = desk.mark("88")
        #expect(gap.insurance.first?.quantity == quantity("102"))
        #expect(gap.deleveraged.first?.change == quantity("398"))
    }

    @Test func `a fund that fell too far takes nothing over until it has recovered`() {
        let drawdown = FundRule.Drawdown(
            start: rate("0.3"),
            stop: rate("0.25"),
            window: 28_800_000_000_000
        )
        let rules = Enforcement(funds: [FundRule(name: "fund", drawdown: drawdown)])
        var desk = desk(rules, fund: "3000")
        // The fund takes 500 at 90 with the mark at 88: 3,000 fall by 1,000, a third.
        desk.mark("88")
        #expect(desk.held(desk.id("fund")) == quantity("500"))
        let second = desk.open("second", "600")
        desk.trade(second, desk.id("short"), "100", at: "88")
        // 82 − 88 is −600: equity 0; bankruptcy at 82.
        let effects = desk.mark("81.5")
        #expect(effects.insurance.isEmpty)
        #expect(effects.deleveraged.first?.change == quantity("100"))
        #expect(desk.held(second) == .zero)
    }

    /// A fund of 100 that has taken 10 X over at 90, with the mark at 94; its trigger is 30 %.
    private func watched(_ drawdown: FundRule.Drawdown?) -> LiquidationDesk {
        var desk = LiquidationDesk(
            Enforcement(funds: [FundRule(name: "fund", drawdown: drawdown)]),
            instruments: [Self.rules()],
            fund: "100",
            adjust: { $0.thresholds.exit = .one }
        )
        let long = desk.open("long", "100")
        let short = desk.open("short", "1000")
        _ = desk.open("late", "10")
        desk.mark("100")
        desk.trade(long, short, "10", at: "100")
        desk.mark("94")
        desk.end(1)
        return desk
    }

    private static let third = FundRule.Drawdown(
        start: rate("0.3"),
        stop: rate("0.25"),
        window: 3_600_000_000_000
    )

    @Test func `a fund's purse is seen at every mark of what it holds`() throws {
        var desk = watched(Self.third)
        // 100 + 10 × (100 − 90) = 200, then 140.
        desk.mark("100")
        desk.mark("94")
        desk.engine = try Engine(snapshot: desk.engine.snapshot())
        let seen = desk.engine.ledger.fundWatch.values.first
        #expect(seen?.balance.values == [money("200").units, money("140").units])
        #expect(seen?.isTriggered == true)
        desk.trade(desk.id("late"), desk.id("short"), "2", at: "94")
        desk.mark("93.5")
        let effects = desk.end(2)
        #expect(effects.insurance.isEmpty)
        #expect(effects.deleveraged.first?.change == quantity("2"))

        // Without a trigger nothing is seen, and the fund takes over.
        desk = watched(nil)
        desk.mark("100")
        desk.mark("94")
        #expect(desk.engine.ledger.fundWatch.isEmpty)
        desk.trade(desk.id("late"), desk.id("short"), "2", at: "94")
        desk.mark("93.5")
        #expect(desk.end(2).insurance.map(\.reason) == [.takeover])
    }

    @Test func `a trigger that a rulebook takes away is forgotten, and a new one begins anew`() {
        var desk = watched(Self.third)
        func adopt(_ drawdown: FundRule.Drawdown?) {
            var rulebook = Rulebook(id: "desk", version: "2", currency: "USD")
            rulebook.instruments = [Self.rules()]
            rulebook.positionModes = [.oneWay, .hedge]
            rulebook.enforcement = Enforcement(
                funds: [FundRule(name: "fund", drawdown: drawdown)]
            )
            desk.send(.rulebookAdopted(RulebookAdopted(venue: desk.venue, rulebook: rulebook)))
        }
        desk.mark("84")
        #expect(desk.engine.ledger.fundWatch.values.first?.isTriggered == true)
        adopt(nil)
        desk.mark("85")
        #expect(desk.engine.ledger.fundWatch.isEmpty)
        adopt(Self.third)
        desk.mark("86")
        #expect(desk.engine.ledger.fundWatch.values.first?.isTriggered == false)
    }

    @Test func `withdrawals wait while a fund could not pay`() {
        var desk = desk(
            Enforcement(deleveraging: Deleveraging(price: .mark), gatesWithdrawals: true)
        )
        desk.mark("88")
        let ask = Event.Body.withdrawalRequested(
            WithdrawalRequested(account: desk.id("maker"), asset: desk.usd, amount: money("1"))
        )
        #expect(desk.send(ask).refusals == [.withdrawalsWait(asset: "USD")])
        desk.send(.insuranceFunded(InsuranceFunded(asset: desk.usd, amount: money("1"))))
        #expect(desk.send(ask).refusals.isEmpty)
    }

    @Test func `a liquidation that stopped at a stale mark goes on with a fresh one`() {
        var desk = LiquidationDesk(
            Enforcement(),
            instruments: [Self.rules()],
            adjust: { $0.priceGuard.maxAge = 60_000_000_000 }
        )
        let long = desk.open("long", "5000")
        let short = desk.open("short", "50000")
        desk.mark("100")
        desk.trade(long, short, "500", at: "100")
        desk.mark("94.7")
        desk.send(.ticked, after: 61_000_000_000)
        // Nobody took it, but the mark is too old to take anything over at.
        #expect(desk.end(1).insurance.isEmpty)
        #expect(desk.mark("94.7").insurance.map(\.reason) == [.takeover])
    }

    @Test func `a hedged winner is closed once and never left naked`() {
        var desk = LiquidationDesk(Enforcement(), instruments: [Self.rules()])
        let alice = desk.open("alice", "100")
        let bob = desk.open("bob", "100", positionMode: .hedge)
        let carol = desk.open("carol", "1000")
        desk.mark("100")
        func buy(_ size: String, _ buyer: Filled.Party, _ seller: Filled.Party) {
            desk.send(
                .filled(
                    Filled(
                        instrument: InstrumentID(index: 0),
                        quantity: quantity(size),
                        price: price("100"),
                        buyer: buyer,
                        seller: seller
                    )
                )
            )
        }
        buy("10", Filled.Party(account: alice), Filled.Party(account: bob, leg: .short))
        buy("7", Filled.Party(account: bob, leg: .long), Filled.Party(account: carol))
        // At 88 alice owes 20. Of bob's short of 10 a long of 7 is hedged: 3, and 7 of carol.
        let closed = desk.mark("88").deleveraged
        #expect(closed.filter { $0.account == bob }.map(\.change) == [quantity("3")])
        #expect(closed.filter { $0.account == carol }.map(\.change) == [quantity("7")])
        #expect(desk.held(alice) == .zero)
    }

    @Test func `those who were closed at the mark pay by open interest too`() {
        let rules = Enforcement(
            deleveraging: Deleveraging(price: .mark),
            socialisation: .openInterest
        )
        var desk = LiquidationDesk(rules, instruments: [Self.rules()])
        let alice = desk.open("alice", "100")
        let bob = desk.open("bob", "1000")
        let carol = desk.open("carol", "1000")
        desk.mark("100")
        desk.trade(alice, bob, "6", at: "100")
        desk.trade(alice, carol, "4", at: "100")
        desk.trade(desk.engine.outside(of: desk.venue), carol, "10", at: "100")
        // At 88 alice owes 20. Bob's 6 and carol's 14 are 20: whoever is closed pays 1 for each.
        let shares = desk.mark("88").socialised
        #expect(shares.first { $0.account == bob }?.amount == money("6"))
        #expect(shares.first { $0.account == carol }?.amount == money("14"))
    }

    @Test func `nobody is made bankrupt by being deleveraged`() {
        var desk = LiquidationDesk(Enforcement(), instruments: [Self.rules()])
        let alice = desk.open("alice", "100")
        let bob = desk.open("bob", "45")
        let carol = desk.open("carol", "1000")
        desk.mark("100")
        desk.trade(alice, carol, "10", at: "100")
        desk.mark("91")  // order 1, limit 90
        desk.mark("82")
        desk.trade(carol, bob, "10", at: "82")
        desk.mark("80")
        // Bob has 45 + 20; being closed at 90 costs 10 for each: 6 of his 10 at the most.
        let effects = desk.end(1)
        #expect(effects.deleveraged.first { $0.account == bob }?.change == quantity("6"))
        #expect(effects.bankruptcies.allSatisfy { $0.account != bob })
        #expect(desk.engine.accountsBelowZero().isEmpty)
    }

    @Test func `a fund does not pay with what its inventory has lost`() {
        var desk = desk(Enforcement(deleveraging: Deleveraging(policy: .fairCharge)), fund: "10")
        // 10 of 1,000 bear 5 of 500 at 90; that is all the fund has, so the short pays the rest.
        let gap = desk.mark("88")
        #expect(gap.insurance.map(\.reason) == [.takeover])
        #expect(gap.socialised.map(\.amount) == [money("990")])
    }

    @Test func `risk-adding orders are cancelled and reserve nothing`() {
        var desk = desk(Enforcement())
        let long = desk.id("long")
        for (id, side, reduces) in [("a", Side.buy, false), ("b", .sell, true)] {
            desk.send(
                .orderPlaced(
                    OrderPlaced(
                        account: long,
                        order: id,
                        instrument: InstrumentID(index: 0),
                        side: side,
                        quantity: quantity("1"),
                        price: price("99"),
                        reduceOnly: reduces
                    )
                )
            )
        }
        let effects = desk.mark("94.7")
        #expect(effects.contains(.ordersToCancel(account: long, orders: ["a"])))
    }

    @Test func `snapshots in the middle go on alike`() throws {
        var desk = desk(Enforcement(depthShare: rate("1")), fund: "400")
        desk.mark("94.7")
        var copy = try Engine(snapshot: desk.engine.snapshot())
        #expect(copy.digest == desk.engine.digest)
        var effects: [Effect] = []
        let end = Event(
            time: Timestamp(nanoseconds: desk.clock + 1_000_000_000),
            body: .liquidationOrderEnded(LiquidationOrderEnded(order: 1, reason: .unfilled))
        )
        copy.applyOrRefuse(end, emitting: &effects)
        #expect(effects == desk.end(1))
        #expect(copy.digest == desk.engine.digest)
    }
}
