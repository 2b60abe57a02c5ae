/// What waits to be sent to one webhook, in order: one delivery at a time, again after a failure, and never too many.
///
/// It has no clock and sends nothing: it says what to do, and is told how it went.
package struct DeliveryQueue: Sendable {
    /// One delivery, which may be sent more than once.
    package struct Delivery: Hashable, Sendable {
        /// What tells it from others, so that a receiver can discard a repetition.
        package var id: String
        package var body: [UInt8]

        package init(id: String, body: [UInt8]) { (self.id, self.body) = (id, body) }
    }

    /// What became of an attempt.
    package enum Outcome: Hashable, Sendable {
        /// The receiver answered with this status.
        case status(Int)
        /// It did not answer; why, in words.
        case failed(String)
    }

    /// What was counted.
    package struct Counts: Hashable, Sendable {
        package var delivered: UInt64 = 0
        /// Answers that say that this will never be taken.
        package var refused: UInt64 = 0
        /// What was given up for lack of room or for its age.
        package var dropped: UInt64 = 0
        /// Attempts after the first one.
        package var retried: UInt64 = 0
        package var lastStatus: Int?
        /// Milliseconds UTC of the last attempt's end.
        package var lastAt: Int64?
        package var lastError: String?
    }

    /// How many may wait.
    package static let limit = 1_000
    /// How long one is tried, in milliseconds.
    static let patience: Int64 = 24 * 3_600_000
    /// The longest pause between attempts, in milliseconds.
    static let longestPause: Int64 = 60_000

    package private(set) var counts = Counts()
    private var waiting: [(delivery: Delivery, since: Int64)] = []
    private var attempts = 0
    private var notBefore: Int64 = .min
    private var isSending = false

    /// A queue of nothing.
    package init() {}

    /// How many wait, the one that is being sent too.
    package var count: Int { waiting.count }

    /// Adds a delivery; where there is no room the oldest goes, but not the one that is being sent.
    package mutating func add(_ delivery: Delivery, at time: Int64) {
        waiting.append((delivery, time))
        guard waiting.count > Self.limit else { return }
        counts.dropped += 1
        waiting.remove(at: isSending ? 1 : 0)
        if !isSending { attempts = 0 }
    }

    /// Whether something is to be sent now.
    package func isDue(at time: Int64) -> Bool {
        !isSending && !waiting.isEmpty && time >= notBefore
    }

    /// What is to be sent now; it is being sent until `note`.
    package mutating func next(at time: Int64) -> Delivery? {
        guard isDue(at: time) else { return nil }
        while let first = waiting.first, time - first.since > Self.patience {
            waiting.removeFirst()
            attempts = 0
            counts.dropped += 1
        }
        guard let first = waiting.first else { return nil }
        isSending = true
        return first.delivery
    }

    /// The attempt has ended; `time` is steady, `date` is for people, `chance` in 0 to 1 scatters the pause.
    package mutating func note(
        _ outcome: Outcome,
        at time: Int64,
        date: Int64,
        chance: Double
    ) {
        isSending = false
        counts.lastAt = date
        switch outcome {
        case .status(let status):
            (counts.lastStatus, counts.lastError) = (status, nil)
            switch status {
            case 200..<300:
                counts.delivered += 1
                finish()
            case 408, 425, 429: pause(time, chance)
            case 300..<500:
                counts.refused += 1
                finish()
            default: pause(time, chance)
            }
        case .failed(let words):
            (counts.lastStatus, counts.lastError) = (nil, words)
            pause(time, chance)
        }
    }

    private mutating func finish() {
        waiting.removeFirst()
        (attempts, notBefore) = (0, .min)
    }

    /// One second, two, four … up to a minute, of which a half to all is waited.
    private mutating func pause(_ time: Int64, _ chance: Double) {
        let whole = min(Self.longestPause, 1_000 << Int64(min(attempts, 6)))
        attempts += 1
        counts.retried += 1
        notBefore = time + whole / 2 + Int64(chance * Double(whole / 2))
    }
}
