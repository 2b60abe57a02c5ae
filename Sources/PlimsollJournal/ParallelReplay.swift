import Dispatch
import Synchronization

extension Journal {
    /// Opens the journal of a folder, and decodes its records on a second core while they are replayed on this one.
    ///
    /// Reading, the checks and decoding take about as long as an engine takes to apply what was decoded.
    ///
    /// - Parameters:
    ///   - storage: the folder.
    ///   - segmentSize: how many bytes a file has.
    ///   - after: the position of a snapshot. Segments before it are not read.
    ///   - decode: appends what a record holds. It runs on another thread.
    ///   - body: gets what was decoded, in order, some records at a time. It runs on this thread.
    /// - Throws: a `JournalError` before anything was changed, or what `decode` or `body` throws.
    public convenience init<Element: Sendable>(
        in storage: Disk,
        segmentSize: Int = 64 << 20,
        after: Position = .start,
        decoding decode: @escaping @Sendable (Record, inout [Element]) throws -> Void,
        replaying body: ([Element]) throws -> Void
    ) throws {
        try Self.check(segmentSize: segmentSize)
        let exchange = Exchange<Element, Scan<Disk>>()
        DispatchQueue(label: "plimsoll.journal.replay").async {
            exchange.finish(
                with: Result {
                    var scan = Scan(storage)
                    var elements: [Element] = []
                    try scan.run(after: after) { record in
                        try decode(record, &elements)
                        guard elements.count >= Exchange<Element, Scan<Disk>>.group else { return }
                        elements = try exchange.give(elements)
                    }
                    if !elements.isEmpty { _ = try exchange.give(elements) }
                    return scan
                }
            )
        }
        let scan = try exchange.takeAll(body)
        try self.init(in: storage, segmentSize, after: scan)
    }
}

/// Arrays that go from one thread to another and come back empty, some of them at a time.
private final class Exchange<Element: Sendable, Outcome: Sendable>: Sendable {
    /// How many elements are handed over at a time, at least.
    static var group: Int { 512 }

    private struct State {
        var full: [[Element]] = []
        var empty: [[Element]] = []
        var outcome: Result<Outcome, any Error>?
        var isCancelled = false
    }

    private let state = Mutex(State())
    /// How many arrays may be given before one was taken.
    private let room = DispatchSemaphore(value: 0)
    /// How many may be taken; one more when the other thread has finished.
    private let given = DispatchSemaphore(value: 0)

    // Dispatch stops the program when a semaphore goes that is below the value that it was made with.
    init() { for _ in 0..<4 { room.signal() } }

    /// Hands an array over, and gives an empty one back.
    func give(_ elements: [Element]) throws -> [Element] {
        room.wait()
        let empty = try state.withLock { state in
            if state.isCancelled { throw CancellationError() }
            state.full.append(elements)
            return state.empty.popLast() ?? []
        }
        given.signal()
        return empty
    }

    func finish(with outcome: Result<Outcome, any Error>) {
        state.withLock { $0.outcome = outcome }
        given.signal()
    }

    /// Takes arrays until the other thread has finished, for which it waits also if `body` throws.
    func takeAll(_ body: ([Element]) throws -> Void) throws -> Outcome {
        var fault: (any Error)?
        while true {
            given.wait()
            let (elements, outcome) = state.withLock { state in
                (state.full.isEmpty ? nil : state.full.removeFirst(), state.outcome)
            }
            guard var elements else {
                if let fault { throw fault }
                guard let outcome else {
                    preconditionFailure("Invariant: it was signalled for an array or the end.")
                }
                return try outcome.get()
            }
            if fault == nil {
                do {
                    try body(elements)
                } catch {
                    fault = error
                    state.withLock { $0.isCancelled = true }
                }
            }
            elements.removeAll(keepingCapacity: true)
            state.withLock { $0.empty.append(elements) }
            room.signal()
        }
    }
}
