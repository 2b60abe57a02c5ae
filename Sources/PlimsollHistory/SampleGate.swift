import Plimsoll
import PlimsollUnits

/// Chooses which samples are worth a row; remembers 40 bytes of each account.
struct SampleGate {
    /// What was kept last of an account.
    fileprivate struct Kept: BitwiseCopyable {
        var time: Int64 = .min
        var equity = 0.0
        var maintenance = 0.0
        var ratio = 0.0
        var wallet = 0.0
    }

    private let rule: SamplingRule
    private var kept: [Kept] = []

    init(_ rule: SamplingRule) { self.rule = rule }

    /// Whether a sample is worth a row.
    func wants(_ sample: AccountSample) -> Bool {
        let index = Int(sample.account.index)
        guard index < kept.count, kept[index].time != .min else { return true }
        let (last, now) = (kept[index], Kept(sample))
        guard
            last.equity != now.equity || last.maintenance != now.maintenance
                || last.wallet != now.wallet
        else { return false }
        let seconds = (Double(now.time) - Double(last.time)) / 1e9
        if seconds < rule.secondsAtLeast { return false }
        if seconds >= rule.secondsAtMost { return true }
        return abs(now.equity - last.equity) >= rule.equityStep * abs(last.equity)
            || abs(now.ratio - last.ratio) >= rule.ratioStep
    }

    /// Notes that a sample has a row.
    mutating func keep(_ sample: AccountSample) {
        let index = Int(sample.account.index)
        if index >= kept.count {
            kept.append(contentsOf: repeatElement(Kept(), count: index + 1 - kept.count))
        }
        kept[index] = Kept(sample)
    }
}

extension SampleGate.Kept {
    fileprivate init(_ sample: AccountSample) {
        time = sample.time.nanoseconds
        equity = Double(sample.equity.units)
        maintenance = Double(sample.maintenance.units)
        // Without equity the ratio has no number; it is beyond every other one.
        ratio = sample.ratio.map { Double($0.units) / 1e16 } ?? .greatestFiniteMagnitude
        wallet = Double(sample.wallet.units)
    }
}
