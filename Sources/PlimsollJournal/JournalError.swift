/// Why a journal cannot be opened or read, or goes no further.
public enum JournalError: Error, Hashable, Sendable {
    /// Another process has the folder.
    case locked(String, process: String)
    /// A system call failed.
    case storage(StorageError)
    /// Something failed before: nothing is written any more.
    case stopped
    /// What was durable is not there as it was written.
    case damaged(file: String, offset: Int, sequence: UInt64, what: String)
    /// The file that says what was durable is not there, or not readable.
    case headless(String)
    /// A head was to be rebuilt, and is there.
    case headIsThere
    /// Records behind a position are needed, and their segments were removed.
    case pruned(after: UInt64, oldest: UInt64)
    /// A snapshot or reader is further than the journal.
    case ended(at: UInt64, before: UInt64)
    /// A record is larger than a segment can hold.
    case tooLarge(Int, limit: Int)
    /// A size that segments may not have.
    case segmentSize(Int, allowed: ClosedRange<Int>)
}

extension JournalError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .locked(let folder, let process):
            "\(folder) is in use by process \(process). Stop it, or name another folder."
        case .storage(let error): error.description
        case .stopped:
            "The journal has stopped after a failure. Start again: it recovers what is on the disk."
        case .damaged(let file, let offset, let sequence, let what):
            "\(file) is damaged at offset \(offset), event \(sequence): \(what). Nothing was skipped or "
                + "changed. Restore the folder from a copy or a replica."
        case .headless(let what):
            "head.pj \(what), so that nobody can tell a cut end from a lost one. Restore it from a "
                + "copy; if the end is known to be whole, rebuild it."
        case .headIsThere:
            "head.pj is whole and says what was durable. There is nothing to rebuild."
        case .pruned(let after, let oldest):
            "The events from \(after + 1) on are needed, and the oldest segment begins with \(oldest): "
                + "those before it were removed. Start from a later snapshot, or restore them from a copy."
        case .ended(let end, let position):
            "The journal ends with event \(end), and event \(position) is in a snapshot or was read: a "
                + "part of the journal was lost, or the folder holds another one. Restore it from a copy."
        case .tooLarge(let size, let limit):
            "A record of \(size) bytes is above the limit of \(limit). Append fewer events at a time."
        case .segmentSize(let size, let allowed):
            "A segment of \(size) bytes was asked for. It may have from \(allowed.lowerBound) to "
                + "\(allowed.upperBound)."
        }
    }
}
