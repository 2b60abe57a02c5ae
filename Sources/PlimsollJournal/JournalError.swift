/// Why a journal cannot be opened or goes no further.
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
    /// The segment with an event is not there.
    case pruned(String, sequence: UInt64)
    /// A record is larger than a segment can hold.
    case tooLarge(Int, limit: Int)
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
        case .pruned(let folder, let sequence):
            "\(folder) has no segment with event \(sequence). Restore it, or begin at a later snapshot."
        case .tooLarge(let size, let limit):
            "A record of \(size) bytes is above the limit of \(limit). Append fewer events at a time."
        }
    }
}
