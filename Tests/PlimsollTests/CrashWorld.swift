import Plimsoll
import PlimsollUnits
import TestSupport

/// A seeded market that crashes, with a matching engine that answers liquidation orders in every way
/// it may: at once or late, in parts, better than the limit, not at all.
struct CrashWorld {
    var random: SplitMix64
    var engine = Engine()
    var events: [Event] = []
    /// What is wrong, by the number of the event that showed it.
    private(set) var faults: [String] = []
    private var audit: EnforcementAudit?
    private var clock: Int64 = 1_000_000_000
    private var marks: [Int64] = []
    private var steps: [Int64] = []
    /// A size is the least that there is: one position after the other, no fee and no cap.
    private var isSizeLeast = false
    private var hasTicks = false
    private var open: [Resting] = []
    private var traders: [AccountID] = []
    /// What some accounts hold beside USD, where the rulebook lets assets back each other.
    private var coins: [AssetID] = []
    private var indexes: [Int64] = []
    /// The assets that a debt is paid with, in order.
    private var order: [AssetID] = []
    private var conversionFee = Rate.zero
    private let venue = VenueID(index: 0)
    private let usd = AssetID(index: 0)

    /// A liquidation order as the matching engine sees it.
    private struct Resting {
        var order: LiquidationOrdered
        var left: Int64
    }

    /// How many events of a crash follow the set-up.
    static let length = 60

    init(seed: UInt64, isAudited: Bool = false) {
        audit = isAudited ? EnforcementAudit() : nil
        random = SplitMix64(seed: seed &* 7_919 &+ 13)
        setUp()
        for _ in 0..<Self.length where faults.isEmpty { step() }
        settle()
    }

    /// Plays given events; the matching engine does not answer.
    init(replaying events: [Event], isAudited: Bool = false) {
        audit = isAudited ? EnforcementAudit() : nil
        random = SplitMix64(seed: 0)
        for event in events where faults.isEmpty { apply(event) }
    }

    // MARK: The rules of the day

    private mutating func enforcement() -> Enforcement {
        Enforcement(
            sizing: random.pick(ReductionSizing.allCases),
            sharing: random.pick(ReductionSharing.allCases),
            limitPrice: random.chance(70)
                ? .bankruptcy : .fillable(adjustment: rate("1"), spread: rate("0.5")),
            depthShare: random.chance(40) ? rate("0.3") : nil,
            notionalPerSecond: random.chance(25) ? money("20000") : nil,
            fee: random.chance(50) ? rate("0.0125") : .zero,
            evaluationsPerEvent: random.pick([1, 2, 5, 1_000]),
            funds: [
                FundRule(
                    name: "fund",
                    cap: random.chance(40) ? money("30000") : nil,
                    drawdown: random.chance(40)
                        ? FundRule.Drawdown(
                            start: rate("0.3"),
                            stop: rate("0.25"),
                            window: 10_000_000_000
                        ) : nil
                )
            ] + (random.chance(30) ? [FundRule(name: "fund:y", symbols: ["Y"])] : []),
            deleveraging: Deleveraging(
                rank: random.pick(DeleveragingRank.allCases),
                price: random.pick(DeleveragingPrice.allCases),
                policy: random.pick(DeleveragingPolicy.allCases)
            ),
            socialisation: random.pick(Socialisation.allCases)
        )
    }

    /// In some worlds assets back each other, and debts are paid with what the order names.
    private mutating func addCollateral(to rulebook: inout Rulebook) {
        guard random.chance(50) else { return }
        rulebook.collateralModes = [.singleAsset, .multiAsset]
        // What Y settles in is then not what the pools are valued in.
        if random.chance(50) {
            rulebook.instruments[1].quote = "EUR"
            rulebook.instruments[1].settle = "EUR"
        }
        for name in ["ETH", "BTC", "EUR"] {
            let weight = rate(random.pick(["1", "0.9", "0.5"]))
            rulebook.collateral.append(
                CollateralRule(
                    asset: name,
                    bidBuffer: random.chance(30) ? rate("0.05") : .zero,
                    askBuffer: random.chance(30) ? rate("0.05") : .zero,
                    tiers: [CollateralTier(floor: .zero, weight: weight)]
                )
            )
        }
        guard random.chance(85) else { return }
        var order = ["ETH", "BTC", "EUR", "USD"].shuffled(using: &random)
        if random.chance(20) { order.removeLast() }
        rulebook.enforcement?.conversion = CollateralConversion(
            order: order,
            fee: random.pick([.zero, rate("0.01"), rate("0.3")])
        )
    }

    private mutating func setUp() {
        var rulebook = Rulebook(id: "crash", version: "1", currency: "USD")
        for symbol in ["X", "Y"] {
            var rules = LiquidationDesk.rules(symbol)
            if random.chance(50) { rules.quantityStep = quantity("0.1") }
            if random.chance(50) { rules.tickSize = price("0.01") }
            rulebook.instruments.append(rules)
        }
        rulebook.enforcement = enforcement()
        rulebook.thresholds.exit = rate(random.pick(["1", "0.8", "0.5"]))
        rulebook.thresholds.equalityIsBelow = random.chance(30)
        rulebook.positionModes = [.oneWay, .hedge]
        if random.chance(30) { rulebook.netting = .largerSide }
        addCollateral(to: &rulebook)
        send(.venueDefined(VenueDefined(name: "v", mode: .venue)))
        for name in ["USD", "ETH", "BTC", "EUR"] {
            send(.assetDefined(AssetDefined(venue: venue, name: name)))
        }
        send(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: rulebook)))
        for rules in rulebook.instruments {
            send(.instrumentDefined(InstrumentDefined(venue: venue, symbol: rules.symbol)))
        }
        if random.chance(70) {
            send(.insuranceFunded(InsuranceFunded(asset: usd, amount: cash(1...3_000))))
        }
        if rulebook.collateralModes.contains(.multiAsset) {
            coins = [AssetID(index: 1), AssetID(index: 2), AssetID(index: 3)]
            indexes = [2_000_00000000, 50_000_00000000, 1_50000000]
            for index in indexes.indices { sendIndex(index, 0) }
        }
        for number in 0..<10 { openTrader(number) }
        marks = [100_00000000, 40_00000000]
        for index in marks.indices { sendMark(index, 0) }
        for _ in 0..<30 { trade() }
    }

    private mutating func openTrader(_ number: Int) {
        let mode: PositionMode = number == 3 ? .hedge : .oneWay
        let hasCoins = !coins.isEmpty && number % 3 != 1 && random.chance(80)
        send(
            .accountOpened(
                AccountOpened(
                    venue: venue,
                    name: "t\(number)",
                    collateralMode: hasCoins ? .multiAsset : .singleAsset,
                    positionMode: mode
                )
            )
        )
        guard let account = engine.directory.account("t\(number)", in: venue) else { return }
        traders.append(account)
        if number % 3 == 1 {
            for index in Int32(0)...1 {
                send(
                    .accountConfigured(
                        AccountConfigured(
                            account: account,
                            instrument: InstrumentID(index: index),
                            marginMode: .isolated,
                            leverage: leverage(random.pick([5, 10, 20]))
                        )
                    )
                )
            }
        }
        if hasCoins {
            depositCoins(account)
        } else if let euro = coins.last {
            send(.deposited(Deposited(account: account, asset: euro, amount: cash(500...9_000))))
        }
        if !hasCoins || random.chance(50) {
            send(.deposited(Deposited(account: account, asset: usd, amount: cash(500...9_000))))
        }
    }

    /// Coins worth 250 to 4,500 of each kind.
    private mutating func depositCoins(_ account: AccountID) {
        for (coin, index) in zip(coins, indexes) where random.chance(80) {
            let worth = Int128(random.int(250...4_500)) * PowerOfTen.twentyFour
            let amount = Money(units: worth / Int128(index) + Int128(random.int(0...999)))
            send(.deposited(Deposited(account: account, asset: coin, amount: amount)))
        }
    }

    private mutating func cash(_ range: ClosedRange<Int64>) -> Money {
        Money(units: Int128(random.int(range)) * PowerOfTen.sixteen + Int128(random.int(0...999)))
    }

    // MARK: What happens

    private mutating func step() {
        if !coins.isEmpty, random.chance(15) {
            stepOfCoins()
            return
        }
        switch random.int(0...99) {
        case 0..<40: sendMark(Int(random.int(0...1)), random.chance(25) ? 150 : 25)
        case 40..<75: answer()
        case 75..<83: trade()
        case 83..<87: sendDepth()
        case 87..<90: placeOrder()
        case 90..<93:
            send(.insuranceFunded(InsuranceFunded(asset: usd, amount: cash(1...500))))
        default: send(.ticked)
        }
    }

    /// An index price moves, or somebody pays in coins: a debt where there are none.
    private mutating func stepOfCoins() {
        let index = Int(random.int(0...2))
        guard random.chance(30) else {
            sendIndex(index, random.chance(25) ? 150 : 25)
            return
        }
        let account = random.pick(traders)
        let isMulti = engine.report(account, prices: false).pools.contains(where: \.isMultiAsset)
        guard isMulti else { return }
        let worth = Int128(random.int(10...800)) * PowerOfTen.twentyFour
        let amount = Money(units: worth / Int128(indexes[index]))
        send(.feeCharged(FeeCharged(account: account, asset: coins[index], amount: amount)))
    }

    private mutating func sendIndex(_ index: Int, _ perMille: Int64) {
        let base = Int128(indexes[index])
        let move = Int128(random.int(-perMille...(perMille * 2 / 3)))
        indexes[index] = Int64(max(1_000, base + base * move / 1_000))
        guard let price = try? Price(units: indexes[index]) else { return }
        send(.indexed(Indexed(asset: coins[index], price: price)))
    }

    private mutating func sendMark(_ index: Int, _ perMille: Int64) {
        let base = Int128(marks[index])
        // Down more often than up: a crash.
        let move = Int128(random.int(-perMille...(perMille * 2 / 3)))
        marks[index] = Int64(max(1_000, base + base * move / 1_000))
        guard let price = try? Price(units: marks[index]) else { return }
        send(.marked(Marked(instrument: InstrumentID(index: Int32(index)), price: price)))
    }

    private mutating func trade() {
        let index = Int(random.int(0...1))
        let (buyer, seller) = (random.pick(traders), random.pick(traders))
        guard let size = try? Quantity(units: random.int(1...2_000) * 10_000_000),
            let price = try? Price(units: marks[index])
        else { return }
        func party(_ account: AccountID, _ leg: Leg) -> Filled.Party {
            let isHedge = engine.directory.name(account) == "t3"
            return Filled.Party(account: account, leg: isHedge ? leg : .net)
        }
        send(
            .filled(
                Filled(
                    instrument: InstrumentID(index: Int32(index)),
                    quantity: size,
                    price: price,
                    buyer: party(buyer, .long),
                    seller: party(seller, .short)
                )
            )
        )
    }

    private mutating func placeOrder() {
        let index = Int(random.int(0...1))
        guard let size = try? Quantity(units: random.int(1...500) * 10_000_000),
            let price = try? Price(units: marks[index])
        else { return }
        send(
            .orderPlaced(
                OrderPlaced(
                    account: random.pick(traders),
                    order: "o\(events.count)",
                    instrument: InstrumentID(index: Int32(index)),
                    side: random.pick(Side.allCases),
                    quantity: size,
                    price: price,
                    reduceOnly: random.chance(30)
                )
            )
        )
    }

    private mutating func sendDepth() {
        let index = Int(random.int(0...1))
        func side(_ sign: Int64) -> [DepthObserved.Level] {
            (Int64(1)...3).compactMap { (step: Int64) in
                guard
                    let price = try? Price(units: marks[index] + sign * step * marks[index] / 200),
                    let size = try? Quantity(units: random.int(1...400) * 100_000_000)
                else { return nil }
                return DepthObserved.Level(price: price, quantity: size)
            }
        }
        let isEmpty = random.chance(20)
        send(
            .depthObserved(
                DepthObserved(
                    instrument: InstrumentID(index: Int32(index)),
                    bids: isEmpty ? [] : side(-1),
                    asks: isEmpty ? [] : side(1)
                )
            )
        )
    }

    /// The matching engine does something about one of its liquidation orders.
    private mutating func answer() {
        guard !open.isEmpty else { return }
        let index = Int(random.int(0...Int64(open.count - 1)))
        let resting = open[index]
        guard random.chance(65) else {
            end(index, random.chance(70) ? .unfilled : .rejected)
            return
        }
        let size = random.chance(40) ? resting.left : random.int(1...resting.left)
        let mark = engine.mark(of: resting.order.instrument)?.units ?? resting.order.limit.units
        let isSale = resting.order.side == .sell
        let limit = resting.order.limit.units
        let best = isSale ? max(limit, mark) : min(limit, mark)
        let other = random.pick(traders)
        guard let quantity = try? Quantity(units: size),
            let price = try? Price(units: random.int(min(limit, best)...max(limit, best)))
        else { return }
        let isHedge = engine.directory.name(other) == "t3"
        let effects = send(
            .liquidationFilled(
                LiquidationFilled(
                    order: resting.order.order,
                    quantity: quantity,
                    price: price,
                    counterparty: Filled.Party(
                        account: other,
                        leg: isHedge ? (isSale ? .long : .short) : .net
                    )
                )
            )
        )
        guard effects.refusals.isEmpty, index < open.count else { return }
        if open[index].left == size {
            open.remove(at: index)
        } else {
            open[index].left -= size
        }
    }

    private mutating func end(_ index: Int, _ reason: LiquidationOrderEnded.Reason) {
        let number = open.remove(at: index).order.order
        send(.liquidationOrderEnded(LiquidationOrderEnded(order: number, reason: reason)))
    }

    /// Lets everything that is under way come to its end.
    private mutating func settle() {
        for index in marks.indices { sendMark(index, 0) }
        for index in coins.indices { sendIndex(index, 0) }
        for _ in 0..<4_000 where faults.isEmpty {
            if !open.isEmpty { end(0, .unfilled) } else { send(.ticked) }
            if open.isEmpty, engine.waitingPools == 0 { break }
        }
        for liquidation in engine.openLiquidations where !ownsMore(liquidation.account) {
            faults.append("liquidation \(liquidation.liquidation) is still under way")
        }
        for account in engine.accountsBelowZero() where !ownsMore(account) {
            faults.append("\(engine.directory.name(account)) is below zero")
        }
    }

    /// A debt may wait while an isolated position in its asset may still give something back, or for an
    /// asset that the order does not name.
    private func ownsMore(_ account: AccountID) -> Bool {
        let report = engine.report(account, prices: false)
        let isMulti = report.pools.contains(where: \.isMultiAsset)
        let named = Set(order.map { engine.directory.name($0) })
        let owed = report.pools.filter { $0.isolated == nil && ($0.figures?.equity.units ?? 0) < 0 }
        return report.pools.contains { pool in
            pool.isolated != nil && (pool.figures?.equity.units ?? 0) > 0
                && owed.contains { $0.isMultiAsset || $0.asset == pool.asset }
        }
            || (isMulti
                && report.collateral.contains {
                    $0.walletBalance > .zero && !named.contains($0.asset)
                })
    }

    // MARK: What must hold

    @discardableResult
    private mutating func send(_ body: Event.Body) -> [Effect] {
        clock += 400_000_000
        return apply(Event(time: Timestamp(nanoseconds: clock), body: body))
    }

    @discardableResult
    private mutating func apply(_ event: Event) -> [Effect] {
        var effects: [Effect] = []
        events.append(event)
        if case .rulebookAdopted(let body) = event.body { note(body.rulebook) }
        clock = max(clock, event.at.nanoseconds)
        engine.applyOrRefuse(event, emitting: &effects)
        for order in effects.ordered {
            open.append(Resting(order: order, left: order.quantity.units))
        }
        check(effects)
        faults += audit?.follow(event, effects, engine) ?? []
        return effects
    }

    /// Filled at their limits, orders leave their pool at zero or above: with the market where it is,
    /// nobody else pays, not even for rounding.
    private mutating func checkLimits(_ orders: [LiquidationOrdered]) {
        guard let first = orders.first else { return }
        var copy = engine
        var effects: [Effect] = []
        for order in orders where order.liquidation == first.liquidation {
            let fill = LiquidationFilled(
                order: order.order,
                quantity: order.quantity,
                price: order.limit,
                counterparty: Filled.Party(account: engine.outside(of: venue))
            )
            let event = Event(
                time: Timestamp(nanoseconds: clock),
                body: .liquidationFilled(fill)
            )
            copy.applyOrRefuse(event, emitting: &effects)
        }
        if !effects.refusals.isEmpty { faults.append("a fill at the limit was refused") }
        if effects.bankruptcies.contains(where: { $0.pool == first.pool }) {
            faults.append("fills at their limits bankrupt a pool")
        }
        if copy.report(first.account, prices: false).pools.contains(where: {
            $0.pool == first.pool && ($0.figures?.equity.units ?? 0) < 0
        }) {
            faults.append("fills at their limits leave a pool below zero")
        }
    }

    /// Filled at the mark, an order by the exit level ends its liquidation, and one step less does not.
    private mutating func checkSize(_ orders: [LiquidationOrdered]) {
        guard orders.count == 1, let order = orders.first, order.sizedBy == .exitLevel, isSizeLeast,
            !steps.isEmpty,
            order.side == .sell ? order.mark >= order.limit : order.mark <= order.limit
        else { return }
        let step = steps[Int(order.instrument.index)]
        if !isWorkedOff(order, filling: order.quantity.units) {
            faults.append("order \(order.order) does not restore the exit level")
        }
        if order.quantity.units > step,
            isWorkedOff(order, filling: order.quantity.units - step)
        {
            faults.append("order \(order.order) restores more than the exit level")
        }
    }

    private func isWorkedOff(_ order: LiquidationOrdered, filling units: Int64) -> Bool {
        guard let quantity = try? Quantity(units: units) else { return false }
        var copy = engine
        var effects: [Effect] = []
        let fill = LiquidationFilled(
            order: order.order,
            quantity: quantity,
            price: order.mark,
            counterparty: Filled.Party(account: engine.outside(of: venue))
        )
        let event = Event(time: Timestamp(nanoseconds: clock), body: .liquidationFilled(fill))
        copy.applyOrRefuse(event, emitting: &effects)
        // It may wait for its turn. Once it recovered, another pool's loss may push it down again.
        for _ in 0..<50 where copy.waitingPools > 0 && !effects.ends(order.liquidation) {
            let tick = Event(time: Timestamp(nanoseconds: clock), body: .ticked)
            copy.applyOrRefuse(tick, emitting: &effects)
        }
        return effects.ends(order.liquidation)
    }

    /// Others pay what a pool owes and no more: it is left with nothing, but for rounding.
    ///
    /// A bankruptcy price is a whole step of 10⁻⁸, so a position may leave its size of these; a tick
    /// leaves more, while others pay for another position.
    private mutating func checkNothingGained(_ effects: [Effect]) {
        guard !hasTicks else { return }
        for end in effects.ended where end.outcome != .recovered {
            let wasPaidFor =
                effects.socialised.contains { $0.liquidation == end.liquidation }
                || effects.insurance.contains {
                    $0.liquidation == end.liquidation && $0.reason == .deficit
                }
            let equity =
                engine.report(end.account, prices: false).pools
                .first { $0.pool == end.pool }?.figures?.equity.units ?? 0
            if wasPaidFor, equity > 1_000_000_000_000 {
                faults.append("liquidation \(end.liquidation) ended with \(equity) of others")
            }
        }
    }

    /// A sale is in order, at the ratio of the indexes, and its fee takes nothing that is not there.
    private mutating func check(
        _ sale: CollateralSale,
        _ move: InsuranceMoved,
        _ later: ArraySlice<Effect>,
        isOnEdge: Bool
    ) {
        let report = engine.report(sale.account, prices: false)
        // What comes earlier in the order is gone, but for what positions settle in: that may come in
        // again. Coins that are owed are paid for to the unit.
        let settled = Set(["USD", "EUR"].compactMap { engine.directory.asset($0, in: venue) })
        // Where the account is at zero, an asset whose sale would round it below is passed over.
        for asset in order.prefix(while: { $0 != sale.asset })
        where !isOnEdge && !settled.contains(asset) {
            let name = engine.directory.name(asset)
            let left = report.collateral.first { $0.asset == name }?.walletBalance ?? .zero
            if left > .zero { faults.append("\(name) was left when a later asset was sold") }
        }
        if !order.contains(sale.asset) { faults.append("an asset was sold that nobody named") }
        let given = sale.sold.units.multipliedFullWidth(by: Int128(sale.price.units))
        let got = sale.bought.units.multipliedFullWidth(by: Int128(sale.boughtPrice.units))
        if (got.high, got.low) > (given.high, given.low) {
            faults.append("the house lost at a sale")
        }
        let most = (sale.bought.units * Int128(conversionFee.units))
            .divided(by: PowerOfTen.eight, rounding: .up)
        if move.amount.units < 0 || move.amount.units > most {
            faults.append("the fee is too high")
        }
        let isBankrupt = later.contains {
            if case .bankruptcyDeclared(let other) = $0 {
                other.liquidation == move.liquidation
            } else {
                false
            }
        }
        if move.amount > .zero, isBankrupt || engine.accountsBelowZero().contains(sale.account) {
            faults.append("a fee was taken from an account that cannot pay it")
        }
    }

    private mutating func note(_ rulebook: Rulebook) {
        steps = rulebook.instruments.map { $0.quantityStep?.units ?? 1 }
        guard let rules = rulebook.enforcement else { return }
        conversionFee = rules.conversion?.fee ?? .zero
        order = (rules.conversion?.order ?? []).compactMap {
            engine.directory.asset($0, in: venue)
        }
        let isCapped = rules.depthShare != nil || rules.notionalPerSecond != nil
        hasTicks = rulebook.instruments.contains { $0.tickSize != nil }
        isSizeLeast = rules.fee == .zero && rules.sharing == .reliefPerCost && !isCapped
    }

    private mutating func check(_ effects: [Effect]) {
        faults += engine.brokenInvariants()
        checkLimits(effects.ordered)
        checkSize(effects.ordered)
        checkNothingGained(effects)
        for place in effects.indices {
            if case .insuranceMoved(let move) = effects[place], let sale = move.sale {
                check(
                    sale,
                    move,
                    effects[place...],
                    isOnEdge: effects.isOnEdge(sale.account, conversionFee)
                )
            }
        }
        for place in effects.deleveraged {
            let held = engine.report(place.account, prices: false).positions
                .first { $0.instrument == place.instrument && $0.leg == place.leg }
            let quantity = held?.quantity.units ?? 0
            if quantity != 0, (quantity > 0) == (place.change.units > 0) {
                faults.append("deleveraging turned or enlarged a position")
            }
        }
        let shared = effects.socialised.reduce(Int128(0)) { $0 + $1.amount.units }
        let declared = effects.bankruptcies.reduce(Int128(0)) { $0 + $1.socialised.units }
        if declared > shared { faults.append("more was declared as socialised than was paid") }
        for order in effects.ordered {
            let isReduction = (order.held.units > 0) == (order.side == .sell)
            if !isReduction || order.quantity.units > Int64(order.held.units.magnitude)
                || order.quantity.units <= 0
            {
                faults.append("order \(order.order) does not reduce")
            }
        }
        for share in effects.socialised where share.amount.units <= 0 {
            faults.append("a share of \(share.amount)")
        }
        for bankruptcy in effects.bankruptcies
        where bankruptcy.paidByFund.units + bankruptcy.socialised.units > bankruptcy.deficit.units {
            faults.append("more was paid than was owed")
        }
        for change in effects.positions where change.leg != .net {
            if (change.leg == .long) == (change.quantity.units < 0), change.quantity.units != 0 {
                faults.append("a leg turned")
            }
        }
    }
}

extension [Effect] {
    /// An account fell to zero, but for a unit or two, or a fee took it there.
    fileprivate func isOnEdge(_ account: AccountID, _ fee: Rate) -> Bool {
        contains {
            switch $0 {
            case .marginStateChanged(let change):
                return change.account == account && change.equity.units.magnitude <= 2
            case .insuranceMoved(let move):
                guard let sale = move.sale, sale.account == account else { return false }
                let whole = sale.bought.units * Int128(fee.units)
                return move.amount.units * PowerOfTen.eight < whole
            default: return false
            }
        }
    }

    /// A liquidation ended, and nobody had to pay for it.
    fileprivate func ends(_ liquidation: UInt64) -> Bool {
        ended.contains { $0.liquidation == liquidation && $0.outcome != .absorbed }
    }

    fileprivate var positions: [PositionChanged] {
        compactMap { if case .positionChanged(let change) = $0 { change } else { nil } }
    }
}
