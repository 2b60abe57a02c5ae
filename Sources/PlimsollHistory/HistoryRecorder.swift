package import Plimsoll
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// Turns events with their effects, and samples, into rows of a history; for one thread.
///
/// It never waits for the file. `note` says `full` and takes nothing where too much waits already: a
/// replica waits for room and notes the same event again.
package struct HistoryRecorder {
    /// Where the rows go.
    package let history: History
    /// The last event that was noted.
    package private(set) var sequence: UInt64
    /// Samples that were left out since there was no room.
    package private(set) var droppedSamples: UInt64 = 0

    private let limits: HistoryLimits
    private var rows = HistoryRows()
    private var fold: LiquidationFold
    private var gate: SampleGate
    /// The account at which the next sweep begins: where the last one had used up its rows.
    private var nextAccount: Int32 = 0
    private var effectWriter = EffectWriter()
    private var json = JSONWriter()

    /// Rows that go over together.
    private static let handful = 256

    /// Goes on where the history ends.
    ///
    /// - Throws: that what it has of liquidations under way cannot be read.
    package init(_ history: History) throws(HistoryError) {
        self.history = history
        limits = history.limits
        sequence = history.position
        fold = LiquidationFold(try history.openLiquidations())
        gate = SampleGate(limits.sampling)
    }

    /// Notes an event that an engine applied or refused, right after it, in order and none left out.
    ///
    /// One that the history has already is passed over.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - effects: what followed from it.
    ///   - sequence: the event's number.
    ///   - engine: as it is after the event.
    /// - Returns: `full`: nothing was noted.
    /// - Throws: `gap`, or why the history is not written any more.
    package mutating func note(
        _ event: Event,
        effects: some Collection<Effect>,
        sequence: UInt64,
        of engine: Engine
    ) throws(HistoryError) -> HistoryAcceptance {
        guard sequence > self.sequence else { return .taken }
        guard sequence == self.sequence + 1 else {
            throw .gap(expected: self.sequence + 1, found: sequence)
        }
        if rows.count >= Self.handful, try handOver() == .full { return .full }
        fold.follow(event, effects, sequence: sequence, engine)
        var number = 0
        for effect in effects where !effect.isRepetition && number < EffectPlace.perEvent {
            let place = EffectPlace(sequence: sequence, number: number)
            append(effect, of: event, at: place, engine)
            number += 1
        }
        for record in fold.takeChanged() { rows.append(record) }
        self.sequence = sequence
        rows.sequence = sequence
        return .taken
    }

    /// Notes a sweep: samples of accounts, in order of their numbers.
    ///
    /// Only those get a row that have changed by enough. Of these a sweep takes so many as the limits say;
    /// the next one begins where this one ended. Samples for which there is no room are dropped.
    package mutating func note(samples: [AccountSample]) throws(HistoryError) {
        if rows.count >= Self.handful, try handOver() == .full {
            droppedSamples += UInt64(samples.count { gate.wants($0) })
            return
        }
        let start = samples.partition(before: nextAccount)
        var left = limits.samplesPerSweep
        nextAccount = 0
        for sample in [samples[start...], samples[..<start]].joined() where gate.wants(sample) {
            guard left > 0 else {
                nextAccount = sample.account.index
                break
            }
            left -= 1
            gate.keep(sample)
            rows.append(sample)
        }
    }

    /// Notes one sample.
    package mutating func note(sample: AccountSample) throws(HistoryError) {
        try note(samples: [sample])
    }

    /// Hands over what was noted; to be called after each batch of events and each sweep.
    ///
    /// - Throws: why the history is not written any more.
    @discardableResult
    package mutating func handOver() throws(HistoryError) -> HistoryAcceptance {
        try history.inlet.offer(&rows)
    }

    private mutating func append(
        _ effect: Effect,
        of event: Event,
        at place: EffectPlace,
        _ engine: Engine
    ) {
        json.removeAll()
        json.object { effectWriter.write(effect, of: engine, to: &$0) }
        rows.append(
            HistoryRows.EffectRow(
                place: place,
                time: event.at.nanoseconds,
                type: effect.word,
                isMovement: effect.isMovement,
                accounts: accounts(of: effect, event),
                json: json.text
            )
        )
    }

    /// Whom an effect concerns: those it names, and whose liquidation it is part of.
    private func accounts(of effect: Effect, _ event: Event) -> [Int32] {
        if effect.isMovement {
            let account = effect.isRefusal ? event.body.account : effect.accounts.first
            return account.map { [$0.index] } ?? []
        }
        var accounts = effect.accounts
        if let number = effect.liquidation, let account = fold.account(of: number) {
            accounts.append(account)
        }
        if case .liquidationOrdersToCancel(let orders) = effect {
            accounts += orders.compactMap { fold.account(ofOrder: $0) }
        }
        return Set(accounts.map(\.index)).sorted()
    }
}

extension [AccountSample] {
    /// Where the first account of `number` or beyond is.
    fileprivate func partition(before number: Int32) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].account.index < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
