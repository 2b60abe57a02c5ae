import Plimsoll
import PlimsollAccess
import PlimsollHistory
import PlimsollNode
import PlimsollQueries
import PlimsollReports
import PlimsollUnits
import PlimsollWire

extension NodeService {
    /// Routes about what was, answered by the read models and the journal.
    var historyRoutes: [Route] {
        [
            Route(
                "GET",
                "/v1/accounts/{id}/history",
                query: ["venue", "from", "to", "points"],
                .readAccount,
                weight: 5
            ) { [self] call throws(Problem) in try await samples(call) },
            Route(
                "GET",
                "/v1/accounts/{id}/events",
                query: ["venue", "limit", "cursor"],
                .readAccount,
                weight: 5
            ) { [self] call throws(Problem) in
                let account = try readable(call)
                return try await effects(call, of: account)
            },
            Route("GET", "/v1/events", query: ["after", "limit", "cursor"], .readBook, weight: 5) {
                [self] call throws(Problem) in try await effects(call, of: nil)
            },
            Route(
                "GET",
                "/v1/liquidations",
                query: ["account", "symbol", "limit", "cursor"],
                .readBook,
                weight: 5
            ) { [self] call throws(Problem) in try await liquidations(call) },
            Route("GET", "/v1/liquidations/{number}", .readBook, weight: 100) {
                [self] call throws(Problem) in try await receipt(call)
            },
        ]
    }

    private func history() throws(Problem) -> History {
        if let history = models.history, models.problem == nil { return history }
        throw Problem(
            503,
            "history_unavailable",
            "There is no history.",
            models.problem ?? "It has not been opened."
        )
    }

    private func asking<Answer: Sendable>(
        _ ask: (History) async throws(HistoryError) -> Answer
    ) async throws(Problem) -> Answer {
        let history = try history()
        do throws(HistoryError) {
            return try await ask(history)
        } catch {
            throw .malformed("\(error)")
        }
    }

    /// Waits until the history has what was written before the question came.
    private func catchUpHistory() async throws(Problem) {
        let (history, sequence) = (try history(), node.journal.sequence)
        try await wait("history") {
            history.position >= sequence ? nil : sequence - history.position
        }
    }

    private func samples(_ call: Call) async throws(Problem) -> Reply {
        let account = try readable(call)
        let limit: Int64 = 9_000_000_000_000
        let from: Int64 = try call.integer("from", in: 0...limit, otherwise: 0)
        let to: Int64 = try call.integer("to", in: 0...limit, otherwise: limit)
        let points = try call.integer("points", in: HistoryLimits.points, otherwise: 500)
        let found = try await asking { history throws(HistoryError) in
            try await history.history(
                of: account,
                from: Timestamp(nanoseconds: from * 1_000_000),
                to: Timestamp(nanoseconds: to * 1_000_000),
                points: points
            )
        }
        var writer = JSONWriter()
        writer.object { object in
            object.key("items")
            object.array { array in
                for sample in found {
                    array.object { entry in
                        entry.field("time", number: sample.time.nanoseconds / 1_000_000)
                        entry.field("seq", number: sample.sequence)
                        entry.field("equity", decimal: sample.equity)
                        entry.field("maintenanceMargin", decimal: sample.maintenance)
                        entry.field("marginRatio", decimal: sample.ratio)
                        entry.field("walletBalance", decimal: sample.wallet)
                    }
                }
            }
        }
        return .json(writer.bytes)
    }

    private func effects(_ call: Call, of account: AccountID?) async throws(Problem) -> Reply {
        let limit = try call.limit()
        var place: EffectPlace?
        if let text = call.query["cursor"] {
            place = EffectPlace(cursor: text)
            if place == nil { throw .parameter("cursor", "is not one that this list gave.") }
        }
        // Asked for first: whatever is written meanwhile, effects up to here are all there.
        let written = try history().position
        let items: [EffectRecord]
        var next: String?
        if call.query["after"] != nil {
            let after: UInt64 = try call.integer("after", in: 0...(.max), otherwise: 0)
            items = try await asking { history throws(HistoryError) in
                try await history.effects(after: after, limit: limit)
            }
        } else {
            let before = place
            let page = try await asking { history throws(HistoryError) in
                try await history.effects(of: account, before: before, limit: limit)
            }
            (items, next) = (page.items, page.next)
        }
        // The effects are JSON already: they go into the answer as they are.
        var bytes = Array("{\"items\":[".utf8)
        for (index, record) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += Array(
                "{\"seq\":\(record.sequence),\"time\":\(record.time.nanoseconds / 1_000_000),".utf8
            )
            bytes += Array("\"effects\":[\(record.json)]}".utf8)
        }
        let cursor = next.map { "\"\($0)\"" } ?? "null"
        bytes += Array("],\"nextCursor\":\(cursor),\"seq\":\(written)}".utf8)
        return .json(bytes)
    }

    private func liquidations(_ call: Call) async throws(Problem) -> Reply {
        let limit = try call.limit()
        var owner: AccountID?
        if let name = call.query["account"] { owner = try account(name, venue: nil) }
        var before: UInt64?
        if call.query["cursor"] != nil {
            before = try call.integer("cursor", in: 1...(.max), otherwise: 1)
        }
        let (account, symbol, cursor) = (owner, call.query["symbol"], before)
        let page = try await asking { history throws(HistoryError) in
            try await history.liquidations(
                of: account,
                symbol: symbol,
                before: cursor,
                limit: limit
            )
        }
        var writer = JSONWriter()
        writer.object { object in
            object.key("items")
            object.array { array in
                for record in page.items { array.liquidation(record) }
            }
            object.key("nextCursor")
            if let next = page.next { object.string(next) } else { object.null() }
        }
        return .json(writer.bytes)
    }

    private func receipt(_ call: Call) async throws(Problem) -> Reply {
        guard let number = call.captures.first.flatMap({ UInt64($0) }) else {
            throw .notFound("A liquidation has a number.")
        }
        let find = { (history: History) async throws(HistoryError) in
            try await history.liquidation(number)
        }
        var record = try await asking(find)
        if record == nil {
            // The stream tells of it before the history has it.
            try await catchUpHistory()
            record = try await asking(find)
        }
        guard let record else { throw .notFound("There is no liquidation \(number).") }
        let written = node.journal.sequence
        let source = JournalHistory(
            folder: node.configuration.folder,
            end: record.endedAt == nil ? written : record.lastSequence,
            written: written
        )
        do throws(ReceiptFault<Problem>) {
            return .json(try ReceiptAnswer(number, of: source).json)
        } catch {
            switch error {
            case .unreadable(let problem): throw problem
            case .fault(let fault): throw .notFound("\(fault.problem) \(fault.remedy)")
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func liquidation(_ record: LiquidationRecord) {
        object { object in
            object.field("liquidation", number: record.number)
            object.field("account", record.accountName)
            object.field("pool", record.pool)
            object.field("symbol", ifPresent: record.symbol)
            object.field("startedAt", number: record.startedAt.nanoseconds / 1_000_000)
            object.key("endedAt")
            if let end = record.endedAt {
                object.number(end.nanoseconds / 1_000_000)
            } else {
                object.null()
            }
            object.key("outcome")
            if let outcome = record.outcome { object.string(outcome.word) } else { object.null() }
            object.field("orders", number: record.orders)
            object.field("quantity", record.quantity)
            object.field("asset", ifPresent: record.asset)
            object.field("loss", decimal: record.loss)
            object.field("paidByFund", decimal: record.paidByFund)
            object.field("seq", number: record.firstSequence)
        }
    }
}
