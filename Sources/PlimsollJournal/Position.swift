/// A place between two records of a journal: everything up to an event, and the chain that vouches for it.
public struct Position: Hashable, Sendable {
    /// The last event before it; 0: none.
    public var sequence: UInt64
    /// The chain there.
    public var chain: Chain

    /// Before the first event, which has the number 1.
    public static let start = Position(sequence: 0, chain: .start)

    /// The place after an event that is the last of its record.
    public init(sequence: UInt64, chain: Chain) {
        self.sequence = sequence
        self.chain = chain
    }
}
