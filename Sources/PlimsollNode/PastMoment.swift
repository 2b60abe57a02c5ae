public import PlimsollUnits

/// A moment of the past, as a question names it.
public enum PastMoment: Hashable, Sendable {
    /// After the event of this number.
    case sequence(UInt64)
    /// After the last event that was accepted in this millisecond UTC or before.
    case time(milliseconds: Int64)

    /// Whether an event, which was accepted at a time in nanoseconds, had happened by then.
    func includes(_ sequence: UInt64, at time: Int64) -> Bool {
        switch self {
        case .sequence(let last): sequence <= last
        case .time(let milliseconds): time / 1_000_000 <= milliseconds
        }
    }
}

/// An event of the journal, for those who want to name a moment.
public struct JournalPlace: Hashable, Sendable {
    /// Its number.
    public var sequence: UInt64
    /// When it was accepted.
    public var at: Timestamp
}

/// Why there is no engine as it was.
public enum PastFault: Error, Hashable, Sendable {
    /// The moment is before the first event.
    case tooEarly
    /// The moment is after the last event, which has this number.
    case inTheFuture(last: UInt64)
    /// That part of the journal was removed, as the text says.
    case pruned(String)
    /// As many wait as may.
    case busy(limit: Int)
    /// It took too long; what was replayed is kept.
    case tooLong(seconds: Int64, reached: UInt64)
    /// Nobody waits for it any more.
    case cancelled
    /// The journal cannot be read, as the text says.
    case unreadable(String)
}
