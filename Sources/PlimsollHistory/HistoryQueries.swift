import GRDB
package import Plimsoll
package import PlimsollUnits
import PlimsollWire

extension History {
    /// Samples of an account between two moments, the oldest first; of more than `points` those that show
    /// its lows and highs.
    package func history(
        of account: AccountID,
        from: Timestamp,
        to: Timestamp,
        points: Int = 500
    ) async throws(HistoryError) -> [AccountSample] {
        try check("points", points, HistoryLimits.points)
        let samples = try await read { db in
            try HistoryTables.samples(
                db,
                account.index,
                from: from.nanoseconds,
                to: to.nanoseconds
            )
        }
        return samples.thinned(to: points)
    }

    /// Effects that concerned an account, or those of the whole book, the newest first.
    ///
    /// Changes of wallets and positions, refusals and refused prices are among them while they are new.
    package func effects(
        of account: AccountID? = nil,
        before cursor: EffectPlace? = nil,
        limit: Int = 100
    ) async throws(HistoryError) -> HistoryPage<EffectRecord> {
        try check("limit", limit, HistoryLimits.rowsPerPage)
        let before = cursor?.value ?? .max
        let found = try await read { db in
            let (decisions, movements) =
                account == nil
                ? (EffectQuestion.decisions, EffectQuestion.movements)
                : (EffectQuestion.decisionsOfAccount, EffectQuestion.movementsOfAccount)
            let values: StatementArguments =
                account.map { [$0.index, before, limit + 1] } ?? [before, limit + 1]
            return try EffectQuestion.records(db, decisions, values)
                + EffectQuestion.records(db, movements, values)
        }
        let newest = found.sorted { $0.place > $1.place }
        let items = Array(newest.prefix(limit))
        return HistoryPage(
            items: items,
            next: newest.count > limit ? items.last?.place.cursor : nil
        )
    }

    /// Effects of the events after one, the oldest first; the last event may be cut off.
    package func effects(
        after sequence: UInt64,
        limit: Int = 100
    ) async throws(HistoryError) -> [EffectRecord] {
        try check("limit", limit, HistoryLimits.rowsPerPage)
        let last = EffectPlace(sequence: sequence, number: EffectPlace.perEvent - 1).value
        let found = try await read { db in
            try EffectQuestion.records(db, EffectQuestion.laterDecisions, [last, limit])
                + EffectQuestion.records(db, EffectQuestion.laterMovements, [last, limit])
        }
        return Array(found.sorted { $0.place < $1.place }.prefix(limit))
    }

    /// Liquidations, the newest first, of an account or a symbol where one is named.
    package func liquidations(
        of account: AccountID? = nil,
        symbol: String? = nil,
        before cursor: UInt64? = nil,
        limit: Int = 100
    ) async throws(HistoryError) -> HistoryPage<LiquidationRecord> {
        try check("limit", limit, HistoryLimits.rowsPerPage)
        let filter = LiquidationFilter(account: account, symbol: symbol, before: cursor)
        let found = try await read { db in
            try Row.fetchAll(
                db,
                sql: "SELECT * FROM liquidations \(filter.sql) ORDER BY number DESC LIMIT ?",
                arguments: filter.values + [limit + 1]
            )
            .map(HistoryTables.liquidation)
        }
        let items = Array(found.prefix(limit))
        return HistoryPage(
            items: items,
            next: found.count > limit ? items.last.map { String($0.number) } : nil
        )
    }

    /// One liquidation.
    package func liquidation(_ number: UInt64) async throws(HistoryError) -> LiquidationRecord? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: "SELECT * FROM liquidations WHERE number = ?",
                arguments: [Int64(clamping: number)]
            )
            .map(HistoryTables.liquidation)
        }
    }

    /// How many liquidations there were, of an account or a symbol where one is named.
    package func liquidationCount(
        of account: AccountID? = nil,
        symbol: String? = nil
    ) async throws(HistoryError) -> Int {
        let filter = LiquidationFilter(account: account, symbol: symbol, before: nil)
        return try await read { db in
            try Int.fetchOne(
                db,
                sql: "SELECT COUNT(*) FROM liquidations \(filter.sql)",
                arguments: filter.values
            ) ?? 0
        }
    }

    /// Liquidations under way, for the recorder to go on with.
    func openLiquidations() throws(HistoryError) -> [LiquidationRecord] {
        do {
            return try pool.read { db in
                try Row.fetchAll(
                    db,
                    sql: "SELECT * FROM liquidations WHERE endedAt IS NULL ORDER BY number"
                )
                .map(HistoryTables.liquidation)
            }
        } catch {
            throw HistoryError(error, path)
        }
    }

    private func check(
        _ name: String,
        _ value: Int,
        _ allowed: ClosedRange<Int>
    ) throws(HistoryError) {
        guard allowed.contains(value) else {
            throw .question(
                name: name,
                value: "\(value)",
                allowed: "\(allowed.lowerBound) to \(allowed.upperBound)"
            )
        }
    }

    private func read<Answer: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Answer
    ) async throws(HistoryError) -> Answer {
        do {
            return try await pool.read(body)
        } catch {
            throw HistoryError(error, path)
        }
    }
}

/// The questions about effects.
private enum EffectQuestion {
    private static let fields = "SELECT place, time, type, json FROM"
    private static let older = "WHERE place < ? ORDER BY place DESC LIMIT ?"
    private static let newer = "WHERE place > ? ORDER BY place LIMIT ?"
    static let decisions = "\(fields) decisions \(older)"
    static let movements = "\(fields) movements \(older)"
    static let laterDecisions = "\(fields) decisions \(newer)"
    static let laterMovements = "\(fields) movements \(newer)"
    static let movementsOfAccount =
        "\(fields) movements WHERE account = ? AND place < ? ORDER BY place DESC LIMIT ?"
    static let decisionsOfAccount = """
        SELECT d.place, d.time, d.type, d.json FROM concerned c JOIN decisions d USING (place)
        WHERE c.account = ? AND c.place < ? ORDER BY c.place DESC LIMIT ?
        """

    static func records(
        _ db: Database,
        _ sql: String,
        _ values: StatementArguments
    ) throws -> [EffectRecord] {
        try Row.fetchAll(db.cachedStatement(sql: sql), arguments: values).map { row in
            EffectRecord(
                place: EffectPlace(value: row[0]),
                time: Timestamp(nanoseconds: row[1]),
                type: row[2],
                json: row[3]
            )
        }
    }
}

/// Which liquidations are asked for.
private struct LiquidationFilter: Sendable {
    private var conditions: [String] = []
    private(set) var values: StatementArguments = []

    init(account: AccountID?, symbol: String?, before: UInt64?) {
        if let account { add("account = ?", account.index) }
        if let symbol { add("symbol = ?", symbol) }
        if let before { add("number < ?", Int64(clamping: before)) }
    }

    private mutating func add(_ condition: String, _ value: some DatabaseValueConvertible) {
        conditions.append(condition)
        values += [value]
    }

    var sql: String {
        conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    }
}
