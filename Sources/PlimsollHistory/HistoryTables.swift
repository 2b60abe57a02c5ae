import GRDB
import Plimsoll
import PlimsollUnits
import PlimsollWire

/// Reads rows of the tables.
enum HistoryTables {
    /// Samples of an account in a range of time, the oldest first.
    static func samples(
        _ db: Database,
        _ account: Int32,
        from: Int64,
        to: Int64
    ) throws -> [AccountSample] {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT time, sequence, equity, maintenance, ratio, wallet FROM samples
                    WHERE account = ? AND time >= ? AND time <= ? ORDER BY time
                    """
            ),
            arguments: [account, from, to]
        )
        var samples: [AccountSample] = []
        while let row = try rows.next() {
            let ratio = try (row[4] as String?).map { SolvedPrice(units: try units($0, scale: 16)) }
            samples.append(
                AccountSample(
                    account: AccountID(index: account),
                    time: Timestamp(nanoseconds: row[0]),
                    sequence: UInt64(clamping: row[1] as Int64),
                    equity: Money(units: try units(row[2], scale: 16)),
                    maintenance: Money(units: try units(row[3], scale: 16)),
                    ratio: ratio,
                    wallet: Money(units: try units(row[5], scale: 16))
                )
            )
        }
        return samples
    }

    /// A row of liquidations.
    static func liquidation(_ row: Row) throws -> LiquidationRecord {
        var record = LiquidationRecord(
            number: UInt64(clamping: row["number"] as Int64),
            account: AccountID(index: row["account"]),
            accountName: row["accountName"],
            pool: row["pool"],
            startedAt: Timestamp(nanoseconds: row["startedAt"]),
            firstSequence: UInt64(clamping: row["firstSequence"] as Int64),
            lastSequence: UInt64(clamping: row["lastSequence"] as Int64)
        )
        record.symbol = row["symbol"]
        record.endedAt = (row["endedAt"] as Int64?).map { Timestamp(nanoseconds: $0) }
        let outcome: String? = row["outcome"]
        record.outcome = LiquidationEnded.Outcome.allCases.first { $0.word == outcome }
        record.orders = row["orders"]
        record.closed = try units(row["closed"], scale: 8)
        record.asset = row["asset"]
        record.loss = Money(units: try units(row["loss"], scale: 16))
        record.paidByFund = Money(units: try units(row["paidByFund"], scale: 16))
        record.instrument = row["instrument"]
        record.working = (row["working"] as String).split(separator: ",").compactMap {
            let parts = $0.split(separator: " ")
            guard parts.count == 3, let number = UInt64(parts[0]),
                let instrument = Int32(parts[1]), let left = Int64(parts[2])
            else { return nil }
            return LiquidationRecord.WorkingOrder(
                number: number,
                instrument: instrument,
                left: left
            )
        }
        return record
    }

    private static func units(_ text: String, scale: Int) throws -> Int128 {
        do {
            return try DecimalText.units(text, scale: scale)
        } catch {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(text) is no amount")
        }
    }
}
