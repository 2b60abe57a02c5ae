import Foundation
import GRDB
import Plimsoll
import PlimsollUnits
import PlimsollWire

/// Writes groups of rows, each in one transaction together with how far they go.
///
/// `@unchecked Sendable`: it is made before its thread begins, and used by that one alone.
final class HistoryWriter: @unchecked Sendable {
    private let pool: DatabasePool
    private let inlet: HistoryInlet
    private let limits: HistoryLimits
    private let path: String
    /// How many rows of movements there are.
    private var movements: Int
    /// How many samples there are of accounts that were asked about.
    private var samples: [Int32: Int] = [:]

    init(_ pool: DatabasePool, _ inlet: HistoryInlet, _ limits: HistoryLimits, path: String) throws
    {
        self.pool = pool
        self.inlet = inlet
        self.limits = limits
        self.path = path
        movements = try pool.read {
            try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM movements") ?? 0
        }
    }

    /// Writes until the inlet is closed, or something fails.
    func run() {
        defer { inlet.end() }
        while let rows = inlet.take() {
            do {
                try pool.write { db in try write(rows, db) }
            } catch {
                inlet.fail(HistoryError(error, path))
                return
            }
            inlet.finish(rows.sequence)
        }
        // The log is taken into the file; where that fails, opening it does so.
        _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    }

    private func write(_ rows: HistoryRows, _ db: Database) throws {
        try write(rows.effects, db)
        try trimMovements(db)
        for record in rows.liquidations { try write(record, db) }
        try write(rows.samples, db)
        guard rows.sequence > 0 else { return }
        try db.cachedStatement(sql: "UPDATE state SET sequence = ?")
            .execute(arguments: [Int64(clamping: rows.sequence)])
    }

    // MARK: Effects

    private func write(_ rows: [HistoryRows.EffectRow], _ db: Database) throws {
        let movement = try db.cachedStatement(
            sql: "INSERT INTO movements (place, time, type, account, json) VALUES (?, ?, ?, ?, ?)"
        )
        let decision = try db.cachedStatement(
            sql: "INSERT INTO decisions (place, time, type, json) VALUES (?, ?, ?, ?)"
        )
        let concerned = try db.cachedStatement(
            sql: "INSERT INTO concerned (account, place) VALUES (?, ?)"
        )
        for row in rows {
            let place = row.place.value
            guard row.isMovement else {
                try decision.execute(arguments: [place, row.time, row.type, row.json])
                for account in row.accounts {
                    try concerned.execute(arguments: [account, place])
                }
                continue
            }
            try movement.execute(
                arguments: [place, row.time, row.type, row.accounts.first, row.json]
            )
            movements += 1
        }
    }

    /// Leaves the newest.
    private func trimMovements(_ db: Database) throws {
        let surplus = movements - limits.movements
        guard surplus > 0 else { return }
        let first = "SELECT place FROM movements ORDER BY place LIMIT 1 OFFSET ?"
        try db.cachedStatement(
            sql: "DELETE FROM movements WHERE place < coalesce((\(first)), \(Int64.max))"
        )
        .execute(arguments: [surplus])
        movements = limits.movements
    }

    // MARK: Liquidations

    private func write(_ record: LiquidationRecord, _ db: Database) throws {
        let marks = Array(repeating: "?", count: 17).joined(separator: ", ")
        let working = record.working.map { "\($0.number) \($0.instrument) \($0.left)" }
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO liquidations VALUES (\(marks))")
            .execute(
                arguments: [
                    Int64(clamping: record.number), record.account.index, record.accountName,
                    record.pool, record.symbol, record.startedAt.nanoseconds,
                    record.endedAt?.nanoseconds, record.outcome?.word, record.orders,
                    record.quantity, record.asset, record.loss.description,
                    record.paidByFund.description, Int64(clamping: record.firstSequence),
                    Int64(clamping: record.lastSequence), record.instrument,
                    working.joined(separator: ","),
                ]
            )
    }

    // MARK: Samples

    private func write(_ rows: [AccountSample], _ db: Database) throws {
        let insert = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        for sample in rows {
            try insert.execute(
                arguments: [
                    sample.account.index, sample.time.nanoseconds,
                    Int64(clamping: sample.sequence), sample.equity.description,
                    sample.maintenance.description, sample.ratio?.description,
                    sample.wallet.description,
                ]
            )
            let account = sample.account.index
            let count = try samples[account].map { $0 + 1 } ?? count(account, db)
            samples[account] = count
            if count > limits.samplesPerAccount { try thin(account, db) }
        }
    }

    private func count(_ account: Int32, _ db: Database) throws -> Int {
        try Int.fetchOne(
            db.cachedStatement(sql: "SELECT COUNT(*) FROM samples WHERE account = ?"),
            arguments: [account]
        ) ?? 0
    }

    /// Halves the detail of the older half.
    private func thin(_ account: Int32, _ db: Database) throws {
        let all = try HistoryTables.samples(db, account, from: .min, to: .max)
        let older = Array(all.prefix(all.count / 2))
        let kept = Set(older.thinned(to: max(2, older.count / 2)).map(\.time))
        let delete = try db.cachedStatement(
            sql: "DELETE FROM samples WHERE account = ? AND time = ?"
        )
        var left = all.count
        for sample in older where !kept.contains(sample.time) {
            try delete.execute(arguments: [account, sample.time.nanoseconds])
            left -= 1
        }
        samples[account] = left
    }
}

extension HistoryError {
    /// What SQLite says, as an error of the file at `path`.
    init(_ error: any Error, _ path: String) {
        if let known = error as? HistoryError {
            self = known
            return
        }
        guard let error = error as? DatabaseError else {
            self = .storage(path, words: "\(error)")
            return
        }
        let words = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL: self = .full(path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path, words: words)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .inUse(path)
        default: self = .storage(path, words: words)
        }
    }
}
