import CAllocationCount
import Plimsoll
import PlimsollUnits

/// Counts requests for memory per mark and per fill, once everything has reached its size.
///
/// The book: 2,000 accounts with a position in each of 3 instruments; the marks move by a
/// hundred-thousandth, so that bands stay as they are.
struct AllocationCheck {
    private let accounts = 2_000
    private let rounds = 3_000

    /// Applies the marks or the fills alone: what instructions are counted of, from outside.
    func run(only events: String) throws {
        var book = try book()
        _ = try count(events == "marks" ? try marks() : try fills(), on: &book.engine)
        emit(#"{"bench":"\#(events) alone","who":"ours","events":\#(rounds)}"#)
    }

    /// Whether a mark costs no allocation.
    func run() throws -> Bool {
        var book = try book()
        let marks = try marks()
        let fills = try fills()
        let perMark = try count(marks, on: &book.engine)
        let perFill = try count(fills, on: &book.engine)
        emit(
            """
            {"bench":"allocations per event, \(accounts) accounts with 3 positions each",\
            "who":"ours","per_mark":\(perMark),"per_fill":\(perFill),"events":\(rounds)}
            """
        )
        if perMark > 0 { note("a mark allocates \(perMark) times; it must not at all.") }
        return perMark == 0
    }

    /// Allocations per event of the second half; the first half warms up.
    @inline(never)
    private func count(_ events: [Event], on engine: inout Engine) throws -> Double {
        var effects = Effects()
        let half = events.count / 2
        var before: UInt = 0
        for index in events.indices {
            if index == half { before = allocation_count() }
            try engine.apply(events[index], emitting: &effects)
            effects.removeAll()
        }
        return Double(allocation_count() - before) / Double(events.count - half)
    }

    private func book() throws -> Book {
        let listings = (0..<3).map { index in
            Book.Listing(
                mark: price(index),
                floors: [0, 50_000, 250_000].map { Int128($0) * 10_000_000_000_000_000 },
                rates: [400_000, 500_000, 1_000_000],
                deductions: [0, 50, 1_300].map { $0 * 1_000_000_000_000_000_000_000_000 }
            )
        }
        var book = try Book(listings, accounts: accounts)
        for number in 0..<accounts {
            let account = Book.account(UInt32(number))
            let amount = Money(units: 10_000 * 10_000_000_000_000_000)
            try book.apply(
                .deposited(Deposited(account: account, asset: book.asset, amount: amount))
            )
            for instrument in 0..<3 {
                try book.apply(try fill(number, instrument, units: 3_000_000_000_000))
            }
        }
        return book
    }

    private func price(_ instrument: Int) -> Int64 {
        [6_000_000_000_000, 300_000_000_000, 15_000_000_000][instrument]
    }

    /// A fill of about `units` ÷ price at the starting mark; odd accounts are on the other side.
    private func fill(_ number: Int, _ instrument: Int, units: Int64) throws -> Event.Body {
        let account = Filled.Party(account: Book.account(UInt32(number)))
        let outside = Filled.Party(account: AccountID(index: 0))
        return .filled(
            Filled(
                instrument: InstrumentID(index: Int32(instrument)),
                quantity: try Quantity(units: units / (price(instrument) / 10_000_000)),
                price: try Price(units: price(instrument)),
                buyer: number % 2 == 0 ? account : outside,
                seller: number % 2 == 0 ? outside : account
            )
        )
    }

    private func marks() throws -> [Event] {
        try (0..<rounds).map { round in
            let instrument = round % 3
            let step = price(instrument) / 100_000 * Int64(round % 7 - 3)
            let mark = Marked(
                instrument: InstrumentID(index: Int32(instrument)),
                price: try Price(units: price(instrument) + step)
            )
            return Event(
                time: .zero,
                identity: .feed(source: "marks", sequence: UInt64(round + 1)),
                body: .marked(mark)
            )
        }
    }

    /// Every account adds to a position it has, or takes the same off again.
    private func fills() throws -> [Event] {
        try (0..<rounds).map { round in
            let body = try fill(round % 500 * 2 + round / 500 % 2, round % 3, units: 30_000_000_000)
            return Event(
                time: .zero,
                identity: .feed(source: "fills", sequence: UInt64(round + 1)),
                body: body
            )
        }
    }
}
