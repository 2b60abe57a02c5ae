import CMemory
import Synchronization

/// Whether large tables ask the system for large pages, for the whole process; they do not unless told to.
///
/// With them millions of positions are swept and fills applied faster, by a tenth. But when a table grows,
/// the system may look for 8 to 18 ms for memory that lies together (measured on Linux 6.18), and an event waits. So a node has
/// them while it replays its journal, and not while it runs.
public enum LargePages {
    private static let wanted = Atomic(false)

    static var areWanted: Bool { wanted.load(ordering: .relaxed) }

    /// Has tables that are made from now on ask for them.
    public static func use() { wanted.store(true, ordering: .relaxed) }

    /// Has all new memory of the process come in small pages; what there is stays as it is.
    public static func end() {
        wanted.store(false, ordering: .relaxed)
        plimsoll_end_large_pages()
    }
}
