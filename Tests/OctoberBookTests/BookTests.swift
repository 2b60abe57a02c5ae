internal import PlimsollUnits
internal import Testing

@testable import OctoberBook

/// The committed prices of the example.
let prices =
    "\(#filePath)".split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    + "/examples/october-2025/prices"

/// The options of a short run around the start of the crash.
func options(_ arguments: String...) throws -> Options {
    try Options(arguments: ["--prices", prices] + arguments)
}

@Suite struct `The October book` {
    private func written(_ options: Options) throws -> (text: String, checksum: String) {
        var bytes: [UInt8] = []
        var book = try Book(options)
        try book.write { (piece) throws(Fault) in bytes += piece }
        #expect(book.size == bytes.count)
        return (String(decoding: bytes, as: UTF8.self), book.checksum.description)
    }

    @Test func `ten minutes of fifty accounts are the same bytes on every machine`() throws {
        let options = try options(
            "--seed",
            "7",
            "--accounts",
            "50",
            "--from",
            "2025-10-10T21:00Z",
            "--to",
            "2025-10-10T21:10Z"
        )
        let first = try written(options)
        #expect(first.checksum == "cbfd4d96d67d7735")
        #expect(try written(options).text == first.text)
    }

    @Test func `another seed is another book`() throws {
        let window = [
            "--accounts", "50", "--from", "2025-10-10T21:00Z", "--to", "2025-10-10T21:10Z",
        ]
        let one = try Options(arguments: ["--prices", prices, "--seed", "1"] + window)
        let two = try Options(arguments: ["--prices", prices, "--seed", "2"] + window)
        #expect(try written(one).checksum != written(two).checksum)
    }

    @Test func `time never goes back and the first line says what is synthetic`() throws {
        let options = try options(
            "--accounts",
            "60",
            "--step",
            "10",
            "--from",
            "2025-10-10T20:00Z",
            "--to",
            "2025-10-11T00:00Z"
        )
        let lines = try written(options).text.split(separator: "\n")
        #expect(lines.first?.contains("synthetic between the four real prices") == true)
        var latest = options.window.lowerBound
        for line in lines where !line.hasPrefix("#") {
            let tail = try #require(line.split(separator: #""time":"#).last)
            let time = try #require(Int(tail.prefix { $0.isNumber }))
            #expect(time >= latest)
            latest = time
        }
        #expect(latest == options.window.upperBound, "funding at the end of the window comes last")
    }
}

@Suite struct `The plan of the book` {
    @Test(arguments: ["1", "7", "42"])
    func `a customer's trades leave initial margin and fees within its wallet`(
        seed: String
    ) throws {
        let options = try options("--seed", seed, "--accounts", "400", "--step", "60")
        let plan = BookPlan(options, market: try Market(options))
        var books: [String: CustomerBook] = [:]
        for event in plan.opening + plan.course {
            switch event.body {
            case .deposited(let account, let amount):
                books[account, default: CustomerBook()].wallet +=
                    Int128(amount) * Instrument.wholeMoney
            case .configured(let account, let instrument, _, let leverage):
                books[account]?.leverage[instrument] = Int128(leverage)
            case .filled(let fill):
                for (party, sign) in [(fill.buyer, Int128(1)), (fill.seller, -1)]
                where party.account.hasPrefix("acct") {
                    books[party.account]?.take(fill, as: party, sign: sign)
                    let book = try #require(books[party.account])
                    #expect(book.initialMargin <= book.wallet, "\(party.account) at \(event.time)")
                }
            default:
                break
            }
        }
    }

    /// What one customer has, each position valued at the price of its last trade.
    private struct CustomerBook {
        var wallet: Int128 = 0
        var leverage: [Int: Int128] = [:]
        var positions: [String: (instrument: Int, quantity: Int128, price: Int128)] = [:]

        mutating func take(_ fill: Fill, as party: Fill.Party, sign: Int128) {
            let key = "\(fill.instrument) \(party.leg?.rawValue ?? "net")"
            let quantity = (positions[key]?.quantity ?? 0) + sign * Int128(fill.quantity.units)
            positions[key] = (fill.instrument, quantity, Int128(fill.price.units))
            wallet -= fill.fee(of: party).units
        }

        var initialMargin: Int128 {
            positions.values
                .map { abs($0.quantity) * $0.price / (leverage[$0.instrument] ?? 1) }
                .reduce(0, +)
        }
    }

    @Test func `each trade is between two accounts, and a customer's with a market maker`() throws {
        let options = try options("--accounts", "300", "--step", "60")
        let plan = BookPlan(options, market: try Market(options))
        var opened: Set<String> = []
        for event in plan.opening {
            if case .opened(let account, _) = event.body { opened.insert(account) }
        }
        #expect(opened.count == 300)
        for event in plan.course {
            guard case .filled(let fill) = event.body else { continue }
            #expect(opened.contains(fill.buyer.account) && opened.contains(fill.seller.account))
            #expect(fill.buyer.account != fill.seller.account)
            #expect(fill.buyer.account.hasPrefix("mm-") || fill.seller.account.hasPrefix("mm-"))
            #expect(fill.buyer.maker != fill.seller.maker)
        }
    }

    @Test func `funding is settled at the real times and rates`() throws {
        let options = try options("--accounts", "10", "--step", "60")
        let plan = BookPlan(options, market: try Market(options))
        let solana = plan.course.compactMap { event -> String? in
            guard case .fundingSettled(instrument: 2, let rate) = event.body else { return nil }
            return "\(UTCTime.string(event.time)) \(rate)"
        }
        #expect(
            solana == [
                "2025-10-10T08:00Z 0.00002784", "2025-10-10T16:00Z 0.00000306",
                "2025-10-11T00:00Z -0.00302761", "2025-10-11T08:00Z -0.00203878",
                "2025-10-11T16:00Z -0.00158704", "2025-10-12T00:00Z -0.00124994",
            ]
        )
    }
}
