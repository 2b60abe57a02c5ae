import PlimsollJournal

/// Where a node's journal stands, for people and monitors.
public struct JournalState: Hashable, Sendable {
    /// The last event that is written.
    public var sequence: UInt64
    /// The chain after it, in hexadecimal digits.
    public var chain: String
    /// How many bytes records take since the node was started.
    public var bytes: Int
    /// How many files were begun since the node was started.
    public var segments: Int
    /// The event after which the newest snapshot was made; 0: there is none.
    public var snapshot: UInt64 = 0

    init(_ journal: Journal<FileStorage>) {
        sequence = journal.sequence
        chain = journal.chain.hex
        bytes = journal.bytes
        segments = journal.segments
    }
}
