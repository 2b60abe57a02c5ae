import Plimsoll
import PlimsollUnits

@testable import PlimsollHistory
import TestSupport

/// A seeded market of one instrument that falls and recovers, with a matching engine that fills liquidation
/// orders, in part or not at all, and clients who ask for what they may not.
struct Story {
    private(set) var events: [Event] = []
    private(set) var engine = Engine()
    private var random: SplitMix64
    private var clock: Int64 = 1_760_000_000_000_000_000
    private var price: Int64 = 100
    private let usd = AssetID(index: 0)
    private let symbol = InstrumentID(index: 0)
    private let traders: ClosedRange<Int32>

    init(seed: UInt64, traders count: Int32 = 6, steps: Int = 200) throws {
        random = SplitMix64(seed: seed)
        traders = 2...count + 1
        let venue = VenueID(index: 0)
        send(.venueDefined(VenueDefined(name: "v", mode: .venue)))
        send(.assetDefined(AssetDefined(venue: venue, name: "USD")))
        send(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: try Self.rulebook())))
        send(.instrumentDefined(InstrumentDefined(venue: venue, symbol: "X")))
        send(.insuranceFunded(InsuranceFunded(asset: usd, amount: money(50))))
        for number in traders {
            send(.accountOpened(AccountOpened(venue: venue, name: "a-\(number)")))
        }
        for number in traders { deposit(number, 1_000) }
        mark(100)
        for _ in 0..<steps { try step() }
    }

    /// Maintenance 5 %, leverage to 20, a fund.
    private static func rulebook() throws -> Rulebook {
        let bracket = Bracket(
            floor: 0,
            maintenanceRate: ExactRate(try Rate(units: 5_000_000)),
            deduction: 0,
            maxLeverage: try Leverage(hundredths: 2_000)
        )
        let schedule = BracketSchedule(key: .notional, brackets: [bracket])
        guard let schedule else { preconditionFailure("Invariant: one bracket is a schedule") }
        var rulebook = Rulebook(id: "story", version: "1", currency: "USD")
        rulebook.instruments = [
            InstrumentRules(
                symbol: "X",
                payoff: .linear,
                base: "X",
                quote: "USD",
                settle: "USD",
                schedule: .brackets(schedule)
            )
        ]
        rulebook.enforcement = Enforcement(fee: try Rate(units: 100_000))
        rulebook.thresholds.exit = try Rate(units: 80_000_000)
        return rulebook
    }

    // MARK: Events

    private mutating func step() throws {
        switch random.int(0...9) {
        case 0...3: mark(max(20, min(300, price + random.int(-9...9))))
        case 4...6: try trade()
        case 7:
            deposit(Int32(random.int(Int64(traders.lowerBound)...Int64(traders.upperBound))), 50)
        case 8:
            let account = AccountID(index: traders.lowerBound)
            let amount = money(1_000_000)
            send(
                .withdrawalRequested(
                    WithdrawalRequested(account: account, asset: usd, amount: amount)
                )
            )
        default: send(.ticked)
        }
        try answer()
    }

    private mutating func trade() throws {
        let first = random.int(Int64(traders.lowerBound)...Int64(traders.upperBound) - 1)
        let buyer = AccountID(index: Int32(first))
        let seller = AccountID(index: traders.upperBound)
        send(
            .filled(
                Filled(
                    instrument: symbol,
                    quantity: try Quantity(units: random.int(1...60) * 100_000_000),
                    price: try Price(units: price * 100_000_000),
                    buyer: Filled.Party(account: buyer),
                    seller: Filled.Party(account: seller)
                )
            )
        )
    }

    /// The matching engine answers one of the orders that are out.
    private mutating func answer() throws {
        guard let liquidation = engine.openLiquidations.first(where: { !$0.orders.isEmpty }),
            let number = liquidation.orders.first, let order = orders[number]
        else { return }
        if random.chance(40) {
            let end = LiquidationOrderEnded(order: number, reason: .unfilled)
            send(.liquidationOrderEnded(end))
            return
        }
        let left = order.quantity.units - filled[number, default: 0]
        let size = random.chance(50) ? left : max(1, left / 2)
        filled[number, default: 0] += size
        send(
            .liquidationFilled(
                LiquidationFilled(
                    order: number,
                    quantity: try Quantity(units: size),
                    price: order.limit,
                    counterparty: Filled.Party(account: AccountID(index: 0))
                )
            )
        )
    }

    private var orders: [UInt64: LiquidationOrdered] = [:]
    private var filled: [UInt64: Int64] = [:]

    private mutating func mark(_ value: Int64) {
        guard let mark = try? Price(units: value * 100_000_000) else { return }
        price = value
        send(.marked(Marked(instrument: symbol, price: mark)))
    }

    private mutating func deposit(_ account: Int32, _ amount: Int128) {
        let account = AccountID(index: account)
        send(.deposited(Deposited(account: account, asset: usd, amount: money(amount))))
    }

    private func money(_ amount: Int128) -> Money {
        Money(units: amount * 10_000_000_000_000_000)
    }

    private mutating func send(_ body: Event.Body) {
        clock += 1_000_000_000
        let event = Event(time: Timestamp(nanoseconds: clock), body: body)
        events.append(event)
        var effects: [Effect] = []
        engine.applyOrRefuse(event, emitting: &effects)
        for case .liquidationOrdered(let order) in effects { orders[order.order] = order }
    }
}

/// A replica: an engine that replays a story and tells a recorder of it.
struct Replica {
    private(set) var engine = Engine()
    private(set) var sequence: UInt64 = 0
    var recorder: HistoryRecorder

    init(_ history: History) throws { recorder = try HistoryRecorder(history) }

    /// Follows the story up to an event; where the recorder is full it waits for room.
    mutating func follow(_ story: Story, upTo end: Int? = nil) throws {
        for event in story.events[Int(sequence)..<(end ?? story.events.count)] {
            var effects = Effects()
            engine.applyOrRefuse(event, emitting: &effects)
            sequence += 1
            while try recorder.note(
                event,
                effects: effects,
                sequence: sequence,
                of: engine
            ) == .full {
                _ = recorder.history.waitForRoom(seconds: 10)
            }
        }
    }

    /// Hands over what there is and waits until it is written.
    mutating func finish() throws -> Bool {
        while try recorder.handOver() == .full {
            _ = recorder.history.waitForRoom(seconds: 10)
        }
        return recorder.history.waitUntilWritten(sequence, seconds: 10)
    }
}
