internal import Testing

@testable import OctoberBook

@Suite struct `The path between the prices of a bar` {
    @Test(arguments: [1, 5, 60, 75], [0, 1, 2])
    func `it touches open, high, low and close and leaves them nowhere`(
        step: Int,
        instrument: Int
    ) throws {
        let options = try options(
            "--from",
            "2025-10-10T20:00Z",
            "--to",
            "2025-10-10T23:00Z",
            "--step",
            String(step)
        )
        let terms = Instrument.all[instrument]
        let files = PriceFiles(folder: options.prices)
        let bars = try files.bars(of: terms.symbol, in: options.window)
        let path = try Market(options).paths[instrument]
        let count = 300 / step
        #expect(path.marks.count == bars.count * count)
        for (number, bar) in bars.enumerated() {
            let marks = path.marks[number * count..<(number + 1) * count]
            #expect(marks.first == bar.open)
            #expect(marks.last == bar.close)
            #expect(marks.max() == bar.high)
            #expect(marks.min() == bar.low)
            #expect(marks.allSatisfy { $0.isMultiple(of: terms.tick) })
        }
    }

    @Test func `a shorter window has the same marks`() throws {
        let long = try Market(options("--from", "2025-10-10T21:00Z", "--to", "2025-10-10T22:00Z"))
        let short = try Market(options("--from", "2025-10-10T21:20Z", "--to", "2025-10-10T21:30Z"))
        for (all, some) in zip(long.paths, short.paths) {
            #expect(Array(all.marks[1_200..<1_800]) == some.marks)
        }
    }

    @Test func `the low of Bitcoin is the real one`() throws {
        let market = try Market(options("--step", "60"))
        #expect(market.paths[0].marks.min() == 10_151_650_000_000)
        #expect(market.lowest >= 1_760_131_200_000 && market.lowest < 1_760_131_500_000)
    }
}

@Suite struct `The options of october-book` {
    @Test(arguments: [
        (["--seed"], "--seed has no value. Each option takes one."),
        (
            ["--accounts", "many"],
            "--accounts is 'many'. Give a whole number from 10 to 1000000."
        ),
        (
            ["--from", "2025-10-10T21:03Z"],
            "--from is '2025-10-10T21:03Z'. "
                + "Give a UTC time on a whole 5 minutes, as 2025-10-10T21:00Z."
        ),
        (
            ["--from", "2025-10-12"],
            "--from is not before --to. Choose a window of 5 minutes or more."
        ),
        (["--step", "7"], "--step is 7, which does not divide 300. Choose 1, 5, 10, 30 or 60."),
    ])
    func `a wrong call says what to do`(arguments: [String], message: String) {
        #expect(throws: Fault.usage(message)) { try Options(arguments: arguments) }
    }

    @Test(arguments: [
        ("1970-01-01", 0), ("2000-02-29T23:55Z", 951_868_500_000),
        ("2025-10-10T21:20Z", 1_760_131_200_000), ("2025-12-31T00:00Z", 1_767_139_200_000),
    ])
    func `a time is read and written`(text: String, milliseconds: Int) {
        #expect(UTCTime.milliseconds(text) == milliseconds)
        #expect(UTCTime.string(milliseconds).hasPrefix(text))
    }

    @Test(arguments: ["", "2025-02-29", "2025-10-10T24:00Z", "10.10.2025", "2025-10-10T21Z"])
    func `what is not a time is refused`(text: String) {
        #expect(UTCTime.milliseconds(text) == nil)
    }
}
