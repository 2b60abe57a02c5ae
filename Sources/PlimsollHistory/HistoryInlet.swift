import Foundation

/// Where rows wait between the thread that makes them and the one that writes them.
///
/// `@unchecked Sendable`: everything that changes is changed and read under `condition`.
final class HistoryInlet: @unchecked Sendable {
    private let condition = NSCondition()
    private let limits: HistoryLimits
    private var waiting = HistoryRows()
    private var since = Date.distantFuture
    private var isHurried = false
    private var isClosing = false
    private var isFinished = false
    private var failure: HistoryError?
    private var written: UInt64

    init(_ limits: HistoryLimits, written: UInt64) {
        self.limits = limits
        self.written = written
    }

    /// Takes the rows if there is room for them; never waits for the file.
    func offer(_ rows: inout HistoryRows) throws(HistoryError) -> HistoryAcceptance {
        try locked { () throws(HistoryError) in
            if let failure { throw failure }
            if isClosing { throw .closed }
            guard !rows.isEmpty else { return .taken }
            let isFull = waiting.weight + rows.weight > limits.waitingBytes
            if isFull, waiting.weight > 0 { return .full }
            if waiting.isEmpty { since = Date() }
            waiting.take(&rows)
            condition.broadcast()
            return .taken
        }
    }

    /// Waits for a group that is large or old enough; `nil`: it was closed and nothing is left.
    func take() -> HistoryRows? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let isDue =
                waiting.count >= limits.groupRows || isHurried || isClosing
                || -since.timeIntervalSinceNow >= limits.groupSeconds
            if !waiting.isEmpty, isDue {
                isHurried = false
                defer {
                    waiting = HistoryRows()
                    since = .distantFuture
                    condition.broadcast()
                }
                return waiting
            }
            if waiting.isEmpty, isClosing { return nil }
            if waiting.isEmpty {
                isHurried = false
                condition.wait()
            } else {
                _ = condition.wait(until: since.addingTimeInterval(limits.groupSeconds))
            }
        }
    }

    /// Notes that everything up to an event is in the file.
    func finish(_ sequence: UInt64) {
        locked {
            written = max(written, sequence)
            condition.broadcast()
        }
    }

    /// Nothing is written any more.
    func fail(_ error: HistoryError) {
        locked {
            failure = error
            waiting = HistoryRows()
            condition.broadcast()
        }
    }

    /// No more rows are taken.
    func close() {
        locked {
            isClosing = true
            condition.broadcast()
        }
    }

    /// Nothing is left to be written, and nothing will come.
    func end() {
        locked {
            isFinished = true
            condition.broadcast()
        }
    }

    /// Waits until the writer has ended; `false`: it took longer, or something failed.
    func waitForEnd(seconds: Double) -> Bool {
        wait(seconds) { isFinished } && reason == nil
    }

    /// The last event that is in the file.
    var position: UInt64 { locked { written } }

    /// Why nothing is written any more.
    var reason: HistoryError? { locked { failure } }

    /// Waits until half of the room is free; `false`: it took longer than `seconds`.
    func waitForRoom(seconds: Double) -> Bool {
        wait(seconds) { waiting.weight <= limits.waitingBytes / 2 || failure != nil || isClosing }
    }

    /// Waits until an event is in the file; `false`: it took longer, or nothing is written any more.
    func wait(for sequence: UInt64, seconds: Double) -> Bool {
        locked {
            isHurried = true
            condition.broadcast()
        }
        return wait(seconds) { written >= sequence || failure != nil } && position >= sequence
    }

    private func wait(_ seconds: Double, until isDone: () -> Bool) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !isDone() {
            guard condition.wait(until: end) else { return isDone() }
        }
        return true
    }

    private func locked<Answer, Failure: Error>(
        _ body: () throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        condition.lock()
        defer { condition.unlock() }
        return try body()
    }
}

/// Whether rows were taken.
package enum HistoryAcceptance: Hashable, Sendable {
    /// They were.
    case taken
    /// Too much waits to be written: wait for room, and offer the same again.
    case full
}
