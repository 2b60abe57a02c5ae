import Foundation
import GRDB

/// Read models beside the engine, in one SQLite file: balances for charts, liquidations, and an index of
/// effects for the audit.
///
/// Nothing here decides anything. All of it but the samples follows from the journal: a file that is
/// missing, damaged, of another form or ahead of the journal is set aside and made anew. Rows and how far
/// they go are written in one transaction, so that after a crash it goes on exactly there.
package final class History: Sendable {
    /// What opening found.
    package enum Opening: Hashable, Sendable {
        /// There was no file.
        case new
        /// It goes on after this event.
        case resumed(UInt64)
        /// The file could not be gone on with, for this reason; it is beside the new one, as `.old`.
        case rebuilt(String)
    }

    /// The name of the file in a data folder.
    package static let fileName = "history.sqlite"

    /// The file.
    package let path: String
    /// What opening it found.
    package let opening: Opening
    /// How much it keeps.
    package let limits: HistoryLimits
    let pool: DatabasePool
    let inlet: HistoryInlet

    /// Opens the file at `path`, or makes it.
    ///
    /// It is checked as a whole, which takes about a second for each gigabyte.
    ///
    /// - Parameters:
    ///   - path: the file; its folder exists.
    ///   - journal: a text that no other journal has, such as the hash of its first record.
    ///   - end: the last event of the journal.
    ///   - limits: how much it keeps.
    ///   - prepare: the first thing that the thread does which writes, such as to give itself less of the machine.
    /// - Throws: that it cannot be used, which is no reason not to start.
    package init(
        at path: String,
        journal: String,
        end: UInt64,
        limits: HistoryLimits = HistoryLimits(),
        prepare: @escaping @Sendable () -> Void = {}
    ) throws(HistoryError) {
        self.path = path
        self.limits = limits
        do {
            let (pool, opening, position) = try Self.open(path, journal, end, limits)
            (self.pool, self.opening) = (pool, opening)
            inlet = HistoryInlet(limits, written: position)
            // A thread of its own: a commit may take as long as the disk takes.
            let writer = try HistoryWriter(pool, inlet, limits, path: path)
            let thread = Thread {
                prepare()
                writer.run()
            }
            thread.name = "history"
            thread.start()
        } catch {
            throw HistoryError(error, path)
        }
    }

    deinit { inlet.close() }

    /// The last event whose rows are in the file; replay from the one after it.
    package var position: UInt64 { inlet.position }

    /// Why nothing is written any more; `nil`: all is well.
    package var failure: HistoryError? { inlet.reason }

    /// The size of the file in bytes, without its log.
    package var size: Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? Int) ?? 0
    }

    /// Waits until there is room for more rows; `false`: it took longer than `seconds`.
    package func waitForRoom(seconds: Double) -> Bool { inlet.waitForRoom(seconds: seconds) }

    /// Waits until the rows of an event are in the file; `false`: it took longer, or nothing is written.
    package func waitUntilWritten(_ sequence: UInt64, seconds: Double) -> Bool {
        inlet.wait(for: sequence, seconds: seconds)
    }

    /// Takes no more rows, and waits until what was handed over is in the file; `false`: it took longer, or
    /// it failed.
    @discardableResult
    package func close(seconds: Double = 0) -> Bool {
        inlet.close()
        return inlet.waitForEnd(seconds: seconds)
    }

    // MARK: Opening

    private static func open(
        _ path: String,
        _ journal: String,
        _ end: UInt64,
        _ limits: HistoryLimits
    ) throws -> (DatabasePool, Opening, UInt64) {
        guard FileManager.default.fileExists(atPath: path) else {
            try remove(path, log: true)
            return (try make(path, journal, limits), .new, 0)
        }
        let reason: String
        do {
            let pool = try connect(path, limits)
            let fault = try pool.read { try HistorySchema.fault($0, journal: journal, end: end) }
            guard let fault else {
                let position = try pool.read {
                    try Int64.fetchOne($0, sql: "SELECT sequence FROM state") ?? 0
                }
                let sequence = UInt64(clamping: position)
                return (pool, .resumed(sequence), sequence)
            }
            try pool.close()
            reason = fault
        } catch let error as DatabaseError
            where [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR].contains(error.resultCode)
        {
            reason =
                "it is damaged: \(error.message ?? "SQLite error \(error.resultCode.rawValue)")"
        }
        try setAside(path)
        return (try make(path, journal, limits), .rebuilt(reason), 0)
    }

    private static func make(
        _ path: String,
        _ journal: String,
        _ limits: HistoryLimits
    ) throws -> DatabasePool {
        let pool = try connect(path, limits)
        try pool.write { try HistorySchema.create($0, journal: journal) }
        return pool
    }

    private static func connect(_ path: String, _ limits: HistoryLimits) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.label = "history"
        configuration.maximumReaderCount = limits.readers
        configuration.busyMode = .timeout(5)
        // NORMAL, which the pool sets, may lose the last commits with the power; the journal has them.
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA cache_size = -16000;
                    PRAGMA wal_autocheckpoint = 4000;
                    PRAGMA journal_size_limit = 67108864;
                    """
            )
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    /// Puts the file beside itself as `.old`, its log with it; what was there is removed.
    private static func setAside(_ path: String) throws {
        try remove(path + ".old", log: true)
        for suffix in ["", "-wal", "-shm"]
        where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.moveItem(
                atPath: path + suffix,
                toPath: path + ".old" + suffix
            )
        }
    }

    private static func remove(_ path: String, log: Bool) throws {
        for suffix in log ? ["", "-wal", "-shm"] : [""]
        where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.removeItem(atPath: path + suffix)
        }
    }
}
