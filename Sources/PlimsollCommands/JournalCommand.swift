internal import ArgumentParser
import Glibc
import Plimsoll
import PlimsollJournal
import PlimsollNode
import PlimsollReports
import PlimsollUnits
import PlimsollWire

/// `plimsoll journal`.
struct JournalCommand: CommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "The journal of a folder, which a node may be using: verify, tail, export.",
        subcommands: [
            JournalVerifyCommand.self, JournalTailCommand.self, JournalExportCommand.self,
        ]
    )

    static let examples = [
        "plimsoll journal verify /tmp/plimsoll",
        "plimsoll journal export /tmp/plimsoll",
    ]
}

/// The folder of a journal that is only read; its node may run meanwhile.
struct JournalFolder {
    let path: String
    let storage: FileStorage

    /// The folder at `path`, which must have a journal in it.
    init(_ path: String) throws(CommandFailure) {
        self.path = path
        storage = FileStorage(reading: path)
        let names: [String]
        do throws(StorageError) {
            names = try storage.names()
        } catch {
            throw error.code == ENOENT || error.code == ENOTDIR
                ? .notFound(
                    problem: "there is no folder \(path).",
                    remedy: "Name the folder that 'plimsoll serve --data' was given."
                )
                : .refused(problem: "\(error)", remedy: "Run it as the user of the node.")
        }
        guard names.contains(where: { $0.hasSuffix(".pj") }) else {
            throw .notFound(
                problem: "there is no journal in \(path).",
                remedy: "Name the folder that 'plimsoll serve --data' was given."
            )
        }
    }

    /// A failure of what was read, as one of the command.
    func failure(_ error: any Error) -> CommandFailure {
        switch error {
        case let failure as CommandFailure: failure
        case JournalError.damaged(let file, let offset, let sequence, let what):
            .damaged(
                problem:
                    "\(path)/\(file) is damaged at offset \(offset), event \(sequence): \(what).",
                remedy:
                    "Nothing was skipped or changed. Restore the folder from a copy or a replica."
            )
        case JournalError.headless(let what):
            .damaged(
                problem: "\(path)/head.pj \(what): nobody can tell a cut end from a lost one.",
                remedy: "Restore it from a copy."
            )
        default: .damaged(problem: "\(path): \(error)", remedy: "Nothing was changed.")
        }
    }

    /// Does something with the journal; its failures become those of the command.
    func reading<Result>(_ body: () throws -> Result) throws(CommandFailure) -> Result {
        do {
            return try body()
        } catch {
            throw failure(error)
        }
    }
}

/// Events of a journal with the names that they need as text: an engine applies them on the way.
final class JournalReplay {
    let folder: JournalFolder
    /// The event behind which it began.
    let start: UInt64
    private let reader: JournalReader<FileStorage>
    private var engine: Engine
    private var effects = Effects()

    /// What was wanted was read.
    private struct Enough: Error {}

    /// Begins before `sequence`, the first event that will be wanted: at a snapshot, or at the beginning.
    init(_ folder: JournalFolder, before sequence: UInt64) throws(CommandFailure) {
        self.folder = folder
        (engine, reader) = try folder.reading {
            let newest = try Snapshots(in: folder.storage).newest().snapshot
            guard let newest, newest.position.sequence < sequence else {
                return (Engine(), try JournalReader(folder.storage))
            }
            let reader = try JournalReader(folder.storage, after: newest.position)
            return (try Engine(snapshot: newest.payload), reader)
        }
        start = reader.position.sequence
    }

    /// The last event that is durable now.
    func durable() throws(CommandFailure) -> UInt64 {
        try folder.reading { try reader.durable().sequence }
    }

    /// Goes through the events up to one that is durable, and hands on those from `first` on, before each is applied.
    ///
    /// Where `last` is not the last event of a record, nothing can be read after it.
    func run(
        from first: UInt64,
        through last: UInt64,
        _ body: (Event, UInt64, Directory) throws(CommandFailure) -> Void
    ) throws(CommandFailure) {
        try folder.reading {
            do {
                // A record that begins behind the last event is left for the next call.
                try reader.advance(through: try reader.durable().sequence) { record in
                    guard record.first <= last else { return false }
                    for (offset, event) in try record.events().enumerated() {
                        let sequence = record.first + UInt64(offset)
                        guard sequence <= last else { throw Enough() }
                        if sequence >= first { try body(event, sequence, engine.directory) }
                        effects.removeAll()
                        engine.applyOrRefuse(event, emitting: &effects)
                    }
                    return true
                }
            } catch is Enough {
                return
            }
        }
    }
}
