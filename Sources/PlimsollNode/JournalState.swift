import PlimsollJournal

/// Where a node's journal stands, for people and monitors.
public struct JournalState: Hashable, Sendable {
    /// The last event that is written.
    public var sequence: UInt64
    /// The last event that is durable.
    public var durable: UInt64
    /// The chain after the last event, in hexadecimal digits.
    public var chain: String { link.hex }
    private var link: Chain
    /// How many bytes of events were written since the node was started.
    public var bytes = 0
    /// The event after which the newest snapshot was made; 0: there is none.
    public var snapshot: UInt64 = 0

    init(_ journal: Journal<FileStorage>) {
        sequence = journal.position.sequence
        durable = journal.durable.sequence
        link = journal.position.chain
    }

    /// Notes where the journal is now.
    mutating func note(_ journal: Journal<FileStorage>) {
        sequence = journal.position.sequence
        durable = journal.durable.sequence
        link = journal.position.chain
    }
}
