import Foundation
import GRDB

@testable import PlimsollHistory

/// Long counts are wanted.
let isSoak = ProcessInfo.processInfo.environment["PLIMSOLL_SOAK"] == "1"

/// A folder of its own for a test.
final class Folder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/history-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var file: String { path + "/" + History.fileName }

    func open(
        end: UInt64 = .max,
        journal: String = "j",
        _ limits: HistoryLimits = HistoryLimits()
    ) throws -> History {
        try History(at: file, journal: journal, end: end, limits: limits)
    }
}

extension History {
    /// Everything that replay must give again, as text.
    func contents() throws -> [String] {
        let tables = ["state", "decisions", "concerned", "movements", "liquidations"]
        return try pool.read { db in
            try tables.flatMap { table in
                try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY 1, 2")
                    .map { "\(table) \($0)" }
            }
        }
    }
}
