import Plimsoll
import PlimsollUnits

/// One mark that pushes every account below its line, and the events until all of it is worked off.
///
/// The matching engine fills every order in full at its limit or the mark, whichever is better.
struct StormWorkload {
    let accounts: Int

    func run() throws {
        var engine = try load()
        var longest: [UInt64] = []
        var answers: [Event.Body] = []
        var (orders, sent) = (0, 0)
        let start = Timing.wall()
        var next: Event.Body? = try mark(92)
        var effects = Effects()
        while let body = next {
            effects.removeAll()
            let event = Event(time: Timestamp(nanoseconds: Int64(sent + 1) * 1_000_000), body: body)
            let before = Timing.wall()
            do {
                try engine.apply(event, emitting: &effects)
            } catch {
                throw BenchError.refused("\(error)")
            }
            longest.append(UInt64(Timing.wall() - before))
            sent += 1
            for case .liquidationOrdered(let order) in effects {
                orders += 1
                answers.append(.liquidationFilled(fill(order)))
            }
            next = answers.popLast() ?? (engine.isQuiet ? nil : .ticked)
        }
        let wall = Double(Timing.wall() - start) / 1e6
        let first = Double(longest[0]) / 1e6
        longest.sort()
        func milliseconds(_ part: Double) -> Double {
            Double(longest[min(longest.count - 1, Int(Double(longest.count) * part))]) / 1e6
        }
        emit(
            """
            {"bench":"storm","who":"ours","accounts":\(accounts),"events":\(sent),\
            "orders":\(orders),"mark_ms":\(first),"longest_apply_ms":\(milliseconds(1)),\
            "p99_ms":\(milliseconds(0.99)),"p50_ms":\(milliseconds(0.5)),"wall_ms":\(wall),\
            "below_zero":\(engine.accountsBelowZero().count)}
            """
        )
    }

    private let venue = VenueID(index: 0)
    private let asset = AssetID(index: 0)

    private func mark(_ price: Int64) throws -> Event.Body {
        .marked(
            Marked(
                instrument: InstrumentID(index: 0),
                price: try Price(units: price * 100_000_000)
            )
        )
    }

    private func fill(_ order: LiquidationOrdered) -> LiquidationFilled {
        let better =
            order.side == .sell
            ? max(order.limit, order.mark) : min(order.limit, order.mark)
        return LiquidationFilled(
            order: order.order,
            quantity: order.quantity,
            price: better,
            counterparty: Filled.Party(account: AccountID(index: 0))
        )
    }

    /// Longs of 10 at 100 with 10 to 50 of margin each; `outside` is short.
    private func load() throws -> Engine {
        var engine = Engine()
        var effects = Effects()
        func apply(_ body: Event.Body) throws {
            effects.removeAll()
            do {
                try engine.apply(Event(time: .zero, body: body), emitting: &effects)
            } catch {
                throw BenchError.refused("\(error)")
            }
        }
        try apply(.venueDefined(VenueDefined(name: "storm", mode: .venue)))
        try apply(.assetDefined(AssetDefined(venue: venue, name: "USD")))
        var rulebook = Rulebook(id: "storm", version: "1", currency: "USD")
        let brackets = [
            Bracket(
                floor: 0,
                maintenanceRate: ExactRate(try Rate(units: 500_000)),
                deduction: 0,
                maxLeverage: try Leverage(hundredths: 12_500)
            )
        ]
        guard let schedule = BracketSchedule(key: .notional, brackets: brackets) else {
            throw BenchError.refused("the brackets do not rise")
        }
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
        rulebook.enforcement = Enforcement()
        try apply(.rulebookAdopted(RulebookAdopted(venue: venue, rulebook: rulebook)))
        try apply(.instrumentDefined(InstrumentDefined(venue: venue, symbol: "X")))
        try apply(try mark(100))
        let million = Money(units: 1_000_000 * PowerOfTen.sixteen)
        try apply(.insuranceFunded(InsuranceFunded(asset: asset, amount: million)))
        for number in 0..<accounts {
            try apply(.accountOpened(AccountOpened(venue: venue, name: "a\(number)")))
            guard let account = engine.directory.account("a\(number)", in: venue) else { continue }
            let cash = Int128(81 + number % 4) * PowerOfTen.sixteen
            let wallet = Money(units: cash)
            try apply(.deposited(Deposited(account: account, asset: asset, amount: wallet)))
            try apply(
                .filled(
                    Filled(
                        instrument: InstrumentID(index: 0),
                        quantity: try Quantity(units: 1_000_000_000),
                        price: try Price(units: 10_000_000_000),
                        buyer: Filled.Party(account: account),
                        seller: Filled.Party(account: AccountID(index: 0))
                    )
                )
            )
        }
        engine.drawSafeBands()
        return engine
    }
}
