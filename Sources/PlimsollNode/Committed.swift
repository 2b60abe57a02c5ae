public import Plimsoll
public import PlimsollUnits

/// What one event caused.
public struct Consequence: Sendable {
    /// The number of the event.
    public var sequence: UInt64
    /// When it was accepted.
    public var at: Timestamp
    /// What followed, in order, never empty; events of one group share their memory.
    public var effects: ArraySlice<Effect>
}

/// One group of events after it was made durable and applied.
public struct Committed: Sendable {
    /// The last event of the group.
    public var sequence: UInt64
    /// The engine's clock after it.
    public var clock: Timestamp
    /// What the events caused; those that caused nothing are left out.
    public var consequences: [Consequence]
    /// A name was defined.
    public var definesNames: Bool
}

/// What the events of a group caused, in one piece of memory.
struct Caused {
    private var effects: [Effect] = []
    private var causes: [(sequence: UInt64, at: Timestamp, effects: Range<Int>)] = []

    mutating func note(
        _ followed: some Collection<Effect>,
        by event: Event,
        _ sequence: UInt64
    ) {
        let start = effects.count
        effects.append(contentsOf: followed)
        causes.append((sequence, event.at, start..<effects.count))
    }

    var consequences: [Consequence] {
        causes.map { Consequence(sequence: $0, at: $1, effects: effects[$2]) }
    }
}
