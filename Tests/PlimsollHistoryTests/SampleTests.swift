import Plimsoll
import PlimsollUnits
import TestSupport
import Testing

@testable import PlimsollHistory

private func sample(
    _ account: Int32 = 1,
    at seconds: Int64,
    equity: Int128,
    maintenance: Int128 = 10,
    wallet: Int128 = 100
) -> AccountSample {
    let ratio = equity > 0 ? SolvedPrice(units: maintenance * PowerOfTen.sixteen / equity) : nil
    return AccountSample(
        account: AccountID(index: account),
        time: Timestamp(nanoseconds: seconds * 1_000_000_000),
        sequence: UInt64(seconds),
        equity: Money(units: equity * PowerOfTen.sixteen),
        maintenance: Money(units: maintenance * PowerOfTen.sixteen),
        ratio: ratio,
        wallet: Money(units: wallet * PowerOfTen.sixteen)
    )
}

@Suite struct `Samples of accounts` {
    /// Rules: 10 s at the least, 600 s at the most, 0.5 % of equity, 0.01 of the ratio.
    @Test(arguments: [
        (seconds: Int64(700), equity: Int128(1_000), maintenance: Int128(100), isKept: false),
        (seconds: 9, equity: 500, maintenance: 100, isKept: false),
        (seconds: 10, equity: 1_004, maintenance: 100, isKept: false),
        (seconds: 10, equity: 1_005, maintenance: 100, isKept: true),
        (seconds: 10, equity: 995, maintenance: 100, isKept: true),
        (seconds: 10, equity: 1_000, maintenance: 109, isKept: false),
        (seconds: 10, equity: 1_000, maintenance: 111, isKept: true),
        (seconds: 10, equity: 0, maintenance: 100, isKept: true),
        (seconds: 599, equity: 1_001, maintenance: 100, isKept: false),
        (seconds: 600, equity: 1_001, maintenance: 100, isKept: true),
    ])
    func `get a row if they differ by enough or after long enough`(
        seconds: Int64,
        equity: Int128,
        maintenance: Int128,
        isKept: Bool
    ) {
        var gate = SampleGate(SamplingRule())
        let first = sample(at: 1_000, equity: 1_000, maintenance: 100)
        #expect(gate.wants(first))
        gate.keep(first)
        let next = sample(at: 1_000 + seconds, equity: equity, maintenance: maintenance)
        #expect(gate.wants(next) == isKept)
    }

    @Test func `of a large book are spread over several sweeps`() async throws {
        var limits = HistoryLimits()
        limits.samplesPerSweep = 300
        let history = try Folder().open(limits)
        var recorder = try HistoryRecorder(history)
        let accounts = Int32(1_000)
        for sweep in Int64(0)..<4 {
            let sweep = (0..<accounts).map { sample($0, at: 100 + sweep, equity: 50) }
            try recorder.note(samples: sweep)
            try recorder.handOver()
        }
        try recorder.note(samples: [sample(3, at: 99_999, equity: 50)])
        #expect(history.close(seconds: 10))
        var counts: [Int] = []
        for account in 0..<accounts {
            let found = try await history.history(
                of: AccountID(index: account),
                from: .zero,
                to: Timestamp(nanoseconds: .max)
            )
            counts.append(found.count)
        }
        #expect(counts.allSatisfy { $0 == 1 })
    }

    @Test func `of one account are bounded, and keep the lows and the highs`() async throws {
        var limits = HistoryLimits()
        limits.samplesPerAccount = 64
        let history = try Folder().open(limits)
        var recorder = try HistoryRecorder(history)
        var random = SplitMix64(seed: 1)
        var all: [AccountSample] = []
        for step in Int64(0)..<2_000 {
            all.append(sample(at: step * 20, equity: Int128(random.int(100...900))))
            try recorder.note(samples: [all[Int(step)]])
        }
        try recorder.handOver()
        #expect(history.close(seconds: 10))
        let found = try await history.history(
            of: AccountID(index: 1),
            from: .zero,
            to: Timestamp(nanoseconds: .max)
        )
        #expect(found.count <= 64)
        #expect(found.count > 32)
        #expect(found.allSatisfy { all.contains($0) })
        #expect(found.first == all.first)
        #expect(found.last == all.last)
        #expect(found.map(\.equity).min() == all.map(\.equity).min())
        #expect(found.map(\.equity).max() == all.map(\.equity).max())
        let recent = try await history.history(
            of: AccountID(index: 1),
            from: all[1_990].time,
            to: all[1_999].time
        )
        #expect(recent.count == 10)
    }

    @Test(arguments: UInt64(1)...50)
    func `thinned for a chart keep ends, lows and highs`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let all = (0..<random.int(1...400)).map {
            sample(at: $0, equity: Int128(random.int(-50...50)))
        }
        let points = Int(random.int(4...100))
        let thinned = all.thinned(to: points)
        #expect(thinned.count <= max(points, 2))
        #expect(thinned.first == all.first)
        #expect(thinned.last == all.last)
        #expect(thinned.map(\.time) == Set(thinned.map(\.time)).sorted())
        #expect(thinned.map(\.equity).min() == all.map(\.equity).min())
        #expect(thinned.map(\.equity).max() == all.map(\.equity).max())
    }

    @Test func `for which there is no room are dropped and counted`() throws {
        var limits = HistoryLimits()
        limits.waitingBytes = 40_000
        limits.groupRows = .max
        limits.groupSeconds = 3_600
        let history = try Folder().open(limits)
        var recorder = try HistoryRecorder(history)
        for sweep in Int64(0)..<5 {
            let equity = 50 + Int128(sweep) * 10
            let samples = (0..<300).map { sample($0, at: sweep * 20, equity: equity) }
            try recorder.note(samples: samples)
        }
        #expect(recorder.droppedSamples > 0)
    }
}
