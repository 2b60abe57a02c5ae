/// When an event counts as acknowledged: safety against latency, a declared choice.
public enum Durability: String, Hashable, Sendable, CaseIterable {
    /// Written to the operating system: survives the end of the process, not a loss of power.
    case none
    /// The same, and synced ten times a second beside the writer: a loss of power may take the last fifth of a second,
    /// and what the disk had not finished.
    case batch
    /// Synced to the disk before it is acknowledged.
    case sync
}

/// Where the writer takes `at` from, the only clock of the engine.
public enum NodeClock: String, Hashable, Sendable, CaseIterable {
    /// The clock of the machine; it never goes back.
    case wall
    /// The events' own `at`, or their `time`, as in a replay of a file.
    case events
}

/// How a node runs.
public struct NodeConfiguration: Hashable, Sendable {
    /// The folder with its journal, snapshots, keys and read models.
    public var folder: String
    /// When an event is acknowledged.
    public var durability = Durability.sync
    /// Where `at` comes from.
    public var clock = NodeClock.wall
    /// How many events may wait; more are refused with `busy`.
    public var inboxLimit = 65_536
    /// How many events are one record of the journal at most.
    public var batchLimit = 4_096
    /// How many bytes a file of the journal has.
    public var segmentSize = 64 << 20
    /// A snapshot is written after this many events.
    public var snapshotInterval: UInt64 = 1_000_000
    /// The writer goes before everything else on its machine, where the system allows that (`CAP_SYS_NICE`): for
    /// machines on which nothing else may make an event wait.
    public var isRealTime = false
    /// How many events with effects are kept for streams that resume.
    public var effectsKept = 65_536

    /// A node in `folder`, as it runs unless it is told otherwise.
    public init(folder: String) { self.folder = folder }
}
