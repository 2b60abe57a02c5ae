/// How much the read models keep, and how they are written.
package struct HistoryLimits: Hashable, Sendable {
    /// Changes of wallets and positions, refusals and refused prices that are kept: the newest ones.
    package var movements = 1_000_000
    /// Samples that are kept of one account at the most; at this many the older half loses detail.
    package var samplesPerAccount = 512
    /// Samples that one sweep may add; accounts beyond it come first in the next one.
    package var samplesPerSweep = 2_000
    /// When a sample is worth a row.
    package var sampling = SamplingRule()
    /// A group is committed when it has this many rows.
    package var groupRows = 5_000
    /// A group is committed when its first row has waited for so long, in seconds.
    package var groupSeconds = 0.25
    /// What may wait to be written, in bytes; more is not taken.
    package var waitingBytes = 32 << 20
    /// Questions that are answered at once.
    package var readers = 3

    /// What a question may ask for.
    package static let rowsPerPage = 1...1_000
    /// Points of a chart.
    package static let points = 2...5_000

    /// The defaults.
    package init() {}
}

/// When a sample of an account is worth a row: it differs from the last one that was kept, and by enough
/// or after long enough.
package struct SamplingRule: Hashable, Sendable {
    /// Seconds between two rows of one account at the least.
    package var secondsAtLeast = 10.0
    /// After so many seconds any difference is enough.
    package var secondsAtMost = 600.0
    /// A change of equity that is enough, as a share of it.
    package var equityStep = 0.005
    /// A change of the ratio that is enough.
    package var ratioStep = 0.01

    /// The defaults.
    package init() {}
}
