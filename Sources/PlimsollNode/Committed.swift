public import Plimsoll
public import PlimsollUnits

/// What one event caused.
public struct Consequence: Sendable {
    /// The number of the event.
    public var sequence: UInt64
    /// When it was accepted.
    public var at: Timestamp
    /// What followed, in order; never empty.
    public var effects: [Effect]
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
